//! What servers and mailboxes say of a mail of ours: it came, it did not (RFC 3464), somebody complains of it (RFC 5965).

use super::letter::{Letter, MailField, field};
use super::{ids, machine, phrases_of_machines as phrases};
use crate::{Event, StatusChange};

/// Of a longer explanation only the beginning is shown, in characters.
const LONGEST_DETAIL: usize = 300;
/// Where a returned mail is looked for in a text, in bytes.
const LOOKED_THROUGH: usize = 256 * 1024;

/// The events of a mail about a mail of ours. `None`: it is none, or nobody can tell about which, and then it is shown as it is: also
/// people pass on what a server told them.
pub(super) fn events(letter: &Letter, at_ms: i64, ours: &dyn Fn(&str) -> bool) -> Option<Vec<Event>> {
    if !letter.report.feedback.is_empty() {
        return complaint(letter, at_ms, ours);
    }
    let told = if letter.report.delivery.is_empty() { old_fashioned(letter, at_ms) } else { delivery(letter, at_ms) };
    let (remote, events) = told?;
    let reported = letter.report.kind.is_some() || letter.is_from_null() || machine::is_from_daemon(letter);
    (reported && ours(&remote)).then_some(events)
}

/// A delivery status: one event for each recipient whose fate is settled.
fn delivery(letter: &Letter, at_ms: i64) -> Option<(String, Vec<Event>)> {
    let settles = |fields: &&Vec<MailField>| field(fields, "action").is_some() || field(fields, "status").is_some();
    let recipients: Vec<_> = letter.report.delivery.iter().filter(settles).take(100).collect();
    if recipients.is_empty() {
        return old_fashioned(letter, at_ms);
    }
    let remote = original(letter).or_else(|| returned_in(said(letter)))?;
    let events = recipients.into_iter().map(|fields| recipient(fields, &remote, at_ms)).collect();
    Some((remote, events))
}

fn recipient(fields: &[MailField], remote: &str, at_ms: i64) -> Event {
    let action = field(fields, "action").unwrap_or_default().trim().to_ascii_lowercase();
    let status = field(fields, "status").unwrap_or_default();
    let diagnostic = field(fields, "diagnostic-code").unwrap_or_default();
    let state = match action.split([' ', '(', ';']).next().unwrap_or_default() {
        "failed" | "expired" => "failed",
        "delivered" => "delivered",
        "delayed" => return unknown("delivery_delayed"),
        "relayed" | "expanded" => return unknown("delivery_relayed"),
        _ if status.trim().starts_with('5') => "failed",
        _ => return unknown("delivery_status"),
    };
    let failed = state == "failed";
    let said = diagnostic.split_once(';').map_or(diagnostic, |(_, said)| said);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    status_event(remote, state, failed.then(|| code(status, &said)), Some(said.as_str()).filter(|_| failed), at_ms)
}

fn status_event(remote: &str, state: &str, code: Option<&str>, said: Option<&str>, at_ms: i64) -> Event {
    let said = said.filter(|said| !said.is_empty());
    Event::Status(StatusChange {
        remote: Some(remote.to_owned()),
        state: state.to_owned(),
        code: code.map(str::to_owned),
        detail: said.map(|said| said.chars().take(LONGEST_DETAIL).collect()),
        at_ms,
        ..StatusChange::default()
    })
}

fn unknown(kind: &str) -> Event {
    Event::Unknown { kind: kind.to_owned() }
}

/// Our code for a status (RFC 3463) and the words beside it.
fn code(status: &str, said: &str) -> &'static str {
    // What the refusing server itself wrote is closer than what the returning one made of it.
    let near = enhanced(said).filter(|near| status.trim().get(..1).is_none_or(|class| near.starts_with(class)));
    let status = near.as_deref().filter(|near| !is_vague(near)).unwrap_or(status).trim();
    let detail = status.split_once('.').map_or("", |(_, detail)| detail);
    let detail = detail.split([' ', '(']).next().unwrap_or_default();
    match detail {
        "1.2" | "4.4" => "domain_unknown",
        "1.1" | "1.3" | "1.6" | "1.10" => {
            phrases::code(said).filter(|code| *code == "mailbox_full").unwrap_or("mailbox_unknown")
        }
        "2.1" => phrases::code(said).filter(|code| *code == "mailbox_unknown").unwrap_or("mailbox_disabled"),
        "2.2" => "mailbox_full",
        "2.3" | "3.4" => "too_large",
        "4.7" | "4.1" => "delivery_expired",
        "4.6" => "mail_loop",
        // It is the sender that is not taken.
        "1.7" | "1.8" => "refused_by_policy",
        // Some say 5.7.1 of everything they refuse.
        _ if detail.starts_with("7.") => phrases::code(said).unwrap_or("refused_by_policy"),
        _ => phrases::code(said).unwrap_or("bounced"),
    }
}

