//! The mails that came after a known one.

use std::collections::BTreeMap;

use connect::{FetchedMail, MailReply, Withheld, Withholding};

use super::super::reply::Loss;
use super::super::{End, Fault};
use super::command::Command;
use super::response::{Fetched, Kind, Untagged};
use super::search::Smallest;
use super::session::{CHUNK, Mailbox, Session};

/// How many mails are asked about at once.
const AT_ONCE: usize = 50;
/// Room is made at once for a mail of this many bytes at most, whatever its server says it has.
const MOST_ROOM: u64 = 64 << 20;
/// No more mails than this are looked at in one piece of work.
const MOST: u32 = 1_000;
/// So many other mails are asked for, later ones and earlier ones, to know whether a mailbox gives any.
const OTHERS: usize = 3;
/// Said of a mail that is there.
const NOT_GIVEN: &str = "the mail server does not give a mail that it has";
/// A day of the server's own clock may begin so much earlier than ours, in milliseconds.
const SLACK: i64 = 2 * 24 * 60 * 60 * 1000;

/// What is wanted: see [`connect::ImapAct::After`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) validity: u32,
    pub(super) after: u32,
    pub(super) since_ms: i64,
    pub(super) most: u32,
    pub(super) largest: u64,
    pub(super) bytes: u64,
    pub(super) doubtful: u32,
}

/// Brings them, smallest id first.
pub(super) async fn bring(session: &mut Session, wanted: Wanted) -> Result<MailReply, End> {
    let inbox = session.open_inbox(false).await?;
    if inbox.validity != wanted.validity {
        let (validity, next) = (inbox.validity, inbox.next);
        return Ok(MailReply::Mailbox { validity, next, mails: Vec::new(), until: 0, withheld: None });
    }
    // What comes from here on has an id of `next` or a greater one (RFC 3501, section 2.3.1.1).
    let all = inbox.next.saturating_sub(1).max(wanted.after);
    if all == wanted.after {
        return Ok(answer(inbox, Brought { until: all, ..Brought::default() }));
    }
    let (ids, overfull) = find(session, wanted).await?;
    let mut brought = Brought { until: wanted.after, ..Brought::default() };
    match carry(session, wanted, &ids, &mut brought).await {
        Ok(true) if !overfull => brought.until = brought.until.max(all),
        // Whether it went well to the end or not: what is here is here, and `until` says how far it goes.
        Ok(_) => {}
        Err(End::Fault(Fault::Lost(Loss::Cut | Loss::TimedOut) | Fault::NotSent(_))) if !brought.mails.is_empty() => {}
        Err(end) => return Err(end),
    }
    Ok(answer(inbox, brought))
}

#[derive(Default)]
struct Brought {
    mails: Vec<FetchedMail>,
    bytes: u64,
    until: u32,
    /// Another mail was given over this connection than the one that was asked for in vain before.
    gives: bool,
    withheld: Option<Withheld>,
}

impl Brought {
    fn add(&mut self, mail: FetchedMail) {
        self.bytes += mail.raw.len() as u64;
        self.mails.push(mail);
        self.gives = true;
    }
}

fn answer(inbox: Mailbox, brought: Brought) -> MailReply {
    let Brought { mails, until, withheld, .. } = brought;
    MailReply::Mailbox { validity: inbox.validity, next: inbox.next, mails, until, withheld }
}

/// The smallest ids after the known one, of mails that may have come late enough.
async fn find(session: &mut Session, wanted: Wanted) -> Result<(Vec<u32>, bool), End> {
    let mut found = Smallest::new(wanted.after, wanted.most.clamp(1, MOST) as usize);
    let mut command = Command::new(&format!("UID SEARCH UID {}:*", wanted.after.saturating_add(1)));
    if let Some(day) = day(wanted.since_ms.saturating_sub(SLACK)) {
        command = command.words(&format!("SINCE {day}"));
    }
    session.search(&command, &mut found).await?;
    Ok(found.finish())
}

/// A day as a search names it; none before there were any.
fn day(at_ms: i64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(at_ms).ok().filter(|_| at_ms > 0)?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    Some(at.strftime("%-d-%b-%Y").to_string())
}

