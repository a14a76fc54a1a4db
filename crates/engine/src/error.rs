//! What can go wrong in the engine.

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The vault refused or failed.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// A field of what was asked for is wrong.
    #[error("{field}: {detail}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong and what to do.
        detail: String,
    },
    /// It may not be sent.
    #[error("{}", .0.detail())]
    Refused(vault::outbox::Refusal),
    /// The channel cannot do that.
    #[error("this channel cannot send {0}")]
    Unsupported(&'static str),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { field, detail: detail.into() }
    }
}
