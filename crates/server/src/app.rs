//! What every handler and worker holds: the vault, the door to the outside, settings, metrics, and the live signals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use vault::{ContactId, ConversationId, MemberId, Vault, WorkspaceId};

use crate::chat::Hall;
use crate::limits::{Arrivals, Pace, Seats, SignInThrottle};
use crate::outbound::Outside;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::settings::Settings;
use crate::telemetry::Metrics;

/// How many live streams visitors may have open at once, all together. Opening a session costs nothing, streams do.
const VISITOR_STREAMS: usize = 20_000;
/// And each of them: one per open tab, with some to spare.
const STREAMS_PER_VISITOR: usize = 5;

/// A handle on the running program.
pub type Shared = Arc<App>;

/// The running program.
pub struct App {
    /// All stored data.
    pub vault: Vault,
    /// The one door to the outside.
    pub outbound: Arc<dyn Outside>,
    /// The settings it was started with.
    pub settings: Settings,
    /// The address under which the world reaches us.
    pub public_url: String,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Movements that are no rows.
    pub signals: broadcast::Sender<Signal>,
    /// Who looks at which conversation.
    pub presence: Presence,
    /// The live streams of visitors that may be open at once.
    pub visitor_seats: Seats,
    /// Who of them is told what.
    pub hall: Arc<Hall>,
    /// Passwords, hashed and compared off the async threads.
    pub passwords: Passwords,
    /// What the demo shows to whoever opens it; nothing in a real installation.
    pub demo: Option<DemoSigns>,
    /// Turns `true` when the program stops: streams end, workers finish what they hold.
    pub stopping: tokio::sync::watch::Sender<bool>,
    /// The clock, where tests may move it.
    #[cfg(feature = "testing")]
    pub movable_clock: std::sync::OnceLock<Arc<crate::machine::SystemClock>>,
    pace: Mutex<Pace>,
    sign_in: Mutex<SignInThrottle>,
    arrivals: Mutex<Arrivals>,
}

/// The signs at the demo's door.
#[derive(Debug, Clone)]
pub struct DemoSigns {
    /// The page that plays a contact's phone.
    pub phone_url: String,
    /// Who can sign in. They exist in the demo only.
    pub members: Vec<DemoMember>,
}

/// A member of the demo's workspace.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct DemoMember {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub role: vault::Role,
}

/// A movement that is no row: shown to whoever looks now, and gone.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// A contact types.
    ContactTyping(WorkspaceId, ConversationId, ContactId),
    /// A member types (or stopped).
    MemberTyping(WorkspaceId, ConversationId, MemberId, bool),
    /// Others look at a conversation than before, or do something else there.
    Presence(WorkspaceId, ConversationId),
}

impl Signal {
    /// Whose workspace it belongs to.
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Self::ContactTyping(workspace, ..) | Self::MemberTyping(workspace, ..) | Self::Presence(workspace, ..) => {
                *workspace
            }
        }
    }
}

/// What [`App::new`] is made of.
#[expect(missing_docs, reason = "the fields of App")]
pub struct Parts {
    pub vault: Vault,
    pub outbound: Arc<dyn Outside>,
    pub settings: Settings,
    pub public_url: String,
    pub metrics: Arc<Metrics>,
    pub passwords: Passwords,
    pub demo: Option<DemoSigns>,
}

impl App {
    /// Puts the program together.
    pub fn new(parts: Parts) -> Shared {
        let throttle_key = parts.vault.chance().draw();
        let per_minute = parts.settings.limits.sign_in_per_minute;
        let chats_per_minute = parts.settings.limits.chat_per_minute;
        Arc::new(Self {
            vault: parts.vault,
            outbound: parts.outbound,
            settings: parts.settings,
            public_url: parts.public_url,
            metrics: parts.metrics,
            signals: broadcast::channel(1_024).0,
            presence: Presence::default(),
            visitor_seats: Seats::new(VISITOR_STREAMS, STREAMS_PER_VISITOR),
            hall: Arc::default(),
            passwords: parts.passwords,
            demo: parts.demo,
            stopping: tokio::sync::watch::channel(false).0,
            #[cfg(feature = "testing")]
            movable_clock: std::sync::OnceLock::new(),
            pace: Mutex::default(),
            sign_in: Mutex::new(SignInThrottle::new(throttle_key, per_minute)),
            arrivals: Mutex::new(Arrivals::new(chats_per_minute)),
        })
    }

