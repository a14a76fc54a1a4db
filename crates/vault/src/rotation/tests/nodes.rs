//! Two nodes over one database, of which one is idle while the other rotates.

use std::sync::Arc;

use super::*;
use crate::contacts::{self, Profile};
use crate::testing::SeededChance;
use crate::testing::house::BEGIN;
use crate::testing::postgres::TestDatabase;
use crate::{EnvRootKey, Opening, Personal};

type Opened = (Vault, Arc<StillClock>);

/// Rotates the workspace key twice while a node is idle, which then meets people; a third reads of them.
async fn an_idle_node_goes_on(open: impl Fn(u64) -> Opened) {
    let ((one, clock), (idle, _)) = (open(1), open(2));
    let workspace = one.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
    let scope = one.operator_scope(workspace).await.unwrap();
    idle.keys().keep_few(2, 1);
    let meet = |tx: &Tx<'_>| {
        let profile = Profile { name: Some(Personal::new("Anna".into())), ..Profile::default() };
        contacts::create(tx, &profile)
    };
    idle.write(&scope, meet).await.unwrap();
    for _ in 0..2 {
        let id = one.write(&scope, |tx| begin(tx, What::Workspace)).await.unwrap();
        finish(&one, &clock, &scope, id).await;
    }
    for _ in 0..5 {
        idle.write(&scope, meet).await.unwrap();
    }
    let seen = idle.read(&scope, contents).await.unwrap();
    assert!(seen.len() > 6);
    let (third, _) = open(3);
    assert_eq!(third.read(&scope, contents).await.unwrap(), seen);
    for vault in [one, idle, third] {
        vault.close().await;
    }
}

#[tokio::test]
async fn an_idle_node_wraps_nothing_under_a_key_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    an_idle_node_goes_on(|seed| once::furnished_open(folder.path(), seed)).await;
}

#[tokio::test]
async fn on_postgres_too() {
    let (database, custody) = (TestDatabase::create(), TestDatabase::create());
    let open = |seed| {
        let clock = Arc::new(StillClock::at(BEGIN));
        let opening = Opening {
            data: None,
            database: Some(database.url.clone()),
            custody: Some(custody.url.clone()),
            blobs: None,
            root: Box::new(EnvRootKey::from_text(&"a".repeat(64)).unwrap()),
            clock: clock.clone(),
            chance: Arc::new(SeededChance::new(seed)),
            sessions: crate::sign_in::SessionTerms::default(),
            inline: false,
        };
        (Vault::open(opening).unwrap(), clock)
    };
    an_idle_node_goes_on(open).await;
}
