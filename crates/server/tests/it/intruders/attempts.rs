//! How each operation is called rightly, and which right that takes. An operation of the document that is not here fails
//! the test that nobody can forget one.

use serde_json::{Value, json};
use vault::Right;

use super::belongings::{Belongings, consent};
use crate::house::PASSWORD;

/// Who may.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// Everybody, without credentials.
    Nothing,
    /// Whoever is signed in.
    SignIn,
    /// Whoever is signed in, and no bearer token, which all here come by.
    Session,
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

/// What whoever is signed in may call.
const SIGNED_IN: Attempt =
    Attempt { operation: "", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing };
/// What only whoever has signed in may call.
const AT_THE_DOOR: Attempt = Attempt { need: Need::Session, ..SIGNED_IN };
/// What everybody may call.
const OPEN: Attempt = Attempt { need: Need::Nothing, ..SIGNED_IN };

impl Attempt {
    const fn asking(self, operation: &'static str, sent: fn(&Belongings) -> Sent) -> Self {
        Self { operation, sent, ..self }
    }
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
    SIGNED_IN.asking("profile_change", |_| Sent::Json(json!({ "name": "Own", "locale": "de" }))),
    SIGNED_IN.asking("profile_password", |_| Sent::Json(json!({ "current": PASSWORD, "new": PASSWORD }))),
    SIGNED_IN.asking("sessions_list", |_| Sent::Nothing),
    SIGNED_IN.asking("sessions_revoke", |_| Sent::Nothing),
    SIGNED_IN.asking("sessions_revoke_others", |_| Sent::Nothing),
    SIGNED_IN.asking("workspace_read", |_| Sent::Nothing),
    sends("workspace_change", Right::ManageWorkspace, |_| Sent::Json(json!({ "name": "Own" }))),
    sends("workspace_end", Right::ManageOwners, |_| Sent::Json(json!({ "name": "Own" }))),
    sends("workspace_end_cancel", Right::ManageOwners, |_| Sent::Nothing),
    reads("workspace_archive", Right::ManageWorkspace),
    OPEN.asking("invitations_preview", |_| Sent::Json(json!({ "token": "0".repeat(64) }))),
    OPEN.asking("invitations_accept", |_| Sent::Json(json!({ "token": "0".repeat(64), "password": PASSWORD }))),
    sends("members_invite", Right::ManageMembers, |_| {
        Sent::Json(json!({ "email": "own@example.org", "name": "Own", "role": "agent" }))
    }),
    reads("members_invite_again", Right::ManageMembers),
    sends("members_change", Right::ManageMembers, |_| Sent::Json(json!({ "name": "Own" }))),
    reads("teams_list", Right::ReadDirectory),
    sends("teams_create", Right::ManageMembers, |own| Sent::Json(json!({ "name": "Own", "member_ids": [own.member] }))),
    sends("teams_change", Right::ManageMembers, |own| Sent::Json(json!({ "member_ids": [own.member] }))),
    reads("labels_list", Right::ReadDirectory),
    sends("labels_create", Right::WriteConversations, |_| Sent::Json(json!({ "name": "Own", "colour": "1" }))),
    sends("labels_change", Right::ManageWorkspace, |_| Sent::Json(json!({ "colour": "2" }))),
    reads("canned_replies_list", Right::ReadDirectory),
    sends("canned_replies_create", Right::WriteConversations, |own| {
        Sent::Json(json!({ "shortcut": "own", "text": "Own", "team_id": own.team }))
    }),
    sends("canned_replies_change", Right::WriteConversations, |own| Sent::Json(json!({ "team_id": own.team }))),
    sends("channels_sharing_allow", Right::ManageChannels, |_| Sent::Json(json!({ "words_version": "1" }))),
    Attempt { need: Need::Own(Right::ManageChannels), ..SIGNED_IN }.asking("channels_sharing_end", |_| Sent::Nothing),
    AT_THE_DOOR.asking("second_factor_confirm", |_| Sent::Json(json!({ "code": "000000" }))),
    AT_THE_DOOR.asking("second_factor_remove", |_| Sent::Json(json!({ "password": PASSWORD, "code": "000000" }))),
    reads("webhooks_list", Right::ManageWebhooks),
    sends("webhooks_create", Right::ManageWebhooks, |_| {
        Sent::Json(json!({ "url": "https://hooks.example/own", "types": ["template.updated"] }))
    }),
    sends("webhooks_change", Right::ManageWebhooks, |_| Sent::Json(json!({ "types": ["template.updated"] }))),
    reads("webhooks_deliveries", Right::ManageWebhooks),
    reads("webhooks_replay", Right::ManageWebhooks),
    reads("push_key", Right::ReadConversations),
    reads("push_subscriptions_list", Right::ReadConversations),
    sends("push_subscriptions_create", Right::ReadConversations, |_| {
        Sent::Json(json!({ "endpoint": "https://push.example/own" }))
    }),
    reads("views_list", Right::ReadConversations),
    sends("views_create", Right::ReadConversations, |own| {
        Sent::Json(json!({ "name": "Own", "filter": { "team": own.team } }))
    }),
    sends("views_change", Right::ReadConversations, |_| Sent::Json(json!({ "name": "Own" }))),
    reads("business_hours_read", Right::ReadDirectory),
    sends("business_hours_set", Right::ManageWorkspace, |_| {
        Sent::Json(json!({ "timezone": "Europe/Rome", "week": { "mon": [["09:00", "18:00"]] } }))
    }),
    reads("sites_list", Right::ReadDirectory),
    reads("sites_read", Right::ReadDirectory),
    reads("sites_report", Right::ReadDirectory),
    sends("sites_create", Right::ManageWorkspace, |_| {
        Sent::Json(json!({ "name": "Own", "origins": ["https://own.example"] }))
    }),
    sends("sites_set", Right::ManageWorkspace, |_| {
        Sent::Json(json!({ "name": "Own", "origins": ["https://own.example"] }))
    }),
    reads("retention_read", Right::ManageRetention),
    reads("retention_preview", Right::ManageRetention),
    sends("retention_set", Right::ManageRetention, |_| Sent::Json(json!({ "terms": { "messages": 365 } }))),
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
    sends("templates_create", Right::ManageChannels, |_| {
        Sent::Json(json!({ "name": "own", "language": "it", "category": "utility", "body": "Own" }))
    }),
    Attempt {
        operation: "templates_remove",
        need: Need::Right(Right::ManageChannels),
        query: |_| "?name=own&language=it".to_owned(),
        sent: |_| Sent::Nothing,
    },
    reads("channels_profile_read", Right::ManageChannels),
    sends("channels_profile_change", Right::ManageChannels, |_| Sent::Json(json!({ "about": "Own" }))),
    reads("channels_check", Right::ManageChannels),
    sends("channels_reconnect", Right::ManageChannels, |_| Sent::Json(json!({ "settings": {} }))),
    reads("channels_authorize", Right::ManageChannels),
    sends("channels_choose", Right::ManageChannels, |_| Sent::Json(json!({ "account": "1" }))),
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
    sends("contacts_restrict", Right::ManageConsents, |_| Sent::Json(json!({ "reason": "Own" }))),
    reads("contacts_unrestrict", Right::ManageConsents),
    sends("contacts_object", Right::ManageConsents, |_| Sent::Json(json!({ "purposes": ["profiling"] }))),
    reads("contacts_withdraw_objection", Right::ManageConsents),
    reads("merges_list", Right::ReadContacts),
    sends("merges_create", Right::WriteContacts, |own| Sent::Json(json!({ "contact_id": own.another_contact }))),
    reads("merges_split", Right::WriteContacts),
    reads("consents_list", Right::ReadContacts),
    sends("consents_give", Right::ManageConsents, |_| Sent::Json(consent())),
    reads("consents_withdraw", Right::ManageConsents),
    reads("consents_receipt", Right::ReadContacts),
    reads("conversations_list", Right::ReadConversations),
    reads("conversations_read", Right::ReadConversations),
    sends("conversations_create", Right::WriteConversations, |own| {
        Sent::Json(json!({ "channel_id": own.channel, "contact_id": own.contact }))
    }),
    sends("conversations_change", Right::WriteConversations, |own| {
        Sent::Json(json!({ "assignee_id": own.member, "labels": ["own"] }))
    }),
    sends("conversations_typing", Right::WriteConversations, |_| Sent::Json(json!({ "on": true }))),
    reads("contacts_conversations", Right::ReadConversations),
    reads("contacts_whereabouts", Right::ReadContacts),
    reads("conversations_counts", Right::ReadConversations),
    sends("conversations_change_many", Right::WriteConversations, |own| {
        Sent::Json(json!({ "ids": [own.conversation], "change": { "priority": "high" } }))
    }),
    sends("conversations_presence", Right::ReadConversations, |_| Sent::Json(json!({ "doing": "looking" }))),
    reads("drafts_read", Right::ReadConversations),
    sends("drafts_keep", Right::WriteConversations, |_| Sent::Json(json!({ "text": "Own" }))),
    reads("drafts_list", Right::ReadConversations),
    reads("drafts_remove", Right::WriteConversations),
    reads("scheduled_of_conversation", Right::ReadConversations),
    reads("scheduled_list", Right::ReadConversations),
    sends("scheduled_change", Right::WriteConversations, |_| Sent::Json(json!({ "text": "Own" }))),
    reads("scheduled_take_back", Right::WriteConversations),
    reads("messages_html", Right::ReadConversations),
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
    Attempt { query: |_| "?format=jsonl".to_owned(), ..reads("audit_export", Right::ReadAudit) },
    reads("audit_checkpoint", Right::ReadAudit),
    Attempt { query: |_| "?path=0/000.p/1".to_owned(), ..reads("audit_tiles", Right::ReadAudit) },
    Attempt { query: |_| "?seq=1".to_owned(), ..reads("audit_proof", Right::ReadAudit) },
    reads("erasures_read", Right::EraseContacts),
    reads("erasures_evidence", Right::EraseContacts),
    reads("exports_order", Right::ExportContacts),
    reads("exports_fetch", Right::ExportContacts),
    reads("exports_link", Right::ExportContacts),
    reads("legal_holds_list", Right::ManageRetention),
    reads("legal_holds_read", Right::ManageRetention),
    sends("legal_holds_set", Right::ManageRetention, |own| {
        Sent::Json(json!({ "on": "contact", "contact_id": own.contact, "reason": "Own" }))
    }),
    reads("requests_list", Right::AnswerRequests),
    reads("requests_read", Right::AnswerRequests),
    sends("requests_record", Right::RecordRequests, |own| {
        Sent::Json(json!({ "kind": "access", "came_by": "person", "contact_id": own.contact, "text": "Own" }))
    }),
    sends("requests_verify", Right::AnswerRequests, |_| Sent::Json(json!({ "proof": "member" }))),
    sends("requests_note", Right::AnswerRequests, |_| Sent::Json(json!({ "text": "Own" }))),
    sends("requests_extend", Right::AnswerRequests, |_| Sent::Json(json!({ "reason": "Own" }))),
    // What destroys comes last.
    reads("views_delete", Right::ReadConversations),
    AT_THE_DOOR.asking("second_factor_begin", |_| Sent::Json(json!({ "password": PASSWORD }))),
    reads("webhooks_delete", Right::ManageWebhooks),
    reads("sites_delete", Right::ManageWorkspace),
    reads("push_subscriptions_delete", Right::ReadConversations),
    reads("canned_replies_delete", Right::WriteConversations),
    reads("labels_delete", Right::ManageWorkspace),
    reads("teams_delete", Right::ManageMembers),
    reads("legal_holds_lift", Right::ManageRetention),
    sends("requests_close", Right::AnswerRequests, |_| Sent::Json(json!({ "outcome": "taken_back" }))),
    reads("erasures_order", Right::EraseContacts),
    reads("erasures_delete", Right::EraseContacts),
    reads("channels_disconnect", Right::ManageChannels),
    Attempt { operation: "sessions_end", need: Need::SignIn, query: |_| String::new(), sent: |_| Sent::Nothing },
];
