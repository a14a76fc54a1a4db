//! A code proves that an address is somebody's: the right one, in time, and not guessed.

use super::*;
use crate::requests::{self, Outcome, status};
use crate::testing::house::{House, code as refusal, on_both};
use crate::{ConversationId, Scope, erase};

fn asked(address: &str) -> NewClaim {
    NewClaim {
        kind: Kind::Erasure,
        address: Personal::new(address.to_owned()),
        words: Some(Personal::new("Forget me, Anna Lindqvist".into())),
        language: "it",
    }
}

async fn made(house: &House, scope: &Scope, address: &'static str) -> Made {
    house.does(scope, move |tx| make(tx, &asked(address))).await
}

async fn proven(house: &House, scope: &Scope, made: &Made, told: &str) -> Proven {
    let (secret, told) = (made.secret.reveal().clone(), told.to_owned());
    house.does(scope, move |tx| prove(tx, &secret, &told)).await
}

/// A contact with a code that was sent to them.
async fn coded(house: &House, scope: &Scope) -> (Made, ContactId, ChannelId, String) {
    let channel = house.channel(scope, "pigeon").await;
    let (contact, _): (_, ConversationId) = house.contact(scope, channel, "+39021234567").await;
    let made = made(house, scope, "+39021234567").await;
    let id = made.id;
    let code = house.does(scope, move |tx| code(tx, id, contact, channel)).await.into_revealed();
    (made, contact, channel, code)
}

/// A code that is not this one.
fn other(code: &str) -> String {
    code.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect()
}

#[tokio::test]
async fn the_right_code_records_the_request_of_whom_it_was_sent_to() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (made, contact, channel, code) = coded(house, &scope).await;
        assert!(code.len() == 8 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        assert_eq!(proven(house, &scope, &made, &other(&code)).await, Proven::Wrong);
        let spaced = format!(" {} {} ", &code[..4], &code[4..]);
        let Proven::Right { request, contact: whose, channel: by } = proven(house, &scope, &made, &spaced).await else {
            panic!("the code is right");
        };
        assert_eq!((whose, by), (contact, channel));
        let seen = house.sees(&scope, move |tx| requests::view(tx, request)).await;
        assert_eq!((seen.kind, seen.came_by, seen.contact), (Kind::Erasure, CameBy::Page, Some(contact)));
        assert_eq!(seen.verified.map(|(_, proof)| proof), Some(Proof::Code));
        assert_eq!(seen.words.unwrap().reveal(), "Forget me, Anna Lindqvist");
        let steps = house.does(&scope, move |tx| requests::steps(tx, request)).await;
        assert_eq!(steps.iter().map(|step| step.kind.as_str()).collect::<Vec<_>>(), ["received", "verified"]);
        let again = proven(house, &scope, &made, &code).await;
        assert!(
            matches!(again, Proven::Right { request: same, .. } if same == request),
            "told twice it is one request"
        );
        let id = made.id;
        assert!(house.sees(&scope, move |tx| waiting(tx, id)).await.is_none(), "nothing is left to be sent");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_guessed_five_times_and_lasts_a_quarter_of_an_hour() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (made, contact, channel, code) = coded(house, &scope).await;
        for _ in 0..4 {
            assert_eq!(proven(house, &scope, &made, &other(&code)).await, Proven::Wrong);
        }
        assert_eq!(proven(house, &scope, &made, &other(&code)).await, Proven::Over);
        assert_eq!(proven(house, &scope, &made, &code).await, Proven::Over, "also the right one");
        let late = self::made(house, &scope, "+39021234567").await;
        let id = late.id;
        let code = house.does(&scope, move |tx| super::code(tx, id, contact, channel)).await.into_revealed();
        house.clock.advance(CODE_MS);
        assert!(house.sees(&scope, move |tx| waiting(tx, id)).await.is_none());
        assert_eq!(proven(house, &scope, &late, &code).await, Proven::Over);
        let open = house.does(&scope, |tx| requests::list(tx, false, None, 9)).await;
        assert!(open.data.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_the_newest_code_of_its_own_claim_counts() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (made, contact, channel, first) = coded(house, &scope).await;
        let (id, second) = (made.id, self::made(house, &scope, "+39021234567").await);
        let newest = house.does(&scope, move |tx| super::code(tx, id, contact, channel)).await.into_revealed();
        assert_ne!(first, newest);
        assert_eq!(proven(house, &scope, &made, &first).await, Proven::Wrong);
        assert_eq!(proven(house, &scope, &second, &newest).await, Proven::Wrong, "another claim has no code yet");
        let elsewhere = house.workspace().await;
        assert_eq!(
            proven(house, &elsewhere, &made, &newest).await,
            Proven::Over,
            "another workspace knows nothing of it"
        );
        assert!(matches!(proven(house, &scope, &made, &newest).await, Proven::Right { .. }));
    })
    .await;
}

