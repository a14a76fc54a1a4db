//! What the operator set, as far as promises depend on it.

use super::{Fault, Mailbox, Seen};

/// Settings of the program that the vault does not know by itself.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The address under which the world reaches the server, if it was named.
    pub public_url: Option<String>,
    /// How many addresses inside the network outgoing calls may reach by the operator's word.
    pub opened_addresses: usize,
    /// Connected mailboxes whose providers keep what is read there within the workspace.
    pub mailboxes: Vec<Mailbox>,
}

///
pub(super) fn address(around: &Surroundings) -> Seen {
    let Some(url) = &around.public_url else {
        return Seen::nothing_because(
            "public_url is not set, so the program knows of nobody outside this machine who reaches it",
        );
    };
    let open = !url.starts_with("https://");
    Seen::of(1).and(open.then(|| Fault::of("public_url does not begin with https://", "settings", 1)))
}

///
pub(super) fn opened(around: &Surroundings) -> Seen {
    match around.opened_addresses {
        0 => Seen::of(1),
        some => Seen::nothing_because(format!(
            "the operator's settings let outgoing calls reach {some} addresses inside the network; whether they should is the operator's to say"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::Outcome;

    fn reached_at(url: &str) -> Outcome {
        address(&Surroundings { public_url: Some(url.into()), ..Surroundings::default() }).outcome()
    }

    #[test]
    fn an_address_without_encryption_breaks_the_promise() {
        assert!(matches!(reached_at("http://chat.example.org"), Outcome::Broken { .. }));
        assert_eq!(reached_at("https://chat.example.org"), Outcome::Kept { looked_at: 1 });
        assert!(matches!(address(&Surroundings::default()).outcome(), Outcome::NotChecked { .. }));
    }

    #[test]
    fn opened_addresses_are_not_called_kept() {
        assert_eq!(opened(&Surroundings::default()).outcome(), Outcome::Kept { looked_at: 1 });
        let opened = opened(&Surroundings { opened_addresses: 2, ..Surroundings::default() });
        assert!(matches!(opened.outcome(), Outcome::NotChecked { .. }));
    }
}
