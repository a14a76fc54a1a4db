//! What came while nobody answered: Twilio's list of messages (<https://www.twilio.com/docs/messaging/api/message-resource>), asked
//! now and then. What the hook brought is in it, too, and is known by its id.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parse::WHATSAPP;
use super::{Medium, api, hook};
use crate::json::{list, string, text};
use crate::{Account, Call, Ctx, HttpCall, Method, Polled, Reply, SendError, Step, Verified, identity};

/// When a message of the list came, beside what the hook would say of it, in Unix milliseconds.
pub(super) const AT: &str = "DateSentMs";
/// How far back is looked beyond where asking goes on, in milliseconds: a message may be in the list later than its time says.
const OVERLAP_MS: i64 = 10 * 60_000;
/// Messages on the first page, and on those of a longer list.
const PAGES: [u32; 2] = [100, 1_000];
/// Pages that are read of a longer list.
const MOST_PAGES: usize = 5;
/// Messages that are brought at a time.
const TOGETHER: usize = 100;
/// Messages with files that are brought at a time: a call for each.
const WITH_FILES: usize = 8;
/// The largest page, in bytes.
const PAGE_BYTES: u64 = 8 << 20;

/// Where asking goes on.
#[derive(Clone, Serialize, Deserialize)]
struct Cursor {
    /// When the channel was first asked, in Unix milliseconds: what came before stays where it is.
    start_ms: i64,
    /// All before this was brought.
    from_ms: i64,
    /// The ids of what is in the list again the next time.
    #[serde(default)]
    seen: Vec<String>,
}

impl Cursor {
    fn since_ms(&self) -> i64 {
        self.start_ms.max(self.from_ms.saturating_sub(OVERLAP_MS))
    }
}

/// A message of the list.
struct Listed {
    sid: String,
    at_ms: i64,
    entry: Value,
}

impl Listed {
    fn has_files(&self) -> bool {
        text(&self.entry, "/num_media").is_some_and(|count| count != "0")
    }
}

/// What came since, oldest first, and the replies after those that told it.
type Read<'a> = (Vec<Listed>, &'a [Reply]);

/// The next step of asking. What is refused, or not answered, is asked again the next time: the hook works without it.
pub(super) fn poll(
    ctx: &Ctx,
    account: &Account,
    medium: Medium,
    cursor: Option<&str>,
    replies: &[Reply],
) -> Step<Polled> {
    let cursor = cursor.and_then(|cursor| serde_json::from_str::<Cursor>(cursor).ok());
    let Some(cursor) = cursor else {
        let now = ctx.now_ms;
        return done(Vec::new(), &Cursor { start_ms: now, from_ms: now, seen: Vec::new() }, false);
    };
    match ask(ctx, account, medium, &cursor, replies) {
        Ok(step) => step,
        Err(error @ (SendError::Reauthorise | SendError::Throttled(_))) => Step::Fail(error),
        Err(_) => done(Vec::new(), &cursor, false),
    }
}

fn done(requests: Vec<Verified>, cursor: &Cursor, more: bool) -> Step<Polled> {
    Step::Done(Polled { requests, cursor: serde_json::to_string(cursor).unwrap_or_default(), more })
}

fn ask(
    ctx: &Ctx,
    account: &Account,
    medium: Medium,
    cursor: &Cursor,
    replies: &[Reply],
) -> Result<Step<Polled>, SendError> {
    let (listed, rest) = match all(account, medium, cursor, replies)? {
        Step::Done(read) => read,
        Step::Call(call) => return Ok(Step::Call(call)),
        Step::Fail(error) => return Err(error),
    };
    let fresh: Vec<&Listed> = listed.iter().filter(|message| !cursor.seen.contains(&message.sid)).collect();
    let brought = at_a_time(&fresh);
    let (mut files, mut requests) = (rest.iter(), Vec::new());
    for message in brought {
        let media = match if message.has_files() { Some(files.next()) } else { None } {
            None => Value::Null,
            Some(Some(reply)) => media(reply)?,
            Some(None) => return files_of(account, medium, message).map(|call| Step::Call(Call::Http(call))),
        };
        requests.extend(request(account, message, &media));
    }
    let more = brought.len() < fresh.len();
    let from_ms = match brought.last() {
        Some(last) if more => last.at_ms,
        _ => ctx.now_ms,
    };
    let mut next = Cursor { start_ms: cursor.start_ms, from_ms, seen: Vec::new() };
    let known = |message: &&Listed| {
        message.at_ms >= next.since_ms()
            && (cursor.seen.contains(&message.sid) || brought.iter().any(|brought| brought.sid == message.sid))
    };
    next.seen = listed.iter().filter(known).map(|message| message.sid.clone()).collect();
    Ok(done(requests, &next, more))
}

/// The oldest, as many as are brought together.
fn at_a_time<'a, 'b>(fresh: &'b [&'a Listed]) -> &'b [&'a Listed] {
    let mut with_files = 0;
    let most = fresh.iter().take(TOGETHER).take_while(|message| {
        with_files += usize::from(message.has_files());
        with_files <= WITH_FILES
    });
    fresh.get(..most.count()).unwrap_or(fresh)
}

