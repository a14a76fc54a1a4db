//! Mail servers that follow a script: that cut, stall, refuse and lie at any line.

mod imap;
mod smtp;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::{Call, MailServer, MailTls, Reply, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::{Outbound, OutboundConfig};
use super::NoBlobs;
use crate::telemetry::{Metrics, Monotonic};

/// What a server does in turn.
#[derive(Clone)]
enum Step {
    /// Waits until it has heard this since it last said something.
    Hears(Cow<'static, str>),
    /// Says this; `{tag}` is what the last line it heard begins with.
    Says(String),
    /// Keeps the connection and says nothing more.
    Stalls,
}

fn hears(what: impl Into<Cow<'static, str>>) -> Step {
    Step::Hears(what.into())
}

fn says(what: impl Into<String>) -> Step {
    Step::Says(what.into())
}

/// Asked and answered.
fn answers(what: impl Into<Cow<'static, str>>, words: impl Into<String>) -> [Step; 2] {
    [hears(what), says(words)]
}

/// A server for any number of connections, each of which follows the script and is closed at its end.
async fn server(script: Vec<Step>) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (script, log) = (script.clone(), Arc::clone(&log));
            tokio::spawn(async move { follow(socket, script, &log).await });
        }
    });
    (address, heard)
}

async fn follow(mut socket: TcpStream, script: Vec<Step>, log: &Mutex<String>) {
    let mut since = String::new();
    for step in script {
        match step {
            Step::Hears(what) => {
                let mut piece = [0; 4_096];
                while !since.contains(&*what) {
                    let read = socket.read(&mut piece).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    let text = String::from_utf8_lossy(&piece[..read]);
                    log.lock().unwrap().push_str(&text);
                    since.push_str(&text);
                }
            }
            Step::Says(words) => {
                let line = since.trim_end().rsplit("\r\n").next().unwrap_or_default();
                let tag = line.split(' ').next().unwrap_or_default().to_owned();
                since.clear();
                if socket.write_all(words.replace("{tag}", &tag).as_bytes()).await.is_err() {
                    return;
                }
            }
            Step::Stalls => tokio::time::sleep(Duration::from_mins(5)).await,
        }
    }
}

fn at(address: SocketAddr, tls: MailTls, username: &str) -> MailServer {
    let password = Secret::new("secret");
    MailServer { host: address.ip().to_string(), port: address.port(), tls, username: username.to_owned(), password }
}

fn outbound(allowed: &[SocketAddr], patience: Duration) -> Outbound {
    let allowed = allowed.iter().map(ToString::to_string).collect();
    let config = OutboundConfig { allowed, whole: patience, ..OutboundConfig::default() };
    Outbound::new(config, Arc::new(Metrics::new()), Monotonic::system()).unwrap()
}

/// What comes of a call to one of the servers.
async fn told(address: SocketAddr, call: Call) -> String {
    let reply = outbound(&[address], Duration::from_secs(20)).perform(&call, "chn_1", &NoBlobs).await;
    shown(&reply)
}

fn shown(reply: &Reply) -> String {
    format!("{reply:?}")
}
