//! Settings that are the same for all mailboxes whose owners sign in.

use super::write::{Sender, wire};
use crate::{Account, Field, FieldKind, identity};

pub(crate) const NAME: Field = Field::optional(
    "name",
    "Name of the sender",
    "What people read beside the address, such as the shop's name.",
    FieldKind::Text,
);

pub(crate) const ALIASES: Field = Field::optional(
    "aliases",
    "Other addresses of the mailbox",
    "One a line, of those that the provider lets the mailbox send from. Answers go out from the one that was written to.",
    FieldKind::List,
);

pub(crate) const SIGNATURE: Field =
    Field::optional("signature", "Signature", "Stands below each text.", FieldKind::Long);

pub(crate) const REPLY_ADDRESS: Field = Field::choice(
    "reply_address",
    "Where answers go",
    "plain: to the address itself. plus: to an address that names the conversation, so that it is found for certain.",
    &["plain", "plus"],
);

pub(crate) const REPLY_SECRET: Field = Field {
    secret: true,
    generated: true,
    ..Field::optional(
        "reply_secret",
        "Secret for answers",
        "Proves which mails are the channel's own. Made when the channel is created.",
        FieldKind::Text,
    )
};

/// The words for `alias_malformed`.
pub(crate) const ALIAS_MALFORMED: &str = "A further address is not one: write one on each line, as sales@example.com.";

/// Whether mails can come from an address.
pub(crate) fn is_address(address: &str) -> bool {
    identity::email(address).is_some() && wire(address).is_some_and(|wire| wire.is_ascii())
}

/// Who writes, from one of the channel's addresses.
pub(crate) fn sender<'a>(account: &'a Account, address: &'a str) -> Sender<'a> {
    Sender {
        account,
        address,
        name: account.setting("name"),
        signature: account.setting("signature"),
        plus: account.setting("reply_address") == "plus",
    }
}
