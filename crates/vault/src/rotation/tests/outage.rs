//! Rotations while whoever holds the root key is away: everybody writes on, and what needs the root key waits for it alone.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use zeroize::Zeroizing;

use super::*;
use crate::testing::SeededChance;
use crate::testing::house::BEGIN;
use crate::{EnvRootKey, Opening, Personal, RootKey, workspaces};

/// Longer than anything takes that does not wait for the root key.
const PATIENCE: Duration = Duration::from_secs(30);

/// What becomes of who asks for the root key.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Good,
    /// They wait.
    Hangs,
    /// They are refused.
    Dead,
}

/// A root key that another system holds.
#[derive(Clone)]
struct Faraway {
    root: Arc<EnvRootKey>,
    line: Arc<(Mutex<Line>, Condvar)>,
    /// The threads that asked.
    askers: Arc<Mutex<BTreeSet<String>>>,
}

impl Faraway {
    fn new() -> Self {
        let root = Arc::new(EnvRootKey::from_text(&"a".repeat(64)).unwrap());
        Self { root, line: Arc::new((Mutex::new(Line::Good), Condvar::new())), askers: Arc::default() }
    }

    fn is(&self, line: Line) {
        *self.line.0.lock().unwrap() = line;
        self.line.1.notify_all();
    }

    fn reached(&self) -> Result<&EnvRootKey> {
        self.askers.lock().unwrap().insert(std::thread::current().name().unwrap_or_default().to_owned());
        let waiting = self.line.1.wait_while(self.line.0.lock().unwrap(), |line| *line == Line::Hangs).unwrap();
        if *waiting == Line::Dead { Err(Error::Outside("nobody answers".into())) } else { Ok(&self.root) }
    }
}

impl RootKey for Faraway {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        self.reached()?.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.reached()?.unwrap(context, wrapped)
    }
}

/// The line is good again when a test is over, however: or its threads would wait for ever.
struct Restored(Faraway);

impl Drop for Restored {
    fn drop(&mut self) {
        self.0.is(Line::Good);
    }
}

fn open(far: &Faraway, data: Option<PathBuf>) -> (Vault, Arc<StillClock>) {
    let clock = Arc::new(StillClock::at(BEGIN));
    let opening = Opening {
        data,
        database: None,
        custody: None,
        blobs: None,
        root: Box::new(far.clone()),
        clock: clock.clone(),
        chance: Arc::new(SeededChance::new(5)),
        sessions: crate::sign_in::SessionTerms::default(),
        inline: false,
    };
    (Vault::open(opening).unwrap(), clock)
}

async fn furnished_vault(far: &Faraway, data: Option<PathBuf>) -> (Vault, Arc<StillClock>, Scope) {
    let (vault, clock) = open(far, data);
    let workspace = vault.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
    let scope = vault.operator_scope(workspace).await.unwrap();
    furnished::furnish(&vault, &scope).await;
    (vault, clock, scope)
}

/// Somebody writes, and does not wait.
async fn writes(vault: &Vault, scope: &Scope) {
    for name in ["Konditorei", "Nord"] {
        let rename = move |tx: &Tx<'_>| workspaces::rename(tx, &Personal::new(name.into()));
        tokio::time::timeout(PATIENCE, vault.write(scope, rename)).await.expect("a write waits").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_below_the_workspace_key_rotate_without_the_root_key() {
    let far = Faraway::new();
    let (vault, clock, scope) = furnished_vault(&far, None).await;
    let _restored = Restored(far.clone());
    for what in [What::Content, What::Evidence, What::Index, What::Audit] {
        let before = vault.read(&scope, contents).await.unwrap();
        let old = vault.read(&scope, move |tx| keys_of(tx, what)).await.unwrap();
        far.is(Line::Hangs);
        let ordered = vault.write(&scope, move |tx| begin(tx, what));
        let id = tokio::time::timeout(PATIENCE, ordered).await.expect("the order waits").unwrap();
        let rotation = tokio::time::timeout(PATIENCE, finish(&vault, &clock, &scope, id));
        let (ended, ()) = tokio::join!(rotation, writes(&vault, &scope));
        ended.expect("the rotation waits");
        far.is(Line::Good);
        assert_eq!(vault.read(&scope, contents).await.unwrap(), before, "{what:?}");
        assert!(old.into_iter().all(|key| !is_in_custody(&vault, &scope, key)), "{what:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_key_waits_for_the_root_key_and_nobody_else_does() {
    let far = Faraway::new();
    let (vault, clock, scope) = furnished_vault(&far, None).await;
    let _restored = Restored(far.clone());
    let before = vault.read(&scope, contents).await.unwrap();
    let old = vault.read(&scope, |tx| keys_of(tx, What::Workspace)).await.unwrap();
    far.is(Line::Hangs);
    let id = vault.write(&scope, |tx| begin(tx, What::Workspace)).await.unwrap();
    let step = {
        let (vault, scope) = (vault.clone(), scope.clone());
        tokio::spawn(async move { vault.carry_on_rotation(&scope, id).await })
    };
    writes(&vault, &scope).await;
    assert!(!step.is_finished());
    far.is(Line::Dead);
    assert!(matches!(step.await.unwrap(), Err(Error::Outside(_))), "its job comes again");
    writes(&vault, &scope).await;
    far.is(Line::Good);
    assert!(vault.rotation_step(&scope, id).await.unwrap().is_none());
    // The new one is in memory now.
    far.is(Line::Hangs);
    tokio::time::timeout(PATIENCE, finish(&vault, &clock, &scope, id)).await.expect("the rotation waits");
    far.is(Line::Good);
    assert_eq!(vault.read(&scope, contents).await.unwrap(), before);
    assert!(old.into_iter().all(|key| !is_in_custody(&vault, &scope, key)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_node_changed_is_asked_for_outside_every_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let far = Faraway::new();
    let (vault, clock, scope) = furnished_vault(&far, Some(folder.path().to_owned())).await;
    let _restored = Restored(far.clone());
    let before = vault.read(&scope, contents).await.unwrap();
    let id = vault.write(&scope, |tx| begin(tx, What::Content)).await.unwrap();
    assert!(vault.rotation_step(&scope, id).await.unwrap().is_none());
    // Another node makes the next workspace key, of which this one has nothing in memory.
    let (other, _) = open(&far, Some(folder.path().to_owned()));
    other.keys().begin_rewrap(Some(scope.workspace())).unwrap();
    far.askers.lock().unwrap().clear();
    far.is(Line::Hangs);
    let step = {
        let (vault, scope) = (vault.clone(), scope.clone());
        tokio::spawn(async move { vault.carry_on_rotation(&scope, id).await })
    };
    writes(&vault, &scope).await;
    assert!(!step.is_finished(), "it waits");
    far.is(Line::Dead);
    assert!(matches!(step.await.unwrap(), Err(Error::Outside(_))), "its job comes again");
    far.is(Line::Good);
    finish(&vault, &clock, &scope, id).await;
    let askers = far.askers.lock().unwrap().clone();
    assert!(!askers.is_empty() && askers.iter().all(|name| !name.starts_with("vault-")), "{askers:?}");
    let after = vault.read(&scope, contents).await.unwrap();
    assert!(before.iter().all(|(place, cell)| place.starts_with("workspaces.") || after.get(place) == Some(cell)));
}
