//! One connected account of every kind, and how its provider would prove a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::channels::{all, web};
use connect::{Account, Connector, Ctx, Raw, Secret, Verified, standard_webhooks};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// The moment of all tests: 2026-01-01 00:00:00 UTC.
pub(crate) const NOW_MS: i64 = 1_767_225_600_000;

/// Occurs in every secret of a test account, and may occur nowhere else.
pub(crate) const CANARY: &str = "CaNaRy";

/// A connector with an account.
pub(crate) struct World {
    pub(crate) connector: &'static dyn Connector,
    pub(crate) account: Account,
}

pub(crate) fn ctx() -> Ctx {
    Ctx { now_ms: NOW_MS, chance: [7; 32] }
}

/// Every connector with an account that has all its settings.
pub(crate) fn worlds() -> Vec<World> {
    all().iter().map(|connector| World { connector: *connector, account: account(*connector) }).collect()
}

fn account(connector: &dyn Connector) -> Account {
    let spec = connector.spec();
    let mut account = Account {
        channel: "chn_1".to_owned(),
        base_url: format!("https://{}.test/base", spec.kind),
        hook_url: "https://parloir.test/hooks/chn_1".to_owned(),
        ..Account::default()
    };
    if spec.kind == "whatsapp" {
        let learned = [("portfolio", "506914307656634"), ("number", "15550783881")];
        account.learned = learned.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    }
    if spec.kind == "messenger" {
        account.learned.insert("app".to_owned(), "1517776481860111".to_owned());
    }
    if crate::signed_in::is_mailbox(connector) {
        crate::signed_in::open(&mut account);
    }
    for field in spec.fields {
        if field.secret {
            account.secrets.insert(field.key.to_owned(), Secret::new(secret(spec.kind, field.key)));
        } else {
            account.settings.insert(field.key.to_owned(), setting(field.key).to_owned());
        }
    }
    account
}

fn secret(kind: &str, key: &str) -> String {
    match (kind, key) {
        ("telegram", "bot_token") => format!("123456:{CANARY}token"),
        ("api", "signing_secret") => format!("whsec_{CANARY}{CANARY}AA=="),
        ("email", "dkim.key") => format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n"),
        _ => format!("{CANARY}{key}"),
    }
}

fn setting(key: &str) -> &'static str {
    match key {
        "webhook_url" => "https://other.test/webhook",
        "allowed_origins" => "https://shop.test",
        "phone_number_id" => "106540352242922",
        "business_account_id" => "102290129340398",
        "page_id" | "account_id" => "1084386248085549",
        "account_sid" => "AC0123456789abcdef0123456789abcdef",
        "number" => "+15550783881",
        "messaging_profile_id" => "4001234567890abcdef",
        "address" => "info@shop.test",
        "aliases" => "help@shop.test",
        "imap.host" => "imap.shop.test",
        "smtp.host" => "smtp.shop.test",
        "dkim.domain" => "shop.test",
        "dkim.selector" => "parloir",
        // Of the seed 00 01 02 … 1f.
        "public_key" => "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        _ => "",
    }
}

impl World {
    pub(crate) fn kind(&self) -> &'static str {
        self.connector.spec().kind
    }

    /// Whether it is asked what came, and told by nobody.
    pub(crate) fn is_asked(&self) -> bool {
        self.connector.spec().limits.poll_ms > 0
    }

    /// What is kept of something that came.
    pub(crate) fn heard(&self, speaker: Option<&str>, body: &[u8]) -> Vec<Verified> {
        if self.is_asked() {
            return crate::mail::kept(self, &ctx(), body);
        }
        let raw = self.request(speaker, body);
        vec![self.connector.verify(&ctx(), &raw, &self.account).expect("proven")]
    }

    /// A request as the provider would send it. `speaker` is a signed-in user where the protocol knows such.
    pub(crate) fn request(&self, speaker: Option<&str>, body: &[u8]) -> Raw {
        let body = self.dressed(speaker, body);
        let mut raw =
            Raw { method: "POST".to_owned(), path: String::new(), query: String::new(), headers: vec![], body };
        raw.headers = self.proof(speaker, &raw.body);
        raw
    }

    /// What proves that body.
    fn proof(&self, speaker: Option<&str>, body: &[u8]) -> Vec<(String, String)> {
        let secret = |key| self.account.secret(key);
        match self.kind() {
            "telegram" => {
                let secret = secret("hook_secret").expose().to_owned();
                vec![("x-telegram-bot-api-secret-token".to_owned(), secret)]
            }
            "api" => {
                let headers = standard_webhooks::sign(&secret("signing_secret"), "evt_1", NOW_MS, body);
                headers.unwrap_or_default().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }
            "web" => {
                let token = web::mint(&ctx(), &self.account, speaker, 0).map(|(token, _)| token);
                vec![("authorization".to_owned(), format!("Bearer {}", token.unwrap_or_default()))]
            }
            "whatsapp" | "messenger" | "instagram" => {
                vec![("x-hub-signature-256".to_owned(), hub_signature(secret("app_secret").expose(), body))]
            }
            "sms_twilio" | "whatsapp_twilio" => {
                let signed = format!("{}{}", self.account.hook_url, sorted(body));
                let mut mac = Hmac::<Sha1>::new_from_slice(secret("auth_token").expose().as_bytes()).expect("any key");
                mac.update(signed.as_bytes());
                vec![("x-twilio-signature".to_owned(), STANDARD.encode(mac.finalize().into_bytes()))]
            }
            "sms_telnyx" => {
                let timestamp = (NOW_MS / 1000).to_string();
                let key = SigningKey::from_bytes(&std::array::from_fn(|at| u8::try_from(at).expect("below 32")));
                let signature = key.sign(&[timestamp.as_bytes(), b"|", body].concat());
                let signature = STANDARD.encode(signature.to_bytes());
                vec![("telnyx-signature-ed25519".to_owned(), signature), ("telnyx-timestamp".to_owned(), timestamp)]
            }
            other => panic!("say here how {other} proves its requests"),
        }
    }

    /// `TICKET:att_1` in a fixture stands for what a visitor got when uploading that file.
    fn dressed(&self, speaker: Option<&str>, body: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(body) else { return body.to_vec() };
        if self.kind() != "web" || !text.contains("TICKET:") {
            return body.to_vec();
        }
        let subject = web::mint(&ctx(), &self.account, speaker, 0).map(|(_, visitor)| visitor.subject());
        let ticket = web::ticket(&self.account, &subject.unwrap_or_default(), "att_1");
        text.replace("TICKET:att_1", &ticket.unwrap_or_default()).into_bytes()
    }

    /// Whether a changed body is noticed: some providers prove only who calls.
    pub(crate) fn signs_body(&self) -> bool {
        matches!(
            self.kind(),
            "sms_twilio" | "whatsapp_twilio" | "sms_telnyx" | "api" | "whatsapp" | "messenger" | "instagram"
        )
    }
}

/// The header with which Meta signs a body, written here once more so that the connector's own is checked against it.
pub(crate) fn hub_signature(app_secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()).expect("any key will do");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A form's fields as Twilio signs them: by name, then by value, each pair once.
fn sorted(body: &[u8]) -> String {
    let fields: std::collections::BTreeSet<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    fields.into_iter().map(|(name, value)| name + &value).collect()
}