/// Reads the list since then. Twilio names the newest first.
fn all<'a>(
    account: &Account,
    medium: Medium,
    cursor: &Cursor,
    replies: &'a [Reply],
) -> Result<Step<Read<'a>>, SendError> {
    let since_ms = cursor.since_ms();
    let mut found = Vec::new();
    let mut url = first(account, since_ms, PAGES[0])?;
    for (index, reply) in replies.iter().enumerate() {
        let page = api::read(reply, true).map_err(api::error)?;
        let entries = list(&page, "/messages");
        found.extend(entries.iter().filter_map(|entry| listed(account, medium, entry)));
        let reached = entries.iter().filter_map(moment).any(|at_ms| at_ms < since_ms);
        let following = following(account, &page).filter(|_| !reached && index < MOST_PAGES);
        let Some(following) = following else {
            found.retain(|message| message.at_ms >= since_ms);
            found.sort_by_key(|message| message.at_ms);
            found.dedup_by(|one, other| one.sid == other.sid);
            return Ok(Step::Done((found, replies.get(index + 1..).unwrap_or_default())));
        };
        // Many came: they are read in larger pages from the beginning.
        url = if index == 0 { first(account, since_ms, PAGES[1])? } else { following };
        if index == 0 {
            found.clear();
        }
    }
    let call = api::call(account, medium.missed(), (Method::Get, url), None)?;
    Ok(Step::Call(Call::Http(HttpCall { max_reply: PAGE_BYTES, ..call })))
}

/// The list since a day: Twilio takes no moment. What a messaging service receives comes to numbers that we do not know.
fn first(account: &Account, since_ms: i64, size: u32) -> Result<String, SendError> {
    let day = jiff::Timestamp::from_millisecond(since_ms).unwrap_or_default().strftime("%Y-%m-%d");
    let sender = account.setting("number");
    let to: String = match to(account) {
        Some(number) => form_urlencoded::byte_serialize(number.as_bytes()).collect(),
        None if api::is_sid(sender) => String::new(),
        None => return Err(SendError::Unsupported),
    };
    let to = if to.is_empty() { to } else { format!("To={to}&") };
    api::url(account, &format!("/Messages.json?{to}DateSent%3E={day}&PageSize={size}"))
}

/// The number that is written to, as Twilio's list has it; `None` for what is no number.
fn to(account: &Account) -> Option<String> {
    let given = account.setting("number");
    let number = given.strip_prefix(WHATSAPP).unwrap_or(given);
    identity::phone(number).filter(|phone| phone == number)
}

/// The next page, if it is of the same list.
fn following(account: &Account, page: &Value) -> Option<String> {
    let path = text(page, "/next_page_uri").filter(|path| path.bytes().all(|b| b.is_ascii_graphic()))?;
    let own = api::url(account, "/Messages.json?").ok()?;
    let url = format!("{}{path}", account.base_url);
    url.starts_with(&own).then_some(url)
}

/// An entry of the list, if it came to this channel's sender.
fn listed(account: &Account, medium: Medium, entry: &Value) -> Option<Listed> {
    let sid = string(entry, "/sid").filter(|sid| api::is_sid(sid))?;
    let by_whatsapp = text(entry, "/from")?.starts_with(WHATSAPP);
    let own = match to(account) {
        Some(number) => text(entry, "/to")?.trim_start_matches(WHATSAPP) == number,
        None => text(entry, "/messaging_service_sid") == Some(account.setting("number")),
    };
    let inbound = text(entry, "/direction") == Some("inbound") && by_whatsapp == (medium == Medium::Whatsapp);
    (own && inbound).then(|| Listed { sid, at_ms: moment(entry).unwrap_or(0), entry: entry.clone() })
}

fn moment(entry: &Value) -> Option<i64> {
    let sent = text(entry, "/date_sent").or_else(|| text(entry, "/date_created"))?;
    let sent = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(sent).ok()?;
    Some(sent.as_millisecond().max(0))
}

fn files_of(account: &Account, medium: Medium, message: &Listed) -> Result<HttpCall, SendError> {
    let url = api::url(account, &format!("/Messages/{}/Media.json", message.sid))?;
    api::call(account, medium.missed(), (Method::Get, url), None)
}

/// The files of a message; none if it was deleted meanwhile.
fn media(reply: &Reply) -> Result<Value, SendError> {
    match api::read(reply, true).map_err(api::error) {
        Err(SendError::Refused { .. }) => Ok(Value::Null),
        media => media,
    }
}

/// A message as the hook would have brought it, with its time.
fn request(account: &Account, message: &Listed, media: &Value) -> Option<Verified> {
    let at = |pointer: &str| text(&message.entry, pointer).unwrap_or_default();
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        [("MessageSid", message.sid.as_str()), ("From", at("/from")), ("To", at("/to")), ("Body", at("/body"))]
    {
        form.append_pair(name, value);
    }
    form.append_pair(AT, &message.at_ms.to_string());
    for (index, file) in list(media, "/media_list").iter().enumerate() {
        let sid = text(file, "/sid").filter(|sid| api::is_sid(sid))?;
        let url = api::url(account, &format!("/Messages/{}/Media/{sid}", message.sid)).ok()?;
        form.append_pair(&format!("MediaUrl{index}"), &url);
        form.append_pair(&format!("MediaContentType{index}"), text(file, "/content_type").unwrap_or_default());
    }
    Some(hook::listed(form.finish().into_bytes(), account))
}
