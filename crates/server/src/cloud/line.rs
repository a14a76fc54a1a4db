//! A line to a system of the operator's own, for callers that wait: the vault's keys and files are asked for by plain
//! functions, on whatever thread.
//!
//! Each line has one thread, where its connections live; the caller's thread only waits. So it works on a database thread, on
//! a worker of the runtime and before there is one, which a blocking client of the usual kind would refuse.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use reqwest::{Client, Url};
use tokio::runtime::Handle;
use vault::Chance;
use zeroize::Zeroize;

use crate::outbound::for_own_systems;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// The pause before the second attempt; it doubles, and chance takes up to half of it away.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What is asked. Signed anew for each attempt, because a signature holds the moment.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// An answer may hold a key.
impl Drop for Answer {
    fn drop(&mut self) {
        if let Ok(mut body) = std::mem::take(&mut self.body).try_into_mut() {
            body.as_mut().zeroize();
        }
    }
}

/// Why nothing came back, in words for the operator.
#[derive(Debug)]
pub(super) struct Silence(pub(super) String);

/// How patient one is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For one attempt, all of it.
    pub(super) attempt: Duration,
    /// How often it is tried.
    pub(super) attempts: u32,
}

/// A line to one system. A clone is the same line; its thread ends with the last.
#[derive(Clone)]
pub(super) struct Line {
    client: Client,
    thread: Arc<Thread>,
    chance: Arc<dyn Chance>,
    patience: Patience,
}

struct Thread {
    handle: Handle,
    /// Dropped, it ends the thread.
    _open: tokio::sync::oneshot::Sender<()>,
}

impl Line {
    /// Opens a line; nothing is asked yet.
    ///
    /// # Errors
    /// If the system gives no thread, or TLS cannot be set up.
    pub(super) fn open(name: &str, patience: Patience, chance: Arc<dyn Chance>) -> Result<Self, Silence> {
        let client = for_own_systems(CONNECT).map_err(|error| Silence(error.to_string()))?;
        let thread = Thread::start(name).map_err(|error| Silence(format!("there is no thread to be had: {error}")))?;
        Ok(Self { client, thread: Arc::new(thread), chance, patience })
    }

    /// Asks, again and again while it may help: while nothing comes back, or what `passing` says will pass.
    pub(super) fn ask(
        &self,
        ask: impl Fn() -> Result<Ask, Silence>,
        passing: impl Fn(&Answer) -> bool,
    ) -> Result<Answer, Silence> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..self.patience.attempts {
            match self.once(ask()?) {
                Ok(answer) if !passing(&answer) => return Ok(answer),
                Ok(_) | Err(_) => {
                    thread::sleep(self.shortened(pause));
                    pause *= 2;
                }
            }
        }
        self.once(ask()?)
    }

    /// Asks once.
    fn once(&self, ask: Ask) -> Result<Answer, Silence> {
        let (tell, told) = mpsc::sync_channel(1);
        let (client, within) = (self.client.clone(), self.patience.attempt);
        self.thread.handle.spawn(async move {
            tell.send(perform(client, ask, within).await).ok();
        });
        // The attempt has its own time limit; a thread that ended drops its end.
        told.recv().unwrap_or_else(|_| Err(Silence("the program is stopping".to_owned())))
    }

    /// Asks once, and nobody waits for the answer.
    pub(super) fn mention(&self, ask: Ask) {
        let (client, within) = (self.client.clone(), self.patience.attempt);
        self.thread.handle.spawn(async move { perform(client, ask, within).await.map(drop) });
    }

    /// A pause that not everybody makes equally long.
    fn shortened(&self, pause: Duration) -> Duration {
        let [byte, ..] = self.chance.draw();
        pause.saturating_sub(pause * u32::from(byte) / 512)
    }
}

impl Thread {
    fn start(name: &str) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (open, closed) = tokio::sync::oneshot::channel::<()>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            runtime.block_on(closed).ok();
            // What was only mentioned may still be under way, and nobody waits for it.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _open: open })
    }
}

async fn perform(client: Client, ask: Ask, within: Duration) -> Result<Answer, Silence> {
    let Ask { method, url, headers, body } = ask;
    let host = url.host_str().unwrap_or_default().to_owned();
    let asked = client.request(method, url).headers(headers).body(body).timeout(within).send().await;
    let silent = |error: reqwest::Error| Silence(words(&host, within, &error));
    let answer = asked.map_err(silent)?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await.map_err(silent)?;
    Ok(Answer { status, headers, body })
}

/// What went wrong, without the address, which is known and might be long: the last cause says most.
fn words(host: &str, within: Duration, error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("{host} did not answer within {} seconds", within.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("{host} cannot be reached: {cause}")
}

impl Answer {
    /// A header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether it did what was asked.
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A stranger's words, short and printable.
pub(super) fn quoted(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(300).collect()
}
