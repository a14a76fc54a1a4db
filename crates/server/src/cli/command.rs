//! What can be done to stored data from the command line: the same whether the command opened the data itself or a
//! running server was asked.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::members::{self, NewMember};
use vault::{Personal, Scope, WorkspaceId, retention, second_factor, tokens};

use super::backup::BackupOrder;
use super::rotate::NextRoot;
use super::{audit, backup, doctor, erase, export, prove, rotate};
use crate::app::Shared;
use crate::views::time;

/// An order to whoever holds the data. It may carry a password, so it is never printed.
#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// `{"id"}`
    CreateWorkspace {
        /// What it is called.
        name: String,
        /// Where its data lives.
        region: String,
    },
    /// `{"data":[{"id","name","region","created_at"}]}`
    ListWorkspaces,
    /// `{"id"}`
    AddMember {
        /// The workspace's id.
        workspace: String,
        /// The address the member signs in with.
        email: String,
        /// What others see.
        name: String,
        /// What the member may do.
        role: String,
        /// Without one the member cannot sign in yet.
        password: Option<String>,
    },
    /// `{"id"}`
    RemoveSecondFactor {
        /// The workspace's id.
        workspace: String,
        /// The member's e-mail address.
        member: String,
    },
    /// `{"id","token"}`
    CreateToken {
        /// The workspace's id.
        workspace: String,
        /// The member's e-mail address.
        member: String,
    },
    /// The erasure, as `GET /erasures/{id}` shows it.
    Erase {
        /// The workspace's id.
        workspace: String,
        /// The contact's id.
        contact: String,
    },
    /// `{"file","bytes","rows","files","missing_files"}`
    Export {
        /// The workspace's id.
        workspace: String,
        /// The contact's id; all of the workspace without.
        contact: Option<String>,
        /// The archive's absolute path.
        to: PathBuf,
        /// Whether it is a folder, which goes on where it was interrupted.
        folder: bool,
    },
    /// `{"data":[rotation]}`, each as `GET /key-rotations/{id}` shows it.
    RotateKeys {
        /// The workspace's id.
        workspace: String,
        /// The contact's id, if it is about a contact's keys.
        contact: Option<String>,
        /// Which of the workspace's keys; all of them without.
        what: Option<String>,
    },
    /// `{"keys","moved","then"}`
    RotateRoot {
        /// The next root key.
        next: NextRoot,
    },
    /// What verifying the log found: `{"sound","entries","covered","faults":[{"fault","place","entries","words"}],…}`
    VerifyAudit {
        /// The workspace's id.
        workspace: String,
    },
    /// `{"to","entries","key"}`
    ExportAudit {
        /// The workspace's id.
        workspace: String,
        /// The folder, by its whole path.
        to: PathBuf,
    },
    /// `{"keys"}`
    RotateInstallation,
    /// `{"root_key":{"keys","moved","next_is_named"},"workspaces":[{"id","rotations"}]}`
    KeyStatus,
    /// `{"category","days"}`
    SetTerm {
        /// The workspace's id.
        workspace: String,
        /// The category's word.
        category: String,
        /// The default again without.
        days: Option<u32>,
    },
    /// `{"evidence","key","note"}`, as [`vault::Vault::evidence`] makes it.
    Prove {
        /// The workspace's id; all of them without.
        workspace: Option<String>,
        /// The promise's id; all of them without.
        promise: Option<String>,
    },
    /// `{"noted_at"}`
    ConfirmClock,
    /// `{"chain","number","from","until","bytes","removed"}`
    Backup(BackupOrder),
    /// What [`doctor`] finds from inside: database and providers.
    Examine,
}

impl Command {
    /// How long whoever asks waits for the answer of whoever holds the data.
    pub(crate) fn patience(&self) -> Duration {
        match self {
            // All data is copied, or looked at.
            Self::Backup(_) | Self::Export { .. } | Self::Prove { .. } => Duration::from_hours(6),
            _ => Duration::from_mins(2),
        }
    }
}

/// Whether jobs are being done in this process, or a command has to do its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// A server's workers run.
    Running,
    /// Nobody works here but the command.
    None,
}

