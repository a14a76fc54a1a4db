//! Proof that a contact agrees to something at this moment. [`check`] alone makes it, in the transaction of the act that it is for;
//! it cannot be kept beyond that transaction, so that what is done later is asked about again.
//!
//! It cannot be made by hand,
//!
//! ```compile_fail
//! use vault::consents::{Ground, granted::{Granted, Marketing}};
//! let forged = Granted::<Marketing> { ground: Ground::Consent };
//! ```
//!
//! nor used twice,
//!
//! ```compile_fail
//! use vault::consents::granted::{Granted, Marketing};
//! fn twice(granted: Granted<'_, Marketing>) -> [Granted<'_, Marketing>; 2] {
//!     [granted.clone(), granted]
//! }
//! ```
//!
//! nor kept for another transaction,
//!
//! ```compile_fail
//! use vault::consents::granted::{self, Granted, Marketing, On};
//! async fn kept(vault: &vault::Vault, scope: &vault::Scope, on: On) -> Granted<'static, Marketing> {
//!     vault.read(scope, move |tx| granted::check::<Marketing>(tx, on)).await.unwrap().unwrap()
//! }
//! ```
//!
//! nor for a purpose that is not one of these,
//!
//! ```compile_fail
//! struct Anything;
//! impl vault::consents::granted::Purpose for Anything {
//!     const WORD: &'static str = "anything";
//!     const USE: vault::uses::Use = vault::uses::Use::Ai;
//! }
//! ```
//!
//! nor for another purpose than it was given for:
//!
//! ```compile_fail
//! use vault::consents::granted::{Granted, Marketing, Quality, Recording};
//! fn other(granted: Granted<'_, Marketing>) -> Granted<'_, Recording<Quality>> {
//!     granted
//! }
//! ```
//!
//! This is how it is had:
//!
//! ```
//! use vault::consents::granted::{self, Marketing, On};
//! fn ask(tx: &vault::Tx<'_>, on: On) -> vault::Result<bool> {
//!     Ok(granted::check::<Marketing>(tx, on)?.is_ok())
//! }
//! ```

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use super::{Ground, standing};
use crate::outbox::Refusal;
use crate::uses::{self, Stopped, Use};
use crate::{ChannelId, ConsentId, ContactId, Result, Tx, channels, contacts, suppressions};

mod sealed {
    pub trait Sealed {}
}

/// What can be agreed to, and has to be before it is done.
pub trait Purpose: sealed::Sealed {
    /// The stored word.
    const WORD: &'static str;
    /// Which use of the contact's data it is: what limits that stops it, whatever was agreed to.
    const USE: Use;
    /// Whether existing customers are asked by an opt-out, where it goes by e-mail (MK-2).
    const BY_SOFT_OPT_IN: bool = false;
    /// Whether it sends something, which whoever wants no messages at all does not want.
    const SENDS: bool = false;
}

/// What a recording is for: each purpose is agreed to by itself (V-2).
pub trait RecordedFor: sealed::Sealed {
    /// The stored word of recording for it.
    const WORD: &'static str;
}

macro_rules! recorded_for {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl RecordedFor for $name {
            const WORD: &'static str = $word;
        }
    )* };
}

recorded_for! {
    /// Members listen to it to do better.
    Quality = "recording.quality";
    /// Members learn from it.
    Training = "recording.training";
    /// It proves what was said.
    Disputes = "recording.disputes";
    /// It is written down.
    Transcription = "recording.transcription";
    /// A model reads or hears it.
    Ai = "recording.ai";
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $use:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Purpose for $name {
            const WORD: &'static str = $word;
            const USE: Use = Use::$use;
        }
    )* };
}

purposes! {
    /// A voice like theirs is made.
    VoiceCloning = "voice_cloning", Ai;
    /// Their pictures and what they say reach a model, where nothing can be redacted (AI-4).
    AiMedia = "ai.media", Ai;
    /// A model learns from what they wrote (AI-5).
    AiTraining = "ai.training", Ai;
}

/// Advertising.
#[derive(Debug)]
pub enum Marketing {}

impl sealed::Sealed for Marketing {}

impl Purpose for Marketing {
    const WORD: &'static str = "marketing";
    const USE: Use = Use::Marketing;
    const BY_SOFT_OPT_IN: bool = true;
    const SENDS: bool = true;
}

/// A call or a meeting is recorded, for one purpose.
#[derive(Debug)]
pub struct Recording<For>(PhantomData<For>);

impl<For: RecordedFor> sealed::Sealed for Recording<For> {}

