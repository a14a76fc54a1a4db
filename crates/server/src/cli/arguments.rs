//! What may be said on the command line. The comments here are what `--help` shows.

use std::io::BufRead;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use connect::Secret;

use super::Command;
use super::audit::AuditAct;
use super::backup::{Backup, Restore};
use super::prove::Prove;
use super::rotate::NextRoot;
use crate::settings;

/// Talk with your customers on every channel, on your own ground.
#[derive(Parser)]
#[command(name = "parloir", version, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) flags: Flags,
    #[command(subcommand)]
    pub(super) act: Act,
}

#[derive(Args)]
pub(super) struct Flags {
    /// The folder that holds everything [default: parloir-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// A postgres:// address, instead of SQLite in the folder (better in PARLOIR_DATABASE: it may hold a password)
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// The settings file [default: DIR/parloir.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum Act {
    /// Run the server until it is told to stop
    Serve(Listens),
    /// Run a server with a workspace, members, channels and contacts to try things out
    Demo(Demo),
    /// Workspaces: each is a customer of this installation, apart from the others
    #[command(subcommand)]
    Workspace(WorkspaceAct),
    /// The people who work in a workspace
    #[command(subcommand)]
    Member(MemberAct),
    /// Tokens by which programs use the API
    #[command(subcommand)]
    Token(TokenAct),
    /// Erase a contact and everything about them, and tell what is kept and why
    Erase(Erase),
    /// Write everything of a contact, or of a whole workspace, into one archive
    Export(Export),
    /// Let keys give way to new ones while everything goes on
    #[command(subcommand)]
    Keys(KeysAct),
    /// Terms that only the operator can shorten, and the clock by which they end
    #[command(subcommand)]
    Retention(RetentionAct),
    /// The log of who read or changed what: verify or export it
    #[command(subcommand)]
    Audit(AuditAct),
    /// Look for what is wrong: settings, keys, database, clock, disk, providers
    Doctor(Doctor),
    /// Look whether every promise is kept, and write signed evidence of it; exit code 1 if one is broken
    Prove(Prove),
    /// Take a backup: everything, encrypted, and only what came since the last one
    Backup(Backup),
    /// Restore a backup into a folder that holds no data
    Restore(Restore),
    /// Print the API's description (OpenAPI)
    Openapi,
    #[command(hide = true)]
    Eval(Coming),
}

