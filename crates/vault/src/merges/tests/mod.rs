//! Who is one with whom, who may say so, and what a split gives back.

mod asked;
mod model;
mod property;
mod shown;

use super::*;
use crate::contacts::{Contact, Profile};
use crate::testing::house::{House, code, on_both};
use crate::{ChannelId, Role, Scope, erase};

/// A workspace whose contacts have a number, a conversation and a name each.
struct People<'h> {
    house: &'h House,
    scope: Scope,
    channel: ChannelId,
}

impl<'h> People<'h> {
    async fn of(house: &'h House) -> Self {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        Self { house, scope, channel }
    }

    async fn meet(&self, name: &'static str) -> (ContactId, ConversationId) {
        self.house.clock.advance(1);
        self.house.contact(&self.scope, self.channel, name).await
    }

    async fn some<const N: usize>(&self, names: [&'static str; N]) -> [ContactId; N] {
        let mut met = Vec::new();
        for name in names {
            met.push(self.meet(name).await.0);
        }
        met.try_into().unwrap()
    }

    async fn merge(&self, stays: ContactId, merged: ContactId) -> Result<(MergeId, bool)> {
        self.house.clock.advance(1);
        self.house.vault.write(&self.scope, move |tx| merge(tx, stays, merged)).await
    }

    async fn merges(&self, stays: ContactId, merged: ContactId) -> MergeId {
        let (id, new) = self.merge(stays, merged).await.unwrap();
        assert!(new);
        id
    }

    async fn split(&self, contact: ContactId, id: MergeId) -> Result<bool> {
        self.house.clock.advance(1);
        self.house.vault.write(&self.scope, move |tx| split(tx, contact, id)).await
    }

    async fn family(&self, contact: ContactId) -> Vec<ContactId> {
        self.house.sees(&self.scope, move |tx| family(tx, contact)).await
    }

    async fn view(&self, contact: ContactId) -> Result<Contact> {
        self.house.vault.read(&self.scope, move |tx| contacts::view(tx, contact)).await
    }

    async fn name(&self, contact: ContactId) -> String {
        self.view(contact).await.unwrap().name.unwrap().into_revealed()
    }

    async fn erase(&self, contact: ContactId) -> Result<crate::ErasureId> {
        self.house.vault.write(&self.scope, move |tx| erase::begin(tx, contact)).await
    }
}

#[tokio::test]
async fn two_are_one_until_they_are_split() {
    on_both(async |house| {
        let people = People::of(house).await;
        let [ada, bob] = people.some(["ada", "bob"]).await;
        let before = [format!("{:?}", people.view(ada).await), format!("{:?}", people.view(bob).await)];
        let id = people.merges(ada, bob).await;
        for named in [ada, bob] {
            let shown = people.view(named).await.unwrap();
            assert_eq!((shown.id, shown.merged, shown.identities.len()), (ada, vec![bob], 2));
            assert_eq!(people.family(named).await, [ada, bob]);
        }
        assert_eq!(people.merge(ada, bob).await.unwrap(), (id, false), "they are one already");
        assert_eq!(people.merge(bob, bob).await.unwrap(), (id, false), "whoever of them is asked");
        let list = house.sees(&people.scope, move |tx| list(tx, bob)).await;
        let [only] = &list[..] else { panic!("one merge: {list:?}") };
        assert_eq!((only.id, only.contact, only.merged, only.split_at), (id, ada, bob, None));
        assert_eq!(only.name.as_ref().map(|name| name.reveal().as_str()), Some("bob"));
        assert!(people.split(ada, id).await.unwrap());
        assert!(!people.split(ada, id).await.unwrap(), "once");
        assert!(!people.split(bob, id).await.unwrap());
        let after = [format!("{:?}", people.view(ada).await), format!("{:?}", people.view(bob).await)];
        assert_eq!(before, after);
        assert!(house.sees(&people.scope, move |tx| super::list(tx, ada)).await.is_empty());
        assert!(house.sees(&people.scope, move |tx| view(tx, id)).await.split_at.is_some());
        let again = people.merges(bob, ada).await;
        assert_ne!(again, id);
        assert_eq!(people.name(ada).await, "bob", "the other way round");
    })
    .await;
}

#[tokio::test]
async fn who_is_split_off_takes_along_what_had_been_merged_into_them() {
    on_both(async |house| {
        let people = People::of(house).await;
        let [ada, bob, cem, dan] = people.some(["ada", "bob", "cem", "dan"]).await;
        let inner = people.merges(bob, cem).await;
        let outer = people.merges(ada, bob).await;
        assert_eq!(people.family(cem).await, [ada, bob, cem]);
        let fourth = people.merges(cem, dan).await;
        assert_eq!(people.family(dan).await, [ada, bob, cem, dan], "into who stays, whoever was named");
        people.split(dan, outer).await.unwrap();
        assert_eq!(people.family(ada).await, [ada, dan]);
        assert_eq!(people.family(cem).await, [bob, cem]);
        people.merges(ada, bob).await;
        people.split(ada, inner).await.unwrap();
        assert_eq!(people.family(cem).await, [cem]);
        assert_eq!(people.family(ada).await, [ada, bob, dan]);
        people.split(ada, fourth).await.unwrap();
        assert_eq!(people.family(bob).await, [ada, bob]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_joined_is_refused() {
    let house = House::open();
    let people = People::of(&house).await;
    let [ada, bob, cem] = people.some(["ada", "bob", "cem"]).await;
    assert_eq!(code(people.merge(ada, ada).await), "same_contact");
    let id = people.merges(ada, bob).await;
    assert_eq!(code(people.merge(bob, ada).await), "same_contact");
    assert_eq!(code(people.merge(cem, bob).await), "merged_elsewhere");
    assert_eq!(code(people.split(cem, id).await), "not_found", "not a merge of theirs");
    let strangers = People::of(&house).await;
    let [eva, fay] = strangers.some(["eva", "fay"]).await;
    assert_eq!(code(people.merge(ada, eva).await), "not_found");
    assert_eq!(code(people.merge(eva, ada).await), "not_found");
    assert_eq!(code(strangers.merge(ada, bob).await), "not_found");
    assert_eq!(code(strangers.split(ada, id).await), "not_found");
    assert_eq!(code(strangers.split(eva, id).await), "not_found");
    let foreign = strangers.merges(eva, fay).await;
    assert_eq!(code(people.split(ada, foreign).await), "not_found");
    for (email, role) in [("v@example.org", Role::Viewer), ("p@example.org", Role::Privacy)] {
        let (_, scope) = house.member(&people.scope, email, role).await;
        assert_eq!(code(house.vault.write(&scope, move |tx| merge(tx, ada, cem)).await), "forbidden");
        assert_eq!(code(house.vault.write(&scope, move |tx| split(tx, ada, id)).await), "forbidden");
    }
    assert_eq!(people.family(ada).await, [ada, bob]);
    assert_eq!(strangers.family(eva).await, [eva, fay]);
}

#[tokio::test]
async fn a_person_is_no_crowd() {
    let house = House::open();
    let people = People::of(&house).await;
    let [ada] = people.some(["ada"]).await;
    let anybody = |tx: &Tx<'_>| contacts::create(tx, &Profile::default());
    for _ in 1..FAMILY_MAX {
        let one = house.does(&people.scope, anybody).await;
        people.merges(ada, one).await;
    }
    let one = house.does(&people.scope, anybody).await;
    assert_eq!(code(people.merge(ada, one).await), "family_full");
    assert_eq!(code(people.merge(one, ada).await), "family_full");
}

#[tokio::test]
async fn nobody_is_merged_with_who_was_erased() {
    on_both(async |house| {
        let people = People::of(house).await;
        let [ada, bob, cem] = people.some(["ada", "bob", "cem"]).await;
        people.erase(ada).await.unwrap();
        assert_eq!(code(people.merge(ada, bob).await), "not_found");
        assert_eq!(code(people.merge(bob, ada).await), "not_found");
        let id = people.merges(bob, cem).await;
        let erasure = people.erase(cem).await.unwrap();
        assert_eq!(people.erase(bob).await.unwrap(), erasure, "one person, one erasure");
        assert_eq!(code(people.split(bob, id).await), "not_found");
        for gone in [bob, cem] {
            assert_eq!(code(people.view(gone).await), "not_found");
        }
        assert_eq!(code(house.vault.read(&people.scope, move |tx| view(tx, id)).await), "not_found");
    })
    .await;
}

/// Merges, splits and erasures at once leave one of the orders in which they could have come.
#[tokio::test]
async fn at_once_is_one_after_the_other() {
    on_both(async |house| {
        let people = People::of(house).await;
        for _ in 0..8 {
            let [ada, bob, cem] = people.some(["ada", "bob", "cem"]).await;
            let (one, other, round, erasure) =
                tokio::join!(people.merge(ada, bob), people.merge(cem, bob), people.merge(bob, ada), people.erase(bob));
            erasure.unwrap();
            for result in [one, other, round] {
                let answer = code(result);
                let known = ["no error", "same_contact", "merged_elsewhere", "not_found"];
                assert!(known.contains(&answer), "{answer}");
            }
            // Whoever was one with who was erased is erased, and nobody else is.
            for contact in [ada, bob, cem] {
                let standing = house.sees(&people.scope, move |tx| standing(tx, contact)).await;
                let with_bob = people.family(contact).await.contains(&bob);
                assert_eq!(people.view(standing).await.is_err(), with_bob);
                assert_eq!(people.view(contact).await.is_err(), with_bob);
            }
        }
    })
    .await;
}
