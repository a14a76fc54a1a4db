//! What the owner of an account allows to leave the workspace, as callers see it, and by which words they are asked.

use serde::Serialize;
use utoipa::ToSchema;
use vault::channels::Sharing;

use super::time;

/// The version of [`WORDS`]: another one for other words, however little they differ.
pub const VERSION: &str = "1";
/// What whoever signed in is asked to allow.
const WORDS: &str = "What is read in this mailbox serves this channel alone, as its provider's terms want it. If you allow it, webhooks \
                     of this workspace carry it too: mails, and the names and addresses of who wrote them, to the systems that are \
                     connected here. You can end this at any time; what was sent until then is not called back.";

/// Whether what is read in an account may leave the workspace, and by whose word.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct SharingView {
    /// What whoever signed in is asked to allow, in English.
    pub words: String,
    /// The version of those words: whoever allows it names it.
    pub words_version: String,
    /// The member who signed in to the account; only they can allow it. Null: nobody yet, or nobody noted it.
    pub signed_in_by: Option<String>,
    pub signed_in_at: Option<String>,
    /// The member who allowed it; null: it is not allowed.
    pub allowed_by: Option<String>,
    pub allowed_at: Option<String>,
    /// Which words they were shown.
    pub allowed_version: Option<String>,
}

impl From<Sharing> for SharingView {
    fn from(it: Sharing) -> Self {
        let (signed_in_by, signed_in_at) = it.signed_in.unzip();
        let (allowed_by, allowed_at, allowed_version) = match it.allowed {
            Some((by, at, version)) => (Some(by), Some(at), Some(version)),
            None => (None, None, None),
        };
        Self {
            words: WORDS.to_owned(),
            words_version: VERSION.to_owned(),
            signed_in_by: signed_in_by.map(|id| id.to_string()),
            signed_in_at: signed_in_at.map(time),
            allowed_by: allowed_by.map(|id| id.to_string()),
            allowed_at: allowed_at.map(time),
            allowed_version,
        }
    }
}
