//! Everything at the simulated Meta: apps and their tokens, and what each product keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::app::{App, AppCard, Caller, TokenCard};
use super::change::Change;
use super::refusal::Refusal;
use super::signup::SignUp;
use super::{pages, uploads, whatsapp};
use crate::chance::Chance;
use crate::{Clock, Options};

/// How long a token lives that was exchanged, in milliseconds.
pub(super) const TOKEN_LIFE_MS: i64 = 60 * 24 * 3_600_000;

pub(crate) struct World {
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) tokens: BTreeMap<String, TokenCard>,
    /// Codes of a signup that was just completed, the tokens they stand for, and where the browser was sent with them.
    pub(crate) codes: BTreeMap<String, (String, Option<String>)>,
    /// Who signs up next on Facebook's pages, by app.
    pub(crate) signups: BTreeMap<String, SignUp>,
    pub(crate) whatsapp: whatsapp::State,
    pub(crate) pages: pages::State,
    pub(crate) uploads: uploads::Uploads,
    pub(crate) chance: Chance,
    /// Where the simulator was reached last, e.g. `http://127.0.0.1:8081`.
    pub(crate) base: String,
    clock: Arc<dyn Clock>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.wrapping_add(options.numbers_after.unsigned_abs());
        Self {
            apps: BTreeMap::new(),
            tokens: BTreeMap::new(),
            codes: BTreeMap::new(),
            signups: BTreeMap::new(),
            whatsapp: whatsapp::State::default(),
            pages: pages::State::default(),
            uploads: uploads::Uploads::default(),
            chance: Chance::from_seed(seed),
            base: String::new(),
            clock: options.clock.clone(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1_000)
    }

    /// A number for something new, as long as Meta's.
    pub(crate) fn fresh_id(&mut self) -> String {
        (100_000_000_000_000 + self.chance.below(800_000_000_000_000)).to_string()
    }

    /// The given text, or a number of its own.
    pub(crate) fn id_or_fresh(&mut self, given: &str) -> String {
        if given.is_empty() { self.fresh_id() } else { given.to_owned() }
    }

    pub(crate) fn create_app(&mut self, mut card: AppCard) -> AppCard {
        card.id = self.id_or_fresh(&card.id);
        if card.secret.is_empty() {
            card.secret = hex_word(&mut self.chance);
        }
        if card.name.is_empty() {
            card.name = format!("App {}", card.id);
        }
        match self.apps.get_mut(&card.id) {
            Some(app) => app.card = card.clone(),
            None => _ = self.apps.insert(card.id.clone(), App::new(card.clone())),
        }
        card
    }

    pub(crate) fn create_token(&mut self, mut card: TokenCard) -> Result<TokenCard, Refusal> {
        self.app(&card.app)?;
        if card.token.is_empty() {
            card.token = format!("EAA{}", self.chance.word(60));
        }
        self.tokens.insert(card.token.clone(), card.clone());
        Ok(card)
    }

    pub(crate) fn app(&mut self, id: &str) -> Result<&mut App, Refusal> {
        self.apps.get_mut(id).ok_or_else(|| Refusal::no_object("get", id))
    }

    /// Another token with the same rights, good for sixty days from now.
    pub(crate) fn refresh_token(&mut self, token: &str) -> Result<String, Refusal> {
        let caller = self.caller(Some(token))?;
        let known = self.tokens.get(token).cloned().ok_or_else(Refusal::bad_token)?;
        if let Some(app) = self.apps.get_mut(&caller.app) {
            app.journal.count_call("GET refresh_access_token");
        }
        let end = Some(self.now_ms() + TOKEN_LIFE_MS);
        let card = self.create_token(TokenCard { token: String::new(), expires_at_ms: end, ..known })?;
        Ok(card.token)
    }

    /// Who calls with this token: a system user, or an app with `id|secret`.
    pub(crate) fn caller(&self, token: Option<&str>) -> Result<Caller, Refusal> {
        let token = token.ok_or_else(Refusal::bad_token)?;
        if let Some((id, secret)) = token.split_once('|') {
            let known = self.apps.get(id).filter(|app| app.card.secret == secret);
            return known.map(|_| Caller::app_itself(id)).ok_or_else(Refusal::bad_token);
        }
        let card = self.tokens.get(token).ok_or_else(Refusal::bad_token)?;
        if card.revoked {
            return Err(Refusal::revoked());
        }
        if card.expires_at_ms.is_some_and(|end| end <= self.now_ms()) {
            return Err(Refusal::expired());
        }
        Ok(Caller::of(card))
    }

    /// Queues something to tell for an app; nothing if it did not ask for the field, or has no callback for it.
    pub(crate) fn tell(&mut self, app: &str, change: Change, lane: &str, override_url: Option<&str>) {
        let now_ms = self.now_ms();
        let Some(app) = self.apps.get_mut(app) else { return };
        let callback = app.callbacks.get(change.object);
        let fields = callback.and_then(|callback| callback.fields.as_ref());
        if fields.is_some_and(|fields| !fields.contains(change.field)) {
            return;
        }
        let url = override_url.or(callback.map(|callback| callback.url.as_str())).map(str::to_owned);
        if let Some(url) = url {
            app.queue.push(change, lane, &url, now_ms, &mut self.chance);
        }
    }
}

/// 32 hex digits, the form of an app's secret.
fn hex_word(chance: &mut Chance) -> String {
    (0..32).filter_map(|_| char::from_digit(u32::try_from(chance.below(16)).unwrap_or(0), 16)).collect()
}
