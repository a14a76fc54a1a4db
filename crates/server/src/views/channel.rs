//! Channels and their kinds as callers see them.

use std::collections::BTreeMap;

use connect::Connector;
use serde::Serialize;
use utoipa::ToSchema;
use vault::channels::{Channel, ChannelState};

use super::{SharingView, time};

/// A channel. Secrets are never shown, only which are set.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ChannelView {
    pub id: String,
    pub kind: String,
    pub name: String,
    /// `ready`, `needs_attention` or `off`.
    pub state: String,
    /// Why it does not work: a stable code.
    pub state_reason: Option<String>,
    /// The same in words: what is wrong, and what to do.
    pub state_detail: Option<String>,
    /// What the provider thinks of the account, in its word.
    pub quality: Option<String>,
    /// How many people it may write to first within a day; 0: without bound, null: not known.
    pub daily_recipients: Option<i64>,
    pub settings: BTreeMap<String, String>,
    pub secrets_set: Vec<String>,
    /// What the provider calls the account.
    pub account: BTreeMap<String, String>,
    /// Where the provider reaches this channel.
    pub hook_url: String,
    /// Where the account's owner is asked to sign in at the provider: POST to this path. Null where settings are all it takes.
    pub authorization: Option<String>,
    /// The accounts that signing in opened, of which one is to be chosen: POST to `/channels/{id}/choice`.
    pub choices: Vec<AccountChoiceView>,
    /// What is read there reaches nobody outside this workspace, as the provider's terms want it: webhooks tell ids alone. Null where
    /// there are no such terms; false where the account's owner allowed more.
    pub limited_use: Option<bool>,
    /// By whose word it may leave the workspace, where there are such terms.
    pub sharing: Option<SharingView>,
    pub created_at: String,
    pub disconnected_at: Option<String>,
    /// When all that it brought begins to go, where its kind has a term for that. Until then it can be connected again.
    pub content_ends_at: Option<String>,
    /// When nothing was left of it.
    pub content_gone_at: Option<String>,
    /// Secrets that the platform made and the other side needs: shown in the answer that creates the channel, once.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub shown_once: BTreeMap<String, String>,
}

/// One of several accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountChoiceView {
    /// What the provider calls it.
    pub id: String,
    /// What people call it.
    pub label: String,
}

/// The detail of an account in which its choices are kept.
pub const CHOICES: &str = "choices";

/// The form in which choices are kept: a line each, the id before the first space.
pub fn choices_text(choices: &[connect::oauth::Choice]) -> String {
    choices.iter().map(|choice| format!("{} {}", choice.id, choice.label)).collect::<Vec<_>>().join("\n")
}

fn choices_of(text: &str) -> Vec<AccountChoiceView> {
    let read = |line: &str| {
        let (id, label) = line.split_once(' ')?;
        Some(AccountChoiceView { id: id.to_owned(), label: label.to_owned() })
    };
    text.lines().filter_map(read).collect()
}

impl ChannelView {
    /// A channel with the address of its hook; `signs_in` says of settings whether signing in opens an account with them.
    pub fn of(channel: Channel, hook_url: String, signs_in: impl FnOnce(&BTreeMap<String, String>) -> bool) -> Self {
        let connector = connect::channels::by_kind(&channel.kind);
        let authorization =
            signs_in(channel.settings.reveal()).then(|| format!("/channels/{}/authorization", channel.id));
        let mut account = channel.account.into_revealed();
        let choices = account.remove(CHOICES).map(|text| choices_of(&text)).unwrap_or_default();
        let limited = connector.is_some_and(Connector::limited_use);
        let limited_use = limited.then_some(channel.sharing.allowed.is_none());
        Self {
            id: channel.id.to_string(),
            name: channel.name.into_revealed(),
            state: match channel.state {
                ChannelState::Ready => "ready",
                ChannelState::NeedsAttention => "needs_attention",
                ChannelState::Off => "off",
            }
            .to_owned(),
            state_detail: channel.state_reason.as_deref().map(|reason| in_words(&channel.kind, reason)),
            state_reason: channel.state_reason,
            quality: channel.quality,
            daily_recipients: channel.daily_recipients,
            settings: channel.settings.into_revealed(),
            secrets_set: channel.secrets_set,
            account,
            hook_url,
            authorization,
            choices,
            limited_use,
            sharing: limited.then(|| channel.sharing.into()),
            created_at: time(channel.created_at),
            disconnected_at: channel.disconnected_at.map(time),
            content_ends_at: channel.content_ends_at.map(time),
            content_gone_at: channel.content_gone_at.map(time),
            kind: channel.kind,
            shown_once: BTreeMap::new(),
        }
    }
}