/// Carries out a command.
///
/// # Errors
/// In words for whoever typed it.
pub async fn run(app: &Shared, workers: Workers, command: Command) -> Result<Value> {
    match command {
        Command::CreateWorkspace { name, region } => {
            let id = app.vault.create_workspace(&region, Personal::new(name)).await?;
            Ok(json!({ "id": id }))
        }
        Command::ListWorkspaces => list_workspaces(app).await,
        Command::AddMember { workspace, email, name, role, password } => {
            let (scope, role) = (scope(app, &workspace).await?, role.parse()?);
            let password_hash = match password {
                Some(password) => Some(hash(app, &password).await?),
                None => None,
            };
            let new = NewMember { email: Personal::new(email), name: Personal::new(name), role, password_hash };
            let id = app.vault.write(&scope, move |tx| members::create(tx, &new)).await?;
            Ok(json!({ "id": id }))
        }
        Command::RemoveSecondFactor { workspace, member } => remove_second_factor(app, &workspace, member).await,
        Command::CreateToken { workspace, member } => create_token(app, &workspace, member).await,
        Command::Erase { workspace, contact } => {
            let scope = scope(app, &workspace).await?;
            erase::erase(app, workers, &scope, id("contact", &contact)?).await
        }
        Command::Export { workspace, contact, to, folder } => {
            let scope = scope(app, &workspace).await?;
            let contact = contact.map(|contact| id("contact", &contact)).transpose()?;
            if folder {
                Box::pin(export::export_folder(app, &scope, contact, &to)).await
            } else {
                Box::pin(export::export(app, &scope, contact, &to)).await
            }
        }
        Command::RotateKeys { workspace, contact, what } => {
            let scope = scope(app, &workspace).await?;
            rotate::keys(app, workers, &scope, rotate::asked(what.as_deref(), contact.as_deref())?).await
        }
        Command::VerifyAudit { workspace } => audit::verify(app, &scope(app, &workspace).await?).await,
        Command::ExportAudit { workspace, to } => audit::export(app, &scope(app, &workspace).await?, &to).await,
        Command::Prove { workspace, promise } => Box::pin(prove::prove(app, workspace, promise)).await,
        Command::RotateRoot { next } => rotate::root(app, &next).await,
        Command::RotateInstallation => rotate::installation(app).await,
        Command::KeyStatus => rotate::status(app).await,
        Command::SetTerm { workspace, category, days } => {
            let (scope, order) = (scope(app, &workspace).await?, vec![(category.clone(), days)]);
            app.vault.write(&scope, move |tx| retention::set(tx, &order)).await?;
            Ok(json!({ "category": category, "days": days }))
        }
        Command::ConfirmClock => Ok(json!({ "noted_at": time(app.vault.confirm_clock().await?) })),
        Command::Backup(order) => backup::take(app, order).await,
        Command::Examine => doctor::from_inside(app).await,
    }
}

async fn list_workspaces(app: &Shared) -> Result<Value> {
    let workspaces = app.vault.workspaces().await?.into_iter().map(|workspace| {
        json!({
            "id": workspace.id, "name": workspace.name.into_revealed(), "region": workspace.region,
            "created_at": time(workspace.created_at),
        })
    });
    Ok(json!({ "data": workspaces.collect::<Vec<_>>() }))
}

async fn remove_second_factor(app: &Shared, workspace: &str, email: String) -> Result<Value> {
    let scope = scope(app, workspace).await?;
    let take_off = move |tx: &vault::Tx<'_>| {
        let member = members::by_email(tx, &email)?.ok_or(vault::Error::NotFound("member"))?;
        second_factor::take_off(tx, member.id).map(|()| member.id)
    };
    let id = app.vault.write(&scope, take_off).await.context("no second factor was taken off")?;
    Ok(json!({ "id": id }))
}

async fn create_token(app: &Shared, workspace: &str, email: String) -> Result<Value> {
    let scope = scope(app, workspace).await?;
    let make = move |tx: &vault::Tx<'_>| {
        let member = members::by_email(tx, &email)?.ok_or(vault::Error::NotFound("member"))?;
        tokens::create(tx, member.id)
    };
    let token = app.vault.write(&scope, make).await.context("no token was made")?;
    Ok(json!({ "id": token.id, "token": token.token.into_revealed() }))
}

/// A password as it is stored.
pub(crate) async fn hash(app: &Shared, password: &str) -> Result<Personal<String>> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&app.vault.chance().draw()[..16]);
    Ok(Personal::new(app.passwords.hash(password, salt).await?))
}

/// The operator's scope in a workspace that exists.
async fn scope(app: &Shared, workspace: &str) -> Result<Scope> {
    let id: WorkspaceId = id("workspace", workspace)?;
    Ok(app.vault.operator_scope(id).await?)
}

/// An id as it was typed.
pub(super) fn id<T: FromStr>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_| anyhow!("this is no id of a {what}; ids are shown where a {what} was made or is listed"))
}
