//! A small witness of transparency logs (<https://c2sp.org/tlog-witness>), written apart from the program's own code: it knows one log,
//! signs what grew out of what it signed before, and nothing else.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

const NAME: &str = "witness.example/w1";

/// What it has signed last: size, root, and how often it was asked.
#[derive(Default)]
struct Seen {
    size: u64,
    root: Vec<u8>,
    asked: usize,
}

/// The witness.
#[derive(Clone)]
pub(crate) struct Witness {
    pub authority: String,
    signer: Arc<Ed25519KeyPair>,
    /// The log's public key, once it is told.
    log: Arc<Mutex<Option<Vec<u8>>>>,
    seen: Arc<Mutex<Seen>>,
}

impl Witness {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let witness = Self {
            authority: listener.local_addr().unwrap().to_string(),
            signer: Arc::new(Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap()),
            log: Arc::default(),
            seen: Arc::default(),
        };
        let router = Router::new().route("/add-checkpoint", post(add)).with_state(witness.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        witness
    }

    /// Its verifier key.
    pub(crate) fn key(&self) -> String {
        let public = self.signer.public_key().as_ref();
        format!("{NAME}+{}+{}", hex::encode(self.id()), STANDARD.encode([&[4], public].concat()))
    }

    /// Which log it knows, by its verifier key.
    pub(crate) fn trust(&self, key: &str) {
        let bytes = STANDARD.decode(key.splitn(3, '+').nth(2).unwrap()).unwrap();
        *self.log.lock().unwrap() = Some(bytes[1..].to_vec());
    }

    /// How many entries it has signed for.
    pub(crate) fn size(&self) -> u64 {
        self.seen.lock().unwrap().size
    }

    /// Forgets what it signed.
    pub(crate) fn forget(&self) {
        *self.seen.lock().unwrap() = Seen::default();
    }

    fn id(&self) -> [u8; 4] {
        let public = self.signer.public_key().as_ref();
        let hash = Sha256::digest([NAME.as_bytes(), b"\n\x04", public].concat());
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn answer(&self, body: &str) -> Option<Response> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.lines();
        let old: u64 = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let proof: Vec<Vec<u8>> = lines.map(|line| STANDARD.decode(line).ok()).collect::<Option<_>>()?;
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let text = format!("{text}\n");
        let mut fields = text.lines().skip(1);
        let size: u64 = fields.next()?.parse().ok()?;
        let root = STANDARD.decode(fields.next()?).ok()?;
        let Some(log) = self.log.lock().unwrap().clone() else { return Some(StatusCode::NOT_FOUND.into_response()) };
        let signature = STANDARD.decode(signatures.lines().next()?.rsplit_once(' ')?.1).ok()?;
        if UnparsedPublicKey::new(&ED25519, log).verify(text.as_bytes(), &signature[4..]).is_err() {
            return Some(StatusCode::FORBIDDEN.into_response());
        }
        let mut seen = self.seen.lock().unwrap();
        seen.asked += 1;
        if seen.size != old {
            return Some((StatusCode::CONFLICT, format!("{}\n", seen.size)).into_response());
        }
        let grew = match (old, size) {
            (0, _) => proof.is_empty(),
            (old, size) if old == size => proof.is_empty() && seen.root == root,
            (old, size) => consistent(old, size, &seen.root, &proof, &root).unwrap_or(false),
        };
        if !grew {
            return Some(StatusCode::UNPROCESSABLE_ENTITY.into_response());
        }
        (seen.size, seen.root) = (size, root);
        let time = 1_900_000_000_u64;
        let signed = self.signer.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
        let line = STANDARD.encode([&self.id()[..], &time.to_be_bytes(), signed.as_ref()].concat());
        Some(
            format!("\u{2014} somebody.example/else {}\n\u{2014} {NAME} {line}\n", STANDARD.encode([7; 76]))
                .into_response(),
        )
    }
}

async fn add(State(witness): State<Witness>, body: String) -> Response {
    witness.answer(&body).unwrap_or_else(|| StatusCode::BAD_REQUEST.into_response())
}

/// RFC 9162, section 2.1.4.2.
fn consistent(old: u64, new: u64, before: &[u8], proof: &[Vec<u8>], after: &[u8]) -> Option<bool> {
    let node = |left: &[u8], right: &[u8]| Sha256::digest([&[1], left, right].concat()).to_vec();
    let mut path = proof.to_vec();
    if old.is_power_of_two() {
        path.insert(0, before.to_vec());
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at % 2 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (first, rest) = path.split_first()?;
    let (mut earlier, mut later) = (first.clone(), first.clone());
    for hash in rest {
        if last == 0 {
            return Some(false);
        }
        if at % 2 == 1 || at == last {
            (earlier, later) = (node(hash, &earlier), node(hash, &later));
            while at % 2 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            later = node(&later, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    Some(earlier == before && later == after && last == 0)
}
