//! Another root key for every workspace key, and another key of the installation's own. Neither touches data: custody alone
//! is written, and what is done already is recognised there, so either may stop anywhere and be begun again. Over all nodes
//! one of them runs at a time.

use std::sync::Arc;

use crate::keys::{RootKey, RootState};
use crate::{Error, Result, Vault, node};

impl Vault {
    /// Takes a root key into use beside the one that is there, if one is given, and wraps every workspace key under it. The
    /// one that was there is needed until [`RootState::is_whole`].
    ///
    /// # Errors
    /// Whatever the next root key refuses with, or stopped it: what was done stays, and another call goes on. A conflict
    /// (`rotation_under_way`) while another such rotation runs.
    pub async fn rotate_root(&self, next: Option<Arc<dyn RootKey>>) -> Result<RootState> {
        let holder = self.read_installation(|tx| Ok::<_, Error>(node::lease_word(tx))).await?;
        self.off_thread(move |vault| {
            let keys = vault.keys();
            keys.alone(&holder, |turn| {
                if let Some(next) = next {
                    keys.accept_root(next)?;
                }
                keys.rewrap_root(turn)
            })
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
    /// Whatever stopped it: another call goes on. A conflict (`rotation_under_way`) while another such rotation runs.
    pub async fn rotate_installation(&self) -> Result<u64> {
        let holder = self.read_installation(|tx| Ok::<_, Error>(node::lease_word(tx))).await?;
        self.off_thread(move |vault| vault.keys().alone(&holder, |turn| vault.keys().rotate_own(turn))).await
    }
}
