//! Contacts, their merges and consents as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::Personal;
use vault::consents::Consent;
use vault::contacts::Contact;
use vault::identities::Identity;
use vault::limitations::{Objection, Restriction};
use vault::merges::Merge;

use super::time;

/// A contact: who stays, with what is known of those who were merged into it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ContactView {
    pub id: String,
    /// The contacts that were merged into this one. Their ids show it.
    pub merged_ids: Vec<String>,
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    pub identities: Vec<IdentityView>,
    /// The workspace's own fields.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// Whether the contact has asked for restriction (GDPR Art. 18).
    pub restricted: bool,
    /// Since when and why, if so.
    pub restriction: Option<RestrictionView>,
    /// To what the contact objects (GDPR Art. 21), if to anything.
    pub objection: Option<ObjectionView>,
    /// Whether a legal hold covers anything of the contact: then nothing of it is erased.
    pub legal_hold: bool,
    pub created_at: String,
    pub active_at: String,
}

/// A restriction of what is done with a contact's data: only a member's own reply is sent, and nothing else uses it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct RestrictionView {
    pub since: String,
    /// The member who noted it; empty for the operator and the platform.
    pub by: String,
    pub reason: Option<String>,
}

/// What a contact objects to.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ObjectionView {
    /// `marketing`, `profiling`, `analytics`.
    pub purposes: Vec<String>,
    pub since: String,
    /// The member who noted it; empty for the operator and the platform.
    pub by: String,
    pub reason: Option<String>,
}

impl From<Restriction> for RestrictionView {
    fn from(it: Restriction) -> Self {
        Self { since: time(it.since), by: it.by, reason: it.reason.map(Personal::into_revealed) }
    }
}

impl From<Objection> for ObjectionView {
    fn from(it: Objection) -> Self {
        let purposes = it.purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
        Self { purposes, since: time(it.since), by: it.by, reason: it.reason.map(Personal::into_revealed) }
    }
}

/// One way by which a contact is known.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct IdentityView {
    pub channel_id: String,
    pub kind: String,
    pub value: String,
}

/// Two contacts that were made one.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct MergeView {
    pub id: String,
    /// Who stayed.
    pub contact_id: String,
    /// Who was merged.
    pub merged_id: String,
    /// What the merged contact itself is called.
    pub merged_name: Option<String>,
    /// The member who did it; empty for the operator.
    pub merged_by: String,
    pub merged_at: String,
    /// When it was undone.
    pub split_at: Option<String>,
}

/// A consent.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ConsentView {
    pub id: String,
    pub contact_id: String,
    pub purpose: String,
    pub channel: String,
    pub ground: String,
    pub text_version: String,
    pub collected_by: String,
    pub given_at: String,
    /// From when on it counts no longer, where it was given for a while only.
    pub ends_at: Option<String>,
    pub withdrawn_at: Option<String>,
    /// How it was withdrawn (`contact`, `member`, `provider`, `erasure`).
    pub withdrawn_by: Option<String>,
    /// By which country's law the workspace answered when it was given (ISO 3166-1), if that was known.
    pub country: Option<String>,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.to_string(),
            merged_ids: contact.merged.iter().map(ToString::to_string).collect(),
            name: contact.name.map(Personal::into_revealed),
            language: contact.language.map(Personal::into_revealed),
            identities: different(contact.identities),
            attributes: contact.attributes.into_revealed(),
            restricted: contact.limits.restriction.is_some(),
            restriction: contact.limits.restriction.map(Into::into),
            objection: contact.limits.objection.map(Into::into),
            legal_hold: contact.legal_hold,
            created_at: time(contact.created_at),
            active_at: time(contact.active_at),
        }
    }
}

/// One id may be kept within several scopes, which say nothing to a reader: it is shown once.
fn different(identities: Vec<Identity>) -> Vec<IdentityView> {
    let mut shown: Vec<IdentityView> = Vec::new();
    for identity in identities.into_iter().map(IdentityView::from) {
        if !shown.iter().any(|known| (&known.kind, &known.value) == (&identity.kind, &identity.value)) {
            shown.push(identity);
        }
    }
    shown
}

impl From<Merge> for MergeView {
    fn from(merge: Merge) -> Self {
        Self {
            id: merge.id.to_string(),
            contact_id: merge.contact.to_string(),
            merged_id: merge.merged.to_string(),
            merged_name: merge.name.map(Personal::into_revealed),
            merged_by: merge.merged_by,
            merged_at: time(merge.merged_at),
            split_at: merge.split_at.map(time),
        }
    }
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        let value = identity.value.into_revealed();
        let value = if identity.kind == "email" { connect::identity::shown(&value).into_owned() } else { value };
        Self { channel_id: identity.channel.to_string(), kind: identity.kind, value }
    }
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id.to_string(),
            contact_id: consent.contact.to_string(),
            purpose: consent.purpose,
            channel: consent.channel,
            ground: consent.ground,
            text_version: consent.text_version,
            collected_by: consent.collected_by,
            given_at: time(consent.given_at),
            ends_at: consent.ends_at.map(time),
            withdrawn_at: consent.withdrawn_at.map(time),
            withdrawn_by: consent.withdrawn_by,
            country: consent.country,
        }
    }
}
