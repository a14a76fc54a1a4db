//! The messaging profile that has the number: proven to be the account's own, told where its events go, and looked at again
//! each day. One profile has one hook for all of its numbers, which may be channels of their own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{BASE_URL, api};
use crate::destination::{Destination, destination, moved};
use crate::json::{integer, list, string, text};
use crate::sms::{is_short_code, refusal::refused};
use crate::{Account, Authorized, Call, HttpCall, Method, Reply, SendError, Step, identity};

/// How many numbers Telnyx names in one answer.
const PAGE: usize = 250;
/// How many such answers are read: a piece of work has sixteen calls.
const PAGES: usize = 14;
/// What is learned of a number that the key has shown to be the account's own.
const PROVEN: &str = "number";

const HTTPS_NEEDED: &str = "Telnyx needs a public https address to deliver messages: set public_url to one.";
const PROFILE_UNKNOWN: &str =
    "Telnyx knows no such messaging profile for this API key. Copy its id from the portal, under Messaging.";
const NUMBER_UNKNOWN: &str = "Telnyx has no messaging profile for this number with this API key. Give the number one in the portal, \
                              or name the profile's id here.";
const NUMBER_ELSEWHERE: &str = "The number is in another messaging profile than the one that is named here. Leave the profile's id \
                                empty, or copy it from the portal.";
const PROFILE_MALFORMED: &str =
    "The messaging profile's id is letters, digits and dashes. Copy it from the portal, under Messaging.";

/// Words for what keeps an account from being connected.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "https_needed" => Some(HTTPS_NEEDED),
        "number_unknown" => Some(NUMBER_UNKNOWN),
        "number_elsewhere" => Some(NUMBER_ELSEWHERE),
        "profile_unknown" => Some(PROFILE_UNKNOWN),
        "profile_id_malformed" => Some(PROFILE_MALFORMED),
        _ => None,
    }
}

/// The profile, and the replies after those that told it.
struct Found<'a> {
    profile: String,
    /// Whether the key has shown that the number is the account's own.
    proven: bool,
    rest: &'a [Reply],
}

/// The next step of connecting.
pub(super) fn authorize(account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(account, replies).unwrap_or_else(Step::Fail)
}

fn connect(account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    if account.base_url == BASE_URL && !account.hook_url.starts_with("https://") {
        return Err(refused("https_needed", HTTPS_NEEDED));
    }
    let found = match find(account, replies)? {
        Step::Done(found) => found,
        Step::Call(call) => return Ok(Step::Call(call)),
        Step::Fail(error) => return Err(error),
    };
    let Some(reply) = found.rest.first() else { return set(account, &found.profile, ours(account)).map(called) };
    let answer = api::read(reply, true).map_err(api::error).map_err(unproven)?;
    let profile = string(&answer, "/data/id").unwrap_or(found.profile);
    let label = account.setting("number").to_owned();
    let learned = found.proven.then(|| (PROVEN.to_owned(), label.clone())).into_iter().collect();
    Ok(Step::Done(Authorized { account: profile, label, learned }))
}

/// Whether the key has shown that the number is the account's own. The public key that verifies deliveries is no secret, so it
/// proves nothing of who may read them.
pub(super) fn is_proven(account: &Account) -> bool {
    let number = account.setting("number");
    !number.is_empty() && account.learned.get(PROVEN).is_some_and(|proven| proven == number)
}

