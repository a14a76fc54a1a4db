//! A database in memory that outlives the program over it, and loses its power as a machine does: at a commit, on either
//! side of it, nobody is answered any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::writer::{self, Writer};
use crate::store::work::{Failure, Work, answer_all};
use crate::store::{Access, MIGRATIONS, Signals};
use crate::testing::power::Power;
use crate::{Millis, Result};

/// The database itself. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Disk(Arc<Mutex<Writer>>);

impl Disk {
    /// An empty database with its schema.
    pub(crate) fn new(now: Millis) -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(super::open(None, None, MIGRATIONS, now)?))))
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // No panic leaves a transaction open that the next closure would not undo first.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever submits a closure runs it, while there is power.
pub(in crate::store) struct Powered {
    disk: Disk,
    power: Power,
}

impl Powered {
    pub(in crate::store) fn new(disk: Disk, power: Power) -> Self {
        Self { disk, power }
    }

    pub(in crate::store) fn run(&self, work: Box<dyn Work>, signals: &Signals) {
        if !self.power.is_on() {
            return self.power.keep(Box::new(work));
        }
        let mut writer = self.disk.writer();
        match work.access() {
            Access::Read => writer::read(writer.connection(), work),
            Access::Write => self.commit(&mut writer, work, signals),
        }
    }

    fn commit(&self, writer: &mut Writer, work: Box<dyn Work>, signals: &Signals) {
        let mut batch = vec![work];
        let filled = writer.fill(&mut batch, || None);
        // A closure that fails leaves nothing to commit.
        let done = filled.and_then(|()| if self.power.begin("commit") { writer.execute("COMMIT") } else { Ok(()) });
        if done.is_err() || !self.power.is_on() {
            writer.undo();
        }
        self.power.end("commit");
        if !self.power.is_on() {
            for work in batch {
                self.power.keep(Box::new(work));
            }
            return;
        }
        match done {
            Ok(()) => signals.committed(answer_all(batch, None)),
            Err(error) => drop(answer_all(batch, Some(&Failure::from(error)))),
        }
    }
}
