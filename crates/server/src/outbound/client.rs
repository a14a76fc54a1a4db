//! The two clients behind the one door: one for anyone's addresses, one for hosts that the operator named.
//!
//! They share nothing, so a connection that the operator's exception opened is never used for anyone else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;
use super::guard::{Refusal, is_public};

/// Header bytes that an HTTP/2 answer may have; HTTP/1.1 answers are bounded by their number and by [`super::reply`].
pub(super) const MAX_HEADER_BYTES: u32 = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// Shorter than the usual keep-alive of servers, so that a connection is rarely found closed when it is wanted.
const KEPT_OPEN: Duration = Duration::from_secs(20);

pub(super) struct Clients {
    pub(super) public: Client,
    pub(super) named: Client,
}

impl Clients {
    pub(super) fn new(connect: Duration) -> Result<Self, OutboundError> {
        let tls = tls()?;
        let public = builder(connect, tls.clone()).https_only(true).dns_resolver(PublicOnly);
        let built =
            |builder: ClientBuilder| builder.build().map_err(|_| OutboundError("the HTTP client refused its options"));
        Ok(Self { public: built(public)?, named: built(builder(connect, tls))? })
    }
}

/// A client for systems of the operator's own, which the settings name: they may be on a private network.
pub(crate) fn for_own_systems(connect: Duration) -> Result<Client, OutboundError> {
    builder(connect, tls()?).build().map_err(|_| OutboundError("the HTTP client refused its options"))
}

fn builder(connect: Duration, tls: ClientConfig) -> ClientBuilder {
    // The client repeats by itself only what HTTP/2 guarantees was not processed (RFC 9113, section 8.7).
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(connect)
        .pool_idle_timeout(KEPT_OPEN)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .user_agent(concat!("Parloir/", env!("CARGO_PKG_VERSION")))
}

/// For the web: TLS that speaks HTTP/2 and HTTP/1.1.
fn tls() -> Result<ClientConfig, OutboundError> {
    let mut config = tls_trusting(&[])?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// TLS 1.2 and 1.3 by ring, trusting what the system trusts, and these.
pub(super) fn tls_trusting(extra: &[CertificateDer<'static>]) -> Result<ClientConfig, OutboundError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| OutboundError("TLS 1.2 and 1.3 are not available"))?;
    let config = match system_roots(provider, extra) {
        Some(verifier) => versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth(),
        None => versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    Ok(config)
}

fn system_roots(
    provider: Arc<CryptoProvider>,
    extra: &[CertificateDer<'static>],
) -> Option<Arc<rustls_platform_verifier::Verifier>> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra.iter().cloned(), provider);
    let verifier = verifier.ok().map(Arc::new);
    if verifier.is_none() {
        tracing::warn!(
            "no trusted certificates were found on this system, so every https call will fail: install ca-certificates"
        );
    }
    verifier
}

/// Looks a name up and keeps its public addresses. The client dials what this answers and nothing else, so there is no
/// second lookup that could answer differently.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.iter().copied().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() && !found.is_empty() {
                return Err(Refusal::NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused() {
        let refused = PublicOnly.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(refused.downcast_ref::<Refusal>(), Some(&Refusal::NotPublic));
    }

    #[test]
    fn tls_speaks_both_protocols() {
        assert_eq!(tls().unwrap().alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }
}
