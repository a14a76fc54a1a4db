//! A template with its variables filled in, refused where they do not fit it.

use serde_json::{Map, Value, json};

use super::content::Content;
use super::media;
use super::sending::object;
use super::template::{Template, variables};
use crate::graph::call::{Call, text};
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// Letters of a body with its variables filled in.
const LONGEST_BODY: usize = 1_024;

pub(super) fn read(world: &mut World, number: &str, body: &Map<String, Value>) -> Result<Content, Refusal> {
    let template = find(world, number, body)?;
    let given = Given(body.get("components").and_then(Value::as_array).cloned().unwrap_or_default());
    let header = template.component("HEADER").cloned().unwrap_or_default();
    let format = header["format"].as_str().unwrap_or_default().to_ascii_lowercase();
    let mut media = None;
    let head = match format.as_str() {
        "" => Value::Null,
        "text" => json!(filled(&header, "header", &given.parameters("header", None), false)?),
        _ => {
            let parameter = given.only("header", &format)?;
            if format != "location" {
                let file = object(&parameter, &format).ok_or_else(|| mismatch("header", &format))?;
                media = media::given(world, number, &format, file, &Call::default())?;
            }
            parameter.get(&format).cloned().unwrap_or_default()
        }
    };
    let text_of = template.component("BODY").cloned().unwrap_or_default();
    let said = filled(&text_of, "body", &given.parameters("body", None), template.named())?;
    if said.chars().count() > LONGEST_BODY {
        return Err(Refusal::of(132_005));
    }
    let buttons = buttons(&template, &given)?;
    let footer = template.component("FOOTER").and_then(|footer| footer.get("text")).cloned();
    let rendered = json!({
        "name": template.card.name, "header_format": format, "header": head, "body": said, "footer": footer,
        "buttons": buttons,
    });
    let needs_number = template.buttons().iter().any(|button| button["type"] == "OTP");
    let category = category(&template.card.category);
    let plain = Content::plain("template", body).saying(&said);
    Ok(Content { media, rendered: Some(rendered), category, needs_number, ..plain })
}

fn category(category: &str) -> &'static str {
    match category {
        "MARKETING" => "marketing",
        "AUTHENTICATION" => "authentication",
        _ => "utility",
    }
}

/// The approved template of this name in this language.
fn find(world: &World, number: &str, body: &Map<String, Value>) -> Result<Template, Refusal> {
    let name = text(body, "name").ok_or_else(|| Refusal::of(131_008).because("template['name'] is required"))?;
    let code = object(body, "language").and_then(|language| text(language, "code"));
    let code = code.ok_or_else(|| Refusal::of(131_008).because("template['language']['code'] is required"))?;
    let account = world.whatsapp.accounts.get(&world.whatsapp.number(number)?.card.account);
    let mut templates = account.into_iter().flat_map(|account| &account.templates);
    let found = templates.find(|one| one.card.name == name && one.card.language == code);
    let absent = || Refusal::of(132_001).because(format!("template name ({name}) does not exist in {code}"));
    let found = found.ok_or_else(absent)?;
    match found.card.status.as_str() {
        "APPROVED" => Ok(found.clone()),
        "PAUSED" => Err(Refusal::of(132_015)),
        "DISABLED" => Err(Refusal::of(132_016)),
        _ => Err(absent()),
    }
}

/// The components of the call.
struct Given(Vec<Value>);

impl Given {
    /// The parameters for a part of the template; of a button, by its place.
    fn parameters(&self, part: &str, button: Option<usize>) -> Vec<Value> {
        let place = |one: &Value| match &one["index"] {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|place| usize::try_from(place).ok()),
        };
        let fits = |one: &&Value| {
            let same = one["type"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(part));
            same && (button.is_none() || place(one) == button)
        };
        let found = self.0.iter().find(fits).and_then(|one| one["parameters"].as_array());
        found.cloned().unwrap_or_default()
    }

    fn only(&self, part: &str, kind: &str) -> Result<Map<String, Value>, Refusal> {
        match self.parameters(part, None).as_slice() {
            [one] if one["type"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(kind)) => {
                Ok(one.as_object().cloned().unwrap_or_default())
            }
            [_] => Err(mismatch(part, kind)),
            other => Err(count(part, other.len(), 1)),
        }
    }
}

