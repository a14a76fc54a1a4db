//! The gate: nothing is sent that consent, suppression, restriction, window or clock forbid at that moment.

use super::{Act, Gate};
use crate::answering;
use crate::channels::{self, ChannelState};
use crate::consents::granted::{self, Granted, Marketing, On, Purpose as _};
use crate::conversations;
use crate::messages::{self, State};
use crate::sealing::Place;
use crate::statement::sql;
use crate::uses::{Stopped, Use};
use crate::value::{Row, params};
use crate::{
    ChannelId, ContactId, ConversationId, MessageId, Millis, OutboxId, Personal, Result, Tx, consents, initiations,
    suppressions, uses,
};

/// What is sent for this needs a [`Granted`].
pub(super) const MARKETING: &str = Marketing::WORD;

/// A row to be sent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a send")]
pub struct OutboxRow {
    pub id: OutboxId,
    pub channel: ChannelId,
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub message: MessageId,
    pub act: Act,
    pub detail: Option<Personal<String>>,
    /// How often it was tried and certainly not sent.
    pub attempts: i64,
    /// An earlier worker took it and was not heard of again: it may have been sent.
    pub doubtful: bool,
    /// An earlier try was put off although it may have been sent, because repeating it does no harm.
    in_doubt: bool,
    /// How many of the messages that it makes at the provider are there already.
    pub begun: i64,
    purpose: &'static str,
    automatic: bool,
    is_template: bool,
    by_mail: bool,
    free_until: Option<Millis>,
    expires_at: Millis,
    /// Its reply was lost; until then the provider could still tell.
    echo_until: Option<Millis>,
    /// Since when it may have been sent, if it may.
    tried_at: Option<Millis>,
}

impl OutboxRow {
    /// What it is sent for: `service`, `messages` or `marketing`.
    pub fn purpose(&self) -> &str {
        self.purpose
    }

    /// The gate that it goes through when it is claimed.
    fn gate(&self) -> Gate {
        let Self { purpose, automatic, is_template, by_mail, free_until, .. } = *self;
        Gate { purpose, automatic, is_template, by_mail, free_until }
    }

    /// Whether a machine ordered it, and no member.
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }

    /// Whether an earlier try may have sent it. If it is refused now, its outcome is unknown.
    pub fn may_be_sent(&self) -> bool {
        self.doubtful || self.in_doubt
    }

    /// Since when it may have been sent, as far as that is known.
    pub fn in_doubt_since(&self) -> Option<Millis> {
        self.tried_at.filter(|_| self.may_be_sent())
    }
}

/// Proof that the gate was passed, for one lease. Only [`claim`] makes one.
#[derive(Debug, Clone)]
pub struct Cleared<T> {
    row: T,
    lease: String,
}

impl<T> std::ops::Deref for Cleared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl Cleared<OutboxRow> {
    /// The same, now that a try of it may have been carried out unheard.
    #[must_use]
    pub fn doubted(mut self) -> Self {
        self.row.in_doubt = true;
        self
    }
}

impl<T> Cleared<T> {
    pub(crate) fn lease(&self) -> &str {
        &self.lease
    }
}

/// Why something may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the codes say it")]
pub enum Refusal {
    NoConsent,
    OptedOut,
    Restricted,
    Objected,
    WindowClosed,
    ChannelOff,
    Elsewhere,
    Expired,
    CardNumber,
    HealthData,
    Machine,
}

