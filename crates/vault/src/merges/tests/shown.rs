//! What members see of merged contacts: lists, conversations, messages, the search and the journal.

use serde_json::{Map, Value};

use super::*;
use crate::conversations::Filter;
use crate::facts::Fact;
use crate::messages::{self, Direction};
use crate::search::{self, Query};
use crate::testing::house::say;
use crate::{Cursor, MessageId, reactions};

impl People<'_> {
    async fn says(&self, conversation: ConversationId, text: &'static str) -> MessageId {
        self.house.clock.advance(1);
        self.house
            .does(&self.scope, move |tx| {
                contacts::touch(tx, conversations::head(tx, conversation)?.contact, tx.now())?;
                say(tx, conversation, Direction::Incoming, text)
            })
            .await
    }

    /// All pages of the list, one contact each.
    async fn listed(&self) -> Vec<ContactId> {
        let (mut seen, mut after): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let page = self.house.sees(&self.scope, move |tx| contacts::list(tx, after.as_ref(), 1)).await;
            seen.extend(page.data.iter().map(|contact| contact.id));
            after = page.next;
            if after.is_none() {
                return seen;
            }
        }
    }

    async fn conversations_of(&self, contact: ContactId) -> Vec<(ConversationId, ContactId)> {
        let filter = Filter { contact: Some(contact), ..Filter::default() };
        let page = self.house.sees(&self.scope, move |tx| conversations::list(tx, &filter, None, 50)).await;
        page.data.into_iter().map(|one| (one.id, one.contact)).collect()
    }

    async fn finds(&self, text: &str, contact: Option<ContactId>) -> Vec<(MessageId, ContactId)> {
        while self.house.vault.index_step(&self.scope).await.unwrap() {}
        let contacts = contact.iter().map(ToString::to_string).collect();
        let filter = search::Filter { contacts, ..search::Filter::default() };
        let query = Query { text: text.into(), filter, limit: 20, ..Query::default() };
        let found = self.house.vault.find_messages(&self.scope, query).await.unwrap();
        let mut found: Vec<_> = found.into_iter().map(|hit| (hit.message.id, hit.conversation.contact)).collect();
        found.sort();
        found
    }

    async fn finds_contacts(&self, text: &str) -> Vec<ContactId> {
        while self.house.vault.index_step(&self.scope).await.unwrap() {}
        let query = Query { text: text.into(), limit: 20, ..Query::default() };
        let found = self.house.vault.find_contacts(&self.scope, query).await.unwrap();
        found.into_iter().map(|contact| contact.id).collect()
    }

    async fn facts(&self, after: i64) -> Vec<Fact> {
        self.house.sees(&self.scope, move |tx| facts::since(tx, after, 100)).await.unwrap()
    }
}

#[tokio::test]
async fn lists_show_who_stays_once_and_where_the_family_is_most_recent() {
    on_both(async |house| {
        let people = People::of(house).await;
        let (ada, _) = people.meet("ada").await;
        let (bob, with_bob) = people.meet("bob").await;
        let (cem, with_cem) = people.meet("cem").await;
        let (dan, with_dan) = people.meet("dan").await;
        assert_eq!(people.listed().await, [dan, cem, bob, ada]);
        people.merges(ada, bob).await;
        let second = people.merges(ada, cem).await;
        assert_eq!(people.listed().await, [dan, ada]);
        people.says(with_bob, "hello").await;
        assert_eq!(people.listed().await, [ada, dan]);
        people.says(with_dan, "hello").await;
        assert_eq!(people.listed().await, [dan, ada]);
        people.says(with_cem, "hello").await;
        assert_eq!(people.view(ada).await.unwrap().active_at, house.clock_now());
        people.split(ada, second).await.unwrap();
        assert_eq!(people.listed().await, [cem, dan, ada]);
    })
    .await;
}

#[tokio::test]
async fn conversations_and_messages_name_who_stays() {
    on_both(async |house| {
        let people = People::of(house).await;
        let (ada, with_ada) = people.meet("ada").await;
        let (bob, with_bob) = people.meet("bob").await;
        let said = people.says(with_bob, "from bob").await;
        let emoji = move |tx: &Tx<'_>, contact: ContactId, emoji: &str| {
            let emoji = Personal::new(emoji.to_owned());
            reactions::set(tx, said, ("contact", &contact.to_string()), contact, Some(&emoji), tx.now())
        };
        house.does(&people.scope, move |tx| emoji(tx, ada, "👍")).await;
        house.clock.advance(1);
        house.does(&people.scope, move |tx| emoji(tx, bob, "🎉")).await;
        let id = people.merges(ada, bob).await;
        for named in [ada, bob] {
            assert_eq!(people.conversations_of(named).await, [(with_bob, ada), (with_ada, ada)]);
        }
        let look = move |tx: &Tx<'_>| Ok((conversations::view(tx, with_bob)?, messages::list(tx, with_bob, None, 9)?));
        let (conversation, shown) = house.sees(&people.scope, look).await;
        assert_eq!(conversation.contact_name.as_ref().map(|name| name.reveal().as_str()), Some("ada"));
        assert_eq!(shown[0].author.id, Some(ada.to_string()));
        assert_eq!(shown[0].author.name, Some(Personal::new("ada".into())));
        let reacted: Vec<_> =
            shown[0].reactions.iter().map(|one| (&one.author_id[..], &one.emoji.reveal()[..])).collect();
        assert_eq!(reacted, [(&ada.to_string()[..], "🎉")], "one of one person");
        let later = people.says(with_bob, "more from bob").await;
        people.split(ada, id).await.unwrap();
        let (conversation, shown) = house.sees(&people.scope, look).await;
        assert_eq!(conversation.contact_name.as_ref().map(|name| name.reveal().as_str()), Some("bob"));
        assert!(shown.iter().all(|message| message.author.id == Some(bob.to_string())));
        assert_eq!((shown[0].reactions.len(), shown[1].id), (2, later));
        assert_eq!(people.conversations_of(ada).await, [(with_ada, ada)]);
        assert_eq!(people.conversations_of(bob).await, [(with_bob, bob)]);
    })
    .await;
}

