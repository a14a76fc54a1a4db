//! Templates as callers see them.

use connect::{Template, TemplateHeader};
use serde::Serialize;
use utoipa::ToSchema;

use super::time;

/// A template of a channel, as its provider has it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct TemplateView {
    pub name: String,
    /// As the provider writes it (`it`, `en_US`).
    pub language: String,
    /// `marketing` (needs the contact's consent to it), `utility` or `authentication`.
    pub category: String,
    /// `approved` (it can be sent), `pending`, `rejected`, `paused`, `disabled` or `deleted`.
    pub status: String,
    /// The provider's word on its quality.
    pub quality: Option<String>,
    /// The provider's code for why it was refused.
    pub reason: Option<String>,
    pub header: Option<TemplateHeaderView>,
    /// The text, with its variables as `{{1}}` or `{{name}}`.
    pub body: String,
    /// The names of the text's variables, in order.
    pub variables: Vec<String>,
    pub footer: Option<String>,
    pub buttons: Vec<TemplateButtonView>,
    /// When the provider last said something new of it.
    pub updated_at: String,
}

/// What stands above a template's text.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateHeaderView {
    /// `text`, `place`, or the kind of file to be given: `image`, `video`, `document`.
    pub kind: String,
    /// The line of text.
    pub text: Option<String>,
    /// The name of its variable, if it has one.
    pub variable: Option<String>,
}

/// A button of a template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateButtonView {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, …
    pub kind: String,
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub target: Option<String>,
    /// Whether a value must be given when it is sent.
    pub needs_value: bool,
}

impl TemplateView {
    /// A kept template with what its provider described.
    pub fn of(kept: &vault::templates::Template, described: Template) -> Self {
        let button = |button: connect::TemplateButton| TemplateButtonView {
            needs_value: engine::templates::needs_value(&button),
            kind: button.kind,
            label: button.label,
            target: button.target,
        };
        Self {
            name: described.name,
            language: described.language,
            category: described.category.as_str().to_owned(),
            status: described.status.as_str().to_owned(),
            quality: described.quality,
            reason: described.reason,
            header: described.header.map(header),
            variables: engine::templates::variables_of(&described.body),
            body: described.body,
            footer: described.footer,
            buttons: described.buttons.into_iter().map(button).collect(),
            updated_at: time(kept.updated_at),
        }
    }
}

fn header(header: TemplateHeader) -> TemplateHeaderView {
    match header {
        TemplateHeader::Text { text } => TemplateHeaderView {
            kind: "text".to_owned(),
            variable: engine::templates::variables_of(&text).into_iter().next(),
            text: Some(text),
        },
        TemplateHeader::File { role } => TemplateHeaderView { kind: role, text: None, variable: None },
        TemplateHeader::Place => TemplateHeaderView { kind: "place".to_owned(), text: None, variable: None },
    }
}
