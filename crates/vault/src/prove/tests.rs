//! An installation that is whole keeps its promises; each that is broken on purpose is found broken, on both engines.

mod breaking;
mod people;

use super::*;
use crate::testing::house::{House, on_both};

fn around() -> Surroundings {
    Surroundings { public_url: Some("https://chat.example.org".into()), opened_addresses: 0, mailboxes: Vec::new() }
}

async fn outcome(house: &House, id: &str) -> Outcome {
    let asked = Asked { promise: Some(id.into()), workspace: None };
    let mut proofs = house.vault.prove(&asked, &around()).await.unwrap();
    assert_eq!((proofs.len(), proofs[0].id), (1, id));
    proofs.remove(0).outcome
}

fn broken(proofs: &[Proof]) -> Vec<(&str, &Outcome)> {
    let broken = proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Broken { .. }));
    broken.map(|proof| (proof.id, &proof.outcome)).collect()
}

#[tokio::test]
async fn an_untouched_installation_breaks_nothing() {
    on_both(async |house| {
        people::settle(house).await;
        let proofs = house.vault.prove(&Asked::default(), &around()).await.unwrap();
        assert_eq!(proofs.len(), 123);
        assert_eq!(broken(&proofs), []);
        for id in ["R-3", "D-1", "D-4", "X-1", "X-3", "X-5", "X-6", "IN-1", "G-5", "CH-5", "R-21"] {
            let proof = proofs.iter().find(|proof| proof.id == id).unwrap();
            assert!(matches!(proof.outcome, Outcome::Kept { .. }), "{id}: {:?}", proof.outcome);
        }
        for id in ["AI-1", "V-2", "TK-1", "CH-6"] {
            assert_eq!(outcome(house, id).await, Outcome::NotApplicable, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_what_is_not_there_is_told() {
    let house = House::open();
    let asked = Asked { promise: Some("Q-1".into()), workspace: None };
    assert!(matches!(house.vault.prove(&asked, &around()).await, Err(Error::NotFound("promise"))));
}

#[tokio::test]
async fn evidence_holds_until_a_letter_of_it_is_another() {
    on_both(async |house| {
        people::settle(house).await;
        let document = house.vault.evidence(&Asked::default(), &around(), "1.2.3").await.unwrap();
        let key = house.vault.evidence_verifier().await.unwrap();
        let verified = evidence::verify(&document, Some(&key)).unwrap();
        assert!(verified.key_was_given && !evidence::is_broken(&verified.evidence));
        assert!(verified.evidence["workspaces"][0]["checkpoint"].as_str().unwrap().starts_with("parloir/audit/wsp_"));
        assert!(!evidence::verify(&document, None).unwrap().key_was_given);
        for (pointer, value) in [
            ("/evidence/totals/broken", 1.into()),
            ("/evidence/at", 5.into()),
            ("/evidence/promises/0/outcome", "broken".into()),
            ("/evidence/version", "1.2.4".into()),
        ] {
            let mut forged = document.clone();
            *forged.pointer_mut(pointer).unwrap() = value;
            assert!(evidence::verify(&forged, Some(&key)).is_err(), "{pointer}");
            assert!(evidence::verify(&forged, None).is_err(), "{pointer}");
        }
        let text = document.to_string();
        assert!(!text.contains("Anna") && !text.contains("canary"), "nothing of people is in it");
    })
    .await;
}

#[tokio::test]
async fn evidence_of_another_installation_is_not_ours() {
    let house = House::open();
    let document = house.vault.evidence(&Asked::default(), &around(), "1").await.unwrap();
    let other = evidence::verify(&document, None).unwrap().key;
    let stranger =
        crate::audit::note::VerifierKey::new(other.name(), crate::audit::note::Signs::Notes, [9; 32]).unwrap();
    assert!(evidence::verify(&document, Some(&stranger)).is_err());
}
