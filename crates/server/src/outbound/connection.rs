//! A connection to a mail server: dialled as the guard allows, read within bounds, protected where that is asked for.

use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use connect::{MailServer, MailTls};
use reqwest::Url;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::Fault;
use super::guard::{Door, Guard, Refusal, is_public};
use super::reply::Loss;

const NO_TLS: &str = "no secure connection: the host's certificate or protocol is not accepted";
pub(super) const IN_PLAIN: &str = "a mail server is not spoken to without TLS: use TLS or STARTTLS, or let the operator name the host in the settings";
pub(super) const INJECTED: &str = "somebody spoke before TLS began, as no mail server does";
/// How many bytes are read and written at once.
const AT_ONCE: usize = 16 * 1024;

/// How mail servers are reached.
#[derive(Clone)]
pub(super) struct Dialler {
    /// Who may be called.
    pub(super) guard: Guard,
    /// Whose certificates are believed.
    pub(super) tls: Arc<ClientConfig>,
    /// Finding the address, connecting and a handshake together.
    pub(super) connect: Duration,
}

/// How long a server is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Between two signs of life.
    pub(super) patience: Duration,
    /// For all that is said on the connection.
    pub(super) whole: Duration,
}

/// A connection that is read in lines and counted bytes.
pub(super) struct Connection {
    stream: Box<dyn Duplex>,
    /// What was read and is not taken yet.
    ahead: BytesMut,
    secured: Secured,
    patience: Duration,
    until: Instant,
}

/// By what a connection is protected once TLS begins.
#[derive(Clone)]
struct Secured {
    tls: Arc<ClientConfig>,
    name: ServerName<'static>,
    within: Duration,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Dialler {
    /// Connects to a server, and begins TLS where it comes first.
    pub(super) async fn dial(&self, server: &MailServer, terms: Terms) -> Result<Connection, Fault> {
        let url = address(server).ok_or(Fault::NotSent("the mail server's address is not valid"))?;
        let door = self.guard.admit(&url).map_err(|refusal| Fault::NotSent(refusal.words()))?;
        if (server.tls, door) == (MailTls::None, Door::Public) {
            return Err(Fault::NotSent(IN_PLAIN));
        }
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let connecting = timeout(self.connect, reach(&host, server.port, door)).await;
        let stream = connecting.map_err(|_| Fault::NotSent("the host did not take the connection in time"))??;
        let name = ServerName::try_from(host).map_err(|_| Fault::NotSent("the mail server's address is not valid"))?;
        let secured = Secured { tls: Arc::clone(&self.tls), name, within: self.connect };
        let until = Instant::now() + terms.whole;
        let plain =
            Connection { stream: Box::new(stream), ahead: BytesMut::new(), secured, patience: terms.patience, until };
        if server.tls == MailTls::Implicit { plain.secure().await } else { Ok(plain) }
    }
}

/// A server's address in the form that the guard judges.
fn address(server: &MailServer) -> Option<Url> {
    let host = server.host.trim();
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
    let url = Url::parse(&format!("https://{host}:{}/", server.port)).ok()?;
    // A host with more in it than a name would be another one's.
    let plain = url.path() == "/" && url.username().is_empty() && url.password().is_none();
    (plain && url.port_or_known_default() == Some(server.port) && url.query().is_none()).then_some(url)
}

/// Looks the name up, once, and dials what is allowed of what was found.
async fn reach(host: &str, port: u16, door: Door) -> Result<TcpStream, Fault> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found.map_err(|_| Fault::NotSent("the host's name was not found"))?.collect();
    let allowed = found.iter().filter(|address| door == Door::Named || is_public(address.ip()));
    let mut refused = if found.is_empty() { "the host's name was not found" } else { Refusal::NotPublic.words() };
    for address in allowed {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).ok();
                return Ok(stream);
            }
            Err(_) => refused = "the host refused the connection",
        }
    }
    Err(Fault::NotSent(refused))
}

