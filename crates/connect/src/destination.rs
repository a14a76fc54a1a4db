//! Where a provider says that an account's deliveries go. What a human moved to another system stays there until a human says
//! otherwise: the daily look ([`crate::Connector::subscribe`]) takes nothing from anybody.

use crate::sms::refusal::refused;
use crate::{Account, SendError};

/// The code of a channel whose deliveries go to another system. Only a member takes them back, by testing the channel.
pub const HOOK_MOVED: &str = "hook_moved";

const MOVED: &str = "The provider delivers to another system now. Test the channel to have its messages come here again, or \
                     disconnect it.";

/// Where deliveries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To this channel, at this address or one that this server had before.
    Own,
    /// To another channel of this server.
    Beside,
    /// Nowhere.
    Nowhere,
    /// To somebody else.
    Elsewhere,
}

/// Where an address leads that a provider delivers to. What stands behind `#` is meant for the provider.
pub(crate) fn destination(account: &Account, url: &str) -> Destination {
    let url = url.split('#').next().unwrap_or_default().trim();
    let beside = account.hook_url.strip_suffix(&account.channel).filter(|hooks| hooks.ends_with("/hooks/"));
    match url.rsplit_once("/hooks/") {
        _ if url.is_empty() => Destination::Nowhere,
        Some((_, channel)) if channel == account.channel && !channel.is_empty() => Destination::Own,
        Some((_, channel)) if channel.starts_with("chn_") && beside.is_some_and(|hooks| url.starts_with(hooks)) => {
            Destination::Beside
        }
        _ => Destination::Elsewhere,
    }
}

/// Deliveries go to somebody else.
pub(crate) fn moved() -> SendError {
    refused(HOOK_MOVED, MOVED)
}

/// Words for that.
pub(crate) fn reason(code: &str) -> Option<&'static str> {
    (code == HOOK_MOVED).then_some(MOVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_beside_nowhere_and_elsewhere_are_told_apart() {
        let account = Account {
            channel: "chn_1".to_owned(),
            hook_url: "https://chat.example/hooks/chn_1".to_owned(),
            ..Account::default()
        };
        for (url, expected) in [
            ("https://chat.example/hooks/chn_1", Destination::Own),
            ("https://chat.example/hooks/chn_1#rc=5&rp=all", Destination::Own),
            ("https://before.example/hooks/chn_1", Destination::Own),
            ("https://chat.example/hooks/chn_2", Destination::Beside),
            ("https://other.example/hooks/chn_2", Destination::Elsewhere),
            ("https://chat.example/hooks/", Destination::Elsewhere),
            ("https://chat.example.evil/hooks/chn_2", Destination::Elsewhere),
            ("https://demo.twilio.com/welcome/sms/reply", Destination::Elsewhere),
            ("", Destination::Nowhere),
            (" #rc=5", Destination::Nowhere),
        ] {
            assert_eq!(destination(&account, url), expected, "{url}");
        }
        assert_eq!(destination(&Account::default(), "https://chat.example/hooks/"), Destination::Elsewhere);
        assert_eq!(reason(HOOK_MOVED), Some(MOVED));
    }
}
