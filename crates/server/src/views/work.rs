//! What members have begun to write or will send, and what became of what they changed, as callers see it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use vault::attachments::Attachment;
use vault::conversations::{Count, Counts, Outcome, Work};
use vault::drafts::Begun;
use vault::map::{StoredPart, Whereabouts};
use vault::scheduled::Scheduled;
use vault::{ConversationId, Millis, Personal};

use super::message::FailureView;
use super::{AttachmentView, ConversationView, time};

/// A member's own draft in a conversation; empty where there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// Where.
    pub conversation_id: String,
    /// What was begun.
    pub text: String,
    /// What it is to be about; null: what the conversation is about goes on.
    pub subject: Option<String>,
    /// Begun as a note.
    pub note: bool,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// Its files, as they were uploaded.
    pub attachments: Vec<AttachmentView>,
    /// Their ids: what `PUT` takes.
    pub attachment_ids: Vec<String>,
    /// Members whom the note is to name.
    pub mention_ids: Vec<String>,
    /// When it was kept; null where there is no draft.
    pub updated_at: Option<String>,
}

/// A member's own draft, with the conversation that it is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnDraftView {
    /// What was begun.
    #[serde(flatten)]
    pub draft: DraftView,
    /// Where.
    pub conversation: ConversationView,
}

impl DraftView {
    /// A draft with its files.
    pub fn of(
        conversation: ConversationId,
        begun: Personal<Begun>,
        files: Vec<Attachment>,
        updated_at: Option<Millis>,
    ) -> Self {
        let Begun { text, subject, note, reply_to, mentions, .. } = begun.into_revealed();
        Self {
            conversation_id: conversation.to_string(),
            text,
            subject,
            note,
            reply_to: reply_to.map(|id| id.to_string()),
            attachment_ids: files.iter().map(|file| file.id.to_string()).collect(),
            attachments: files.into_iter().map(Into::into).collect(),
            mention_ids: mentions.iter().map(ToString::to_string).collect(),
            updated_at: updated_at.map(time),
        }
    }
}

/// A message that is to be sent later, or is held back for some seconds so that it can be taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledView {
    /// `sch_…`.
    pub id: String,
    /// Where.
    pub conversation_id: String,
    /// Who ordered it.
    pub member_id: String,
    /// `waiting`, `failed` (it may not be sent: change it, or take it back) or, for a day, `sent`.
    pub state: String,
    /// Held back for seconds (`hold_seconds`), not for a moment that the member chose (`send_at`).
    pub held: bool,
    /// When it is sent.
    pub send_at: String,
    /// What is said; null of a template, and once it is sent.
    pub text: Option<String>,
    /// What it is about, where messages have subjects.
    pub subject: Option<String>,
    /// A template's name and language.
    pub template: Option<ScheduledTemplateView>,
    /// Its files, as they were uploaded.
    pub attachments: Vec<AttachmentView>,
    /// Their ids.
    pub attachment_ids: Vec<String>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// What becomes of the conversation once it is sent: `open`, `pending`, `snoozed` or `resolved`.
    pub then: Option<String>,
    /// Of a snooze: until when.
    pub then_snoozed_until: Option<String>,
    /// Why it could not be sent.
    pub failure: Option<FailureView>,
    /// The message that came of it, once it is sent.
    pub message_id: Option<String>,
    /// When it was ordered.
    pub created_at: String,
}

/// The template of what is sent later.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledTemplateView {
    pub name: String,
    pub language: String,
}

impl ScheduledView {
    /// What is sent later, with what is in it.
    pub fn of(scheduled: Scheduled, content: Option<engine::schedule::Content>, files: Vec<Attachment>) -> Self {
        let (body, template, reply_to) = content.map_or_else(Default::default, |content| {
            (content.body.into_revealed(), content.template, content.reply_to)
        });
        Self {
            id: scheduled.id.to_string(),
            conversation_id: scheduled.conversation.to_string(),
            member_id: scheduled.member.to_string(),
            state: scheduled.state.as_str().to_owned(),
            held: scheduled.held,
            send_at: time(scheduled.send_at),
            text: body.text,
            subject: body.subject,
            template: template.map(|(name, language)| ScheduledTemplateView { name, language }),
            attachment_ids: files.iter().map(|file| file.id.to_string()).collect(),
            attachments: files.into_iter().map(Into::into).collect(),
            reply_to: reply_to.map(|id| id.to_string()),
            then: scheduled.then.map(|then| then.status.as_str().to_owned()),
            then_snoozed_until: scheduled.then.and_then(|then| then.until).map(time),
            failure: scheduled.failure.map(|(code, detail)| FailureView { code, detail: detail.into_revealed() }),
            message_id: scheduled.message.map(|id| id.to_string()),
            created_at: time(scheduled.created_at),
        }
    }
}

/// How many conversations a view of the inbox holds. Neither number is higher than 999: what is shown then is “999+”.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountView {
    /// All of them.
    pub count: i64,
    /// Those with something unread.
    pub unread: i64,
}

