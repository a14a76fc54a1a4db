//! What a workspace declares of the data it handles, and which channels that leaves it: some providers forbid health data and other
//! special categories (GDPR, Article 9; CH-1).

use connect::Spec;
use vault::{Error, Result, Tx, channels, workspaces};

const WHY: &str =
    "the provider of this channel forbids health data and other special categories, which the workspace declares";
const FIRST: &str = "a channel is connected whose provider forbids such data: disconnect it first";

/// Declares whether the workspace handles special categories of data.
///
/// # Errors
/// A conflict (`channel_forbids`) while a channel is connected whose provider forbids them, and whatever the vault says.
pub fn special_categories(tx: &Tx<'_>, special: bool) -> Result<()> {
    for connector in connect::channels::all() {
        let spec = connector.spec();
        if special && spec.limits.forbids.special_categories && channels::is_any_on(tx, spec.kind)? {
            return Err(Error::conflict("channel_forbids", FIRST));
        }
    }
    workspaces::declare_special_categories(tx, special)
}

/// Refuses a channel whose provider forbids what the workspace declares.
///
/// # Errors
/// A conflict (`special_categories`), and then nothing is to be connected.
pub fn allows(tx: &Tx<'_>, spec: &Spec) -> Result<()> {
    if spec.limits.forbids.special_categories && workspaces::has_special_categories(tx)? {
        return Err(Error::conflict("special_categories", WHY));
    }
    Ok(())
}
