//! Who refuses messages is not written to on that channel, by whichever identity.

use super::*;
use crate::Personal;
use crate::keys::Deed;
use crate::testing::house::{House, on_both};
use crate::{Scope, erase};

fn phone(value: &str) -> NewIdentity {
    NewIdentity { kind: "phone".into(), scope: String::new(), value: Personal::new(value.into()) }
}

async fn answers(house: &House, scope: &Scope, channel: ChannelId, accepts: bool) {
    house.does(scope, move |tx| set(tx, channel, &[phone("+491")], accepts, "contact")).await;
}

#[tokio::test]
async fn a_refusal_holds_on_its_channel_until_it_is_lifted() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "telegram").await);
        let (contact, _) = house.contact(&scope, one, "+491").await;
        let (other, _) = house.contact(&scope, one, "+492").await;
        let stands_on = |channel, contact| house.sees(&scope, move |tx| stands(tx, channel, contact));
        assert!(!stands_on(one, contact).await);
        answers(house, &scope, one, false).await;
        assert!(stands_on(one, contact).await);
        assert!(!stands_on(two, contact).await && !stands_on(one, other).await);
        answers(house, &scope, one, true).await;
        assert!(!stands_on(one, contact).await);
    })
    .await;
}

#[tokio::test]
async fn what_was_lifted_is_kept_while_an_older_word_may_come_and_no_longer() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, _) = house.contact(&scope, channel, "+491").await;
        let begin = house.clock_now();
        let sweeps = || house.does(&scope, |tx| sweep(tx, 10));
        let refuses = |at| house.does(&scope, move |tx| told(tx, channel, &[phone("+491")], (false, "contact"), at));
        answers(house, &scope, channel, false).await;
        house.clock.advance(LIFTED_KEPT_MS + 10_000);
        assert_eq!(sweeps().await, 0, "a refusal stands for ever");
        answers(house, &scope, channel, true).await;
        house.clock.advance(LIFTED_KEPT_MS);
        assert_eq!(sweeps().await, 0);
        assert!(!refuses(begin + 5_000).await, "it is older than the word that lifted it");
        house.clock.advance(1_000);
        assert_eq!((sweeps().await, sweeps().await), (1, 0));
        assert!(!house.sees(&scope, move |tx| stands(tx, channel, contact)).await);
        assert!(refuses(house.clock_now()).await);
        assert!(house.sees(&scope, move |tx| stands(tx, channel, contact)).await);
    })
    .await;
}

#[tokio::test]
async fn who_refused_before_being_known_is_known_to_have_refused() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    answers(&house, &scope, channel, false).await;
    let (contact, _) = house.contact(&scope, channel, "+491").await;
    assert!(house.sees(&scope, move |tx| stands(tx, channel, contact)).await);
    house.does(&scope, move |tx| erase::begin(tx, contact)).await;
    let (again, _) = house.contact(&scope, channel, "+491").await;
    assert!(house.sees(&scope, move |tx| stands(tx, channel, again)).await, "also after an erasure");
}

#[tokio::test]
async fn custody_hears_of_each_change_once() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    for accepts in [true, false, false, true, true, false] {
        answers(&house, &scope, channel, accepts).await;
    }
    let ledger = house.vault.keys().ledger(scope.workspace(), 0, 9).unwrap();
    let deeds: Vec<_> = ledger.into_iter().map(|(_, line)| line.deed).collect();
    assert_eq!(deeds, [Deed::Suppressed, Deed::Unsuppressed, Deed::Suppressed]);
}

#[tokio::test]
async fn what_came_after_an_erasure_is_kept_though_the_clock_was_set_back() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, _) = house.contact(&scope, channel, "t").await;
        let hook = house.vault.admit_hook(channel).await.unwrap().unwrap().scope;
        house.vault.receive(&hook, b"before".to_vec()).await.unwrap();
        house.does(&scope, move |tx| crate::erase::begin(tx, contact)).await;
        house.clock.advance(-60_000);
        house.vault.receive(&hook, b"after".to_vec()).await.unwrap();
        let waiting = house.sees(&hook, move |tx| crate::inbox::waiting(tx, channel, 10)).await;
        let mut erased = Vec::new();
        for request in waiting.requests {
            let known = move |tx: &Tx<'_>| {
                let value = crate::Personal::new("t".to_owned());
                erased_since(tx, &NewIdentity { kind: "phone".into(), scope: String::new(), value }, request.received)
            };
            erased.push(house.sees(&scope, known).await);
        }
        assert_eq!(erased, [true, false]);
    })
    .await;
}

#[tokio::test]
async fn an_older_word_that_comes_late_changes_nothing() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, _) = house.contact(&scope, channel, "+491").await;
        let begin = house.clock_now() / 1_000 * 1_000;
        house.clock.advance(60_000);
        let both = async |accepts: bool, at: Millis| {
            house
                .does(&scope, move |tx| {
                    let (whose, word) = ([phone("+491")], (accepts, "contact"));
                    Ok((told(tx, channel, &whose, word, at)?, told_for(tx, (channel, "marketing"), &whose, word, at)?))
                })
                .await
        };
        let stand = async || {
            house
                .sees(&scope, move |tx| {
                    Ok((stands(tx, channel, contact)?, stands_for(tx, channel, contact, "marketing")?))
                })
                .await
        };
        // A START that comes before the STOP that it was said after, and one that was said before it.
        assert_eq!(both(true, begin + 20_000).await, (true, true));
        assert_eq!(both(false, begin + 10_000).await, (false, false));
        assert_eq!(stand().await, (false, false), "the later word was START");
        assert_eq!(both(false, begin + 30_000).await, (true, true));
        assert_eq!(both(true, begin + 20_000).await, (false, false));
        assert_eq!(stand().await, (true, true), "the later word was STOP");
        assert_eq!(both(true, begin + 30_999).await, (true, true), "within a second the later to come counts");
        assert_eq!(stand().await, (false, false));
        assert_eq!(both(false, begin + 900_000).await, (true, true), "a clock that is ahead");
        assert_eq!(both(true, begin + 60_000).await, (true, true), "does not keep out what is said afterwards");
        assert_eq!(stand().await, (false, false));
    })
    .await;
}
