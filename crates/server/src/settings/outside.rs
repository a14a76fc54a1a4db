//! Systems of the operator's own that keep the root key or the files: how they are reached, and with which credentials.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use connect::Secret;

use super::layer::Layers;
use super::root_key::RootKeySource;

/// The name that AWS's own programs have for credentials in the environment; a setting goes before it.
const AMBIENT: [(&str, &str); 3] = [
    ("access_key_id", "AWS_ACCESS_KEY_ID"),
    ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ("session_token", "AWS_SESSION_TOKEN"),
];
/// A region for those who have none: every S3-compatible server takes it.
const ANY_REGION: &str = "us-east-1";

/// An access key by which requests are signed.
#[derive(Debug, Clone, Default)]
pub struct AccessKey {
    /// Its public name.
    pub id: String,
    /// What signs.
    pub secret: Secret,
    /// For temporary keys.
    pub session: Option<Secret>,
}

/// A key in AWS KMS.
#[derive(Debug, Clone)]
pub struct AwsKms {
    /// Id, ARN or alias.
    pub key: String,
    /// Where it is.
    pub region: String,
    /// Another address than AWS's own.
    pub endpoint: Option<String>,
    /// Who asks.
    pub access: AccessKey,
}

/// A key in the transit engine of HashiCorp Vault or OpenBao.
#[derive(Debug, Clone)]
pub struct Transit {
    /// The server's address, without a slash at its end.
    pub address: String,
    /// Where the engine is mounted.
    pub mount: String,
    /// The key's name.
    pub key: String,
    /// The namespace, where there are any.
    pub namespace: Option<String>,
    /// Who asks.
    pub login: TransitLogin,
}

/// How one is known to Vault.
#[derive(Debug, Clone)]
pub enum TransitLogin {
    /// A token.
    Token(Secret),
    /// A file that an agent keeps a valid token in.
    TokenFile(PathBuf),
    /// A role and its secret, for which tokens are given out.
    AppRole {
        /// Where the method is mounted.
        mount: String,
        /// The role.
        role: String,
        /// Its secret.
        secret: Secret,
    },
}

/// Where files lie.
#[derive(Debug, Clone)]
pub enum BlobsAt {
    /// In the data folder.
    Disk,
    /// In an S3-compatible storage.
    S3(Box<S3>),
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Another address than AWS's own.
    pub endpoint: Option<String>,
    /// What every object's name begins with; empty, or with a slash at its end.
    pub prefix: String,
    /// Whether the bucket is part of the path, and not of the host's name.
    pub path_style: bool,
    /// How many bytes of the search index may lie in the data folder besides.
    pub cache_bytes: u64,
    /// Who asks.
    pub access: AccessKey,
}

/// AWS's own variables, of which nothing is looked at that was not asked for.
pub(super) type Ambient = BTreeMap<&'static str, String>;

/// Takes AWS's variables out of an environment.
pub(super) fn ambient(name: &str, value: &OsString) -> Option<(&'static str, String)> {
    let (key, _) = AMBIENT.iter().find(|(_, variable)| *variable == name)?;
    let value = value.to_str().filter(|text| !text.is_empty())?;
    Some((key, value.to_owned()))
}

/// Reads `[aws_kms]`, or another section for the same, because `asked` wants it.
pub(super) fn aws_kms(layers: &mut Layers, ambient: &Ambient, section: &str, asked: (&str, &str)) -> RootKeySource {
    let key = |name: &str| format!("{section}.{name}");
    RootKeySource::AwsKms(Box::new(AwsKms {
        key: needed(layers, asked, &key("key")),
        region: needed(layers, asked, &key("region")),
        endpoint: text(layers, &key("endpoint")),
        access: access(layers, asked, section, ambient),
    }))
}

/// Reads `[transit]`, or another section for the same.
pub(super) fn transit(layers: &mut Layers, section: &str, asked: (&str, &str)) -> RootKeySource {
    let key = |name: &str| format!("{section}.{name}");
    RootKeySource::Transit(Box::new(Transit {
        address: needed(layers, asked, &key("address")),
        mount: text(layers, &key("mount")).unwrap_or_default(),
        key: needed(layers, asked, &key("key")),
        namespace: text(layers, &key("namespace")),
        login: login(layers, section, asked),
    }))
}