    /// Now, by the injected clock.
    pub fn now(&self) -> vault::Millis {
        self.vault.clock().now()
    }

    /// Fresh time and chance for one step of a connector.
    pub fn ctx(&self) -> connect::Ctx {
        connect::Ctx { now_ms: self.now(), chance: self.vault.chance().draw() }
    }

    /// The pace of sends per account.
    pub fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The throttle of guesses at passwords.
    pub fn sign_in(&self) -> MutexGuard<'_, SignInThrottle> {
        self.sign_in.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often whom asked for a chat.
    pub fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever looks. Nobody looking is no error.
    pub fn signal(&self, signal: Signal) {
        self.signals.send(signal).ok();
    }

    /// The account a connector speaks for, from what the vault keeps of the channel.
    pub fn account(&self, kept: &vault::channels::ChannelAccount, spec: &connect::Spec) -> connect::Account {
        let secrets = kept.secrets.iter().map(|(key, secret)| (key.clone(), connect::Secret::new(secret.expose())));
        let base_url = spec.endpoint.map_or_else(String::new, |name| self.settings.endpoint(name, spec.base_url));
        let sign_in = connect::channels::by_kind(spec.kind).and_then(connect::Connector::sign_in);
        let oauth_url = sign_in.map_or_else(String::new, |host| self.settings.endpoint(host.endpoint, host.base_url));
        connect::Account {
            channel: kept.channel.to_string(),
            settings: kept.settings.clone(),
            secrets: secrets.collect(),
            learned: kept.account.clone(),
            base_url,
            oauth_url,
            hook_url: self.hook_url(kept.channel),
            watch: kept.watch.clone(),
        }
    }

    /// What the operator set for all channels of a kind, by the settings' keys.
    pub fn given(&self, spec: &connect::Spec) -> BTreeMap<&'static str, connect::Secret> {
        let of = |key: &'static str| {
            let value = self.settings.apps.get(&format!("{}_{key}", spec.kind))?;
            Some((key, connect::Secret::new(value.expose())))
        };
        spec.fields.iter().filter_map(|field| of(field.key)).collect()
    }

    /// An account with what the operator set, wherever it says nothing itself; which settings and secrets that were.
    pub fn filled(&self, spec: &connect::Spec, account: &mut connect::Account) -> Vec<&'static connect::Field> {
        let mut filled = Vec::new();
        for (key, value) in self.given(spec) {
            let Some(field) = spec.fields.iter().find(|field| field.key == key) else { continue };
            let empty = if field.secret { account.secret(key).is_empty() } else { account.setting(key).is_empty() };
            if !empty {
                continue;
            }
            if field.secret {
                account.secrets.insert(key.to_owned(), value);
            } else {
                account.settings.insert(key.to_owned(), value.expose().to_owned());
            }
            filled.push(field);
        }
        filled
    }

    /// Whether signing in at the provider opens an account, by what the channel has and the operator set.
    pub fn signs_in(&self, connector: &dyn connect::Connector, settings: &BTreeMap<String, String>) -> bool {
        let mut account = connect::Account { settings: settings.clone(), ..connect::Account::default() };
        self.filled(connector.spec(), &mut account);
        connector.sign_in().is_some() && connector.consent(&account).is_some()
    }

    /// Whether with what the operator set nothing but signing in is needed for a channel of a kind.
    pub fn only_signs_in(&self, connector: &dyn connect::Connector) -> bool {
        let given = self.given(connector.spec());
        let needed = |field: &&connect::Field| field.required && !field.generated && !field.brought;
        let all = connector.spec().fields.iter().filter(needed).all(|field| given.contains_key(field.key));
        all && self.signs_in(connector, &BTreeMap::new())
    }

    /// Where a channel's provider reaches us.
    pub fn hook_url(&self, channel: vault::ChannelId) -> String {
        format!("{}/hooks/{channel}", self.public_url)
    }
}
