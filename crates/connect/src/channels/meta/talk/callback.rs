//! What Meta posts for a person, below the hook: that their data be deleted, or that they took the app away
//! (<https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>).

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{APP_SECRET, Product};
use crate::channels::meta::signed_request;
use crate::json::{integer, string, text};
use crate::{
    Account, AccountNews, Answer, Event, IdentityKind, Person, PersonIdentity, Raw, Reject, Verified, lenient,
};

/// The path, below the hook, of a person's wish that what is held of them be deleted. Its status is shown below it.
const DELETION: &str = "data-deletion";
/// The path of the news that somebody took the app away.
const DEAUTHORISATION: &str = "deauthorize";
/// The key under which the path stands in what was verified. No delivery has it: what is verified is written anew.
const PATH: &str = "callback";

/// Whether a request is of a person who wants what is held of them deleted, or who took the app away: by whomever the app is used,
/// it is meant for all of them, because the app has one address for it.
pub(in crate::channels) fn is_for_app(raw: &Raw) -> bool {
    raw.method == "POST" && matches!(raw.path.as_str(), DELETION | DEAUTHORISATION)
}

/// What is answered where the account is disconnected and nobody can tell any more whether the request is Meta's: for a wish, by
/// which code and where the person reads whom to ask.
pub(super) fn departed(raw: &Raw, hook_url: &str) -> Option<Answer> {
    if !is_for_app(raw) {
        return None;
    }
    let signed = signed_request::field(&raw.body)?;
    if raw.path == DEAUTHORISATION {
        return Some(Answer { keep: false, ..Answer::ok() });
    }
    let code: String = hex::encode(Sha256::digest(signed)).chars().take(32).collect();
    Some(Answer { keep: false, ..told(&format!("{hook_url}/{DELETION}/{code}"), &code) })
}

fn told(url: &str, code: &str) -> Answer {
    let told = json!({"url": url, "confirmation_code": code});
    Answer { content_type: "application/json", body: told.to_string(), ..Answer::ok() }
}

/// Whether such a request is Meta's; `None` if it is no such request.
pub(super) fn verify(product: &Product, now_ms: i64, raw: &Raw, account: &Account) -> Option<Result<Verified, Reject>> {
    if raw.method != "POST" || !matches!(raw.path.as_str(), DELETION | DEAUTHORISATION) {
        return None;
    }
    let signed = signed_request::field(&raw.body)?;
    let asked = match signed_request::proven(&signed, &account.secret(APP_SECRET), now_ms) {
        Ok(asked) => asked,
        Err(reject) => return Some(Err(reject)),
    };
    // Empty: people have ids by which the app knows them, but which app it is nobody knows yet.
    let app = product.has_app_ids.then(|| account.learned.get("app").cloned().unwrap_or_default());
    let kept = json!({PATH: raw.path, "user": asked.user, "at_ms": asked.at_ms, "code": asked.code,
        "url": format!("{}/{DELETION}/{}", account.hook_url, asked.code),
        "app": app, "account": account.setting(product.account_key)});
    Some(Ok(Verified::new(kept.to_string().into_bytes())))
}

/// What was asked, if that is what these bytes are.
fn asked(verified: &Verified) -> Option<Value> {
    lenient(verified.body()).filter(|asked| text(asked, "/callback").is_some())
}

/// The answer: where the person can follow what becomes of it, and by which code.
pub(super) fn answer(verified: &Verified) -> Option<Answer> {
    let asked = asked(verified)?;
    if text(&asked, "/callback") != Some(DELETION) {
        return Some(Answer::ok());
    }
    Some(told(text(&asked, "/url")?, text(&asked, "/code")?))
}

/// Whether these bytes are such a request.
pub(super) fn is_one(verified: &Verified) -> bool {
    asked(verified).is_some()
}

/// What it says; `None` if it is none.
pub(super) fn event(delivery: &Value) -> Option<Event> {
    let at_ms = integer(delivery, "/at_ms").unwrap_or(0).max(0);
    match text(delivery, "/callback")? {
        DELETION => {
            let (user, code) = (string(delivery, "/user")?, string(delivery, "/code")?);
            let known = |kind, scope: Option<&str>| {
                scope.map(|scope| PersonIdentity { kind, scope: scope.to_owned(), value: user.clone() })
            };
            let app = delivery.get("app").and_then(Value::as_str);
            let identities = [
                known(IdentityKind::AppScopedId, app),
                known(IdentityKind::AccountScopedId, text(delivery, "/account")),
            ];
            let identities: Vec<PersonIdentity> = identities.into_iter().flatten().collect();
            let from = Person { identities, ..Person::default() };
            (!from.identities.is_empty()).then_some(Event::ErasureAsked { from, code, at_ms })
        }
        // Whoever took it away may be anybody who ever signed in with it: our own token shows whether it was us.
        DEAUTHORISATION => Some(Event::Account(AccountNews {
            code: "deauthorised".to_owned(),
            works: Some(false),
            doubtful: true,
            at_ms,
            ..AccountNews::default()
        })),
        _ => None,
    }
}
