//! A template with its variables filled in, as WhatsApp wants them: by component, by position or by name
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages>).

use serde_json::{Value, json};

use super::compose::{Message, Plan, location};
use super::media;
use super::refusal::refused;
use crate::{SendError, TemplateButtonUse, TemplateUse};

/// What is to be done to send a template: its header's file first.
pub(super) fn plan(used: &TemplateUse) -> Result<Plan<'_>, SendError> {
    let mut components = Vec::new();
    components.extend(header(used)?);
    if !used.body.is_empty() {
        components.push(json!({"type": "body", "parameters": body(&used.body)}));
    }
    for button in &used.buttons {
        components.push(self::button(button)?);
    }
    let mut template = json!({"name": used.name, "language": {"code": used.language}});
    if !components.is_empty() {
        template["components"] = components.into();
    }
    let message = Message::of("template", template);
    let message = match &used.file {
        Some(file) => message.showing(
            0,
            format!("/template/components/0/parameters/0/{}", media::in_header(file, used.file_role.as_deref())?.0),
        ),
        None => message,
    };
    Ok(Plan { uploads: used.file.iter().collect(), messages: vec![message], ..Plan::default() })
}

fn header(used: &TemplateUse) -> Result<Option<Value>, SendError> {
    let parameter = if let Some(file) = &used.file {
        let (kind, object) = media::in_header(file, used.file_role.as_deref())?;
        json!({"type": kind, kind: object})
    } else if let Some(place) = &used.place {
        json!({"type": "location", "location": location(place)?})
    } else if let Some(text) = &used.header {
        named(json!({"type": "text", "text": text}), used.header_name.as_deref())
    } else {
        return Ok(None);
    };
    Ok(Some(json!({"type": "header", "parameters": [parameter]})))
}

/// The body's variables: by position in their order, or by name.
fn body(variables: &[(String, String)]) -> Vec<Value> {
    let mut numbered: Vec<(u32, &str)> = Vec::new();
    for (key, value) in variables {
        match key.parse() {
            Ok(number) => numbered.push((number, value)),
            Err(_) => {
                return variables
                    .iter()
                    .map(|(name, value)| named(json!({"type": "text", "text": value}), Some(name)))
                    .collect();
            }
        }
    }
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, value)| json!({"type": "text", "text": value})).collect()
}

fn named(mut parameter: Value, name: Option<&str>) -> Value {
    if let Some(name) = name {
        parameter["parameter_name"] = name.into();
    }
    parameter
}

fn button(used: &TemplateButtonUse) -> Result<Value, SendError> {
    let (sub_type, parameter) = match used.kind.as_str() {
        "quick_reply" => ("quick_reply", json!({"type": "payload", "payload": used.value})),
        // The button that copies or fills in a one-time code is written like a link.
        "url" | "otp" => ("url", json!({"type": "text", "text": used.value})),
        "flow" => ("flow", json!({"type": "action", "action": {"flow_token": used.value}})),
        "copy_code" => ("copy_code", json!({"type": "coupon_code", "coupon_code": used.value})),
        other => {
            let why = format!("A button of the kind {other} takes no variable. Leave it out.");
            return Err(refused("button_without_variable", &why));
        }
    };
    Ok(json!({"type": "button", "sub_type": sub_type, "index": used.index.to_string(), "parameters": [parameter]}))
}
