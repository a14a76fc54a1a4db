//! Removing a person's mails from a mailbox whose API finds mails by their Message-ID: each that is found is looked at first, as
//! its sender chose that id and may have chosen another mail's.

use serde_json::Value;

use crate::{Call, HttpCall, Reply, SendError, Step, TheirMails};

/// How many mails with one Message-ID are looked at.
pub(crate) const ALIKE: usize = 5;

/// A mailbox at a provider.
pub(crate) trait Mailbox {
    /// Looks for mails by their Message-ID.
    ///
    /// # Errors
    /// Why there is no such call: the channel has no token.
    fn search(&self, message_id: &str) -> Result<HttpCall, SendError>;
    /// The ids of the mails that a search found.
    fn found(&self, answer: &Value) -> Vec<String>;
    /// Asks for a mail's header.
    ///
    /// # Errors
    /// As of [`Mailbox::search`].
    fn look(&self, id: &str) -> Result<HttpCall, SendError>;
    /// The header that an answer brings.
    fn header(&self, answer: &Value) -> Vec<u8>;
    /// Removes a mail.
    ///
    /// # Errors
    /// As of [`Mailbox::search`].
    fn remove(&self, id: &str) -> Result<HttpCall, SendError>;
    /// The JSON of an answer; `None`: what was asked for is not there.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self, reply: &Reply) -> Result<Option<Value>, SendError>;
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Mails that were removed.
    pub(crate) removed: usize,
    /// Mails that were left, because they are somebody else's.
    pub(crate) others: usize,
}

/// The next step: per Message-ID a search, and per mail that it finds a look and, where the mail is theirs, its removal.
pub(crate) fn step(mailbox: &impl Mailbox, theirs: &TheirMails, replies: &[Reply]) -> Result<Step<Tally>, SendError> {
    let call = |call: HttpCall| Ok(Step::Call(Call::Http(call)));
    let (mut heard, mut tally) = (replies.iter(), Tally::default());
    for message_id in &theirs.ids {
        let Some(reply) = heard.next() else { return call(mailbox.search(message_id)?) };
        let nothing = || SendError::Retry("the mailbox did not answer a search".to_owned());
        let answer = mailbox.read(reply)?.ok_or_else(nothing)?;
        for id in mailbox.found(&answer).iter().take(ALIKE) {
            let Some(reply) = heard.next() else { return call(mailbox.look(id)?) };
            let Some(mail) = mailbox.read(reply)? else { continue };
            if !theirs.has(&mailbox.header(&mail)) {
                tally.others += 1;
                continue;
            }
            let Some(reply) = heard.next() else { return call(mailbox.remove(id)?) };
            mailbox.read(reply)?;
            tally.removed += 1;
        }
    }
    Ok(Step::Done(tally))
}

/// A header of these fields, as a mail has it.
pub(crate) fn header<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let plain = |text: &str| text.replace(['\r', '\n'], " ");
    let lines = fields.into_iter().map(|(name, value)| format!("{}: {}\r\n", plain(name), plain(value)));
    (lines.collect::<String>() + "\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct House;

    impl Mailbox for House {
        fn search(&self, message_id: &str) -> Result<HttpCall, SendError> {
            Ok(HttpCall::get("search", message_id.to_owned()))
        }

        fn found(&self, answer: &Value) -> Vec<String> {
            answer["ids"].as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())).collect()
        }

        fn look(&self, id: &str) -> Result<HttpCall, SendError> {
            Ok(HttpCall::get("look", id.to_owned()))
        }

        fn header(&self, answer: &Value) -> Vec<u8> {
            let field = |name| answer[name].as_str().unwrap_or_default();
            header([("From", field("from")), ("Message-ID", field("id"))])
        }

        fn remove(&self, id: &str) -> Result<HttpCall, SendError> {
            Ok(HttpCall::get("remove", id.to_owned()))
        }

        fn read(&self, reply: &Reply) -> Result<Option<Value>, SendError> {
            match reply {
                Reply::Answer { status: 404, .. } => Ok(None),
                Reply::Answer { body, .. } => Ok(serde_json::from_slice(body).ok()),
                _ => Err(SendError::Retry("lost".to_owned())),
            }
        }
    }

    fn answer(status: u16, body: &Value) -> Reply {
        Reply::Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    #[test]
    fn a_field_stays_one_field() {
        let header = header([("From", "bea@example.org\r\nSender: anna@example.org"), ("To", "info@shop.example")]);
        assert_eq!(header, b"From: bea@example.org  Sender: anna@example.org\r\nTo: info@shop.example\r\n\r\n");
    }

    #[test]
    fn each_mail_is_looked_at_before_it_goes() {
        let theirs = TheirMails {
            ids: vec!["a@b".to_owned(), "c@d".to_owned()],
            addresses: vec!["anna@example.org".to_owned()],
            mark: None,
        };
        let anna = json!({ "from": "Anna <anna@example.org>", "id": "<a@b>" });
        let bea = json!({ "from": "Bea <bea@example.org>", "id": "<a@b>" });
        let mut replies = Vec::new();
        for (next, reply) in [
            ("search a@b", answer(200, &json!({ "ids": ["1", "2", "3"] }))),
            ("look 1", answer(200, &bea)),
            ("look 2", answer(404, &json!({}))),
            ("look 3", answer(200, &anna)),
            ("remove 3", answer(200, &json!({}))),
            ("search c@d", answer(200, &json!({ "ids": [] }))),
        ] {
            let Ok(Step::Call(Call::Http(call))) = step(&House, &theirs, &replies) else { panic!("{next}") };
            assert_eq!(format!("{} {}", call.operation, call.url), next);
            replies.push(reply);
        }
        let Ok(Step::Done(tally)) = step(&House, &theirs, &replies) else { panic!("the end") };
        assert_eq!(tally, Tally { removed: 1, others: 1 });
        let lost = [Reply::Lost { why: "cut".to_owned() }];
        assert!(matches!(step(&House, &theirs, &lost), Err(SendError::Retry(_))));
        assert!(matches!(step(&House, &theirs, &[answer(404, &json!({}))]), Err(SendError::Retry(_))));
    }
}