fn is_vague(status: &str) -> bool {
    status.is_empty() || status.ends_with(".0.0") || status.ends_with(".5.0")
}

/// A status code within words: `550 5.1.1 User unknown`.
fn enhanced(said: &str) -> Option<String> {
    let mut words = said.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let found = words.find(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3 && matches!(parts[0], "4" | "5") && parts[1..].iter().all(|part| (1..=3).contains(&part.len()))
    });
    found.map(str::to_owned)
}

/// The id of the mail that this one is about.
fn original(letter: &Letter) -> Option<String> {
    let returned = field(&letter.report.returned, "message-id").and_then(ids::first);
    returned.or_else(|| letter.header("x-original-message-id").and_then(ids::first)).or_else(|| ids::answered(letter))
}

/// Servers that write their notes for people: qmail, old Exim, Courier, groupware.
fn old_fashioned(letter: &Letter, at_ms: i64) -> Option<(String, Vec<Event>)> {
    let subject = letter.header("subject").unwrap_or_default();
    let daemon = machine::is_from_daemon(letter);
    if !daemon && !letter.is_from_null() {
        return None;
    }
    let text = said(letter);
    let enclosed = field(&letter.report.returned, "message-id").and_then(ids::first).or_else(|| returned_in(text));
    let above: Vec<&str> = text.lines().map(str::trim).take_while(|line| !begins_returned(line)).collect();
    let line = above.iter().copied().find(|line| enhanced(line).is_some() || phrases::code(line).is_some());
    let failed = letter.header("x-failed-recipients").is_some() || phrases::is_undelivered_subject(subject);
    let delayed = phrases::is_delayed_subject(subject);
    // Whatever it calls itself: the machine returns a mail, and says why.
    let returned = daemon && letter.report.kind.is_none() && enclosed.is_some() && line.is_some();
    if !failed && !delayed && !returned {
        return None;
    }
    let remote = enclosed.or_else(|| original(letter))?;
    if delayed && !failed {
        return Some((remote, vec![unknown("delivery_delayed")]));
    }
    let code = line.map_or_else(|| code("", &above.join(" ")), |line| code("", line));
    let event = status_event(&remote, "failed", Some(code), line, at_ms);
    Some((remote, vec![event]))
}

/// The words of a note.
fn said(letter: &Letter) -> &str {
    let text = letter.text.as_ref().map_or("", |words| words.text.as_str());
    &text[..text.floor_char_boundary(LOOKED_THROUGH)]
}

/// What a returned mail begins with.
const RETURNED: [&str; 9] = [
    "received:",
    "return-path:",
    "message-id:",
    "from:",
    "subject:",
    "date:",
    "dkim-signature:",
    "mime-version:",
    "x-received:",
];

/// Whether the header of a returned mail begins here.
fn begins_returned(line: &str) -> bool {
    let line = line.trim_start_matches(['>', ' ']).to_ascii_lowercase();
    RETURNED.iter().any(|name| line.starts_with(name))
}

/// The id of a mail that is returned as text.
fn returned_in(text: &str) -> Option<String> {
    let line = text.lines().find(|line| {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:"))
    })?;
    ids::first(line.split_once(':')?.1)
}

/// Somebody told their provider that they do not want mail like this. Whom it concerns is told by the mail of ours that comes
/// back, and by nothing else: addresses are written by anybody.
fn complaint(letter: &Letter, at_ms: i64, ours: &dyn Fn(&str) -> bool) -> Option<Vec<Event>> {
    let report = &letter.report;
    let kind = field(&report.feedback, "feedback-type").unwrap_or_default().trim().to_ascii_lowercase();
    let remote = field(&report.returned, "message-id").and_then(ids::first).filter(|id| ours(id))?;
    Some(vec![match kind.as_str() {
        "abuse" | "fraud" | "opt-out" | "opt-out-list" | "other" | "miscategorized" => {
            status_event(&remote, StatusChange::COMPLAINED, None, None, at_ms)
        }
        "not-spam" => unknown("complaint_taken_back"),
        _ => unknown("feedback_report"),
    }])
}
