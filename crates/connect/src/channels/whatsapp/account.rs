//! Connecting a number: prove the token, learn what the account may do, have its deliveries sent to our app; and what cannot
//! be undone at Meta.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cut::{digits, items};
use super::refusal::refused;
use super::{address, news, refusal, signup, templates};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::{flag, string, text};
use crate::{Account, Authorized, Call, Erased, HttpCall, Reply, SendError, Step, Trace};

/// What is asked of a number.
const NUMBER: &str = "id,display_phone_number,verified_name,quality_rating,\
    whatsapp_business_manager_messaging_limit,throughput,is_on_biz_app";

/// Under which word the number's pace is learned.
const PACE: &str = "per_second";

/// The next step of connecting.
pub(super) fn authorize(account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(account, replies).unwrap_or_else(Step::Fail)
}

fn connect(account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    if account.setting("phone_number_id").is_empty() {
        return Err(signup::unfinished(account));
    }
    let (number_id, business) = (address::number(account)?, address::business(account)?);
    let called = |call: HttpCall| Step::Call(Call::Http(call));
    let [number, rest @ ..] = replies else {
        return graph::get(account, "whatsapp.number", number_id, &[("fields", NUMBER)]).map(called);
    };
    let number = graph::read(number, true).map_err(unproven)?;
    let [numbers, rest @ ..] = rest else {
        let path = format!("{business}/phone_numbers");
        return graph::get(account, "whatsapp.numbers", &path, &[("fields", "id"), ("limit", "500")]).map(called);
    };
    belongs(&graph::read(numbers, true).map_err(unproven)?, number_id)?;
    let [owner, rest @ ..] = rest else {
        return graph::get(account, "whatsapp.owner", business, &[("fields", "id,owner_business_info")]).map(called);
    };
    // What was learned before stays true while the token of today may not read it.
    let owner = owner_of(owner)?.or_else(|| account.learned.get("portfolio").cloned());
    let [reply, ..] = rest else { return subscription(account).map(called) };
    subscribed(reply)?;
    Ok(Step::Done(authorized(number_id, &number, owner)))
}

/// Has the business account's deliveries sent to our app once more: whoever manages it at Meta can have ended that.
pub(super) fn subscribe(account: &Account, replies: &[Reply]) -> Step<()> {
    match replies {
        [] => subscription(account).map_or_else(Step::Fail, |call| Step::Call(Call::Http(call))),
        [reply, ..] => subscribed(reply).map_or_else(Step::Fail, Step::Done),
    }
}

fn subscription(account: &Account) -> Result<HttpCall, SendError> {
    let path = format!("{}/subscribed_apps", address::business(account)?);
    let call = graph::post(account, "whatsapp.subscribe", &path, &delivered(account))?;
    Ok(HttpCall { repeatable: true, ..call })
}

fn subscribed(reply: &Reply) -> Result<(), SendError> {
    let answer = graph::read(reply, true).map_err(refusal::failure)?;
    if graph::succeeded(&answer) {
        return Ok(());
    }
    Err(SendError::Retry("Meta did not say that the app receives this account's messages".to_owned()))
}

/// Where the account's news go. With an app of which several businesses are customers, each has its own address told; with its own
/// app, the address stands there.
fn delivered(account: &Account) -> Value {
    if account.setting("app_id").is_empty() {
        return json!({});
    }
    json!({ "override_callback_uri": account.hook_url, "verify_token": account.secret("verify_token").expose() })
}

/// A refusal while the credentials are new: most likely one of them belongs elsewhere.
fn unproven(failure: Failure) -> SendError {
    match failure {
        Failure::Told(Told { code: 100 | 33, transient: false, proof: false, .. }) => refused(
            "credentials_mismatch",
            "Meta does not give this number to this token. Check that the phone number id, the business account id, the app \
             secret and the access token are all of the same app.",
        ),
        other => refusal::failure(other),
    }
}

/// The number must be one of the business account's: else nothing would ever be delivered.
fn belongs(numbers: &Value, number_id: &str) -> Result<(), SendError> {
    if items(numbers, "data").iter().any(|number| text(number, "/id") == Some(number_id)) {
        return Ok(());
    }
    Err(refused(
        "number_of_another_account",
        "This number is not one of this WhatsApp Business Account. Copy both ids from the same page, under API Setup.",
    ))
}

/// The portfolio that owns the business account. Not every token may read it: that alone leaves it unknown.
fn owner_of(reply: &Reply) -> Result<Option<String>, SendError> {
    match graph::read(reply, true) {
        Ok(owner) => Ok(string(&owner, "/owner_business_info/id")),
        Err(Failure::Told(Told { code: 3 | 10 | 100 | 200..=299, transient: false, proof: false, .. })) => Ok(None),
        Err(failure) => Err(refusal::failure(failure)),
    }
}

fn authorized(number_id: &str, number: &Value, portfolio: Option<String>) -> Authorized {
    let shown = text(number, "/display_phone_number").unwrap_or(number_id);
    let label = match text(number, "/verified_name") {
        Some(name) => format!("{shown} \u{b7} {name}"),
        None => shown.to_owned(),
    };
    let limit = ["/whatsapp_business_manager_messaging_limit", "/messaging_limit_tier"];
    let learned = [
        ("number", text(number, "/display_phone_number").map(digits)),
        ("portfolio", portfolio),
        (PACE, pace(number).map(|pace| pace.to_string())),
        ("quality", text(number, "/quality_rating").and_then(templates::quality)),
        (
            "daily_recipients",
            limit.iter().find_map(|pointer| news::tier(number.pointer(pointer)?)).map(|n| n.to_string()),
        ),
    ];
    let learned: BTreeMap<String, String> =
        learned.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    Authorized { account: number_id.to_owned(), label, learned }
}

/// How many messages a second the number may send: few where it is on a phone too, and more than others once Meta has raised it
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput>).
fn pace(number: &Value) -> Option<u32> {
    match (flag(number, "/is_on_biz_app"), text(number, "/throughput/level")) {
        (true, _) => Some(20),
        (false, Some("HIGH")) => Some(1000),
        (false, _) => None,
    }
}

/// How many a second, as it was learned.
pub(super) fn per_second(account: &Account) -> Option<u32> {
    account.learned.get(PACE)?.parse().ok().filter(|pace| *pace > 0)
}

/// Disconnecting makes no call: the subscription is the whole business account's, and ending it would silence its other
/// numbers, which may be channels here or elsewhere. What still comes for this number finds no channel and is not kept.
pub(super) fn revoke() -> Step<()> {
    Step::Done(())
}

/// There is no call that removes a message at WhatsApp.
pub(super) fn erase(trace: &Trace) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    Step::Done(Erased::Cannot(
        "WhatsApp has no way to delete messages that were sent or received. Meta deletes them from its servers after at most \
         30 days; on the contact's own telephone the contact can delete them."
            .to_owned(),
    ))
}
