//! Visitors' sessions: bearer tokens that the channel signs itself, so that opening one stores nothing.
//!
//! `v1.` payload `.` MAC, both base64url; the payload is JSON. A session of a proven user is a new one: it never takes
//! over the anonymous visitor who used the browser before, who may have been somebody else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::look::{self, Asked};
use super::origin;
use super::proof::{self, User};
use crate::json::{integer, string};
use crate::{Account, Ctx, Reject, lenient};

/// How long a session lasts, in milliseconds.
const LIFE_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Longest token looked at, in bytes.
const TOKEN: usize = 2048;

/// Who holds a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The session's own id: 128 random bits in hexadecimal.
    pub id: String,
    /// The website's id of a proven user; `None` for an anonymous visitor.
    pub user: Option<String>,
    /// How old they said they are at least when they opened it, in years.
    pub of_age: u8,
    /// When the session ends, in Unix milliseconds.
    pub expires_ms: i64,
}

impl Visitor {
    /// Who speaks, and so the thread's key: `user:` and the user's id in all their browsers, else the session's id.
    pub fn subject(&self) -> String {
        self.user.as_ref().map_or_else(|| self.id.clone(), |user| format!("user:{user}"))
    }
}

/// A session as it was opened.
#[derive(Clone)]
pub struct Opened {
    /// What the visitor sends as `Authorization: Bearer`.
    pub token: String,
    /// Who they are.
    pub visitor: Visitor,
    /// What the website vouches for, if it does.
    pub user: Option<User>,
    /// What else came with the request.
    pub asked: Asked,
}

/// Opens a session for a request's body, `{}` or `{"identity":{"jwt"}}` or
/// `{"identity":{"identifier","identifier_hash"}}`, from a page of this origin (`None` without the header).
///
/// # Errors
/// [`Reject::Unauthorised`] for a foreign origin or an invalid proof, [`Reject::Malformed`] for what is no JSON object.
pub fn open(ctx: &Ctx, account: &Account, origin: Option<&str>, body: &[u8]) -> Result<Opened, Reject> {
    if origin.is_some_and(|origin| !origin::allowed(account, origin)) {
        return Err(Reject::Unauthorised);
    }
    let request = lenient(body).filter(Value::is_object).ok_or(Reject::Malformed)?;
    let user = proof::user(ctx, account, &request)?;
    let asked = Asked::of(&request);
    let minimum = look::years(account.setting("minimum_age")).filter(|_| asked.of_age);
    let named = user.as_ref().map(|user| user.id.as_str());
    let (token, visitor) = mint(ctx, account, named, minimum.unwrap_or_default()).ok_or(Reject::Unauthorised)?;
    Ok(Opened { token, visitor, user, asked })
}

/// Signs a new session; for `user` only after their proof was checked, and of somebody who says to be at least `of_age` years
/// old. `None` if the channel has no session secret.
pub fn mint(ctx: &Ctx, account: &Account, user: Option<&str>, of_age: u8) -> Option<(String, Visitor)> {
    let visitor = Visitor {
        id: hex::encode(ctx.chance.get(..16)?),
        user: user.map(str::to_owned),
        of_age,
        expires_ms: ctx.now_ms.saturating_add(LIFE_MS),
    };
    let payload = json!({"v": visitor.id, "u": visitor.user, "a": visitor.of_age, "e": visitor.expires_ms});
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let signature = URL_SAFE_NO_PAD.encode(mac(account, "session", &payload)?.finalize().into_bytes());
    Some((format!("v1.{payload}.{signature}"), visitor))
}

/// The visitor of a token, if this channel signed it and it still lasts.
pub fn read(ctx: &Ctx, account: &Account, token: &str) -> Option<Visitor> {
    let (payload, signature) = token.strip_prefix("v1.").filter(|_| token.len() <= TOKEN)?.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(account, "session", payload)?.verify_slice(&signature).ok()?;
    let payload = lenient(&URL_SAFE_NO_PAD.decode(payload).ok()?)?;
    let visitor = Visitor {
        id: string(&payload, "/v")?,
        user: string(&payload, "/u"),
        of_age: integer(&payload, "/a").and_then(|years| u8::try_from(years).ok()).unwrap_or_default(),
        expires_ms: integer(&payload, "/e")?,
    };
    (visitor.expires_ms > ctx.now_ms).then_some(visitor)
}

