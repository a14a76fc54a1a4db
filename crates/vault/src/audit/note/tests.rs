//! Notes that others made are read, and none that was changed.

use proptest::prelude::*;

use super::*;

/// From the documentation of Go's `golang.org/x/mod/sumdb/note`.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PROBLEM: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/// From the specification of signed notes.
const FOO: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE: &str = "This is an example message.\n\n\
    \u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
/// Made by `interop/audit/vectors.py`.
const VECTORS: &str = include_str!("vectors.txt");

/// The seed of the log's key, both keys, and the note.
fn vectors() -> ([u8; 32], VerifierKey, VerifierKey, &'static str) {
    let (keys, note) = VECTORS.split_once("\n\n").unwrap();
    let keys: Vec<&str> = keys.lines().collect();
    let seed = hex::decode(keys[0]).unwrap().try_into().unwrap();
    (seed, VerifierKey::parse(keys[1]).unwrap(), VerifierKey::parse(keys[2]).unwrap(), note)
}

#[test]
fn notes_of_others_are_read() {
    for (key, text) in [(NEUMANN, PROBLEM), (FOO, EXAMPLE)] {
        let (parsed, note) = (VerifierKey::parse(key).unwrap(), Note::parse(text).unwrap());
        assert_eq!((note.by(&parsed), parsed.signs()), (Verdict::Signed, Signs::Notes), "{key}");
        assert_eq!((parsed.to_string().as_str(), note.to_string().as_str()), (key, text));
    }
    let (_, log, witness, text) = vectors();
    let note = Note::parse(text).unwrap();
    assert_eq!((note.by(&log), note.by(&witness)), (Verdict::Signed, Verdict::Signed));
    assert_eq!(note.signatures[1].seen_at(), Some(1_900_000_000));
    assert_eq!(note.to_string(), text);
    assert_eq!(note.by(&VerifierKey::parse(FOO).unwrap()), Verdict::Unsigned);
}

#[test]
fn our_checkpoints_are_those_that_others_make() {
    let (seed, log, _, text) = vectors();
    let workspace = log.name().strip_prefix("parloir/audit/").unwrap();
    let workspace = workspace.parse().unwrap();
    let leaves: Vec<[u8; 49]> = (1..8).map(|number| [number; 49]).collect();
    let checkpoint = crate::audit::Checkpoint {
        number: 2,
        size: 7,
        root: crate::merkle::tree_root(&leaves).to_vec(),
        previous: crate::merkle::tree_root(&leaves[..4]).to_vec(),
        at: 1_900_000_000_000,
        signature: Vec::new(),
        peaks: Vec::new(),
    };
    let statement = checkpoint.statement(workspace);
    let signer = ed25519_dalek::SigningKey::from_bytes(&seed);
    let signature = ed25519_dalek::Signer::sign(&signer, statement.as_bytes()).to_bytes();
    let ours = Note { text: statement, signatures: vec![log.line(&signature)] };
    let theirs = Note::parse(text).unwrap();
    assert_eq!((&ours.text, &ours.signatures[0]), (&theirs.text, &theirs.signatures[0]));
}

#[test]
fn what_is_no_key_or_note_is_refused() {
    for key in [
        "",
        "foo",
        "foo+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4",
    ] {
        assert!(VerifierKey::parse(key).is_err(), "{key}");
    }
    for note in [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\u{2014} a AAAAAAA=",
        "text\n\n\u{2014} a b c\n",
        "text\n\n- a AAAAAAA=\n",
        "te\txt\n\n\u{2014} a AAAAAAA=\n",
        "text\n\n\u{2014} a AAAAAAA=\nmore\n",
        "text\n\n\u{2014} a AAAA\n",
    ] {
        assert!(Note::parse(note).is_err(), "{note:?}");
    }
    let many = format!("text\n\n{}", "\u{2014} a AAAAAAA=\n".repeat(SIGNATURES_MAX + 1));
    assert!(Note::parse(&many).is_err());
}

#[test]
fn a_false_signature_spoils_the_note_and_a_strange_one_does_not() {
    let (_, log, witness, text) = vectors();
    let mut note = Note::parse(text).unwrap();
    note.signatures.push(log.line(&[7; 64]));
    assert_eq!((note.by(&log), note.by(&witness)), (Verdict::False, Verdict::Signed));
    note.signatures.pop();
    note.signatures.push(VerifierKey::parse(FOO).unwrap().line(&[7; 64]));
    assert_eq!(note.by(&log), Verdict::Signed);
}

proptest! {
    #[test]
    fn no_changed_note_is_believed(at in any::<prop::sample::Index>(), by in 1_u8..) {
        let (_, log, witness, text) = vectors();
        let mut bytes = text.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        let read = String::from_utf8(bytes).ok().and_then(|changed| Note::parse(&changed).ok());
        let verdicts = read.map(|note| (note.by(&log), note.by(&witness)));
        prop_assert_ne!(verdicts, Some((Verdict::Signed, Verdict::Signed)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\u{2014} |[a-z\n\u{2014} +]|AAAA){0,40}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }
}
