//! Canned replies: found by their shortcut, and free of variables that nobody fills in.

use super::*;
use crate::Role;
use crate::testing::house::{code, on_both};

fn new(shortcut: &str, text: &str) -> NewCannedReply {
    NewCannedReply { shortcut: Personal::new(shortcut.into()), text: Personal::new(text.into()), team: None }
}

#[tokio::test]
async fn a_reply_is_kept_changed_and_deleted() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, agent) = house.member(&operator, "ada@example.org", Role::Agent).await;
        let (_, viewer) = house.member(&operator, "vera@example.org", Role::Viewer).await;
        let team = house.does(&operator, |tx| teams::create(tx, &Personal::new("Sales".into()), &[])).await;
        let hello = NewCannedReply { team: Some(team), ..new("/Hello", "Hi {{ contact.first_name }}!") };
        let id = house.does(&agent, move |tx| create(tx, &hello)).await;
        house.does(&agent, |tx| create(tx, &new("bye", "Bye"))).await;
        let listed = house.sees(&viewer, list).await;
        let shown: Vec<_> = listed.iter().map(|reply| (reply.shortcut.reveal().as_str(), reply.team)).collect();
        assert_eq!(shown, [("bye", None), ("Hello", Some(team))]);
        assert_eq!(code(house.vault.write(&agent, |tx| create(tx, &new("HELLO", "x"))).await), "shortcut_taken");
        let change = CannedReplyChange { shortcut: Some(Personal::new("hello".into())), team: Some(None), text: None };
        house.does(&agent, move |tx| update(tx, id, &change)).await;
        let seen = house.sees(&agent, move |tx| view(tx, id)).await;
        assert_eq!((seen.shortcut.reveal().as_str(), seen.team), ("hello", None));
        assert_eq!(seen.text.reveal(), "Hi {{ contact.first_name }}!");
        assert_eq!(code(house.vault.write(&viewer, move |tx| remove(tx, id)).await), "forbidden");
        let elsewhere = house.workspace().await;
        assert_eq!(code(house.vault.write(&elsewhere, move |tx| remove(tx, id)).await), "not_found");
        let theirs = NewCannedReply { team: Some(team), ..new("x", "y") };
        assert_eq!(code(house.vault.write(&elsewhere, move |tx| create(tx, &theirs)).await), "not_found");
        house.does(&agent, move |tx| remove(tx, id)).await;
        assert_eq!(house.sees(&agent, list).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_called_up_or_sent_is_refused() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let long = "x".repeat(LONGEST_TEXT + 1);
        let wrong = [("", "x"), ("/", "x"), ("two words", "x"), ("a", " "), ("a", "{{contact.nam}}"), ("a", &long)];
        for (shortcut, text) in wrong {
            let wrong = new(shortcut, text);
            assert_eq!(code(house.vault.write(&operator, move |tx| create(tx, &wrong)).await), "invalid", "{shortcut}");
        }
        assert!(house.sees(&operator, list).await.is_empty());
    })
    .await;
}

#[test]
fn variables_are_told_from_other_braces() {
    for right in ["", "{{member.name}} {{ workspace.name }}", "{single}", "a {{ that is never closed", "}} {{"] {
        assert!(!unknown_variable(right), "{right}");
    }
    for wrong in ["{{}}", "{{contact}}", "{{member.name}} {{x}}", "{{Member.name}}"] {
        assert!(unknown_variable(wrong), "{wrong}");
    }
}
