//! A template before its provider has it: what is handed in, with the examples by which it is judged.

use serde::{Deserialize, Serialize};

use super::{Template, TemplateButton, TemplateCategory, TemplateHeader, TemplateStatus};
use crate::OutFile;

/// A template to be handed in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateDraft {
    /// Its name, unique with its language.
    pub name: String,
    /// Its language, as the provider writes it (`it`, `en_US`).
    pub language: String,
    /// What it is meant as. The provider may count it as another.
    pub category: TemplateCategory,
    /// What stands above the text.
    #[serde(default)]
    pub header: Option<TemplateHeader>,
    /// An example of the variable of a header that is text.
    #[serde(default)]
    pub header_example: Option<String>,
    /// An example of a header that is a file.
    #[serde(default)]
    pub file: Option<OutFile>,
    /// The text, with its variables as `{{1}}` or `{{name}}`.
    pub body: String,
    /// An example of each of the text's variables, by position (`1`, `2`, …) or by name.
    #[serde(default)]
    pub examples: Vec<(String, String)>,
    /// What stands below the text.
    #[serde(default)]
    pub footer: Option<String>,
    /// Buttons, in order.
    #[serde(default)]
    pub buttons: Vec<TemplateDraftButton>,
}

/// A button of a template to be handed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateDraftButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`: a [`TemplateButton::kind`].
    pub kind: String,
    /// What it says; empty where the provider says it.
    #[serde(default)]
    pub label: String,
    /// Where it leads, with its variable as `{{1}}`, or the number it calls.
    #[serde(default)]
    pub target: Option<String>,
    /// An example of its variable: the whole address, or the code.
    #[serde(default)]
    pub example: Option<String>,
}

/// What is wrong with something that was given, before a provider is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as a path (`buttons.0.label`).
    pub field: String,
    /// What is wrong and what to do; never a value.
    pub why: String,
}

impl Fault {
    /// Something wrong in a field.
    pub fn of(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}

impl TemplateDraft {
    /// The template as it is once the provider has it.
    pub fn made(&self, remote: String, status: TemplateStatus, category: Option<TemplateCategory>) -> Template {
        let button = |button: &TemplateDraftButton| TemplateButton {
            kind: button.kind.clone(),
            label: button.label.clone(),
            target: button.target.clone(),
        };
        Template {
            remote,
            name: self.name.clone(),
            language: self.language.clone(),
            category: category.unwrap_or(self.category),
            status,
            quality: None,
            reason: None,
            header: self.header.clone(),
            body: self.body.clone(),
            footer: self.footer.clone(),
            buttons: self.buttons.iter().map(button).collect(),
        }
    }
}

impl std::fmt::Debug for TemplateDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TemplateDraft({}, …)", self.name)
    }
}
