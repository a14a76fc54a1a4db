//! Connecting with Facebook (Meta's "embedded signup" by redirection): a member chooses business account and number on Facebook's
//! pages, and the code that comes back opens them
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/overview>).
//!
//! The code becomes a business token; what that token was given (`debug_token`) names the business accounts, and those their
//! numbers. One number is taken; of several the member chooses, and then all is asked anew with the token that is kept. A number
//! that is not on the Cloud API yet is registered; one that stays in the app on a phone (coexistence) is registered already.

use serde_json::{Value, json};

use super::cut::{is_id, items};
use super::refusal::{self, refused};
use crate::channels::meta::graph::{self, Failure, Told, VERSION};
use crate::channels::meta::signature;
use crate::json::{flag, string, text};
use crate::oauth::{Choice, Consent, Grant, Opened, SignIn};
use crate::{Account, Body, Call, HttpCall, Method, Reply, Secret, SendError, Step};

/// Where Facebook asks its members.
pub(super) const SIGN_IN: SignIn = SignIn { endpoint: "facebook", base_url: "https://www.facebook.com" };
/// At most so many business accounts are looked through.
const ACCOUNTS: usize = 20;
/// What is asked of each number.
const NUMBER: &str = "id,display_phone_number,verified_name,platform_type,is_on_biz_app,status";
/// What a token must have been given a business account for.
const MANAGES: &str = "whatsapp_business_management";
/// Codes that were used, ended, or are none (`error_subcode`).
const SPENT: [i64; 3] = [36_007, 36_008, 36_009];
/// The PIN is another than the number's.
const WRONG_PIN: i64 = 133_005;

/// Whether there is an app by which it can be done.
fn is_offered(account: &Account) -> bool {
    is_id(account.setting("app_id")) && is_id(account.setting("config_id"))
}

/// Why there is no number yet: a member has to sign in, or to choose.
pub(super) fn unfinished(account: &Account) -> SendError {
    let code = if account.secret("access_token").is_empty() { "not_authorised" } else { "account_not_chosen" };
    refused(code, crate::oauth::reason(code).unwrap_or_default())
}

/// What the page is told. What is asked for stands in the configuration, at Meta.
pub(super) fn consent(account: &Account) -> Option<Consent> {
    let feature = if account.setting("onboarding") == "app" { "whatsapp_business_app_onboarding" } else { "" };
    let extras = json!({ "setup": {}, "featureType": feature, "sessionInfoVersion": "3" });
    is_offered(account).then(|| Consent {
        operation: "whatsapp.token",
        authorize_url: format!("{}/{VERSION}/dialog/oauth", account.oauth_url),
        token_url: format!("{}/{VERSION}/oauth/access_token", account.base_url),
        scopes: Vec::new(),
        client: "app_id",
        checks_proof: false,
        also: vec![
            ("config_id", account.setting("config_id").to_owned()),
            ("override_default_response_type", "true".to_owned()),
            ("extras", extras.to_string()),
        ],
    })
}

/// The next step of exchanging a code.
pub(super) fn exchange(account: &Account, grant: Grant<'_>, replies: &[Reply]) -> Step<Opened> {
    let Some(consent) = consent(account) else { return Step::Fail(SendError::Unsupported) };
    let Some((first, rest)) = replies.split_first() else { return Step::Call(ask(account, &consent, grant)) };
    let opened = token(first).and_then(|token| {
        let mut account = account.clone();
        account.secrets.insert("access_token".to_owned(), token);
        look(&account, None, rest)
    });
    opened.unwrap_or_else(Step::Fail)
}

/// The next step of opening one of several numbers.
pub(super) fn choose(account: &Account, id: &str, replies: &[Reply]) -> Step<Opened> {
    if account.secret("access_token").is_empty() || !is_offered(account) {
        return Step::Fail(unfinished(account));
    }
    look(account, Some(id), replies).unwrap_or_else(Step::Fail)
}

