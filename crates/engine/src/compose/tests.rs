//! What a member may write, and what is refused before it is recorded.

use connect::{Capability, Spec};
use vault::attachments::Stored;
use vault::channels;
use vault::messages::{Body, Button, Card, Direction, Place, State, Writer};
use vault::outbox::{Act, Refusal};
use vault::{AttachmentId, ConversationId, MessageId, Personal, Tx, attachments, suppressions};

use super::{Draft, Reacting, TEXT_LIMIT, check_content, edit, react, retry, send, take_back};
use crate::Error;
use crate::stage::{Stage, draft, message, text};

/// A channel of a kind, on which somebody has written.
fn spoken(kind: &'static str) -> (Stage, ConversationId) {
    let stage = Stage::with(kind);
    stage.hears(message("t", "1", "hello"));
    let conversation = stage.thread("t");
    (stage, conversation)
}

/// What is wrong with a draft.
fn refused(stage: &Stage, draft: Draft) -> String {
    let before = stage.said(draft.conversation).len();
    let (conversation, answer) = (draft.conversation, stage.acts(move |tx| send(tx, &draft)));
    assert_eq!(stage.said(conversation).len(), before, "what is refused leaves nothing");
    match answer {
        Err(Error::Invalid { field, .. }) => field.into(),
        Err(Error::Unsupported(what)) => format!("no {what}"),
        Err(Error::Refused(refusal)) => refusal.code().into(),
        Err(Error::Vault(_)) => "vault".into(),
        Ok(_) => "sent".into(),
    }
}

fn plain(conversation: ConversationId, text: &str) -> Draft {
    draft(conversation, Writer::Automation, text)
}

fn with(conversation: ConversationId, change: impl FnOnce(&mut Body)) -> Draft {
    let mut body = Body::default();
    change(&mut body);
    Draft { body: Personal::new(body), ..plain(conversation, "") }
}

fn place() -> Place {
    Place { latitude: 52.5, longitude: 13.4, name: None, address: None }
}

fn card() -> Card {
    Card { name: "Ada".into(), ..Card::default() }
}

fn button() -> Vec<Vec<Button>> {
    vec![vec![Button { label: "Yes".into(), data: Some("yes".into()), url: None }]]
}

fn upload(stage: &Stage) -> AttachmentId {
    stage
        .acts(|tx: &Tx<'_>| {
            let id: AttachmentId = tx.id();
            let key = [7; 32].into();
            let stored = Stored { size: 3, content_type: "image/png".into(), key };
            attachments::uploaded(tx, id, &Personal::new("bill.png".into()), &stored)?;
            Ok::<_, vault::Error>(id)
        })
        .unwrap()
}

#[test]
fn an_answer_is_queued_read_and_sent_from_there() {
    let (stage, conversation) = spoken("telegram");
    assert_eq!(stage.conversations()[0].unread_count, 1);
    stage.answers(conversation, "hello back");
    let said = stage.said(conversation);
    assert_eq!(
        (text(&said[1]), said[1].direction, said[1].state),
        (Some("hello back"), Direction::Outgoing, State::Queued)
    );
    assert_eq!(stage.conversations()[0].unread_count, 0);
    assert_eq!(stage.cleared().act, Act::Message);
}

#[test]
fn a_note_is_not_sent_and_not_bound_by_the_channel() {
    let (stage, conversation) = spoken("telegram");
    let note = Draft { note: true, ..plain(conversation, &"x".repeat(50_000)) };
    stage.acts(move |tx| send(tx, &note)).unwrap();
    assert!(stage.is_idle());
    assert_eq!(stage.said(conversation)[1].direction, Direction::Note);
    assert_eq!(stage.conversations()[0].unread_count, 1, "a note answers nobody");
}

#[test]
fn nothing_and_too_much_are_refused() {
    let (stage, conversation) = spoken("telegram");
    for wrong in ["", "  \n", "nul \0", &"x".repeat(4_097)] {
        assert_eq!(refused(&stage, plain(conversation, wrong)), "text");
    }
    let note = Draft { note: true, ..plain(conversation, &"x".repeat(TEXT_LIMIT + 1)) };
    assert_eq!(refused(&stage, note), "text");
    // Counted in characters, not in bytes.
    stage.answers(conversation, &"ü".repeat(4_096));
    let file = upload(&stage);
    let many = Draft { attachments: vec![file; 11], ..plain(conversation, "") };
    assert_eq!(refused(&stage, many), "attachments");
    let caption = Draft { attachments: vec![file], ..plain(conversation, &"x".repeat(1_025)) };
    assert_eq!(refused(&stage, caption), "text");
}

