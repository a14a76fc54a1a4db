//! Group commit on PostgreSQL: what waits of one workspace, in one transaction, under its counter's lock.
//!
//! A commit whose answer is lost is looked up by its transaction id on the next connection (`pg_xact_status`), so nothing
//! is done twice and nothing acknowledged is lost. Everything else that passes — serialisation failure, deadlock, a lost
//! connection before the commit — runs the batch again; closures make the same ids each time.

use super::link::{Connection, Link, pause};
use super::roles::ROLE;
use super::session::PgSession;
use crate::store::Signals;
use crate::store::work::{Failure, Verdict, Work, answer_all};
use crate::{Error, Result, WorkspaceId};

/// A commit takes at most this many closures.
pub(super) const CLOSURES: usize = 32;
/// How often a batch runs before it is refused.
const RUNS: u32 = 8;
/// How often the fate of a commit is asked while the server is still busy with it.
const ASKED: u32 = 12;

/// Commits closures of one workspace (or of the installation) and answers them.
pub(super) fn commit(link: &mut Link, mut batch: Vec<Box<dyn Work>>, signals: &Signals) {
    for run in 0..RUNS {
        match attempt(link, &mut batch) {
            Ok(()) => return signals.committed(answer_all(batch, None)),
            Err(Error::Again) => {
                // Whatever state the connection is in, a new one is clean.
                link.cut();
                pause(run);
            }
            Err(error) => {
                link.cut();
                tracing::error!(%error, closures = batch.len(), "a commit failed");
                answer_all(batch, Some(&Failure::from(error)));
                return;
            }
        }
    }
    answer_all(batch, Some(&Failure::Engine(format!("PostgreSQL refused {RUNS} runs of this transaction"))));
}

fn attempt(link: &mut Link, batch: &mut [Box<dyn Work>]) -> Result<()> {
    let workspace = batch.first().and_then(|work| work.workspace());
    let connection = link.connection()?;
    let mut transaction = connection.ask(&begin(workspace, batch.len() > 1))?;
    let kept = if let [only] = batch { run(connection, only.as_mut())? } else { run_each(connection, batch)? };
    if !kept {
        return connection.say("ROLLBACK");
    }
    if transaction.is_none() {
        transaction = connection.ask("SELECT pg_current_xact_id_if_assigned()")?;
    }
    match connection.client.batch_execute("COMMIT") {
        Ok(()) => Ok(()),
        Err(error) if is_unknown(&error) => fate(link, transaction.as_deref()),
        Err(refused) => Err(connection.trouble(&refused)),
    }
}

/// Everything before the first closure in one message: role and workspace for row-level security, the counter's lock,
/// the first savepoint, and the transaction's id (which the lock has made it have). Ids are hexadecimal, so they may stand in the text.
fn begin(workspace: Option<WorkspaceId>, savepoint: bool) -> String {
    let id = workspace.map(|workspace| workspace.to_string()).unwrap_or_default();
    let lock = if workspace.is_some() {
        format!("SELECT value FROM counters WHERE workspace_id = '{id}' AND name = 'facts' FOR UPDATE;")
    } else {
        String::new()
    };
    let savepoint = if savepoint { "SAVEPOINT closure;" } else { "" };
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED;
         SELECT set_config('role', '{ROLE}', true), set_config('parloir.workspace', '{id}', true);
         {lock} {savepoint}
         SELECT pg_current_xact_id_if_assigned();"
    )
}

/// Runs a closure that is alone in its transaction; whether there is something to commit.
fn run(connection: &mut Connection, work: &mut dyn Work) -> Result<bool> {
    match work.run(&PgSession::new(connection)) {
        Verdict::Keep => Ok(true),
        Verdict::Undo => Ok(false),
        Verdict::Again => Err(Error::Again),
    }
}

/// Runs closures, each in the savepoint that stands open before it.
fn run_each(connection: &mut Connection, batch: &mut [Box<dyn Work>]) -> Result<bool> {
    let mut kept = false;
    for work in batch {
        if run(connection, work.as_mut())? {
            kept = true;
            connection.say("RELEASE SAVEPOINT closure; SAVEPOINT closure")?;
        } else {
            connection.say("ROLLBACK TO SAVEPOINT closure")?;
        }
    }
    Ok(kept)
}

/// Whether the answer to a commit is lost: the connection is gone, or the server was told to stop, which may be after the fact.
fn is_unknown(error: &postgres::Error) -> bool {
    error.code().is_none_or(|state| state.code().starts_with("57P") || state.code().starts_with("08"))
}

/// What became of a commit whose answer was lost.
fn fate(link: &mut Link, transaction: Option<&str>) -> Result<()> {
    // Without an id the transaction had changed nothing.
    let Some(id) = transaction.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) else { return Ok(()) };
    for asked in 0..ASKED {
        link.cut();
        match link.connection()?.ask(&format!("SELECT pg_xact_status('{id}')")) {
            Ok(Some(status)) if status == "committed" => return Ok(()),
            Ok(Some(status)) if status == "aborted" => return Err(Error::Again),
            // The server is still busy with it, or was lost again.
            Ok(_) | Err(Error::Again) => pause(asked),
            // A server that took over without this transaction refuses an id from its future.
            Err(_) => return Err(Error::Again),
        }
    }
    Err(Error::Engine("the connection was lost during a commit, and the server does not tell what became of it".into()))
}
