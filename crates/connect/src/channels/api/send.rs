//! What is posted to the other system, signed: `{"type","timestamp","thread","contact","data"}`.
//!
//! The `webhook-id` stays the same however often a post is repeated, so the receiver can tell a repetition; that is why
//! every call here is repeatable and nothing ends with an unknown outcome.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::chatwoot;
use crate::{
    Account, Body, Call, Content, Ctx, Erased, HttpCall, IdentityKind, Method, Outgoing, Receipt, Reply, SendError,
    Step, Trace, lenient, standard_webhooks,
};

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    match &out.content {
        Content::AnswerChoice { .. } => {
            return Step::Done(Receipt::Accepted { remotes: Vec::new(), thread: out.to.thread.clone() });
        }
        Content::Template(_) | Content::List { .. } => return Step::Fail(SendError::Unsupported),
        _ => {}
    }
    let Some(reply) = replies.first() else {
        let Some(body) = written(ctx, out, account) else { return unsaid(out) };
        return post(ctx, account, "api.webhook", &webhook_id(out), &body).map_or_else(Step::Fail, Step::Call);
    };
    match taken(reply) {
        Ok(()) => Step::Done(Receipt::Accepted { remotes: remotes(out), thread: out.to.thread.clone() }),
        Err(error) => Step::Fail(error),
    }
}

/// Whether the other system was made for Chatwoot.
fn is_chatwoot(account: &Account) -> bool {
    account.setting("format") == "chatwoot"
}

/// The body in the channel's format; `None` where that has no word for it.
fn written(ctx: &Ctx, out: &Outgoing, account: &Account) -> Option<Value> {
    if !is_chatwoot(account) {
        return Some(envelope(ctx, out));
    }
    chatwoot::body(ctx, account, out)
}

/// What the other system has no word for: that somebody has read something need not be told, a reaction must not be lost silently.
fn unsaid(out: &Outgoing) -> Step<Receipt> {
    match &out.content {
        Content::Seen { .. } => Step::Done(Receipt::Accepted { remotes: Vec::new(), thread: out.to.thread.clone() }),
        _ => Step::Fail(SendError::Unsupported),
    }
}

/// Tells the other system which messages to delete. Its 2xx says that it did.
pub(super) fn erase(ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    let ids: Vec<&str> = trace.remotes.iter().map(|(remote, _)| remote.as_str()).collect();
    let Some(reply) = replies.first() else {
        let timestamp = moment(ctx.now_ms);
        let data = json!({"ids": ids});
        let id = format!("erase-{}", fingerprint(account, &data.to_string()));
        let body = if is_chatwoot(account) {
            chatwoot::erased(trace.thread.as_deref(), &ids)
        } else {
            json!({"type": "messages.erased", "timestamp": timestamp, "thread": trace.thread, "data": data})
        };
        return post(ctx, account, "api.erase", &id, &body).map_or_else(Step::Fail, Step::Call);
    };
    match taken(reply) {
        Ok(()) => Step::Done(Erased::Gone),
        Err(SendError::Refused { .. }) => Step::Done(Erased::Cannot(
            "The system at the webhook URL did not confirm the deletion. Ask whoever runs it.".to_owned(),
        )),
        Err(error) => Step::Fail(error),
    }
}

/// The host of an absolute http or https URL.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let sound = !host.is_empty() && !host.starts_with(':') && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    sound.then_some(host)
}

/// There is nowhere to post to.
pub(super) fn no_url() -> SendError {
    refused("webhook_url_invalid", "The channel's webhook_url is no http or https address. Correct it.")
}

fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

fn post(ctx: &Ctx, account: &Account, operation: &'static str, id: &str, body: &Value) -> Result<Call, SendError> {
    let url = account.setting("webhook_url");
    host(url).ok_or_else(no_url)?;
    let body = body.to_string().into_bytes();
    let headers = standard_webhooks::sign(&account.secret("signing_secret"), id, ctx.now_ms, &body)
        .ok_or(SendError::Reauthorise)?;
    Ok(Call::Http(HttpCall {
        operation,
        method: Method::Post,
        url: url.to_owned(),
        headers,
        body: Body::Json(body),
        repeatable: true,
        to_blob: false,
        cut: None,
        max_reply: 64 << 10,
    }))
}

