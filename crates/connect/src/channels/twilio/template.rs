//! WhatsApp's templates as Twilio keeps them, under ids of its own (`HX…`): the list, and the one of a name and language
//! (<https://www.twilio.com/docs/content/content-api-resources>).

use serde_json::{Map, Value};

use super::api::{self, Failure};
use crate::json::{list, string, text};
use crate::sms::refusal::refused;
use crate::{
    Account, Call, HttpCall, Method, Reply, SendError, Step, Template, TemplateButton, TemplateCategory,
    TemplateStatus, TemplateUse,
};

/// How many templates one page brings.
const PAGE: u32 = 500;
/// How many pages are read.
const PAGES: usize = 10;

/// What is known of a template that is to be sent.
pub(super) enum Found<'a> {
    /// It is to be asked for first.
    Ask(HttpCall),
    /// The fields that send it, and the replies that are left.
    Here(Vec<(String, String)>, &'a [Reply]),
    /// Whoever tried before may have sent it.
    Unheard,
}

/// The fields that send a template, once the list was read.
pub(super) fn found<'a>(used: &TemplateUse, account: &Account, replies: &'a [Reply]) -> Result<Found<'a>, SendError> {
    if used.file.is_some() || used.place.is_some() || used.header.is_some() || !used.buttons.is_empty() {
        let why = "Templates over Twilio take numbered variables only. Put the file's address into one of them.";
        return Err(refused("template_header_not_possible", why));
    }
    let variables: Map<String, Value> =
        used.body.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut known = Vec::new();
    for (index, reply) in replies.iter().enumerate() {
        if index == 0 && matches!(reply, Reply::Unheard) {
            return Ok(Found::Unheard);
        }
        let page = api::read(reply, true).map_err(api::error)?;
        known.extend(list(&page, "/contents").iter().cloned());
        let wanted = known.iter().find(|content| is(content, used)).and_then(|content| string(content, "/sid"));
        if let Some(sid) = wanted.filter(|sid| api::is_sid(sid)) {
            let fields = [("ContentSid", sid), ("ContentVariables", Value::Object(variables).to_string())];
            let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
            return Ok(Found::Here(fields, replies.get(index + 1..).unwrap_or_default()));
        }
        if index + 1 < replies.len() {
            continue;
        }
        let Some(url) = following(account, &page).filter(|_| index + 1 < PAGES) else { break };
        return ask(account, url).map(Found::Ask);
    }
    if replies.is_empty() {
        return ask(account, first(account)).map(Found::Ask);
    }
    let why = "Twilio has no template of this name and language. Load the templates anew and choose another.";
    Err(refused("template_unknown", why))
}

fn is(content: &Value, used: &TemplateUse) -> bool {
    name(content) == Some(used.name.as_str()) && text(content, "/language") == Some(used.language.as_str())
}

/// The name that was approved, else the one that Twilio's console shows.
fn name(content: &Value) -> Option<&str> {
    text(content, "/approval_requests/name").or_else(|| text(content, "/friendly_name"))
}

fn first(account: &Account) -> String {
    format!("{}/v1/ContentAndApprovals?PageSize={PAGE}", api::content_base(account))
}

/// The next page, if it is where the first one was.
fn following(account: &Account, page: &Value) -> Option<String> {
    let own = format!("{}/v1/ContentAndApprovals?", api::content_base(account));
    string(page, "/meta/next_page_url").filter(|url| url.starts_with(&own) && url.bytes().all(|b| b.is_ascii_graphic()))
}

fn ask(account: &Account, url: String) -> Result<HttpCall, SendError> {
    api::call(account, "whatsapp_twilio.templates", (Method::Get, url), None)
}

/// The next step of reading all templates.
pub(super) fn all(account: &Account, replies: &[Reply]) -> Step<Vec<Template>> {
    let mut templates = Vec::new();
    let mut next = Some(first(account));
    for reply in replies {
        match api::read(reply, true) {
            Ok(page) => {
                templates.extend(list(&page, "/contents").iter().filter_map(template));
                next = following(account, &page);
            }
            Err(Failure::Unknown) => return Step::Fail(SendError::Retry("the reply was lost".to_owned())),
            Err(Failure::Final(error)) => return Step::Fail(error),
        }
    }
    match next.filter(|_| replies.len() < PAGES).map(|url| ask(account, url)) {
        Some(Ok(call)) => Step::Call(Call::Http(call)),
        Some(Err(error)) => Step::Fail(error),
        None => Step::Done(templates),
    }
}

/// One template; what was never handed in to WhatsApp cannot be sent, and is left out.
fn template(content: &Value) -> Option<Template> {
    let approval = content.get("approval_requests").filter(|approval| approval.is_object())?;
    let status = match text(approval, "/status")? {
        "approved" => TemplateStatus::Approved,
        "rejected" => TemplateStatus::Rejected,
        "paused" => TemplateStatus::Paused,
        "disabled" => TemplateStatus::Disabled,
        "unsubmitted" => return None,
        _ => TemplateStatus::Pending,
    };
    // One kind of content stands there, under a name such as twilio/text.
    let kind = content.get("types")?.as_object()?.values().next()?;
    let category = text(approval, "/category").and_then(|word| TemplateCategory::parse(&word.to_lowercase()));
    Some(Template {
        remote: string(content, "/sid")?,
        name: name(content)?.to_owned(),
        language: string(content, "/language")?,
        category: category.unwrap_or(TemplateCategory::Marketing),
        status,
        quality: None,
        reason: text(approval, "/rejection_reason").map(str::to_lowercase),
        header: None,
        body: string(kind, "/body").unwrap_or_default(),
        footer: string(kind, "/footer"),
        buttons: list(kind, "/actions").iter().filter_map(button).collect(),
    })
}

fn button(action: &Value) -> Option<TemplateButton> {
    Some(TemplateButton {
        kind: text(action, "/type").unwrap_or("quick_reply").to_lowercase(),
        label: string(action, "/title")?,
        target: string(action, "/url").or_else(|| string(action, "/phone")),
    })
}
