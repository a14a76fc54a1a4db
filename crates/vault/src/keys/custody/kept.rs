//! Custody in memory that outlives the program over it, for the simulation.

use std::sync::Arc;

use super::sqlite::Sqlite;
use super::{Ground, Step, Value};
use crate::testing::power::Power;
use crate::{Error, Result};

/// The custody store of a simulated machine. A clone is the same store.
#[derive(Clone)]
pub struct KeptCustody {
    ground: Arc<Sqlite>,
    power: Power,
}

impl KeptCustody {
    /// An empty one.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { ground: Arc::new(Sqlite::open(None)?), power: Power::default() })
    }

    /// The same for one run.
    pub(crate) fn under(&self, power: &Power) -> Self {
        Self { ground: Arc::clone(&self.ground), power: power.clone() }
    }
}

impl Ground for KeptCustody {
    fn commit(&self, steps: Vec<Step>) -> Result<Vec<u64>> {
        if !self.power.begin("custody") {
            return Err(Error::Closed);
        }
        let changed = self.ground.commit(steps)?;
        if self.power.end("custody") { Ok(changed) } else { Err(Error::Closed) }
    }

    fn rows(&self, step: Step) -> Result<Vec<Vec<Value>>> {
        if self.power.is_on() { self.ground.rows(step) } else { Err(Error::Closed) }
    }

    fn filled(&self) -> Result<()> {
        self.ground.filled()
    }

    fn scrub(&self) -> Result<()> {
        if self.power.is_on() { self.ground.scrub() } else { Err(Error::Closed) }
    }
}