#[derive(Args)]
pub(super) struct Listens {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<String>,
    /// The address under which the world reaches the server, such as https://chat.example.org
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

#[derive(Args)]
pub(super) struct Demo {
    #[command(flatten)]
    pub(super) listens: Listens,
    /// Print one line of JSON once everything is ready
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Subcommand)]
pub(super) enum WorkspaceAct {
    /// Create a workspace
    Create {
        /// What it is called
        #[arg(long)]
        name: String,
        /// Where its data lives
        #[arg(long, default_value = "eu")]
        region: String,
        #[command(flatten)]
        output: Output,
    },
    /// List all workspaces, oldest first
    List {
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand)]
pub(super) enum MemberAct {
    /// Add a member to a workspace
    Add {
        /// The workspace's id
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// The address the member signs in with
        #[arg(long)]
        email: String,
        /// What others see
        #[arg(long)]
        name: String,
        /// What the member may do
        #[arg(long, value_parser = ["owner", "admin", "agent", "viewer", "privacy", "auditor"])]
        role: String,
        /// Read the password from the first line of standard input; without it the member cannot sign in yet
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Take the second factor off a member who has lost it; make sure that it is the member who asks
    RemoveSecondFactor {
        /// The workspace's id
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// The member's e-mail address
        #[arg(long, value_name = "EMAIL")]
        member: String,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand)]
pub(super) enum TokenAct {
    /// Make a token with a member's rights; it is shown this once
    Create {
        /// The workspace's id
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// The member's e-mail address
        #[arg(long, value_name = "EMAIL")]
        member: String,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Args)]
pub(super) struct Erase {
    /// The workspace's id
    #[arg(long, value_name = "ID")]
    workspace: String,
    /// The contact's id
    #[arg(long, value_name = "ID")]
    contact: String,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub(super) struct Export {
    /// The workspace's id
    #[arg(long, value_name = "ID")]
    workspace: String,
    /// The contact's id: everything of this contact alone
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    /// The archive, which must not be there yet; only its owner may read it
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Write a folder of files instead of one ZIP: an export that was interrupted goes on where it was
    #[arg(long)]
    folder: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Subcommand)]
pub(super) enum KeysAct {
    /// Make new keys, seal anew what is under the old ones, and destroy these
    Rotate(Rotate),
    /// Tell which rotations there are and how far they have come
    Status {
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand)]
pub(super) enum RetentionAct {
    /// Set for how long a workspace keeps data of a category; only shorter than the default where members cannot set it
    Set {
        /// The workspace's id
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// Which category, such as security_logs
        #[arg(long)]
        category: String,
        /// How many days; the default again without
        #[arg(long)]
        days: Option<u32>,
        #[command(flatten)]
        output: Output,
    },
    /// Say that the clock is right although it is days ahead of what was noted last: sweeps go on
    ConfirmClock {
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Args)]
pub(super) struct Rotate {
    /// The workspace's id: all its own keys, unless one is named
    #[arg(long, value_name = "ID", required_unless_present_any = ["root", "installation"])]
    workspace: Option<String>,
    /// The contact's id: all keys of this contact, on every channel
    #[arg(long, value_name = "ID", requires = "workspace", conflicts_with = "what")]
    contact: Option<String>,
    /// One of the workspace's own keys
    #[arg(long, requires = "workspace", value_parser = ["content", "evidence", "index", "workspace", "audit"])]
    what: Option<String>,
    /// The root key: everything comes under the one that root_key.next names
    #[arg(long, conflicts_with_all = ["workspace", "installation"])]
    pub(super) root: bool,
    /// The key above the installation's own
    #[arg(long, conflicts_with = "workspace")]
    installation: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub(super) struct Doctor {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
pub(super) struct Output {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A command that is promised and not here yet: whatever follows it is taken.
#[derive(Args)]
pub(super) struct Coming {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

impl From<Flags> for settings::Flags {
    fn from(flags: Flags) -> Self {
        Self { data: flags.data, database: flags.database.map(Secret::new), config: flags.config, ..Self::default() }
    }
}

impl Listens {
    pub(super) fn add_to(self, flags: settings::Flags) -> settings::Flags {
        settings::Flags { listen: self.listen, public_url: self.public_url, ..flags }
    }
}

impl Act {
    /// The command for the data's holder, and whether its answer is printed as JSON.
    pub(super) fn command(self, settings: &settings::Settings) -> Result<(Command, bool)> {
        Ok(match self {
            Self::Workspace(WorkspaceAct::Create { name, region, output }) => {
                (Command::CreateWorkspace { name, region }, output.json)
            }
            Self::Workspace(WorkspaceAct::List { output }) => (Command::ListWorkspaces, output.json),
            Self::Member(MemberAct::Add { workspace, email, name, role, password_stdin, output }) => {
                let password = if password_stdin { Some(first_line(std::io::stdin().lock())?) } else { None };
                (Command::AddMember { workspace, email, name, role, password }, output.json)
            }
            Self::Member(MemberAct::RemoveSecondFactor { workspace, member, output }) => {
                (Command::RemoveSecondFactor { workspace, member }, output.json)
            }
            Self::Token(TokenAct::Create { workspace, member, output }) => {
                (Command::CreateToken { workspace, member }, output.json)
            }
            Self::Erase(Erase { workspace, contact, output }) => (Command::Erase { workspace, contact }, output.json),
            Self::Export(Export { workspace, contact, to, folder, output }) => {
                let to = std::path::absolute(&to).context("--to names no file")?;
                (Command::Export { workspace, contact, to, folder }, output.json)
            }
            Self::Keys(KeysAct::Status { output }) => (Command::KeyStatus, output.json),
            Self::Keys(KeysAct::Rotate(rotate)) => rotate.command(settings)?,
            Self::Retention(RetentionAct::Set { workspace, category, days, output }) => {
                (Command::SetTerm { workspace, category, days }, output.json)
            }
            Self::Retention(RetentionAct::ConfirmClock { output }) => (Command::ConfirmClock, output.json),
            Self::Backup(backup) => backup.command()?,
            Self::Audit(audit) => audit.command()?,
            _ => anyhow::bail!("this is no command for stored data"),
        })
    }
}

impl Rotate {
    fn command(self, settings: &settings::Settings) -> Result<(Command, bool)> {
        let json = self.output.json;
        let command = match self.workspace {
            Some(workspace) => Command::RotateKeys { workspace, contact: self.contact, what: self.what },
            None if self.root => Command::RotateRoot { next: NextRoot::of(settings)? },
            None => Command::RotateInstallation,
        };
        Ok((command, json))
    }
}

/// A password: the first line without its end.
pub(super) fn first_line(mut input: impl BufRead) -> Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("the password could not be read from standard input")?;
    let line = line.trim_end_matches(['\n', '\r']);
    anyhow::ensure!(!line.is_empty(), "--password-stdin: the first line of standard input is empty");
    Ok(line.to_owned())
}