impl From<Stopped> for Refusal {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Restricted => Self::Restricted,
            Stopped::Objected => Self::Objected,
        }
    }
}

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoConsent => "no_consent",
            Self::OptedOut => "opted_out",
            Self::Restricted => "restricted",
            Self::Objected => "objected",
            Self::WindowClosed => "window_closed",
            Self::ChannelOff => "channel_off",
            Self::Elsewhere => "held_elsewhere",
            Self::Expired => "expired",
            Self::CardNumber => "card_number",
            Self::HealthData => "health_data",
            Self::Machine => "machine",
        }
    }

    /// Whether it is the contact who does not want it, and not something that may pass.
    pub(super) fn is_the_contacts(self) -> bool {
        matches!(self, Self::NoConsent | Self::OptedOut | Self::Restricted | Self::Objected)
    }

    /// Code and words of the failure. What may have been sent already, or was in part, is not called refused.
    pub(crate) fn told_of(self, may_be_sent: bool, begun: i64) -> (&'static str, &'static str) {
        match (may_be_sent, begun) {
            (true, _) => (OUTCOME_UNKNOWN, UNKNOWN_DETAIL),
            (false, 1..) => (PARTLY_SENT, PARTLY_DETAIL),
            (false, _) => (self.code(), self.detail()),
        }
    }

    /// Words for the member: what, and what to do.
    pub fn detail(self) -> &'static str {
        match self {
            Self::NoConsent => "The contact has given no consent for this purpose on this channel. Ask for it first.",
            Self::OptedOut => "The contact does not want messages on this channel. Only the contact can change that.",
            Self::Restricted => "The contact has asked for restriction: only a member's own reply may be sent.",
            Self::Objected => "The contact objects to being advertised to. Only the contact can take that back.",
            Self::WindowClosed => {
                "The provider's window for free messages has closed. Wait for the contact, or use a template."
            }
            Self::ChannelOff => "The channel is disconnected. Connect it again, or answer on another channel.",
            Self::Elsewhere => {
                "Another app has this conversation now. Answer there, or have it handed over to this one at the provider."
            }
            Self::Expired => "It could not be sent within seven days. Send it again if it is still of use.",
            Self::CardNumber => {
                "This, or a file with it, has a full card number or a card's security code, which this channel's provider \
                 forbids. Take it out: the last four digits may stay, and a payment link takes the rest."
            }
            Self::HealthData => {
                "This, or a file with it, says something of somebody's health, which this channel's provider forbids. Take it \
                 out, or write by another channel."
            }
            Self::Machine => "A machine wrote last, or seems to: only a member's own reply may be sent.",
        }
    }
}

/// The code of a failure that may have been a success.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";
/// Its words for the member.
pub const UNKNOWN_DETAIL: &str = "The provider's reply was lost and it cannot be asked. The message may have arrived: \
                                  look before you send it again.";

/// The code of a failure of which some is at the provider.
pub const PARTLY_SENT: &str = "partly_sent";
/// Its words for the member, where nothing more can be said.
pub const PARTLY_DETAIL: &str = "This makes several messages at the provider. Some went out, and the rest cannot be sent any \
                                 more. Look at the conversation there before you send what is missing.";

/// Why a template waits although nothing is wrong with it.
pub const WAITS_FOR_ROOM: &str = "recipients_limit";
const WAITS_DETAIL: &str = "The provider lets this account write first to so many people within a day, and they are used \
                            up. It is sent by itself as soon as there is room.";

/// What came of a claim.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It may be sent now, within the lease.
    Cleared(Box<Cleared<OutboxRow>>),
    /// It may not; its message has failed visibly.
    Stopped(MessageId, Refusal),
    /// Not before a moment: the provider's bound on whom it lets be written to first is used up. Its message says so.
    Waits(MessageId, Millis),
    /// Its reply was lost and the provider has said nothing since: its message has failed with an unknown outcome.
    Unknown(MessageId),
    /// Somebody else has it, or it is gone.
    Gone,
}

/// Whether something may be sent to a contact on a channel now. Used before queueing, and again at each claim.
pub fn check(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, gate: &Gate) -> Result<Option<Refusal>> {
    Ok(refusal(tx, channel, contact, gate)?.err())
}

