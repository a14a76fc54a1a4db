//! The root key in AWS KMS: it wraps and unwraps there and never leaves.
//!
//! What a key is for is given to KMS as its encryption context, so a wrapped key opens for nothing else; the context is also
//! what CloudTrail shows of each use. A wrapped key is a mark of [`KIND`] and KMS's own ciphertext.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/>

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::{Chance, Clock, Error, RootKey};
use zeroize::Zeroizing;

use super::line::{Answer, Ask, Line, Silence, quoted};
use super::sigv4::{Signer, Unsigned};
use super::{KEY_PATIENCE, marked, unmarked};
use crate::settings::AwsKms;

/// What a key wrapped by KMS begins with.
pub(super) const KIND: [u8; 4] = *b"kms1";

/// Errors that a little patience mends.
const PASSING: [&str; 4] =
    ["ThrottlingException", "DependencyTimeoutException", "KMSInternalException", "LimitExceededException"];

/// A root key in AWS KMS.
pub(super) struct KmsRootKey {
    line: Line,
    signer: Signer,
    url: Url,
    key: String,
    clock: Arc<dyn Clock>,
}

impl KmsRootKey {
    /// Nothing is asked yet.
    pub(super) fn new(settings: &AwsKms, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Self, Error> {
        let address =
            settings.endpoint.clone().unwrap_or_else(|| format!("https://kms.{}.amazonaws.com", settings.region));
        let url = Url::parse(&address).map_err(|_| Error::Invalid(format!("aws_kms: {address} is no address")))?;
        let line = Line::open("aws-kms", KEY_PATIENCE, chance).map_err(outside)?;
        let signer = Signer { access: settings.access.clone(), region: settings.region.clone(), service: "kms" };
        Ok(Self { line, signer, url, key: settings.key.clone(), clock })
    }

    fn ask(&self, operation: &str, order: &impl Serialize) -> Result<Answer, Error> {
        let body = serde_json::to_vec(order).map(Zeroizing::new);
        let body = body.map_err(|_| Error::Invalid("the order to AWS KMS cannot be written".into()))?;
        let asked = self.line.ask(|| self.request(operation, &body), passes);
        let answer = asked.map_err(outside)?;
        if answer.is_good() { Ok(answer) } else { Err(self.refusal(&answer)) }
    }

    fn request(&self, operation: &str, body: &[u8]) -> Result<Ask, Silence> {
        let method = Method::POST;
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
        let target = HeaderValue::try_from(format!("TrentService.{operation}"));
        headers.insert("x-amz-target", target.map_err(|_| Silence("no such operation".to_owned()))?);
        let unsigned = Unsigned { method: &method, url: &self.url, query: &[], body };
        self.signer.sign(&unsigned, &mut headers, self.clock.now())?;
        Ok(Ask { method, url: self.url.clone(), headers, body: Bytes::from_owner(Zeroizing::new(body.to_vec())) })
    }

    fn refusal(&self, answer: &Answer) -> Error {
        let kind = kind_of(answer);
        match kind.as_str() {
            "InvalidCiphertextException" => {
                Error::Seal("AWS KMS did not wrap this for this purpose, or it was altered since")
            }
            "IncorrectKeyException" => Error::Seal(
                "another KMS key than aws_kms.key wrapped it: name the key that the custody store was made with",
            ),
            _ => Error::Outside(format!(
                "AWS KMS refuses to use the key {}: {} ({}){}",
                self.key,
                advice(&kind),
                if kind.is_empty() { answer.status.to_string() } else { kind.clone() },
                said(answer)
            )),
        }
    }
}

impl RootKey for KmsRootKey {
    fn wrap(&self, context: &[u8], key: &[u8], _: [u8; 32]) -> Result<Vec<u8>, Error> {
        let plain = Zeroizing::new(BASE64.encode(key));
        let purpose = Purpose { parloir: hex::encode(context) };
        let order = Order { key_id: &self.key, plaintext: Some(&plain), ciphertext_blob: None, purpose };
        let answer = self.ask("Encrypt", &order)?;
        let given = Given::read(&answer)?;
        // Its full name, whatever alias was asked for.
        let key = given.key_id.unwrap_or(&self.key);
        Ok(marked(KIND, key, &bytes_of(given.ciphertext_blob)?))
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let blob = BASE64.encode(unmarked(KIND, wrapped)?);
        // With the key named, nothing that another key wrapped is taken for ours.
        let purpose = Purpose { parloir: hex::encode(context) };
        let order = Order { key_id: &self.key, plaintext: None, ciphertext_blob: Some(&blob), purpose };
        let answer = self.ask("Decrypt", &order)?;
        bytes_of(Given::read(&answer)?.plaintext)
    }
}

/// What KMS is to do.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Order<'a> {
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext_blob: Option<&'a str>,
    #[serde(rename = "EncryptionContext")]
    purpose: Purpose,
}