/// The code goes into a form: nothing secret stands in an address.
fn ask(account: &Account, consent: &Consent, grant: Grant<'_>) -> Call {
    let fields = [
        ("client_id", account.setting("app_id")),
        ("client_secret", account.secret("app_secret").expose()),
        ("code", grant.code),
        ("redirect_uri", grant.redirect_uri),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Call::Http(HttpCall {
        method: Method::Post,
        body: Body::Form(fields.into()),
        repeatable: false,
        ..HttpCall::get(consent.operation, consent.token_url.clone())
    })
}

fn token(reply: &Reply) -> Result<Secret, SendError> {
    let answer = graph::read(reply, true).map_err(|failure| match failure {
        Failure::Told(Told { subcode, .. }) if SPENT.contains(&subcode) => SendError::Reauthorise,
        Failure::Told(Told { code: 1 | 101, transient: false, .. }) => {
            refused("client_refused", crate::oauth::reason("client_refused").unwrap_or_default())
        }
        Failure::Told(Told { code: 100 | 191, transient: false, .. }) => {
            refused("sign_in_refused", crate::oauth::reason("sign_in_refused").unwrap_or_default())
        }
        other => refusal::failure(other),
    })?;
    let token = string(&answer, "/access_token").filter(|token| !token.is_empty());
    token.map(Secret::new).ok_or_else(|| SendError::Retry("Meta gave no token".to_owned()))
}

/// What the token opens, and of that one number.
fn look(account: &Account, chosen: Option<&str>, replies: &[Reply]) -> Result<Step<Opened>, SendError> {
    let Some((told, mut rest)) = replies.split_first() else { return debug(account).map(Step::Call) };
    let mut numbers = Vec::new();
    for business in shared(&graph::read(told, true).map_err(refusal::failure)?)? {
        let Some((list, more)) = rest.split_first() else {
            let path = format!("{business}/phone_numbers");
            let call = graph::get(account, "whatsapp.numbers", &path, &[("fields", NUMBER), ("limit", "100")])?;
            return Ok(Step::Call(Call::Http(call)));
        };
        rest = more;
        let list = graph::read(list, true).map_err(refusal::failure)?;
        numbers.extend(items(&list, "data").iter().filter_map(|number| Number::read(&business, number)));
    }
    let Some(number) = pick(account, chosen, &numbers)? else {
        return Ok(Step::Done(Opened { choices: numbers.iter().map(Number::choice).collect(), ..kept(account) }));
    };
    if !number.works {
        let Some(reply) = rest.first() else { return register(account, number).map(Step::Call) };
        registered(reply)?;
    }
    let settings = [("phone_number_id", &number.id), ("business_account_id", &number.business)];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.clone())).into();
    Ok(Step::Done(Opened { settings, ..kept(account) }))
}

/// The token itself is kept in any case: with it a number can be chosen.
fn kept(account: &Account) -> Opened {
    Opened { secrets: [("access_token".to_owned(), account.secret("access_token"))].into(), ..Opened::default() }
}

/// What a token was given is told to the app alone. The interface takes the token that is asked about in the address only.
fn debug(account: &Account) -> Result<Call, SendError> {
    let token = account.secret("access_token");
    if token.is_empty() || !token.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)) {
        return Err(SendError::Reauthorise);
    }
    let own = Secret::new(format!("{}|{}", account.setting("app_id"), account.secret("app_secret").expose()));
    let proof = signature::token_proof(&account.secret("app_secret"), &own).unwrap_or_default();
    let url =
        format!("{}/{VERSION}/debug_token?input_token={}&appsecret_proof={proof}", account.base_url, token.expose());
    let headers = vec![("authorization", format!("Bearer {}", own.expose()))];
    Ok(Call::Http(HttpCall { headers, ..HttpCall::get("whatsapp.shared", url) }))
}

