//! A workspace with something in every sealed column of the data map.

use std::collections::BTreeMap;

use crate::attachments::{self, Remote, Stored};
use crate::business_hours::{self, Hours};
use crate::canned_replies::{self, NewCannedReply};
use crate::channels::{self, ChannelSecret, ChannelState, NewChannel};
use crate::consents::{self, NewConsent};
use crate::contacts::{self, Profile};
use crate::conversations::{self, Change};
use crate::identities::{self, NewIdentity};
use crate::jobs::{self, JobKind};
use crate::members::{self, NewMember, Preferences, ProfileChange};
use crate::messages::{self, Direction, State};
use crate::outbox::{self, Act, Gate, NewOutbox, Passed};
use crate::saved_views::{self, NewView, Parameters};
use crate::sign_in::Device;
use crate::templates::{self, NewTemplate};
use crate::testing::house::say;
use crate::uses::Purpose;
use crate::{
    ChannelId, ContactId, ConversationId, MemberId, MessageId, Personal, Result, Role, Scope, Tx, Vault, drafts, erase,
    exports, holds, limitations, polls, push, reactions, remotes, requests, scheduled, second_factor, sites, teams,
    webhooks,
};

/// Who is in it.
#[derive(Clone, Copy)]
pub(crate) struct Furnished {
    pub(crate) channel: ChannelId,
    pub(crate) people: [Person; 3],
}

/// A contact with something in every table.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) contact: ContactId,
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
}

/// Furnishes a workspace: three contacts on two channels, and a fourth whose erasure is not over.
pub(crate) async fn furnish(vault: &Vault, scope: &Scope) -> Furnished {
    let [channel, other] = vault.write(scope, |tx| Ok::<_, crate::Error>([channel(tx)?, channel(tx)?])).await.unwrap();
    let mut people = Vec::new();
    for number in 0..4 {
        people.push(vault.write(scope, move |tx| person(tx, channel, other, number)).await.unwrap());
    }
    let erased = people[3].contact;
    vault.write(scope, move |tx| erase::begin(tx, erased)).await.unwrap();
    let member = vault.write(scope, workspaces_own).await.unwrap();
    members_own(vault, scope, member).await;
    Furnished { channel, people: [people[0], people[1], people[2]] }
}

fn channel(tx: &Tx<'_>) -> Result<ChannelId> {
    let id = channels::create(
        tx,
        &NewChannel {
            kind: "pigeon".into(),
            name: Personal::new("Loft".into()),
            settings: Personal::new(BTreeMap::from([("roof".into(), "north".into())])),
            secrets: BTreeMap::from([("ring".into(), ChannelSecret::new("secret"))]),
        },
    )?;
    channels::set_account(tx, id, &Personal::new(BTreeMap::from([("label".into(), "@loft".into())])))?;
    channels::set_state(tx, id, ChannelState::Ready, None)?;
    let template = NewTemplate {
        name: "greeting".into(),
        language: "de".into(),
        category: "utility".into(),
        status: "approved".into(),
        quality: None,
        reason: None,
        content: Personal::new("{\"body\":\"Hallo\"}".into()),
    };
    templates::keep(tx, id, &[template])?;
    polls::keep(tx, polls::standing(tx, id)?.turn, "roost 7", &[])?;
    channels::keep_watch(tx, id, Some(("{\"perch\":1}", tx.now() + 1_000)))?;
    Ok(id)
}

fn person(tx: &Tx<'_>, channel: ChannelId, other: ChannelId, number: usize) -> Result<Person> {
    let profile = Profile {
        name: Some(said("name", number).into()),
        language: Some(Personal::new("de".into())),
        attributes: Some(Personal::new(serde_json::Map::new())),
    };
    let contact = contacts::create(tx, &profile)?;
    let phone = NewIdentity { kind: "phone".into(), scope: String::new(), value: said("phone", number).into() };
    identities::add(tx, contact, channel, &phone)?;
    let (elsewhere, _) = conversations::of_thread(tx, other, contact, &said("elsewhere", number))?;
    say(tx, elsewhere.id, Direction::Incoming, &said("elsewhere", number))?;
    limits(tx, contact, elsewhere.id)?;
    let (head, _) = conversations::of_thread(tx, channel, contact, &said("thread", number))?;
    let labels = Some(vec![said("label", number % 2)]);
    conversations::change(tx, head.id, &Change { labels, ..Change::default() })?;
    let message = say(tx, head.id, Direction::Incoming, &said("text", number))?;
    hears(tx, channel, contact, message, number)?;
    answers(tx, channel, contact, head.id)?;
    work(tx, head.id, number)?;
    Ok(Person { contact, conversation: head.id, message })
}

