//! Templates on their way to Meta: looked at by Meta's rules (`rules`), handed in, taken back
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management>).

mod rules;

use serde_json::{Value, json};

use super::refusal::{self, refused};
use super::{address, templates};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::{string, text};
use crate::placeholders::named_in;
use crate::{
    Account, Call, HttpCall, OutFile, Reply, SendError, Step, Template, TemplateDraft, TemplateDraftButton,
    TemplateHeader, TemplateStatus,
};

pub(super) use rules::faults;

/// Meta's number for what is not as it takes it.
const PARAMETER: i64 = 100;
/// There is one of this name and language.
const EXISTS: i64 = 2_388_024;
/// One of this name was deleted, and the name rests for four weeks.
const RESTS: i64 = 2_388_023;
/// There is no template of this name.
const UNKNOWN: i64 = 132_001;
/// The same, of an id.
const UNKNOWN_ID: i64 = 2_593_002;

/// The next step of handing a template in: its header's file goes first, as an example for whoever judges it.
pub(super) fn make(draft: &TemplateDraft, account: &Account, replies: &[Reply]) -> Step<Template> {
    handed_in(draft, account, replies).unwrap_or_else(Step::Fail)
}

fn handed_in(draft: &TemplateDraft, account: &Account, replies: &[Reply]) -> Result<Step<Template>, SendError> {
    let called = |call: HttpCall| Ok(Step::Call(Call::Http(call)));
    let (handle, rest) = match &draft.file {
        None => (None, replies),
        Some(file) => match example(file, account, replies)? {
            Ok((handle, rest)) => (Some(handle), rest),
            Err(call) => return called(call),
        },
    };
    let [reply, ..] = rest else {
        let path = format!("{}/message_templates", address::business(account)?);
        return called(graph::post(account, "whatsapp.template_create", &path, &body(draft, handle.as_deref()))?);
    };
    let answer = graph::read(reply, false).map_err(not_taken)?;
    let id = string(&answer, "/id").unwrap_or_default();
    let status = text(&answer, "/status").and_then(templates::status).unwrap_or(TemplateStatus::Pending);
    let category = text(&answer, "/category").and_then(templates::category);
    Ok(Step::Done(draft.made(id, status, category)))
}

/// What Meta calls an uploaded example, and the replies after those that it took; or the call that is next.
fn example<'a>(
    file: &OutFile,
    account: &Account,
    replies: &'a [Reply],
) -> Result<Result<(String, &'a [Reply]), HttpCall>, SendError> {
    let [app, rest @ ..] = replies else {
        return graph::get(account, "whatsapp.app", "app", &[("fields", "id")]).map(Err);
    };
    let app = graph::read(app, true).map_err(refusal::failure)?;
    let app = string(&app, "/id").filter(|id| super::cut::is_id(id));
    let app = app.ok_or_else(|| SendError::Retry("Meta did not say which app the token is of".to_owned()))?;
    let [session, rest @ ..] = rest else {
        let (length, path) = (file.size.to_string(), format!("{app}/uploads"));
        // The file has a name, too; it is nothing for an address.
        let query = [("file_length", length.as_str()), ("file_type", file.content_type.as_str())];
        return graph::post_query(account, "whatsapp.upload_session", &path, &query).map(Err);
    };
    let session = graph::read(session, true).map_err(refusal::failure)?;
    let session = string(&session, "/id").unwrap_or_default();
    let [uploaded, rest @ ..] = rest else {
        let bytes = (&file.blob, file.content_type.as_str());
        return graph::into_session(account, "whatsapp.upload_example", &session, bytes).map(Err);
    };
    let uploaded = graph::read(uploaded, true).map_err(refusal::failure)?;
    let handle = string(&uploaded, "/h");
    let handle = handle.ok_or_else(|| SendError::Retry("Meta did not name the uploaded example".to_owned()))?;
    Ok(Ok((handle, rest)))
}

/// What is wrong with a template is said by subcodes; of all others that Meta refuses, it is the wording.
fn not_taken(failure: Failure) -> SendError {
    match failure {
        Failure::Told(Told { code: PARAMETER, subcode: EXISTS, .. }) => refused(
            "template_exists",
            "There is a template of this name in this language. Choose another name, or delete that one first.",
        ),
        Failure::Told(Told { code: RESTS, .. } | Told { code: PARAMETER, subcode: RESTS, .. }) => refused(
            "template_name_rests",
            "A template of this name was deleted, and Meta keeps the name back for four weeks. Choose another name.",
        ),
        Failure::Told(Told { code: PARAMETER, transient: false, proof: false, subcode, details, .. })
            if subcode != refusal::UNKNOWN_OBJECT =>
        {
            let more = graph::plain(&details).map(|words| format!(" Meta says: {words}.")).unwrap_or_default();
            let why = format!("Meta does not take this template as it is. Change its wording or its examples.{more}");
            refused("template_not_taken", &why)
        }
        Failure::Unknown => {
            SendError::Retry("Meta's answer was lost: look whether the template is in the list".to_owned())
        }
        other => refusal::failure(other),
    }
}

