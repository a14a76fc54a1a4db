//! The gate that something is ordered through: what it is sent for, and until when its provider allows sending freely. The
//! vault checks it now, and again whenever the row is claimed.

use connect::Spec;
use vault::messages::Body;
use vault::outbox::{self, Gate};
use vault::{Millis, Tx, conversations};

use crate::{Error, Result};

/// What is counted as advertising, as its template's category says.
const MARKETING: &str = "marketing";

/// Until when a channel's provider allows free sending in a conversation: `None` where it has no window, and a moment long
/// ago where the contact has never written.
fn free_until(spec: &Spec, head: &conversations::Head) -> Option<Millis> {
    (spec.limits.window_ms > 0).then(|| head.window_until.unwrap_or(0))
}

/// For a member's own reply.
pub(crate) fn reply(spec: &Spec, head: &conversations::Head) -> Gate {
    Gate::reply(free_until(spec, head))
}

/// For a message, by what it is made from.
pub(crate) fn message(tx: &Tx<'_>, spec: &Spec, head: &conversations::Head, body: &Body) -> Gate {
    let reply = reply(spec, head);
    let outside = reply.free_until.is_some_and(|until| until < tx.now());
    match &body.template {
        Some(template) if template.category == MARKETING => Gate { purpose: MARKETING, is_template: true, ..reply },
        Some(_) if outside => Gate { purpose: "messages", is_template: true, ..reply },
        Some(_) => Gate { is_template: true, ..reply },
        None => reply,
    }
}

/// Refuses what may not be sent.
pub(crate) fn check(tx: &Tx<'_>, head: &conversations::Head, gate: &Gate) -> Result<()> {
    outbox::check(tx, head.channel, head.contact, gate)?.map_or(Ok(()), |refusal| Err(Error::Refused(refusal)))
}
