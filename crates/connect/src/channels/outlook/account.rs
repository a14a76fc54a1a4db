//! Opening a mailbox: what its owner is asked to allow, and whose it is.

use serde_json::Value;

use super::api::{self, Failure};
use super::cursor::{BEGUN, Cursor};
use crate::json::{list, string};
use crate::mail::write::ours;
use crate::mail::{NAMELESS, Own, alias, thread};
use crate::oauth::{Access, Consent, Tokens, refused};
use crate::{Account, Authorized, Call, Ctx, Reply, SendError, Step, identity};

const WHO: &str = "https://graph.microsoft.com/User.Read";
const READ: &str = "https://graph.microsoft.com/Mail.Read";
const WRITE: &str = "https://graph.microsoft.com/Mail.ReadWrite";
const SEND: &str = "https://graph.microsoft.com/Mail.Send";
/// Without it no refresh token comes.
const STAY: &str = "offline_access";

/// The least that what the member chose takes.
pub(super) fn consent(account: &Account) -> Consent {
    let root = format!("{}/{}/oauth2/v2.0", account.oauth_url, tenant(account));
    Consent {
        operation: "outlook.token",
        authorize_url: format!("{root}/authorize"),
        token_url: format!("{root}/token"),
        scopes: match account.setting("access") {
            "read" => vec![WHO, READ, STAY],
            "modify" => vec![WHO, WRITE, SEND, STAY],
            _ => vec![WHO, READ, SEND, STAY],
        },
        client: "client_id",
        checks_proof: true,
        also: [("response_mode", "query"), ("prompt", "select_account")]
            .map(|(name, value)| (name, value.to_owned()))
            .into(),
    }
}

/// What a scope opens (<https://learn.microsoft.com/en-us/graph/permissions-reference>).
pub(super) fn opens(scope: &str) -> Option<&'static [Access]> {
    match scope {
        "mail.read" | "mail.readbasic" => Some(&[Access::Read]),
        "mail.readwrite" => Some(&[Access::Read, Access::Change]),
        "mail.send" => Some(&[Access::Send]),
        "user.read" | "openid" | "email" | "profile" | "offline_access" => Some(&[]),
        _ => None,
    }
}

/// The directory in which people sign in; what is no name of one is none.
fn tenant(account: &Account) -> &str {
    let tenant = account.setting("tenant");
    let sound = tenant.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    if tenant.is_empty() || tenant.starts_with('.') || !sound { "common" } else { tenant }
}

/// Whether the member chose that mail is sent.
pub(super) fn may_send(account: &Account) -> bool {
    account.setting("access") != "read"
}

/// Whether the member chose that mail is changed too.
pub(super) fn may_modify(account: &Account) -> bool {
    account.setting("access") == "modify"
}

/// The mailbox's address.
pub(super) fn address(account: &Account) -> &str {
    account.learned.get("address").map_or("", String::as_str)
}

/// What the channel knows of itself.
pub(super) fn own(account: &Account) -> Own {
    let addresses = thread::addresses(address(account), account).map(str::to_owned).collect();
    Own { addresses, mark: ours::mark(account).unwrap_or_default(), servers: vec![NAMELESS.to_owned()] }
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
    let Some((profile, rest)) = replies.split_first() else {
        return ask("outlook.profile", "/me?$select=id,mail,userPrincipalName");
    };
    let profile = api::read(profile, true).map_err(api::error)?;
    // That there is a mailbox, and that it may be read.
    let Some((inbox, rest)) = rest.split_first() else {
        return ask("outlook.inbox", "/me/mailFolders/inbox?$select=id");
    };
    api::read(inbox, true).map_err(api::error)?;
    let proven = proven(ctx, account, &profile)?;
    if may_send(account) && alias::has_some(account) {
        let Some(reply) = rest.first() else { return ask("outlook.addresses", "/me?$select=proxyAddresses") };
        sends(account, reply)?;
    }
    Ok(Step::Done(proven))
}

/// Refuses further addresses that are none of the mailbox's. An account outside of organisations has no such list: what is wrong there
/// is said of the first mail.
fn sends(account: &Account, reply: &Reply) -> Result<(), SendError> {
    let answer = match api::read(reply, true) {
        Ok(answer) => answer,
        Err(Failure::Gone | Failure::Final(SendError::Refused { .. } | SendError::Stopped { .. })) => return Ok(()),
        Err(failure) => return Err(api::error(failure)),
    };
    let all = list(&answer, "/proxyAddresses").iter().filter_map(Value::as_str);
    let smtp = all.filter(|address| address.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("smtp:")));
    let known: Vec<String> = smtp.filter_map(|address| identity::email(&address[5..])).collect();
    if known.is_empty() { Ok(()) } else { alias::among(&known, account, api::reason) }
}

/// A channel stays the one mailbox's that it was opened to: another's changes would tell nothing of this one's.
fn proven(ctx: &Ctx, account: &Account, profile: &Value) -> Result<Authorized, SendError> {
    let unnamed = || SendError::Retry("Microsoft did not name the account".to_owned());
    let id = string(profile, "/id").filter(|id| !id.is_empty()).ok_or_else(unnamed)?;
    let label = string(profile, "/mail").or_else(|| string(profile, "/userPrincipalName")).ok_or_else(unnamed)?;
    let address = identity::email(&label).ok_or_else(unnamed)?;
    if account.learned.get("id").is_some_and(|known| *known != id) {
        return Err(refused("another_account", api::reason("another_account").unwrap_or_default()));
    }
    // What comes from now on is brought, however soon it comes: nobody has asked the mailbox yet.
    let begun = account.learned.get(BEGUN).cloned().unwrap_or_else(|| Cursor::start(ctx.now_ms).text());
    let learned = [("address".to_owned(), address), (BEGUN.to_owned(), begun)].into();
    Ok(Authorized { account: id, label, learned })
}
