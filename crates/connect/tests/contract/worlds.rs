//! One connected account of every kind, and how its provider would prove a request.

use connect::channels::{all, web};
use connect::{Account, Connector, Ctx, Raw, Secret, standard_webhooks};
use hmac::{Hmac, KeyInit, Mac};
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
        _ => format!("{CANARY}{key}"),
    }
}

fn setting(key: &str) -> &'static str {
    match key {
        "webhook_url" => "https://other.test/webhook",
        "allowed_origins" => "https://shop.test",
        "phone_number_id" => "106540352242922",
        "business_account_id" => "102290129340398",
        _ => "",
    }
}

impl World {
    pub(crate) fn kind(&self) -> &'static str {
        self.connector.spec().kind
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
                let token = web::mint(&ctx(), &self.account, speaker).map(|(token, _)| token);
                vec![("authorization".to_owned(), format!("Bearer {}", token.unwrap_or_default()))]
            }
            "whatsapp" => vec![("x-hub-signature-256".to_owned(), hub_signature(secret("app_secret").expose(), body))],
            other => panic!("say here how {other} proves its requests"),
        }
    }

    /// `TICKET:att_1` in a fixture stands for what a visitor got when uploading that file.
    fn dressed(&self, speaker: Option<&str>, body: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(body) else { return body.to_vec() };
        if self.kind() != "web" || !text.contains("TICKET:") {
            return body.to_vec();
        }
        let subject = web::mint(&ctx(), &self.account, speaker).map(|(_, visitor)| visitor.subject());
        let ticket = web::ticket(&self.account, &subject.unwrap_or_default(), "att_1");
        text.replace("TICKET:att_1", &ticket.unwrap_or_default()).into_bytes()
    }

    /// Whether a changed body is noticed: some providers prove only who calls.
    pub(crate) fn signs_body(&self) -> bool {
        matches!(self.kind(), "api" | "whatsapp")
    }
}

/// The header with which Meta signs a body, written here once more so that the connector's own is checked against it.
pub(crate) fn hub_signature(app_secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()).expect("any key will do");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