#[tokio::test]
async fn an_address_that_nobody_has_is_answered_alike_and_its_request_is_of_nobody() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let unknown = made(house, &scope, "nobody@example.org").await;
        for _ in 0..4 {
            assert_eq!(proven(house, &scope, &unknown, "12345678").await, Proven::Wrong);
        }
        assert_eq!(proven(house, &scope, &unknown, "").await, Proven::Over);
        let hand_in = |secret: String| house.does(&scope, move |tx| without(tx, &secret));
        let request = hand_in(unknown.secret.reveal().clone()).await.expect("it is taken");
        assert_eq!(hand_in(unknown.secret.reveal().clone()).await, Some(request), "handed in twice it is one");
        assert_eq!(hand_in("x".into()).await, None);
        let seen = house.sees(&scope, move |tx| requests::view(tx, request)).await;
        assert!(seen.contact.is_none() && seen.verified.is_none() && seen.came_by == CameBy::Page);
        let steps = house.does(&scope, move |tx| requests::steps(tx, request)).await;
        assert_eq!(steps[1].detail.as_ref().unwrap().reveal(), "nobody@example.org", "members see whom to ask");
        let met = house.vault.write(&scope, move |tx| requests::close(tx, request, Outcome::Met, None)).await;
        assert_eq!(refusal(met), "not_verified");
    })
    .await;
}

#[tokio::test]
async fn whoever_handed_it_in_without_the_code_may_still_tell_it() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (made, contact, _, code) = coded(house, &scope).await;
        let secret = made.secret.reveal().clone();
        let request = house.does(&scope, move |tx| without(tx, &secret)).await.unwrap();
        assert!(
            matches!(proven(house, &scope, &made, &code).await, Proven::Right { request: same, .. } if same == request)
        );
        let seen = house.sees(&scope, move |tx| requests::view(tx, request)).await;
        assert_eq!((seen.contact, seen.verified.map(|(_, proof)| proof)), (Some(contact), Some(Proof::Code)));
    })
    .await;
}

#[tokio::test]
async fn an_address_gets_three_codes_within_an_hour_whoever_it_is() {
    on_both(async |house| {
        let scope = house.workspace().await;
        house.channel(&scope, "pigeon").await;
        for address in ["+39021234567", "nobody@example.org"] {
            for number in 0..10 {
                let made = made(house, &scope, address).await;
                assert_eq!(made.coded, number < 3, "{number}");
            }
            let eleventh = || house.vault.write(&scope, move |tx| make(tx, &asked(address)));
            assert_eq!(refusal(eleventh().await), TOO_MANY);
        }
        made(house, &scope, "somebody@example.org").await;
        house.clock.advance(HOUR_MS);
        assert!(made(house, &scope, "nobody@example.org").await.coded);
        let long = NewClaim { words: Some(Personal::new("x".repeat(10_001))), ..asked("a@example.org") };
        assert_eq!(refusal(house.vault.write(&scope, move |tx| make(tx, &long)).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn who_proves_nothing_does_not_flood_the_register() {
    let house = House::open();
    let scope = house.workspace().await;
    let hand_in = async |number: usize| {
        let new = asked(&format!("p{number}@example.org"));
        let act = move |tx: &Tx<'_>| {
            let made = make(tx, &new)?;
            without(tx, made.secret.reveal())
        };
        house.vault.write(&scope, act).await
    };
    for number in 0..30 {
        hand_in(number).await.unwrap();
    }
    assert_eq!(refusal(hand_in(30).await), TOO_MANY);
    house.clock.advance(HOUR_MS + 1);
    hand_in(31).await.unwrap();
}

#[tokio::test]
async fn erasing_whom_a_code_was_sent_to_ends_the_claim() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (made, contact, _, code) = coded(house, &scope).await;
        house.does(&scope, move |tx| erase::ask(tx, contact).map(drop)).await;
        assert_eq!(proven(house, &scope, &made, &code).await, Proven::Over);
        let secret = made.secret.reveal().clone();
        assert_eq!(house.does(&scope, move |tx| without(tx, &secret)).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_shows_its_request_and_no_other() {
    on_both(async |house| {
        let (scope, elsewhere) = (house.workspace().await, house.workspace().await);
        let made = made(house, &scope, "nobody@example.org").await;
        let secret = made.secret.reveal().clone();
        let request = house.does(&scope, move |tx| without(tx, &secret)).await.unwrap();
        let ticket = house.does(&scope, move |tx| status::ticket(tx, request)).await.into_revealed();
        assert_eq!(ticket.len(), 64);
        let told = async |scope: &Scope, ticket: String| house.does(scope, move |tx| status::told(tx, &ticket)).await;
        let open = told(&scope, ticket.clone()).await.expect("it is ours");
        assert!(open.closed.is_none() && !open.verified && open.kind == Kind::Erasure);
        assert!(told(&elsewhere, ticket.clone()).await.is_none());
        for wrong in ["", "x", &ticket[1..], &"A".repeat(64), &"A".repeat(9_000)] {
            assert!(told(&scope, wrong.to_owned()).await.is_none(), "{wrong}");
        }
        for at in (0..64).step_by(7) {
            let other = if ticket.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut altered = ticket.clone();
            altered.replace_range(at..=at, other);
            assert!(told(&scope, altered).await.is_none(), "{at}");
        }
        let why = Personal::new("It is another Anna's".to_owned());
        house.does(&scope, move |tx| requests::close(tx, request, Outcome::Refused, Some(&why))).await;
        let (_, outcome, reasons) = told(&scope, ticket).await.unwrap().closed.expect("it is closed");
        assert_eq!((outcome, reasons.unwrap().reveal().as_str()), (Outcome::Refused, "It is another Anna's"));
        assert!(house.vault.request_page(scope.workspace()).await.unwrap().is_some());
    })
    .await;
}