fn mismatch(part: &str, expected: &str) -> Refusal {
    Refusal::of(132_012).because(format!("{part}: Format mismatch, expected {}", expected.to_ascii_uppercase()))
}

fn count(part: &str, given: usize, expected: usize) -> Refusal {
    Refusal::of(132_000).because(format!(
        "{part}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
    ))
}

/// The component's text with its variables replaced.
fn filled(component: &Value, part: &str, given: &[Value], named: bool) -> Result<String, Refusal> {
    let text = component["text"].as_str().unwrap_or_default();
    let wanted = variables(text);
    if wanted.len() != given.len() {
        return Err(count(part, given.len(), wanted.len()));
    }
    let mut whole = text.to_owned();
    for (at, name) in wanted.iter().enumerate() {
        let parameter = if named { given.iter().find(|one| one["parameter_name"] == *name) } else { given.get(at) };
        let missing = || Refusal::of(132_000).because(format!("{part}: parameter_name {name} is missing"));
        let value = worth(parameter.ok_or_else(missing)?).ok_or_else(|| mismatch(part, "text"))?;
        check_letters(&value)?;
        whole = whole.replace(&format!("{{{{{name}}}}}"), &value);
    }
    Ok(whole)
}

/// What a parameter stands for; dates and money have a text to fall back on.
fn worth(parameter: &Value) -> Option<String> {
    let kind = parameter["type"].as_str()?;
    let text = match kind {
        "text" => parameter["text"].as_str(),
        "currency" | "date_time" => parameter[kind]["fallback_value"].as_str(),
        _ => None,
    };
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn check_letters(value: &str) -> Result<(), Refusal> {
    let wrong = value.contains(['\n', '\t']) || value.contains("     ");
    let reason = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
    if wrong { Err(Refusal::of(132_007).because(reason)) } else { Ok(()) }
}

/// The buttons as they are read, each with what it leads to or says.
fn buttons(template: &Template, given: &Given) -> Result<Vec<Value>, Refusal> {
    let buttons = template.buttons().iter().enumerate();
    buttons.map(|(at, button)| filled_button(at, button, &given.parameters("button", Some(at)))).collect()
}

fn filled_button(at: usize, button: &Value, parameters: &[Value]) -> Result<Value, Refusal> {
    let kind = button["type"].as_str().unwrap_or_default();
    let label = button["text"].as_str().unwrap_or("Copy code");
    let value = |name: &str| parameters.first().and_then(|one| one[name].as_str()).map(str::to_owned);
    let needed = |given: Option<String>, kind: &str| {
        let why = format!("buttons: Button at index {at} of type {kind} requires a parameter");
        given.ok_or_else(|| Refusal::of(131_008).because(why))
    };
    let url = button["url"].as_str().unwrap_or_default();
    let shown = match kind {
        "URL" if variables(url).is_empty() => json!({ "url": url }),
        "URL" => {
            let end = needed(value("text"), "Url")?;
            json!({ "url": url.replace("{{1}}", &end) })
        }
        "COPY_CODE" => json!({ "code": needed(value("coupon_code"), "Copy code")? }),
        "OTP" => json!({ "code": needed(value("text"), "Url")? }),
        "FLOW" => {
            let token = parameters.first().and_then(|one| one["action"]["flow_token"].as_str()).map(str::to_owned);
            json!({ "flow_token": needed(token, "Flow")? })
        }
        "PHONE_NUMBER" => json!({ "phone_number": button["phone_number"] }),
        _ => json!({ "payload": value("payload").unwrap_or_else(|| label.to_owned()) }),
    };
    let mut shown = shown;
    shown["kind"] = json!(kind.to_ascii_lowercase());
    shown["text"] = json!(label);
    Ok(shown)
}
