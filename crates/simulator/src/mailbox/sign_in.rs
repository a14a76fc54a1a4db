//! Signing in, as far as an app sees it: codes, proofs of who asked for them, and tokens.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Credentials, Mailboxes, TOKEN_LIFE_S};
use crate::chance::Chance;

/// What was given out for a mailbox.
#[derive(Default)]
pub(crate) struct SignIn {
    codes: BTreeMap<String, Asked>,
    access: BTreeMap<String, i64>,
    refresh: BTreeMap<String, String>,
    /// The owner says no.
    pub(crate) refuses: bool,
}

/// What an app asked the owner.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) challenge: String,
}

/// What a token endpoint answers: a status and its JSON.
type Told = (u16, Value);

impl SignIn {
    pub(crate) fn takes(&self, token: &str, now_ms: i64) -> bool {
        self.access.get(token).is_some_and(|until| now_ms < *until)
    }

    pub(crate) fn withdraw(&mut self) {
        self.access.clear();
        self.refresh.clear();
        self.codes.clear();
    }

    pub(crate) fn expire(&mut self) {
        self.access.clear();
    }

    /// Whether a token is one of this mailbox's.
    pub(crate) fn knows(&self, token: &str) -> bool {
        self.refresh.contains_key(token) || self.access.contains_key(token)
    }

    fn give(&mut self, scope: &str, now_ms: i64, with_refresh: bool, chance: &mut Chance) -> Told {
        let access = format!("access-{}", chance.word(32));
        self.access.insert(access.clone(), now_ms + TOKEN_LIFE_S * 1_000);
        let mut told =
            json!({"access_token": access, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer", "scope": scope});
        if with_refresh {
            let refresh = format!("refresh-{}", chance.word(32));
            self.refresh.insert(refresh.clone(), scope.to_owned());
            told["refresh_token"] = refresh.into();
        }
        (200, told)
    }
}

fn refused(error: &str) -> Told {
    (if error == "invalid_client" { 401 } else { 400 }, json!({"error": error, "error_description": "refused"}))
}

impl Mailboxes {
    /// The owner is asked and answers at once: where the browser goes. `None` for an app that nobody knows.
    pub(crate) fn asked(&self, asked: Asked) -> Option<String> {
        let address = self.find(|mailbox| mailbox.credentials.client_id == asked.client_id)?;
        let back = asked.redirect_uri.clone();
        let state = asked.state.clone();
        let answer = self.with(&address, |mailbox, chance| {
            if mailbox.sign_in.refuses || asked.challenge.is_empty() {
                return ("error", "access_denied".to_owned());
            }
            let code = format!("code-{}", chance.word(24));
            mailbox.sign_in.codes.insert(code.clone(), asked);
            ("code", code)
        });
        let (name, value) = answer?;
        let query = serde_urlencoded::to_string([(name, value.as_str()), ("state", &state)]).unwrap_or_default();
        Some(format!("{back}?{query}"))
    }

    /// The token endpoint. `renews`: each refresh token is good once, and a new one comes with every answer.
    pub(crate) fn token(&self, form: &BTreeMap<String, String>, renews: bool) -> Told {
        let given = |name: &str| form.get(name).map_or("", String::as_str);
        let Some(address) = self.find(|mailbox| mailbox.credentials.client_id == given("client_id")) else {
            return refused("invalid_client");
        };
        let now_ms = self.clock.now_ms();
        let told = self.with(&address, |mailbox, chance| {
            *mailbox.calls.entry("token".to_owned()).or_default() += 1;
            if !is_secret(&mailbox.credentials, given("client_secret")) {
                return refused("invalid_client");
            }
            let sign_in = &mut mailbox.sign_in;
            match given("grant_type") {
                "authorization_code" => {
                    let Some(asked) = sign_in.codes.remove(given("code")) else { return refused("invalid_grant") };
                    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(given("code_verifier").as_bytes()));
                    if asked.challenge != challenge || asked.redirect_uri != given("redirect_uri") {
                        return refused("invalid_grant");
                    }
                    sign_in.give(&asked.scope, now_ms, true, chance)
                }
                "refresh_token" => {
                    let token = given("refresh_token");
                    let Some(scope) = sign_in.refresh.get(token).cloned() else { return refused("invalid_grant") };
                    if renews {
                        sign_in.refresh.remove(token);
                    }
                    sign_in.give(&scope, now_ms, renews, chance)
                }
                _ => refused("unsupported_grant_type"),
            }
        });
        told.unwrap_or_else(|| refused("invalid_client"))
    }
}

fn is_secret(credentials: &Credentials, given: &str) -> bool {
    !given.is_empty() && credentials.client_secret == given
}
