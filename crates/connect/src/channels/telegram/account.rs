//! Connecting a bot: prove the token, then tell Telegram where to send updates; a daily look whether it still does; and the way
//! back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::{self, Failure, Request};
use super::{SPEC, refusal};
use crate::destination::{Destination, destination, moved};
use crate::json::{integer, list, text};
use crate::{Account, Authorized, Ctx, Reply, SendError, Step};

/// All updates that `parse` reads. Reactions come only when they are asked for.
const ALLOWED_UPDATES: &[&str] = &[
    "message",
    "edited_message",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "callback_query",
    "message_reaction",
    "my_chat_member",
];

/// How many updates Telegram may deliver at the same time.
const MAX_CONNECTIONS: u32 = 40;
/// How old trouble of Telegram's with our hook may be to be looked into, in seconds: what is older was there the last time.
const TROUBLE_S: i64 = 24 * 3_600;

/// The next step of connecting.
pub(super) fn authorize(account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(account, replies).unwrap_or_else(Step::Fail)
}

fn connect(account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    reachable(account)?;
    let Some((me, rest)) = replies.split_first() else {
        return Request::repeatable("telegram.getMe", json!({})).call(account).map(Step::Call);
    };
    let me = api::read(me, true).map_err(api::error)?;
    let bot = integer(&me, "/id").ok_or_else(|| SendError::Retry("Telegram did not name the bot".to_owned()))?;
    let Some(hook) = rest.first() else { return set_hook(account) };
    api::read(hook, true).map_err(hook_error)?;
    let label = text(&me, "/username").map_or_else(|| format!("bot {bot}"), |name| format!("@{name}"));
    Ok(Step::Done(Authorized { account: bot.to_string(), label, learned: std::collections::BTreeMap::new() }))
}

/// What can be known before asking. Telegram calls only public https addresses; a simulator calls any.
fn reachable(account: &Account) -> Result<(), SendError> {
    if account.base_url == SPEC.base_url && !account.hook_url.starts_with("https://") {
        return Err(refusal::refused(
            "https_needed",
            "Telegram needs a public https address to deliver messages: set public_url to one.",
        ));
    }
    Ok(())
}

fn set_hook<T>(account: &Account) -> Result<Step<T>, SendError> {
    let secret = account.secret("hook_secret");
    let takes = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !(1..=256).contains(&secret.expose().len()) || !secret.expose().bytes().all(takes) {
        return Err(refusal::refused(
            "hook_secret_malformed",
            "The hook secret may hold 1 to 256 letters, digits, _ and - only. Leave it empty to have one made.",
        ));
    }
    let fields = json!({
        "url": account.hook_url,
        "secret_token": secret.expose(),
        "allowed_updates": ALLOWED_UPDATES,
        "max_connections": MAX_CONNECTIONS,
    });
    Request::repeatable("telegram.setWebhook", fields).call(account).map(Step::Call)
}

fn hook_error(failure: Failure) -> SendError {
    match failure {
        Failure::Bad(description) if description.to_lowercase().contains("port") => refusal::refused(
            "hook_port_refused",
            "Telegram delivers to the ports 443, 80, 88 and 8443 only: change the port in public_url.",
        ),
        Failure::Bad(_) => refusal::refused(
            "hook_refused",
            "Telegram cannot use this server's address. It must be public, resolve by name, and have a valid certificate: \
             check public_url.",
        ),
        other => api::error(other),
    }
}

/// The next step of the daily look: updates go to our hook, all that we read, and with the secret that we know.
pub(super) fn subscribe(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
    look(ctx, account, replies).unwrap_or_else(Step::Fail)
}

fn look(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let Some((info, rest)) = replies.split_first() else { return asked(account) };
    let info = api::read(info, true).map_err(api::error)?;
    let hook = text(&info, "/url").unwrap_or_default();
    match destination(account, hook) {
        Destination::Elsewhere | Destination::Beside => return Err(moved()),
        Destination::Own if is_well(ctx, account, &info) => return Ok(Step::Done(())),
        Destination::Own | Destination::Nowhere => {}
    }
    let Some(set) = rest.first() else { return set_hook(account) };
    api::read(set, true).map(|_| Step::Done(())).map_err(hook_error)
}

fn asked<T>(account: &Account) -> Result<Step<T>, SendError> {
    Request::repeatable("telegram.getWebhookInfo", json!({})).call(account).map(Step::Call)
}

/// Whether the hook is as connecting left it. Telegram shows no secret: that it has another is seen by what we refused.
fn is_well(ctx: &Ctx, account: &Account, info: &Value) -> bool {
    let updates: BTreeSet<&str> = list(info, "/allowed_updates").iter().filter_map(Value::as_str).collect();
    let trouble = integer(info, "/last_error_date").unwrap_or(0);
    text(info, "/url") == Some(account.hook_url.as_str())
        && updates == ALLOWED_UPDATES.iter().copied().collect()
        && trouble < ctx.now_ms.div_euclid(1_000).saturating_sub(TROUBLE_S)
}

/// The next step of disconnecting. A hook that is somebody else's by now stays, and a token that is no longer good has none left.
pub(super) fn revoke(account: &Account, replies: &[Reply]) -> Step<()> {
    match forget(account, replies) {
        Ok(step) => step,
        Err(SendError::Reauthorise) => Step::Done(()),
        Err(error) => Step::Fail(error),
    }
}

fn forget(account: &Account, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let Some((info, rest)) = replies.split_first() else { return asked(account) };
    let info = api::read(info, true).map_err(api::error)?;
    if destination(account, text(&info, "/url").unwrap_or_default()) != Destination::Own {
        return Ok(Step::Done(()));
    }
    let Some(gone) = rest.first() else {
        return Request::repeatable("telegram.deleteWebhook", json!({})).call(account).map(Step::Call);
    };
    api::read(gone, true).map(|_| Step::Done(())).map_err(api::error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn refusal_at(base_url: &str, hook_url: &str) -> Option<String> {
        let mut account =
            Account { base_url: base_url.to_owned(), hook_url: hook_url.to_owned(), ..Account::default() };
        account.secrets.insert("bot_token".to_owned(), Secret::new("1:a"));
        match authorize(&account, &[]) {
            Step::Fail(SendError::Refused { code, .. }) => Some(code),
            _ => None,
        }
    }

    #[test]
    fn telegram_itself_needs_https() {
        let hook = "http://127.0.0.1:8080/hooks/chn_1";
        assert_eq!(refusal_at(SPEC.base_url, hook).as_deref(), Some("https_needed"));
        assert_eq!(refusal_at(SPEC.base_url, "").as_deref(), Some("https_needed"));
        assert_eq!(refusal_at(SPEC.base_url, "https://chat.example/hooks/chn_1"), None);
        assert_eq!(refusal_at("http://127.0.0.1:9999", hook), None);
    }
}
