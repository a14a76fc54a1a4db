//! How Twilio proves a request (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>): the whole address, then
//! every field of the form by name, under the account's auth token (HMAC-SHA1); or under a shared key of its own
//! (HMAC-SHA256), where a second header says so. The address is the one that we gave Twilio, never one that a request names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::form::Form;
use crate::{Account, Raw, Secret};

const SIGNATURE: &str = "x-twilio-signature";
/// Says that a shared key signs, and which: `key=…,algorithm=HMAC_SHA256`.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// Whether a request is Twilio's.
pub(super) fn proven(raw: &Raw, account: &Account) -> bool {
    check(raw, account).unwrap_or(false)
}

fn check(raw: &Raw, account: &Account) -> Option<bool> {
    let signature = raw.header(SIGNATURE)?;
    let signer = Signer::named(raw, account)?;
    let query = Form::encoded(raw.query.as_bytes());
    let hashed = query.get("bodySHA256");
    let fields = match raw.method.as_str() {
        "POST" if hashed.is_none() => Form::encoded(&raw.body).signed(),
        _ => String::new(),
    };
    let body_is_its_own = hashed.is_none_or(|hash| {
        bool::from(hex::encode(Sha256::digest(&raw.body)).as_bytes().ct_eq(hash.to_ascii_lowercase().as_bytes()))
    });
    // All forms of the address are tried, whichever it was.
    let matches = addresses(raw, account).iter().fold(false, |found, address| {
        signer
            .sign(&format!("{address}{fields}"))
            .is_some_and(|own| bool::from(own.as_bytes().ct_eq(signature.as_bytes())))
            | found
    });
    Some(matches && body_is_its_own)
}

/// The address that Twilio may have signed: as it was given, without its port, and with the usual one. What stands for a
/// user in it is never signed.
fn addresses(raw: &Raw, account: &Account) -> Vec<String> {
    let Some((scheme, rest)) = account.hook_url.split_once("://") else { return Vec::new() };
    let (authority, path) =
        rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let bare = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let usual = if scheme == "https" { 443 } else { 80 };
    let below = if raw.path.is_empty() { String::new() } else { format!("/{}", raw.path) };
    let query = if raw.query.is_empty() { String::new() } else { format!("?{}", raw.query) };
    let hosts = [host.to_owned(), bare.to_owned(), format!("{bare}:{usual}")];
    hosts.iter().map(|host| format!("{scheme}://{host}{path}{below}{query}")).collect()
}

/// With what a request is signed.
enum Signer {
    AuthToken(Secret),
    SharedKey(Secret),
}

