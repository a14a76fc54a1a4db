//! Ten contacts who have left something in every table.

use std::collections::BTreeMap;

use crate::attachments::{self, Remote};
use crate::channels::{self, NewChannel};
use crate::consents::{self, NewConsent};
use crate::contacts::{self, Profile};
use crate::conversations::{self, Change};
use crate::identities::NewIdentity;
use crate::members::{self, NewMember};
use crate::messages::{self, Body, Direction, NewMessage, State, Writer};
use crate::outbox::{self, Act, Gate, NewOutbox, Passed};
use crate::testing::house::House;
use crate::{
    ChannelId, ContactId, ConversationId, Error, MessageId, Personal, Role, Scope, Tx, drafts, idempotency, identities,
    mentions, reactions, remotes, scheduled,
};

/// A contact with its traces.
pub(super) struct Person {
    number: usize,
    pub(super) contact: ContactId,
    pub(super) conversation: ConversationId,
    pub(super) message: MessageId,
}

impl Person {
    /// What was said, called and known, none of which may be in any cell.
    pub(super) fn plaintexts(&self) -> Vec<Vec<u8>> {
        let words = [
            "canary-name",
            "canary-text",
            "canary-value",
            "canary-evidence",
            "canary-draft",
            "canary-later",
            "canary-field",
            "thread",
            "remote",
        ];
        words.into_iter().map(|word| said(word, self.number).into_bytes()).collect()
    }

    /// Everything of this contact can be read.
    pub(super) async fn is_whole(&self, house: &House, scope: &Scope) {
        let (number, contact, message) = (self.number, self.contact, self.message);
        let conversation = self.conversation;
        let check = move |tx: &Tx<'_>| {
            let view = contacts::view(tx, contact)?;
            assert_eq!(view.name, Some(said("canary-name", number).into()));
            assert_eq!(view.identities[0].value, said("canary-value", number).into());
            assert_eq!(messages::list(tx, conversation, None, 10)?.len(), 2);
            let seen = messages::view(tx, message)?;
            assert_eq!(seen.body.and_then(|body| body.into_revealed().text), Some(said("canary-text", number)));
            assert_eq!((seen.attachments.len(), seen.reactions.len()), (1, 1));
            assert_eq!(remotes::find(tx, seen_channel(tx, conversation)?, &said("remote", number))?, Some(message));
            assert_eq!(consents::of(tx, contact)?[0].withdrawn_at, None);
            assert_eq!(scheduled::of(tx, conversation)?.len(), 1);
            assert_eq!(conversations::view(tx, conversation)?.attributes.reveal().len(), 1);
            Ok::<_, Error>(())
        };
        house.vault.read(scope, check).await.unwrap();
    }
}

fn seen_channel(tx: &Tx<'_>, conversation: ConversationId) -> crate::Result<ChannelId> {
    Ok(conversations::head(tx, conversation)?.channel)
}

fn said(word: &str, number: usize) -> String {
    format!("{word}-{number}")
}

/// Ten of them on one channel.
pub(super) async fn ten(house: &House, scope: &Scope) -> Vec<Person> {
    let channel = house.vault.write(scope, channel).await.unwrap();
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(house.vault.write(scope, move |tx| person(tx, channel, number)).await.unwrap());
    }
    people
}

fn channel(tx: &Tx<'_>) -> crate::Result<ChannelId> {
    let name = Personal::new("Support".into());
    let settings = Personal::new(BTreeMap::new());
    channels::create(tx, &NewChannel { kind: "telegram".into(), name, settings, secrets: BTreeMap::new() })
}

/// By what a person is known.
pub(super) fn identity(number: usize) -> NewIdentity {
    NewIdentity { kind: "phone".into(), scope: String::new(), value: said("canary-value", number).into() }
}

fn person(tx: &Tx<'_>, channel: ChannelId, number: usize) -> crate::Result<Person> {
    let profile = Profile {
        name: Some(said("canary-name", number).into()),
        language: Some(Personal::new("de".into())),
        attributes: Some(Personal::new(serde_json::Map::new())),
    };
    let contact = contacts::create(tx, &profile)?;
    identities::add(tx, contact, channel, &identity(number))?;
    let (head, _) = conversations::of_thread(tx, channel, contact, &said("thread", number))?;
    let labels = Some(vec![format!("label-{}", number % 2)]);
    conversations::change(tx, head.id, &Change { labels, ..Change::default() })?;
    let message = says(tx, channel, contact, head.id, number)?;
    answer(tx, channel, contact, head.id)?;
    agree(tx, contact, number)?;
    work(tx, head.id, message, number)?;
    Ok(Person { number, contact, conversation: head.id, message })
}

