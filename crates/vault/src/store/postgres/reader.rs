//! Reading from one snapshot.

use super::link::{Link, pause};
use super::roles::ROLE;
use super::session::PgSession;
use crate::store::work::{Failure, Verdict, Work};
use crate::{Error, Result};

/// How often a read runs before it is refused.
const RUNS: u32 = 5;

/// Runs a closure on one snapshot and answers it.
pub(super) fn read(link: &mut Link, mut work: Box<dyn Work>) {
    let mut failure = Failure::Engine(format!("PostgreSQL refused {RUNS} runs of this read"));
    for run in 0..RUNS {
        match attempt(link, work.as_mut()) {
            Ok(()) => {
                work.answer(None);
                return;
            }
            Err(Error::Again) => {
                link.cut();
                pause(run);
            }
            Err(error) => {
                link.cut();
                failure = Failure::from(error);
                break;
            }
        }
    }
    work.answer(Some(failure));
}

fn attempt(link: &mut Link, work: &mut dyn Work) -> Result<()> {
    let id = work.workspace().map(|workspace| workspace.to_string()).unwrap_or_default();
    let connection = link.connection()?;
    connection.say(&format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
         SELECT set_config('role', '{ROLE}', true), set_config('parloir.workspace', '{id}', true);"
    ))?;
    match work.run(&PgSession::new(connection)) {
        Verdict::Again => Err(Error::Again),
        Verdict::Keep | Verdict::Undo => connection.say("ROLLBACK"),
    }
}
