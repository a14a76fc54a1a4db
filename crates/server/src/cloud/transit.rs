//! The root key in the transit engine of HashiCorp Vault or OpenBao: it wraps and unwraps there and never leaves.
//!
//! What a key is for is bound to it in three ways: as the engine's context (for derived keys), as associated data, and, since
//! a server that knows neither would pass over them, as a hash in front of the key itself. A wrapped key is a mark of [`KIND`] and the
//! engine's own ciphertext, which names the version of the key, so a key may be rotated there at any time.
//! <https://developer.hashicorp.com/vault/api-docs/secret/transit>

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vault::{Chance, Error, RootKey};
use zeroize::Zeroizing;

use super::line::{Answer, Ask, Line, Silence, quoted};
use super::{KEY_PATIENCE, marked, unmarked};
use crate::settings::{Transit, TransitLogin};

/// What a key wrapped by a transit engine begins with.
pub(super) const KIND: [u8; 4] = *b"trn1";
/// Bytes of the hash in front of a key.
const BINDING: usize = 32;

/// A root key in a transit engine.
pub(super) struct TransitRootKey {
    line: Line,
    settings: Transit,
    /// The token that a role was given last.
    given: Mutex<Option<Zeroizing<String>>>,
}

impl TransitRootKey {
    /// Nothing is asked yet.
    pub(super) fn new(settings: &Transit, chance: Arc<dyn Chance>) -> Result<Self, Error> {
        let line = Line::open("transit", KEY_PATIENCE, chance).map_err(outside)?;
        Ok(Self { line, settings: settings.clone(), given: Mutex::default() })
    }

    /// Has the engine do something with the key.
    fn ask(&self, operation: &str, order: &Order<'_>) -> Result<Answer, Error> {
        let path = format!("{}/{operation}/{}", self.settings.mount, self.settings.key);
        let body = serde_json::to_string(order).map(Zeroizing::new);
        let body = body.map_err(|_| Error::Invalid("the order to the transit engine cannot be written".into()))?;
        let token = self.token()?;
        let mut answer = self.post(&path, &body, Some(&token))?;
        if answer.status == 403 && self.forget_given() {
            // A role's token has run out, perhaps: one more is fetched.
            answer = self.post(&path, &body, Some(&self.token()?))?;
        }
        if !answer.is_good() {
            return Err(self.refusal(operation, &answer));
        }
        Ok(answer)
    }

    fn post(&self, path: &str, body: &str, token: Option<&str>) -> Result<Answer, Error> {
        let address = format!("{}/v1/{path}", self.settings.address);
        let request = || {
            let url = Url::parse(&address).map_err(|_| Silence(format!("{address} is no address")))?;
            let mut headers = HeaderMap::new();
            let mut put = |name: &'static str, text: &str| {
                let mut value =
                    HeaderValue::from_str(text).map_err(|_| Silence("the token holds no token".to_owned()))?;
                value.set_sensitive(true);
                headers.insert(name, value);
                Ok::<_, Silence>(())
            };
            put("content-type", "application/json")?;
            // Proofs against requests that somebody else's page made a browser send.
            put("x-vault-request", "true")?;
            token.map_or(Ok(()), |token| put("x-vault-token", token))?;
            self.settings.namespace.as_deref().map_or(Ok(()), |namespace| put("x-vault-namespace", namespace))?;
            Ok(Ask {
                method: Method::POST,
                url,
                headers,
                body: Bytes::from_owner(Zeroizing::new(body.as_bytes().to_vec())),
            })
        };
        // 412: a replica that has not heard of everything yet; 429: a limit; 472 and 473: a standby.
        let passing = |answer: &Answer| {
            answer.status >= 500 && !is_sealed(answer) || matches!(answer.status, 412 | 429 | 472 | 473)
        };
        self.line.ask(request, passing).map_err(outside)
    }

    fn token(&self) -> Result<Zeroizing<String>, Error> {
        match &self.settings.login {
            TransitLogin::Token(token) => Ok(Zeroizing::new(token.expose().to_owned())),
            TransitLogin::TokenFile(path) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new);
                let text = text.map_err(|error| {
                    Error::Outside(format!("the token file {} cannot be read: {}", path.display(), error.kind()))
                })?;
                Ok(Zeroizing::new(text.trim().to_owned()))
            }
            TransitLogin::AppRole { mount, role, secret } => {
                let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(token) = &*given {
                    return Ok(token.clone());
                }
                let order = Zeroizing::new(json!({ "role_id": role, "secret_id": secret.expose() }).to_string());
                let answer = self.post(&format!("auth/{mount}/login"), &order, None)?;
                if !answer.is_good() {
                    return Err(self.refusal("login", &answer));
                }
                let told: Told<'_> = read(&answer)?;
                let token = told.auth.and_then(|auth| auth.client_token).ok_or_else(nothing)?;
                let token = Zeroizing::new(token.to_owned());
                *given = Some(token.clone());
                Ok(token)
            }
        }
    }

    /// Forgets the token that a role was given; whether there was one.
    fn forget_given(&self) -> bool {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    fn refusal(&self, operation: &str, answer: &Answer) -> Error {
        let Transit { mount, key, .. } = &self.settings;
        let said = said(answer);
        let advice = match (answer.status, operation) {
            (400 | 403, "login") => "the role or its secret is wrong, or has run out".to_owned(),
            (403, _) => format!(
                "the token has run out, was revoked, or may not: its policy needs update on {mount}/encrypt/{key} and \
                 {mount}/decrypt/{key}"
            ),
            (404, _) => {
                format!("there is no such path; is a transit engine mounted at {mount}, and the key {key} in it?")
            }
            (503, _) => "it is sealed: unseal it".to_owned(),
            (300..400, _) => "it answers with a redirect; set transit.address to where that leads".to_owned(),
            // The engine's word for everything that does not fit.
            (400, "decrypt") => {
                tracing::warn!(said, "the transit engine did not unwrap a key");
                return Error::Seal(
                    "the transit engine did not wrap this with transit.key for this purpose, or it was altered, or the \
                     version of the key that did is gone",
                );
            }
            _ => "look at its log".to_owned(),
        };
        Error::Outside(format!("the root key is in a transit engine, which answers {}: {advice}{said}", answer.status))
    }
}