fn body(draft: &TemplateDraft, handle: Option<&str>) -> Value {
    let header = draft.header.as_ref().map(|header| header_component(header, draft.header_example.as_deref(), handle));
    let named = is_named(draft);
    let footer = draft.footer.as_ref().map(|text| json!({"type": "FOOTER", "text": text}));
    let buttons: Vec<Value> = draft.buttons.iter().map(button).collect();
    let buttons = (!buttons.is_empty()).then(|| json!({"type": "BUTTONS", "buttons": buttons}));
    let components: Vec<Value> =
        header.into_iter().chain([body_component(draft, named)]).chain(footer).chain(buttons).collect();
    json!({
        "name": draft.name,
        "language": draft.language,
        "category": draft.category.as_str().to_uppercase(),
        "parameter_format": if named { "NAMED" } else { "POSITIONAL" },
        "components": components,
    })
}

/// Whether its variables have names.
fn is_named(draft: &TemplateDraft) -> bool {
    let header = match &draft.header {
        Some(TemplateHeader::Text { text }) => text.as_str(),
        Some(TemplateHeader::File { .. } | TemplateHeader::Place) | None => "",
    };
    named_in(header).iter().chain(&named_in(&draft.body)).any(|name| name.parse::<u32>().is_err())
}

fn header_component(header: &TemplateHeader, example: Option<&str>, handle: Option<&str>) -> Value {
    match header {
        TemplateHeader::Text { text } => {
            let mut component = json!({"type": "HEADER", "format": "TEXT", "text": text});
            if let (Some(name), Some(example)) = (named_in(text).first(), example) {
                component["example"] = match name.parse::<u32>() {
                    Ok(_) => json!({"header_text": [example]}),
                    Err(_) => json!({"header_text_named_params": [{"param_name": name, "example": example}]}),
                };
            }
            component
        }
        TemplateHeader::File { role } => {
            json!({"type": "HEADER", "format": role.to_uppercase(), "example": {"header_handle": [handle]}})
        }
        TemplateHeader::Place => json!({"type": "HEADER", "format": "LOCATION"}),
    }
}

fn body_component(draft: &TemplateDraft, named: bool) -> Value {
    let mut component = json!({"type": "BODY", "text": draft.body});
    let of = |name: &String| draft.examples.iter().find(|(known, _)| known == name).map_or("", |(_, example)| example);
    let wanted = named_in(&draft.body);
    if named && !wanted.is_empty() {
        let examples = wanted.iter().map(|name| json!({"param_name": name, "example": of(name)}));
        component["example"] = json!({"body_text_named_params": examples.collect::<Vec<_>>()});
    } else if !wanted.is_empty() {
        // By number, not in the order of the text.
        let examples: Vec<&str> = (1..=wanted.len()).map(|number| of(&number.to_string())).collect();
        component["example"] = json!({"body_text": [examples]});
    }
    component
}

fn button(button: &TemplateDraftButton) -> Value {
    let mut shown = json!({"type": button.kind.to_uppercase()});
    if !button.label.is_empty() {
        shown["text"] = button.label.as_str().into();
    }
    match (button.kind.as_str(), &button.target, &button.example) {
        ("url", Some(url), example) => {
            shown["url"] = url.as_str().into();
            if let Some(example) = example.as_ref().filter(|_| !named_in(url).is_empty()) {
                shown["example"] = json!([example]);
            }
        }
        ("phone_number", Some(number), _) => shown["phone_number"] = number.as_str().into(),
        ("copy_code", _, Some(example)) => shown["example"] = example.as_str().into(),
        _ => {}
    }
    shown
}

/// The next step of taking a template back in one language.
pub(super) fn take_back(template: &Template, account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(reply) = replies.first() else {
        return removal(template, account).map_or_else(Step::Fail, |call| Step::Call(Call::Http(call)));
    };
    match graph::read(reply, true) {
        Ok(_) | Err(Failure::Told(Told { code: UNKNOWN, .. } | Told { code: PARAMETER, subcode: UNKNOWN_ID, .. })) => {
            Step::Done(())
        }
        Err(failure) => Step::Fail(refusal::failure(failure)),
    }
}

/// Without its id, Meta would delete it in all languages.
fn removal(template: &Template, account: &Account) -> Result<HttpCall, SendError> {
    if !super::cut::is_id(&template.remote) {
        return Err(SendError::Retry("the template's id at Meta is not known yet".to_owned()));
    }
    let path = format!("{}/message_templates", address::business(account)?);
    let query = [("hsm_id", template.remote.as_str()), ("name", template.name.as_str())];
    graph::delete_where(account, "whatsapp.template_delete", &path, &query)
}