impl Connection {
    /// Begins TLS. Whatever the server said before counts as nothing, and must be nothing.
    pub(super) async fn secure(self) -> Result<Self, Fault> {
        if !self.ahead.is_empty() {
            return Err(Fault::NotSent(INJECTED));
        }
        let connector = TlsConnector::from(Arc::clone(&self.secured.tls));
        let shaking = timeout(self.secured.within, connector.connect(self.secured.name.clone(), self.stream)).await;
        let stream = shaking.map_err(|_| Fault::NotSent("the host did not take the connection in time"))?;
        let stream = stream.map_err(|_| Fault::NotSent(NO_TLS))?;
        Ok(Self { stream: Box::new(stream), ..self })
    }

    /// Waits so long, from now on, between two signs of life.
    pub(super) fn wait(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Puts off the end of all.
    pub(super) fn last(&mut self, whole: Duration) {
        self.until = Instant::now() + whole;
    }

    /// A line without its end, of `most` bytes at most.
    pub(super) async fn line(&mut self, most: usize) -> Result<Bytes, Loss> {
        match self.part(most).await? {
            (line, true) => Ok(line),
            (_, false) => Err(Loss::TooLarge(most as u64)),
        }
    }

    /// The next `most` bytes of a line, or what is left of it, without its end; and whether that was its end.
    pub(super) async fn part(&mut self, most: usize) -> Result<(Bytes, bool), Loss> {
        let mut seen = 0;
        loop {
            if let Some(at) = self.ahead[seen..].iter().position(|byte| *byte == b'\n') {
                let mut line = self.ahead.split_to(seen + at + 1);
                line.truncate(seen + at);
                if line.last() == Some(&b'\r') {
                    line.truncate(line.len() - 1);
                }
                return Ok((line.freeze(), true));
            }
            seen = self.ahead.len();
            if seen >= most {
                return Ok((self.ahead.split_to(most).freeze(), false));
            }
            self.more().await?;
        }
    }

    /// So many bytes as they are.
    pub(super) async fn exactly(&mut self, count: usize) -> Result<Bytes, Loss> {
        while self.ahead.len() < count {
            self.more().await?;
        }
        Ok(self.ahead.split_to(count).freeze())
    }

    /// Says something and sees that it leaves.
    pub(super) async fn say(&mut self, bytes: &[u8]) -> Result<(), Loss> {
        for piece in bytes.chunks(AT_ONCE) {
            let end = self.end();
            let written = timeout_at(end, self.stream.write_all(piece)).await;
            done(&written)?;
        }
        let end = self.end();
        let flushed = timeout_at(end, self.stream.flush()).await;
        done(&flushed)
    }

    async fn more(&mut self) -> Result<(), Loss> {
        self.ahead.reserve(AT_ONCE);
        let end = self.end();
        match timeout_at(end, self.stream.read_buf(&mut self.ahead)).await {
            Err(_) => Err(Loss::TimedOut),
            Ok(Ok(0) | Err(_)) => Err(Loss::Cut),
            Ok(Ok(_)) => Ok(()),
        }
    }

    fn end(&self) -> Instant {
        self.until.min(Instant::now() + self.patience)
    }
}

fn done(written: &Result<io::Result<()>, tokio::time::error::Elapsed>) -> Result<(), Loss> {
    match written {
        Err(_) => Err(Loss::TimedOut),
        Ok(Err(_)) => Err(Loss::Cut),
        Ok(Ok(())) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use connect::Secret;

    use super::*;

    fn at(host: &str, port: u16) -> Option<String> {
        let (username, password) = (String::new(), Secret::new(""));
        let server = MailServer { host: host.to_owned(), port, tls: MailTls::Implicit, username, password };
        address(&server).map(|url| format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap()))
    }

    #[test]
    fn a_servers_address_is_a_host_and_nothing_else() {
        assert_eq!(at("Mail.Example.org", 993).as_deref(), Some("mail.example.org:993"));
        assert_eq!(at(" mail.example.org ", 443).as_deref(), Some("mail.example.org:443"));
        assert_eq!(at("::1", 143).as_deref(), Some("[::1]:143"));
        assert_eq!(at("0x7f.1", 143).as_deref(), Some("127.0.0.1:143"), "seen through");
        assert_eq!(at("bücher.example", 993).as_deref(), Some("xn--bcher-kva.example:993"));
        for host in ["", "a/b", "a@b", "u:p@b", "a?b", "a#b", "a b", "mail.example.org:25"] {
            assert_eq!(at(host, 993), None, "{host}");
        }
    }
}