impl RootKey for TransitRootKey {
    fn wrap(&self, context: &[u8], key: &[u8], _: [u8; 32]) -> Result<Vec<u8>, Error> {
        let bound = Zeroizing::new([&binding(context), key].concat());
        let plain = Zeroizing::new(BASE64.encode(&*bound));
        let purpose = BASE64.encode(context);
        let order = Order { plaintext: Some(&plain), ciphertext: None, context: &purpose, associated_data: &purpose };
        let answer = self.ask("encrypt", &order)?;
        let told: Told<'_> = read(&answer)?;
        let sealed = told.data.and_then(|data| data.ciphertext).ok_or_else(nothing)?;
        // `vault:v2:…`: with another version, the mark is another.
        let version = sealed.rsplit_once(':').map_or("", |(version, _)| version);
        let Transit { address, mount, key, .. } = &self.settings;
        Ok(marked(KIND, &format!("{address}/{mount}/{key} {version}"), sealed.as_bytes()))
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let sealed =
            std::str::from_utf8(unmarked(KIND, wrapped)?).map_err(|_| Error::Seal("a wrapped key is malformed"))?;
        let purpose = BASE64.encode(context);
        let order = Order { plaintext: None, ciphertext: Some(sealed), context: &purpose, associated_data: &purpose };
        let answer = self.ask("decrypt", &order)?;
        let told: Told<'_> = read(&answer)?;
        let plain = told.data.and_then(|data| data.plaintext).and_then(|text| BASE64.decode(text).ok());
        let plain = plain.map(Zeroizing::new).ok_or_else(nothing)?;
        match plain.split_at_checked(BINDING) {
            Some((bound, key)) if *bound == binding(context) => Ok(Zeroizing::new(key.to_vec())),
            _ => Err(Error::Seal("the transit engine wrapped this for another purpose")),
        }
    }
}

fn binding(context: &[u8]) -> [u8; BINDING] {
    Sha256::new().chain_update(b"parloir wrapped key").chain_update(context).finalize().into()
}

/// What the engine is to do.
#[derive(Serialize)]
struct Order<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext: Option<&'a str>,
    context: &'a str,
    associated_data: &'a str,
}

/// What was done, still in the bytes of the answer, which are wiped.
#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    auth: Option<Auth<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    plaintext: Option<&'a str>,
    ciphertext: Option<&'a str>,
}

#[derive(Deserialize)]
struct Auth<'a> {
    client_token: Option<&'a str>,
}

fn read(answer: &Answer) -> Result<Told<'_>, Error> {
    serde_json::from_slice(&answer.body).map_err(|_| nothing())
}

fn nothing() -> Error {
    Error::Outside("the transit engine gives an answer without what was asked for".into())
}

fn is_sealed(answer: &Answer) -> bool {
    answer.status == 503 && said(answer).contains("sealed")
}

fn said(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words =
        body["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    if words.is_empty() { String::new() } else { format!(" ({})", quoted(&words)) }
}

fn outside(Silence(why): Silence) -> Error {
    Error::Outside(format!("the root key is in a transit engine, and {why}"))
}
