//! Two machines do not talk with each other: what a rule, a flow or an AI agent orders answers no machine, and comes to an end where
//! nobody can tell that one answers (RFC 3834, sections 2 and 5).

use connect::{Capability, Spec};
use vault::conversations::Head;
use vault::messages;
use vault::outbox::Refusal;
use vault::{Millis, Tx};

use crate::{Error, Result};

/// How many mails go out in a conversation within [`WHILE`] that no member ordered. Whoever writes more than that to somebody
/// has met a machine that does not say so.
const MAILS: i64 = 10;
/// One hour, in milliseconds.
const WHILE: Millis = 3_600_000;

/// Refuses what would answer a machine, where machines write: in mail.
pub(crate) fn check(tx: &Tx<'_>, spec: &Spec, head: &Head) -> Result<()> {
    if !spec.capabilities.contains(&Capability::Subject) {
        return Ok(());
    }
    let last = messages::last_incoming(tx, head.id)?.map(|message| messages::body(tx, message)).transpose()?.flatten();
    let is_machine = last.is_some_and(|body| body.reveal().automatic);
    if is_machine || messages::ordered_by_nobody(tx, head.id, tx.now().saturating_sub(WHILE))? >= MAILS {
        return Err(Error::Refused(Refusal::Machine));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use connect::{Event, IdentityKind, Inbound, Person};
    use vault::messages::Writer;
    use vault::{ConversationId, MessageId};

    use super::*;
    use crate::compose::{self, Draft};
    use crate::stage::{Stage, draft, known};

    const ANNA: &str = "anna@example.org";

    fn gets(stage: &Stage, id: &str, automatic: bool) {
        let from = Person { identities: vec![known(IdentityKind::Email, ANNA)], name: None, language: None };
        let mail = Inbound {
            remote: id.to_owned(),
            thread: "first".to_owned(),
            from,
            text: Some("Ciao".to_owned()),
            automatic,
            at_ms: 1_000,
            ..Inbound::default()
        };
        assert!(stage.changes(Event::Message(Box::new(mail))));
    }

    fn answers(stage: &Stage, conversation: ConversationId, by: Writer) -> Result<MessageId> {
        let draft = Draft { automatic: by == Writer::Automation, ..draft(conversation, by, "Siamo chiusi.") };
        stage.acts(move |tx| compose::send(tx, &draft))
    }

    #[test]
    fn a_machine_is_answered_by_members_alone() {
        let stage = Stage::with("email");
        gets(&stage, "first", false);
        let conversation = stage.conversations()[0].id;
        answers(&stage, conversation, Writer::Automation).unwrap();
        gets(&stage, "absent", true);
        let refused = answers(&stage, conversation, Writer::Automation);
        assert!(matches!(refused, Err(Error::Refused(Refusal::Machine))), "{refused:?}");
        answers(&stage, conversation, Writer::Member(stage.agent.0)).unwrap();
        gets(&stage, "back", false);
        answers(&stage, conversation, Writer::Automation).unwrap();
    }

    #[test]
    fn a_machine_that_does_not_say_so_is_answered_a_few_times() {
        let stage = Stage::with("email");
        let mut answered = 0;
        for round in 0..MAILS + 5 {
            gets(&stage, &format!("mail{round}"), false);
            answered += i64::from(answers(&stage, stage.conversations()[0].id, Writer::Automation).is_ok());
        }
        assert_eq!(answered, MAILS);
        answers(&stage, stage.conversations()[0].id, Writer::Member(stage.agent.0)).unwrap();
    }
}
