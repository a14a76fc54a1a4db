//! What a message says: one sealed JSON.

use serde::{Deserialize, Serialize};

/// The content of a message. Absent parts are not written.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// Text or caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Contact cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// What was tapped: the data we gave the button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// Buttons below it, in rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// The text of what it answers, where that is no stored message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The provider's word for what cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// What several messages sent together share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
}

/// A place on earth (WGS 84 degrees).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

/// A contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Card {
    pub name: String,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// A button below a message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Button {
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Body {
    /// A body of text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// What search and previews read: text, place and cards in one line each.
    pub fn readable(&self) -> String {
        let place = self.place.iter().flat_map(|place| [place.name.as_deref(), place.address.as_deref()]).flatten();
        let cards = self.cards.iter().map(|card| card.name.as_str());
        let lines: Vec<&str> = self.text.as_deref().into_iter().chain(place).chain(cards).collect();
        lines.join("\n")
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body(…)")
    }
}
