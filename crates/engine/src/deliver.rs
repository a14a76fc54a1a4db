//! The answer goes out once. Building what is sent and recording what came of it are two transactions around the
//! calls; a worker that dies in between leaves a lease, and what then becomes of the message is decided here too.

#[cfg(test)]
mod tests;

use connect::{
    BlobHandle, Capability, Connector, Content, OutFile, Outgoing, PersonIdentity, Receipt, Recipient, Reply,
    SendError, TemplateUse,
};
use vault::channels::{self, ChannelState};
use vault::messages::{self, Body, State};
use vault::outbox::{self, Act, Cleared, OutboxRow};
use vault::unsubscribing::{self as tickets, Leave};
use vault::{ContactId, ConversationId, MessageId, Millis, Personal, Result, Tx};
use vault::{attachments, conversations, identities, remotes, suppressions};

use crate::{content, echo, gate, handover, identify, threads, unsubscribing};

/// The first wait after a failure that may pass, in milliseconds; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Millis = 2_000;
/// Of how many messages before it a mail names the ids…
const BEFORE: usize = 20;
/// …and among how many it is looked for a subject.
const SUBJECT_WITHIN: i64 = 50;
/// The longest wait between two tries, in milliseconds.
const LONGEST_WAIT: Millis = 15 * 60_000;

/// How far a provider's clock may be behind ours, in milliseconds.
const CLOCKS_MS: Millis = 60_000;

/// What to send for a claimed row; `None` if there is nothing left to send (removed or erased meanwhile).
pub fn prepare(tx: &Tx<'_>, row: &OutboxRow) -> Result<Option<Outgoing>> {
    let Some(content) = content_of(tx, row)? else { return Ok(None) };
    let reply_to = match (row.act, messages::head(tx, row.message)?.reply_to) {
        (Act::Message, Some(quoted)) => remotes::of(tx, quoted)?.into_iter().next(),
        _ => None,
    };
    let to = recipient(tx, row.conversation, row.contact)?;
    let Mail { subject, titled, before, unsubscribe, preferences, language } = mail(tx, row)?;
    Ok(Some(Outgoing {
        reply_to,
        conversation: row.conversation.to_string(),
        subject,
        titled,
        before,
        automatic: row.is_automatic(),
        unsubscribe,
        preferences,
        language,
        begun: usize::try_from(row.begun).unwrap_or(0),
        late: is_late(tx, row)?,
        answering: handover::answering(tx, row.conversation)?,
        ..Outgoing::new(row.message.to_string(), row.id.to_string(), to, content)
    }))
}

/// What a mail says beside its content.
#[derive(Default)]
struct Mail {
    subject: String,
    /// It is the message's own.
    titled: bool,
    before: Vec<String>,
    /// The ticket alone: where it is taken, the server knows.
    unsubscribe: Option<String>,
    /// The same, for what the contact agreed to.
    preferences: Option<String>,
    /// What the contact speaks, where something is said to them beside the content.
    language: Option<String>,
}

/// What a message says of itself and of those before it, where the channel's messages have subjects.
fn mail(tx: &Tx<'_>, row: &OutboxRow) -> Result<Mail> {
    let connector = connector_of(tx, row)?.filter(|_| row.act == Act::Message);
    if !connector.is_some_and(|connector| connector.spec().capabilities.contains(&Capability::Subject)) {
        return Ok(Mail::default());
    }
    let earlier = messages::before(tx, row.message, SUBJECT_WITHIN)?;
    let mut before = Vec::new();
    for message in earlier.iter().take(BEFORE) {
        before.extend(remotes::of(tx, *message)?.into_iter().next());
    }
    before.reverse();
    let advertises = row.purpose() == unsubscribing::PURPOSE;
    let ticket = |leave| tickets::ticket_for(tx, leave, row.channel, row.contact);
    let unsubscribe = advertises.then(|| ticket(Leave::Unsubscribe)).transpose()?;
    let preferences = advertises.then(|| ticket(Leave::Preferences)).transpose()?;
    let language = if advertises { unsubscribing::language(tx, row.contact)? } else { None };
    let (subject, titled) = subject(tx, row.message, &earlier)?;
    Ok(Mail { subject, titled, before, unsubscribe, preferences, language })
}