/// The leave of the contact where something advertises, or why it may not be sent.
pub(super) fn refusal<'tx>(
    tx: &'tx Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    gate: &Gate,
) -> Result<std::result::Result<Option<Granted<'tx, Marketing>>, Refusal>> {
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::NoGate) {
        return Ok(Ok(None));
    }
    let (kind, state) = channels::kind_and_state(tx, channel)?;
    if state == ChannelState::Off {
        return Ok(Err(Refusal::ChannelOff));
    }
    if suppressions::stands(tx, channel, contact)? {
        return Ok(Err(Refusal::OptedOut));
    }
    let automatic = gate.automatic;
    #[cfg(any(test, feature = "testing"))]
    let automatic = automatic && !tx.has(crate::testing::planted::Planted::RestrictionIsIgnored);
    if automatic && let Err(stopped) = uses::permit(tx, contact, Use::Automation)? {
        return Ok(Err(stopped.into()));
    }
    let outside = gate.free_until.is_some_and(|until| until < tx.now());
    let granted = match needed(gate.purpose, gate.is_template, outside) {
        Some(MARKETING) => match granted::check(tx, On { channel, contact, by_mail: gate.by_mail })? {
            Ok(granted) => Some(granted),
            Err(refusal) => return Ok(Err(refusal)),
        },
        needed if agreed(tx, channel, contact, (needed, &kind))? => None,
        _ => return Ok(Err(Refusal::NoConsent)),
    };
    Ok(if outside && !gate.is_template { Err(Refusal::WindowClosed) } else { Ok(granted) })
}

