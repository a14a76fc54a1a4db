//! Ids of mails (RFC 5322, section 3.6.4), without their angle brackets.

use sha2::{Digest, Sha256};

use super::letter::Letter;

/// What the remote of a mail begins with that has no id of its own.
pub(crate) const UNNAMED: &str = "hash:";
/// A longer id is none.
const LONGEST: usize = 500;
/// A mail answers at most so many.
const MOST: usize = 50;

/// All ids of a field's value, in order. Without any brackets, what looks like an id is one.
pub(super) fn list(value: &str) -> Vec<String> {
    let bracketed: Vec<String> = value.split('<').skip(1).filter_map(|rest| sound(rest.split_once('>')?.0)).collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    value.split([' ', ',', '\t']).filter(|word| word.contains('@')).filter_map(sound).collect()
}

pub(super) fn first(value: &str) -> Option<String> {
    list(value).into_iter().next()
}

/// Folding may have left space within.
fn sound(id: &str) -> Option<String> {
    let id: String = id.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let id = id.trim_matches(['<', '>']);
    (!id.is_empty() && id.len() <= LONGEST).then(|| id.to_owned())
}

/// The id by which a mail is known: its own, or what makes it unlike others.
pub(super) fn remote(letter: &Letter) -> String {
    own(letter).unwrap_or_else(|| format!("{UNNAMED}{}", letter.fingerprint))
}

/// What tells a mail from others with the same Message-ID, which programs use more than once: SHA-256 in hex of who wrote, when,
/// about what, and of what it says and carries once decoded. Servers on the way change how it is encoded, and not that. None where
/// the mail has no id, and is known by its own fingerprint.
pub(super) fn fingerprint(letter: &Letter) -> Option<String> {
    own(letter)?;
    let mut hash = Sha256::new();
    let mut add = |of: &str, text: &str| {
        // Space is what changes on the way, and lengths keep what is said apart.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        hash.update(format!("{of}:{}:{text}\n", text.len()));
    };
    for from in &letter.from {
        add("from", &from.address.to_lowercase());
    }
    add("date", &letter.date_ms.map(|at| at.to_string()).unwrap_or_default());
    add("subject", letter.header("subject").unwrap_or_default());
    // Of the words themselves: how HTML is read may be mended one day.
    let words = letter.html.as_deref().or(letter.text.as_ref().map(|words| words.text.as_str()));
    add("words", words.unwrap_or_default());
    for file in &letter.files {
        add("file", &format!("{} {}", file.content_type, file.size.unwrap_or(0)));
    }
    Some(hex::encode(hash.finalize()))
}

/// The Message-ID, if it has one.
pub(crate) fn own(letter: &Letter) -> Option<String> {
    letter.all("message-id").find_map(first).or_else(|| {
        let bare = letter.header("message-id")?;
        sound(bare).filter(|id| id.len() >= 8)
    })
}

/// The mail it answers before all.
pub(super) fn answered(letter: &Letter) -> Option<String> {
    answers(letter).into_iter().next()
}

/// The mails it answers, the likeliest first: `In-Reply-To`, then `References` from the right.
pub(super) fn answers(letter: &Letter) -> Vec<String> {
    // One of each is what there should be.
    let replied = letter.all("in-reply-to").take(3).flat_map(list);
    let references: Vec<String> = letter.all("references").take(3).flat_map(list).collect();
    let own = own(letter);
    let mut answers: Vec<String> = Vec::new();
    for id in replied.chain(references.into_iter().rev()) {
        if answers.len() < MOST && own.as_ref() != Some(&id) && !answers.contains(&id) {
            answers.push(id);
        }
    }
    answers
}