/// What members have begun, ordered and noted.
fn work(tx: &Tx<'_>, conversation: ConversationId, message: MessageId, number: usize) -> crate::Result<()> {
    let member = members::create(
        tx,
        &NewMember {
            email: Personal::new(format!("m{number}@example.org")),
            name: Personal::new("Ada".into()),
            role: Role::Agent,
            password_hash: None,
        },
    )?;
    let begun = drafts::Begun { text: said("canary-draft", number), ..drafts::Begun::default() };
    drafts::keep(tx, conversation, member, &Personal::new(begun))?;
    let later = scheduled::New {
        conversation,
        member,
        held: false,
        send_at: tx.now() + 60_000,
        content: said("canary-later", number).into(),
        attachments: Vec::new(),
        then: None,
    };
    let later = scheduled::order(tx, &later)?;
    scheduled::failed(tx, &scheduled::view(tx, later)?, "no_consent", &Personal::new("They did not agree.".into()))?;
    let contact = conversations::head(tx, conversation)?.contact;
    mentions::name(tx, message, (conversation, contact), &[member])?;
    let fields = serde_json::json!({ "order": said("canary-field", number) });
    let attributes = fields.as_object().cloned().map(Personal::new);
    conversations::change(tx, conversation, &Change { attributes, ..Change::default() })?;
    let changes = tx.id();
    let before = Some(conversations::work(tx, conversation)?);
    let outcome = conversations::Outcome { conversation, changed: true, problem: None, before };
    conversations::keep(tx, changes, 0, &outcome)
}

fn says(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
    number: usize,
) -> crate::Result<MessageId> {
    let text = Body::text(said("canary-text", number));
    let (message, _) = messages::record(tx, &new(channel, contact, conversation, Direction::Incoming, text, tx.now()))?;
    remotes::tie(tx, message, contact, channel, &[said("remote", number)])?;
    let author = contact.to_string();
    reactions::set(tx, message, ("contact", &author), contact, Some(&Personal::new("👍".into())), tx.now())?;
    let remote = Remote {
        message,
        contact,
        channel,
        position: 0,
        role: "image".into(),
        name: Some(said("canary-name", number).into()),
        locator: said("canary-value", number).into(),
    };
    attachments::expect(tx, &remote)?;
    Ok(message)
}

fn new(
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
    direction: Direction,
    body: Body,
    at: i64,
) -> NewMessage {
    let incoming = direction == Direction::Incoming;
    NewMessage {
        conversation,
        channel,
        contact,
        direction,
        writer: if incoming { Writer::Contact(contact) } else { Writer::Automation },
        body: Personal::new(body),
        reply_to: None,
        state: if incoming { State::Received } else { State::Queued },
        written_at: at,
    }
}

fn answer(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, conversation: ConversationId) -> crate::Result<()> {
    let body = Body::text("answer");
    let (message, _) = messages::record(tx, &new(channel, contact, conversation, Direction::Outgoing, body, tx.now()))?;
    let detail = Some(Personal::new("tap".into()));
    let gate = Passed::unasked(Gate::reply(None));
    outbox::enqueue(tx, &NewOutbox { channel, conversation, contact, message, act: Act::Message, detail, gate })?;
    if let idempotency::Begun::First(claim) = idempotency::begin(tx, &message.to_string(), b"request")? {
        idempotency::finish(tx, &claim, 201, &message.to_string())?;
    }
    Ok(())
}

fn agree(tx: &Tx<'_>, contact: ContactId, number: usize) -> crate::Result<()> {
    let consent = NewConsent {
        contact,
        purpose: "marketing".into(),
        channel: "any".into(),
        ground: "consent".into(),
        text_version: "1".into(),
        collected_by: "form".into(),
        text: None,
        evidence: Some(said("canary-evidence", number).into()),
        given_at: tx.now(),
    };
    consents::give(tx, &consent)?;
    Ok(())
}
