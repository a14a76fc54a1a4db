//! Header fields: no value can end its line, everything else than ASCII is encoded (RFC 2047, 2231), and lines are folded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::address::quoted;

/// A line is folded before this many characters (RFC 5322, 2.1.1).
const FOLD: usize = 76;
/// How many bytes of a text go into one encoded word, which may have 75 characters.
const WORD_BYTES: usize = 42;
/// How many characters of a file's name go on one line.
const NAME_LINE: usize = 55;
/// The longest name of a file, in characters.
const NAME: usize = 180;

/// A text on one line: whatever is white space, a control or a line's end becomes one space.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A field with a text as people write it.
pub(super) fn text(name: &str, text: &str) -> String {
    let text = one_line(text);
    let words: Vec<String> = if plain(&text) { text.split(' ').map(str::to_owned).collect() } else { encoded(&text) };
    folded(name, &words)
}

/// A field with one address, whose `address` is as [`super::wire`] writes it, and the name beside it.
pub(super) fn mailbox(name: &str, person: &str, address: &str) -> String {
    let person = one_line(person);
    let mut words = match person.as_str() {
        "" => return folded(name, &[address.to_owned()]),
        person if plain(person) && person.len() < 60 => vec![quoted(person)],
        person => encoded(person),
    };
    words.push(format!("<{address}>"));
    folded(name, &words)
}

/// A field with ids of messages; nothing where there is none.
pub(super) fn ids(name: &str, ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("<{id}>")).collect();
    if ids.is_empty() { String::new() } else { folded(name, &ids) }
}

/// The field `Date` (RFC 5322, 3.3).
pub(super) fn date(now_ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    format!("Date: {}\r\n", moment.strftime("%a, %d %b %Y %H:%M:%S +0000"))
}

/// Whether a remote is a Message-ID that can be named. One that was made of a mail without any is not.
pub(super) fn is_id(remote: &str) -> bool {
    let sound = |byte: u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'<' | b'>');
    remote.bytes().all(sound) && (1..=900).contains(&remote.len()) && remote.contains('@')
}

/// Whether an address on the web can stand in a field.
pub(super) fn is_link(url: &str) -> bool {
    let sound = |byte: u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'<' | b'>' | b',');
    url.starts_with("https://") && url.len() <= 900 && url.bytes().all(sound)
}

/// The fields that say of a part that it is a file, and what it is called.
pub(super) fn file(name: &str, content_type: &str) -> String {
    format!(
        "Content-Type: {}\r\nContent-Disposition: attachment{}\r\nContent-Transfer-Encoding: base64\r\n",
        kind(content_type),
        file_name(name)
    )
}

/// The type of a file, or that it may be anything: what is no type, and what may not be encoded in base64 (RFC 2046, 5.2.1).
fn kind(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let sound = essence.len() <= 200
        && essence
            .split_once('/')
            .is_some_and(|(kind, rest)| token(kind) && token(rest) && !matches!(kind, "message" | "multipart"));
    if sound { essence } else { "application/octet-stream".to_owned() }
}

/// The parameters that name a file: as it is, or encoded and once more in ASCII for who reads nothing else.
fn file_name(name: &str) -> String {
    let name: String = one_line(name).replace(['/', '\\'], "_").chars().take(NAME).collect();
    let name = if name.is_empty() { "file".to_owned() } else { name };
    let simple = name.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'%' | b'?'));
    if simple && name.len() <= NAME_LINE {
        return format!(";\r\n filename=\"{name}\"");
    }
    let bare: String =
        name.chars().map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '%' | '?') { c } else { '_' }).collect();
    format!("{};\r\n filename=\"{}\"", continued(&name), shortened(&bare))
}

/// `filename*`, over several lines where it is long (RFC 2231, 3 and 4.1).
fn continued(name: &str) -> String {
    let mut lines = vec!["utf-8''".to_owned()];
    for letter in name.chars() {
        let mut bytes = [0; 4];
        let escaped = letter.encode_utf8(&mut bytes).bytes().map(escaped).collect::<Vec<_>>().concat();
        match lines.last_mut() {
            Some(line) if line.len() + escaped.len() <= NAME_LINE => line.push_str(&escaped),
            _ => lines.push(escaped),
        }
    }
    match &lines[..] {
        [line] => format!(";\r\n filename*={line}"),
        lines => {
            let lines = lines.iter().enumerate().map(|(at, line)| format!(";\r\n filename*{at}*={line}"));
            lines.collect::<Vec<_>>().concat()
        }
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

/// A name in ASCII of one line's length, with its ending.
fn shortened(name: &str) -> String {
    if name.len() <= NAME_LINE {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 10);
    let begin = name.get(..40).unwrap_or(name);
    ending.map_or_else(|| begin.to_owned(), |ending| format!("{begin}.{ending}"))
}

/// Whether a text can stand as it is: it is printable, nobody takes it for an encoded word, and it can be folded.
fn plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !text.contains("=?")
        && text.split(' ').all(|w| w.len() < 60)
}

/// The text as encoded words (RFC 2047, 2): none is cut within a character.
fn encoded(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + letter.len_utf8() <= WORD_BYTES => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    words.into_iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect()
}

/// A field whose words are parted by single spaces, some of which begin a line.
fn folded(name: &str, words: &[String]) -> String {
    let mut field = format!("{name}:");
    let mut width = field.len();
    for word in words {
        // A first line with nothing on it but the name is a line that some programs mangle: there it is never folded.
        if width + 1 + word.len() > FOLD && width > name.len() + 1 {
            field.push_str("\r\n");
            width = 0;
        }
        field.push(' ');
        field.push_str(word);
        width += 1 + word.len();
    }
    field + "\r\n"
}