/// The first mail of its thread, as far as it names it.
pub(super) fn thread(letter: &Letter) -> String {
    let first_of = |name: &str| letter.all(name).find_map(first);
    first_of("references").or_else(|| first_of("in-reply-to")).unwrap_or_else(|| remote(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mail::read;

    fn told_apart(raw: &str) -> Option<String> {
        fingerprint(&read(raw.as_bytes(), 0, raw.len() as u64))
    }

    #[test]
    fn mails_with_one_id_are_told_apart_and_the_same_mail_never_is() {
        let mail = |words: &str| {
            format!("From: Anna <anna@example.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\nMessage-ID: <a@b>\n{words}")
        };
        let plain = told_apart(&mail("Subject: Form\n\nTwo loaves\n")).expect("it has an id");
        for same in [
            "Received: from a by b\nSubject: Form\n\nTwo loaves\n\n",
            "Subject: =?utf-8?q?Form?=\nContent-Transfer-Encoding: quoted-printable\n\nTwo=20loaves\n",
            "Subject:\n Form\nContent-Transfer-Encoding: base64\n\nVHdvIGxvYXZlcwo=\n",
        ] {
            assert_eq!(told_apart(&mail(same)).as_ref(), Some(&plain), "{same}");
        }
        for other in ["Subject: Form\n\nThree loaves\n", "Subject: Another\n\nTwo loaves\n"] {
            assert_ne!(told_apart(&mail(other)).as_ref(), Some(&plain), "{other}");
        }
        let later = mail("Subject: Form\n\nTwo loaves\n").replace("10:00:00", "10:00:01");
        assert_ne!(told_apart(&later).as_ref(), Some(&plain));
        assert_eq!(told_apart("From: a@example.com\n\nNo id\n"), None);
    }

    #[test]
    fn ids_of_all_kinds() {
        for (value, expected) in [
            ("<a@b>", &["a@b"][..]),
            ("<a@b>\t<c@d>,<e@f>", &["a@b", "c@d", "e@f"]),
            ("Your mail of today <a@b> (Anna)", &["a@b"]),
            ("a@b", &["a@b"]),
            ("<a @b>", &["a@b"]),
            ("<>", &[]),
            ("nothing", &[]),
            ("<<a@b>>", &["a@b"]),
            ("<open@b", &["open@b"]),
        ] {
            assert_eq!(list(value), expected, "{value}");
        }
    }

    fn answer(replied: Option<usize>, references: &[usize]) -> Letter {
        let list = references.iter().map(|id| format!("<m{id}@example.com>")).collect::<Vec<_>>().join("\r\n ");
        let replied = replied.map(|id| format!("In-Reply-To: <m{id}@example.com>\r\n")).unwrap_or_default();
        let raw =
            format!("From: a@example.com\r\nMessage-ID: <new@example.com>\r\n{replied}References: {list}\r\n\r\nHi");
        read(raw.as_bytes(), 0, raw.len() as u64)
    }

    proptest! {
        /// Whatever programs leave out of a chain or do to its order, the mail that was answered comes first.
        #[test]
        fn the_answered_mail_comes_first(
            (chain, kept) in (1_usize..20).prop_flat_map(|length| (
                Just((0..length).collect::<Vec<_>>()).prop_shuffle(),
                proptest::collection::vec(any::<bool>(), length),
            )),
        ) {
            let last = chain.len() - 1;
            let references: Vec<usize> = chain.iter().copied().filter(|id| kept[*id]).collect();
            let answers = answers(&answer(Some(last), &references));
            prop_assert_eq!(answers.first().cloned(), Some(format!("m{last}@example.com")));
            let mut named: Vec<String> = references.iter().chain([&last]).map(|id| format!("m{id}@example.com")).collect();
            named.sort();
            named.dedup();
            let mut found = answers;
            found.sort();
            prop_assert_eq!(found, named);
        }

        /// Without `In-Reply-To` the order of the chain says it, whatever is missing from its middle or its beginning.
        #[test]
        fn the_last_reference_stands_for_it(length in 1_usize..20, kept in proptest::collection::vec(any::<bool>(), 20)) {
            let references: Vec<usize> = (0..length).filter(|id| kept[*id] || *id == length - 1).collect();
            let found = answers(&answer(None, &references));
            prop_assert_eq!(found.first().cloned(), Some(format!("m{}@example.com", length - 1)));
        }
    }
}