impl Signer {
    /// As the request says. A header that occurs twice, and an algorithm that nobody knows, name none.
    fn named(raw: &Raw, account: &Account) -> Option<Self> {
        if !raw.headers.iter().any(|(name, _)| name == SETTINGS) {
            return Some(Self::AuthToken(account.secret("auth_token")));
        }
        let settings = raw.header(SETTINGS)?;
        let value = |wanted: &str| {
            let parts = settings.split(',').filter_map(|part| part.split_once('='));
            parts
                .map(|(name, value)| (name.trim(), value.trim()))
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value)
        };
        match value("algorithm").filter(|algorithm| !algorithm.is_empty()) {
            None | Some("HMAC_SHA1") => Some(Self::AuthToken(account.secret("auth_token"))),
            Some("HMAC_SHA256") => Some(Self::SharedKey(account.secret("shared_key"))),
            Some(_) => None,
        }
    }

    /// The signature of a text; `None` without a secret.
    fn sign(&self, text: &str) -> Option<String> {
        match self {
            Self::AuthToken(secret) | Self::SharedKey(secret) if secret.is_empty() => None,
            Self::AuthToken(secret) => {
                let mac = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()).ok()?;
                Some(STANDARD.encode(mac.chain_update(text).finalize().into_bytes()))
            }
            Self::SharedKey(secret) => {
                let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
                Some(STANDARD.encode(mac.chain_update(text).finalize().into_bytes()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation's own example, with the token 12345 and the address https://example.com/myapp.php?foo=1&bar=2.
    const DOCUMENTED: &str = "L/OH5YylLD5NRKLltdqwSvS0BnU=";
    const DOCUMENTED_BODY: &str =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212";

    fn account(hook_url: &str) -> Account {
        let mut account = Account { hook_url: hook_url.to_owned(), ..Account::default() };
        account.secrets.insert("auth_token".to_owned(), Secret::new("12345"));
        account.secrets.insert("shared_key".to_owned(), Secret::new("12345"));
        account
    }

    fn raw(method: &str, query: &str, signature: &str, body: &str) -> Raw {
        Raw {
            method: method.to_owned(),
            path: String::new(),
            query: query.to_owned(),
            headers: vec![(SIGNATURE.to_owned(), signature.to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_documented_example_is_proven() {
        let request = raw("POST", "foo=1&bar=2", DOCUMENTED, DOCUMENTED_BODY);
        for address in [
            "https://example.com/myapp.php",
            "https://example.com:443/myapp.php",
            "https://example.com:8443/myapp.php",
            "https://u:p@example.com/myapp.php",
        ] {
            assert!(proven(&request, &account(address)), "{address}");
        }
        for address in ["http://example.com/myapp.php", "https://example.org/myapp.php", "https://example.com/", ""] {
            assert!(!proven(&request, &account(address)), "{address}");
        }
        assert!(!proven(
            &raw("POST", "bar=2&foo=1", DOCUMENTED, DOCUMENTED_BODY),
            &account("https://example.com/myapp.php")
        ));
        // The order of the fields is nothing; their values are.
        let (first, rest) = DOCUMENTED_BODY.split_once('&').expect("fields");
        let shuffled = format!("{rest}&{first}&{first}");
        assert!(proven(&raw("POST", "foo=1&bar=2", DOCUMENTED, &shuffled), &account("https://example.com/myapp.php")));
        let spaced = DOCUMENTED_BODY.replace("1234&From", "1234+&From");
        assert!(!proven(&raw("POST", "foo=1&bar=2", DOCUMENTED, &spaced), &account("https://example.com/myapp.php")));
    }

    // The rest was computed with twilio-python 9.13.0.
    const FORM: &str = "To=%2B1&Body=++Ci%C3%A0o+%F0%9F%98%80+%26+%2B+&b=&AccountSid=AC";

    #[test]
    fn agrees_with_another_implementation() {
        let own = account("https://example.com/hooks/chn_1");
        assert!(proven(&raw("POST", "x=%20a", "EBO6PVugAeN1vO4Lx2S98HvAGqA=", FORM), &own));
        let shared = |settings: &str, signature: &str| {
            let mut raw = raw("POST", "x=%20a", signature, FORM);
            raw.headers.push((SETTINGS.to_owned(), settings.to_owned()));
            raw
        };
        let sha256 = "Oa4Ik7KZ9uEvSWcyDQweFbDnSq/09SUx4hlzVLrOEHs=";
        assert!(proven(&shared("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", sha256), &own));
        assert!(proven(&shared("key=webhooks_sharedkey_1", "EBO6PVugAeN1vO4Lx2S98HvAGqA="), &own));
        assert!(!proven(&shared("key=x,algorithm=HMAC_MD5", sha256), &own));
        assert!(!proven(&shared("algorithm=HMAC_SHA256", "EBO6PVugAeN1vO4Lx2S98HvAGqA="), &own));
        let mut twice = shared("algorithm=HMAC_SHA256", sha256);
        twice.headers.push((SETTINGS.to_owned(), "algorithm=HMAC_SHA1".to_owned()));
        assert!(!proven(&twice, &own), "which of them?");
        let mut without = own.clone();
        without.secrets.remove("shared_key");
        assert!(!proven(&shared("algorithm=HMAC_SHA256", sha256), &without));
    }

    #[test]
    fn json_is_proven_by_its_hash() {
        let own = account("https://example.com/hooks/chn_1");
        let query = "bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        let signature = "c/RPtpX+0XY9A2cSApH7nG9ccno=";
        assert!(proven(&raw("POST", query, signature, r#"{"a":1}"#), &own));
        assert!(!proven(&raw("POST", query, signature, r#"{"a":2}"#), &own));
        assert!(!proven(&raw("POST", "", signature, r#"{"a":1}"#), &own));
        assert!(proven(&raw("GET", query, signature, r#"{"a":1}"#), &own));
    }
}
