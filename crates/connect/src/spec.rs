//! What a system is and needs: its settings form, its documentation page, its row in the privacy centre and its
//! redaction list come from here.

use serde::Serialize;

use crate::{Secret, standard_webhooks};

/// The description of one kind of channel or integration.
#[derive(Debug, Clone, Serialize)]
pub struct Spec {
    /// The kind (`telegram`), as `POST /channels` names it.
    pub kind: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// One sentence for the form: where the credentials come from.
    pub help: &'static str,
    /// Key in `[endpoints]`, if it has a provider to call.
    pub endpoint: Option<&'static str>,
    /// The provider's own base URL.
    pub base_url: &'static str,
    /// Settings and secrets.
    pub fields: &'static [Field],
    /// The setting by which a delivery finds its channels, where several accounts share one hook (one Meta app with many
    /// numbers): it goes to every channel with that value whose own secret verifies it, and each keeps its own part. It is
    /// the widest thing that any delivery is addressed to: the business account, whose own news reach all its numbers.
    pub account_key: Option<&'static str>,
    /// What is entered at the provider by hand.
    pub entered: Entered,
    /// Bounds.
    pub limits: Limits,
    /// What it can do.
    pub capabilities: &'static [Capability],
    /// Which personal data the provider receives, in words.
    pub data_received: &'static str,
    /// Who runs it (legal entity).
    pub processor: &'static str,
    /// Where it runs: an ISO 3166 code, `EEA`, or `worldwide`.
    pub region: &'static str,
}

/// What a member enters in the provider's console by hand, beside the channel's address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Entered {
    /// Further addresses: what goes behind the channel's own.
    pub callbacks: &'static [&'static str],
    /// The webhook fields to subscribe to.
    pub fields: &'static [&'static str],
}

impl Entered {
    /// Nothing.
    pub const NOTHING: Self = Self { callbacks: &[], fields: &[] };
}

impl Spec {
    /// For how much longer than free sending is allowed a member, and nobody else, may still answer, in milliseconds.
    pub fn late_ms(&self) -> u64 {
        let late = self.capabilities.contains(&Capability::Late);
        if late { LATE_MS.saturating_sub(self.limits.window_ms) } else { 0 }
    }
}

/// How long after a contact's message a member may answer where a provider allows that to people.
const LATE_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// One setting.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "five questions that a form asks of each field")]
pub struct Field {
    /// Key in `settings`.
    pub key: &'static str,
    /// What the form calls it.
    pub label: &'static str,
    /// What to enter and where to find it.
    pub help: &'static str,
    /// Its form.
    pub kind: FieldKind,
    /// Whether it is sealed and never returned.
    pub secret: bool,
    /// Whether it must be given.
    pub required: bool,
    /// Made by the platform (32 random bytes) when the channel is created and not given.
    pub generated: bool,
    /// A generated secret that the other side needs: shown once, in the answer that creates the channel.
    pub shown_once: bool,
    /// Signing in at the provider brings it: then nobody has to enter it.
    pub brought: bool,
    /// For [`FieldKind::Choice`]: what there is to choose from, the default first.
    pub choices: &'static [&'static str],
}

impl Field {
    /// A text that must be given and is shown: what all others begin with.
    pub(crate) const fn text(key: &'static str, label: &'static str, help: &'static str) -> Self {
        Self {
            key,
            label,
            help,
            kind: FieldKind::Text,
            secret: false,
            required: true,
            generated: false,
            shown_once: false,
            brought: false,
            choices: &[],
        }
    }

    /// One that may be left out.
    pub(crate) const fn optional(key: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Self {
        Self { kind, required: false, ..Self::text(key, label, help) }
    }

    /// One of a few words, the default first.
    pub(crate) const fn choice(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        choices: &'static [&'static str],
    ) -> Self {
        Self { choices, ..Self::optional(key, label, help, FieldKind::Choice) }
    }

    /// The value of a [`Field::generated`] setting from 32 random bytes: `whsec_…` for a `signing_secret`, which
    /// leaves for tools that expect the Standard Webhooks form; 64 hexadecimal digits otherwise, which every provider takes.
    pub fn generate(&self, chance: [u8; 32]) -> Secret {
        if self.key == "signing_secret" {
            standard_webhooks::generate(chance)
        } else {
            Secret::new(hex::encode(chance))
        }
    }
}

