//! Templates of a business account: handed in, looked through, taken back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::done;
use crate::graph::call::Call;
use crate::graph::delivery::percent_encoded;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// Templates on one page unless the caller says otherwise, and at most.
const USUAL_PAGE: usize = 25;
const LARGEST_PAGE: usize = 250;

/// A template, as it was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateCard {
    /// Lowercase letters, digits and `_`.
    pub name: String,
    /// e.g. `it`, `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`.
    pub status: String,
    /// Header, body, footer and buttons, as Meta writes them.
    pub components: Value,
}

impl Default for TemplateCard {
    fn default() -> Self {
        Self {
            name: String::new(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            status: "APPROVED".to_owned(),
            components: json!([]),
        }
    }
}

impl TemplateCard {
    /// An approved one with nothing but text, in which variables are `{{1}}` or `{{name}}`.
    pub fn text(name: &str, language: &str, category: &str, body: &str) -> Self {
        Self {
            name: name.to_owned(),
            language: language.to_owned(),
            category: category.to_owned(),
            components: json!([{ "type": "BODY", "text": body }]),
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) card: TemplateCard,
    pub(crate) quality: String,
    /// When that was found, in seconds since the epoch.
    pub(crate) rated_at_s: i64,
    pub(crate) reason: Option<String>,
    pub(crate) previous_category: Option<String>,
}

impl Template {
    pub(crate) fn new(id: String, mut card: TemplateCard, now_s: i64) -> Self {
        for component in card.components.as_array_mut().into_iter().flatten() {
            exemplify(component);
        }
        let quality = "UNKNOWN".to_owned();
        Self { id, card, quality, rated_at_s: now_s, reason: None, previous_category: None }
    }

    /// The component of this type (`HEADER`, `BODY`, …).
    pub(crate) fn component(&self, kind: &str) -> Option<&Value> {
        let fits = |one: &&Value| one["type"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(kind));
        self.card.components.as_array()?.iter().find(fits)
    }

