//! Where the engine's tests play: a vault in memory, one channel, and people who write through it.

use connect::{Connector, Event, IdentityKind, Inbound, Person, PersonIdentity};
use vault::conversations::{self, Conversation};
use vault::messages::{self, Body, Message, Writer};
use vault::outbox::{Cleared, OutboxRow, Verdict};
use vault::testing::house::{House, at_once};
use vault::{ChannelId, ConversationId, MemberId, MessageId, Millis, Personal, Role, Scope, Tx};

use crate::compose::{self, Draft};
use crate::receive::{self, Applied, Source};

/// How long a claim lasts, in milliseconds.
pub(crate) const LEASE: Millis = 60_000;

/// A house with a channel.
pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) operator: Scope,
    /// A member who answers.
    pub(crate) agent: (MemberId, Scope),
    pub(crate) channel: ChannelId,
    connector: &'static dyn Connector,
    hook: Scope,
}

impl Stage {
    /// With a channel of a kind.
    pub(crate) fn with(kind: &'static str) -> Self {
        let house = House::open();
        let operator = at_once(house.workspace());
        let channel = at_once(house.channel(&operator, kind));
        let agent = at_once(house.member(&operator, "ada@example.org", Role::Agent));
        let hook = at_once(house.vault.admit_hook(channel)).unwrap().unwrap().scope;
        let connector = connect::channels::by_kind(kind).unwrap();
        Self { house, operator, agent, channel, connector, hook }
    }

    /// The same, heard through another connector.
    pub(crate) fn heard_by(self, connector: &'static dyn Connector) -> Self {
        Self { connector, ..self }
    }

    pub(crate) fn source(&self) -> Source {
        Source { channel: self.channel, connector: self.connector }
    }

    /// Applies an event as the hook does.
    pub(crate) fn hears(&self, event: Event) -> Applied {
        self.hears_late(self.house.clock_now(), event)
    }

    /// Applies an event that was received earlier.
    pub(crate) fn hears_late(&self, received_at: Millis, event: Event) -> Applied {
        let source = self.source();
        at_once(self.house.vault.write(&self.hook, move |tx| receive::apply(tx, source, received_at, &event))).unwrap()
    }

    /// Whether an event changed anything.
    pub(crate) fn changes(&self, event: Event) -> bool {
        matches!(self.hears(event), Applied::Changed(_))
    }

    /// Runs a closure as the agent.
    pub(crate) fn acts<T, E>(&self, act: impl Fn(&Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<vault::Error> + Send + 'static,
    {
        at_once(self.house.vault.write(&self.agent.1, act))
    }

    /// Looks at something as the operator.
    pub(crate) fn sees<T: Send + 'static>(&self, look: impl Fn(&Tx<'_>) -> vault::Result<T> + Send + 'static) -> T {
        at_once(self.house.vault.read(&self.operator, look)).unwrap()
    }

    /// All conversations, the most recently active first.
    pub(crate) fn conversations(&self) -> Vec<Conversation> {
        self.sees(|tx| Ok(conversations::list(tx, &conversations::Filter::default(), None, 100)?.data))
    }

    /// The conversation of a thread.
    pub(crate) fn thread(&self, thread: &'static str) -> ConversationId {
        let channel = self.channel;
        self.sees(move |tx| conversations::with_thread(tx, channel, thread)).unwrap()
    }

    /// A conversation's messages.
    pub(crate) fn said(&self, conversation: ConversationId) -> Vec<Message> {
        self.sees(move |tx| messages::list(tx, conversation, None, 500))
    }

    /// The agent answers in a conversation.
    pub(crate) fn answers(&self, conversation: ConversationId, text: &str) -> MessageId {
        let draft = draft(conversation, Writer::Member(self.agent.0), text);
        self.acts(move |tx| compose::send(tx, &draft)).unwrap()
    }

    /// Claims the one row that is due.
    pub(crate) fn claims(&self) -> Verdict {
        let due = at_once(self.house.vault.due_outbox(10)).unwrap();
        let [due] = &due[..] else { panic!("{} rows are due", due.len()) };
        let claimed = at_once(self.house.vault.claim_outbox(due.workspace, vec![due.id], LEASE)).unwrap();
        claimed.into_iter().next().unwrap().verdict
    }

    /// Claims the one row that is due and may be sent.
    pub(crate) fn cleared(&self) -> Cleared<OutboxRow> {
        match self.claims() {
            Verdict::Cleared(row) => *row,
            other => panic!("not cleared: {other:?}"),
        }
    }

    /// Whether nothing is due now.
    pub(crate) fn is_idle(&self) -> bool {
        at_once(self.house.vault.due_outbox(10)).unwrap().is_empty()
    }
}

/// What a member writes.
pub(crate) fn draft(conversation: ConversationId, author: Writer, text: &str) -> Draft {
    let body = Personal::new(Body::text(text));
    Draft {
        conversation,
        author,
        body,
        template: None,
        attachments: Vec::new(),
        note: false,
        reply_to: None,
        mentions: Vec::new(),
        automatic: false,
    }
}

/// What a message says.
pub(crate) fn text(message: &Message) -> Option<&str> {
    message.body.as_ref().and_then(|body| body.reveal().text.as_deref())
}

/// A person by a lasting id and a name.
pub(crate) fn person(id: &str) -> Person {
    let name = Some(format!("Name of {id}"));
    Person { identities: vec![known(IdentityKind::TelegramId, id)], name, language: None }
}

/// An identity that is unique in the whole world.
pub(crate) fn known(kind: IdentityKind, value: &str) -> PersonIdentity {
    PersonIdentity { kind, scope: String::new(), value: value.to_owned() }
}

/// A text message from the person whose thread it is.
pub(crate) fn inbound(thread: &str, remote: &str, text: &str) -> Inbound {
    Inbound {
        remote: remote.to_owned(),
        thread: thread.to_owned(),
        from: person(thread),
        text: Some(text.to_owned()),
        at_ms: 1_000,
        ..Inbound::default()
    }
}

/// The same as an event.
pub(crate) fn message(thread: &str, remote: &str, text: &str) -> Event {
    Event::Message(Box::new(inbound(thread, remote, text)))
}
