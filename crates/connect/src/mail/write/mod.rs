//! Writing a mail: its header (`header`), its text in two forms (`body`), its files, and what is ours about it (`ours`).
//!
//! Nothing that comes from outside reaches a header but through `header`, where no line can be ended.

mod address;
mod body;
mod header;
pub(crate) mod ours;
mod said;
mod subject;
#[cfg(test)]
mod tests;

use said::Said;

use crate::{Account, BlobHandle, Ctx, IdentityKind, MailPiece, OutFile, Outgoing, SendError};

pub(crate) use address::wire;

/// All files of a mail together, in bytes: more than this few hosts take once it is encoded.
pub(crate) const FILES_BYTES: u64 = 25 << 20;
/// The most ids that `References` names.
const MOST_REFERENCES: usize = 20;

/// Who writes.
pub(crate) struct Sender<'a> {
    /// The channel.
    pub account: &'a Account,
    /// The address in `From`.
    pub address: &'a str,
    /// The name beside it, or nothing.
    pub name: &'a str,
    /// What stands below each text, or nothing.
    pub signature: &'a str,
    /// Whether answers go to an address that proves their conversation.
    pub plus: bool,
}

/// A mail that is ready to be submitted.
pub(crate) struct Written {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// Its Message-ID without angle brackets.
    pub id: String,
    /// The mail.
    pub pieces: Vec<MailPiece>,
}

/// Writes a mail.
///
/// # Errors
/// [`SendError::Unsupported`] for what no mail says; `Refused` with `no_address`, `address_unsupported`, `empty` or
/// `message_too_large`.
pub(crate) fn write(ctx: &Ctx, out: &Outgoing, sender: &Sender<'_>) -> Result<Written, SendError> {
    written(ctx, out, sender, true)
}

/// The same mail without its files, for who brings them up by themselves.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_bare(ctx: &Ctx, out: &Outgoing, sender: &Sender<'_>) -> Result<Written, SendError> {
    written(ctx, out, sender, false)
}

fn written(ctx: &Ctx, out: &Outgoing, sender: &Sender<'_>, with_files: bool) -> Result<Written, SendError> {
    let said = Said { leave: leaving(out), ..Said::of(&out.content)? };
    bounded(&said)?;
    let said = if with_files { said } else { Said { files: &[], ..said } };
    let from = wire(sender.address).ok_or_else(unsupported)?;
    let to = recipient(out)?;
    let id = ours::message_id(sender.account, &out.order, &from);
    let mut mail = head(ctx, out, sender, (&from, &to, &id));
    let boundary = ours::boundary(ctx, sender.account, &out.order);
    let pieces = body::pieces(&mut mail, &said, sender.signature, &boundary);
    Ok(Written { from, to, id, pieces })
}

/// Everything above the fields that say what the body is.
fn head(ctx: &Ctx, out: &Outgoing, sender: &Sender<'_>, (from, to, id): (&str, &str, &str)) -> String {
    let mut head = header::date(ctx.now_ms);
    head += &header::mailbox("From", sender.name, from);
    let conversation = Some(out.conversation.as_str()).filter(|_| sender.plus);
    let proving = conversation.and_then(|id| ours::reply_address(sender.account, sender.address, id));
    if let Some(address) = proving.as_deref().and_then(wire) {
        head += &header::mailbox("Reply-To", sender.name, &address);
    }
    head += &header::mailbox("To", "", to);
    head += &header::text("Subject", &subject::of(out, sender));
    head += &header::ids("Message-ID", &[id]);
    let before = references(out);
    head += &header::ids("In-Reply-To", &before.last().copied().into_iter().collect::<Vec<_>>());
    head += &header::ids("References", &before);
    head += &marks(out, sender);
    head + "MIME-Version: 1.0\r\n"
}

/// What other machines shall know of it.
fn marks(out: &Outgoing, sender: &Sender<'_>) -> String {
    let mut marks = String::new();
    if out.automatic {
        // RFC 3834; the second is for Exchange, which knows the first not everywhere.
        marks += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n";
    }
    if let Some(url) = unsubscribe(out) {
        marks = marks + "List-Unsubscribe: <" + url + ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    }
    if let Some(mark) = ours::mark(sender.account) {
        marks = marks + ours::MARK + ": " + &mark + "\r\n";
    }
    marks
}

/// Where advertising can be ended: for programs in the header, for people below the text.
fn unsubscribe(out: &Outgoing) -> Option<&str> {
    out.unsubscribe.as_deref().filter(|url| header::is_link(url))
}

/// The links below what advertises, each with its words in the contact's language.
fn leaving(out: &Outgoing) -> Vec<(&'static str, &str)> {
    let language = out.language.as_deref();
    let preferences = out.preferences.as_deref().filter(|url| header::is_link(url));
    let links = [(body::LEAVE, unsubscribe(out)), (body::CHOOSE, preferences)];
    links.into_iter().filter_map(|(words, url)| Some((body::words(words, language), url?))).collect()
}

/// What was said before, oldest first; the message that is answered comes last.
fn references(out: &Outgoing) -> Vec<&str> {
    let answered = out.reply_to.as_deref().filter(|id| header::is_id(id));
    let before = out.before.iter().map(String::as_str).filter(|id| header::is_id(id) && Some(*id) != answered);
    let all: Vec<&str> = before.chain(answered).collect();
    // The first is what the whole thread is known by, so it stays.
    match all.split_first() {
        Some((first, rest)) if rest.len() >= MOST_REFERENCES => {
            [first].into_iter().chain(&rest[rest.len() + 1 - MOST_REFERENCES..]).copied().collect()
        }
        _ => all,
    }
}

fn recipient(out: &Outgoing) -> Result<String, SendError> {
    let mut known = out.to.identities.iter().filter(|identity| identity.kind == IdentityKind::Email);
    let first = known.next().ok_or_else(|| {
        refused("no_address", "The contact has no e-mail address. Add one, or answer on another channel.")
    })?;
    wire(&first.value).ok_or_else(unsupported)
}

fn unsupported() -> SendError {
    refused("address_unsupported", "To this e-mail address no mail can be written. Ask for another one.")
}

fn bounded(said: &Said<'_>) -> Result<(), SendError> {
    if said.is_empty() {
        return Err(refused("empty", "A message needs a text or a file. Write something."));
    }
    let files = said.files.iter().fold(0_u64, |total, file| total.saturating_add(file.size));
    let text = u64::try_from(said.text.len()).unwrap_or(u64::MAX);
    if files.saturating_add(text) > FILES_BYTES {
        let why = "A mail takes 25 MB of text and files together. Send fewer or smaller ones, or a link.";
        return Err(refused("message_too_large", why));
    }
    Ok(())
}

pub(crate) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

/// Adds to a mail that is being put together; what stands beside a file is bytes.
#[derive(Default)]
struct Pieces {
    done: Vec<MailPiece>,
    open: String,
}

impl Pieces {
    fn text(&mut self, text: &str) {
        self.open.push_str(text);
    }

    fn file(&mut self, file: &OutFile) {
        self.done.push(MailPiece::Bytes(std::mem::take(&mut self.open).into_bytes()));
        self.done.push(MailPiece::Base64(BlobHandle(file.blob.0.clone())));
    }

    fn end(mut self) -> Vec<MailPiece> {
        if !self.open.is_empty() {
            self.done.push(MailPiece::Bytes(self.open.into_bytes()));
        }
        self.done
    }
}
