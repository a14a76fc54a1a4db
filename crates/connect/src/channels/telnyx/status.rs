//! Where Telnyx tells what became of a message: an address of its own, so that what comes before the answer to the send, or
//! instead of it, is known for the message's. Telnyx does not sign the address, so it carries a proof of ours.

use crate::{Account, Raw, offered};

/// The path below the hook.
pub(super) const PATH: &str = "status";
/// What the subject of a status begins with.
const OF_OURS: &str = "status:";
/// For what the proof in it is.
const PURPOSE: &str = "status told";

/// The address for one message of ours, the same at each try. `None` if the channel has no secret.
pub(super) fn url(account: &Account, message: &str) -> Option<String> {
    let proof = offered::proof(account, PURPOSE, message)?;
    Some(format!("{}/{PATH}?id={message}.{proof}", account.hook_url))
}

/// What a request to such an address is about; nothing where the address is not ours.
pub(super) fn subject(raw: &Raw, account: &Account) -> Option<String> {
    let (message, proof) = raw.query.strip_prefix("id=").filter(|_| raw.path == PATH)?.split_once('.')?;
    offered::proves(account, PURPOSE, message, proof).then(|| format!("{OF_OURS}{message}"))
}

/// Our id of the message that a status is of.
pub(super) fn ours(subject: Option<&str>) -> Option<String> {
    subject?.strip_prefix(OF_OURS).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn account(secret: &str) -> Account {
        let mut account = Account { hook_url: "https://chat.example/hooks/chn_1".to_owned(), ..Account::default() };
        account.secrets.insert("file_secret".to_owned(), Secret::new(secret));
        account
    }

    fn raw(path: &str, query: &str) -> Raw {
        let (method, path, query) = ("POST".to_owned(), path.to_owned(), query.to_owned());
        Raw { method, path, query, headers: Vec::new(), body: Vec::new() }
    }

    #[test]
    fn only_an_address_of_ours_names_a_message() {
        let own = account("s");
        let address = url(&own, "msg_1").expect("a secret");
        assert_eq!(Some(&address), url(&own, "msg_1").as_ref(), "the same at each try");
        let query = address.strip_prefix("https://chat.example/hooks/chn_1/status?").expect("below the hook");
        assert_eq!(ours(subject(&raw(PATH, query), &own).as_deref()).as_deref(), Some("msg_1"));
        for (path, query, account) in [
            (PATH, query.replace("msg_1", "msg_2"), account("s")),
            (PATH, query.to_owned(), account("t")),
            (PATH, query.to_owned(), account("")),
            ("", query.to_owned(), account("s")),
            (PATH, "id=msg_1".to_owned(), account("s")),
            (PATH, String::new(), account("s")),
        ] {
            assert_eq!(subject(&raw(path, &query), &account), None, "{path} {query}");
        }
        assert_eq!(ours(Some("stop")), None);
    }
}
