//! Microsoft tells by a subscription that the inbox changed (<https://learn.microsoft.com/graph/change-notifications-overview>): it
//! calls the hook, and says no more than that something did. What it sends is proven by a word that it was given (`clientState`).
//!
//! Where Microsoft cannot reach the hook it makes no subscription, and the mailbox is asked and nothing else.

use serde_json::{Value, json};

use super::{BASE_URL, api};
use crate::json::{list, string, text};
use crate::mail::write::ours;
use crate::oauth;
use crate::{
    Account, Call, Ctx, Hint, HttpCall, Method, Raw, Reject, Reply, Secret, SendError, Step, Verified, Watch, lenient,
    watch,
};

/// How long a subscription is asked for: of messages it may have 4,230 minutes.
const LIFE_MS: i64 = 4_200 * 60_000;
/// How often it is renewed.
const AGAIN_MS: i64 = 24 * 3_600_000;
/// Where Microsoft tells of the subscription itself, below the hook.
const LIFECYCLE: &str = "lifecycle";
/// The longest word that is said back, in bytes.
const LONGEST: usize = 2_048;

/// Whether Microsoft may be able to reach the hook, and what it says can be proven.
pub(super) fn wanted(account: &Account) -> bool {
    let public = account.hook_url.starts_with("https://") || account.base_url != BASE_URL;
    public && ours::watch_word(account).is_some()
}

/// The next step of having Microsoft tell.
pub(super) fn step(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Option<Watch>> {
    next(ctx, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, account: &Account, mut replies: &[Reply]) -> Result<Step<Option<Watch>>, SendError> {
    let Some(word) = ours::watch_word(account).filter(|_| wanted(account)) else {
        return Ok(match replies {
            [] => stop(ctx, account).map_or(Step::Done(None), Step::Call),
            _ => Step::Done(None),
        });
    };
    let until = moment(ctx.now_ms.saturating_add(LIFE_MS));
    if api::is_id(&account.watch) {
        let [renewed, rest @ ..] = replies else {
            let path = format!("/subscriptions/{}", account.watch);
            let call = order(ctx, account, "outlook.renew", &path, &json!({"expirationDateTime": until}))?;
            return Ok(Step::Call(Call::Http(HttpCall { method: Method::Patch, repeatable: true, ..call })));
        };
        match api::read(renewed, true) {
            Ok(answer) => return made(ctx, &answer),
            // It ended, or was taken away: another is made.
            Err(api::Failure::Gone) => replies = rest,
            Err(failure) => return Err(unmade(failure)),
        }
    }
    let [subscribed, ..] = replies else {
        let subscription = json!({
            "changeType": "created",
            "notificationUrl": account.hook_url,
            "lifecycleNotificationUrl": format!("{}/{LIFECYCLE}", account.hook_url),
            "resource": "me/mailFolders('inbox')/messages",
            "expirationDateTime": until,
            "clientState": word,
        });
        return Ok(Step::Call(Call::Http(order(ctx, account, "outlook.subscribe", "/subscriptions", &subscription)?)));
    };
    made(ctx, &api::read(subscribed, false).map_err(unmade)?)
}

/// A refusal of Microsoft's is one of the hook: the mailbox itself is open to us.
fn unmade(failure: api::Failure) -> SendError {
    match api::error(failure) {
        SendError::Refused { .. } => oauth::refused(
            "watch_refused",
            "Microsoft does not reach Parloir's hook, or does not tell of this mailbox. It wants https at a public address.",
        ),
        other => other,
    }
}

fn order(
    ctx: &Ctx,
    account: &Account,
    operation: &'static str,
    path: &str,
    said: &Value,
) -> Result<HttpCall, SendError> {
    let call = api::get(ctx, account, operation, path)?;
    Ok(HttpCall { headers: call.headers, ..HttpCall::post_json(operation, call.url, said) })
}

/// A subscription as Microsoft shows it.
fn made(ctx: &Ctx, answer: &Value) -> Result<Step<Option<Watch>>, SendError> {
    let until = text(answer, "/expirationDateTime").and_then(|until| until.parse::<jiff::Timestamp>().ok());
    let id = string(answer, "/id").filter(|id| api::is_id(id));
    let (Some(until), Some(state)) = (until, id) else {
        return Err(SendError::Retry("Microsoft did not say which subscription it made".to_owned()));
    };
    let until_ms = until.as_millisecond();
    let half = until_ms.saturating_sub(ctx.now_ms) / 2;
    let again_ms = ctx.now_ms.saturating_add(half.clamp(60_000, AGAIN_MS));
    Ok(Step::Done(Some(Watch { state, until_ms, again_ms })))
}

fn moment(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The call that ends it, whatever comes of it: it ends by itself after three days. A token that has ended is shown all the same.
pub(super) fn stop(ctx: &Ctx, account: &Account) -> Option<Call> {
    let id = Some(&account.watch).filter(|id| api::is_id(id))?;
    let ever = Ctx { now_ms: 0, ..*ctx };
    let call = HttpCall {
        method: Method::Delete,
        headers: vec![oauth::bearer(&ever, account).ok()?],
        ..HttpCall::get("outlook.unsubscribe", format!("{}/v1.0/subscriptions/{id}", account.base_url))
    };
    Some(Call::Http(call))
}

/// Believes what knows the word that Microsoft was given. A request that asks for its own word back is no more than that.
pub(super) fn verify(raw: &Raw, account: &Account) -> Result<Verified, Reject> {
    if raw.method != "POST" || !matches!(raw.path.as_str(), "" | LIFECYCLE) || !wanted(account) {
        return Err(Reject::Unauthorised);
    }
    if let Some((_, word)) = form_urlencoded::parse(raw.query.as_bytes()).find(|(name, _)| name == "validationToken") {
        let sound = (1..=LONGEST).contains(&word.len()) && !word.chars().any(char::is_control);
        return if sound { Ok(watch::handshake(&word)) } else { Err(Reject::Malformed) };
    }
    let word = Secret::new(ours::watch_word(account).unwrap_or_default());
    let said = lenient(&raw.body).unwrap_or_default();
    let proven = |item: &&Value| word.matches(text(item, "/clientState").unwrap_or_default().as_bytes());
    let hints: Vec<Hint> = list(&said, "/value").iter().filter(proven).flat_map(hints).copied().collect();
    if hints.is_empty() { Err(Reject::Unauthorised) } else { Ok(watch::told(&hints)) }
}

/// What one notification means (<https://learn.microsoft.com/graph/change-notifications-lifecycle-events>).
fn hints(item: &Value) -> &'static [Hint] {
    match text(item, "/lifecycleEvent") {
        None | Some("missed") => &[Hint::News],
        Some("reauthorizationRequired") => &[Hint::Watch],
        // Removed; and what else there may be one day.
        Some(_) => &[Hint::News, Hint::Watch],
    }
}
