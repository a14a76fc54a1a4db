//! Calls to mail servers, with the bounds that all calls have.

use std::sync::Arc;
use std::time::Duration;

use connect::{ImapAct, ImapCall, MailServer, Reply, SmtpCall};
use reqwest::Url;

use super::client::tls_trusting;
use super::connection::{Dialler, Terms};
use super::guard::Guard;
use super::imap::{self, Rhythm, WatchEnd};
use super::{BlobDoor, End, Fault, OutboundConfig, OutboundError, smtp};

/// How long a server is waited for at most once it has all of a mail. It may be long at it (RFC 5321, section 4.5.3.2.6), but
/// whoever claimed the send holds it for ten minutes in all.
const AFTER_CONTENT: Duration = Duration::from_mins(4);

/// What calls to mail servers need.
pub(super) struct Mail {
    dialler: Dialler,
    /// For what is small…
    small: Terms,
    /// …and for what carries mails.
    large: Terms,
    after_content: Duration,
    rhythm: Rhythm,
    name: String,
}

impl Mail {
    pub(super) fn new(config: &OutboundConfig) -> Result<Self, OutboundError> {
        let tls = Arc::new(tls_trusting(&config.trusted)?);
        let patience = config.whole;
        Ok(Self {
            dialler: Dialler { guard: Guard::new(&config.allowed), tls, connect: config.connect },
            small: Terms { patience, whole: config.whole },
            large: Terms { patience, whole: config.whole_with_file },
            after_content: config.whole_with_file.min(AFTER_CONTENT),
            rhythm: Rhythm { idle: config.wait_for_mail, patience },
            name: config.name.clone(),
        })
    }

    /// Submits a mail.
    pub(super) async fn submit(&self, call: &SmtpCall, blobs: &dyn BlobDoor) -> Result<Reply, Fault> {
        let how = (&self.dialler, self.large, self.after_content);
        said(smtp::submit(how, &self.name, call, blobs).await.map(Reply::Mail))
    }

    /// Works in a mailbox.
    pub(super) async fn work(&self, call: &ImapCall, blobs: &dyn BlobDoor) -> Result<Reply, Fault> {
        let terms = match call.act {
            ImapAct::Look => self.small,
            ImapAct::After { .. }
            | ImapAct::Part(_)
            | ImapAct::KeepSent(_)
            | ImapAct::Remove { .. }
            | ImapAct::RemoveTheirs(_) => self.large,
        };
        said(imap::work((&self.dialler, terms), call, blobs).await)
    }

    /// Waits in a mailbox.
    pub(super) async fn watch(&self, mailbox: &MailServer, changed: &(dyn Fn() + Send + Sync)) -> WatchEnd {
        imap::watch(&self.dialler, self.rhythm, mailbox, changed).await
    }
}

fn said(end: Result<Reply, End>) -> Result<Reply, Fault> {
    match end {
        Ok(reply) => Ok(reply),
        Err(End::Said(reply)) => Ok(Reply::Mail(reply)),
        Err(End::Fault(fault)) => Err(fault),
    }
}

/// What we call ourselves under a public address (RFC 5321, section 4.1.3): its host, or an address in brackets.
pub(super) fn own_name(public_url: &str) -> Option<String> {
    let url = Url::parse(public_url).ok()?;
    let host = url.host_str()?;
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    Some(match plain.parse() {
        Ok(std::net::IpAddr::V4(ip)) => format!("[{ip}]"),
        Ok(std::net::IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Err(_) => plain.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_name_ourselves_as_the_standard_has_it() {
        for (url, name) in [
            ("https://parloir.example.org/", "parloir.example.org"),
            ("http://192.0.2.1:8080", "[192.0.2.1]"),
            ("http://[2001:db8::1]:8080", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(own_name(url).as_deref(), Some(name), "{url}");
        }
        assert_eq!(own_name("nowhere"), None);
    }
}
