//! From a [`Letter`] to what happened.

use super::letter::{Letter, LetterFile, MailAddress};
use super::{LOOP_FIELD, authenticity, bounce, date, fold, ids, machine};
use crate::{Event, IdentityKind, Inbound, Person, PersonIdentity, RemoteFile, Verified, identity};

/// A file with a longer id is shown beside the mail, in bytes.
const LONGEST_ID: usize = 300;

/// What a channel knows of itself.
#[derive(Clone, Default)]
pub(crate) struct Own {
    /// Its address and its aliases.
    pub(crate) addresses: Vec<String>,
    /// What stands in the field [`LOOP_FIELD`] of what it sends; empty: nothing does.
    pub(crate) mark: String,
    /// The names of the servers whose `Authentication-Results` are believed, [`authenticity::NAMELESS`] among them; none: nothing is known of senders.
    pub(crate) servers: Vec<String>,
}

impl Own {
    /// Whether an address is the channel's, with or without something behind a `+`.
    pub(crate) fn has(&self, address: &str) -> bool {
        let one = |address: &str| identity::email(address).unwrap_or_else(|| address.trim().to_lowercase());
        let address = one(&without_tag(address));
        self.addresses.iter().any(|own| one(own) == address)
    }

    /// Whether an address is the channel's with something behind a `+`.
    fn has_tagged(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(local, _)| local.contains('+')) && self.has(address)
    }
}

fn without_tag(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or_default()),
        None => address.to_owned(),
    }
}

/// What a mail tells. Nothing, if the channel wrote it itself.
///
/// `locate` says how a file is brought ([`RemoteFile::locator`]); `prove` which conversation one of the channel's addresses
/// proves by what stands behind its `+`; programs change its case; `ours` whether the channel made a Message-ID: what is
/// told of any other mail is a mail like any other.
pub(crate) fn events(
    letter: &Letter,
    own: &Own,
    locate: impl Fn(&LetterFile) -> String,
    prove: impl Fn(&str) -> Option<String>,
    ours: impl Fn(&str) -> bool,
) -> Vec<Event> {
    if is_own(letter, own) {
        return Vec::new();
    }
    let at_ms = date::plausible(letter.date_ms, letter.received_ms);
    if let Some(events) = bounce::events(letter, at_ms, &ours) {
        return events;
    }
    let Some(from) = sender(letter) else { return vec![Event::Unknown { kind: "mail_without_sender".to_owned() }] };
    let mut message = Inbound {
        remote: ids::remote(letter),
        fingerprint: ids::fingerprint(letter),
        thread: ids::thread(letter),
        answers: ids::answers(letter),
        conversation: letter.to.iter().filter(|to| own.has_tagged(&to.address)).find_map(|to| prove(&to.address)),
        files: letter.files.iter().map(|file| remote_file(file, &locate)).collect(),
        html: letter.html.clone(),
        within: within(letter),
        automatic: machine::is_automatic(letter) || in_our_name(letter, own),
        doubtful_sender: in_our_name(letter, own) || authenticity::is_doubtful(letter, &own.servers),
        unsupported: letter.unsupported.clone(),
        from,
        at_ms,
        lies_since_ms: letter.received_ms.max(0),
        ..Inbound::default()
    };
    add_words(&mut message, letter);
    vec![Event::Message(Box::new(message))]
}

/// The mark alone proves it: anybody can write an address.
fn is_own(letter: &Letter, own: &Own) -> bool {
    letter.all(LOOP_FIELD).any(|mark| !own.mark.is_empty() && mark.trim() == own.mark)
}

/// The channel's own address wrote it, and not the channel: a form on a website, or somebody else.
fn in_our_name(letter: &Letter, own: &Own) -> bool {
    letter.from.iter().any(|from| own.has(&from.address))
}

/// Who wrote: `From`; where it names nobody `Sender`, and then the envelope. Never `Reply-To`, which proves nothing.
pub(super) fn sender(letter: &Letter) -> Option<Person> {
    let envelope = letter.return_path.clone().map(|address| MailAddress { name: None, address });
    let all = letter.from.iter().chain(&letter.sender).chain(&envelope);
    all.into_iter().find_map(|one| {
        let value = identity::email(&one.address)?;
        let identities = vec![PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value }];
        Some(Person { identities, name: one.name.clone(), language: None })
    })
}

/// The files that the HTML shows.
fn within(letter: &Letter) -> Vec<(usize, String)> {
    let named =
        |file: &LetterFile| file.content_id.clone().filter(|id| file.inline && (1..=LONGEST_ID).contains(&id.len()));
    letter.files.iter().enumerate().filter_map(|(at, file)| Some((at, named(file)?))).collect()
}

fn remote_file(file: &LetterFile, locate: impl Fn(&LetterFile) -> String) -> RemoteFile {
    RemoteFile {
        locator: locate(file),
        name: file.name.clone(),
        content_type: Some(file.content_type.clone()),
        size: file.size,
        role: file.role.clone(),
    }
}

fn add_words(message: &mut Inbound, letter: &Letter) {
    let subject = letter.header("subject").map(str::trim).filter(|subject| !subject.is_empty());
    let subject: Option<String> = subject.map(|subject| subject.chars().take(super::LONGEST_FIELD).collect());
    if let Some(words) = letter.text.as_ref().filter(|words| !words.text.trim().is_empty()) {
        let folded = fold::fold(words, subject.as_deref().unwrap_or_default());
        message.text = Some(folded.own);
        message.below = Some(folded.below).filter(|below| !below.is_empty());
        message.forwarded = folded.forwarded;
    }
    message.subject = subject;
}

/// What is kept of a mail that a mailbox has and does not give out, so that members see that there is one: a message that says so,
/// from the mailbox itself, as nobody knows whose it is. `id` is the mail's own within the mailbox; `received_ms` is 0 where it is
/// not known when it came.
pub(crate) fn withheld(address: &str, id: &str, received_ms: i64) -> Option<Verified> {
    let value = identity::email(address)?;
    let identities = vec![PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value }];
    let message = Inbound {
        remote: format!("{}withheld-{id}", ids::UNNAMED),
        thread: "withheld".to_owned(),
        from: Person { identities, name: None, language: None },
        automatic: true,
        unsupported: Some("withheld_mail".to_owned()),
        at_ms: received_ms.max(0),
        lies_since_ms: received_ms.max(0),
        ..Inbound::default()
    };
    Some(keep(&[Event::Message(Box::new(message))]))
}

/// What is kept in the inbox of a mail: the events, not the mail.
pub(crate) fn keep(events: &[Event]) -> Verified {
    Verified::fetched(serde_json::to_vec(events).unwrap_or_default())
}

/// The events of what was kept.
pub(crate) fn parse(kept: &Verified) -> Vec<Event> {
    let events = crate::lenient(kept.body()).and_then(|kept| serde_json::from_value::<Vec<Event>>(kept).ok());
    let mut events = events.unwrap_or_default();
    events.retain(is_whole);
    if events.is_empty() {
        events.push(Event::Unknown { kind: "kept_mail".to_owned() });
    }
    events
}

/// Whether it is an event as mails make them.
fn is_whole(event: &Event) -> bool {
    match event {
        Event::Message(message) => {
            !message.remote.is_empty()
                && !message.from.identities.is_empty()
                && message.at_ms >= 0
                && message.lies_since_ms >= 0
        }
        Event::Unknown { kind } => *kind == crate::json::word(kind),
        Event::Status(_) | Event::Preference { .. } => true,
        _ => false,
    }
}
