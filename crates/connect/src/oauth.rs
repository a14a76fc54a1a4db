//! Accounts that a member opens to us by signing in at the provider: the authorization code grant (RFC 6749) with PKCE
//! (RFC 7636), once for all systems that know it.
//!
//! A connector says where and for what ([`Consent`]); the platform sends the member's browser there, exchanges the code that
//! comes back for what it opens ([`Opened`]), and keeps that with the channel. Where it is [`Tokens`] ([`exchange`]), they are one
//! sealed secret, renewed before they end ([`renew`]).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::json::string;
use crate::{Account, Body, Call, Ctx, Header, HttpCall, Method, Reply, Secret, SendError, Step, heard, lenient};

/// The secret of a channel in which its tokens are kept.
pub const TOKENS: &str = "tokens";
/// A token that ends within this is not used any more, in milliseconds: a call takes time, and clocks differ.
const SPARE_MS: i64 = 30_000;
/// How long an access token is taken to be good where nobody says, in seconds.
const USUAL_LIFE_S: i64 = 3_600;
/// So many scopes of a token are kept at most, and none that is longer, in bytes.
const MOST_SCOPES: usize = 50;
const LONGEST_SCOPE: usize = 200;

/// A provider's servers for signing in.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    /// Key in `[endpoints]`.
    pub endpoint: &'static str,
    /// The provider's own base URL.
    pub base_url: &'static str,
}

/// What a member is asked to allow, and where.
#[derive(Debug, Clone)]
pub struct Consent {
    /// What calls of the token endpoint are called in metrics and traces.
    pub operation: &'static str,
    /// The page that asks the member.
    pub authorize_url: String,
    /// Where codes and refresh tokens become access tokens.
    pub token_url: String,
    /// What is asked for.
    pub scopes: Vec<&'static str>,
    /// The setting that says by which id the provider knows our app.
    pub client: &'static str,
    /// Whether the provider checks that who exchanges a code is who asked for it (RFC 7636).
    pub checks_proof: bool,
    /// What else the page is told (`access_type`).
    pub also: Vec<(&'static str, String)>,
}

/// What a member's consent opened, to be kept with the channel.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// Secrets by key.
    pub secrets: BTreeMap<String, Secret>,
    /// Settings by key.
    pub settings: BTreeMap<String, String>,
    /// The accounts that it opens, where there are several and the member is to choose one ([`crate::Connector::choose`]).
    pub choices: Vec<Choice>,
}

/// One of several accounts.
#[derive(Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the provider calls it.
    pub id: String,
    /// What people call it.
    pub label: String,
}

// What people call it may be a telephone number.
impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Choice({})", self.id)
    }
}

impl From<Tokens> for Opened {
    fn from(tokens: Tokens) -> Self {
        Self { secrets: [(TOKENS.to_owned(), tokens.to_secret())].into(), ..Self::default() }
    }
}

/// A code that a member's browser brought back.
#[derive(Clone, Copy)]
pub struct Grant<'a> {
    /// The code.
    pub code: &'a str,
    /// What the challenge was made from.
    pub verifier: &'a str,
    /// Where the browser was sent with it.
    pub redirect_uri: &'a str,
}

/// What an account is called with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tokens {
    /// For calls.
    pub access: Secret,
    /// For the next access token.
    pub refresh: Secret,
    /// When the access token ends, in Unix milliseconds.
    pub until_ms: i64,
    /// What it opens by the provider's word, as the provider calls it; empty in tokens that were kept before this was.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// What a scope opens of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Access {
    Read,
    Send,
    /// Labels, folders, deleting.
    Change,
}

impl Access {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Send, Self::Change];

    /// The shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Change => "change",
        }
    }
}

/// A scope as providers write it in short: what stands behind the last slash, in lower case.
pub fn short(scope: &str) -> String {
    scope.trim_end_matches('/').rsplit('/').next().unwrap_or(scope).to_ascii_lowercase()
}

impl Tokens {
    /// The account's tokens, if it has any.
    pub fn of(account: &Account) -> Option<Self> {
        serde_json::from_str(account.secret(TOKENS).expose()).ok()
    }

    /// The form in which they are kept.
    pub fn to_secret(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The header that carries the account's access token.
///
/// # Errors
/// [`SendError::Reauthorise`] where there is none, and [`SendError::Retry`] while it is being renewed.
pub fn bearer(ctx: &Ctx, account: &Account) -> Result<Header, SendError> {
    let tokens = Tokens::of(account).ok_or(SendError::Reauthorise)?;
    let access = tokens.access.expose();
    if access.is_empty() || !access.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SendError::Reauthorise);
    }
    if tokens.until_ms.saturating_sub(SPARE_MS) <= ctx.now_ms {
        return Err(SendError::Retry("the account's access is being renewed".to_owned()));
    }
    Ok(("authorization", format!("Bearer {access}")))
}