/// What a message is about, and whether it says so itself: else it is the last that was known before; empty where there is none.
fn subject(tx: &Tx<'_>, own: MessageId, earlier: &[MessageId]) -> Result<(String, bool)> {
    for message in std::iter::once(&own).chain(earlier) {
        let body = messages::body(tx, *message)?.map(Personal::into_revealed);
        if let Some(subject) = body.and_then(|body| body.subject).filter(|subject| !subject.trim().is_empty()) {
            return Ok((subject, *message == own));
        }
    }
    Ok((String::new(), false))
}

/// Whether it is sent at a time when a member alone may still answer.
fn is_late(tx: &Tx<'_>, row: &OutboxRow) -> Result<bool> {
    let Some(connector) = connector_of(tx, row)? else { return Ok(false) };
    if connector.spec().late_ms() == 0 {
        return Ok(false);
    }
    Ok(gate::is_late(tx, connector.spec(), conversations::head(tx, row.conversation)?.window_until))
}

/// The replies a connector is shown at the start. What an earlier worker took and never reported may have been sent:
/// the connector decides whether that can be asked for, repeated, or stays unknown.
pub fn first_replies(row: &OutboxRow) -> Vec<Reply> {
    if row.doubtful { vec![Reply::Unheard] } else { Vec::new() }
}

/// Whether something may have been sent so long ago that the other side does not know a repetition any more: then what became of it
/// stays unknown.
pub fn is_past_repeating(row: &OutboxRow, connector: &dyn Connector, now: Millis) -> bool {
    let since = row.in_doubt_since();
    connector.repeats_ms().zip(since).is_some_and(|(most, since)| now.saturating_sub(since) >= most)
}

/// To whom goes what is sent in a conversation: first by what they wrote with last there, then by what they were known by first.
pub fn recipient(tx: &Tx<'_>, conversation: ConversationId, contact: ContactId) -> Result<Recipient> {
    let mut known = identities::of(tx, contact)?;
    if let Some((whose, last)) = identities::answered(tx, conversation)?
        && threads::are_one(tx, whose, contact)?
    {
        known.retain(|identity| identity.id != last.id);
        known.insert(0, last);
    }
    let identities = known
        .into_iter()
        .filter_map(|identity| {
            let kind = identify::kind_of(&identity.kind)?;
            Some(PersonIdentity { kind, scope: identity.scope.into_revealed(), value: identity.value.into_revealed() })
        })
        .collect();
    let thread = conversations::thread(tx, conversation)?.map(|thread| threads::bare(thread, contact));
    Ok(Recipient { thread, identities })
}

fn content_of(tx: &Tx<'_>, row: &OutboxRow) -> Result<Option<Content>> {
    let detail = || row.detail.clone().map(Personal::into_revealed).unwrap_or_default();
    match row.act {
        Act::Message => message_content(tx, row),
        Act::AnswerChoice => Ok(Some(Content::AnswerChoice { callback: detail() })),
        Act::Edit => {
            let text = messages::body(tx, row.message)?.and_then(|body| body.into_revealed().text);
            let remote = first_remote(tx, row)?;
            Ok(remote.zip(text).map(|(remote, text)| Content::Edit { remote, text }))
        }
        Act::Remove => {
            let remotes = remotes::of(tx, row.message)?;
            Ok((!remotes.is_empty()).then_some(Content::Remove { remotes }))
        }
        Act::Reaction => {
            let emoji = Some(detail()).filter(|emoji| !emoji.is_empty());
            Ok(first_remote(tx, row)?.map(|remote| Content::Reaction { remote, emoji }))
        }
        Act::Seen => Ok(first_remote(tx, row)?.map(|remote| Content::Seen { remote })),
    }
}

fn first_remote(tx: &Tx<'_>, row: &OutboxRow) -> Result<Option<String>> {
    Ok(remotes::of(tx, row.message)?.into_iter().next())
}

