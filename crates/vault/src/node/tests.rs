//! What a process held when it died is free for its next start, and for nobody else's.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::channels::{self, ChannelState, NewChannel};
use crate::jobs::{self, JobKind};
use crate::outbox::{self, Act, Gate, NewOutbox, Passed, Verdict};
use crate::testing::house::BEGIN;
use crate::testing::postgres::TestDatabase;
use crate::testing::{SeededChance, StillClock};
use crate::{
    ChannelId, FileRootKey, Millis, Opening, Personal, ROOT_KEY_FILE, Result, Scope, contacts, conversations, messages,
};

const LEASE: Millis = 600_000;

/// A start of the program over a folder.
fn start(folder: &Path, database: Option<&TestDatabase>, seed: u64) -> Vault {
    let chance = Arc::new(SeededChance::new(seed));
    Vault::open(Opening {
        data: Some(folder.to_owned()),
        database: database.map(|database| database.url.clone()),
        custody: None,
        blobs: None,
        root: Box::new(FileRootKey::open_or_create(&folder.join(ROOT_KEY_FILE), &*chance).unwrap()),
        clock: Arc::new(StillClock::at(BEGIN)),
        chance,
        sessions: crate::sign_in::SessionTerms::default(),
        inline: false,
    })
    .unwrap()
}

/// A channel with a request to be applied, a reply to be sent and a job to be done.
async fn busy_channel(vault: &Vault) -> (Scope, ChannelId) {
    let id = vault.create_workspace("eu", Personal::new("Bäckerei Nord".into())).await.unwrap();
    let scope = vault.operator_scope(id).await.unwrap();
    let make = |tx: &Tx<'_>| -> Result<_> {
        let (name, settings) = (Personal::new("Support".into()), Personal::default());
        let channel = channels::create(tx, &NewChannel { kind: "api".into(), name, settings, secrets: [].into() })?;
        channels::set_state(tx, channel, ChannelState::Ready, None)?;
        let contact = contacts::create(tx, &contacts::Profile::default())?;
        let conversation = conversations::of_thread(tx, channel, contact, "u-1")?.0.id;
        let new = messages::NewMessage {
            conversation,
            channel,
            contact,
            direction: messages::Direction::Outgoing,
            writer: messages::Writer::System,
            body: Personal::new(messages::Body::default()),
            reply_to: None,
            state: messages::State::Queued,
            written_at: tx.now(),
        };
        let (message, _) = messages::record(tx, &new)?;
        let gate = Passed::unasked(Gate::reply(None));
        outbox::enqueue(
            tx,
            &NewOutbox { channel, conversation, contact, message, act: Act::Message, detail: None, gate },
        )?;
        jobs::enqueue(tx, JobKind::Sweep, "one", tx.now())?;
        Ok(channel)
    };
    let channel = vault.write(&scope, make).await.unwrap();
    let hook = vault.admit_hook(channel).await.unwrap().unwrap();
    vault.receive(&hook.scope, b"{}".to_vec()).await.unwrap();
    (scope, channel)
}

/// Claims whatever is due; how many requests' channels, doubtful sends, other sends, and sweeps it were.
async fn claim_all(vault: &Vault) -> (usize, usize, usize, usize) {
    let channels = vault.claim_inbox(10, LEASE).await.unwrap().len();
    let (mut doubtful, mut fresh) = (0, 0);
    for due in vault.due_outbox(10).await.unwrap() {
        for claimed in vault.claim_outbox(due.workspace, vec![due.id], LEASE).await.unwrap() {
            match claimed.verdict {
                Verdict::Cleared(row) if row.doubtful => doubtful += 1,
                Verdict::Cleared(_) => fresh += 1,
                Verdict::Stopped(..) | Verdict::Waits(..) | Verdict::Unknown(_) | Verdict::Gone => {}
            }
        }
    }
    let jobs = vault.claim_jobs(10, LEASE).await.unwrap();
    (channels, doubtful, fresh, jobs.iter().filter(|job| job.kind == JobKind::Sweep).count())
}

async fn what_a_dead_process_held_is_free_for_its_next_start(database: Option<&TestDatabase>) {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path(), database, 1);
    busy_channel(&first).await;
    assert_eq!(claim_all(&first).await, (1, 0, 1, 1));
    assert_eq!(first.free_stale_leases().await.unwrap(), 0, "what is its own and new is not stale");
    assert_eq!(claim_all(&first).await, (0, 0, 0, 0));
    first.close().await;
    drop(first);

    let second = start(folder.path(), database, 2);
    assert_eq!(claim_all(&second).await, (0, 0, 0, 0), "leases hold until they are found stale");
    assert!(second.free_stale_leases().await.unwrap() >= 3);
    assert_eq!(claim_all(&second).await, (1, 1, 0, 1), "the send is a doubtful one");
    second.close().await;
}

#[tokio::test]
async fn a_dead_process_on_sqlite() {
    what_a_dead_process_held_is_free_for_its_next_start(None).await;
}

#[tokio::test]
async fn a_dead_process_on_postgres() {
    what_a_dead_process_held_is_free_for_its_next_start(Some(&TestDatabase::create())).await;
}

#[tokio::test]
async fn another_process_of_the_same_folder_is_another_node() {
    let database = TestDatabase::create();
    let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = start(folder.path(), Some(&database), 1);
    busy_channel(&first).await;
    assert_eq!(claim_all(&first).await, (1, 0, 1, 1));
    let beside = start(folder.path(), Some(&database), 2);
    assert_eq!(beside.free_stale_leases().await.unwrap(), 0, "the first one lives");
    drop(beside);
    // Custody is in the folder, so a node elsewhere shares its file.
    for file in [crate::CUSTODY_FILE, ROOT_KEY_FILE] {
        std::fs::copy(folder.path().join(file), other_folder.path().join(file)).unwrap();
    }
    let elsewhere = start(other_folder.path(), Some(&database), 3);
    assert_eq!(elsewhere.free_stale_leases().await.unwrap(), 0, "another folder is another node");
    elsewhere.close().await;
    first.close().await;
}

#[test]
fn a_node_keeps_its_id_and_changes_its_mark() {
    let folder = tempfile::tempdir().unwrap();
    let chance = SeededChance::new(4);
    let first = Node::of(folder.path(), &chance).unwrap();
    let beside = Node::of(folder.path(), &chance).unwrap();
    assert_ne!(first.holder().node(), beside.holder().node());
    let (id, mark) = (first.holder().node(), first.holder().start());
    drop(first);
    let second = Node::of(folder.path(), &chance).unwrap();
    assert_eq!(second.holder().node(), id);
    assert_ne!(second.holder().start(), mark);
    drop(second);
    std::fs::write(folder.path().join(NODE_FILE), "cut o").unwrap();
    let anew = Node::of(folder.path(), &chance).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join(NODE_FILE)).unwrap(), anew.holder().node());
}
