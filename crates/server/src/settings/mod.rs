//! Settings: commented defaults, then a file, then the environment, then the command line; checked at start.
//!
//! `default.toml` in this folder is both the defaults and their documentation. Whatever is wrong in any layer is
//! reported at once, each with its place, its key and what to do; nothing unknown is passed over.

mod address;
mod keys;
mod layer;
mod mistake;
mod outside;
mod root_key;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use connect::Secret;
use vault::audit::note::VerifierKey;
use vault::retention::Operator;

use crate::proxies::Network;
use crate::telemetry::{Format, Level};
use layer::Layers;
use mistake::Place;
use outside::Ambient;

pub use mistake::SettingsError;
pub use outside::{AccessKey, AwsKms, BlobsAt, S3, Transit, TransitLogin};
pub use root_key::{NEXT_ROOT_KEY_FILE, RootKeySource};

/// The defaults with their explanations, as `parloir.toml` may be written.
pub const DEFAULTS: &str = include_str!("default.toml");
/// The settings file's name inside the data folder.
pub const FILE_NAME: &str = "parloir.toml";

/// What the command line may say about settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// `--database URL`.
    pub database: Option<Secret>,
    /// `--listen ADDR`.
    pub listen: Option<String>,
    /// `--public-url URL`.
    pub public_url: Option<String>,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the server listens. Port 0: the system picks one.
    pub listen: SocketAddr,
    /// As set; see [`Settings::public_url`].
    pub named_public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The folder of an embedded installation.
    pub data: PathBuf,
    /// A PostgreSQL address (it may hold a password), or SQLite.
    pub database: Option<Secret>,
    /// A PostgreSQL address for custody, or beside the data.
    pub custody: Option<Secret>,
    /// Who signs the audit log's checkpoints beside us.
    pub witness: Option<Witness>,
    /// Where the root key comes from.
    pub root_key: RootKeySource,
    /// Where the one comes from that is to take its place, while that lasts.
    pub next_root_key: Option<RootKeySource>,
    /// Where files lie.
    pub blobs: BlobsAt,
    /// Base URLs by provider, without a slash at the end.
    pub endpoints: BTreeMap<String, String>,
    /// What the operator sets for all channels of a kind that do not say it themselves: by the kind, `_`, and the setting's key.
    pub apps: BTreeMap<String, Secret>,
    /// `host:port` that calls may reach on private networks and over http, beside the endpoints.
    pub allow_private: Vec<String>,
    /// Bounds.
    pub limits: Limits,
    /// How a log line looks.
    pub log_format: Format,
    /// The least important line.
    pub log_level: Level,
    /// How long members stay signed in.
    pub sessions: Sessions,
    /// What the operator says of terms.
    pub retention: Operator,
    /// Seconds by which the clock is moved. Exists in test builds only.
    #[cfg(feature = "testing")]
    pub now_offset_seconds: i64,
}

/// An outside witness of the audit log (<https://c2sp.org/tlog-witness>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Where checkpoints are submitted, without a slash at the end.
    pub url: String,
    /// By which its signatures are verified.
    pub key: VerifierKey,
}

/// Bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body at `/hooks`, in bytes.
    pub hook_body_bytes: u64,
    /// Largest file, in bytes.
    pub upload_bytes: u64,
    /// Attempts to sign in of one network within a minute.
    pub sign_in_per_minute: u32,
    /// Challenges and sessions of chats that one network may ask for within a minute.
    pub chat_per_minute: u32,
    /// Connections that are open at once.
    pub connections: u32,
    /// Seconds for the head of a request, and between two requests of a connection.
    pub idle_seconds: u32,
    /// Seconds in which something of a body must come.
    pub body_idle_seconds: u32,
}

/// How long members stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sessions {
    /// Days without a request.
    pub idle_days: u32,
    /// Days in any case.
    pub absolute_days: u32,
}

impl Settings {
    /// Reads all layers. `environment` is the process's own (`std::env::vars_os()`); only `PARLOIR_*` is looked at, and
    /// AWS's own variables where its credentials are wanted.
    ///
    /// # Errors
    /// [`SettingsError`] with everything that is wrong in any layer.
    pub fn load<I>(flags: &Flags, environment: I) -> Result<Self, SettingsError>
    where
        I: IntoIterator<Item = (OsString, OsString)>,
    {
        let (environment, ambient) = ours(environment);
        let mut layers = Layers::default();
        layers.file("defaults", DEFAULTS);
        let inside = add_file(&mut layers, flags, &environment);
        layers.environment(&environment);
        let data = flags.data.as_deref().map(Path::to_string_lossy);
        layers.flag("--data", "data", data.as_deref());
        layers.flag("--database", "database", flags.database.as_ref().map(Secret::expose));
        layers.flag("--listen", "listen", flags.listen.as_deref());
        layers.flag("--public-url", "public_url", flags.public_url.as_deref());
        check_together(&mut layers, inside.as_deref());
        let root_key = match layers.text_of("root_key.source") {
            Some("aws_kms") => outside::aws_kms(&mut layers, &ambient, "aws_kms", ("root_key.source", "aws_kms")),
            Some("transit") => outside::transit(&mut layers, "transit", ("root_key.source", "transit")),
            _ => root_key(&mut layers, &environment, flags),
        };
        let next_root_key = next_root_key(&mut layers, &environment, &ambient, flags);
        let blobs = outside::blobs(&mut layers, &ambient);
        if layers.mistakes.is_empty() {
            Ok(assemble(&layers, (root_key, next_root_key), blobs, flags))
        } else {
            Err(SettingsError(layers.mistakes))
        }
    }

