//! What a mail is about.

use super::header::one_line;
use super::{Sender, address};
use crate::Outgoing;

/// The longest subject, in characters.
const LONGEST: usize = 400;

/// What stands before a subject that is answered, in the languages of Europe's mail programs, in lower case.
const ANSWERS: [&str; 24] = [
    "re", "aw", "r", "rif", "res", "rv", "ref", "sv", "vs", "antw", "antwort", "odp", "ynt", "vá", "ats", "απ", "σχετ",
    "回复", "回覆", "答复", "답장", "הש", "رد", "отв",
];

/// The subject: what was said, marked as an answer where it answers and nobody chose it; what the sender is called where nobody said any.
pub(super) fn of(out: &Outgoing, sender: &Sender<'_>) -> String {
    let said: String = one_line(&out.subject).chars().take(LONGEST).collect();
    let answers = out.reply_to.is_some() || !out.before.is_empty();
    match said.as_str() {
        "" if sender.name.trim().is_empty() => address::domain(sender.address).to_owned(),
        "" => one_line(sender.name).chars().take(LONGEST).collect(),
        said if answers && !out.titled && !is_answer(said) => format!("Re: {said}"),
        said => said.to_owned(),
    }
}

/// Whether a subject says already that it answers: `Re:`, `AW:`, `Re[2]:`, `RE :`, `回复：`.
fn is_answer(subject: &str) -> bool {
    let Some((begin, _)) = subject.split_once([':', '\u{ff1a}']) else { return false };
    let word = begin.trim().to_lowercase();
    let word = word.split(['[', '(']).next().unwrap_or_default();
    ANSWERS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '^').trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Content, Recipient};

    fn check(subject: &str, answers: bool, expected: &str) {
        let content = Content::Text { text: String::new(), buttons: Vec::new() };
        let mut out = Outgoing::new("msg_1".to_owned(), "obx_1".to_owned(), Recipient::default(), content);
        out.subject = subject.to_owned();
        out.before.extend(answers.then(|| "a@b".to_owned()));
        let account = Account::default();
        let sender = Sender { account: &account, address: "info@shop.example", name: "", signature: "", plus: false };
        assert_eq!(of(&out, &sender), expected, "{subject}");
        let chosen = Outgoing { titled: true, ..out.clone() };
        let as_it_is = if one_line(subject).is_empty() { expected.to_owned() } else { one_line(subject) };
        assert_eq!(of(&chosen, &sender), as_it_is, "{subject}");
        if subject.is_empty() {
            assert_eq!(of(&out, &Sender { name: "Shop", ..sender }), "Shop");
        }
    }

    #[test]
    fn an_answer_says_so_once() {
        check("Order 7", true, "Re: Order 7");
        check("Order 7", false, "Order 7");
        for said in [
            "Re: Order",
            "RE : Order",
            "AW: Bestellung",
            "R: Ordine",
            "Re[2]: x",
            "re^3: x",
            "\u{56de}\u{590d}\u{ff1a}x",
        ] {
            check(said, true, said);
        }
        check("Offer: blue chairs", true, "Re: Offer: blue chairs");
        check("Re", true, "Re: Re");
        check("", true, "shop.example");
        check("\r\n\t", false, "shop.example");
        check("a\r\nBcc: x@y", false, "a Bcc: x@y");
    }
}