/// How a setting is entered and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "plain words")]
pub enum FieldKind {
    Text,
    /// An absolute http(s) URL.
    Url,
    /// Lines.
    List,
    /// A text of several lines.
    Long,
    /// `#rrggbb`.
    Colour,
    /// A small picture as a `data:` URL.
    Image,
    /// One of a few words.
    Choice,
}

/// Bounds of a provider. Zero means none.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Limits {
    /// Longest text, in characters as the provider counts them.
    pub text: u32,
    /// Longest caption of a file.
    pub caption: u32,
    /// Largest file up, in bytes.
    pub upload: u64,
    /// Largest file down, in bytes.
    pub download: u64,
    /// Sends a second over the whole account.
    pub per_second: u32,
    /// Over how many milliseconds `per_second` is counted, where that is not a second; 0 is taken for one.
    pub span_ms: u32,
    /// Milliseconds between sends to one thread, in the long run.
    pub thread_gap_ms: u32,
    /// How many sends to one thread may go at once before the gap counts; 0 is taken for 1.
    pub thread_burst: u32,
    /// For how long after a lost reply the provider may still tell, by a status that names our id, that it was sent.
    pub echo_ms: u64,
    /// How long after a contact's message free sending is allowed, in milliseconds.
    pub window_ms: u64,
    /// How long at most until the account is asked again what came ([`crate::Connector::poll`]), in milliseconds.
    pub poll_ms: u64,
    /// The same where the account tells by its hook what came, and is asked for what came while nobody answered there.
    pub catch_up_ms: u64,
    /// A long text goes as several short messages, each paid for: see [`crate::sms::count`].
    pub in_segments: bool,
    /// Within how many days of its disconnection all that a channel brought is gone, backups too; 0: by the workspace's own terms (D-2).
    pub content_days: u32,
    /// What the provider forbids.
    pub forbids: Forbids,
}

/// What a provider's policy forbids of what goes over it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forbids {
    /// Full card numbers and security codes in what is sent: see [`crate::payment_card`].
    pub card_numbers: bool,
    /// A workspace that handles health data or other special categories (GDPR, Article 9; CH-1), and health data in what is sent: see
    /// [`crate::health`].
    pub special_categories: bool,
    /// That a call is joined to the telephone network: see [`crate::calls`].
    pub telephone_network: bool,
}

impl Forbids {
    /// Nothing.
    pub const NOTHING: Self = Self { card_numbers: false, special_categories: false, telephone_network: false };
    /// All of WhatsApp's, by whomever it is reached: the WhatsApp Business Messaging Policy.
    pub const WHATSAPP: Self = Self { card_numbers: true, special_categories: true, telephone_network: true };
}

impl Limits {
    /// How long at most until the account is asked again, for whatever reason, in milliseconds; 0: never.
    pub fn asked_ms(&self) -> u64 {
        self.poll_ms.max(self.catch_up_ms)
    }

    /// No bounds at all: the start of each connector's own.
    pub const NONE: Self = Self {
        text: 0,
        caption: 0,
        upload: 0,
        download: 0,
        per_second: 0,
        span_ms: 0,
        thread_gap_ms: 0,
        thread_burst: 0,
        echo_ms: 0,
        window_ms: 0,
        poll_ms: 0,
        catch_up_ms: 0,
        in_segments: false,
        content_days: 0,
        forbids: Forbids::NOTHING,
    };
}

/// What a channel can do. The contract test checks each against what `send` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "plain words")]
pub enum Capability {
    Text,
    Buttons,
    Files,
    Place,
    Card,
    Reaction,
    Edit,
    Remove,
    Typing,
    Seen,
    Quote,
    /// Messages have a subject. A thread is one person's: whoever else answers in it has a conversation of their own.
    Subject,
    /// A text with a list to choose from.
    List,
    /// Approved templates, which alone may be sent when the window has closed.
    Template,
    /// Templates can be handed in to the provider, and taken back, from here.
    MakeTemplate,
    /// The provider shows people a profile of the business, which can be read and changed.
    Profile,
    /// Who somebody is can be asked of the provider.
    Person,
    /// A member, and nobody else, may still answer for seven days after a contact's message: see [`Spec::late_ms`].
    Late,
    /// Several apps of the business may answer, one at a time.
    Handover,
    /// Where another app answers, a member's answer takes the conversation, or asks for it: see [`crate::Answering`].
    TakeOver,
    /// The provider reports delivery.
    Delivered,
    /// The provider reports reading.
    Read,
}
