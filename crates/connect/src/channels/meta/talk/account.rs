//! Connecting an account: prove the token, learn which app it is of, have the account's deliveries sent to it,
//! show people what the settings want shown; and what can
//! and cannot be undone at Meta.

use serde_json::{Value, json};

use super::Product;
use super::profile::{self, Shown};
use super::refusal::{self, refused};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::{string, text};
use crate::{Account, Authorized, Call, Erased, HttpCall, Reply, SendError, Step, Trace};

/// The next step of connecting.
pub(in crate::channels) fn authorize(product: &Product, account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(product, account, replies).unwrap_or_else(Step::Fail)
}

fn connect(product: &Product, account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    let id = product.id(account)?;
    let [found, rest @ ..] = replies else {
        let fields = [("fields", product.account_fields)];
        return graph::get(account, product.operations.account, id, &fields).map(called);
    };
    let found = graph::read(found, true).map_err(|failure| unproven(product, failure))?;
    belongs(product, &found, id)?;
    let (app, rest) = match (product.has_app_ids, rest) {
        (false, rest) => (None, rest),
        (true, []) => return graph::get(account, product.operations.app, "app", &[("fields", "id")]).map(called),
        (true, [app, rest @ ..]) => (app_of(product, app)?, rest),
    };
    let [reply, rest @ ..] = rest else { return subscription(product, account).map(called) };
    subscribed(product, reply)?;
    let shown = match profile::step(product, account, rest)? {
        Shown::Call(call) => return Ok(called(call)),
        Shown::As(shown) => shown,
    };
    // What was learned before stays true while the token of today may not read it.
    let app = app.or_else(|| account.learned.get("app").cloned());
    Ok(Step::Done(authorized(id, &found, app.map(|app| ("app".to_owned(), app)).into_iter().chain(shown))))
}

/// Has the account's deliveries sent to our app once more: Meta ends that by itself where they could not be delivered for a while.
pub(in crate::channels) fn subscribe(product: &Product, account: &Account, replies: &[Reply]) -> Step<()> {
    match replies {
        [] => subscription(product, account).map_or_else(Step::Fail, called),
        [reply, ..] => subscribed(product, reply).map_or_else(Step::Fail, Step::Done),
    }
}

fn subscription(product: &Product, account: &Account) -> Result<HttpCall, SendError> {
    let path = format!("{}/subscribed_apps", product.id(account)?);
    let fields = json!({"subscribed_fields": product.fields});
    let call = graph::post(account, product.operations.subscribe, &path, &fields)?;
    Ok(HttpCall { repeatable: true, ..call })
}

fn subscribed(product: &Product, reply: &Reply) -> Result<(), SendError> {
    let answer = graph::read(reply, true).map_err(|failure| refusal::failure(product, failure))?;
    if graph::succeeded(&answer) {
        return Ok(());
    }
    Err(SendError::Retry("Meta did not say that the app receives this account's messages".to_owned()))
}

fn called<T>(call: HttpCall) -> Step<T> {
    Step::Call(Call::Http(call))
}

/// A refusal while the credentials are new: most likely one of them belongs elsewhere.
fn unproven(product: &Product, failure: Failure) -> SendError {
    match failure {
        Failure::Told(Told { code: 100 | 33 | 803, transient: false, proof: false, .. }) => mismatch(),
        other => refusal::failure(product, other),
    }
}

fn mismatch() -> SendError {
    refused("credentials_mismatch", refusal::reason("credentials_mismatch").unwrap_or_default())
}

/// The account that the token shows must be the one that was named: deliveries name it, too.
fn belongs(product: &Product, found: &Value, id: &str) -> Result<(), SendError> {
    let own = ["/user_id", "/id"].iter().any(|pointer| text(found, pointer) == Some(id));
    if own || !product.account_fields.contains("user_id") { Ok(()) } else { Err(mismatch()) }
}

/// The app that the token is of. Not every token may read it: that alone leaves it unknown.
fn app_of(product: &Product, reply: &Reply) -> Result<Option<String>, SendError> {
    match graph::read(reply, true) {
        Ok(app) => Ok(string(&app, "/id")),
        Err(Failure::Told(Told { code: 3 | 10 | 100 | 200..=299, transient: false, proof: false, .. })) => Ok(None),
        Err(failure) => Err(refusal::failure(product, failure)),
    }
}

fn authorized(id: &str, found: &Value, learned: impl Iterator<Item = (String, String)>) -> Authorized {
    let label = match (text(found, "/username"), text(found, "/name")) {
        (Some(username), _) => format!("@{username}"),
        (None, Some(name)) => name.to_owned(),
        (None, None) => id.to_owned(),
    };
    Authorized { account: id.to_owned(), label, learned: learned.collect() }
}

/// Ends the account's deliveries to our app. Its token may be gone already: then there is nothing left to end.
pub(in crate::channels) fn revoke(product: &Product, account: &Account, replies: &[Reply]) -> Step<()> {
    let [reply, ..] = replies else {
        let path = product.id(account).map(|id| format!("{id}/subscribed_apps"));
        let call = path.and_then(|path| graph::delete(account, product.operations.unsubscribe, &path));
        return call.map_or_else(Step::Fail, called);
    };
    match graph::read(reply, true) {
        Ok(_) | Err(Failure::Told(Told { transient: false, .. })) => Step::Done(()),
        Err(failure) => Step::Fail(refusal::failure(product, failure)),
    }
}

/// There is no call that removes a message there.
pub(in crate::channels) fn erase(product: &Product, trace: &Trace) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    Step::Done(Erased::Cannot(format!(
        "{} has no way for businesses to delete messages that were sent or received. The conversation stays in the contact's \
         own account, where they can delete it, and in the account's inbox at Meta, where a member can.",
        product.name
    )))
}