/// The purpose for which a consent must be in force. What answers a contact within the window needs none; a template beyond
/// it is a message that nobody asked for just now, and needs an opt-in at least.
fn needed(purpose: &'static str, is_template: bool, outside: bool) -> Option<&'static str> {
    match purpose {
        "service" | "messages" if is_template => outside.then_some("messages"),
        "service" => None,
        other => Some(other),
    }
}

fn agreed(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, (needed, kind): (Option<&str>, &str)) -> Result<bool> {
    match needed {
        None => Ok(true),
        // Who wants to be advertised to wants messages.
        Some("messages") => {
            Ok(consents::in_force(tx, contact, "messages", kind)?
                || consents::in_force(tx, contact, "marketing", kind)?)
        }
        Some(purpose) => Ok(!suppressions::stands_for(tx, channel, contact, purpose)?
            && consents::in_force(tx, contact, purpose, kind)?),
    }
}

/// Claims a row for one lease, or stops it for good. The row must be the oldest of its conversation.
pub fn claim(tx: &Tx<'_>, id: OutboxId, lease_ms: Millis) -> Result<Verdict> {
    let Some(row) = lockable(tx, id)? else { return Ok(Verdict::Gone) };
    let lease = crate::node::lease_word(tx);
    let taken = tx.run(
        sql!(
            "UPDATE outbox SET lease = $3, lease_until = $4, tried_at = COALESCE(tried_at, $5) \
             WHERE workspace_id = $1 AND id = $2 AND due_at <= $5 \
             AND (lease_until IS NULL OR lease_until < $5)"
        ),
        params![id, &lease, tx.now() + lease_ms, tx.now()],
    )?;
    if taken == 0 {
        return Ok(Verdict::Gone);
    }
    if row.echo_until.is_some() {
        return never_told(tx, &Cleared { row, lease });
    }
    let refused = if row.expires_at < tx.now() {
        Some(Refusal::Expired)
    } else {
        // An acknowledgement of a tap, or of having read, says nothing to the contact: only the channel must be there.
        let gate = match row.act {
            Act::AnswerChoice | Act::Seen | Act::Remove => Gate { is_template: true, ..Gate::reply(None) },
            Act::Message | Act::Edit | Act::Reaction => row.gate(),
        };
        match check(tx, row.channel, row.contact, &gate)? {
            None if is_handed_over(tx, &row)? => Some(Refusal::Elsewhere),
            refused => refused,
        }
    };
    let (message, doubtful, act) = (row.message, row.doubtful, row.act);
    let cleared = Cleared { row, lease };
    match refused {
        // Who took a doubtful one can still ask what became of it, unless nobody is left to be asked.
        Some(refusal) if !doubtful || matches!(refusal, Refusal::ChannelOff | Refusal::Expired) => {
            super::finish(tx, &cleared)?;
            if act == Act::Message {
                let failure = Some(refusal.told_of(cleared.may_be_sent(), cleared.begun));
                messages::advance(tx, message, State::Failed, tx.now(), failure)?;
            }
            Ok(Verdict::Stopped(message, refusal))
        }
        _ => with_room(tx, cleared),
    }
}

/// Another app has got the conversation while this waited. A member's own answer takes it, or is refused by the provider.
fn is_handed_over(tx: &Tx<'_>, row: &OutboxRow) -> Result<bool> {
    let speaks = matches!(row.act, Act::Message | Act::Edit | Act::Reaction);
    Ok(speaks && row.is_automatic() && answering::is_elsewhere(tx, row.conversation)?)
}

/// The provider has had its time to say what became of a send whose reply was lost. It is never sent again.
fn never_told(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<Verdict> {
    super::finish(tx, row)?;
    if messages::head(tx, row.message)?.state == State::Queued {
        let failure = Some((OUTCOME_UNKNOWN, UNKNOWN_DETAIL));
        messages::advance(tx, row.message, State::Failed, tx.now(), failure)?;
    }
    Ok(Verdict::Unknown(row.message))
}

/// A template that begins a conversation goes only if the provider's bound on those leaves room.
fn with_room(tx: &Tx<'_>, row: Cleared<OutboxRow>) -> Result<Verdict> {
    let begins = row.act == Act::Message && row.is_template && row.free_until.is_some_and(|until| until < tx.now());
    if !begins || row.doubtful {
        return Ok(Verdict::Cleared(Box::new(row)));
    }
    let Some(until) = initiations::begin(tx, row.channel, row.contact)? else {
        return Ok(Verdict::Cleared(Box::new(row)));
    };
    super::put_back(tx, &row, until)?;
    messages::explain(tx, row.message, WAITS_FOR_ROOM, &Personal::new(WAITS_DETAIL.to_owned()))?;
    Ok(Verdict::Waits(row.message, until))
}

fn lockable(tx: &Tx<'_>, id: OutboxId) -> Result<Option<OutboxRow>> {
    let row = tx.maybe(
        sql!(
            "SELECT o.channel_id, o.conversation_id, o.contact_id, o.message_id, o.act, o.detail_sealed, o.attempts, \
             o.lease_until IS NOT NULL, o.purpose, o.automatic, o.is_template, o.free_until, o.expires_at, o.echo_until, \
             o.in_doubt, o.begun, o.tried_at, o.by_mail \
             FROM outbox o WHERE o.workspace_id = $1 AND o.id = $2 AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.workspace_id = $1 \
             AND p.conversation_id = o.conversation_id AND p.seq < o.seq)"
        ),
        params![id],
        |row| read(id, row),
    )?;
    let Some((mut row, detail)) = row else { return Ok(None) };
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::DoubtIsForgotten) {
        (row.doubtful, row.in_doubt) = (false, false);
    }
    if row.free_until.is_some_and(|until| until < tx.now()) {
        // The contact may have written since it was ordered.
        let now = conversations::head(tx, row.conversation)?.window_until;
        row.free_until = row.free_until.max(now);
    }
    if let Some(sealed) = detail {
        let name = id.to_string();
        row.detail = tx.open_text(Place { table: "outbox", column: "detail_sealed", row: &name }, &sealed)?;
    }
    Ok(Some(row))
}

/// What is not known to be anything else needs most.
pub(super) fn purpose_of(word: &str) -> &'static str {
    ["service", "messages"].into_iter().find(|known| *known == word).unwrap_or(MARKETING)
}

fn read(id: OutboxId, row: &Row<'_>) -> Result<(OutboxRow, Option<Vec<u8>>)> {
    let read = OutboxRow {
        id,
        channel: row.get(0)?,
        conversation: row.get(1)?,
        contact: row.get(2)?,
        message: row.get(3)?,
        act: Act::parse(&row.text(4)?)?,
        detail: None,
        attempts: row.get(6)?,
        doubtful: row.get(7)?,
        purpose: purpose_of(&row.text(8)?),
        automatic: row.get(9)?,
        is_template: row.get(10)?,
        free_until: row.get(11)?,
        expires_at: row.get(12)?,
        echo_until: row.get(13)?,
        in_doubt: row.get(14)?,
        begun: row.get(15)?,
        tried_at: row.get(16)?,
        by_mail: row.get(17)?,
    };
    Ok((read, row.get(5)?))
}
