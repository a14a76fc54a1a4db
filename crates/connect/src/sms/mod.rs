//! What short messages are, whoever carries them: how long a text really is ([`count`]), with which words people refuse and
//! ask for messages ([`Wish`]), and what is done about a carrier's refusal (`refusal`).

mod alphabet;
mod person;
pub(crate) mod refusal;
mod segments;
mod words;

pub(crate) use person::{is_short_code, person, recipient};
pub use segments::{Encoding, Segments, count};
pub use words::{LANGUAGES, Wish, Words, hears, refuses};

/// What a file is to a reader, by its claimed type.
pub(crate) fn role(content_type: Option<&str>) -> String {
    let kind = content_type.unwrap_or_default();
    let role = match kind.split(['/', ';']).next().unwrap_or_default() {
        "audio" if kind.starts_with("audio/ogg") => "voice",
        known @ ("image" | "audio" | "video") => known,
        _ => "file",
    };
    role.to_owned()
}
