//! What a message says, whatever its form: a text, what can be chosen below it, files.

use crate::{Button, Content, OutFile, SendError};

/// What is said.
pub(super) struct Said<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Below the text.
    pub(super) choices: Vec<Choice<'a>>,
    /// Below everything, in advertising: where it can be ended.
    pub(super) leave: Vec<(&'static str, &'a str)>,
    /// Files.
    pub(super) files: &'a [OutFile],
}

/// What can be chosen below a text: a mail has no buttons, so it leads somewhere, or it is answered by its number.
pub(super) enum Choice<'a> {
    /// A link.
    Link { label: &'a str, url: &'a str },
    /// One of several, numbered from 1.
    Number { number: usize, label: &'a str },
}

impl<'a> Said<'a> {
    /// What a content says.
    pub(super) fn of(content: &'a Content) -> Result<Self, SendError> {
        match content {
            Content::Text { text, buttons } => {
                Ok(Self { text, choices: choices(buttons.iter().flatten()), leave: Vec::new(), files: &[] })
            }
            Content::Files { files, caption } => {
                Ok(Self { text: caption.as_deref().unwrap_or_default(), choices: Vec::new(), leave: Vec::new(), files })
            }
            Content::Place(_)
            | Content::Card(_)
            | Content::Reaction { .. }
            | Content::Edit { .. }
            | Content::Remove { .. }
            | Content::Template(_)
            | Content::List { .. }
            | Content::Typing { .. }
            | Content::Seen { .. }
            | Content::AnswerChoice { .. } => Err(SendError::Unsupported),
        }
    }

    /// Nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.files.is_empty()
    }
}

fn choices<'a>(buttons: impl Iterator<Item = &'a Button>) -> Vec<Choice<'a>> {
    let mut number = 0;
    let choice = |button: &'a Button| {
        if let Some(url) = button.url.as_deref().filter(|url| leads(url)) {
            return Choice::Link { label: &button.label, url };
        }
        number += 1;
        Choice::Number { number, label: &button.label }
    };
    buttons.map(choice).collect()
}

/// Whether an address leads to the web, and to nothing that a browser would do.
pub(super) fn leads(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}
