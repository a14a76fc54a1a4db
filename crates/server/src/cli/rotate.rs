//! `parloir keys`: lets keys give way to new ones, and tells how far that has come.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::rotation::{self, Progress, What};
use vault::{EnvRootKey, FileRootKey, RootKey, RootState, RotationId, Scope, WorkspaceId};

use super::Workers;
use crate::app::Shared;
use crate::routes::KeyRotationView;
use crate::settings::{NEXT_ROOT_KEY_FILE, RootKeySource, Settings};

/// How often it is looked how far workers are, and for how long: the server goes on with what takes longer.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const LOOKS: u32 = 300;
/// How long a command that works by itself pauses between steps that have to wait.
const PAUSE: Duration = Duration::from_millis(200);
/// How many rotations of a workspace are told.
const TOLD: i64 = 20;

/// The next root key, as a command carries it to whoever holds the data. It may be the key itself, so it is never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NextRoot {
    /// In the data folder, made if it is missing.
    File,
    /// 64 hexadecimal digits.
    Given(String),
    /// Kept by another system, which the server learned of at its start.
    Outside,
}

impl NextRoot {
    /// What the settings name.
    ///
    /// # Errors
    /// If they name none.
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        Ok(match &settings.next_root_key {
            Some(RootKeySource::File(_)) => Self::File,
            Some(RootKeySource::Given(bytes)) => Self::Given(hex::encode(bytes)),
            Some(RootKeySource::AwsKms(_) | RootKeySource::Transit(_)) => Self::Outside,
            // That system may have given its key a new version.
            None if is_outside(&settings.root_key) => Self::Outside,
            None => bail!("no next root key is named: set root_key.next (see docs/keys-and-backups.md)"),
        })
    }

    fn open(&self, app: &Shared) -> Result<Option<Arc<dyn RootKey>>> {
        Ok(match self {
            Self::File => {
                let path = app.settings.data.join(NEXT_ROOT_KEY_FILE);
                Some(Arc::new(FileRootKey::open_or_create(&path, &**app.vault.chance())?))
            }
            Self::Given(text) => Some(Arc::new(EnvRootKey::from_text(text)?)),
            // It is in use since the start: a server that was started before the settings named it has to be started anew.
            Self::Outside if is_outside(app.settings.next_root_key.as_ref().unwrap_or(&app.settings.root_key)) => None,
            Self::Outside => {
                bail!("the server that runs does not know the next root key yet: start it anew, then rotate")
            }
        })
    }
}

/// Whether another system keeps a root key.
fn is_outside(source: &RootKeySource) -> bool {
    matches!(source, RootKeySource::AwsKms(_) | RootKeySource::Transit(_))
}

/// Wraps every workspace key under the next root key.
pub(super) async fn root(app: &Shared, next: &NextRoot) -> Result<Value> {
    let next_key = next.open(app)?;
    let state = app.vault.rotate_root(next_key).await?;
    Ok(json!({ "keys": state.keys, "moved": state.moved, "then": then(app, next, state) }))
}

/// What is to be done next.
fn then(app: &Shared, next: &NextRoot, state: RootState) -> String {
    if !state.is_whole() {
        return "Run it again: both root keys are needed until every key is under the next one.".to_owned();
    }
    let data = app.settings.data.display();
    match next {
        NextRoot::File => format!(
            "Copy {data}/{NEXT_ROOT_KEY_FILE} to a safe place, put it in the place of {data}/root.key, and set \
             root_key.source to \"file\" without root_key.next. The old root key opens nothing any more."
        ),
        NextRoot::Given(_) => "Give the next root key as PARLOIR_ROOT_KEY with root_key.source = \"env\", and remove \
             root_key.next. The old root key opens nothing any more."
            .to_owned(),
        NextRoot::Outside if app.settings.next_root_key.is_none() => {
            "Every key is under the newest version of the root key.".to_owned()
        }
        NextRoot::Outside => {
            "Set root_key.source to what root_key.next names (what [next_aws_kms] or [next_transit] describes becomes \
             [aws_kms] or [transit]), and remove root_key.next. The old root key opens nothing any more."
                .to_owned()
        }
    }
}

/// Gives the installation's own keys another key above them.
pub(super) async fn installation(app: &Shared) -> Result<Value> {
    Ok(json!({ "keys": app.vault.rotate_installation().await? }))
}

/// Rotates keys of a workspace and stays with it until the old ones are destroyed.
pub(super) async fn keys(app: &Shared, workers: Workers, scope: &Scope, what: Vec<What>) -> Result<Value> {
    let mut ids = Vec::with_capacity(what.len());
    for what in what {
        ids.push(app.vault.write(scope, move |tx| rotation::begin(tx, what)).await?);
    }
    for _ in 0..LOOKS {
        match workers {
            Workers::Running => tokio::time::sleep(LOOK_EVERY).await,
            Workers::None => go_on(app, scope, &ids).await?,
        }
        let views = views(app, scope, &ids).await?;
        if views.iter().all(KeyRotationView::is_done) {
            return Ok(json!({ "data": views }));
        }
    }
    Ok(json!({ "data": views(app, scope, &ids).await? }))
}

/// Does what the server's workers would do. Every step may be done twice, so jobs that are left are harmless.
async fn go_on(app: &Shared, scope: &Scope, ids: &[RotationId]) -> Result<()> {
    let mut waiting = false;
    for id in ids {
        waiting |=
            matches!(app.vault.carry_on_rotation(scope, *id).await?, Progress::Waiting(until) if until > app.now());
    }
    while app.vault.index_step(scope).await? {}
    if waiting {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn views(app: &Shared, scope: &Scope, ids: &[RotationId]) -> Result<Vec<KeyRotationView>> {
    let ids = ids.to_vec();
    let read =
        move |tx: &vault::Tx<'_>| ids.iter().map(|id| rotation::view(tx, *id)).collect::<vault::Result<Vec<_>>>();
    Ok(app.vault.read(scope, read).await?.into_iter().map(Into::into).collect())
}

/// How far custody is under its root key, and the workspaces' rotations.
pub(super) async fn status(app: &Shared) -> Result<Value> {
    let RootState { keys, moved } = app.vault.root_state().await?;
    let mut workspaces = Vec::new();
    for workspace in app.vault.workspaces().await? {
        workspaces.push(of_workspace(app, workspace.id).await?);
    }
    let next = app.settings.next_root_key.is_some();
    Ok(json!({ "root_key": { "keys": keys, "moved": moved, "next_is_named": next }, "workspaces": workspaces }))
}

async fn of_workspace(app: &Shared, workspace: WorkspaceId) -> Result<Value> {
    let scope = app.vault.operator_scope(workspace).await?;
    let rotations = app.vault.read(&scope, |tx| rotation::list(tx, TOLD)).await?;
    let views: Vec<KeyRotationView> = rotations.into_iter().map(Into::into).collect();
    Ok(json!({ "id": workspace, "rotations": views }))
}

/// What was asked for: a contact's keys, one of the workspace's, or all of the workspace's.
///
/// # Errors
/// If that cannot be.
pub(super) fn asked(what: Option<&str>, contact: Option<&str>) -> Result<Vec<What>> {
    Ok(match (what, contact) {
        (None, Some(contact)) => vec![What::Contact(super::command::id("contact", contact)?)],
        (Some(what), None) => vec![What::parse(what, None)?],
        (None, None) => What::OF_A_WORKSPACE.to_vec(),
        (Some(_), Some(_)) => bail!("name a contact or what to rotate, not both"),
    })
}