/// Whether the other system took it.
fn taken(reply: &Reply) -> Result<(), SendError> {
    let (status, headers) = match reply {
        Reply::Answer { status, headers, .. } => (*status, headers),
        Reply::NotSent { why } | Reply::Lost { why } => return Err(SendError::Retry(why.clone())),
        Reply::Unheard => return Err(SendError::Retry(Reply::UNHEARD.to_owned())),
        Reply::Stored { .. } | Reply::Mail(_) => return Ok(()),
    };
    let wait = headers.iter().find(|(name, _)| name == "retry-after").and_then(|(_, value)| value.parse::<u64>().ok());
    match (status, wait) {
        (200..=299, _) => Ok(()),
        (429, Some(seconds)) => Err(SendError::Throttled(seconds.clamp(1, 24 * 60 * 60) * 1000)),
        (408 | 425 | 429 | 500.., _) => Err(SendError::Retry(format!("the webhook URL answers {status}"))),
        (300..=399, _) => Err(refused(
            "webhook_redirects",
            "The webhook URL leads elsewhere, which is not followed. Set webhook_url to the final address.",
        )),
        (404 | 410, _) => Err(refused(
            "webhook_gone",
            "Nothing listens at the webhook URL any more. Check webhook_url and the system behind it.",
        )),
        (401 | 403, _) => Err(refused(
            "webhook_forbidden",
            "The webhook URL refuses our posts. Check that the other system knows the signing secret.",
        )),
        _ => Err(refused("webhook_refused", "The other system refused this message. Its own log says why.")),
    }
}

/// The same for the same order however often it is posted, and another for each change, one back and forth included.
fn webhook_id(out: &Outgoing) -> String {
    let kind = match &out.content {
        Content::Text { .. }
        | Content::Files { .. }
        | Content::Place(_)
        | Content::Card(_)
        | Content::Template(_)
        | Content::List { .. } => return out.message.clone(),
        Content::Edit { .. } => "edit",
        Content::Remove { .. } => "remove",
        Content::Reaction { .. } => "reaction",
        Content::Seen { .. } => "seen",
        // A tap was answered when it was taken, and needs no post.
        Content::AnswerChoice { .. } => "choice",
        Content::Typing { .. } => "typing",
    };
    format!("{}-{kind}-{}", out.message, out.order)
}

/// Tells two contents apart without telling what they are.
fn fingerprint(account: &Account, content: &str) -> String {
    // A key of any length is taken, so this never falls back.
    let mac = Hmac::<Sha256>::new_from_slice(account.secret("signing_secret").expose().as_bytes());
    let digest = mac.map(|mac| mac.chain_update(content.as_bytes()).finalize().into_bytes());
    digest.map_or_else(|_| String::new(), |digest| hex::encode(digest).chars().take(16).collect())
}

fn envelope(ctx: &Ctx, out: &Outgoing) -> Value {
    let external = out.to.identities.iter().find(|identity| identity.kind == IdentityKind::ExternalId);
    let view = lenient(out.view.as_bytes());
    let (kind, data) = match &out.content {
        Content::Text { .. }
        | Content::Files { .. }
        | Content::Place(_)
        | Content::Card(_)
        | Content::Template(_)
        | Content::List { .. } => ("message.created", view.unwrap_or(Value::Null)),
        Content::Edit { remote, text } => {
            ("message.edited", view.unwrap_or_else(|| json!({"id": remote, "text": text})))
        }
        Content::Remove { remotes } => ("message.removed", json!({"ids": remotes})),
        Content::Reaction { remote, emoji } => ("message.reaction", json!({"id": remote, "emoji": emoji})),
        Content::Typing { .. } => ("typing", Value::Null),
        Content::Seen { remote } => ("message.seen", json!({"up_to": remote})),
        Content::AnswerChoice { callback } => ("message.chosen", json!({"id": callback})),
    };
    let mut body = json!({
        "type": kind,
        "timestamp": moment(ctx.now_ms),
        "thread": out.to.thread,
        "contact": external.map(|identity| json!({"id": identity.value})),
        "data": data,
    });
    extend(&mut body["data"], out);
    body
}

