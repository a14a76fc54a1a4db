//! What a contact's data may be used for at this moment (S-4): whatever is more than a member's own reply asks here, in the
//! transaction in which it acts, and acts only with the [`Permit`] it gets.
//!
//! A restriction (GDPR Art. 18) stops every use. An objection (Art. 21) stops those that rest on legitimate interest, and
//! advertising whatever it rests on, for the purposes that the contact named.

use crate::limitations;
use crate::{ContactId, Result, Tx};

/// A use of a contact's data beyond a member's own reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A model reads it, or answers.
    Ai,
    /// It is advertised to, by consent or as a customer.
    Marketing,
    /// Something is sent or changed without a member.
    Automation,
    /// It is judged: scored, sorted, predicted.
    Profiling,
    /// It is counted beyond what serving the contact takes.
    Analytics,
}

/// A purpose to which a contact can object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "as of Use")]
pub enum Purpose {
    Marketing,
    Profiling,
    Analytics,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Marketing, Self::Profiling, Self::Analytics];

    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Profiling => "profiling",
            Self::Analytics => "analytics",
        }
    }

    /// The purpose of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

impl Use {
    /// To what a contact objects who does not want it; `None`: it rests on no legitimate interest.
    const fn objected_as(self) -> Option<Purpose> {
        match self {
            Self::Ai | Self::Automation => None,
            Self::Marketing => Some(Purpose::Marketing),
            Self::Profiling => Some(Purpose::Profiling),
            Self::Analytics => Some(Purpose::Analytics),
        }
    }
}

/// Leave for one use of one contact's data, as things are in this transaction. Only [`permit`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    contact: ContactId,
    of: Use,
}

impl Permit {
    /// Whose data.
    pub fn contact(&self) -> ContactId {
        self.contact
    }

    /// For what.
    pub fn of(&self) -> Use {
        self.of
    }
}

/// What stands against a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// What is done with the contact's data is restricted.
    Restricted,
    /// The contact objects to it.
    Objected,
}

/// Asks for leave for a use of a contact's data, and of those who are one with it.
///
/// # Errors
/// [`crate::Error::NotFound`] if there is no such contact, or it was erased.
pub fn permit(tx: &Tx<'_>, contact: ContactId, of: Use) -> Result<std::result::Result<Permit, Stopped>> {
    let limits = limitations::of(tx, contact)?;
    let objected = |purpose| limits.objection.as_ref().is_some_and(|objection| objection.purposes.contains(&purpose));
    Ok(match limits.restriction {
        Some(_) => Err(Stopped::Restricted),
        None if of.objected_as().is_some_and(objected) => Err(Stopped::Objected),
        None => Ok(Permit { contact, of }),
    })
}
