//! What reaches our hook: the handshake, a signed delivery, of which only this account's own is kept, or what Meta posts for
//! a person (`callback`).

use super::{APP_SECRET, Product, callback, cut};
use crate::channels::meta::{handshake, signature};
use crate::{Account, Answer, Raw, Reject, Verified, lenient};

/// Whether a request is Meta's, and what of it is this account's.
pub(in crate::channels) fn verify(
    product: &Product,
    now_ms: i64,
    raw: &Raw,
    account: &Account,
) -> Result<Verified, Reject> {
    if raw.method == "GET" && raw.path.is_empty() {
        return handshake::verify(raw, &account.secret("verify_token"));
    }
    if let Some(asked) = callback::verify(product, now_ms, raw, account) {
        return asked;
    }
    if !signature::proves(raw, &account.secret(APP_SECRET)) {
        return Err(Reject::Unauthorised);
    }
    if raw.method != "POST" || !raw.path.is_empty() {
        return Err(Reject::NotFound);
    }
    let delivery = lenient(&raw.body).ok_or(Reject::Malformed)?;
    let own = cut::own(product, &delivery, account).ok_or(Reject::Malformed)?.to_string().into_bytes();
    Ok(match account.learned.get("app").filter(|app| !app.is_empty()) {
        Some(app) => Verified::speaking(own, app.clone()),
        None => Verified::new(own),
    })
}

/// What Meta wants to hear. A delivery of which nothing is this account's is not kept.
pub(in crate::channels) fn answer(verified: &Verified) -> Answer {
    handshake::answer(verified)
        .or_else(|| callback::answer(verified))
        .unwrap_or_else(|| Answer { keep: cut::holds_anything(verified), ..Answer::ok() })
}
