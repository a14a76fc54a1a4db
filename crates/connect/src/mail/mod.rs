//! What all connectors of mail share: reading mails, and writing them.
//!
//! A raw mail becomes a [`Letter`] ([`read`]), a letter becomes [`events`], and those are what a connector keeps as the
//! request that its `parse` reads back ([`keep`], [`parse`]). Everything is total: any bytes are a letter, however poor.

mod read;
mod structure;

mod address;
mod charset;
mod coded;
mod date;
mod header;
mod params;
mod transfer;

mod body;
mod calendar;
mod entities;
mod file_name;
mod flowed;
mod html;
mod tnef;

mod letter;

mod authenticity;
mod bounce;
mod events;
mod fold;
mod ids;
mod machine;
mod phrases;
mod phrases_of_machines;
mod theirs;

pub(crate) mod alias;
pub(crate) mod removal;
pub(crate) mod settings;
pub(crate) mod thread;
pub(crate) mod write;

#[cfg(test)]
mod corpus;

pub(crate) use authenticity::NAMELESS;
pub(crate) use events::{Own, events, keep, parse, withheld};
pub(crate) use ids::{UNNAMED, own as message_id};
pub(crate) use letter::{Letter, LetterFile};
pub(crate) use read::read;
pub(crate) use theirs::left;

use machine::LOOP_FIELD;
use read::LONGEST_FIELD;

/// Characters that change the order or the look of what stands beside them, so that a reader sees another name.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
