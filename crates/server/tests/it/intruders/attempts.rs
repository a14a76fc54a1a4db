//! How each operation is called rightly, and which right that takes. An operation of the document that is not here fails
//! the test that nobody can forget one.

use serde_json::{Value, json};
use vault::Right;

use super::belongings::{Belongings, consent};

/// Who may.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// Everybody, without credentials.
    Nothing,
    /// Whoever is signed in.
    SignIn,
    /// Whoever has this right.
    Right(Right),
    /// Whose it is, or whoever has this right; to others it is not there.
    Own(Right),
}

/// What is sent.
pub(crate) enum Sent {
    Nothing,
    Json(Value),
    File,
}

/// One operation, called rightly.
pub(crate) struct Attempt {
    /// Its `operation_id`.
    pub operation: &'static str,
    pub need: Need,
    pub query: fn(&Belongings) -> String,
    pub sent: fn(&Belongings) -> Sent,
}

const fn reads(operation: &'static str, right: Right) -> Attempt {
    Attempt { operation, need: Need::Right(right), query: |_| String::new(), sent: |_| Sent::Nothing }
}

const fn sends(operation: &'static str, right: Right, sent: fn(&Belongings) -> Sent) -> Attempt {
    Attempt { operation, need: Need::Right(right), query: |_| String::new(), sent }
}

/// All operations, each once.
pub(crate) const ATTEMPTS: &[Attempt] = &[
    Attempt { operation: "demo_read", need: Need::Nothing, query: |_| String::new(), sent: |_| Sent::Nothing },
    Attempt {
        operation: "sessions_create",
        need: Need::Nothing,
        query: |_| String::new(),
        sent: |_| Sent::Json(json!({ "email": "nobody@example.org", "password": "a wrong password" })),
    },
    Attempt { operation: "sessions_me", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing },
    Attempt { operation: "tokens_list", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing },
    Attempt { operation: "tokens_create", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing },
    Attempt {
        operation: "tokens_revoke",
        need: Need::Own(Right::ManageTokens),
        query: |_| String::new(),
        sent: |_| Sent::Nothing,
    },
    reads("members_list", Right::ReadDirectory),
    reads("channels_kinds", Right::ReadDirectory),
    reads("channels_list", Right::ReadDirectory),
    reads("channels_read", Right::ReadDirectory),
    sends("channels_create", Right::ManageChannels, |_| {
        Sent::Json(json!({ "kind": "web", "name": "Own", "settings": { "allowed_origins": "https://a.example" } }))
    }),
    sends("channels_change", Right::ManageChannels, |_| Sent::Json(json!({ "name": "Own" }))),
    reads("templates_list", Right::ReadDirectory),
    reads("templates_sync", Right::ManageChannels),
    reads("key_rotations_list", Right::ManageWorkspace),
    reads("key_rotations_read", Right::ManageWorkspace),
    sends("key_rotations_order", Right::ManageWorkspace, |own| {
        Sent::Json(json!({ "what": "contact", "contact_id": own.contact }))
    }),
    sends("secret_rotations_order", Right::ManageChannels, |_| Sent::Json(json!({ "key": "signing_secret" }))),
    reads("contacts_list", Right::ReadContacts),
    reads("contacts_read", Right::ReadContacts),
    sends("contacts_create", Right::WriteContacts, |own| {
        let identity = json!({ "channel_id": own.channel, "kind": "external_id", "value": "new" });
        Sent::Json(json!({ "name": "Own", "identities": [identity] }))
    }),
    sends("contacts_change", Right::WriteContacts, |_| Sent::Json(json!({ "name": "Own" }))),
    reads("merges_list", Right::ReadContacts),
    sends("merges_create", Right::WriteContacts, |own| Sent::Json(json!({ "contact_id": own.another_contact }))),
    reads("merges_split", Right::WriteContacts),
    reads("consents_list", Right::ReadContacts),
    sends("consents_give", Right::ManageConsents, |_| Sent::Json(consent())),
    reads("consents_withdraw", Right::ManageConsents),
    reads("conversations_list", Right::ReadConversations),
    reads("conversations_read", Right::ReadConversations),
    sends("conversations_create", Right::WriteConversations, |own| {
        Sent::Json(json!({ "channel_id": own.channel, "contact_id": own.contact }))
    }),
    sends("conversations_change", Right::WriteConversations, |own| {
        Sent::Json(json!({ "assignee_id": own.member, "labels": ["own"] }))
    }),
    sends("conversations_typing", Right::WriteConversations, |_| Sent::Json(json!({ "on": true }))),
    reads("messages_list", Right::ReadConversations),
    sends("messages_create", Right::WriteConversations, |own| {
        Sent::Json(json!({ "text": "Own", "reply_to": own.message, "note": true }))
    }),
    sends("messages_change", Right::WriteConversations, |_| Sent::Json(json!({ "text": "Own" }))),
    reads("messages_retry", Right::WriteConversations),
    reads("messages_remove", Right::WriteConversations),
    sends("attachments_create", Right::WriteConversations, |_| Sent::File),
    reads("attachments_read", Right::ReadConversations),
    reads("attachments_content", Right::ReadConversations),
    Attempt {
        operation: "search_find",
        need: Need::Right(Right::ReadConversations),
        query: |own| format!("?q={}", own.word),
        sent: |_| Sent::Nothing,
    },
    reads("events_stream", Right::ReadConversations),
    reads("audit_list", Right::ReadAudit),
    reads("erasures_read", Right::EraseContacts),
    // What destroys comes last.
    reads("erasures_order", Right::EraseContacts),
    reads("erasures_delete", Right::EraseContacts),
    reads("channels_disconnect", Right::ManageChannels),
    Attempt { operation: "sessions_end", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing },
];