/// Brings the mails of these ids; whether all of them were looked at.
async fn carry(session: &mut Session, wanted: Wanted, ids: &[u32], brought: &mut Brought) -> Result<bool, End> {
    for some in ids.chunks(AT_ONCE) {
        let about = about(session, some).await?;
        for (uid, mail) in some.iter().zip(&about) {
            // Who is not there any more was looked at, and so was who came too early.
            if let Some(mail) = mail.as_ref().filter(|mail| mail.received_ms.is_none_or(|at| at >= wanted.since_ms)) {
                if brought.bytes >= wanted.bytes && !brought.mails.is_empty() {
                    return Ok(false);
                }
                if *uid == wanted.doubtful && !brought.gives {
                    brought.gives = gives_another(session, *uid).await?;
                }
                match given(session, *uid, mail, wanted.largest).await {
                    Ok(Some(mail)) => brought.add(mail),
                    Ok(None) => {}
                    Err(end) => {
                        brought.withheld = Some(withheld(session, (*uid, mail), brought.gives, end).await?);
                        return Ok(false);
                    }
                }
            }
            brought.until = *uid;
        }
    }
    Ok(true)
}

/// A mail as a whole; nothing if it is gone.
async fn given(session: &mut Session, uid: u32, about: &Fetched, largest: u64) -> Result<Option<FetchedMail>, End> {
    match whole(session, uid, about, largest).await {
        // No mail is passed over that is still there.
        Ok(None) | Err(End::Fault(Fault::NotSent(_))) if is_there(session, uid).await? => {
            Err(Fault::NotSent(NOT_GIVEN).into())
        }
        Ok(None) | Err(End::Fault(Fault::NotSent(_))) => Ok(None),
        given => given,
    }
}

/// What is told of a mail that did not come: whether that is because of the mail. What is because of the server is its failure, and
/// tried again as any other.
async fn withheld(session: &mut Session, (uid, mail): (u32, &Fetched), gives: bool, end: End) -> Result<Withheld, End> {
    let how = match end {
        End::Fault(Fault::Lost(_)) if gives => Withholding::Broke,
        End::Fault(Fault::Lost(_)) => Withholding::Unproven,
        End::Fault(Fault::NotSent(_)) if gives || gives_another(session, uid).await? => Withholding::Refused,
        end => return Err(end),
    };
    Ok(Withheld { uid, received_ms: mail.received_ms.unwrap_or(0), how })
}

