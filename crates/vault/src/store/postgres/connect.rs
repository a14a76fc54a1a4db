//! Connecting: which hosts need TLS, and what every connection is told first.

use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// Said one by one, because some need a right that the operator may not have given: then `doctor` tells.
/// Bind values must not reach the server's log (an ERROR's DETAIL quotes rows), and an acknowledged commit must be on disk.
const FIRST_WORDS: &[&str] = &[
    "SET log_min_messages = 'log'",
    "SET log_min_error_statement = 'panic'",
    "SET log_min_duration_statement = -1",
    "SET log_statement = 'none'",
    "SET log_min_duration_sample = -1",
    "SET log_transaction_sample_rate = 0",
    "SET log_parameter_max_length = 0",
    "SET log_parameter_max_length_on_error = 0",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET lock_timeout = '30s'",
    "SET client_min_messages = 'warning'",
];

/// How to reach the database.
pub(crate) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    /// From a URL or keyword string. A host that is not this machine needs TLS with a certificate the system trusts
    /// (`SSL_CERT_FILE` adds one), unless the string says `sslmode=disable`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let mut config: Config = url
            .parse()
            .map_err(|_| Error::Engine("the PostgreSQL URL cannot be read: postgresql://user@host/database".into()))?;
        config
            .application_name("parloir")
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(30));
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        let at_a_distance = !config.get_hosts().iter().all(is_local);
        if config.get_ssl_mode() == SslMode::Disable {
            if at_a_distance {
                tracing::warn!("sslmode=disable: what the database answers travels readable");
            }
            return Ok(Self { config, tls: None });
        }
        if at_a_distance {
            config.ssl_mode(SslMode::Require);
        }
        let tls = (config.get_ssl_mode() == SslMode::Require).then(tls).transpose()?;
        Ok(Self { config, tls })
    }

    /// A connection that has heard the first words.
    pub(crate) fn connect(&self) -> Result<Client, postgres::Error> {
        let mut client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone())?,
            None => self.config.connect(NoTls)?,
        };
        for words in FIRST_WORDS {
            let _ = client.batch_execute(words);
        }
        Ok(client)
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

fn tls() -> Result<MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::Engine(
            "no trusted certificates on this system: set SSL_CERT_FILE to the database's authority".into(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Engine("TLS is not available".into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Why there is no connection. The driver's words on the connection itself hold host and user at most, never a password.
pub(super) fn refused(error: &postgres::Error) -> Error {
    let why = match error.as_db_error() {
        Some(refusal) => refusal.message().to_owned(),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    };
    Error::Engine(format!("PostgreSQL cannot be reached: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_encrypted(url: &str) -> bool {
        Connector::parse(url).is_ok_and(|connector| connector.tls.is_some())
    }

    #[test]
    fn a_host_elsewhere_is_reached_by_tls_only() {
        assert!(is_encrypted("postgresql://u@db.example.org/p"));
        assert!(is_encrypted("postgresql://u@127.0.0.1,db.example.org/p?sslmode=prefer"));
        assert!(is_encrypted("postgresql://u@127.0.0.1/p?sslmode=require"));
        for local in ["postgresql://u@localhost/p", "postgresql://u@[::1]/p", "host=/run/postgresql user=u"] {
            assert!(!is_encrypted(local), "{local}");
        }
        assert!(!is_encrypted("postgresql://u@db.example.org/p?sslmode=disable"));
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        let error = Connector::parse("postgresql://u:s3cret@host:not-a-port/p").err().unwrap();
        assert!(!error.to_string().contains("s3cret"));
    }
}