/// A state's reason in words: the connector's own, or what is the same for all.
fn in_words(kind: &str, reason: &str) -> String {
    let connector = connect::channels::by_kind(kind);
    let own = connector.and_then(|connector| connector.reason(reason));
    own.unwrap_or(match reason {
        "connecting" => "Its credentials are being proven.",
        "unreachable" => "The provider does not answer. It is tried again by itself.",
        "reauthorise" => "The provider takes its credentials no longer. Enter new ones in its settings.",
        "refused" => "The provider refused to connect it. Check its settings.",
        "disconnected" => "It was disconnected.",
        _ => "The provider says that it cannot work now. Look at the account there, then save its settings here again.",
    })
    .to_owned()
}

/// A kind of channel: what it needs and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, clippy::struct_excessive_bools, reason = "the names are the Spec's")]
pub struct KindView {
    pub kind: String,
    pub label: String,
    pub help: String,
    pub settings: Vec<FieldView>,
    /// Further addresses to enter at the provider: what goes behind the channel's own.
    pub callbacks: Vec<String>,
    /// The webhook fields to subscribe to there.
    pub webhook_fields: Vec<String>,
    /// Nothing has to be entered: signing in at the provider is all it takes.
    pub signs_in: bool,
    pub capabilities: Vec<String>,
    pub text_limit: u32,
    pub caption_limit: u32,
    pub upload_limit: u64,
    /// Full card numbers and security codes are refused: `409 card_number`.
    pub no_card_numbers: bool,
    /// Not for a workspace that declares special categories of data: `409 special_categories`.
    pub no_special_categories: bool,
    /// A long text goes as several short messages (GSM 03.38 or UCS-2), each paid for.
    pub in_segments: bool,
    pub data_received: String,
    pub processor: String,
    pub region: String,
}

/// One setting of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "as of the Spec's fields")]
pub struct FieldView {
    pub key: String,
    pub label: String,
    pub help: String,
    /// `text`, `url`, `list`, `long` (several lines), `colour` (`#rrggbb`), `image` (a `data:` URL) or `choice`.
    pub r#type: String,
    pub secret: bool,
    pub required: bool,
    /// Made by the platform when not given.
    pub generated: bool,
    /// Signing in at the provider brings it.
    pub brought: bool,
    /// What there is to choose from, the default first; empty unless it is a `choice`.
    pub choices: Vec<String>,
}

impl From<&connect::Spec> for KindView {
    fn from(spec: &connect::Spec) -> Self {
        Self {
            kind: spec.kind.to_owned(),
            label: spec.label.to_owned(),
            help: spec.help.to_owned(),
            settings: spec
                .fields
                .iter()
                .map(|field| FieldView {
                    key: field.key.to_owned(),
                    label: field.label.to_owned(),
                    help: field.help.to_owned(),
                    r#type: word(&field.kind),
                    secret: field.secret,
                    required: field.required,
                    generated: field.generated,
                    brought: field.brought,
                    choices: field.choices.iter().map(|choice| (*choice).to_owned()).collect(),
                })
                .collect(),
            callbacks: spec.entered.callbacks.iter().map(|callback| (*callback).to_owned()).collect(),
            webhook_fields: spec.entered.fields.iter().map(|field| (*field).to_owned()).collect(),
            signs_in: false,
            capabilities: spec.capabilities.iter().map(word).collect(),
            text_limit: spec.limits.text,
            caption_limit: spec.limits.caption,
            upload_limit: spec.limits.upload,
            no_card_numbers: spec.limits.forbids.card_numbers,
            no_special_categories: spec.limits.forbids.special_categories,
            in_segments: spec.limits.in_segments,
            data_received: spec.data_received.to_owned(),
            processor: spec.processor.to_owned(),
            region: spec.region.to_owned(),
        }
    }
}

/// The serialised word of an enumeration.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
