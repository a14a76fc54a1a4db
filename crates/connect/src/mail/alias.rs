//! Further addresses of a mailbox whose owner signed in: which of them the provider lets it send from.

use super::settings::is_address;
use crate::oauth::refused;
use crate::{Account, SendError, identity};

/// Whether a channel has further addresses.
pub(crate) fn has_some(account: &Account) -> bool {
    account.list("aliases").next().is_some()
}

/// Refuses what is no address (`alias_malformed`); `reason` has the words.
pub(crate) fn sound(account: &Account, reason: impl Fn(&str) -> Option<&'static str>) -> Result<(), SendError> {
    if account.list("aliases").all(is_address) {
        return Ok(());
    }
    Err(refused("alias_malformed", reason("alias_malformed").unwrap_or_default()))
}

/// Refuses an address from which the provider sends nothing (`alias_unknown`): it would put another in its place, or refuse each mail.
pub(crate) fn among(
    known: &[String],
    account: &Account,
    reason: impl Fn(&str) -> Option<&'static str>,
) -> Result<(), SendError> {
    if account.list("aliases").filter_map(identity::email).all(|alias| known.contains(&alias)) {
        return Ok(());
    }
    Err(refused("alias_unknown", reason("alias_unknown").unwrap_or_default()))
}