/// The business accounts that the token was given.
fn shared(told: &Value) -> Result<Vec<String>, SendError> {
    if !flag(told, "/data/is_valid") {
        return Err(SendError::Reauthorise);
    }
    let data = told.get("data").unwrap_or(&Value::Null);
    let scope = items(data, "granular_scopes").iter().find(|scope| text(scope, "/scope") == Some(MANAGES));
    let targets = scope.map_or(&[][..], |scope| items(scope, "target_ids"));
    let ids: Vec<String> = targets
        .iter()
        .filter_map(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())))
        .filter(|id| is_id(id))
        .take(ACCOUNTS)
        .collect();
    if ids.is_empty() { Err(own("nothing_shared")) } else { Ok(ids) }
}

/// A number that was shared.
struct Number {
    id: String,
    business: String,
    label: String,
    /// Whether it is on the Cloud API already.
    works: bool,
}

impl Number {
    fn read(business: &str, number: &Value) -> Option<Self> {
        let id = string(number, "/id").filter(|id| is_id(id))?;
        let shown = text(number, "/display_phone_number").unwrap_or(&id);
        let label = match text(number, "/verified_name") {
            Some(name) => format!("{shown} \u{b7} {name}"),
            None => shown.to_owned(),
        };
        let label = label.chars().filter(|c| !c.is_control()).take(120).collect();
        let registered = text(number, "/platform_type") == Some("CLOUD_API")
            && !matches!(text(number, "/status"), Some("PENDING" | "DISCONNECTED"));
        let works = registered || flag(number, "/is_on_biz_app");
        Some(Self { id, business: business.to_owned(), label, works })
    }

    fn choice(&self) -> Choice {
        Choice { id: self.id.clone(), label: self.label.clone() }
    }
}

/// The number that was chosen; else the channel's own, which stays the same when it is connected anew; else the only one. `None`:
/// the member is to choose.
fn pick<'a>(account: &Account, chosen: Option<&str>, numbers: &'a [Number]) -> Result<Option<&'a Number>, SendError> {
    let before = Some(account.setting("phone_number_id")).filter(|id| !id.is_empty());
    match (before.or(chosen), numbers) {
        (_, []) => Err(own("number_missing")),
        (Some(id), _) => {
            numbers.iter().find(|number| number.id == id).map(Some).ok_or_else(|| own("number_not_shared"))
        }
        (None, [only]) => Ok(Some(only)),
        (None, _) => Ok(None),
    }
}

fn own(code: &'static str) -> SendError {
    refused(code, super::standing::reason(code).unwrap_or_default())
}

/// Registering takes a PIN, which from then on is the number's.
fn register(account: &Account, number: &Number) -> Result<Call, SendError> {
    let body = json!({ "messaging_product": "whatsapp", "pin": pin(account, &number.id) });
    let call = graph::post(account, "whatsapp.register", &format!("{}/register", number.id), &body)?;
    Ok(Call::Http(call))
}

/// The PIN that was entered, else one that only who has the app's secret can tell, the same every time.
fn pin(account: &Account, number: &str) -> String {
    let given = account.secret("pin");
    if !given.is_empty() {
        return given.expose().to_owned();
    }
    let word = signature::token_proof(&account.secret("app_secret"), &Secret::new(format!("pin of {number}")));
    let drawn = word.and_then(|word| u64::from_str_radix(word.get(..15)?, 16).ok()).unwrap_or_default();
    format!("{:06}", drawn % 1_000_000)
}

fn registered(reply: &Reply) -> Result<(), SendError> {
    let answer = graph::read(reply, true).map_err(|failure| match failure {
        Failure::Told(Told { code: WRONG_PIN, .. }) => own("pin_wrong"),
        other => refusal::failure(other),
    })?;
    if graph::succeeded(&answer) {
        return Ok(());
    }
    Err(SendError::Retry("Meta did not say that the number is registered".to_owned()))
}