fn message_content(tx: &Tx<'_>, row: &OutboxRow) -> Result<Option<Content>> {
    let Some(body) = messages::body(tx, row.message)? else { return Ok(None) };
    let body: Body = body.into_revealed();
    let files = files(tx, row)?;
    if let Some(used) = &body.template {
        let place = body.place.as_ref().map(content::place);
        let rendered = content::template(used, body.text.as_deref().unwrap_or_default());
        let used = TemplateUse { file: files.into_iter().next(), place, ..rendered };
        return Ok(Some(Content::Template(used)));
    }
    if let Some(list) = &body.list {
        return Ok(Some(content::list(body.text.as_deref().unwrap_or_default(), list)));
    }
    if !files.is_empty() {
        return Ok(Some(Content::Files { files, caption: body.text }));
    }
    if let Some(place) = &body.place {
        return Ok(Some(Content::Place(content::place(place))));
    }
    if let Some(card) = body.cards.first() {
        return Ok(Some(Content::Card(content::card(card))));
    }
    let buttons = content::buttons(&body.buttons);
    Ok(body.text.map(|text| Content::Text { text, buttons }))
}

fn files(tx: &Tx<'_>, row: &OutboxRow) -> Result<Vec<OutFile>> {
    let stored = attachments::of(tx, row.message)?;
    let file = |attachment: attachments::Attachment| OutFile {
        blob: BlobHandle(attachment.id.to_string()),
        name: attachment.name.map_or_else(|| "file".into(), Personal::into_revealed),
        content_type: attachment.content_type,
        size: u64::try_from(attachment.size).unwrap_or(0),
    };
    Ok(stored.into_iter().map(file).collect())
}

/// What the worker has to know after recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the provider.
    Sent,
    /// May have been sent; never again by itself.
    Unknown,
    /// Refused for good, shown with its reason.
    Failed,
    /// Certainly not sent; tried again later.
    Later,
    /// Certainly not sent; the whole account waits until then.
    AccountWaits(Millis),
    /// Certainly not sent; the account needs a member.
    AccountStops,
}

/// Why a message waits: a code, and words for the member.
const UNREACHABLE: (&str, &str) =
    ("provider_unreachable", "The provider does not answer. It is tried again by itself, for seven days at most.");
const BUSY: (&str, &str) =
    ("provider_busy", "The provider takes no more just now. It is tried again by itself, for seven days at most.");
const STOPPED: (&str, &str) =
    ("channel_waits", "The channel needs attention. This goes out once it works again, within seven days.");

/// Records what came of a send, in the transaction that takes the row off the outbox.
pub fn record(tx: &Tx<'_>, row: &Cleared<OutboxRow>, result: &Result<Receipt, SendError>) -> Result<Outcome> {
    match vault::contacts::require(tx, row.contact) {
        Ok(()) => {}
        // Erased while the call was under way: nothing of it is kept, and its row went with the contact.
        Err(vault::Error::NotFound(_)) => return Ok(Outcome::Failed),
        Err(error) => return Err(error),
    }
    match result {
        Ok(Receipt::Accepted { remotes, thread }) => accepted(tx, row, remotes, thread.as_deref()),
        Ok(Receipt::Begun { remotes, parts, then }) => {
            tie(tx, row, remotes)?;
            outbox::note_begun(tx, row, i64::try_from(*parts).unwrap_or(i64::MAX))?;
            not_sent(tx, row, then)
        }
        Ok(Receipt::Partly { remotes, code, why }) => partly(tx, row, remotes, (code, why)),
        Ok(Receipt::Unknown) => unknown(tx, row),
        Err(error) => not_sent(tx, row, error),
    }
}