#[test]
fn what_cannot_go_together_is_refused_instead_of_half_sent() {
    let (stage, conversation) = spoken("telegram");
    let cases: [fn(&mut Body); 5] = [
        |body| (body.text, body.place) = (Some("here".into()), Some(place())),
        |body| (body.cards, body.place) = (vec![card()], Some(place())),
        |body| body.cards = vec![card(), card()],
        |body| (body.text, body.cards) = (Some("her".into()), vec![card()]),
        |body| (body.buttons, body.place) = (button(), Some(place())),
    ];
    for (index, case) in cases.into_iter().enumerate() {
        assert!(["text", "buttons"].contains(&refused(&stage, with(conversation, case)).as_str()), "case {index}");
    }
}

#[test]
fn what_the_channel_cannot_is_refused() {
    let (stage, conversation) = spoken("telegram");
    let bare = Spec { capabilities: &[Capability::Text], ..stage.source().connector.spec().clone() };
    let file = upload(&stage);
    let cases = [
        (Draft { attachments: vec![file], ..plain(conversation, "") }, "files"),
        (with(conversation, |body| body.place = Some(place())), "places"),
        (with(conversation, |body| body.cards = vec![card()]), "contact cards"),
        (with(conversation, |body| (body.text, body.buttons) = (Some("well?".into()), button())), "buttons"),
    ];
    for (draft, what) in cases {
        assert!(matches!(check_content(&draft, &bare), Err(Error::Unsupported(found)) if found == what));
        let note = Draft { note: true, ..draft };
        assert!(check_content(&note, &bare).is_ok(), "a note goes nowhere");
    }
    assert!(check_content(&plain(conversation, "hello"), &bare).is_ok());
}

#[test]
fn a_quote_from_another_conversation_is_refused() {
    let (stage, conversation) = spoken("telegram");
    stage.hears(message("other", "2", "hello"));
    let (own, other) = (stage.said(conversation)[0].id, stage.said(stage.thread("other"))[0].id);
    let quoting = |id| Draft { reply_to: Some(id), ..plain(conversation, "look") };
    assert_eq!(refused(&stage, quoting(other)), "reply_to");
    let quote = quoting(own);
    stage.acts(move |tx| send(tx, &quote)).unwrap();
    assert_eq!(stage.said(conversation)[1].reply_to, Some(own));
}

#[test]
fn a_file_belongs_to_one_message() {
    let (stage, conversation) = spoken("telegram");
    let file = upload(&stage);
    let showing = || Draft { attachments: vec![file], ..plain(conversation, "look") };
    let first = showing();
    stage.acts(move |tx| send(tx, &first)).unwrap();
    assert_eq!(stage.said(conversation)[1].attachments[0].id, file);
    assert_eq!(refused(&stage, showing()), "vault");
}

fn opt_out(stage: &Stage, conversation: ConversationId) {
    let refuse = move |tx: &Tx<'_>| {
        let head = vault::conversations::head(tx, conversation)?;
        let known = vault::identities::of(tx, head.contact)?;
        let known: Vec<_> = known
            .into_iter()
            .map(|id| vault::identities::NewIdentity {
                kind: id.kind,
                scope: id.scope.into_revealed(),
                value: id.value,
            })
            .collect();
        suppressions::set(tx, head.channel, &known, false, "contact")
    };
    stage.acts::<_, vault::Error>(refuse).unwrap();
}

