//! What a provider's policy forbids in what is sent over it ([`Forbids`]), found in texts.

mod file;

pub use file::Reading;

use crate::{Content, Forbids, SendError, TemplateUse, health, payment_card};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// A full card number, or a card's security code.
    CardNumber,
    /// What somebody's health is like.
    HealthData,
}

impl Forbidden {
    /// The stable code of its refusal.
    pub fn code(self) -> &'static str {
        match self {
            Self::CardNumber => "card_number",
            Self::HealthData => "health_data",
        }
    }

    /// What such a code stands for.
    pub fn of(code: &str) -> Option<Self> {
        [Self::CardNumber, Self::HealthData].into_iter().find(|one| one.code() == code)
    }

    /// Whether it is among these.
    pub fn is_of(self, forbids: Forbids) -> bool {
        match self {
            Self::CardNumber => forbids.card_numbers,
            Self::HealthData => forbids.special_categories,
        }
    }

    /// What the member is told whose message has it.
    pub fn why(self) -> &'static str {
        match self {
            Self::CardNumber => {
                "This, or a file with it, has a full card number or a card's security code, which this channel's provider \
                 forbids. Take it out: the last four digits may stay, and a payment link takes the rest."
            }
            Self::HealthData => {
                "This, or a file with it, says something of somebody's health, which this channel's provider forbids. Take it \
                 out, or write by another channel."
            }
        }
    }
}

/// What a text has that is forbidden, if anything.
pub fn in_text(forbids: Forbids, text: &str) -> Option<Forbidden> {
    if forbids.card_numbers && payment_card::is_in(text) {
        return Some(Forbidden::CardNumber);
    }
    (forbids.special_categories && health::is_in(text)).then_some(Forbidden::HealthData)
}

/// Why this may not be sent: [`SendError::Refused`] with the code of what is forbidden in it.
pub fn refusal(forbids: Forbids, content: &Content) -> Option<SendError> {
    let found = said(content).into_iter().find_map(|text| in_text(forbids, text))?;
    Some(SendError::Refused { code: found.code().to_owned(), why: found.why().to_owned() })
}

/// Everything in a content that somebody reads, or that comes back from them.
fn said(content: &Content) -> Vec<&str> {
    match content {
        Content::Text { text, buttons } => {
            let buttons = buttons.iter().flatten().flat_map(on_button).flatten();
            std::iter::once(text).chain(buttons).map(String::as_str).collect()
        }
        Content::Files { files, caption } => {
            files.iter().map(|file| file.name.as_str()).chain(caption.as_deref()).collect()
        }
        Content::Place(place) => [&place.name, &place.address].into_iter().filter_map(|it| it.as_deref()).collect(),
        Content::Card(card) => {
            std::iter::once(&card.name).chain(&card.phones).chain(&card.emails).map(String::as_str).collect()
        }
        Content::Edit { text, .. } => vec![text],
        Content::Template(used) => in_template(used),
        Content::List { text, open, sections } => {
            let rows = sections.iter().flat_map(|section| &section.rows);
            let rows = rows.flat_map(|row| [Some(&row.label), Some(&row.data), row.description.as_ref()]).flatten();
            let titles = sections.iter().map(|section| &section.title);
            [text, open].into_iter().chain(titles).chain(rows).map(String::as_str).collect()
        }
        // An emoji, and what else somebody puts there.
        Content::Reaction { emoji, .. } => emoji.as_deref().into_iter().collect(),
        Content::Remove { .. } | Content::Typing { .. } | Content::Seen { .. } | Content::AnswerChoice { .. } => {
            Vec::new()
        }
    }
}

fn on_button(button: &crate::Button) -> [Option<&String>; 3] {
    [Some(&button.label), button.data.as_ref(), button.url.as_ref()]
}

fn in_template(used: &TemplateUse) -> Vec<&str> {
    let body = used.body.iter().map(|(_, value)| value.as_str());
    let buttons = used.buttons.iter().map(|button| button.value.as_str());
    let file = used.file.iter().map(|file| file.name.as_str());
    let whole = std::iter::once(used.rendered.as_str());
    whole.chain(used.header.as_deref()).chain(body).chain(buttons).chain(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_content_is_looked_at() {
        let card = || "4111 1111 1111 1111".to_owned();
        let button = crate::Button { label: "Si".into(), data: Some(card()), url: None };
        let file = crate::OutFile {
            blob: crate::BlobHandle("att_1".into()),
            name: format!("{}.pdf", card()),
            content_type: "application/pdf".into(),
            size: 1,
        };
        let row = crate::Row { label: "x".into(), data: "y".into(), description: Some(card()) };
        let sections = vec![crate::Section { title: String::new(), rows: vec![row] }];
        for content in [
            Content::Text { text: card(), buttons: Vec::new() },
            Content::Text { text: "x".into(), buttons: vec![vec![button]] },
            Content::Files { files: vec![file], caption: None },
            Content::Files { files: Vec::new(), caption: Some(card()) },
            Content::Edit { remote: "r".into(), text: card() },
            Content::List { text: "x".into(), open: "y".into(), sections },
            Content::Reaction { remote: "r".into(), emoji: Some(card()) },
            Content::Card(crate::Card { name: "Ada".into(), phones: vec![card()], emails: Vec::new() }),
        ] {
            let refused = refusal(Forbids::WHATSAPP, &content);
            assert!(matches!(refused, Some(SendError::Refused { code, .. }) if code == "card_number"));
            assert_eq!(refusal(Forbids::NOTHING, &content), None);
        }
        let text = |text: &str| Content::Text { text: text.into(), buttons: Vec::new() };
        let ill = refusal(Forbids::WHATSAPP, &text("Your asthma is noted."));
        assert!(matches!(ill, Some(SendError::Refused { code, .. }) if code == "health_data"));
        for content in [Content::Reaction { remote: card(), emoji: Some("👍".into()) }, text("ciao")] {
            assert_eq!(refusal(Forbids::WHATSAPP, &content), None);
        }
    }
}