/// The number's profile as Telnyx has it. A word that sends is no number, and its profile is the one that is named.
fn find<'a>(account: &Account, replies: &'a [Reply]) -> Result<Step<Found<'a>>, SendError> {
    let (number, given) = (account.setting("number"), account.setting("messaging_profile_id"));
    let Some((path, key)) = listed(number) else {
        let profile = Some(given).filter(|given| !given.is_empty()).map(str::to_owned);
        let profile = profile.ok_or_else(|| refused("number_unknown", NUMBER_UNKNOWN))?;
        return Ok(Step::Done(Found { profile, proven: false, rest: replies }));
    };
    let Some((reply, rest)) = replies.split_first() else {
        return get(account, "sms_telnyx.number", &path).map(called);
    };
    let answer = api::read(reply, true).map_err(api::error)?;
    let own = list(&answer, "/data").iter().find(|found| text(found, key) == Some(number));
    let profile = own.and_then(|own| string(own, "/messaging_profile_id")).filter(|id| !id.is_empty());
    let profile = profile.ok_or_else(|| refused("number_unknown", NUMBER_UNKNOWN))?;
    if !given.is_empty() && !given.eq_ignore_ascii_case(&profile) {
        return Err(refused("number_elsewhere", NUMBER_ELSEWHERE));
    }
    Ok(Step::Done(Found { profile, proven: true, rest }))
}

/// Where Telnyx lists a sender, and under which name; `None` for what it lists nowhere.
fn listed(number: &str) -> Option<(String, &'static str)> {
    if identity::phone(number).is_some_and(|phone| phone == number) {
        let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
        return Some((format!("/phone_numbers/messaging?filter%5Bphone_number%5D={number}"), "/phone_number"));
    }
    is_short_code(number).then(|| (format!("/short_codes?page%5Bsize%5D={PAGE}"), "/short_code"))
}

/// A refusal while the settings are new: most likely the profile belongs elsewhere.
fn unproven(error: SendError) -> SendError {
    match error {
        SendError::Refused { code, .. } if code == "telnyx_refused" => refused("profile_unknown", PROFILE_UNKNOWN),
        other => other,
    }
}

