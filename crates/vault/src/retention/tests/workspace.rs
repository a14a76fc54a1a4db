//! A workspace ends: after its countdown, once it was exported, and so that nothing is left but what outlives it (D-3).

use super::plan::outlives;
use super::*;
use crate::ending::{self, Order};
use crate::erase::{self, Progress, RemoteState};
use crate::holds::{self, NewHold, Subject};
use crate::map::MAP;
use crate::rotation::tests::furnished;
use crate::statement::Reach;
use crate::{ErasureId, contacts, members};

const DAYS: i64 = 30;
/// Tables that have rows after the end although they do not outlive it: work that passes, each in its own way.
const PASSES: [&str; 8] = [
    "facts",
    "jobs",
    "index_pending",
    "index_folders",
    "index_repairs",
    "channel_directory",
    "spent_challenges",
    "polls",
];

fn order(without_export: bool) -> Order {
    Order { name: Personal::new("Bäckerei Nord".into()), days: DAYS, without_export }
}

async fn is_to_end(house: &House, scope: &Scope, without_export: bool) {
    house.does(scope, move |tx| ending::order(tx, &order(without_export))).await;
}

async fn goes_on(house: &House, scope: &Scope) -> WorkspaceEnd {
    let mut end = EndOfWorkspace::default();
    loop {
        let now = house.vault.carry_on_workspace_end(&platform(scope), &mut end).await.unwrap();
        if now != WorkspaceEnd::More {
            return now;
        }
    }
}

/// The end, with the erasures that it waits for.
async fn ends(house: &House, scope: &Scope) -> WorkspaceEnd {
    let mut now = goes_on(house, scope).await;
    while matches!(now, WorkspaceEnd::Waits(until) if until <= house.clock_now() + 60_000) {
        erases(house, scope).await;
        now = goes_on(house, scope).await;
    }
    now
}

async fn erases(house: &House, scope: &Scope) {
    let all = |tx: &Tx<'_>| {
        tx.all(sql!("SELECT id FROM erasures WHERE workspace_id = $1 AND state <> 'done'"), params![], |row| {
            row.get::<ErasureId>(0)
        })
    };
    for id in house.sees(scope, all).await {
        let forgotten = move |tx: &Tx<'_>| {
            let contacts = sql!("SELECT contact_id FROM erasures WHERE workspace_id = $1 AND id = $2");
            let contacts = tx.all(contacts, params![id], |row| row.get::<ContactId>(0))?;
            contacts.into_iter().try_for_each(|contact| crate::indexing::forgotten(tx, contact))
        };
        house.vault.write(scope, forgotten).await.unwrap();
        while house.vault.carry_on_erasure(&platform(scope), id).await.unwrap() != Progress::Removed {}
        let remote = move |tx: &Tx<'_>| {
            let mut channels: Vec<_> = erase::traces(tx, id)?.into_iter().map(|trace| trace.channel).collect();
            channels.sort_unstable();
            channels.dedup();
            channels.into_iter().try_for_each(|channel| erase::remote_done(tx, id, channel, RemoteState::Kept, None))
        };
        house.vault.write(scope, remote).await.unwrap();
    }
}

/// How many rows each table has.
async fn rows(house: &House, scope: &Scope) -> Vec<(&'static str, i64)> {
    let mut all = Vec::new();
    for table in MAP.iter().filter(|table| table.reach == Reach::Workspace || PASSES.contains(&table.name)) {
        let text = format!("SELECT COUNT(*) FROM {} WHERE workspace_id = $1", table.name);
        let statement: &'static Statement =
            Box::leak(Box::new(Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())));
        all.push((table.name, counted(house, scope, statement).await));
    }
    all
}