#[tokio::test]
async fn who_stays_knows_best_and_the_others_fill_in() {
    let house = House::open();
    let people = People::of(&house).await;
    let known = |name: Option<&str>, language: Option<&str>, pairs: &[(&str, i64)]| Profile {
        name: name.map(|name| Personal::new(name.to_owned())),
        language: language.map(|language| Personal::new(language.to_owned())),
        attributes: Some(Personal::new(
            pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect(),
        )),
    };
    let make = async |profile: Profile| {
        house.clock.advance(1);
        house.does(&people.scope, move |tx| contacts::create(tx, &profile)).await
    };
    let first = make(known(None, None, &[("a", 1), ("b", 1)])).await;
    let second = make(known(Some("Bo"), None, &[("b", 2), ("c", 2)])).await;
    let third = make(known(Some("Cem"), Some("tr"), &[("c", 3), ("d", 3)])).await;
    people.merges(first, third).await;
    let id = people.merges(first, second).await;
    let shown = people.view(third).await.unwrap();
    assert_eq!((shown.name, shown.language), (Some(Personal::new("Bo".into())), Some(Personal::new("tr".into()))));
    let pairs = [("a", 1), ("b", 1), ("c", 2), ("d", 3)].map(|(key, value)| (key.to_owned(), Value::from(value)));
    assert_eq!(shown.attributes.into_revealed(), Map::from_iter(pairs));
    house.does(&people.scope, move |tx| contacts::update(tx, first, &known(Some("Ada"), None, &[("c", 9)]))).await;
    assert_eq!(people.name(second).await, "Ada");
    people.split(first, id).await.unwrap();
    let shown = people.view(second).await.unwrap();
    let pairs = [("b", 2), ("c", 2)].map(|(key, value)| (key.to_owned(), Value::from(value)));
    assert_eq!(
        (shown.name, shown.attributes.into_revealed()),
        (Some(Personal::new("Bo".into())), Map::from_iter(pairs))
    );
}

#[tokio::test]
async fn the_search_knows_the_whole_family_and_shows_it_once() {
    let house = House::open();
    let people = People::of(&house).await;
    let (ada, with_ada) = people.meet("ada").await;
    let (bob, with_bob) = people.meet("bob").await;
    let (_, with_cem) = people.meet("cem").await;
    let one = people.says(with_ada, "a parcel").await;
    let other = people.says(with_bob, "another parcel").await;
    people.says(with_cem, "no parcel").await;
    assert_eq!(people.finds("parcel", Some(bob)).await, [(other, bob)]);
    let id = people.merges(ada, bob).await;
    for named in [ada, bob] {
        assert_eq!(people.finds("parcel", Some(named)).await, [(one, ada), (other, ada)]);
    }
    assert_eq!(people.finds_contacts("bob").await, [ada], "by what was merged into it");
    assert_eq!(people.finds_contacts("ada").await, [ada]);
    let late = people.says(with_bob, "one more parcel").await;
    people.split(ada, id).await.unwrap();
    assert_eq!(people.finds("parcel", Some(ada)).await, [(one, ada)]);
    assert_eq!(people.finds("parcel", Some(bob)).await, [(other, bob), (late, bob)]);
    assert_eq!(people.finds_contacts("bob").await, [bob]);
}

#[tokio::test]
async fn the_journal_tells_of_both_and_of_the_conversations_shown_anew() {
    let house = House::open();
    let people = People::of(&house).await;
    let (ada, with_ada) = people.meet("ada").await;
    let (bob, with_bob) = people.meet("bob").await;
    let nameless = house.does(&people.scope, |tx| contacts::create(tx, &Profile::default())).await;
    let told = async |after: i64| -> Vec<_> {
        let facts = people.facts(after).await;
        facts.iter().map(|fact| (fact.kind.as_str(), fact.about.contact, fact.about.conversation)).collect()
    };
    let head = || house.sees(&people.scope, facts::head);
    let expected = [
        ("contact.updated", Some(ada), None),
        ("contact.updated", Some(bob), None),
        ("conversation.updated", Some(bob), Some(with_bob)),
    ];
    let before = head().await;
    let id = people.merges(ada, bob).await;
    assert_eq!(told(before).await, expected);
    people.merge(ada, bob).await.unwrap();
    assert_eq!(told(before).await.len(), 3, "nothing new, nothing told");
    let before = head().await;
    people.split(ada, id).await.unwrap();
    assert_eq!(told(before).await, expected);
    let before = head().await;
    people.merges(nameless, ada).await;
    people.merges(nameless, bob).await;
    let conversations: Vec<_> =
        told(before).await.into_iter().filter_map(|(_, _, conversation)| conversation).collect();
    assert_eq!(
        conversations,
        [with_ada, with_ada, with_bob],
        "whose name is taken from somebody else is told of again"
    );
}
