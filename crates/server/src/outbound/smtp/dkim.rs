//! DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, by RSA or Ed25519, over a mail that is read and not held.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::{Dkim, MailReply};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::super::pieces::Source;
use super::super::{End, Fault};
use super::canonical::{Body, field, fields};

/// What is signed, where it is there. `From` once more than it is there, so that nobody can add another.
const SIGNED: [&str; 12] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
];
/// The largest header that is signed, in bytes.
const LARGEST_HEAD: usize = 1 << 20;
/// How many characters of a signature stand in a line.
const IN_LINE: usize = 72;

/// A key that signs.
enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// From PEM: PKCS #8, or the older form of RSA keys. RSA has 2,048 bits or more.
    fn of(pem: &str) -> Option<Self> {
        match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(Self::Rsa),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Self::Ed25519);
                ed25519.or_else(|| RsaKeyPair::from_pkcs8(der).ok().map(Self::Rsa))
            }
            _ => None,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // What is drawn blinds the computation; the signature is the same with any.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463, section 3: the hash is what is signed.
            Self::Ed25519(pair) => Some(pair.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }
}

/// The header field that signs a mail, with its end.
pub(super) async fn sign(dkim: &Dkim, source: Source<'_>) -> Result<Vec<u8>, End> {
    // For good: the same key will not do next time either.
    let refused = || End::Said(MailReply::Unsigned);
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if !is_plain(&dkim.domain) || !is_plain(&dkim.selector) {
        return Err(refused());
    }
    let key = Key::of(dkim.key.expose()).ok_or_else(refused)?;
    let (head, body_hash) = read(source).await?;
    let there = fields(&head);
    let names = signed_names(&there);
    let begun = format!(
        " v=1; a={}; c=relaxed/relaxed;\r\n\td={}; s={};\r\n\tt={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
        key.algorithm(),
        dkim.domain,
        dkim.selector,
        dkim.signed_at,
        names.join(":\r\n\t "),
        STANDARD.encode(body_hash),
    );
    let signature = key.sign(&covered(&there, &names, begun.as_bytes())).ok_or_else(refused)?;
    Ok(format!("DKIM-Signature:{begun}{}\r\n", folded(&STANDARD.encode(signature))).into_bytes())
}

/// Reads all of a mail: its header, and the hash of its body.
async fn read(source: Source<'_>) -> Result<(Vec<u8>, Vec<u8>), End> {
    let (mut reading, mut head, mut body) = (source.read(), Vec::new(), None);
    let (mut even, mut hash) = (Body::default(), Sha256::new());
    while let Some(bytes) = reading.next().await.map_err(|_| Fault::NotSent("the file to be sent cannot be read"))? {
        if body.is_some() {
            hash.update(even.feed(&bytes));
            continue;
        }
        head.extend_from_slice(&bytes);
        body = head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(at) = body {
            hash.update(even.feed(&head.split_off(at)));
            head.truncate(at - 2);
        } else if head.len() > LARGEST_HEAD {
            return Err(Fault::NotSent("the header of the mail is too large").into());
        }
    }
    hash.update(even.finish());
    Ok((head, hash.finalize().to_vec()))
}

/// What of a header is signed, by names.
fn signed_names(there: &[(&[u8], &[u8])]) -> Vec<&'static str> {
    let is = |found: &[u8], name: &str| found.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
    let times = |name: &str| there.iter().filter(|(found, _)| is(found, name)).count();
    let all = SIGNED.iter().flat_map(|name| std::iter::repeat_n(*name, times(name)));
    all.chain(["from"]).collect()
}