/// Something was taken back under a hold that has not been cleared away yet.
fn limits(tx: &Tx<'_>, contact: ContactId, conversation: ConversationId) -> Result<()> {
    let (on, reason) = (holds::Subject::Conversation(conversation), Personal::new("Case 12".to_owned()));
    let hold = holds::set(tx, &holds::NewHold { on, reason: reason.clone(), ends_at: None })?;
    let back = say(tx, conversation, Direction::Incoming, "taken back")?;
    messages::remove(tx, back, tx.now())?;
    holds::lift(tx, hold)?;
    jobs::cancel(tx, JobKind::ResumeHeld, &tx.workspace()?.to_string())?;
    limitations::restrict(tx, contact, Some(&reason))?;
    limitations::object(tx, contact, &[Purpose::Profiling], Some(&reason))
}

fn hears(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, message: MessageId, number: usize) -> Result<()> {
    remotes::tie(tx, message, contact, channel, &[said("remote", number)])?;
    let author = contact.to_string();
    reactions::set(tx, message, ("contact", &author), contact, Some(&Personal::new("👍".into())), tx.now())?;
    for position in 0..2 {
        let (name, locator) = (Some(said("file", number).into()), said("locator", number).into());
        let remote = Remote { message, contact, channel, position, role: "image".into(), name, locator };
        let file = attachments::expect(tx, &remote)?;
        if position == 0 {
            attachments::fetched(tx, file, &stored())?;
        }
    }
    let consent = NewConsent {
        contact,
        purpose: "marketing".into(),
        channel: "any".into(),
        ground: "consent".into(),
        text_version: "1".into(),
        collected_by: "form".into(),
        text: Some(said("consent", number).into()),
        evidence: Some(said("evidence", number).into()),
        given_at: tx.now(),
    };
    let id = consents::give(tx, &consent)?;
    if number == 0 {
        consents::withdraw(tx, id)?;
    }
    asks(tx, contact, channel, number)
}

/// They asked something of their data, and it is noted what was done.
fn asks(tx: &Tx<'_>, contact: ContactId, channel: ChannelId, number: usize) -> Result<()> {
    let new = requests::NewRequest {
        kind: requests::Kind::Access,
        came_by: requests::CameBy::Mail,
        contact: Some(contact),
        conversation: None,
        message: None,
        words: Some(said("asks", number).into()),
        received_at: tx.now(),
    };
    let export = exports::order(tx, contact)?;
    exports::ticket(tx, export)?;
    let request = requests::open(tx, &new)?;
    requests::remark(tx, request, &said("remark", number).into())?;
    jobs::cancel(tx, JobKind::RemindRequest, &request.to_string())?;
    claims(tx, contact, channel, number)
}

/// They asked something on the public page, and have yet to tell the code.
fn claims(tx: &Tx<'_>, contact: ContactId, channel: ChannelId, number: usize) -> Result<()> {
    let claim = requests::claims::NewClaim {
        kind: requests::Kind::Erasure,
        address: said("address", number).into(),
        words: Some(said("claims", number).into()),
        language: "en",
    };
    let made = requests::claims::make(tx, &claim)?;
    requests::claims::code(tx, made.id, contact, channel)?;
    jobs::cancel(tx, JobKind::SendRequestCode, &made.id.to_string())
}

fn answers(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, conversation: ConversationId) -> Result<()> {
    let message = say(tx, conversation, Direction::Outgoing, "answer")?;
    messages::advance(tx, message, State::Failed, tx.now(), Some(("refused", "They do not want to hear it.")))?;
    let (detail, gate) = (Some(Personal::new("tap".into())), Passed::unasked(Gate::reply(None)));
    outbox::enqueue(tx, &NewOutbox { channel, conversation, contact, message, act: Act::Message, detail, gate })?;
    Ok(())
}

