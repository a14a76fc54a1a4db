//! What is asked of a person before anything is sent: in doubt, no.

use super::*;
use crate::consents::{self, NewConsent};
use crate::identities::NewIdentity;
use crate::outbox::{self, Gate, Refusal};
use crate::value::params;
use crate::{ConsentId, identities, suppressions};

fn phone(value: &str) -> NewIdentity {
    NewIdentity { kind: "phone".into(), scope: String::new(), value: Personal::new(value.into()) }
}

impl People<'_> {
    async fn gives(&self, contact: ContactId, purpose: &'static str, channel: &'static str) -> ConsentId {
        self.house.clock.advance(1);
        let give = move |tx: &Tx<'_>| {
            let new = NewConsent {
                contact,
                purpose: purpose.into(),
                channel: channel.into(),
                ground: "consent".into(),
                text_version: "1".into(),
                collected_by: "form".into(),
                text: None,
                evidence: None,
                given_at: tx.now(),
            };
            consents::give(tx, &new)
        };
        self.house.does(&self.scope, give).await
    }

    async fn withdraws(&self, id: ConsentId) {
        self.house.clock.advance(1);
        self.house.does(&self.scope, move |tx| consents::withdraw(tx, id)).await;
    }

    async fn asked(&self, contact: ContactId, gate: Gate) -> Option<Refusal> {
        let channel = self.channel;
        self.house.sees(&self.scope, move |tx| outbox::check(tx, channel, contact, &gate)).await
    }

    async fn asked_for_marketing(&self, contact: ContactId) -> Option<Refusal> {
        self.asked(contact, Gate { purpose: "marketing", ..Gate::reply(None) }).await
    }
}

#[tokio::test]
async fn who_refuses_is_not_written_to_as_anybody_else_either() {
    on_both(async |house| {
        let people = People::of(house).await;
        let elsewhere = house.channel(&people.scope, "telegram").await;
        let [ada, bob] = people.some(["+491", "+492"]).await;
        let (scope, channel) = (&people.scope, people.channel);
        house.does(scope, move |tx| suppressions::set(tx, channel, &[phone("+492")], false, "contact")).await;
        assert_eq!(people.asked(ada, Gate::reply(None)).await, None);
        let id = people.merges(ada, bob).await;
        for named in [ada, bob] {
            assert_eq!(people.asked(named, Gate::reply(None)).await, Some(Refusal::OptedOut));
            assert!(!house.sees(scope, move |tx| suppressions::stands(tx, elsewhere, named)).await, "there alone");
        }
        people.split(ada, id).await.unwrap();
        assert_eq!(people.asked(ada, Gate::reply(None)).await, None, "the refusal is theirs who refused");
        assert_eq!(people.asked(bob, Gate::reply(None)).await, Some(Refusal::OptedOut));
    })
    .await;
}

#[tokio::test]
async fn a_consent_is_the_persons_for_what_it_was_given_for() {
    on_both(async |house| {
        let people = People::of(house).await;
        let [ada, bob] = people.some(["ada", "bob"]).await;
        people.gives(bob, "surveys", "telegram").await;
        people.gives(bob, "marketing", "web").await;
        let id = people.merges(ada, bob).await;
        assert_eq!(people.asked_for_marketing(ada).await, Some(Refusal::NoConsent), "another purpose, another channel");
        people.gives(bob, "marketing", "telegram").await;
        assert_eq!(people.asked_for_marketing(ada).await, None);
        let shown = house.sees(&people.scope, move |tx| consents::of(tx, ada)).await;
        assert_eq!(shown.len(), 3);
        assert!(shown.iter().all(|consent| consent.contact == ada) && shown[0].purpose == "marketing");
        people.split(ada, id).await.unwrap();
        assert_eq!(people.asked_for_marketing(ada).await, Some(Refusal::NoConsent));
        assert_eq!(people.asked_for_marketing(bob).await, None);
        assert!(house.sees(&people.scope, move |tx| consents::of(tx, ada)).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_later_no_overrules_the_earlier_yes_of_the_same_person() {
    let house = House::open();
    let people = People::of(&house).await;
    let [ada, bob] = people.some(["ada", "bob"]).await;
    people.gives(ada, "marketing", "telegram").await;
    let withdrawn = people.gives(bob, "marketing", "any").await;
    people.withdraws(withdrawn).await;
    assert_eq!(people.asked_for_marketing(ada).await, None);
    let id = people.merges(ada, bob).await;
    assert_eq!(people.asked_for_marketing(ada).await, Some(Refusal::NoConsent));
    people.split(ada, id).await.unwrap();
    assert_eq!(people.asked_for_marketing(ada).await, None, "hers was never withdrawn");
    people.merges(ada, bob).await;
    people.gives(ada, "marketing", "telegram").await;
    assert_eq!(people.asked_for_marketing(bob).await, None, "given anew");
}

#[tokio::test]
async fn automation_stops_for_the_whole_person() {
    on_both(async |house| {
        let people = People::of(house).await;
        let [ada, bob] = people.some(["ada", "bob"]).await;
        let restrict = move |tx: &Tx<'_>| {
            let now = tx.now();
            tx.run(
                sql!("UPDATE contacts SET restricted_at = $3 WHERE workspace_id = $1 AND id = $2"),
                params![bob, now],
            )
        };
        house.does(&people.scope, restrict).await;
        let automatic = || Gate { automatic: true, ..Gate::reply(None) };
        assert_eq!(people.asked(ada, automatic()).await, None);
        let id = people.merges(ada, bob).await;
        assert_eq!(people.asked(ada, automatic()).await, Some(Refusal::Restricted));
        assert_eq!(people.asked(ada, Gate::reply(None)).await, None, "a member's own reply may go");
        assert!(people.view(ada).await.unwrap().limits.restriction.is_some());
        people.split(ada, id).await.unwrap();
        assert_eq!(people.asked(ada, automatic()).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_person_is_written_to_where_one_of_them_is_known() {
    on_both(async |house| {
        let people = People::of(house).await;
        let (same_kind, other) =
            (house.channel(&people.scope, "telegram").await, house.channel(&people.scope, "web").await);
        let (ada, bob) = (people.meet("ada").await.0, people.meet("bob").await);
        let (cem, with_cem) = house.contact(&people.scope, other, "cem").await;
        people.merges(cem, ada).await;
        people.merges(cem, bob.0).await;
        let reached = |channel| house.sees(&people.scope, move |tx| reached_on(tx, channel, bob.0));
        assert_eq!(reached(other).await, cem);
        assert_eq!(reached(people.channel).await, bob.0, "the one met last");
        let seen = move |tx: &Tx<'_>| identities::add(tx, ada, same_kind, &phone("+49"));
        house.does(&people.scope, seen).await;
        assert_eq!(reached(same_kind).await, ada, "there before elsewhere");
        let third = house.channel(&people.scope, "api").await;
        assert_eq!(reached(third).await, cem, "who is known nowhere is written to as who stays");
        let latest = |channel| house.sees(&people.scope, move |tx| conversations::latest_of_family(tx, channel, ada));
        assert_eq!(latest(other).await, Some(with_cem));
        assert_eq!(latest(people.channel).await, Some(bob.1));
        assert_eq!(latest(third).await, None);
    })
    .await;
}
