//! Another root key for every workspace key, and another key of the installation's own. Neither touches data: custody alone
//! is written, and what is done already is recognised there, so either may stop anywhere and be begun again.

use std::sync::Arc;

use crate::keys::{RootKey, RootState};
use crate::{Result, Vault};

impl Vault {
    /// Takes a root key into use beside the one that is there, if one is given, and wraps every workspace key under it. The
    /// one that was there is needed until [`RootState::is_whole`].
    ///
    /// # Errors
    /// Whatever the next root key refuses with, or stopped it: what was done stays, and another call goes on.
    pub async fn rotate_root(&self, next: Option<Arc<dyn RootKey>>) -> Result<RootState> {
        self.off_thread(move |vault| {
            if let Some(next) = next {
                vault.keys().accept_root(next)?;
            }
            vault.keys().rewrap_root()
        })
        .await
    }

    /// How far custody is under the root key that wraps now.
    pub async fn root_state(&self) -> Result<RootState> {
        self.off_thread(|vault| vault.keys().root_state()).await
    }

    /// Gives the installation's own keys (the day's, and those of sign-in) another key above them; how many it wrapped anew.
    ///
    /// # Errors
    /// Whatever stopped it: another call goes on.
    pub async fn rotate_installation(&self) -> Result<u64> {
        self.off_thread(|vault| {
            let keys = vault.keys();
            keys.begin_rewrap(None)?;
            let mut sum = 0;
            // The last pass finds nothing: custody takes nothing under the old key any more.
            loop {
                let (mut after, mut found) = (String::new(), 0);
                loop {
                    let page = keys.rewrap(None, &after)?;
                    found += page.changed;
                    let Some(last) = page.last else { break };
                    after = last;
                }
                sum += found;
                if found == 0 {
                    keys.retire_parents(None)?;
                    return Ok(sum);
                }
            }
        })
        .await
    }
}
