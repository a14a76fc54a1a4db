//! Texts with buttons or a list below them, within WhatsApp's bounds
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages>).

use serde_json::{Value, json};

use super::TEXT;
use super::compose::{Message, within};
use super::refusal::refused;
use crate::{Button, Row, Section, SendError};

/// Longest text above buttons, in characters. Above a list it may be as long as any.
const ABOVE_BUTTONS: usize = 1024;
/// How many buttons stand below a text; more become a list.
const BUTTONS: usize = 3;
/// How many rows a list has, over all its sections.
const ROWS: usize = 10;
/// Longest label of a button, and of what opens a list, in characters.
const LABEL: usize = 20;
/// Longest label of a row and title of a section, in characters.
const ROW: usize = 24;
/// Longest description of a row, in characters.
const DESCRIPTION: usize = 72;
/// Longest data of a button and of a row, in characters.
const BUTTON_DATA: usize = 256;
const ROW_DATA: usize = 200;
/// What opens the list that many buttons become: a sign, as it is read in every language.
const OPEN: &str = "\u{2630}";

/// A text with buttons: one that leads somewhere, up to three that answer, or a list of up to ten that answer.
pub(super) fn buttons(text: &str, rows: &[Vec<Button>]) -> Result<Message, SendError> {
    let buttons: Vec<&Button> = rows.iter().flatten().collect();
    match buttons.as_slice() {
        [Button { label, url: Some(url), .. }] => link(text, label, url),
        many if many.iter().any(|button| button.url.is_some()) => Err(refused(
            "buttons_mixed",
            "WhatsApp shows one button that opens a link, or buttons that answer, not both. Put the links into the text.",
        )),
        few if few.len() <= BUTTONS => replies(text, few),
        many => {
            let row = |button: &&Button| Row { label: button.label.clone(), data: data(button), description: None };
            list(text, OPEN, &[Section { title: String::new(), rows: many.iter().map(row).collect() }])
        }
    }
}

fn data(button: &Button) -> String {
    button.data.clone().unwrap_or_else(|| button.label.clone())
}

fn link(text: &str, label: &str, url: &str) -> Result<Message, SendError> {
    let sound = url.starts_with("https://") || url.starts_with("http://");
    if !sound {
        return Err(refused(
            "button_invalid",
            "A button's link is not one that WhatsApp opens. Use a full https address.",
        ));
    }
    let label = within(label, LABEL, "button_too_long", "A button's label")?;
    let action = json!({"name": "cta_url", "parameters": {"display_text": label, "url": url}});
    message("cta_url", within(text, ABOVE_BUTTONS, "text_too_long", "The text above a button")?, &action)
}

fn replies(text: &str, buttons: &[&Button]) -> Result<Message, SendError> {
    let text = within(text, ABOVE_BUTTONS, "text_too_long", "The text above buttons")?;
    let button = |button: &&Button| {
        let label = within(&button.label, LABEL, "button_too_long", "A button's label")?;
        let data = data(button);
        within(&data, BUTTON_DATA, "button_data_too_long", "A button's data")?;
        Ok(json!({"type": "reply", "reply": {"id": data, "title": label}}))
    };
    let shown: Vec<Value> = buttons.iter().map(button).collect::<Result<_, SendError>>()?;
    different(buttons.iter().map(|button| data(button)))?;
    different(buttons.iter().map(|button| button.label.clone()))?;
    message("button", text, &json!({"buttons": shown}))
}

/// A text with a list behind a button.
pub(super) fn list(text: &str, open: &str, sections: &[Section]) -> Result<Message, SendError> {
    let text = within(text, TEXT as usize, "text_too_long", "The text above a list")?;
    let open = within(open, LABEL, "button_too_long", "What opens the list")?;
    let count: usize = sections.iter().map(|section| section.rows.len()).sum();
    if count == 0 {
        return Err(refused("list_empty", "The list has no rows. Add one."));
    }
    if count > ROWS {
        let why = format!(
            "There are {count} to choose from, and WhatsApp shows {ROWS}. Leave some out, or ask in two steps."
        );
        return Err(refused("too_many_buttons", &why));
    }
    different(sections.iter().flat_map(|section| &section.rows).map(|row| row.data.clone()))?;
    let filled: Vec<&Section> = sections.iter().filter(|section| !section.rows.is_empty()).collect();
    let shown: Vec<Value> =
        filled.iter().map(|part| section(part, filled.len() > 1)).collect::<Result<_, SendError>>()?;
    message("list", text, &json!({"button": open, "sections": shown}))
}

/// A section. Where there are several, each must have a title.
fn section(section: &Section, needs_title: bool) -> Result<Value, SendError> {
    let rows: Vec<Value> = section.rows.iter().map(row).collect::<Result<_, SendError>>()?;
    let mut shown = json!({ "rows": rows });
    if needs_title || !section.title.trim().is_empty() {
        shown["title"] = within(&section.title, ROW, "row_too_long", "A section's title")?.into();
    }
    Ok(shown)
}

fn row(row: &Row) -> Result<Value, SendError> {
    let label = within(&row.label, ROW, "row_too_long", "A row's label")?;
    let data = within(&row.data, ROW_DATA, "row_data_too_long", "A row's data")?;
    let mut shown = json!({"id": data, "title": label});
    if let Some(description) = row.description.as_deref().filter(|text| !text.trim().is_empty()) {
        shown["description"] = within(description, DESCRIPTION, "row_too_long", "A row's description")?.into();
    }
    Ok(shown)
}

fn different(words: impl Iterator<Item = String>) -> Result<(), SendError> {
    let mut words: Vec<String> = words.collect();
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    if words.len() == count {
        return Ok(());
    }
    Err(refused("buttons_alike", "Two buttons are alike, and WhatsApp could not tell which was tapped. Change one."))
}

#[expect(clippy::unnecessary_wraps, reason = "the last step of functions that may refuse")]
fn message(kind: &str, text: &str, action: &Value) -> Result<Message, SendError> {
    Ok(Message::of("interactive", json!({"type": kind, "body": {"text": text}, "action": action})))
}