/// How many conversations each view of the inbox holds. Unless it is said otherwise, those of status `open` are counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsView {
    /// Assigned to the caller.
    pub mine: CountView,
    /// Assigned to nobody.
    pub unassigned: CountView,
    /// Open.
    pub open: CountView,
    /// Of any status.
    pub all: CountView,
    /// Of any status, in which a note names the caller; `unread`: and the caller has not seen it.
    pub mentions: CountView,
    /// Of status `snoozed`.
    pub snoozed: CountView,
    /// By the channel's id: every channel.
    pub channels: BTreeMap<String, CountView>,
    /// By the team's id: every team.
    pub teams: BTreeMap<String, CountView>,
    /// By the label's id: every label. Of the 2000 most recently active open conversations.
    pub labels: BTreeMap<String, CountView>,
}

impl From<Count> for CountView {
    fn from(count: Count) -> Self {
        Self { count: count.all, unread: count.unread }
    }
}

impl From<Counts> for CountsView {
    fn from(counts: Counts) -> Self {
        fn named<I: ToString>(counts: Vec<(I, Count)>) -> BTreeMap<String, CountView> {
            counts.into_iter().map(|(id, count)| (id.to_string(), count.into())).collect()
        }
        Self {
            mine: counts.mine.into(),
            unassigned: counts.unassigned.into(),
            open: counts.open.into(),
            all: counts.all.into(),
            mentions: counts.mentions.into(),
            snoozed: counts.snoozed.into(),
            channels: named(counts.channels),
            teams: named(counts.teams),
            labels: named(counts.labels),
        }
    }
}

/// What became of one of many conversations that were changed alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    /// The conversation.
    pub id: String,
    /// Whether anything is different now.
    pub changed: bool,
    /// Why it could not be changed.
    pub problem: Option<OutcomeProblemView>,
    /// How it was, in the words in which it is changed: enough to undo. Null where it could not be changed.
    pub before: Option<WorkView>,
}

/// Why a conversation could not be changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeProblemView {
    /// Stable: `not_found`.
    pub code: String,
    pub detail: String,
}

/// How far the work on a conversation is.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkView {
    pub status: String,
    pub snoozed_until: Option<String>,
    pub assignee_id: Option<String>,
    pub team_id: Option<String>,
    pub priority: String,
    pub labels: Vec<String>,
    pub unread: bool,
    #[schema(value_type = BTreeMap<String, Value>)]
    pub attributes: serde_json::Map<String, Value>,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        let problem = outcome.problem.map(|code| OutcomeProblemView {
            detail: "There is no such conversation here, or you may not see it.".to_owned(),
            code,
        });
        Self {
            id: outcome.conversation.to_string(),
            changed: outcome.changed,
            problem,
            before: outcome.before.map(|before| before.into_revealed().into()),
        }
    }
}

impl From<Work> for WorkView {
    fn from(work: Work) -> Self {
        Self {
            status: work.status.as_str().to_owned(),
            snoozed_until: work.snoozed_until.map(time),
            assignee_id: work.assignee.map(|id| id.to_string()),
            team_id: work.team.map(|id| id.to_string()),
            priority: work.priority,
            labels: work.labels,
            unread: work.unread,
            attributes: work.attributes,
        }
    }
}

/// Where a contact's data is, and until when.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhereaboutsView {
    /// The region of the workspace: `eu`, …
    pub region: String,
    /// Part by part. What there is none of is left out.
    pub data: Vec<StoredPartView>,
}

/// Some of a contact's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredPartView {
    /// What it is, in the words of the data map: `contacts` (the profile), `identities`, `conversations`, `messages`,
    /// `attachments`, `reactions`, `remotes` (ids at the provider), `consents`, `contact_keys`, `merges`, `mentions`, `drafts`,
    /// `scheduled`, `conversation_labels`, `erasures`, … A word that is not known here is shown as it is.
    pub what: String,
    /// How many.
    pub count: i64,
    /// `database`, `files`, `search_index` or `provider`.
    #[serde(rename = "where")]
    pub place: String,
    /// Of what is at a provider: the kind of channel, and who processes it where.
    pub provider: Option<ProviderPartView>,
    /// When the last of it goes if nothing new comes; null: with the contact, or when the provider lets go of it.
    pub until: Option<String>,
    /// On what ground, in English words.
    pub why: String,
}

/// A provider that keeps some of a contact's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderPartView {
    pub kind: String,
    pub label: String,
    pub processor: String,
    pub region: String,
}

impl From<Whereabouts> for WhereaboutsView {
    fn from(whereabouts: Whereabouts) -> Self {
        Self { region: whereabouts.region, data: whereabouts.parts.into_iter().map(Into::into).collect() }
    }
}

impl From<StoredPart> for StoredPartView {
    fn from(part: StoredPart) -> Self {
        let provider = part.channel_kind.map(|kind| {
            let spec = connect::channels::by_kind(&kind).map(connect::Connector::spec);
            let said = |word: fn(&connect::Spec) -> &'static str| spec.map_or("", word).to_owned();
            ProviderPartView {
                label: said(|spec| spec.label),
                processor: said(|spec| spec.processor),
                region: said(|spec| spec.region),
                kind,
            }
        });
        Self {
            what: part.what.to_owned(),
            count: part.count,
            place: part.kept.as_str().to_owned(),
            provider,
            until: part.until.map(time),
            why: part.why.to_owned(),
        }
    }
}