/// The address of the page that asks a member.
pub fn authorize_url(consent: &Consent, account: &Account, redirect_uri: &str, state: &str, verifier: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", account.setting(consent.client))
        .append_pair("redirect_uri", redirect_uri);
    if !consent.scopes.is_empty() {
        query.append_pair("scope", &consent.scopes.join(" "));
    }
    query.append_pair("state", state);
    if consent.checks_proof {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
    }
    query.extend_pairs(&consent.also);
    format!("{}?{}", consent.authorize_url, query.finish())
}

/// The next step of exchanging a code for tokens.
pub fn exchange(ctx: &Ctx, consent: &Consent, account: &Account, grant: Grant<'_>, replies: &[Reply]) -> Step<Tokens> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", grant.code),
        ("redirect_uri", grant.redirect_uri),
        ("code_verifier", grant.verifier),
    ];
    let Some(reply) = replies.first() else { return Step::Call(ask(consent, account, &fields)) };
    let told = read(reply).and_then(|answer| {
        allowed(consent, &answer)?;
        let refresh = string(&answer, "/refresh_token").ok_or_else(|| {
            refused(
                "no_refresh_token",
                "The provider allowed access for an hour only. Remove this app there, and sign in again.",
            )
        })?;
        // Who says nothing allowed what was asked for (RFC 6749, 5.1).
        let asked = || consent.scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let scopes = granted(&answer).unwrap_or_else(asked);
        tokens(ctx, &answer, Secret::new(refresh), scopes)
    });
    told.map_or_else(Step::Fail, Step::Done)
}

/// The next step of renewing an account's tokens. A provider may give a new refresh token with each: it is to be kept before
/// anything is called with what came.
pub fn renew(ctx: &Ctx, consent: &Consent, account: &Account, replies: &[Reply]) -> Step<Tokens> {
    let Some(present) = Tokens::of(account).filter(|tokens| !tokens.refresh.is_empty()) else {
        return Step::Fail(SendError::Reauthorise);
    };
    let fields = [("grant_type", "refresh_token"), ("refresh_token", present.refresh.expose())];
    let Some(reply) = replies.first() else { return Step::Call(ask(consent, account, &fields)) };
    let told = read(reply).and_then(|answer| {
        let refresh = string(&answer, "/refresh_token").map_or(present.refresh, Secret::new);
        tokens(ctx, &answer, refresh, granted(&answer).unwrap_or(present.scopes))
    });
    told.map_or_else(Step::Fail, Step::Done)
}