/// It was certainly not sent, or the rest of it not: it waits, or that is its end.
fn not_sent(tx: &Tx<'_>, row: &Cleared<OutboxRow>, error: &SendError) -> Result<Outcome> {
    match error {
        SendError::Retry(_) => {
            outbox::put_off(tx, row, tx.now() + wait_after(row.attempts))?;
            waits(tx, row, UNREACHABLE)?;
            Ok(Outcome::Later)
        }
        SendError::RecipientThrottled(after) => {
            let wait = i64::try_from(*after).unwrap_or(Millis::MAX).clamp(1, 24 * 3_600_000);
            outbox::put_off(tx, row, tx.now() + wait)?;
            waits(tx, row, BUSY)?;
            Ok(Outcome::Later)
        }
        SendError::Throttled(after) => {
            let until = tx.now() + i64::try_from(*after).unwrap_or(Millis::MAX).clamp(1, 24 * 3_600_000);
            outbox::put_off(tx, row, until)?;
            outbox::pause(tx, row, until)?;
            waits(tx, row, BUSY)?;
            Ok(Outcome::AccountWaits(until))
        }
        SendError::Reauthorise => stop(tx, row, "reauthorise"),
        SendError::Stopped { code, .. } => stop(tx, row, code),
        SendError::OptedOut
        | SendError::OptedOutOf(_)
        | SendError::WindowClosed
        | SendError::Refused { .. }
        | SendError::Unsupported => refused(tx, row, error),
    }
}

/// The account needs a member. What waits for it goes on waiting, and goes out once the member has proven the account anew.
fn stop(tx: &Tx<'_>, row: &Cleared<OutboxRow>, code: &str) -> Result<Outcome> {
    channels::set_state(tx, row.channel, ChannelState::NeedsAttention, Some(code))?;
    outbox::put_off(tx, row, tx.now())?;
    explain(tx, row, STOPPED)?;
    Ok(Outcome::AccountStops)
}

/// The member is told why a message waits, once it was tried again in vain: what goes out at the second try needs no word.
fn waits(tx: &Tx<'_>, row: &Cleared<OutboxRow>, why: (&str, &str)) -> Result<()> {
    if row.attempts > 0 { explain(tx, row, why) } else { Ok(()) }
}

/// The words go with the next change of the message's state.
fn explain(tx: &Tx<'_>, row: &Cleared<OutboxRow>, (code, why): (&str, &str)) -> Result<()> {
    if row.act != Act::Message {
        return Ok(());
    }
    messages::explain(tx, row.message, code, &Personal::new(why.to_owned()))
}

