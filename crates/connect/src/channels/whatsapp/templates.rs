//! The account's templates as WhatsApp lists them, and its words for where one stands.

use serde_json::Value;

use super::cut::items;
use super::{address, refusal};
use crate::channels::meta::graph;
use crate::json::{string, text, word};
use crate::{
    Account, Call, HttpCall, Reply, SendError, Step, Template, TemplateButton, TemplateCategory, TemplateHeader,
    TemplateStatus,
};

/// Templates that one answer lists.
const PAGE: &str = "500";
/// The largest answer taken, in bytes: 500 templates of some kilobytes.
const ANSWER: u64 = 16 << 20;
/// What is asked of each.
const FIELDS: &str = "id,name,language,status,category,components,quality_score,rejected_reason";

/// The next step of listing all templates.
pub(super) fn step(account: &Account, replies: &[Reply]) -> Step<Vec<Template>> {
    listed(account, replies).unwrap_or_else(Step::Fail)
}

fn listed(account: &Account, replies: &[Reply]) -> Result<Step<Vec<Template>>, SendError> {
    let mut all = Vec::new();
    let mut after = None;
    for reply in replies {
        let page = graph::read(reply, true).map_err(refusal::failure)?;
        all.extend(items(&page, "data").iter().filter_map(template));
        after = string(&page, "/paging/cursors/after").filter(|_| text(&page, "/paging/next").is_some());
        if after.is_none() {
            return Ok(Step::Done(all));
        }
    }
    ask(account, after.as_deref()).map(|call| Step::Call(Call::Http(call)))
}

/// The address of the next page in an answer is not followed: it could lead anywhere, with our token.
fn ask(account: &Account, after: Option<&str>) -> Result<HttpCall, SendError> {
    let path = format!("{}/message_templates", address::business(account)?);
    let mut query = vec![("fields", FIELDS), ("limit", PAGE)];
    query.extend(after.map(|after| ("after", after)));
    let call = graph::get(account, "whatsapp.templates", &path, &query)?;
    Ok(HttpCall { max_reply: ANSWER, ..call })
}

/// One template. One that has no name, language or known state is none that could be sent.
fn template(value: &Value) -> Option<Template> {
    let components = items(value, "components");
    let of = |kind: &str| components.iter().find(move |component| is(component, kind));
    Some(Template {
        remote: string(value, "/id").unwrap_or_default(),
        name: string(value, "/name")?,
        language: string(value, "/language")?,
        category: text(value, "/category").and_then(category).unwrap_or(TemplateCategory::Marketing),
        status: standing(text(value, "/status")?),
        quality: text(value, "/quality_score/score").and_then(quality),
        reason: text(value, "/rejected_reason").and_then(reason),
        header: of("HEADER").and_then(header),
        body: of("BODY").and_then(|body| string(body, "/text")).unwrap_or_default(),
        footer: of("FOOTER").and_then(|footer| string(footer, "/text")),
        buttons: of("BUTTONS").map(|found| items(found, "buttons").iter().map(button).collect()).unwrap_or_default(),
    })
}

fn is(component: &Value, kind: &str) -> bool {
    text(component, "/type").is_some_and(|given| given.eq_ignore_ascii_case(kind))
}

fn header(component: &Value) -> Option<TemplateHeader> {
    match text(component, "/format")? {
        "TEXT" => Some(TemplateHeader::Text { text: string(component, "/text")? }),
        "LOCATION" => Some(TemplateHeader::Place),
        other => Some(TemplateHeader::File { role: word(&other.to_lowercase()) }),
    }
}

fn button(value: &Value) -> TemplateButton {
    TemplateButton {
        kind: word(&text(value, "/type").unwrap_or_default().to_lowercase()),
        label: string(value, "/text").unwrap_or_default(),
        target: string(value, "/url").or_else(|| string(value, "/phone_number")),
    }
}

/// As a list says it: a template that is only flagged or locked for editing can be sent.
fn standing(word: &str) -> TemplateStatus {
    let usable = matches!(word, "FLAGGED" | "LOCKED");
    status(word).unwrap_or(if usable { TemplateStatus::Approved } else { TemplateStatus::Disabled })
}

/// Where a template stands; `None` for what does not change that (it is flagged, locked for editing, …).
pub(super) fn status(word: &str) -> Option<TemplateStatus> {
    Some(match word {
        "APPROVED" | "REINSTATED" => TemplateStatus::Approved,
        "PENDING" | "IN_APPEAL" => TemplateStatus::Pending,
        "REJECTED" => TemplateStatus::Rejected,
        "PAUSED" => TemplateStatus::Paused,
        "DISABLED" | "LIMIT_EXCEEDED" => TemplateStatus::Disabled,
        "DELETED" | "PENDING_DELETION" | "ARCHIVED" => TemplateStatus::Deleted,
        _ => return None,
    })
}

/// What a template counts as.
pub(super) fn category(word: &str) -> Option<TemplateCategory> {
    match word {
        "MARKETING" => Some(TemplateCategory::Marketing),
        "UTILITY" => Some(TemplateCategory::Utility),
        "AUTHENTICATION" => Some(TemplateCategory::Authentication),
        _ => None,
    }
}

/// A quality; `None` where there is none yet.
pub(super) fn quality(outside: &str) -> Option<String> {
    Some(word(&outside.to_lowercase())).filter(|quality| !matches!(quality.as_str(), "unknown" | "unnamed" | "na"))
}

/// Why a template was refused; `None` where it was not.
pub(super) fn reason(outside: &str) -> Option<String> {
    Some(word(&outside.to_lowercase())).filter(|reason| !matches!(reason.as_str(), "none" | "unnamed"))
}
