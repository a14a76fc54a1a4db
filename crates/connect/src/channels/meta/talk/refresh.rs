//! A token that lives for sixty days and is exchanged for a newer one before that
//! (<https://developers.facebook.com/documentation/instagram-platform/reference/refresh_access_token>).

use super::{Product, refusal};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::string;
use crate::{Account, Call, HttpCall, Reply, Secret, SendError, Step};

/// How a product's token is exchanged.
#[derive(Debug)]
pub(in crate::channels) struct Refresh {
    /// The setting that holds the token.
    pub(in crate::channels) token: &'static str,
    /// What the call is called in metrics.
    pub(in crate::channels) operation: &'static str,
    /// What the exchange is called there.
    pub(in crate::channels) grant: &'static str,
}

/// The next step of exchanging the token. The old one goes on being good, so that nothing is lost where the answer is.
pub(super) fn step(product: &Product, refresh: &Refresh, account: &Account, replies: &[Reply]) -> Step<Secret> {
    let Some(reply) = replies.first() else {
        return call(refresh, account).map_or_else(Step::Fail, |call| Step::Call(Call::Http(call)));
    };
    match graph::read(reply, true) {
        Ok(answer) => match string(&answer, "/access_token") {
            Some(token) => Step::Done(Secret::new(token)),
            None => Step::Fail(SendError::Retry(format!("{} named no newer token", product.name))),
        },
        // It is not a day old yet, or cannot be exchanged: it goes on being good until it ends.
        Err(Failure::Told(Told { code: 100, transient: false, proof: false, .. })) => {
            Step::Fail(SendError::Unsupported)
        }
        Err(other) => Step::Fail(refusal::failure(product, other)),
    }
}

/// The provider takes the token in the address alone, and has no version there.
fn call(refresh: &Refresh, account: &Account) -> Result<HttpCall, SendError> {
    // What cannot stand in a header is no token.
    graph::bearer(account)?;
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", refresh.grant)
        .append_pair("access_token", account.secret(refresh.token).expose())
        .finish();
    Ok(HttpCall::get(refresh.operation, format!("{}/refresh_access_token?{query}", account.base_url)))
}
