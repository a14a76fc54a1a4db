//! What can go wrong in the vault.

/// The vault's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the vault. Messages never hold personal data or bind values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such row in this workspace.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The state of a row forbids it; the code is stable (`window_closed`).
    #[error("{detail}")]
    Conflict {
        /// A stable code for programs.
        code: &'static str,
        /// Words for people: what, and what to do.
        detail: String,
    },
    /// The subject's content was erased.
    #[error("this contact's content has been erased")]
    Erased,
    /// The scope does not reach that far.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// The value handed in cannot be stored.
    #[error("{0}")]
    Invalid(String),
    /// A key, seal or stored byte is not what it must be.
    #[error("sealed data cannot be opened: {0}")]
    Seal(&'static str),
    /// The database engine failed.
    #[error("database: {0}")]
    Engine(String),
    /// The database engine asks to run the closure again (serialisation, deadlock, lost connection).
    #[error("database: try again")]
    Again,
    /// Files could not be read or written.
    #[error("files: {0}")]
    Io(#[from] std::io::Error),
    /// A system outside that the vault stands on (the holder of the root key, an object storage) did not do its part. The
    /// words say which, why, and what to do; trying again later may help.
    #[error("{0}")]
    Outside(String),
    /// The vault is stopping.
    #[error("the vault is closed")]
    Closed,
}

impl Error {
    /// A refusal by state.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }
}
