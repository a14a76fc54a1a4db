//! Templates: texts that a provider has approved beforehand, and that alone may be sent when its window has closed.

mod draft;

use serde::{Deserialize, Serialize};

use crate::OutFile;
pub use draft::{Fault, TemplateDraft, TemplateDraftButton};

/// A template as the provider has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The provider's id.
    pub remote: String,
    /// Its name, unique with its language.
    pub name: String,
    /// Its language, as the provider writes it (`it`, `en_US`).
    pub language: String,
    /// What the provider counts it as.
    pub category: TemplateCategory,
    /// Where it stands.
    pub status: TemplateStatus,
    /// The provider's word on its quality, in lower case; `None` if it says nothing.
    pub quality: Option<String>,
    /// Why it was refused, in the provider's code in lower case.
    pub reason: Option<String>,
    /// What stands above the text.
    pub header: Option<TemplateHeader>,
    /// The text, with its variables as `{{1}}` or `{{name}}`.
    pub body: String,
    /// What stands below the text.
    pub footer: Option<String>,
    /// Buttons, in order.
    pub buttons: Vec<TemplateButton>,
}

/// What stands above a template's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TemplateHeader {
    /// A line of text, with at most one variable.
    Text {
        /// The line.
        text: String,
    },
    /// A file, chosen at each sending: `image`, `video`, `document`.
    File {
        /// Which kind of file.
        role: String,
    },
    /// A place, chosen at each sending.
    Place,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, …: the provider's word in lower case.
    pub kind: String,
    /// What it says.
    pub label: String,
    /// Where it leads, with its variable as `{{1}}`, or the number it calls.
    pub target: Option<String>,
}

/// What a provider counts a template as. It decides which consent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCategory {
    /// Advertises.
    Marketing,
    /// Concerns something the contact has ordered or asked for.
    Utility,
    /// Brings a one-time code.
    Authentication,
}

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    /// The provider is looking at it.
    Pending,
    /// It can be sent.
    Approved,
    /// It was refused; the reason says why.
    Rejected,
    /// Recipients complained: it rests for a while.
    Paused,
    /// It cannot be sent any more.
    Disabled,
    /// It was taken back.
    Deleted,
}

/// A template with its variables filled in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What the provider counts it as, where that is known.
    #[serde(default)]
    pub category: Option<TemplateCategory>,
    /// Which kind of file its header takes ([`TemplateHeader::File`]), where that is known.
    #[serde(default)]
    pub file_role: Option<String>,
    /// The header's variable.
    pub header: Option<String>,
    /// What the header's variable is called, where the template's variables have names.
    pub header_name: Option<String>,
    /// The header's file.
    pub file: Option<OutFile>,
    /// The header's place.
    pub place: Option<crate::Place>,
    /// The text's variables: by position (`1`, `2`, …) or by name.
    pub body: Vec<(String, String)>,
    /// The variables of buttons.
    pub buttons: Vec<TemplateButtonUse>,
    /// The whole text as the contact will read it.
    pub rendered: String,
}

/// The variable of one button of a template.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButtonUse {
    /// The button's place in the template, counted from 0.
    pub index: u32,
    /// Its [`TemplateButton::kind`].
    pub kind: String,
    /// What stands for its variable: the end of a URL, a code, what comes back when it is tapped.
    pub value: String,
}

impl std::fmt::Debug for TemplateUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TemplateUse({}, …)", self.name)
    }
}

impl TemplateCategory {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
        }
    }
}

impl TemplateCategory {
    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Marketing, Self::Utility, Self::Authentication].into_iter().find(|known| known.as_str() == word)
    }
}

impl TemplateStatus {
    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Rejected, Self::Paused, Self::Disabled, Self::Deleted]
            .into_iter()
            .find(|known| known.as_str() == word)
    }

    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }
}