#[test]
fn the_gate_is_asked_before_anything_is_recorded() {
    let (stage, conversation) = spoken("telegram");
    let failed = stage.answers(conversation, "hello");
    let row = stage.cleared();
    let refusal = Err(connect::SendError::Refused { code: "blocked".into(), why: "Blocked.".into() });
    stage.acts(move |tx| crate::deliver::record(tx, &row, &refusal)).unwrap();

    opt_out(&stage, conversation);
    assert_eq!(refused(&stage, plain(conversation, "hello?")), "opted_out");
    assert!(matches!(stage.acts(move |tx| retry(tx, failed)), Err(Error::Refused(Refusal::OptedOut))));
    assert_eq!(stage.said(conversation)[1].state, State::Failed, "a refused retry changes nothing");

    let channel = stage.channel;
    let off = move |tx: &Tx<'_>| channels::disconnect(tx, channel).map(|_| ());
    vault::testing::house::at_once(stage.house.vault.write(&stage.operator, off)).unwrap();
    assert_eq!(refused(&stage, plain(conversation, "hello?")), "channel_off");
    let note = Draft { note: true, ..plain(conversation, "they left") };
    stage.acts(move |tx| send(tx, &note)).unwrap();
}

#[test]
fn what_failed_is_sent_again_and_nothing_else() {
    let (stage, conversation) = spoken("telegram");
    let id = stage.answers(conversation, "hello");
    assert!(stage.acts(move |tx| retry(tx, id)).is_err(), "it is still queued");
    let row = stage.cleared();
    let unknown = Ok(connect::Receipt::Unknown);
    stage.acts(move |tx| crate::deliver::record(tx, &row, &unknown)).unwrap();
    stage.acts(move |tx| retry(tx, id)).unwrap();
    assert_eq!(stage.said(conversation)[1].state, State::Queued);
    assert_eq!(stage.cleared().message, id);
}

#[test]
fn what_was_taken_back_is_not_changed_sent_or_taken_back_again() {
    let (stage, conversation) = spoken("telegram");
    let id = stage.answers(conversation, "hello");
    let row = stage.cleared();
    let unknown = Ok(connect::Receipt::Unknown);
    stage.acts(move |tx| crate::deliver::record(tx, &row, &unknown)).unwrap();
    stage.acts(move |tx| take_back(tx, id)).unwrap();
    assert!(stage.said(conversation)[1].body.is_none());
    assert!(stage.acts(move |tx| take_back(tx, id)).is_err());
    assert!(stage.acts(move |tx| edit(tx, id, Personal::new("x".into()))).is_err());
    assert!(stage.acts(move |tx| retry(tx, id)).is_err());
}

#[test]
fn an_edit_is_bound_as_a_message_is() {
    let (stage, conversation) = spoken("telegram");
    let id = stage.answers(conversation, "hello");
    let incoming = stage.said(conversation)[0].id;
    let wrong = |id: MessageId, text: String| stage.acts(move |tx| edit(tx, id, Personal::new(text.clone())));
    for text in [String::new(), "x".repeat(4_097), "\0".into()] {
        assert!(matches!(wrong(id, text), Err(Error::Invalid { field: "text", .. })));
    }
    assert!(matches!(wrong(incoming, "forged".into()), Err(Error::Invalid { field: "message", .. })));
}

#[test]
fn a_reaction_is_set_and_taken_back() {
    let (stage, conversation) = spoken("telegram");
    let (author, message) = (stage.agent.0, stage.said(conversation)[0].id);
    let reacting = |emoji: Option<&str>| {
        let emoji = emoji.map(|emoji| Personal::new(emoji.to_owned()));
        let reacting = Reacting { conversation, author, message, emoji };
        stage.acts(move |tx| react(tx, &reacting))
    };
    reacting(Some("👍")).unwrap();
    assert_eq!(stage.cleared().act, Act::Reaction);
    reacting(None).unwrap();
    assert!(stage.said(conversation)[0].reactions.is_empty());
    assert!(reacting(Some("")).is_err());
}

#[test]
fn what_is_no_emoji_is_not_taken_for_one() {
    for emoji in ["👍", "👩🏽‍🚒", "7️⃣", "#⃣", "❤️", "🇮🇹"] {
        assert!(super::may_be_emoji(emoji), "{emoji}");
    }
    for other in ["", "4111111111111111", "ok", "👍 4111", "４１１１", "4️⃣1️⃣1️⃣1️⃣", &"👍".repeat(100)]
    {
        assert!(!super::may_be_emoji(other), "{other}");
    }
}