    /// The address under which the world reaches us, without a slash at its end. `bound` is where the server really
    /// listens, for the case that nothing was set.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        if let Some(url) = &self.named_public_url {
            return url.clone();
        }
        let host = match bound.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(host, bound.port()))
    }

    /// A provider's base URL: as set under `[endpoints]`, or its own.
    pub fn endpoint(&self, provider: &str, default: &str) -> String {
        self.endpoints.get(provider).map_or_else(|| default.trim_end_matches('/').to_owned(), Clone::clone)
    }
}

/// What of the environment is meant for us, and AWS's credentials.
fn ours(environment: impl IntoIterator<Item = (OsString, OsString)>) -> (BTreeMap<String, OsString>, Ambient) {
    let mut named: BTreeMap<_, _> =
        environment.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
    let ambient = named.iter().filter_map(|(name, value)| outside::ambient(name, value)).collect();
    named.retain(|name, _| name.starts_with("PARLOIR_"));
    (named, ambient)
}

/// Lays the settings file over the defaults; `Some(folder)` if it was found inside the data folder.
fn add_file(layers: &mut Layers, flags: &Flags, environment: &BTreeMap<String, OsString>) -> Option<PathBuf> {
    let from_environment = |name| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = flags.config.clone().or_else(|| from_environment("PARLOIR_CONFIG"));
    let data = flags.data.clone().or_else(|| from_environment("PARLOIR_DATA"));
    let data = data.unwrap_or_else(|| PathBuf::from(layers.text_of("data").unwrap_or_default()));
    let path = named.clone().unwrap_or_else(|| data.join(FILE_NAME));
    let name = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => layers.file(&name, &text),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return None,
        Err(error) => {
            let what = format!("the settings file cannot be read: {}", error.kind());
            layers.mistake(Place::WholeFile(name), "", what);
        }
    }
    named.is_none().then_some(data)
}

/// What is right alone and wrong together.
fn check_together(layers: &mut Layers, inside: Option<&Path>) {
    let place = |layers: &Layers, key: &str| layers.place(key).cloned();
    if let (Some(folder), Some(data), Some(at @ Place::File { name, .. })) =
        (inside, layers.text_of("data"), place(layers, "data").as_ref())
        && name != "defaults"
        && Path::new(data) != folder
    {
        let what = "this file lies in another data folder; remove the key, or name the file with --config".to_owned();
        layers.mistake(at.clone(), "data", what);
    }
    if layers.text_of("custody.url").is_some()
        && layers.text_of("custody.url") == layers.text_of("database")
        && let Some(at) = place(layers, "custody.url")
    {
        layers.mistake(
            at,
            "custody.url",
            "must be another database than `database`, as only its newest state is kept".into(),
        );
    }
    for (named, other) in [("audit.witness_url", "audit.witness_key"), ("audit.witness_key", "audit.witness_url")] {
        if layers.text_of(named).is_some()
            && layers.text_of(other).is_none()
            && let Some(at) = place(layers, named)
        {
            layers.mistake(at, named, format!("needs `{other}` beside it"));
        }
    }
    if layers.number("sessions.idle_days") > layers.number("sessions.absolute_days")
        && let Some(at) = place(layers, "sessions.idle_days")
    {
        layers.mistake(at, "sessions.idle_days", "must not be more than `sessions.absolute_days`".into());
    }
    if layers.text_of("retention.country").is_some_and(|text| country(text).is_none())
        && let Some(at) = place(layers, "retention.country")
    {
        layers.mistake(at, "retention.country", "must be two letters (ISO 3166-1), such as \"IT\"".into());
    }
}

/// The two capital letters of a country (ISO 3166-1).
fn country(text: &str) -> Option<[u8; 2]> {
    let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
    letters.iter().all(u8::is_ascii_uppercase).then_some(letters)
}

