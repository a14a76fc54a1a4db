//! Opening a mailbox: what its owner is asked to allow, whose it is, and giving it back.

use serde_json::Value;

use super::cursor::{BEGUN, Cursor};
use super::{SIGN_IN, api, push};
use crate::json::{list, string};
use crate::mail::write::ours;
use crate::mail::{Own, alias, thread};
use crate::oauth::{Access, Consent, Tokens, refused};
use crate::{Account, Authorized, Body, Call, Ctx, HttpCall, Method, Reply, SendError, Step, identity};

/// Where codes become tokens, and tokens end: another host than the page's.
const TOKEN_HOST: &str = "https://oauth2.googleapis.com";
const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";
const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";

/// The least that what the member chose takes.
pub(super) fn consent(account: &Account) -> Consent {
    Consent {
        operation: "gmail.token",
        authorize_url: format!("{}/o/oauth2/v2/auth", account.oauth_url),
        token_url: format!("{}/token", token_host(account)),
        scopes: match account.setting("access") {
            "read" => vec![READ],
            "modify" => vec![READ, SEND, MODIFY],
            _ => vec![READ, SEND],
        },
        client: "client_id",
        checks_proof: true,
        // Without the second, no refresh token comes with a second consent.
        also: [("access_type", "offline"), ("prompt", "consent")].map(|(name, value)| (name, value.to_owned())).into(),
    }
}

/// What a scope opens (<https://developers.google.com/workspace/gmail/api/auth/scopes>).
pub(super) fn opens(scope: &str) -> Option<&'static [Access]> {
    match scope {
        "gmail.readonly" | "gmail.metadata" => Some(&[Access::Read]),
        "gmail.send" | "gmail.compose" => Some(&[Access::Send]),
        "gmail.labels" | "gmail.insert" => Some(&[Access::Change]),
        "gmail.modify" | "mail.google.com" => Some(&Access::ALL),
        "openid" | "email" | "profile" | "userinfo.email" | "userinfo.profile" => Some(&[]),
        _ => None,
    }
}

fn token_host(account: &Account) -> &str {
    if account.oauth_url == SIGN_IN.base_url { TOKEN_HOST } else { &account.oauth_url }
}

/// Whether the member chose that mail is changed too.
pub(super) fn may_modify(account: &Account) -> bool {
    account.setting("access") == "modify"
}

/// Whether the member chose that mail is sent.
pub(super) fn may_send(account: &Account) -> bool {
    account.setting("access") != "read"
}

/// The mailbox's address.
pub(super) fn address(account: &Account) -> &str {
    account.learned.get("id").map_or("", String::as_str)
}

/// What the channel knows of itself.
pub(super) fn own(account: &Account) -> Own {
    let addresses = thread::addresses(address(account), account).map(str::to_owned).collect();
    Own { addresses, mark: ours::mark(account).unwrap_or_default(), servers: vec!["mx.google.com".to_owned()] }
}

/// The next step of proving the account.
pub(super) fn authorize(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
    if Tokens::of(account).is_none() {
        return Step::Fail(refused("not_authorised", api::reason("not_authorised").unwrap_or_default()));
    }
    connect(ctx, account, replies).unwrap_or_else(Step::Fail)
}

fn connect(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    alias::sound(account, api::reason)?;
    let ask = |operation, path| api::get(ctx, account, operation, path).map(|call| Step::Call(Call::Http(call)));
    let Some((profile, rest)) = replies.split_first() else { return ask("gmail.profile", "profile") };
    let proven = proven(ctx, account, &api::read(profile, true).map_err(api::error)?)?;
    if may_send(account) && alias::has_some(account) {
        let Some(reply) = rest.first() else { return ask("gmail.addresses", "settings/sendAs") };
        alias::among(&sending(&api::read(reply, true).map_err(api::error)?), account, api::reason)?;
    }
    Ok(Step::Done(proven))
}

/// The addresses from which Gmail lets the mailbox send
/// (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs/list>): for any other it puts the
/// mailbox's own in its place, and says nothing.
fn sending(answer: &Value) -> Vec<String> {
    let all = list(answer, "/sendAs").iter();
    let usable = all.filter(|one| string(one, "/verificationStatus").is_none_or(|status| status != "pending"));
    usable.filter_map(|one| identity::email(&string(one, "/sendAsEmail")?)).collect()
}

/// A channel stays the one mailbox's that it was opened to: another's history would tell nothing of this one's.
fn proven(ctx: &Ctx, account: &Account, profile: &Value) -> Result<Authorized, SendError> {
    let label = string(profile, "/emailAddress")
        .ok_or_else(|| SendError::Retry("Google did not name the account".to_owned()))?;
    let id = identity::email(&label).ok_or_else(|| SendError::Retry("Google did not name the account".to_owned()))?;
    if !address(account).is_empty() && address(account) != id {
        return Err(refused("another_account", api::reason("another_account").unwrap_or_default()));
    }
    // What comes from now on is brought, however soon it comes: nobody has asked the mailbox yet.
    let begun = string(profile, "/historyId").map(|history| Cursor::start(ctx.now_ms, history).text());
    let begun = account.learned.get(BEGUN).cloned().or(begun);
    Ok(Authorized { account: id, label, learned: begun.map(|begun| (BEGUN.to_owned(), begun)).into_iter().collect() })
}

/// The next step of giving the mailbox back: Google tells nothing more of it, whatever is answered to that, and forgets the consent.
pub(super) fn revoke(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(tokens) = Tokens::of(account) else { return Step::Done(()) };
    let stop = Some(account).filter(|account| !account.watch.is_empty()).and_then(|account| push::stop(ctx, account));
    let replies = match (stop, replies) {
        (Some(call), []) => return Step::Call(call),
        (Some(_), [_, rest @ ..]) => rest,
        (None, all) => all,
    };
    let Some(reply) = replies.first() else {
        return Step::Call(Call::Http(HttpCall {
            method: Method::Post,
            body: Body::Form(vec![("token".to_owned(), tokens.refresh.expose().to_owned())]),
            ..HttpCall::get("gmail.revoke", format!("{}/revoke", token_host(account)))
        }));
    };
    match reply {
        Reply::Answer { status: 200..=299 | 400 | 401, .. } => Step::Done(()),
        Reply::Answer { status, .. } => Step::Fail(SendError::Retry(format!("answer {status}"))),
        _ => Step::Fail(SendError::Retry("the reply was lost".to_owned())),
    }
}
