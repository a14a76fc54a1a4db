//! How a workspace arranges its work, as callers see it: teams, labels, canned replies, saved views, business hours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::Millis;
use vault::business_hours::{Hours, Span};
use vault::canned_replies::CannedReply;
use vault::labels::Label;
use vault::saved_views::SavedView;
use vault::teams::Team;

use super::time;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct TeamView {
    pub id: String,
    pub name: String,
    /// Members of any state; who is suspended stays in the team.
    pub member_ids: Vec<String>,
}

/// A label.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct LabelView {
    pub id: String,
    /// What conversations and the parameter `label` name it by.
    pub name: String,
    /// A tone of the app, `0` to `5`; null for none.
    pub colour: Option<String>,
    /// How many conversations have it, counted up to 10,000.
    pub count: i64,
}

/// A canned reply.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct CannedReplyView {
    pub id: String,
    /// Typed after `/` in the composer. Without the `/`.
    pub shortcut: String,
    /// May hold `{{contact.name}}`, `{{contact.first_name}}`, `{{member.name}}`, `{{member.first_name}}` and
    /// `{{workspace.name}}`, which the composer fills in.
    pub text: String,
    /// Whose it is: the composer offers it to that team's members. Null: everybody's. The list shows all to everybody.
    pub team_id: Option<String>,
}

/// A saved view of the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct SavedViewView {
    pub id: String,
    pub name: String,
    /// Whether everybody sees it.
    pub shared: bool,
    /// Who saved it.
    pub member_id: String,
    /// Whether the caller may change and delete it.
    pub changeable: bool,
    /// Parameters of `GET /conversations`, each as it stands in the query.
    pub filter: BTreeMap<String, String>,
    /// Its place among the others, the smallest first.
    pub position: i64,
    /// Parameters of the filter that name what was deleted (`team`, `label`): nothing matches them.
    pub missing: Vec<String>,
}

/// When somebody is there.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct BusinessHoursView {
    /// An IANA name (`Europe/Rome`).
    pub timezone: String,
    pub week: WeekView,
    /// Days on which it is closed, in order.
    pub holidays: Vec<HolidayView>,
    /// True also while no hours are set at all: a week without any span says nothing.
    pub open_now: bool,
    /// When it opens next; null while it is open, and where it does not open within a year.
    pub opens_at: Option<String>,
    /// When it closes; null while it is closed, and where it never does.
    pub closes_at: Option<String>,
}

/// The spans of each day, `["09:00","18:00"]`, in local time. `24:00` is the end of the day; what goes on after midnight is a
/// span of the next day that begins at `00:00`. A day that is not named is closed.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct WeekView {
    pub mon: Vec<[String; 2]>,
    pub tue: Vec<[String; 2]>,
    pub wed: Vec<[String; 2]>,
    pub thu: Vec<[String; 2]>,
    pub fri: Vec<[String; 2]>,
    pub sat: Vec<[String; 2]>,
    pub sun: Vec<[String; 2]>,
}

/// A day on which it is closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayView {
    /// `2026-12-25`.
    pub date: String,
    /// Up to 100 characters; may be empty.
    #[serde(default)]
    pub name: String,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        let member_ids = team.members.iter().map(ToString::to_string).collect();
        Self { id: team.id.to_string(), name: team.name.into_revealed(), member_ids }
    }
}

impl From<Label> for LabelView {
    fn from(label: Label) -> Self {
        let Label { id, name, colour, count } = label;
        Self { id: id.to_string(), name: name.into_revealed(), colour, count }
    }
}

impl From<CannedReply> for CannedReplyView {
    fn from(reply: CannedReply) -> Self {
        Self {
            id: reply.id.to_string(),
            shortcut: reply.shortcut.into_revealed(),
            text: reply.text.into_revealed(),
            team_id: reply.team.map(|team| team.to_string()),
        }
    }
}

impl SavedViewView {
    /// As a caller sees it who may change it or not.
    pub fn of(view: SavedView, changeable: bool) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.into_revealed(),
            shared: view.shared,
            member_id: view.member.to_string(),
            changeable,
            filter: view.filter.into_revealed(),
            position: view.position,
            missing: view.missing.into_iter().map(str::to_owned).collect(),
        }
    }
}

impl BusinessHoursView {
    /// Hours, and what they say of a moment.
    pub fn of(hours: &Hours, now: Millis) -> Self {
        let standing = hours.standing(now);
        let [mon, tue, wed, thu, fri, sat, sun] =
            hours.week.each_ref().map(|day| day.iter().copied().map(written).collect());
        let holiday =
            |day: &vault::business_hours::Holiday| HolidayView { date: day.date.to_string(), name: day.name.clone() };
        Self {
            timezone: hours.timezone.clone(),
            week: WeekView { mon, tue, wed, thu, fri, sat, sun },
            holidays: hours.holidays.iter().map(holiday).collect(),
            open_now: standing.open_now,
            opens_at: standing.opens_at.map(time),
            closes_at: standing.closes_at.map(time),
        }
    }
}

fn written(span: Span) -> [String; 2] {
    [span.from, span.until].map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60))
}