/// An encryption context: names and values of text.
#[derive(Serialize)]
struct Purpose {
    parloir: String,
}

/// What KMS did, still in the bytes of its answer, which are wiped.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given<'a> {
    key_id: Option<&'a str>,
    plaintext: Option<&'a str>,
    ciphertext_blob: Option<&'a str>,
}

impl<'a> Given<'a> {
    fn read(answer: &'a Answer) -> Result<Self, Error> {
        serde_json::from_slice(&answer.body).map_err(|_| no_key())
    }
}

fn bytes_of(text: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Error> {
    text.and_then(|text| BASE64.decode(text).ok()).map(Zeroizing::new).ok_or_else(no_key)
}

fn no_key() -> Error {
    Error::Outside("AWS KMS gives an answer without a key".into())
}

/// The error's name without its namespace, as in `com.amazonaws.kms#NotFoundException`.
fn kind_of(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let kind = body["__type"].as_str().unwrap_or_default();
    quoted(kind.rsplit('#').next().unwrap_or_default())
}

fn said(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words = body["message"].as_str().or_else(|| body["Message"].as_str()).unwrap_or_default();
    if words.is_empty() { String::new() } else { format!(": {}", quoted(words)) }
}

fn passes(answer: &Answer) -> bool {
    answer.status >= 500 || answer.status == 429 || PASSING.contains(&kind_of(answer).as_str())
}

/// What to do about a refusal.
fn advice(kind: &str) -> &'static str {
    match kind {
        "AccessDeniedException" => "allow kms:Encrypt and kms:Decrypt on it to the access key that is set",
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch" => "the access key or its secret is wrong, or this machine's clock is",
        "ExpiredTokenException" => "the session token has run out; give the program a new one",
        "NotFoundException" => "there is no such key in this region; check aws_kms.key and aws_kms.region",
        "DisabledException" | "KMSInvalidStateException" => "enable the key, or cancel its deletion",
        "InvalidKeyUsageException" => "it must be a symmetric key for encrypting and decrypting",
        _ => "try again later, and look at AWS's own status if it stays so",
    }
}

fn outside(Silence(why): Silence) -> Error {
    Error::Outside(format!("the root key is in AWS KMS, and {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn an_error_is_named_by_its_last_word() {
        assert_eq!(kind_of(&answer(400, r#"{"__type":"com.amazonaws.kms#NotFoundException"}"#)), "NotFoundException");
        assert_eq!(kind_of(&answer(502, "<html>")), "");
    }

    #[test]
    fn what_does_not_fit_is_told_from_what_is_not_allowed() {
        let chance: Arc<dyn Chance> = Arc::new(crate::machine::SystemChance);
        let clock = Arc::new(crate::machine::SystemClock::default());
        let (key, region) = ("alias/one".to_owned(), "eu-central-1".to_owned());
        let settings = AwsKms { key, region, endpoint: None, access: crate::settings::AccessKey::default() };
        let root = KmsRootKey::new(&settings, clock, chance).unwrap();
        assert_eq!(root.url.as_str(), "https://kms.eu-central-1.amazonaws.com/");
        for (body, words) in [
            (r#"{"__type":"InvalidCiphertextException"}"#, "for this purpose"),
            (r#"{"__type":"IncorrectKeyException","message":"m"}"#, "another KMS key than aws_kms.key"),
        ] {
            assert!(matches!(root.refusal(&answer(400, body)), Error::Seal(said) if said.contains(words)), "{body}");
        }
        for (body, words) in [
            (r#"{"__type":"AccessDeniedException","Message":"no\nway"}"#, "allow kms:Encrypt and kms:Decrypt"),
            (r#"{"__type":"ExpiredTokenException"}"#, "session token has run out"),
            ("<html>", "(400)"),
        ] {
            let said = root.refusal(&answer(400, body)).to_string();
            assert!(said.contains(words) && said.contains("alias/one") && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        assert!(passes(&answer(400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)));
        assert!(passes(&answer(503, "")));
        assert!(!passes(&answer(400, r#"{"__type":"AccessDeniedException"}"#)));
    }
}
