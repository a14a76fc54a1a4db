//! The gate that something is ordered through: what it is sent for, and until when its provider allows sending freely. The
//! vault checks it now, and again whenever the row is claimed.

use connect::{Capability, Spec};
use vault::messages::Body;
use vault::outbox::{self, Gate, Passed};
use vault::{Millis, Tx, conversations};

use crate::{Error, Result, handover};

/// What is counted as advertising, as its template's category says.
const MARKETING: &str = "marketing";

/// Until when a channel's provider allows free sending in a conversation: `None` where it has no window, and a moment long
/// ago where the contact has never written.
fn free_until(spec: &Spec, head: &conversations::Head) -> Option<Millis> {
    (spec.limits.window_ms > 0).then(|| head.window_until.unwrap_or(0))
}

/// For a member's own reply, which some providers let people send for longer.
pub(crate) fn reply(spec: &Spec, head: &conversations::Head) -> Gate {
    let late = Millis::try_from(spec.late_ms()).unwrap_or(0);
    let until = free_until(spec, head).map(|until| if until > 0 { until.saturating_add(late) } else { until });
    Gate { by_mail: is_mail(spec), ..Gate::reply(until) }
}

/// For what the platform itself tells somebody at their own wish: only while sending is free.
pub(crate) fn asked_for(spec: &Spec, head: &conversations::Head) -> Gate {
    Gate { by_mail: is_mail(spec), ..Gate::reply(free_until(spec, head)) }
}

/// Whether messages of a kind of channel are e-mails: they alone have subjects.
pub(crate) fn is_mail(spec: &Spec) -> bool {
    spec.capabilities.contains(&Capability::Subject)
}

/// The same order by a rule, a flow or an AI agent, or by a member: what no member wrote ends with free sending.
pub(crate) fn by(automatic: bool, gate: &Gate, spec: &Spec, head: &conversations::Head) -> Gate {
    let free_until = if automatic { free_until(spec, head) } else { gate.free_until };
    Gate { automatic, free_until, ..gate.clone() }
}

/// Whether free sending has ended although a member may still answer.
pub(crate) fn is_late(tx: &Tx<'_>, spec: &Spec, window_until: Option<Millis>) -> bool {
    spec.late_ms() > 0 && window_until.is_some_and(|until| until < tx.now())
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

/// Leave to order what may be sent; what may not is refused.
pub(crate) fn pass<'tx>(tx: &'tx Tx<'_>, head: &conversations::Head, gate: Gate) -> Result<Passed<'tx>> {
    let (has_window, automatic) = (gate.free_until.is_some(), gate.automatic);
    let passed = outbox::pass(tx, head.channel, head.contact, gate)?.map_err(Error::Refused)?;
    // Where there is no window there are no other apps either.
    match if has_window { handover::refusal(tx, (head.channel, head.id), automatic)? } else { None } {
        Some(refusal) => Err(Error::Refused(refusal)),
        None => Ok(passed),
    }
}