/// Whether the mailbox gives the beginning of some other mail: one that came later, or else one that was there before.
async fn gives_another(session: &mut Session, than: u32) -> Result<bool, End> {
    let later = some(session, &format!("{}:*", than.saturating_add(1)), than).await?;
    let earlier = some(session, &format!("1:{}", than.saturating_sub(1).max(1)), 0).await?;
    for uid in later.into_iter().chain(earlier).filter(|uid| *uid != than) {
        if matches!(piece(session, uid, 0, 1).await, Ok(Some(piece)) if !piece.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn some(session: &mut Session, ids: &str, above: u32) -> Result<Vec<u32>, End> {
    let mut found = Smallest::new(above, OTHERS);
    session.search(&Command::new(&format!("UID SEARCH UID {ids}")), &mut found).await?;
    Ok(found.finish().0)
}

/// How large mails are and when they came, each in its place; nothing of those that are gone. Of one that is there nothing may be
/// known but that.
async fn about(session: &mut Session, uids: &[u32]) -> Result<Vec<Option<Fetched>>, End> {
    let mut about = BTreeMap::new();
    // NO: some of them are gone (RFC 2180, section 4.1.2), or there is one of which it cannot say it.
    if !ask_about(session, uids, &mut about).await? && uids.len() > 1 {
        for uid in uids {
            ask_about(session, std::slice::from_ref(uid), &mut about).await?;
        }
    }
    if about.len() < uids.len() {
        let unsaid: Vec<u32> = uids.iter().copied().filter(|uid| !about.contains_key(uid)).collect();
        let mut there = Smallest::new(0, AT_ONCE);
        session.search(&Command::new(&format!("UID SEARCH UID {}", listed(&unsaid))), &mut there).await?;
        let there = there.finish().0;
        about.extend(unsaid.into_iter().filter(|uid| there.contains(uid)).map(|uid| (uid, Fetched::default())));
    }
    Ok(uids.iter().map(|uid| about.remove(uid)).collect())
}

fn listed(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// Notes what is said of mails; whether the server said all that it can.
async fn ask_about(session: &mut Session, uids: &[u32], about: &mut BTreeMap<u32, Fetched>) -> Result<bool, End> {
    let note = |untagged| {
        if let Untagged::Fetch(mail) = untagged
            && let Some(uid) = mail.uid
        {
            // A server that names others than were asked about is not listened to.
            if uids.contains(&uid) {
                about.insert(uid, mail);
            }
        }
    };
    let command = Command::new(&format!("UID FETCH {} (UID INTERNALDATE RFC822.SIZE)", listed(uids)));
    Ok(session.run(&command, note).await?.kind == Kind::Ok)
}

/// Whether a mail is in the mailbox.
pub(super) async fn is_there(session: &mut Session, uid: u32) -> Result<bool, End> {
    let mut found = Smallest::new(uid.saturating_sub(1), 1);
    session.search(&Command::new(&format!("UID SEARCH UID {uid}")), &mut found).await?;
    Ok(found.finish().0.first() == Some(&uid))
}

/// A mail as a whole, or its beginning if it is too large; nothing if it is gone.
async fn whole(session: &mut Session, uid: u32, about: &Fetched, largest: u64) -> Result<Option<FetchedMail>, End> {
    let received_ms = about.received_ms.unwrap_or(0);
    let told = about.size.unwrap_or(0);
    // Grown by doubling, it would take twice the room for a while.
    let room = if told > largest { CHUNK } else { told.saturating_add(1).min(MOST_ROOM) };
    let (mut raw, mut complete) = (Vec::with_capacity(usize::try_from(room).unwrap_or(0)), false);
    // Sizes are estimates at some servers: the end is where nothing more comes.
    while !complete {
        let offset = raw.len() as u64;
        if offset > 0 && (told > largest || offset > largest) {
            raw.truncate(usize::try_from(CHUNK).unwrap_or(usize::MAX));
            let size = told.max(offset.saturating_add(1));
            return Ok(Some(FetchedMail { uid, received_ms, size, raw }));
        }
        let Some(piece) = piece(session, uid, offset, CHUNK).await? else { return Ok(None) };
        if piece.is_empty() && offset == 0 && about.size != Some(0) {
            return Ok(None);
        }
        complete = (piece.len() as u64) < CHUNK;
        raw.extend_from_slice(&piece);
    }
    Ok(Some(FetchedMail { uid, received_ms, size: raw.len() as u64, raw }))
}

/// A piece of a mail; it is shorter than what was asked for where the mail ends, and nothing where the mail is gone.
pub(super) async fn piece(
    session: &mut Session,
    uid: u32,
    offset: u64,
    count: u64,
) -> Result<Option<bytes::Bytes>, End> {
    let mut piece = None;
    let note = |untagged| {
        if let Untagged::Fetch(Fetched { uid: Some(found), body: Some(body), .. }) = untagged
            && found == uid
        {
            piece = Some(body);
        }
    };
    let status =
        session.run(&Command::new(&format!("UID FETCH {uid} (UID BODY.PEEK[]<{offset}.{count}>)")), note).await?;
    match (status.kind, piece) {
        (Kind::Ok, Some(piece)) if piece.len() as u64 > count => Err(Loss::Garbled.into()),
        (Kind::Ok, piece) => Ok(piece),
        // NO is what some say of a mail that is gone.
        (Kind::No, _) => Ok(None),
        _ => Err(Fault::NotSent("the mail server does not give a mail").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_servers_read_them() {
        assert_eq!(day(1_769_902_200_000).as_deref(), Some("31-Jan-2026"));
        assert_eq!(day(1_769_902_200_000 + 86_400_000).as_deref(), Some("1-Feb-2026"));
        assert_eq!(day(0), None);
        assert_eq!(day(-SLACK), None);
        assert_eq!(day(i64::MAX), None);
    }
}