fn root_key(layers: &mut Layers, environment: &BTreeMap<String, OsString>, flags: &Flags) -> RootKeySource {
    let given = environment.get(root_key::VARIABLE).filter(|value| !value.is_empty());
    let from_file = layers.text_of("root_key.source") != Some("env");
    let variable = Place::Variable(root_key::VARIABLE.to_owned());
    let file = RootKeySource::File(data_folder(layers, flags).join("root.key"));
    match given {
        None if from_file => return file,
        None => layers.mistake(variable, "", "root_key.source is \"env\", but this variable is not set".into()),
        Some(_) if from_file => {
            let what =
                "is set, but root_key.source is \"file\"; set PARLOIR_ROOT_KEY_SOURCE=env, or remove the variable";
            layers.mistake(variable, "", what.into());
        }
        Some(text) => match text.to_str().and_then(root_key::key_bytes) {
            Some(bytes) => return RootKeySource::Given(bytes),
            None => layers.mistake(variable, "", "must be 32 bytes in hex (64 digits) or base64".into()),
        },
    }
    file
}

fn data_folder(layers: &Layers, flags: &Flags) -> PathBuf {
    flags.data.clone().unwrap_or_else(|| PathBuf::from(layers.text_of("data").unwrap_or_default()))
}

/// The root key that is to take the place of the present one. One that another system keeps is read from that system's
/// section; where that one describes the present root key, from one for the next.
fn next_root_key(
    layers: &mut Layers,
    environment: &BTreeMap<String, OsString>,
    ambient: &Ambient,
    flags: &Flags,
) -> Option<RootKeySource> {
    let next = layers.text_of("root_key.next")?.to_owned();
    let same = layers.text_of("root_key.source") == Some(next.as_str());
    match next.as_str() {
        "aws_kms" => {
            let section = if same { "next_aws_kms" } else { "aws_kms" };
            Some(outside::aws_kms(layers, ambient, section, ("root_key.next", "aws_kms")))
        }
        "transit" => {
            let section = if same { "next_transit" } else { "transit" };
            Some(outside::transit(layers, section, ("root_key.next", "transit")))
        }
        "env" => {
            let given = environment.get(root_key::NEXT_VARIABLE).and_then(|text| text.to_str());
            let bytes = given.and_then(root_key::key_bytes);
            if bytes.is_none() {
                let variable = Place::Variable(root_key::NEXT_VARIABLE.to_owned());
                layers.mistake(variable, "", "must be 32 bytes in hex (64 digits) or base64".into());
            }
            bytes.map(RootKeySource::Given)
        }
        _ => Some(RootKeySource::File(data_folder(layers, flags).join(NEXT_ROOT_KEY_FILE))),
    }
}

fn assemble(
    layers: &Layers,
    (root_key, next_root_key): (RootKeySource, Option<RootKeySource>),
    blobs: BlobsAt,
    flags: &Flags,
) -> Settings {
    let text = |key: &str| layers.text_of(key).unwrap_or_default();
    let secret = |key: &str| layers.text_of(key).map(Secret::new);
    let number = |key: &str| u32::try_from(layers.number(key)).unwrap_or(u32::MAX);
    let bytes = |key: &str| u64::try_from(layers.number(key)).unwrap_or_default();
    Settings {
        listen: text("listen").parse().unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
        named_public_url: layers.text_of("public_url").map(str::to_owned),
        trusted_proxies: layers.list("trusted_proxies").iter().filter_map(|text| text.parse().ok()).collect(),
        data: data_folder(layers, flags),
        database: secret("database"),
        custody: secret("custody.url"),
        witness: layers.text_of("audit.witness_url").zip(layers.text_of("audit.witness_key")).and_then(|(url, key)| {
            Some(Witness { url: url.trim_end_matches('/').to_owned(), key: VerifierKey::parse(key).ok()? })
        }),
        root_key,
        next_root_key,
        blobs,
        endpoints: layers.open_section(keys::ENDPOINTS),
        apps: layers.open_section(keys::APPS).into_iter().map(|(key, text)| (key, Secret::new(text))).collect(),
        allow_private: layers.list("outbound.allow_private"),
        limits: Limits {
            hook_body_bytes: bytes("limits.hook_body_bytes"),
            upload_bytes: bytes("limits.upload_bytes"),
            sign_in_per_minute: number("limits.sign_in_per_minute"),
            chat_per_minute: number("limits.chat_per_minute"),
            connections: number("limits.connections"),
            idle_seconds: number("limits.idle_seconds"),
            body_idle_seconds: number("limits.body_idle_seconds"),
        },
        log_format: if text("log.format") == "json" { Format::Json } else { Format::Text },
        log_level: match text("log.level") {
            "error" => Level::Error,
            "warn" => Level::Warn,
            "debug" => Level::Debug,
            "trace" => Level::Trace,
            _ => Level::Info,
        },
        sessions: Sessions { idle_days: number("sessions.idle_days"), absolute_days: number("sessions.absolute_days") },
        retention: Operator {
            country: country(text("retention.country")).unwrap_or(Operator::default().country),
            consent_days: number("retention.consent_days"),
            special_days: number("retention.special_days"),
        },
        #[cfg(feature = "testing")]
        now_offset_seconds: layers.number(keys::NOW_OFFSET),
    }
}
