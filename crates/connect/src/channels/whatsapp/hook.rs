//! What reaches our hook: the handshake, or a signed delivery, of which only this account's own is kept.

use super::cut;
use crate::channels::meta::{handshake, signature};
use crate::{Account, Answer, Raw, Reject, Verified, lenient};

/// Whether a request is Meta's, and what of it is this account's.
pub(super) fn verify(raw: &Raw, account: &Account) -> Result<Verified, Reject> {
    if raw.method == "GET" && raw.path.is_empty() {
        return handshake::verify(raw, &account.secret("verify_token"));
    }
    if !signature::proves(raw, &account.secret("app_secret")) {
        return Err(Reject::Unauthorised);
    }
    if raw.method != "POST" || !raw.path.is_empty() {
        return Err(Reject::NotFound);
    }
    let delivery = lenient(&raw.body).filter(serde_json::Value::is_object).ok_or(Reject::Malformed)?;
    let own = cut::own(&delivery, account).to_string().into_bytes();
    Ok(Verified::speaking(own, scopes(account).collect::<Vec<_>>().join(SEPARATOR)))
}

/// Between the scopes in what a delivery is spoken for by.
pub(super) const SEPARATOR: &str = " ";

/// Within what a person's WhatsApp id is unique: the business portfolio, whose channels share it, and each business account
/// of it. Both are used, so that a person is the same before and after the portfolio was learned.
pub(super) fn scopes(account: &Account) -> impl Iterator<Item = &str> {
    let portfolio = account.learned.get("portfolio").map_or("", String::as_str);
    let business = Some(account.setting("business_account_id")).filter(|business| *business != portfolio);
    [Some(portfolio), business].into_iter().flatten().filter(|scope| !scope.is_empty())
}

/// What Meta wants to hear. A delivery of which nothing is this account's is not kept.
pub(super) fn answer(verified: &Verified) -> Answer {
    handshake::answer(verified).unwrap_or_else(|| Answer { keep: cut::holds_anything(verified), ..Answer::ok() })
}