/// There is nothing (left) to send: the message was taken back, or its contact erased. A copy may still be at the provider
/// if an earlier worker was not heard of again.
pub fn nothing_left(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<()> {
    if row.may_be_sent() {
        fail(tx, row, outbox::OUTCOME_UNKNOWN, outbox::UNKNOWN_DETAIL)
    } else if row.begun > 0 {
        fail(tx, row, outbox::PARTLY_SENT, outbox::PARTLY_DETAIL)
    } else {
        fail(tx, row, "removed", "It was taken back before it was sent.")
    }
}

/// What to send could not be read: nothing was tried, so it is tried again later.
pub fn not_prepared(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<()> {
    outbox::put_off(tx, row, tx.now() + wait_after(row.attempts)).map(|_| ())
}

/// How long to wait before the next try, in milliseconds.
fn wait_after(attempts: i64) -> Millis {
    let doublings = u32::try_from(attempts.clamp(0, 20)).unwrap_or(20);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

/// Another worker, or the provider, may have said meanwhile that it was sent: that stands. If the provider can still say so,
/// it has its time.
fn unknown(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<Outcome> {
    if messages::head(tx, row.message)?.state != State::Queued {
        outbox::finish(tx, row)?;
        return Ok(Outcome::Unknown);
    }
    let echo = connector_of(tx, row)?.map_or(0, |connector| connector.spec().limits.echo_ms);
    if row.act == Act::Message && echo > 0 {
        outbox::await_echo(tx, row, tx.now() + i64::try_from(echo).unwrap_or(0))?;
    } else {
        fail(tx, row, outbox::OUTCOME_UNKNOWN, outbox::UNKNOWN_DETAIL)?;
    }
    Ok(Outcome::Unknown)
}

fn accepted(tx: &Tx<'_>, row: &Cleared<OutboxRow>, remotes: &[String], thread: Option<&str>) -> Result<Outcome> {
    if row.act == Act::Message {
        tie(tx, row, remotes)?;
        messages::advance(tx, row.message, State::Sent, tx.now(), None)?;
        if let Some(thread) = thread {
            conversations::name_thread(tx, row.conversation, thread)?;
        }
    }
    handover::taken(tx, row.conversation)?;
    outbox::finish(tx, row)?;
    Ok(Outcome::Sent)
}

/// Ties a message to its ids at the provider, behind those of the parts of it that are there already.
fn tie(tx: &Tx<'_>, row: &Cleared<OutboxRow>, new: &[String]) -> Result<()> {
    let mut ids = if row.begun > 0 { remotes::of(tx, row.message)? } else { Vec::new() };
    for id in new {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    echo::tie(tx, (row.message, row.contact, row.channel), &ids)
}

/// What the provider has of it can be named by later events; the member is told of the rest.
fn partly(tx: &Tx<'_>, row: &Cleared<OutboxRow>, remotes: &[String], (code, why): (&str, &str)) -> Result<Outcome> {
    if row.act == Act::Message {
        tie(tx, row, remotes)?;
    }
    fail(tx, row, code, why)?;
    Ok(Outcome::Failed)
}

fn refused(tx: &Tx<'_>, row: &Cleared<OutboxRow>, error: &SendError) -> Result<Outcome> {
    let (code, detail) = match error {
        SendError::OptedOut => {
            suppress(tx, row)?;
            ("opted_out", outbox::Refusal::OptedOut.detail())
        }
        SendError::OptedOutOf(purpose) => {
            unsubscribing::refuse(tx, row.channel, row.contact, (purpose, "provider"))?;
            ("opted_out", "The contact has stopped messages of this kind from this business.")
        }
        SendError::WindowClosed => ("window_closed", outbox::Refusal::WindowClosed.detail()),
        SendError::Refused { code, why } => (code.as_str(), why.as_str()),
        SendError::Unsupported
        | SendError::Retry(_)
        | SendError::Throttled(_)
        | SendError::RecipientThrottled(_)
        | SendError::Reauthorise
        | SendError::Stopped { .. } => ("unsupported", "This channel cannot send that."),
    };
    // An earlier try may have come through.
    let (code, detail) = match row.begun {
        _ if row.may_be_sent() => (outbox::OUTCOME_UNKNOWN, outbox::UNKNOWN_DETAIL),
        1.. => (outbox::PARTLY_SENT, outbox::PARTLY_DETAIL),
        _ => (code, detail),
    };
    fail(tx, row, code, detail)?;
    Ok(Outcome::Failed)
}

/// Who refuses what was sent for a purpose of its own refuses that; otherwise everything here.
fn suppress(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<()> {
    match row.purpose() {
        "service" | "messages" => {
            let known = identify::lasting_of(tx, row.contact)?;
            suppressions::told(tx, row.channel, &known, (false, suppressions::PROVIDER), refused_by(tx)).map(|_| ())
        }
        purpose => unsubscribing::refuse(tx, row.channel, row.contact, (purpose, "provider")),
    }
}

/// By when somebody refused whom the provider does not let us reach: it does not say, and what the contact says by the provider's
/// clock, which may be behind ours, counts if it came since. What is refused still is refused at the next try.
fn refused_by(tx: &Tx<'_>) -> Millis {
    tx.now() - CLOCKS_MS
}

fn fail(tx: &Tx<'_>, row: &Cleared<OutboxRow>, code: &str, detail: &str) -> Result<()> {
    if row.act == Act::Message {
        messages::advance(tx, row.message, State::Failed, tx.now(), Some((code, detail)))?;
    }
    outbox::finish(tx, row)?;
    Ok(())
}

/// The connector of a row's channel with its account's description, as the worker needs them.
pub fn connector_of(tx: &Tx<'_>, row: &OutboxRow) -> Result<Option<&'static dyn Connector>> {
    let (kind, _) = vault::channels::kind_and_state(tx, row.channel)?;
    Ok(connect::channels::by_kind(&kind))
}
