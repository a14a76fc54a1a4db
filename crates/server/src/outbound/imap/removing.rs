//! Removing mails for good, and no others with them.

use connect::{MailReply, TheirMails};

use super::super::{End, Fault};
use super::command::Command;
use super::folders;
use super::response::{Fetched, Kind, Untagged};
use super::search::Smallest;
use super::session::Session;

/// How many mails are named in one command.
const AT_ONCE: usize = 200;
/// No more mails with one Message-ID in one folder than this are removed.
const COPIES: usize = 1_000;
/// As much of a header is read, in bytes.
const HEADER: u32 = 128 * 1024;

/// Removes mails of the inbox by their ids there.
pub(super) async fn by_uids(session: &mut Session, validity: u32, uids: &[u32]) -> Result<MailReply, End> {
    if session.open_inbox(true).await?.validity != validity {
        // Other mails have these ids now.
        return Ok(MailReply::NoMail);
    }
    remove(session, uids).await?;
    Ok(MailReply::Done)
}

/// Removes a person's mails, wherever they are.
pub(super) async fn theirs(session: &mut Session, wanted: &TheirMails) -> Result<MailReply, End> {
    let (mut unopened, mut others) = (0, 0);
    for folder in folders::all(session).await?.into_iter().filter(folders::Folder::opens) {
        let examined = session.run(&Command::new("EXAMINE").string(&folder.name), |_| ()).await?;
        if examined.kind != Kind::Ok {
            // Who is gone since it was listed has nothing in it.
            let gone = examined.code.first().is_some_and(|code| code == "NONEXISTENT");
            unopened += usize::from(!gone);
            continue;
        }
        let mut theirs = Vec::new();
        for uid in find(session, &wanted.ids).await? {
            match header(session, uid).await? {
                Some(header) if wanted.has(&header) => theirs.push(uid),
                Some(_) => others += 1,
                None => {}
            }
        }
        if !theirs.is_empty() {
            let open = Command::new("SELECT").string(&folder.name);
            session.done(&open, "the mail server does not let a folder be written to").await?;
            remove(session, &theirs).await?;
        }
    }
    Ok(MailReply::Removed { unopened, others })
}

/// What a mail's header says; nothing if it is gone.
async fn header(session: &mut Session, uid: u32) -> Result<Option<bytes::Bytes>, End> {
    let mut header = None;
    let note = |untagged| {
        if let Untagged::Fetch(Fetched { uid: Some(found), body: Some(body), .. }) = untagged
            && found == uid
        {
            header = Some(body);
        }
    };
    let command = Command::new(&format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{HEADER}>)"));
    let status = session.run(&command, note).await?;
    match status.kind {
        Kind::Ok | Kind::No => Ok(header),
        _ => Err(Fault::NotSent("the mail server does not give a mail's header").into()),
    }
}

async fn find(session: &mut Session, ids: &[String]) -> Result<Vec<u32>, End> {
    let mut uids = Vec::new();
    for id in ids.iter().filter(|id| !id.is_empty()) {
        let mut found = Smallest::new(0, COPIES);
        // With its brackets, so that it is no part of another.
        let command = Command::new("UID SEARCH HEADER Message-ID").string(format!("<{id}>").as_bytes());
        session.search(&command, &mut found).await?;
        uids.extend(found.finish().0);
    }
    uids.sort_unstable();
    uids.dedup();
    Ok(uids)
}

async fn remove(session: &mut Session, uids: &[u32]) -> Result<(), End> {
    const REFUSED: &str = "the mail server does not remove mails";
    for some in uids.chunks(AT_ONCE) {
        let listed = some.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        if !session.can("UIDPLUS") {
            only_ours(session).await?;
        }
        session.done(&Command::new(&format!("UID STORE {listed} +FLAGS.SILENT (\\Deleted)")), REFUSED).await?;
        // Without RFC 4315 all that is marked goes: that is ours alone.
        let expunge = if session.can("UIDPLUS") { format!("UID EXPUNGE {listed}") } else { "EXPUNGE".to_owned() };
        session.done(&Command::new(&expunge), REFUSED).await?;
    }
    Ok(())
}

/// Nothing that somebody else marked may go with ours.
async fn only_ours(session: &mut Session) -> Result<(), End> {
    let mut marked = Smallest::new(0, 1);
    session.search(&Command::new("UID SEARCH DELETED"), &mut marked).await?;
    if marked.finish().0.is_empty() {
        return Ok(());
    }
    Err(Fault::NotSent("the mail server removes no single mails, and others are marked to be removed").into())
}
