//! Contacts and consents as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::Personal;
use vault::consents::Consent;
use vault::contacts::Contact;
use vault::identities::Identity;

use super::time;

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ContactView {
    pub id: String,
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    pub identities: Vec<IdentityView>,
    /// The workspace's own fields.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// Whether the contact has asked for restriction (GDPR Art. 18).
    pub restricted: bool,
    pub created_at: String,
    pub active_at: String,
}

/// One way by which a contact is known.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct IdentityView {
    pub channel_id: String,
    pub kind: String,
    pub value: String,
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
    pub withdrawn_at: Option<String>,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.to_string(),
            name: contact.name.map(Personal::into_revealed),
            language: contact.language.map(Personal::into_revealed),
            identities: contact.identities.into_iter().map(Into::into).collect(),
            attributes: contact.attributes.into_revealed(),
            restricted: contact.restricted,
            created_at: time(contact.created_at),
            active_at: time(contact.active_at),
        }
    }
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        Self { channel_id: identity.channel.to_string(), kind: identity.kind, value: identity.value.into_revealed() }
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
            withdrawn_at: consent.withdrawn_at.map(time),
        }
    }
}