fn work(tx: &Tx<'_>, conversation: ConversationId, number: usize) -> Result<()> {
    let new = NewMember {
        email: Personal::new(format!("m{number}@example.org")),
        name: Personal::new("Bea Brandt".into()),
        role: Role::Agent,
        password_hash: None,
    };
    let member = members::create(tx, &new)?;
    let begun = drafts::Begun { text: said("draft", number), ..drafts::Begun::default() };
    drafts::keep(tx, conversation, member, &Personal::new(begun))?;
    let (send_at, content) = (tx.now() + 1_000, said("later", number).into());
    let later =
        scheduled::New { conversation, member, held: false, send_at, content, attachments: Vec::new(), then: None };
    let later = scheduled::order(tx, &later)?;
    scheduled::failed(tx, &scheduled::view(tx, later)?, "refused", &said("reason", number).into())?;
    let attributes = Some(Personal::new(serde_json::Map::from_iter([("field".to_owned(), number.into())])));
    conversations::change(tx, conversation, &Change { attributes, ..Change::default() })?;
    let (made, before) = (tx.id(), Some(conversations::work(tx, conversation)?));
    let outcome = conversations::Outcome { conversation, changed: true, problem: None, before };
    conversations::keep(tx, made, 0, &outcome)
}

fn workspaces_own(tx: &Tx<'_>) -> Result<MemberId> {
    let new = NewMember {
        email: Personal::new("ada@example.org".into()),
        name: Personal::new("Ada Ahrens".into()),
        role: Role::Agent,
        password_hash: None,
    };
    let member = members::create(tx, &new)?;
    arranged(tx, member)?;
    let upload = tx.id();
    attachments::uploaded(tx, upload, &Personal::new("upload.txt".into()), &stored())?;
    attachments::note_found(tx, upload, &Personal::new("card_number".into()))?;
    Ok(member)
}

/// What a member keeps for themselves.
async fn members_own(vault: &Vault, scope: &Scope, member: MemberId) {
    let own = vault.member_scope(scope.workspace(), member).await.unwrap().unwrap();
    let keep = |tx: &Tx<'_>| {
        let filter = Personal::new(Parameters::from([("q".into(), "grain".into())]));
        saved_views::create(
            tx,
            &NewView { name: Personal::new("Grain".into()), shared: false, filter, position: None },
        )?;
        second_factor::begin(tx)?;
        push::subscribe(tx, &Personal::new("https://push.example/loft".into()), false)?;
        let preferences = Preferences::from_iter([("theme".to_owned(), "dark".into())]);
        let change = ProfileChange { preferences: Some(Personal::new(preferences)), ..ProfileChange::default() };
        members::set_profile(tx, &change)
    };
    vault.write(&own, keep).await.unwrap();
    let login = vault.login_candidates("ada@example.org").await.unwrap();
    let login = login.iter().find(|login| login.workspace() == scope.workspace()).unwrap();
    let device = Device { browser: Some("Firefox".into()), system: None };
    vault.open_session_on(login, device).await.unwrap();
}

/// What the workspace arranges its work with.
fn arranged(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let team = teams::create(tx, &Personal::new("Roof".into()), &[member])?;
    let new = NewCannedReply {
        shortcut: Personal::new("hello".into()),
        text: Personal::new("Hello {{contact.name}}".into()),
        team: Some(team),
    };
    canned_replies::create(tx, &new)?;
    webhooks::create(tx, &Personal::new("https://a.example".into()), &Personal::new("whsec_AA".into()), &[])?;
    site(tx)?;
    business_hours::set(tx, &Hours::default())
}

/// A website with a banner that was shown and a page that was visited.
fn site(tx: &Tx<'_>) -> Result<()> {
    let settings = sites::SiteSettings {
        name: "Loft".into(),
        origins: vec!["https://loft.example".into()],
        privacy_url: None,
        analytics: true,
        text: BTreeMap::default(),
        cookies: Vec::new(),
    };
    let banner = sites::Banner { version: "1".into(), purposes: "p".into(), text: "{}".into() };
    let site = sites::create(tx, &settings, &banner)?;
    let device = sites::Device::Desktop;
    sites::visit(tx, &sites::Visit { site, path: "/eggs".into(), referrer: None, device, visitor: "x".into() })
}

fn stored() -> Stored {
    Stored { size: 3, content_type: "image/png".into(), key: [7; 32].into() }
}

fn said(word: &str, number: usize) -> String {
    format!("{word}-{number}")
}
