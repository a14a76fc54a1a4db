//! Channels and their kinds as callers see them.

use std::collections::BTreeMap;

use connect::Connector;
use serde::Serialize;
use utoipa::ToSchema;
use vault::channels::{Channel, ChannelState};

use super::time;

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
    /// What is read there reaches nobody outside this workspace, as the provider's terms want it: webhooks tell ids alone. Null where
    /// there are no such terms; false where the account's owner allowed more.
    pub limited_use: Option<bool>,
    pub created_at: String,
    pub disconnected_at: Option<String>,
    /// Secrets that the platform made and the other side needs: shown in the answer that creates the channel, once.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub shown_once: BTreeMap<String, String>,
}

impl ChannelView {
    /// A channel with the address of its hook.
    pub fn of(channel: Channel, hook_url: String) -> Self {
        let connector = connect::channels::by_kind(&channel.kind);
        let authorization =
            connector.and_then(Connector::sign_in).map(|_| format!("/channels/{}/authorization", channel.id));
        let limited = connector.is_some_and(Connector::limited_use);
        let limited_use = limited.then(|| channel.settings.reveal().get("share").is_none_or(|share| share != "yes"));
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
            account: channel.account.into_revealed(),
            hook_url,
            authorization,
            limited_use,
            created_at: time(channel.created_at),
            disconnected_at: channel.disconnected_at.map(time),
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
#[expect(missing_docs, reason = "the names are the Spec's")]
pub struct KindView {
    pub kind: String,
    pub label: String,
    pub help: String,
    pub settings: Vec<FieldView>,
    pub capabilities: Vec<String>,
    pub text_limit: u32,
    pub caption_limit: u32,
    pub upload_limit: u64,
    /// Full card numbers and security codes are refused: `409 card_number`.
    pub no_card_numbers: bool,
    /// A long text goes as several short messages (GSM 03.38 or UCS-2), each paid for.
    pub in_segments: bool,
    pub data_received: String,
    pub processor: String,
    pub region: String,
}

/// One setting of a kind.
#[derive(Debug, Serialize, ToSchema)]
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
                    choices: field.choices.iter().map(|choice| (*choice).to_owned()).collect(),
                })
                .collect(),
            capabilities: spec.capabilities.iter().map(word).collect(),
            text_limit: spec.limits.text,
            caption_limit: spec.limits.caption,
            upload_limit: spec.limits.upload,
            no_card_numbers: spec.limits.no_card_numbers,
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
