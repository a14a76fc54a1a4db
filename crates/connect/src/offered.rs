//! Files that a provider fetches from us: it takes no bytes with a message, only an address.
//!
//! The address holds a ticket that nobody can guess: the file's handle and until when it is good, signed with a secret of
//! the channel's own (`file_secret`). It is good for one file, for ten minutes, and is never written to a log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Account, BlobHandle, Ctx};

/// How long an address is good, in milliseconds.
const GOOD_MS: i64 = 10 * 60 * 1000;
/// The setting whose secret signs. A [`crate::Spec`] that offers files has it as a generated field.
const SECRET: &str = "file_secret";

/// The address of a file for the provider of this channel. `None` if the channel has no secret to sign with.
pub fn address(ctx: &Ctx, account: &Account, file: &BlobHandle) -> Option<String> {
    let public = account.hook_url.strip_suffix(&format!("/hooks/{}", account.channel))?;
    let until = ctx.now_ms.saturating_add(GOOD_MS);
    let signed = format!("{}.{}.{until}", account.channel, file.0);
    let proof = proof(account, "file offered", &signed)?;
    Some(format!("{public}/files/{signed}.{proof}"))
}

/// What proves that this channel wrote a text, for one purpose. `None` if the channel has no secret.
pub(crate) fn proof(account: &Account, purpose: &str, text: &str) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(mac(account, purpose, text)?.finalize().into_bytes()))
}

/// Whether this channel wrote a text, for that purpose.
pub(crate) fn proves(account: &Account, purpose: &str, text: &str, proof: &str) -> bool {
    let check = || mac(account, purpose, text)?.verify_slice(&URL_SAFE_NO_PAD.decode(proof).ok()?).ok();
    check().is_some()
}

/// The channel that a ticket speaks of, before anything is believed.
pub fn channel(ticket: &str) -> Option<&str> {
    ticket.split('.').next().filter(|channel| !channel.is_empty())
}

/// The file that a ticket is good for now, if it was given out by this channel.
pub fn file(now_ms: i64, account: &Account, ticket: &str) -> Option<BlobHandle> {
    let (signed, proof) = ticket.rsplit_once('.')?;
    if !proves(account, "file offered", signed, proof) {
        return None;
    }
    let [channel, file, until] = signed.split('.').collect::<Vec<_>>()[..] else { return None };
    let until: i64 = until.parse().ok()?;
    (channel == account.channel && now_ms < until && until <= now_ms.saturating_add(GOOD_MS))
        .then(|| BlobHandle(file.to_owned()))
}

fn mac(account: &Account, purpose: &str, signed: &str) -> Option<Hmac<Sha256>> {
    let secret = account.secret(SECRET);
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok().filter(|_| !secret.is_empty())?;
    Some(mac.chain_update(format!("parloir {purpose}\n")).chain_update(signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    const NOW_MS: i64 = 1_767_225_600_000;

    fn account(channel: &str, secret: &str) -> Account {
        let mut account = Account {
            channel: channel.to_owned(),
            hook_url: format!("https://chat.example/hooks/{channel}"),
            ..Account::default()
        };
        account.secrets.insert(SECRET.to_owned(), Secret::new(secret));
        account
    }

    fn ticket(account: &Account) -> String {
        let ctx = Ctx { now_ms: NOW_MS, chance: [0; 32] };
        let url = address(&ctx, account, &BlobHandle("att_1".to_owned())).expect("a secret");
        url.strip_prefix("https://chat.example/files/").expect("our own address").to_owned()
    }

    #[test]
    fn a_ticket_is_good_for_its_file_for_ten_minutes() {
        let own = account("chn_1", "s");
        let ticket = ticket(&own);
        assert_eq!(channel(&ticket), Some("chn_1"));
        for (later, good) in [(0, true), (GOOD_MS - 1, true), (GOOD_MS, false), (-1, false)] {
            assert_eq!(file(NOW_MS + later, &own, &ticket).is_some(), good, "{later}");
        }
        assert_eq!(file(NOW_MS, &own, &ticket), Some(BlobHandle("att_1".to_owned())));
    }

    #[test]
    fn no_other_ticket_is_good() {
        let own = account("chn_1", "s");
        let ticket = ticket(&own);
        for other in [account("chn_1", "t"), account("chn_2", "s"), account("chn_1", "")] {
            assert_eq!(file(NOW_MS, &other, &ticket), None);
        }
        for (from, to) in [("att_1", "att_2"), ("chn_1", "chn_2"), (".17", ".27"), (".", ".."), (".", "")] {
            assert_eq!(file(NOW_MS, &own, &ticket.replacen(from, to, 1)), None, "{to}");
        }
        for index in 0..ticket.len() {
            let mut bytes = ticket.clone().into_bytes();
            bytes[index] ^= 1;
            assert_eq!(file(NOW_MS, &own, &String::from_utf8(bytes).expect("ASCII")), None, "{index}");
        }
        for short in ["", ".", "...", "chn_1", "chn_1.att_1"] {
            assert_eq!(file(NOW_MS, &own, short), None);
        }
        let ctx = Ctx { now_ms: NOW_MS, chance: [0; 32] };
        assert_eq!(address(&ctx, &account("chn_1", ""), &BlobHandle("att_1".to_owned())), None);
    }
}
