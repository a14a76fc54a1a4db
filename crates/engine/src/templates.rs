//! Templates: kept as the provider has them, and filled in as a member orders. What is wrong with an order is said before
//! anything is recorded, because a provider says it late and in its own words.

#[cfg(test)]
mod tests;

use connect::{Template, TemplateButton, TemplateCategory, TemplateHeader, TemplateStatus, placeholders};
use vault::messages::{Place, TemplateUse};
use vault::templates::{self, NewTemplate};
use vault::{ChannelId, Personal, Tx};

use crate::{Error, Result};

/// How many are kept in one transaction.
pub const AT_ONCE: usize = 100;
/// The longest value of a variable, in characters.
const VALUE_LIMIT: usize = 1_024;
/// Buttons that always take a value: there is nothing to show without one.
const NEEDS_VALUE: [&str; 2] = ["copy_code", "otp"];
/// Buttons that may take a value, which a tap brings back, and what stands for it where none is given; empty: nothing. A form is
/// always sent with one, which its provider calls so where nobody does.
const MAY_TAKE_VALUE: [(&str, &str); 2] = [("quick_reply", ""), ("flow", "unused")];
/// Buttons that are sent with a choice of products or an order, which cannot be given here.
const BEYOND: [&str; 3] = ["mpm", "spm", "order_details"];