/// What a signature covers (RFC 6376, section 3.7): the named fields, of several with a name the last first, and the
/// signature's own field without its value.
fn covered(there: &[(&[u8], &[u8])], names: &[&str], begun: &[u8]) -> Vec<u8> {
    let (mut text, mut left) = (Vec::new(), there.to_vec());
    for name in names {
        let last = left.iter().rposition(|(found, _)| found.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        if let Some(at) = last {
            let (name, value) = left.remove(at);
            text.extend(field(name, value));
        }
    }
    let own = field(b"dkim-signature", begun);
    text.extend_from_slice(&own[..own.len() - 2]);
    text
}

fn folded(text: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(IN_LINE).map(|line| String::from_utf8_lossy(line)).collect();
    lines.join("\r\n\t ")
}

#[cfg(test)]
mod tests {
    use connect::{MailPiece, Secret};
    use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::super::super::tests::NoBlobs;
    use super::*;

    /// The mail, the key and the signature of RFC 8463, appendix A.
    const MAIL: &str = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n\
        Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
        Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\n\
        We lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    const BEGUN: &str = " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n \
        q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
        bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    const NAMES: [&str; 8] = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];
    const SIGNATURE: &str = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
    const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const SECRET: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    fn pem() -> String {
        let der = [hex::decode("302e020100300506032b657004220420").unwrap(), STANDARD.decode(SECRET).unwrap()].concat();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
    }

    async fn signed(mail: &[&str], key: &str) -> Result<String, End> {
        let pieces: Vec<_> = mail.iter().map(|piece| MailPiece::Bytes(piece.as_bytes().to_vec())).collect();
        let dkim = Dkim {
            domain: "football.example.com".to_owned(),
            selector: "brisbane".to_owned(),
            key: Secret::new(key),
            signed_at: 1_528_637_909,
        };
        sign(&dkim, Source::new(&pieces, &NoBlobs)).await.map(|field| String::from_utf8(field).unwrap())
    }

    #[tokio::test]
    async fn the_standards_example() {
        let pieces = [MailPiece::Bytes(MAIL.as_bytes().to_vec())];
        let (head, hash) = read(Source::new(&pieces, &NoBlobs)).await.unwrap_or_default();
        assert_eq!(STANDARD.encode(hash), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
        let covered = covered(&fields(&head), &NAMES, BEGUN.as_bytes());
        let key = Key::of(&pem()).unwrap();
        assert_eq!(STANDARD.encode(key.sign(&covered).unwrap()), SIGNATURE);
    }

    #[tokio::test]
    async fn a_mail_is_signed_as_it_is_sent() {
        let Ok(field) = signed(&[&MAIL[..60], &MAIL[60..]], &pem()).await else { panic!("it is signed") };
        let (begun, signature) = field.strip_prefix("DKIM-Signature:").unwrap().split_once("\r\n\tb=").unwrap();
        assert!(field.split("\r\n").all(|line| line.len() <= 78), "{field}");
        assert!(
            field.contains("h=from:\r\n\t to:\r\n\t subject:\r\n\t date:\r\n\t message-id:\r\n\t from;"),
            "{field}"
        );
        let head = &MAIL[..MAIL.find("\r\n\r\n").unwrap() + 2];
        let names = ["from", "to", "subject", "date", "message-id", "from"];
        let text = covered(&fields(head.as_bytes()), &names, format!("{begun}\r\n\tb=").as_bytes());
        let signature = STANDARD.decode(signature.split_whitespace().collect::<String>()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, STANDARD.decode(PUBLIC).unwrap());
        public.verify(&Sha256::digest(&text), &signature).unwrap();
    }

    #[test]
    fn rsa_signs_by_both_forms_of_its_key() {
        for pem in [include_str!("keys/rsa_pkcs8.pem"), include_str!("keys/rsa_pkcs1.pem")] {
            let key = Key::of(pem).unwrap();
            assert_eq!(key.algorithm(), "rsa-sha256");
            let Key::Rsa(pair) = &key else { panic!("RSA") };
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref().to_vec());
            public.verify(b"text", &key.sign(b"text").unwrap()).unwrap();
        }
    }

    #[tokio::test]
    async fn a_key_that_is_none_is_told_for_good() {
        let refusal = |end: End| matches!(end, End::Said(MailReply::Unsigned));
        for key in ["", "no key", include_str!("keys/rsa_short.pem")] {
            assert!(signed(&[MAIL], key).await.err().is_some_and(refusal), "{key}");
        }
    }
}
