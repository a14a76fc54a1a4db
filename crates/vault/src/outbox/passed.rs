//! Proof that the gate was passed when something is ordered. Nothing gets into the outbox without one:
//!
//! ```compile_fail
//! use vault::outbox::{Gate, Passed};
//! let forged = Passed { gate: Gate::reply(None), to: None, granted: None };
//! ```
//!
//! What advertises is let through by a [`Granted`] alone, which is in here with it, and ends with the transaction, too.

use super::gate::refusal;
use super::{Act, Gate, Refusal};
use crate::consents::granted::{Granted, Marketing};
use crate::{ChannelId, ContactId, Error, Result, Tx};

/// Leave to order one thing. The gate is asked again when it is sent.
#[derive(Debug)]
#[must_use = "it is the leave to order something"]
pub struct Passed<'tx> {
    gate: Gate,
    /// To whom, and where; an acknowledgement goes to the provider.
    to: Option<(ChannelId, ContactId)>,
    granted: Option<Granted<'tx, Marketing>>,
    #[cfg(any(test, feature = "testing"))]
    planted: bool,
}

/// Asks the gate for leave to order something for a contact on a channel.
pub fn pass<'tx>(
    tx: &'tx Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    gate: Gate,
) -> Result<std::result::Result<Passed<'tx>, Refusal>> {
    let granted = match refusal(tx, channel, contact, &gate)? {
        Ok(granted) => granted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(Passed {
        gate,
        to: Some((channel, contact)),
        granted,
        #[cfg(any(test, feature = "testing"))]
        planted: tx.has(crate::testing::planted::Planted::NoGate),
    }))
}

impl Passed<'static> {
    /// For what says nothing to the contact: that a tap arrived, that something was read, that something is taken back.
    pub fn acknowledging(gate: Gate) -> Self {
        Self {
            gate,
            to: None,
            granted: None,
            #[cfg(any(test, feature = "testing"))]
            planted: false,
        }
    }

    /// For tests of what comes after the gate: nobody was asked.
    #[cfg(any(test, feature = "testing"))]
    pub fn unasked(gate: Gate) -> Self {
        Self { planted: true, ..Self::acknowledging(gate) }
    }
}

impl Passed<'_> {
    /// The gate, if it was passed for exactly this.
    pub(super) fn for_act(&self, act: Act, channel: ChannelId, contact: ContactId) -> Result<&Gate> {
        #[cfg(any(test, feature = "testing"))]
        if self.planted {
            return Ok(&self.gate);
        }
        let is_meant = match self.to {
            Some(to) => to == (channel, contact),
            None => matches!(act, Act::AnswerChoice | Act::Seen | Act::Remove),
        };
        let advertises = self.gate.purpose == "marketing";
        let covers = |granted: &Granted<'_, Marketing>| (granted.channel(), granted.contact()) == (channel, contact);
        if is_meant && (!advertises || self.granted.as_ref().is_some_and(covers)) {
            Ok(&self.gate)
        } else {
            Err(Error::Forbidden("what is ordered is not what the gate was passed for"))
        }
    }
}