/// Keeps some of a channel's templates as its provider has them now. One whose words are none is left out.
pub fn keep(tx: &Tx<'_>, channel: ChannelId, found: &[Template]) -> vault::Result<bool> {
    let mut news = false;
    for template in found {
        match templates::keep(tx, channel, &[stored(template)?]) {
            Ok(changed) => news |= changed,
            Err(vault::Error::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(news)
}

fn stored(template: &Template) -> vault::Result<NewTemplate> {
    let content = serde_json::to_string(template)
        .map_err(|_| vault::Error::Invalid("a template cannot be written as JSON".into()))?;
    Ok(NewTemplate {
        name: template.name.clone(),
        language: template.language.clone(),
        category: template.category.as_str().to_owned(),
        status: template.status.as_str().to_owned(),
        quality: template.quality.clone(),
        reason: template.reason.clone(),
        content: Personal::new(content),
    })
}

/// A kept template as its provider described it, with what it said since.
pub fn described(kept: &templates::Template) -> vault::Result<Template> {
    let mut template: Template =
        serde_json::from_str(kept.content.reveal()).map_err(|_| vault::Error::Seal("a kept template is malformed"))?;
    if let Some(status) = TemplateStatus::parse(&kept.status) {
        template.status = status;
    }
    if let Some(category) = TemplateCategory::parse(&kept.category) {
        template.category = category;
    }
    template.quality.clone_from(&kept.quality);
    template.reason.clone_from(&kept.reason);
    Ok(template)
}

/// What a member orders of a template.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Filled {
    pub name: String,
    pub language: String,
    /// The text's variables, by position (`1`, `2`, …) or by name.
    pub variables: Personal<Vec<(String, String)>>,
    /// The header's variable.
    pub header: Option<Personal<String>>,
    /// Whether a file is given for the header.
    pub file: bool,
    /// The header's place.
    pub place: Option<Personal<Place>>,
    /// Variables of buttons, by the button's place from 0.
    pub buttons: Personal<Vec<(u32, String)>>,
}

/// A template that can be sent.
pub(crate) struct Ready {
    /// What is stored of it.
    pub(crate) used: TemplateUse,
    /// What the contact will read.
    pub(crate) rendered: String,
    /// Its buttons as they will be shown.
    pub(crate) buttons: Vec<TemplateButton>,
}

/// Fills a template in.
///
/// # Errors
/// [`Error::Invalid`], naming what is missing, too much or not approved.
pub(crate) fn fill(tx: &Tx<'_>, channel: ChannelId, filled: &Filled) -> Result<Ready> {
    let kept = templates::find(tx, channel, &filled.name, &filled.language)?;
    let template = kept.map(|kept| described(&kept)).transpose()?.ok_or_else(|| {
        Error::invalid(
            "template.name",
            "this channel has no such template in this language; GET …/templates lists them",
        )
    })?;
    if template.status != TemplateStatus::Approved {
        let status = template.status.as_str();
        return Err(Error::invalid("template.name", format!("the provider has not approved it: it is {status}")));
    }
    ready(&template, filled)
}

fn ready(template: &Template, filled: &Filled) -> Result<Ready> {
    let (header, header_name, above) = header(template, filled)?;
    let variables = variables(&template.body, filled.variables.reveal())?;
    let buttons = buttons(&template.buttons, filled.buttons.reveal())?;
    let text = placeholders::filled(&template.body, &variables);
    let rendered = [above, Some(text), template.footer.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let used = TemplateUse {
        name: template.name.clone(),
        language: template.language.clone(),
        category: template.category.as_str().to_owned(),
        file_role: file_role(template),
        header,
        header_name,
        variables,
        buttons,
    };
    Ok(Ready { used, rendered, buttons: template.buttons.clone() })
}

fn file_role(template: &Template) -> Option<String> {
    match &template.header {
        Some(TemplateHeader::File { role }) => Some(role.clone()),
        Some(TemplateHeader::Text { .. } | TemplateHeader::Place) | None => None,
    }
}

/// The header's variable, what it is called if it has a name, and the header as it will read.
type Header = (Option<String>, Option<String>, Option<String>);

fn header(template: &Template, filled: &Filled) -> Result<Header> {
    let given = filled.header.as_ref().map(Personal::reveal);
    let (takes_text, takes_file, takes_place) = match &template.header {
        Some(TemplateHeader::Text { text }) => (!placeholders::named_in(text).is_empty(), false, false),
        Some(TemplateHeader::File { .. }) => (false, true, false),
        Some(TemplateHeader::Place) => (false, false, true),
        None => (false, false, false),
    };
    let needs = [
        (takes_text, given.is_some(), "a text"),
        (takes_file, filled.file, "one attachment"),
        (takes_place, filled.place.is_some(), "a place"),
    ];
    for (takes, is_there, what) in needs {
        match (takes, is_there) {
            (true, false) => {
                return Err(Error::invalid("template.header", format!("this template's header needs {what}")));
            }
            (false, true) => {
                return Err(Error::invalid("template.header", format!("this template's header takes no {what}")));
            }
            (true, true) | (false, false) => {}
        }
    }
    let Some(TemplateHeader::Text { text }) = &template.header else { return Ok((None, None, None)) };
    let Some(value) = given else { return Ok((None, None, Some(text.clone()))) };
    checked("template.header", value)?;
    let name = placeholders::named_in(text).into_iter().next().unwrap_or_default();
    let shown = placeholders::filled(text, &[(name.clone(), value.clone())]);
    let name = Some(name).filter(|name| name.parse::<u32>().is_err());
    Ok((Some(value.clone()), name, Some(shown)))
}

/// The variables in the order of the text, each given once.
fn variables(body: &str, given: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let wanted = placeholders::named_in(body);
    for (name, value) in given {
        checked("template.variables", value)?;
        if !wanted.contains(name) {
            return Err(Error::invalid("template.variables", wants(&wanted)));
        }
    }
    let find = |name: &String| given.iter().find(|(known, _)| known == name).cloned();
    let found: Option<Vec<_>> = wanted.iter().map(find).collect();
    found.filter(|found| found.len() == given.len()).ok_or_else(|| Error::invalid("template.variables", wants(&wanted)))
}

/// The names of a text's variables, in order.
pub fn variables_of(text: &str) -> Vec<String> {
    placeholders::named_in(text)
}

/// Whether a button must be given a value when its template is sent.
pub fn needs_value(button: &TemplateButton) -> bool {
    let target = button.target.as_deref().unwrap_or_default();
    NEEDS_VALUE.contains(&button.kind.as_str()) || !placeholders::named_in(target).is_empty()
}

fn wants(wanted: &[String]) -> String {
    match wanted {
        [] => "this template's text has no variables".to_owned(),
        some => format!("this template's text has the variables {}: each needs one value", some.join(", ")),
    }
}

fn buttons(there: &[TemplateButton], given: &[(u32, String)]) -> Result<Vec<(u32, String, String)>> {
    if let Some(beyond) = there.iter().find(|button| BEYOND.contains(&button.kind.as_str())) {
        let why =
            format!("a button of the kind {} cannot be filled in from here: choose another template", beyond.kind);
        return Err(Error::invalid("template.name", why));
    }
    let mut used: Vec<(u32, String, String)> = Vec::new();
    for (index, value) in given {
        checked("template.buttons", value)?;
        let button = usize::try_from(*index).ok().and_then(|index| there.get(index));
        let button = button.filter(|button| needs_value(button) || may_take(button).is_some()).ok_or_else(|| {
            Error::invalid(
                "template.buttons",
                format!("the button {index} takes no value, or there is none (they count from 0)"),
            )
        })?;
        if used.iter().any(|(known, ..)| known == index) {
            return Err(Error::invalid("template.buttons", format!("the button {index} has two values")));
        }
        used.push((*index, button.kind.clone(), value.clone()));
    }
    let missing = (0_u32..)
        .zip(there)
        .find(|(index, button)| needs_value(button) && !used.iter().any(|(known, ..)| known == index));
    if let Some((index, _)) = missing {
        return Err(Error::invalid("template.buttons", format!("the button {index} needs a value")));
    }
    for (index, button) in (0_u32..).zip(there) {
        let otherwise = may_take(button).filter(|otherwise| !otherwise.is_empty());
        if let (Some(value), false) = (otherwise, used.iter().any(|(known, ..)| *known == index)) {
            used.push((index, button.kind.clone(), value.to_owned()));
        }
    }
    Ok(used)
}

/// What stands for the value of a button that may take one; `None` if it takes none.
fn may_take(button: &TemplateButton) -> Option<&'static str> {
    MAY_TAKE_VALUE.iter().find(|(kind, _)| *kind == button.kind).map(|(_, otherwise)| *otherwise)
}

/// A provider refuses values that are empty or break the line.
fn checked(field: &'static str, value: &str) -> Result<()> {
    if value.trim().is_empty() || value.chars().count() > VALUE_LIMIT || value.chars().any(char::is_control) {
        return Err(Error::invalid(
            field,
            format!("a value is 1 to {VALUE_LIMIT} characters without line breaks or tabs"),
        ));
    }
    Ok(())
}
