//! Requests of data subjects as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::Personal;
use vault::requests::{Request, Step};

use super::time;

/// A request of a data subject.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct RequestView {
    pub id: String,
    /// `access`, `rectification`, `erasure`, `restriction`, `portability`, `objection`, `withdrawal` or `human_review`.
    pub kind: String,
    /// `page`, `mail`, `conversation`, `api` or `person`.
    pub came_by: String,
    pub contact_id: Option<String>,
    pub conversation_id: Option<String>,
    pub text: Option<String>,
    pub received_at: String,
    /// By whose law the clock runs: a code by ISO 3166-1, or empty.
    pub country: String,
    /// When the time for the answer is over.
    pub due_at: String,
    pub extended_at: Option<String>,
    pub verified_at: Option<String>,
    /// `same_channel`, `code` or `member`.
    pub verified_by: Option<String>,
    pub closed_at: Option<String>,
    /// `met`, `refused`, `taken_back` or `nothing_held`.
    pub outcome: Option<String>,
    /// All that was done about it, in its order; only of one request, not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepView>,
}

/// A line of a request's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    pub number: i64,
    pub at: String,
    /// `received`, `verified`, `noted`, `extended`, `reminded`, `overdue` or `closed`.
    pub step: String,
    /// The member who did it; `null`: the platform or the operator.
    pub member_id: Option<String>,
    pub text: Option<String>,
}

impl From<Request> for RequestView {
    fn from(request: Request) -> Self {
        let (verified, closed) = (request.verified, request.closed);
        Self {
            id: request.id.to_string(),
            kind: request.kind.as_str().to_owned(),
            came_by: request.came_by.as_str().to_owned(),
            contact_id: request.contact.map(|id| id.to_string()),
            conversation_id: request.conversation.map(|id| id.to_string()),
            text: request.words.map(Personal::into_revealed),
            received_at: time(request.received_at),
            country: request.country,
            due_at: time(request.due_at),
            extended_at: request.extended_at.map(time),
            verified_at: verified.map(|(at, _)| time(at)),
            verified_by: verified.map(|(_, proof)| proof.as_str().to_owned()),
            closed_at: closed.map(|(at, _)| time(at)),
            outcome: closed.map(|(_, outcome)| outcome.as_str().to_owned()),
            steps: Vec::new(),
        }
    }
}

impl RequestView {
    /// With its log.
    pub fn whole(request: Request, steps: Vec<Step>) -> Self {
        let steps = steps.into_iter().map(Into::into).collect();
        Self { steps, ..request.into() }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        Self {
            number: step.number,
            at: time(step.at),
            step: step.kind.as_str().to_owned(),
            member_id: (!step.actor.is_empty()).then_some(step.actor),
            text: step.detail.map(Personal::into_revealed),
        }
    }
}