#[tokio::test]
async fn nothing_is_left_but_what_outlives_it() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        furnished::furnish(&house.vault, &scope).await;
        let neighbour = house.channel(&other, "telegram").await;
        house.contact(&other, neighbour, "Bea").await;
        let beside = rows(house, &other).await;
        let before = rows(house, &scope).await;
        is_to_end(house, &scope, true).await;
        days_later(house, DAYS - 1).await;
        assert!(matches!(goes_on(house, &scope).await, WorkspaceEnd::Waits(_)), "not before");
        days_later(house, 1).await;
        assert_eq!(ends(house, &scope).await, WorkspaceEnd::Gone);
        for (name, left) in rows(house, &scope).await {
            let table = MAP.iter().find(|table| table.name == name).unwrap();
            // The end itself is the one entry that still has its words.
            let may = outlives(table) || PASSES.contains(&name) || (name == "audit" && left > 0);
            assert!(may || left == 0, "{name} has {left} rows");
        }
        let had = |rows: &[(&str, i64)], name: &str| rows.iter().find(|(known, _)| *known == name).unwrap().1;
        let after = rows(house, &scope).await;
        for proof in ["consents", "consent_withdrawals", "members", "teams", "suppressions"] {
            assert!(had(&after, proof) >= had(&before, proof) && had(&after, proof) > 0, "{proof}");
        }
        let worded = sql!(
            "SELECT COUNT(*) FROM audit a JOIN workspaces w ON w.id = a.workspace_id WHERE a.workspace_id = $1 \
             AND a.salt IS NOT NULL AND a.at < w.ending_begun_at"
        );
        assert_eq!(counted(house, &scope, worded).await, 0, "only what was said at the end itself has words");
        assert_eq!(rows(house, &other).await, beside, "of another workspace nothing");
        assert_eq!(goes_on(house, &scope).await, WorkspaceEnd::Called, "once");
    })
    .await;
}

#[tokio::test]
async fn it_is_exported_first_unless_nobody_wants_that() {
    on_both(async |house| {
        let talk = talk(house).await;
        let contact = talk.contact;
        house.does(&talk.scope, ending::note_exported).await;
        house.clock.advance(1);
        is_to_end(house, &talk.scope, false).await;
        days_later(house, DAYS + 20).await;
        assert!(matches!(goes_on(house, &talk.scope).await, WorkspaceEnd::Waits(_)), "an older export does not count");
        assert!(house.vault.read(&talk.scope, move |tx| contacts::view(tx, contact)).await.is_ok());
        house.does(&talk.scope, ending::note_exported).await;
        assert_eq!(ends(house, &talk.scope).await, WorkspaceEnd::Gone);
        assert_eq!(code(house.vault.read(&talk.scope, move |tx| contacts::view(tx, contact)).await), "not_found");
    })
    .await;
}

#[tokio::test]
async fn it_is_taken_back_until_it_begins() {
    on_both(async |house| {
        let talk = talk(house).await;
        assert_eq!(code(house.vault.write(&talk.scope, ending::cancel).await), "workspace_not_ending");
        is_to_end(house, &talk.scope, true).await;
        let twice = house.vault.write(&talk.scope, |tx| ending::order(tx, &order(true))).await;
        assert_eq!(code(twice), "workspace_ending");
        days_later(house, DAYS - 1).await;
        house.does(&talk.scope, ending::cancel).await;
        days_later(house, 10).await;
        assert_eq!(goes_on(house, &talk.scope).await, WorkspaceEnd::Called);
        is_to_end(house, &talk.scope, true).await;
        days_later(house, DAYS).await;
        let mut end = EndOfWorkspace::default();
        house.vault.carry_on_workspace_end(&platform(&talk.scope), &mut end).await.unwrap();
        assert_eq!(code(house.vault.write(&talk.scope, ending::cancel).await), "workspace_ended");
    })
    .await;
}

#[tokio::test]
async fn owners_alone_order_it_and_of_this_workspace_and_no_other() {
    let house = House::open();
    let scope = house.workspace().await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
        let address: &'static str = Box::leak(format!("{}@example.org", role.as_str()).into_boxed_str());
        let (_, member) = house.member(&scope, address, role).await;
        assert_eq!(code(house.vault.write(&member, |tx| ending::order(tx, &order(true))).await), "forbidden");
    }
    for wrong in [
        Order { name: Personal::new("Bäckerei Süd".into()), ..order(true) },
        Order { days: 6, ..order(true) },
        Order { days: 91, ..order(true) },
    ] {
        assert_eq!(code(house.vault.write(&scope, move |tx| ending::order(tx, &wrong)).await), "invalid");
    }
    assert_eq!(house.sees(&scope, ending::view).await, None);
}