fn ask(consent: &Consent, account: &Account, fields: &[(&str, &str)]) -> Call {
    let own =
        [("client_id", account.setting("client_id")), ("client_secret", account.secret("client_secret").expose())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Call::Http(HttpCall {
        method: Method::Post,
        body: Body::Form(fields.chain(own).collect()),
        repeatable: false,
        ..HttpCall::get(consent.operation, consent.token_url.clone())
    })
}

/// The answer of a token endpoint (RFC 6749, 5.1 and 5.2).
fn read(reply: &Reply) -> Result<Value, SendError> {
    let (status, headers, body) = heard::answer(reply, true).map_err(heard::error)?;
    let answer = lenient(body).filter(Value::is_object);
    let error = answer.as_ref().and_then(|answer| string(answer, "/error"));
    match (status, answer, error.as_deref()) {
        (200..=299, Some(answer), None) => Ok(answer),
        (429, ..) => Err(SendError::Throttled(retry_after(headers).unwrap_or(60_000))),
        (_, _, Some("invalid_grant" | "interaction_required" | "consent_required" | "login_required")) => {
            Err(SendError::Reauthorise)
        }
        (_, _, Some("invalid_client" | "unauthorized_client")) => Err(refused(
            "client_refused",
            "The provider does not take the client id and its secret. Copy both anew from its console.",
        )),
        (_, _, Some("invalid_scope" | "invalid_request" | "unsupported_grant_type" | "access_denied")) => Err(refused(
            "sign_in_refused",
            "The provider refused to let us in. Check the app's settings in its console.",
        )),
        _ => Err(SendError::Retry(format!("answer {status}"))),
    }
}

/// How long an answer asks to wait, in milliseconds: seconds in `Retry-After` (RFC 9110), at most an hour.
pub(crate) fn retry_after(headers: &[(String, String)]) -> Option<u64> {
    let value = headers.iter().find(|(name, _)| name == "retry-after").map(|(_, value)| value.trim());
    value?.parse::<u64>().ok().map(|seconds| seconds.clamp(1, 3_600) * 1_000)
}

/// A member can leave out single scopes on the provider's page. What is asked for is the least there is, so all are needed.
fn allowed(consent: &Consent, answer: &Value) -> Result<(), SendError> {
    let Some(granted) = granted(answer) else { return Ok(()) };
    let granted: Vec<String> = granted.iter().map(|scope| short(scope)).collect();
    let asked = consent.scopes.iter().filter(|scope| **scope != "offline_access").map(|scope| short(scope));
    for scope in asked {
        if !granted.contains(&scope) {
            return Err(refused(
                "scopes_missing",
                "Not everything was allowed on the provider's page. Sign in again and leave all of it ticked.",
            ));
        }
    }
    Ok(())
}

/// What a token endpoint says that its token opens; `None` if it does not say.
fn granted(answer: &Value) -> Option<Vec<String>> {
    let scopes = string(answer, "/scope")?;
    let known = scopes.split_whitespace().filter(|scope| scope.len() <= LONGEST_SCOPE).take(MOST_SCOPES);
    Some(known.map(str::to_owned).collect())
}

fn tokens(ctx: &Ctx, answer: &Value, refresh: Secret, scopes: Vec<String>) -> Result<Tokens, SendError> {
    let access = string(answer, "/access_token").filter(|token| !token.is_empty());
    let access = access.ok_or_else(|| SendError::Retry("the provider gave no token".to_owned()))?;
    let life = answer["expires_in"].as_i64().unwrap_or(USUAL_LIFE_S).clamp(60, 24 * 3_600);
    Ok(Tokens { access: Secret::new(access), refresh, until_ms: ctx.now_ms.saturating_add(life * 1_000), scopes })
}

pub(crate) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

/// Words for the codes of signing in that leave a channel with something to do.
pub(crate) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "not_allowed" => Some("It was not allowed on the provider's page, or took too long. Sign in once more."),
        "sign_in_unreachable" => Some("The provider did not answer when it was asked for access. Sign in once more."),
        "account_not_chosen" => Some("It opens several accounts. Choose the one that this channel is for."),
        "not_authorised" => Some("Nobody has signed in for it yet. Use the button that leads to the provider."),
        "reauthorise" => Some("The provider lets us in no longer. Sign in there again: what waits then goes out."),
        "client_refused" => Some("The provider does not take the client id and its secret. Copy both anew."),
        "scopes_missing" => Some("Not everything was allowed on the provider's page. Sign in again, all of it ticked."),
        "no_refresh_token" => Some("Access was allowed for an hour only. Remove this app there, and sign in again."),
        "sign_in_refused" => Some("The provider refused to let us in. Check the app's settings in its console."),
        "another_account" => {
            Some("That was another mailbox than this channel's. Sign in with its own, or connect anew.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_767_225_600_000;

    fn ctx() -> Ctx {
        Ctx { now_ms: NOW_MS, chance: [0; 32] }
    }

    fn consent() -> Consent {
        Consent {
            operation: "x.token",
            authorize_url: "https://sign-in.test/authorize".to_owned(),
            token_url: "https://sign-in.test/token".to_owned(),
            scopes: vec!["https://x.test/Mail.Read", "offline_access"],
            client: "client_id",
            checks_proof: true,
            also: vec![("access_type", "offline".to_owned())],
        }
    }

    fn account(tokens: Option<Tokens>) -> Account {
        let mut account = Account::default();
        account.settings.insert("client_id".to_owned(), "id 1".to_owned());
        account.secrets.insert("client_secret".to_owned(), Secret::new("s"));
        account.secrets.extend(tokens.map(|tokens| (TOKENS.to_owned(), tokens.to_secret())));
        account
    }

    fn tokens(until_ms: i64) -> Tokens {
        Tokens { access: Secret::new("a"), refresh: Secret::new("r"), until_ms, scopes: vec!["mail.read".to_owned()] }
    }

    fn answer(status: u16, body: &str) -> Vec<Reply> {
        vec![Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }]
    }

    fn grant() -> Grant<'static> {
        // Of RFC 7636, appendix B.
        Grant {
            code: "c",
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            redirect_uri: "https://p.test/oauth/callback",
        }
    }

    #[test]
    fn the_page_is_asked_with_the_challenge_of_the_rfc() {
        let url = authorize_url(&consent(), &account(None), grant().redirect_uri, "s&t", grant().verifier);
        assert_eq!(
            url,
            "https://sign-in.test/authorize?response_type=code&client_id=id+1&redirect_uri=https%3A%2F%2Fp.test%2Foauth%2Fcallback\
             &scope=https%3A%2F%2Fx.test%2FMail.Read+offline_access&state=s%26t\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&access_type=offline"
        );
    }

    fn outcome(step: Step<Tokens>) -> String {
        match step {
            Step::Done(tokens) => {
                format!("{} {} {}", tokens.access.expose(), tokens.refresh.expose(), tokens.until_ms - NOW_MS)
            }
            Step::Fail(SendError::Refused { code, .. }) => code,
            Step::Fail(error) => format!("{error:?}"),
            Step::Call(_) => "call".to_owned(),
        }
    }

    #[test]
    fn every_answer_to_a_code_has_a_meaning() {
        for (status, body, expected) in [
            (200, r#"{"access_token":"b","refresh_token":"q","expires_in":3599,"scope":"mail.read"}"#, "b q 3599000"),
            (200, r#"{"access_token":"b","refresh_token":"q"}"#, "b q 3600000"),
            (200, r#"{"access_token":"b","refresh_token":"q","scope":"openid"}"#, "scopes_missing"),
            (200, r#"{"access_token":"b"}"#, "no_refresh_token"),
            (200, "<html>", "Retry(\"answer 200\")"),
            (400, r#"{"error":"invalid_grant"}"#, "Reauthorise"),
            (401, r#"{"error":"invalid_client"}"#, "client_refused"),
            (400, r#"{"error":"invalid_request"}"#, "sign_in_refused"),
            (429, "", "Throttled(60000)"),
            (503, "", "Retry(\"answer 503\")"),
        ] {
            let step = exchange(&ctx(), &consent(), &account(None), grant(), &answer(status, body));
            assert_eq!(outcome(step), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_refresh_token_stays_unless_a_new_one_comes() {
        let account = account(Some(tokens(NOW_MS)));
        for (body, expected) in [
            (r#"{"access_token":"b","expires_in":60}"#, "b r 60000"),
            (r#"{"access_token":"b","refresh_token":"q","expires_in":60}"#, "b q 60000"),
        ] {
            assert_eq!(outcome(renew(&ctx(), &consent(), &account, &answer(200, body))), expected);
        }
        assert_eq!(outcome(renew(&ctx(), &consent(), &account, &[])), "call");
        assert_eq!(outcome(renew(&ctx(), &consent(), &self::account(None), &[])), "Reauthorise");
    }

    fn scopes(step: Step<Tokens>) -> Vec<String> {
        let Step::Done(tokens) = step else { panic!("no tokens") };
        tokens.scopes
    }

    #[test]
    fn what_was_allowed_is_kept_and_what_was_asked_where_nothing_is_said() {
        let own = account(None);
        let code = |body| scopes(exchange(&ctx(), &consent(), &own, grant(), &answer(200, body)));
        let more = r#"{"access_token":"b","refresh_token":"q","scope":"https://x.test/Mail.Read  openid"}"#;
        assert_eq!(code(more), ["https://x.test/Mail.Read", "openid"]);
        assert_eq!(code(r#"{"access_token":"b","refresh_token":"q"}"#), consent().scopes);
        let own = account(Some(tokens(NOW_MS)));
        let again = |body| scopes(renew(&ctx(), &consent(), &own, &answer(200, body)));
        assert_eq!(again(r#"{"access_token":"b"}"#), ["mail.read"]);
        assert_eq!(again(r#"{"access_token":"b","scope":"mail.send"}"#), ["mail.send"]);
        let before = r#"{"access":"a","refresh":"r","until_ms":1}"#;
        assert_eq!(serde_json::from_str::<Tokens>(before).expect("kept before").scopes, Vec::<String>::new());
    }

    #[test]
    fn scopes_in_short() {
        for (scope, expected) in [
            ("https://www.googleapis.com/auth/gmail.readonly", "gmail.readonly"),
            ("https://mail.google.com/", "mail.google.com"),
            ("Mail.Read", "mail.read"),
            ("", ""),
        ] {
            assert_eq!(short(scope), expected);
        }
    }

    #[test]
    fn a_token_near_its_end_is_not_used() {
        for (left, good) in [(SPARE_MS + 1, true), (SPARE_MS, false), (-1, false)] {
            let found = bearer(&ctx(), &account(Some(tokens(NOW_MS + left))));
            assert_eq!(found.is_ok(), good, "{left}");
        }
        assert_eq!(bearer(&ctx(), &account(None)), Err(SendError::Reauthorise));
    }

    #[test]
    fn tokens_print_nothing() {
        let shown = format!("{:?}", Tokens { access: Secret::new("CaNaRy"), ..tokens(0) });
        assert!(!shown.contains("CaNaRy"));
    }
}
