//! What a message says: one sealed JSON.

use serde::{Deserialize, Serialize};

/// The content of a message. Absent parts are not written.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about the message")]
pub struct Body {
    /// Text or caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The same as formatted mail, exactly as it came: nothing was taken out of it. It is shown in a sandbox alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Which of its files stand within `html`: the place among them, and the id by which `cid:` names it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<(usize, String)>,
    /// What a mail is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What a mail carries below its writer's words: the signature and what it quotes. It is not searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// A machine wrote it (an absence note, a receipt): nobody waits for an answer to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// The receiving server found that it does not come from where it says, or nobody can tell.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubtful_sender: bool,
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
    /// The template it was made from; `text` is the whole of it as the contact reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateUse>,
    /// A list to choose from, behind a button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<List>,
    /// The contact passed on what somebody else wrote.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// What brought the contact here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The business wrote it elsewhere: in the provider's own app.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// An edit made it, which came first: what else it was is known once the message comes itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A template with its variables filled in.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateUse {
    /// Its name.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// `marketing`, `utility` or `authentication`, when it was sent.
    pub category: String,
    /// Which kind of file the header takes, if it takes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_role: Option<String>,
    /// The header's variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What the header's variable is called, where variables have names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_name: Option<String>,
    /// The text's variables, by position or name.
    pub variables: Vec<(String, String)>,
    /// The variables of buttons: place from 0, kind, value.
    pub buttons: Vec<(u32, String, String)>,
}

/// A list to choose one row from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// What the button says that opens it.
    pub open: String,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading; may be empty where it is the only one.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it says.
    pub label: String,
    /// What comes back when it is chosen.
    pub data: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The advertisement, post or product that brought a contact here.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Origin {
    /// `ad`, `post` or `product`.
    pub kind: String,
    pub id: Option<String>,
    pub url: Option<String>,
    pub headline: Option<String>,
    pub text: Option<String>,
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

    /// What search and previews read: subject, text, place and cards in one line each.
    pub fn readable(&self) -> String {
        let place = self.place.iter().flat_map(|place| [place.name.as_deref(), place.address.as_deref()]).flatten();
        let cards = self.cards.iter().map(|card| card.name.as_str());
        let lines: Vec<&str> =
            self.subject.as_deref().into_iter().chain(self.text.as_deref()).chain(place).chain(cards).collect();
        lines.join("\n")
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body(…)")
    }
}