/// What the view does not say: it is our API's message, and the other system answers by its own ids and needs the content.
fn extend(data: &mut Value, out: &Outgoing) {
    let mut put = |key: &str, value: Value| {
        if data.is_null() {
            *data = json!({});
        }
        if let Some(object) = data.as_object_mut() {
            object.entry(key.to_owned()).or_insert(value);
        }
    };
    match &out.content {
        Content::Text { text, buttons } => {
            put("text", text.as_str().into());
            if !buttons.is_empty() {
                put("buttons", json!(buttons));
            }
        }
        Content::Files { caption, .. } => put("text", json!(caption)),
        Content::Place(place) => put("place", json!(place)),
        Content::Card(card) => put("card", json!(card)),
        _ => return,
    }
    put("id", out.message.as_str().into());
    put("reply_to_remote", json!(out.reply_to));
}

/// The id under which the other system answers to what we sent: our own.
fn remotes(out: &Outgoing) -> Vec<String> {
    match &out.content {
        Content::Text { .. } | Content::Files { .. } | Content::Place(_) | Content::Card(_) => {
            vec![out.message.clone()]
        }
        Content::Edit { remote, .. } => vec![remote.clone()],
        _ => Vec::new(),
    }
}

fn moment(now_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("https://a.example:8080/x?y"), Some("a.example:8080"));
        assert_eq!(host("http://user:pw@a.example"), Some("a.example"));
        for wrong in ["", "a.example", "ftp://a", "https://", "https://:80/", "https://a b/", "file:///etc/passwd"] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_is_posted_without_address_or_secret() {
        let ctx = Ctx { now_ms: 0, chance: [0; 32] };
        let mut account = Account::default();
        let tried = |account: &Account| post(&ctx, account, "api.webhook", "msg_1", &Value::Null).map(drop);
        account.secrets.insert("signing_secret".to_owned(), standard_webhooks::generate([1; 32]));
        assert_eq!(tried(&account), Err(no_url()));
        account.settings.insert("webhook_url".to_owned(), "https://other.example/".to_owned());
        assert_eq!(tried(&account), Ok(()));
        account.secrets.clear();
        assert_eq!(tried(&account), Err(SendError::Reauthorise));
    }

    #[test]
    fn each_order_has_its_own_id_and_a_message_its_own() {
        let out = |order: &str, content| {
            Outgoing::new("msg_1".to_owned(), order.to_owned(), crate::Recipient::default(), content)
        };
        let reaction = |order| webhook_id(&out(order, Content::Reaction { remote: "1".to_owned(), emoji: None }));
        assert_eq!(reaction("obx_1"), reaction("obx_1"), "a repeated post");
        assert_ne!(reaction("obx_1"), reaction("obx_2"), "the same reaction, given again");
        let text = |order| webhook_id(&out(order, Content::Text { text: "a".to_owned(), buttons: Vec::new() }));
        assert_eq!((text("obx_1"), text("obx_2")), ("msg_1".to_owned(), "msg_1".to_owned()));
    }

    #[test]
    fn answers() {
        let answer = |status, wait: Option<&str>| {
            let headers = wait.map(|wait| ("retry-after".to_owned(), wait.to_owned())).into_iter().collect();
            taken(&Reply::Answer { status, headers, body: Vec::new() })
        };
        assert_eq!(answer(204, None), Ok(()));
        assert_eq!(answer(429, Some("3")), Err(SendError::Throttled(3000)));
        assert!(matches!(answer(429, None), Err(SendError::Retry(_))));
        assert!(matches!(answer(503, None), Err(SendError::Retry(_))));
        for status in [302, 400, 401, 404, 410, 422] {
            assert!(matches!(answer(status, None), Err(SendError::Refused { .. })));
        }
        assert!(matches!(taken(&Reply::Lost { why: "cut".to_owned() }), Err(SendError::Retry(_))));
    }
}