/// Where events go: here, and here once more when three tries came to nothing, as Telnyx has no list of messages to catch up with.
fn ours(account: &Account) -> Map<String, Value> {
    let hook = Value::from(account.hook_url.as_str());
    [("webhook_url", hook.clone()), ("webhook_failover_url", hook), ("webhook_api_version", json!("2"))]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

fn set(account: &Account, profile: &str, fields: Map<String, Value>) -> Result<HttpCall, SendError> {
    let call = HttpCall::post_json("sms_telnyx.set_hook", url(account, profile)?, &Value::Object(fields));
    Ok(HttpCall { method: Method::Patch, repeatable: true, headers: vec![api::bearer(account)?], ..call })
}

fn url(account: &Account, profile: &str) -> Result<String, SendError> {
    let sound =
        !profile.is_empty() && profile.len() <= 64 && profile.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !sound {
        return Err(refused("profile_id_malformed", PROFILE_MALFORMED));
    }
    Ok(api::url(account, &format!("/messaging_profiles/{profile}")))
}

fn get(account: &Account, operation: &'static str, path: &str) -> Result<HttpCall, SendError> {
    Ok(HttpCall { headers: vec![api::bearer(account)?], ..HttpCall::get(operation, api::url(account, path)) })
}

fn shown(account: &Account, profile: &str) -> Result<HttpCall, SendError> {
    Ok(HttpCall { headers: vec![api::bearer(account)?], ..HttpCall::get("sms_telnyx.profile", url(account, profile)?) })
}

fn called<T>(call: HttpCall) -> Step<T> {
    Step::Call(Call::Http(call))
}

/// The next step of the daily look: the number is proven anew, and its profile's events come here as before.
pub(super) fn subscribe(account: &Account, replies: &[Reply]) -> Step<()> {
    look(account, replies).unwrap_or_else(Step::Fail)
}

fn look(account: &Account, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let found = match find(account, replies)? {
        Step::Done(found) => found,
        Step::Call(call) => return Ok(Step::Call(call)),
        Step::Fail(error) => return Err(error),
    };
    let Some((reply, rest)) = found.rest.split_first() else { return shown(account, &found.profile).map(called) };
    let profile = api::read(reply, true).map_err(api::error).map_err(unproven)?;
    let missing = missing(account, &profile)?;
    match rest.first() {
        _ if missing.is_empty() => Ok(Step::Done(())),
        None => set(account, &found.profile, missing).map(called),
        Some(reply) => api::read(reply, true).map(|_| Step::Done(())).map_err(api::error),
    }
}

/// What of a profile is not as connecting left it. Another channel's hook of this server is as good as our own.
fn missing(account: &Account, profile: &Value) -> Result<Map<String, Value>, SendError> {
    let at = |pointer| text(profile, pointer).unwrap_or_default();
    let (hook, failover) = (at("/data/webhook_url"), at("/data/webhook_failover_url"));
    let mut wanted = ours(account);
    match destination(account, hook) {
        Destination::Elsewhere => return Err(moved()),
        Destination::Beside => _ = wanted.remove("webhook_url"),
        Destination::Own if hook == account.hook_url => _ = wanted.remove("webhook_url"),
        Destination::Own | Destination::Nowhere => {}
    }
    let former = destination(account, failover) == Destination::Own && failover != account.hook_url;
    if !former && destination(account, failover) != Destination::Nowhere {
        wanted.remove("webhook_failover_url");
    }
    if at("/data/webhook_api_version") == "2" {
        wanted.remove("webhook_api_version");
    }
    Ok(wanted)
}

/// The profile as it was found when the channel was connected, or as it is named.
fn known(account: &Account) -> Option<&str> {
    let known = account.learned.get("id").map_or_else(|| account.setting("messaging_profile_id"), String::as_str);
    Some(known).filter(|id| !id.is_empty())
}

/// All numbers and short codes of the profile: what its hook is called for.
pub(super) fn beside(account: &Account, replies: &[Reply]) -> Step<Vec<String>> {
    let Some(profile) = known(account) else { return Step::Done(Vec::new()) };
    of_profile(account, profile, replies).unwrap_or_else(Step::Fail)
}

fn of_profile(account: &Account, profile: &str, replies: &[Reply]) -> Result<Step<Vec<String>>, SendError> {
    url(account, profile)?;
    let (mut numbers, mut page, mut kind) = (Vec::new(), 1, "phone_number");
    for reply in replies {
        let answer = api::read(reply, true).map_err(api::error)?;
        let found = list(&answer, "/data").iter().filter_map(|found| string(found, &format!("/{kind}")));
        numbers.extend(found);
        let pages = integer(&answer, "/meta/total_pages").and_then(|pages| usize::try_from(pages).ok()).unwrap_or(1);
        match (kind, page < pages.min(PAGES)) {
            (_, true) => page += 1,
            ("phone_number", false) => (page, kind) = (1, "short_code"),
            (_, false) => return Ok(Step::Done(numbers)),
        }
    }
    let path = format!("/messaging_profiles/{profile}/{kind}s?page%5Bnumber%5D={page}&page%5Bsize%5D={PAGE}");
    get(account, "sms_telnyx.numbers", &path).map(called)
}

/// The next step of disconnecting: the profile forgets the hook, unless it is somebody else's by now. A key that is no longer good
/// cannot ask for it.
pub(super) fn revoke(account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(profile) = known(account) else { return Step::Done(()) };
    match forget(account, profile, replies) {
        Ok(step) => step,
        Err(SendError::Reauthorise | SendError::Refused { .. }) => Step::Done(()),
        Err(error) => Step::Fail(error),
    }
}

fn forget(account: &Account, profile: &str, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let Some((reply, rest)) = replies.split_first() else { return shown(account, profile).map(called) };
    let found = api::read(reply, true).map_err(api::error)?;
    let here = |name: &&str| {
        let url = text(&found, &format!("/data/{name}")).unwrap_or_default();
        matches!(destination(account, url), Destination::Own | Destination::Beside)
    };
    let gone: BTreeMap<_, _> = ["webhook_url", "webhook_failover_url"].into_iter().filter(here).map(nothing).collect();
    match rest.first() {
        _ if gone.is_empty() => Ok(Step::Done(())),
        None => set(account, profile, gone.into_iter().collect()).map(called),
        Some(reply) => api::read(reply, true).map(|_| Step::Done(())).map_err(api::error),
    }
}

fn nothing(name: &str) -> (String, Value) {
    (name.to_owned(), Value::Null)
}
