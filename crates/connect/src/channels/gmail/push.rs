//! Google tells by Cloud Pub/Sub that the mailbox changed (<https://developers.google.com/workspace/gmail/api/guides/push>): the
//! mailbox is watched for a topic, and a push subscription of that topic calls the hook. It says no more than that something did.
//!
//! Optional: without a topic the mailbox is asked and nothing else.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::account::address;
use super::{SIGN_IN, api, token};
use crate::json::{list, string, text};
use crate::oauth::{self, refused};
use crate::{
    Account, Call, Ctx, Hint, HttpCall, Method, Raw, Reject, Reply, SendError, Step, Verified, Watch, identity,
    lenient, watch,
};

/// Google's keys are read anew this often, which is more often than it changes them, and the watch is renewed with them: it ends after
/// seven days.
const AGAIN_MS: i64 = 6 * 3_600_000;
/// Where Google shows the keys by which it signs (<https://accounts.google.com/.well-known/openid-configuration>).
const KEYS_HOST: &str = "https://www.googleapis.com";
/// Google shows two or three.
const MOST_KEYS: usize = 8;

/// Whether the settings say where Google is to publish, and who calls the hook then.
pub(super) fn wanted(account: &Account) -> bool {
    !topic(account).is_empty() && account.setting("push_account").contains('@')
}

fn topic(account: &Account) -> &str {
    account.setting("push_topic").trim()
}

/// The next step of having Google tell.
pub(super) fn step(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Option<Watch>> {
    next(ctx, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Result<Step<Option<Watch>>, SendError> {
    if !wanted(account) {
        return Ok(match (account.watch.is_empty(), replies) {
            (false, []) => stop(ctx, account).map_or(Step::Done(None), Step::Call),
            _ => Step::Done(None),
        });
    }
    let [watching, rest @ ..] = replies else {
        let order = json!({"topicName": topic(account), "labelIds": ["INBOX"]});
        let call = api::get(ctx, account, "gmail.watch", "watch")?;
        let posted = HttpCall::post_json(call.operation, call.url, &order);
        // Watched once more, the mailbox is watched once.
        return Ok(Step::Call(Call::Http(HttpCall { headers: call.headers, repeatable: true, ..posted })));
    };
    let watching = api::read(watching, true).map_err(unwatched)?;
    let [keys, ..] = rest else {
        return Ok(Step::Call(Call::Http(HttpCall::get(
            "gmail.keys",
            format!("{}/oauth2/v3/certs", keys_host(account)),
        ))));
    };
    let keys = keys_of(&api::read(keys, true).map_err(unwatched)?)?;
    let until_ms = string(&watching, "/expiration")
        .and_then(|ms| ms.parse().ok())
        .or_else(|| watching["expiration"].as_i64())
        .ok_or_else(|| SendError::Retry("Google did not say until when it tells".to_owned()))?;
    let state = json!({"keys": keys}).to_string();
    Ok(Step::Done(Some(Watch { state, until_ms, again_ms: ctx.now_ms.saturating_add(AGAIN_MS) })))
}

fn keys_host(account: &Account) -> &str {
    if account.oauth_url == SIGN_IN.base_url { KEYS_HOST } else { &account.oauth_url }
}

/// A refusal of Google's is one of the topic: the mailbox itself is open to us.
fn unwatched(failure: api::Failure) -> SendError {
    match api::error(failure) {
        SendError::Refused { .. } | SendError::Stopped { .. } => refused(
            "watch_refused",
            "Google does not publish to this topic. It is named projects/…/topics/…, is of the project of the client id, and lets \
             gmail-api-push@system.gserviceaccount.com publish.",
        ),
        other => other,
    }
}

/// The RSA keys among those that Google shows, as far as they are needed.
fn keys_of(shown: &Value) -> Result<Vec<Value>, SendError> {
    let key = |key: &Value| {
        let [kid, n, e] = ["/kid", "/n", "/e"].map(|part| text(key, part).filter(|part| part.len() <= 1_024));
        (text(key, "/kty") == Some("RSA")).then_some(json!({"kid": kid?, "n": n?, "e": e?}))
    };
    let keys: Vec<Value> = list(shown, "/keys").iter().filter_map(key).take(MOST_KEYS).collect();
    if keys.is_empty() { Err(SendError::Retry("Google shows no keys".to_owned())) } else { Ok(keys) }
}

/// The call that ends it, whatever comes of it. A token that has ended is shown all the same: it is refused, and nothing is lost.
pub(super) fn stop(ctx: &Ctx, account: &Account) -> Option<Call> {
    let ever = Ctx { now_ms: 0, ..*ctx };
    let call = HttpCall {
        method: Method::Post,
        headers: vec![oauth::bearer(&ever, account).ok()?],
        ..HttpCall::get("gmail.stop", format!("{}/gmail/v1/users/me/stop", account.base_url))
    };
    Some(Call::Http(call))
}

/// Believes what Google signed for this hook. Of another mailbox, whose project has the same topic, it tells nothing.
pub(super) fn verify(ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
    if !wanted(account) || !token::proven(ctx.now_ms, raw, account) {
        return Err(Reject::Unauthorised);
    }
    if raw.method != "POST" || !raw.path.is_empty() {
        return Err(Reject::NotFound);
    }
    let of = mailbox(&raw.body).ok_or(Reject::Malformed)?;
    Ok(watch::told(if of == address(account) { &[Hint::News] } else { &[] }))
}

/// Whose mailbox changed: in base64, of whichever alphabet, within what Pub/Sub wraps around it.
fn mailbox(body: &[u8]) -> Option<String> {
    let data = string(&lenient(body)?, "/message/data")?;
    let data = STANDARD.decode(&data).or_else(|_| URL_SAFE.decode(&data)).or_else(|_| URL_SAFE_NO_PAD.decode(&data));
    identity::email(text(&lenient(&data.ok()?)?, "/emailAddress")?)
}