fn login(layers: &mut Layers, section: &str, asked: (&str, &str)) -> TransitLogin {
    let key = |name: &str| format!("{section}.{name}");
    let given: Vec<&str> =
        ["token", "token_file", "role_id"].into_iter().filter(|name| layers.text_of(&key(name)).is_some()).collect();
    match given[..] {
        ["token_file"] => TransitLogin::TokenFile(text(layers, &key("token_file")).unwrap_or_default().into()),
        ["role_id"] => TransitLogin::AppRole {
            mount: text(layers, &key("approle_mount")).unwrap_or_default(),
            role: text(layers, &key("role_id")).unwrap_or_default(),
            secret: Secret::new(needed(layers, (&key("role_id"), "given"), &key("secret_id"))),
        },
        ["token"] => TransitLogin::Token(secret(layers, &key("token"))),
        [] => {
            let none = format!("none of {section}.token, {section}.token_file and {section}.role_id is set");
            complain(layers, asked, &none);
            TransitLogin::Token(Secret::default())
        }
        [first, ..] => {
            let others = given[1..].iter().map(|name| key(name)).collect::<Vec<_>>().join(" and ");
            complain(layers, (&key(first), "given"), &format!("{others} is set too; keep one of them"));
            TransitLogin::Token(Secret::default())
        }
    }
}

/// Reads `[blobs]` and `[s3]`.
pub(super) fn blobs(layers: &mut Layers, ambient: &Ambient) -> BlobsAt {
    if layers.text_of("blobs.store") != Some("s3") {
        return BlobsAt::Disk;
    }
    let asked = ("blobs.store", "s3");
    let endpoint = text(layers, "s3.endpoint");
    let bucket = needed(layers, asked, "s3.bucket");
    let region = match (text(layers, "s3.region"), &endpoint) {
        (Some(region), _) => region,
        (None, Some(_)) => ANY_REGION.to_owned(),
        (None, None) => needed(layers, asked, "s3.region"),
    };
    let path_style = match layers.text_of("s3.addressing") {
        Some("path") => true,
        Some("virtual") => false,
        // A bucket's dots would not fit the certificate; servers of one's own rarely have a name per bucket.
        _ => endpoint.is_some() || bucket.contains('.'),
    };
    let prefix = text(layers, "s3.prefix").unwrap_or_default();
    BlobsAt::S3(Box::new(S3 {
        prefix: if prefix.is_empty() { prefix } else { format!("{}/", prefix.trim_end_matches('/')) },
        cache_bytes: u64::try_from(layers.number("s3.cache_bytes")).unwrap_or_default(),
        access: access(layers, asked, "s3", ambient),
        bucket,
        region,
        endpoint,
        path_style,
    }))
}

/// The credentials of a section: all from the settings, or all from AWS's own variables.
fn access(layers: &mut Layers, asked: (&str, &str), section: &str, ambient: &Ambient) -> AccessKey {
    let own = |layers: &Layers, name: &str| text(layers, &format!("{section}.{name}"));
    let from_settings = AMBIENT.iter().any(|(name, _)| own(layers, name).is_some());
    let read = |name: &str| if from_settings { own(layers, name) } else { ambient.get(name).cloned() };
    let [id, secret, session] = AMBIENT.map(|(name, _)| read(name));
    if id.is_none() || secret.is_none() {
        let what = format!(
            "the access key is not complete: set {section}.access_key_id and {section}.secret_access_key, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
        );
        complain(layers, asked, &what);
    }
    AccessKey {
        id: id.unwrap_or_default(),
        secret: Secret::new(secret.unwrap_or_default()),
        session: session.map(Secret::new),
    }
}

fn text(layers: &Layers, key: &str) -> Option<String> {
    layers.text_of(key).map(str::to_owned)
}

fn secret(layers: &Layers, key: &str) -> Secret {
    Secret::new(layers.text_of(key).unwrap_or_default())
}

/// A value without which what was asked for cannot be.
fn needed(layers: &mut Layers, asked: (&str, &str), key: &str) -> String {
    if let Some(text) = text(layers, key) {
        return text;
    }
    complain(layers, asked, &format!("{key} is not set"));
    String::new()
}

/// A mistake in the place where it was asked for what cannot be.
fn complain(layers: &mut Layers, (key, value): (&str, &str), what: &str) {
    if let Some(place) = layers.place(key).cloned() {
        layers.mistake(place, key, format!("is {value}, but {what}"));
    }
}