impl<For: RecordedFor> Purpose for Recording<For> {
    const WORD: &'static str = For::WORD;
    const USE: Use = Use::Automation;
}

/// Whose consent is asked for, and where.
#[derive(Debug, Clone, Copy)]
pub struct On {
    /// Where.
    pub channel: ChannelId,
    /// Whose.
    pub contact: ContactId,
    /// Whether the channel is e-mail, as its Spec says: there alone a soft opt-in counts.
    pub by_mail: bool,
}

/// A contact agrees to a purpose on a channel, as things are in this transaction.
#[derive(Debug)]
#[must_use = "it is the leave to do something"]
pub struct Granted<'tx, P: Purpose> {
    on: On,
    ground: Ground,
    consent: ConsentId,
    within: PhantomData<(&'tx (), P)>,
}

impl<P: Purpose> Granted<'_, P> {
    /// Who agreed.
    pub fn contact(&self) -> ContactId {
        self.on.contact
    }

    /// Where it holds.
    pub fn channel(&self) -> ChannelId {
        self.on.channel
    }

    /// On what it rests.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// The record that proves it.
    pub fn consent(&self) -> ConsentId {
        self.consent
    }
}

/// Asks whether a contact agrees to something now. It does not if it refuses it or all messages, if its data may not be used so
/// (S-4), or if no consent stands; a soft opt-in counts for advertising by e-mail alone.
///
/// # Errors
/// [`crate::Error::NotFound`] if there is no such contact or channel, or the contact was erased.
pub fn check<'tx, P: Purpose>(tx: &'tx Tx<'_>, on: On) -> Result<std::result::Result<Granted<'tx, P>, Refusal>> {
    let On { channel, contact, by_mail } = on;
    contacts::require(tx, contact)?;
    if P::SENDS && suppressions::stands(tx, channel, contact)? {
        return Ok(Err(Refusal::OptedOut));
    }
    match uses::permit(tx, contact, P::USE)? {
        Ok(_) => {}
        Err(Stopped::Restricted) => return Ok(Err(Refusal::Restricted)),
        Err(Stopped::Objected) => return Ok(Err(Refusal::Objected)),
    }
    if suppressions::stands_for(tx, channel, contact, P::WORD)? {
        return Ok(Err(Refusal::NoConsent));
    }
    let (kind, _) = channels::kind_and_state(tx, channel)?;
    let enough = |ground: Ground| match ground {
        Ground::Consent => true,
        Ground::SoftOptIn => P::BY_SOFT_OPT_IN && by_mail,
    };
    let words = standing::words(tx, contact, P::WORD, &kind)?;
    let found = words.iter().find_map(|word| Some((word.id, Ground::of(&word.ground).filter(|it| enough(*it))?)));
    Ok(match found {
        Some((consent, ground)) => Ok(Granted { on, ground, consent, within: PhantomData }),
        None => Err(Refusal::NoConsent),
    })
}

/// Every contact in a call or a meeting agrees that it is recorded for a purpose. A function that stores a recording takes this, and
/// there is none without it:
///
/// ```compile_fail
/// use vault::consents::granted::{Everybody, Quality};
/// let nobody_was_asked = Everybody::<Quality> { granted: Vec::new() };
/// ```
#[derive(Debug)]
#[must_use = "it is the leave to record"]
pub struct Everybody<'tx, For: RecordedFor> {
    granted: Vec<Granted<'tx, Recording<For>>>,
}

impl<For: RecordedFor> Everybody<'_, For> {
    /// The records that prove it, one for each who takes part.
    pub fn consents(&self) -> impl Iterator<Item = (ContactId, ConsentId)> {
        self.granted.iter().map(|granted| (granted.contact(), granted.consent()))
    }
}

/// Everybody's leave, or who does not agree, each with the reason.
pub type Asked<'tx, For> = std::result::Result<Everybody<'tx, For>, Vec<(ContactId, Refusal)>>;

/// Asks all who take part whether they may be recorded for a purpose. Of nobody at all nothing can be recorded.
///
/// # Errors
/// As [`check`].
pub fn everybody<'tx, For: RecordedFor>(tx: &'tx Tx<'_>, participants: &[On]) -> Result<Asked<'tx, For>> {
    let (mut granted, mut missing) = (Vec::new(), Vec::new());
    for on in participants {
        match check(tx, *on)? {
            Ok(one) => granted.push(one),
            Err(refusal) => missing.push((on.contact, refusal)),
        }
    }
    Ok(if missing.is_empty() && !granted.is_empty() { Ok(Everybody { granted }) } else { Err(missing) })
}
