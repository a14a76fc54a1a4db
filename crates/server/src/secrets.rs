//! Proving a request by a channel's secrets: the present ones, then those before, while they are accepted.

use connect::{Connector, Raw, Reject, Verified};
use vault::channels::ChannelAccount;

use crate::app::Shared;

/// Verifies a request with a channel's account. Each comparison is the connector's, in constant time; how many are made tells
/// no more than that the channel has a previous secret.
///
/// # Errors
/// What the present secrets were refused with.
pub fn verify(
    app: &Shared,
    kept: &ChannelAccount,
    connector: &'static dyn Connector,
    raw: &Raw,
) -> Result<Verified, Reject> {
    let by = |kept: &ChannelAccount| connector.verify(&app.ctx(), raw, &app.account(kept, connector.spec()));
    let refused = match by(kept) {
        Err(Reject::Unauthorised) if !kept.previous.is_empty() => Reject::Unauthorised,
        verdict => return verdict,
    };
    kept.earlier(app.now()).iter().find_map(|earlier| by(earlier).ok()).ok_or(refused)
}
