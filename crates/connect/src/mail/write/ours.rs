//! What is ours about a mail, and proven so: its Message-ID, the mark that stops loops, and the address that answers go to.
//!
//! All of it is keyed with the channel's own generated secret, `reply_secret`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::address;
use crate::{Account, Ctx};

/// The field by which a channel knows its own mails.
pub(crate) const MARK: &str = "X-Parloir-Channel";
/// The setting whose secret signs.
pub(crate) const SECRET: &str = "reply_secret";
/// What a conversation's id begins with; 32 hexadecimal digits follow.
const CONVERSATION: &str = "cnv_";
/// Hexadecimal digits of an id, and of what proves one in an address: that a stranger finds one is out of reach.
const ID: usize = 32;
const PROOF: usize = 16;

/// The value of [`MARK`] in this channel's mails. `None` if the channel has no secret.
pub(crate) fn mark(account: &Account) -> Option<String> {
    proof(account, "loop", &account.channel).map(|proof| proof.chars().take(ID).collect())
}

/// The Message-ID of an order, without angle brackets: the same however often it is tried.
pub(crate) fn message_id(account: &Account, order: &str, address: &str) -> String {
    let proof = proof(account, "message", order).unwrap_or_default();
    let proof = proof.get(..20).unwrap_or("0");
    let order: String = order.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    format!("{order}.{proof}@{}", address::domain(address))
}

/// Whether this channel made a Message-ID.
pub(crate) fn is_message_id(account: &Account, id: &str) -> bool {
    let parts = id.split_once('@').and_then(|(local, _)| local.rsplit_once('.'));
    parts.is_some_and(|(order, given)| {
        let proof = proof(account, "message", order);
        let own = proof.as_deref().and_then(|proof| proof.get(..20));
        own.is_some_and(|own| bool::from(subtle::ConstantTimeEq::ct_eq(own.as_bytes(), given.as_bytes())))
    })
}

/// What parts the pieces of a mail: the same at each try, and nothing that anybody could write into it.
pub(super) fn boundary(ctx: &Ctx, account: &Account, order: &str) -> String {
    let chance = || hex::encode(Sha256::digest(ctx.chance));
    let proof = proof(account, "boundary", order).unwrap_or_else(chance);
    // In quoted-printable no `=` is followed by `_`, and base64 has neither.
    format!("=_{}", proof.get(..24).unwrap_or("parloir"))
}

/// The address to which an answer to a conversation goes. `None` where it would be too long, or there is no secret.
pub(crate) fn reply_address(account: &Account, address: &str, conversation: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let id = conversation.strip_prefix(CONVERSATION).filter(|id| is_hex(id, ID))?;
    let proof = proof(account, "conversation", conversation)?;
    let tagged = format!("{local}+{id}{}", proof.get(..PROOF)?);
    (tagged.len() <= 64 && !local.is_empty()).then(|| format!("{tagged}@{domain}"))
}

/// The conversation that an address of ours names, if this channel made it: in any case of letters, as hosts change it.
pub(crate) fn conversation(account: &Account, address: &str) -> Option<String> {
    let (local, _) = address.rsplit_once('@')?;
    let token = local.rsplit_once('+')?.1.to_ascii_lowercase();
    if !is_hex(&token, ID + PROOF) {
        return None;
    }
    let (id, given) = token.split_at_checked(ID)?;
    let conversation = format!("{CONVERSATION}{id}");
    let proof = proof(account, "conversation", &conversation)?;
    let same = subtle::ConstantTimeEq::ct_eq(proof.get(..PROOF)?.as_bytes(), given.as_bytes());
    bool::from(same).then_some(conversation)
}

/// What proves that a hint is of the watch that this channel asked for. `None` if the channel has no secret.
pub(crate) fn watch_word(account: &Account) -> Option<String> {
    proof(account, "watch", &account.channel)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// 64 hexadecimal digits that only this channel can have written of a text, for one purpose.
fn proof(account: &Account, purpose: &str, text: &str) -> Option<String> {
    let secret = account.secret(SECRET);
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok().filter(|_| !secret.is_empty())?;
    let mac = mac.chain_update(format!("parloir mail {purpose}\n")).chain_update(text);
    Some(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    const CONVERSATION: &str = "cnv_0193a1b2c3d4e5f60718293a4b5c6d7e";

    fn account(secret: &str) -> Account {
        let mut account = Account { channel: "chn_1".to_owned(), ..Account::default() };
        account.secrets.insert(SECRET.to_owned(), Secret::new(secret));
        account
    }

    #[test]
    fn an_address_proves_its_conversation_to_its_channel_alone() {
        let own = account("s");
        let address = reply_address(&own, "info@shop.example", CONVERSATION).expect("short enough");
        assert!(address.starts_with("info+") && address.ends_with("@shop.example"));
        assert_eq!(conversation(&own, &address).as_deref(), Some(CONVERSATION));
        assert_eq!(conversation(&own, &address.to_uppercase()).as_deref(), Some(CONVERSATION));
        for other in [account("t"), account(""), Account::default()] {
            assert_eq!(conversation(&other, &address), None);
        }
        for at in 5..address.find('@').expect("an address") {
            let mut bytes = address.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(conversation(&own, &String::from_utf8(bytes).expect("ASCII")), None, "{at}");
        }
        for wrong in ["", "info@shop.example", "info+@shop.example", "+@", "info+\u{e9}@x", &address.replace('+', "+0")]
        {
            assert_eq!(conversation(&own, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn where_none_can_be_made_there_is_none() {
        assert_eq!(reply_address(&account(""), "info@shop.example", CONVERSATION), None);
        assert_eq!(reply_address(&account("s"), "info@shop.example", "cnv_1"), None);
        assert_eq!(reply_address(&account("s"), "a.very.long.address@shop.example", CONVERSATION), None);
        assert_eq!(mark(&account("")), None);
    }

    #[test]
    fn ids_are_the_same_at_each_try_and_hold_no_space() {
        let id = |order: &str| message_id(&account("s"), order, "info@shop.example");
        assert_eq!(id("obx_1"), id("obx_1"));
        assert_ne!(id("obx_1"), id("obx_2"));
        assert!(id("obx_1").starts_with("obx_1.") && id("obx_1").ends_with("@shop.example"));
        assert_eq!(id("o\r\nb> x").split_once('.').expect("two parts").0, "obx");
        assert!(is_message_id(&account("s"), &id("obx_1")));
        for other in [&id("obx_1").replace("obx_1", "obx_2"), "obx_1@shop.example", "obx_1.0@x", "", "a@b"] {
            assert!(!is_message_id(&account("s"), other), "{other}");
        }
        assert!(!is_message_id(&account("t"), &id("obx_1")) && !is_message_id(&account(""), "obx_1.0@x"));
    }
}
