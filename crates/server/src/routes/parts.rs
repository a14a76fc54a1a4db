//! The parts of a message as a caller orders them, and what is stored of them.

use engine::templates::Filled;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use vault::Personal;
use vault::messages::{Button, Card, List, Place, Row, Section};

use crate::problem::ApiError;

/// A button below a message: with `data`, which comes back when it is tapped, or a `url` that it leads to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ButtonOrder {
    label: String,
    data: Option<String>,
    url: Option<String>,
}

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrder {
    latitude: f64,
    longitude: f64,
    name: Option<String>,
    address: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOrder {
    name: String,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    emails: Vec<String>,
}

/// A list to choose one row from, behind a button below the text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceOrder {
    /// What the button says.
    button: String,
    sections: Vec<SectionOrder>,
}

/// A part of a list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SectionOrder {
    #[serde(default)]
    title: String,
    rows: Vec<RowOrder>,
}

/// A row of a list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RowOrder {
    label: String,
    /// What comes back when it is chosen.
    data: String,
    description: Option<String>,
}

/// A template with its variables.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateOrder {
    name: String,
    language: String,
    /// The text's variables: an array where they are numbered, an object where they have names.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Value,
    header: Option<HeaderOrder>,
    #[serde(default)]
    buttons: Vec<ButtonValueOrder>,
}

/// What a template's header is filled with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeaderOrder {
    /// The variable of a header of text.
    text: Option<String>,
    /// The id of an uploaded file.
    attachment: Option<String>,
    place: Option<PlaceOrder>,
}

/// The variable of a template's button.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ButtonValueOrder {
    /// The button's place in the template, from 0.
    index: u32,
    value: String,
}

impl TemplateOrder {
    /// What is to be filled in, and the attachment of the header.
    pub(super) fn filled(self) -> Result<(Filled, Option<String>), ApiError> {
        let header = self.header.unwrap_or(HeaderOrder { text: None, attachment: None, place: None });
        let filled = Filled {
            name: self.name,
            language: self.language,
            variables: Personal::new(variables(self.variables)?),
            header: header.text.map(Personal::new),
            file: false,
            place: header.place.map(|place| Personal::new(place.into())),
            buttons: Personal::new(self.buttons.into_iter().map(|button| (button.index, button.value)).collect()),
        };
        Ok((filled, header.attachment))
    }
}

/// Numbered variables count from 1.
fn variables(given: Value) -> Result<Vec<(String, String)>, ApiError> {
    let wrong = || ApiError::field("template.variables", "an array of texts, or an object of texts by name");
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(wrong()),
    };
    match given {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => {
            values.into_iter().enumerate().map(|(index, value)| Ok(((index + 1).to_string(), text(value)?))).collect()
        }
        Value::Object(values) => values.into_iter().map(|(name, value)| Ok((name, text(value)?))).collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(wrong()),
    }
}

impl From<ChoiceOrder> for List {
    fn from(order: ChoiceOrder) -> Self {
        let row = |row: RowOrder| Row { label: row.label, data: row.data, description: row.description };
        let section =
            |section: SectionOrder| Section { title: section.title, rows: section.rows.into_iter().map(row).collect() };
        Self { open: order.button, sections: order.sections.into_iter().map(section).collect() }
    }
}

impl From<ButtonOrder> for Button {
    fn from(order: ButtonOrder) -> Self {
        Self { label: order.label, data: order.data, url: order.url }
    }
}

impl From<PlaceOrder> for Place {
    fn from(order: PlaceOrder) -> Self {
        Self { latitude: order.latitude, longitude: order.longitude, name: order.name, address: order.address }
    }
}

impl From<CardOrder> for Card {
    fn from(order: CardOrder) -> Self {
        Self { name: order.name, phones: order.phones, emails: order.emails }
    }
}