/// What a visitor names an uploaded file by in their message. It is good for this visitor alone, so nobody can send
/// somebody else's file as theirs. `None` if the channel has no session secret.
pub fn ticket(account: &Account, subject: &str, handle: &str) -> Option<String> {
    let signature = mac(account, "upload", &format!("{subject}\n{handle}"))?.finalize().into_bytes();
    Some(format!("{handle}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Whether a ticket was given to this visitor.
pub(super) fn ticket_of(account: &Account, subject: &str, ticket: &str) -> bool {
    let check = || {
        let (handle, signature) = ticket.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        mac(account, "upload", &format!("{subject}\n{handle}"))?.verify_slice(&signature).ok()
    };
    check().is_some()
}

/// Under the channel's session secret, for one purpose and this channel.
fn mac(account: &Account, purpose: &str, message: &str) -> Option<Hmac<Sha256>> {
    let secret = account.secret("session_secret");
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok().filter(|_| !secret.is_empty())?;
    Some(mac.chain_update(format!("parloir web {purpose}\n{}\n", account.channel)).chain_update(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn account() -> Account {
        let mut account = Account {
            channel: "chn_1".to_owned(),
            hook_url: "https://parloir.example/hooks/chn_1".to_owned(),
            ..Account::default()
        };
        account.secrets.insert("session_secret".to_owned(), Secret::new("secret"));
        account
    }

    fn ctx(chance: u8) -> Ctx {
        Ctx { now_ms: 1_767_225_600_000, chance: [chance; 32] }
    }

    #[test]
    fn a_session_is_read_back() {
        for user in [None, Some("u:1 \u{e9}")] {
            let (token, visitor) = mint(&ctx(1), &account(), user, 14).expect("a secret is set");
            assert!(read(&ctx(2), &account(), &token) == Some(visitor.clone()));
            assert_eq!((visitor.id.len(), visitor.of_age), (32, 14));
            assert_eq!(visitor.subject(), user.map_or(visitor.id, |user| format!("user:{user}")));
        }
    }

    #[test]
    fn opening() {
        let tried = |origin, body: &str| {
            open(&ctx(1), &account(), origin, body.as_bytes()).map(|opened| opened.visitor.user.is_none())
        };
        assert_eq!(tried(None, "{}"), Ok(true));
        assert_eq!(tried(Some("https://parloir.example"), "{}"), Ok(true));
        assert_eq!(tried(Some("https://evil.example"), "{}"), Err(Reject::Unauthorised));
        assert_eq!(tried(None, r#"{"identity":{"identifier":"u"}}"#), Err(Reject::Unauthorised));
        assert_eq!(tried(None, ""), Err(Reject::Malformed));
        assert!(open(&ctx(1), &Account::default(), None, b"{}").is_err());
    }

    #[test]
    fn a_session_says_which_age_was_asked_for() {
        let mut account = account();
        let said = |account: &Account, body: &str| {
            let opened = open(&ctx(1), account, None, body.as_bytes()).map(|opened| opened.token);
            opened.ok().and_then(|token| read(&ctx(2), account, &token)).map(|visitor| visitor.of_age)
        };
        assert_eq!(said(&account, r#"{"of_age":true}"#), Some(0), "nothing was asked");
        account.settings.insert("minimum_age".to_owned(), "16".to_owned());
        assert_eq!((said(&account, "{}"), said(&account, r#"{"of_age":true}"#)), (Some(0), Some(16)));
    }

    #[test]
    fn a_ticket_is_no_session_and_belongs_to_one_visitor() {
        let ticket = ticket(&account(), "v", "att_1").expect("a secret is set");
        assert!(ticket_of(&account(), "v", &ticket));
        assert!(!ticket_of(&account(), "w", &ticket));
        assert!(!ticket_of(&account(), "v", &ticket.replace("att_1", "att_2")));
        assert!(read(&ctx(1), &account(), &format!("v1.{ticket}")).is_none());
    }
}