#[tokio::test]
async fn what_a_hold_covers_keeps_it_waiting() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.says(house, "Evidence").await;
        let (on, reason) = (Subject::Contact(talk.contact), Personal::new("Case 7".to_owned()));
        let hold =
            house.does(&talk.scope, move |tx| holds::set(tx, &NewHold { on, reason: reason.clone(), ends_at: None })).await;
        is_to_end(house, &talk.scope, true).await;
        days_later(house, DAYS).await;
        assert!(matches!(ends(house, &talk.scope).await, WorkspaceEnd::Waits(until) if until > house.clock_now() + DAY_MS / 2));
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 1);
        house.does(&talk.scope, move |tx| holds::lift(tx, hold)).await;
        assert_eq!(ends(house, &talk.scope).await, WorkspaceEnd::Gone);
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn no_jump_of_the_clock_ends_it() {
    let house = House::open();
    let talk = talk(&house).await;
    house.vault.note_time().await.unwrap();
    is_to_end(&house, &talk.scope, true).await;
    house.clock.advance(DAYS * DAY_MS);
    assert!(matches!(goes_on(&house, &talk.scope).await, WorkspaceEnd::Waits(_)));
    assert_eq!(counted(&house, &talk.scope, rows_of!("contacts")).await, 1);
}

#[tokio::test]
async fn a_restored_workspace_ends_again() {
    on_both(async |house| {
        let talk = talk(house).await;
        is_to_end(house, &talk.scope, true).await;
        days_later(house, DAYS).await;
        assert_eq!(ends(house, &talk.scope).await, WorkspaceEnd::Gone);
        // What a restore brings back: a workspace that goes on, and what was arranged in it.
        let back = |tx: &Tx<'_>| {
            tx.run(sql!("UPDATE workspaces SET ending_ordered_at = NULL, ends_at = NULL, ending_begun_at = NULL, ended_at = NULL WHERE id = $1"), params![])
        };
        house.vault.write(&talk.scope, back).await.unwrap();
        let channel = house.channel(&talk.scope, "telegram").await;
        house.contact(&talk.scope, channel, "Anna").await;
        house.vault.reapply_ledger(&talk.scope).await.unwrap();
        assert_eq!(ends(house, &talk.scope).await, WorkspaceEnd::Gone);
        assert_eq!(counted(house, &talk.scope, rows_of!("channels")).await, 0);
        assert_eq!(counted(house, &talk.scope, rows_of!("identities")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_signs_in_any_more_and_the_account_goes_two_years_later() {
    on_both(async |house| {
        let talk = talk(house).await;
        let (member, _) = house.member(&talk.scope, "anna@example.org", Role::Owner).await;
        let set = Personal::new("$argon2id$x".to_owned());
        house.does(&talk.scope, move |tx| members::set_password(tx, member, &set)).await;
        let candidate = house.vault.login_candidates("anna@example.org").await.unwrap().remove(0);
        house.vault.open_session(&candidate).await.unwrap();
        is_to_end(house, &talk.scope, true).await;
        days_later(house, DAYS).await;
        assert_eq!(ends(house, &talk.scope).await, WorkspaceEnd::Gone);
        assert_eq!(code(house.vault.open_session(&candidate).await), "workspace_ended");
        days_later(house, 2 * 365 - 1).await;
        talk.sweep(house).await;
        assert_eq!(counted(house, &talk.scope, rows_of!("members")).await, 1);
        days_later(house, 1).await;
        talk.sweep(house).await;
        assert_eq!(counted(house, &talk.scope, rows_of!("members")).await, 0);
        assert!(house.vault.login_candidates("anna@example.org").await.unwrap().is_empty());
    })
    .await;
}