    pub(crate) fn buttons(&self) -> &[Value] {
        let buttons = self.component("BUTTONS").and_then(|component| component["buttons"].as_array());
        buttons.map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn named(&self) -> bool {
        let body = self.component("BODY").and_then(|body| body["text"].as_str()).unwrap_or_default();
        variables(body).iter().any(|name| name.parse::<u32>().is_err())
    }

    fn fields(&self) -> Value {
        let mut fields = json!({
            "id": self.id, "name": self.card.name, "language": self.card.language, "status": self.card.status,
            "category": self.card.category, "components": self.card.components,
            "parameter_format": if self.named() { "NAMED" } else { "POSITIONAL" },
            "quality_score": { "score": self.quality, "date": self.rated_at_s },
            "rejected_reason": self.reason.as_deref().unwrap_or("NONE"),
        });
        if let Some(previous) = &self.previous_category {
            fields["previous_category"] = json!(previous);
        }
        fields
    }
}

/// Every text with variables has an example of each; what came without gets its own names.
fn exemplify(component: &mut Value) {
    let text = component["text"].as_str().unwrap_or_default();
    let wanted: Vec<_> = variables(text).into_iter().map(str::to_owned).collect();
    let kind = component["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    if wanted.is_empty() || component.get("example").is_some() || !matches!(kind.as_str(), "body" | "header") {
        return;
    }
    let named = wanted.iter().any(|name| name.parse::<u32>().is_err());
    let (key, examples) = match (named, kind.as_str()) {
        (true, _) => {
            let examples = wanted.iter().map(|name| json!({ "param_name": name, "example": name }));
            (format!("{kind}_text_named_params"), examples.collect())
        }
        (false, "body") => ("body_text".to_owned(), json!([wanted])),
        (false, _) => ("header_text".to_owned(), json!(wanted)),
    };
    component["example"] = json!({ key: examples });
}

/// The names between `{{` and `}}`, each once, in order.
pub(crate) fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in text.split("{{").skip(1) {
        let name = piece.split("}}").next().unwrap_or_default().trim();
        if piece.contains("}}") && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Only what was asked for in `fields`, and the id.
pub(super) fn chosen(all: &Value, call: &Call) -> Value {
    let Some(wanted) = call.text("fields") else { return all.clone() };
    let wanted = wanted.split(',').map(|name| name.trim().split(['{', '(']).next().unwrap_or_default());
    let kept = wanted.chain(["id"]).filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// One page, with a cursor to the next if there is more.
pub(super) fn page(items: &[Value], call: &Call, base: &str) -> Value {
    let number = |name: &str| call.fields.get(name).and_then(|value| value.as_str()?.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
    let start = number("after").unwrap_or(0).min(items.len());
    let end = (start + limit).min(items.len());
    let data: Vec<_> = items.iter().skip(start).take(limit).map(|item| chosen(item, call)).collect();
    let mut page = json!({ "data": data });
    if !items.is_empty() {
        page["paging"] = json!({ "cursors": { "before": start.to_string(), "after": end.to_string() } });
    }
    if end < items.len() {
        let others = call.fields.iter().filter(|(name, _)| !matches!(name.as_str(), "limit" | "after" | "before"));
        let others = others.filter_map(|(name, value)| Some(format!("&{name}={}", percent_encoded(value.as_str()?))));
        let (path, others): (_, String) = (call.path.join("/"), others.collect());
        page["paging"]["next"] = json!(format!("{base}/v26.0/{path}?limit={limit}&after={end}{others}"));
    }
    page
}

pub(super) fn list(world: &mut World, account: &str, call: &Call) -> Result<Value, Refusal> {
    let base = world.base.clone();
    let known = world.whatsapp.accounts.get(account).ok_or_else(|| Refusal::no_object("get", account))?;
    let fits = |name: &str, given: &str| {
        call.text(name).is_none_or(|wanted| wanted.split(',').any(|one| one.eq_ignore_ascii_case(given)))
    };
    let all = known.templates.iter().filter(|template| {
        let card = &template.card;
        fits("name", &card.name)
            && fits("language", &card.language)
            && fits("status", &card.status)
            && fits("category", &card.category)
    });
    let all: Vec<_> = all.map(Template::fields).collect();
    let mut listed = page(&all, call, &base);
    if call.text("summary").is_some() {
        listed["summary"] = json!({
            "total_count": all.len(), "message_template_count": known.templates.len(), "message_template_limit": 250,
            "are_translations_complete": true,
        });
    }
    Ok(listed)
}

pub(super) fn one(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let mut templates = world.whatsapp.accounts.values().flat_map(|account| &account.templates);
    let found = templates.find(|template| template.id == id).ok_or_else(|| Refusal::no_object("get", id))?;
    Ok(chosen(&found.fields(), call))
}

pub(super) fn create(world: &mut World, account: &str, call: &Call) -> Result<Value, Refusal> {
    let card = TemplateCard {
        name: call.required("name")?.to_owned(),
        language: call.required("language")?.to_owned(),
        category: call.required("category")?.to_ascii_uppercase(),
        status: "PENDING".to_owned(),
        components: call.fields.get("components").cloned().unwrap_or_default(),
    };
    check(&card)?;
    check_header(world, &card)?;
    let (id, now_s) = (world.fresh_id(), world.now_s());
    let known = world.whatsapp.accounts.get_mut(account).ok_or_else(|| Refusal::no_object("post", account))?;
    let taken = known.templates.iter().any(|one| one.card.name == card.name && one.card.language == card.language);
    if taken {
        let title = "Content in this language already exists".to_owned();
        return Err(Refusal { title, subcode: Some(2_388_024), ..Refusal::of(100) });
    }
    let at_once = known.card.approves_at_once;
    let category = card.category.clone();
    known.templates.push(Template::new(id.clone(), card, now_s));
    if at_once {
        world.decide(account, &id, "APPROVED", None)?;
    }
    let status = if at_once { "APPROVED" } else { "PENDING" };
    Ok(json!({ "id": id, "status": status, "category": category }))
}

fn check(card: &TemplateCard) -> Result<(), Refusal> {
    let legible = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if card.name.len() > 512 || !card.name.bytes().all(legible) {
        return Err(Refusal::invalid("Param name can only have lowercase letters, digits and underscores"));
    }
    if !matches!(card.category.as_str(), "MARKETING" | "UTILITY" | "AUTHENTICATION") {
        return Err(Refusal::invalid("Param category must be one of {AUTHENTICATION, MARKETING, UTILITY}"));
    }
    let components = card.components.as_array().map(Vec::as_slice).unwrap_or_default();
    let body = components.iter().find(|one| one["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("body")));
    let body = body.ok_or_else(|| Refusal::invalid("Param components must have a component of type BODY"))?;
    let needed = variables(body["text"].as_str().unwrap_or_default()).len();
    let example = body.pointer("/example/body_text/0").or_else(|| body.pointer("/example/body_text_named_params"));
    let given = example.and_then(Value::as_array).map_or(0, Vec::len);
    if needed != given && card.category != "AUTHENTICATION" {
        let title = "Invalid parameter: the body's examples do not match its variables".to_owned();
        return Err(Refusal { title, subcode: Some(2_388_043), ..Refusal::of(100) });
    }
    Ok(())
}

/// A header that is a file needs one as an example, uploaded before.
fn check_header(world: &World, card: &TemplateCard) -> Result<(), Refusal> {
    let components = card.components.as_array().map(Vec::as_slice).unwrap_or_default();
    let media = |one: &&Value| {
        let is = |name: &str, words: &[&str]| {
            one[name].as_str().is_some_and(|it| words.contains(&it.to_uppercase().as_str()))
        };
        is("type", &["HEADER"]) && is("format", &["IMAGE", "VIDEO", "DOCUMENT"])
    };
    let Some(header) = components.iter().find(media) else { return Ok(()) };
    let handle = header.pointer("/example/header_handle/0").and_then(Value::as_str).unwrap_or_default();
    if world.uploads.knows(handle) {
        return Ok(());
    }
    let title = "Invalid parameter: the header's example is no uploaded file".to_owned();
    Err(Refusal { title, subcode: Some(2_388_273), ..Refusal::of(100) })
}

pub(super) fn delete(world: &mut World, account: &str, call: &Call) -> Result<Value, Refusal> {
    let name = call.required("name")?;
    let id = call.text("hsm_id");
    let known = world.whatsapp.accounts.get_mut(account).ok_or_else(|| Refusal::no_object("delete", account))?;
    let before = known.templates.len();
    known.templates.retain(|one| one.card.name != name || id.is_some_and(|id| one.id != id));
    if known.templates.len() == before {
        return Err(Refusal::of(132_001));
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_once_and_in_order() {
        assert_eq!(variables("Hi {{1}}, {{ 2 }} and {{1}} {{"), ["1", "2"]);
        assert_eq!(variables("Hi {{name}}"), ["name"]);
    }

    #[test]
    fn pages_have_cursors_to_the_next() {
        let items: Vec<_> = (0..5).map(|id| json!({ "id": id, "name": "x" })).collect();
        let asked = |after: &str| {
            let fields = [("limit", "2"), ("after", after), ("fields", "id")].map(|(a, b)| (a.to_owned(), json!(b)));
            Call { fields: fields.into_iter().collect(), ..Call::default() }
        };
        let first = page(&items, &asked("0"), "http://x");
        assert_eq!(first["data"], json!([{ "id": 0 }, { "id": 1 }]));
        assert_eq!(first["paging"]["cursors"]["after"], "2");
        assert!(first["paging"]["next"].is_string());
        let last = page(&items, &asked("4"), "http://x");
        assert_eq!((&last["data"], last["paging"].get("next")), (&json!([{ "id": 4 }]), None));
    }
}
