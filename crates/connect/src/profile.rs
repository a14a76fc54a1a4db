//! What an account shows of the business to everybody who writes to it.

use serde::{Deserialize, Serialize};

/// A business's profile at a provider. As an answer `None` is what the provider does not say; as a change it stays as it is, and
/// an empty text or list takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// A line below the name.
    pub about: Option<String>,
    /// Where the business is.
    pub address: Option<String>,
    /// What the business does.
    pub description: Option<String>,
    /// Where it can be written to.
    pub email: Option<String>,
    /// Its pages, absolute addresses.
    pub websites: Option<Vec<String>>,
    /// The provider's word for its trade, in lower case (`retail`).
    pub category: Option<String>,
}
