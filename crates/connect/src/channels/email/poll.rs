//! Asking the mailbox what came: by ids alone, in batches, from where the last asking ended.

use super::cursor::{self, Cursor};
use super::{account::not_now, settings};
use crate::{Account, Call, Ctx, FetchedMail, ImapAct, ImapCall, MailReply, Polled, Reply, Step, Verified};

/// How many mails are brought at once.
const MOST: u32 = 50;
/// No further mail is begun once this many bytes are there.
const BYTES: u64 = 8 << 20;

/// The next step of asking.
pub(super) fn step(
    ctx: &Ctx,
    account: &Account,
    kept: Option<&str>,
    replies: &[Reply],
    read: impl Fn(&FetchedMail, &Cursor) -> Option<Verified>,
) -> Step<Polled> {
    let from = kept.and_then(|kept| Cursor::read(account, kept)).or_else(|| cursor::first(account));
    let Some(reply) = replies.first() else {
        let act = from.map_or(ImapAct::Look, after);
        return Step::Call(Call::Imap(ImapCall { operation: "email.poll", server: settings::imap(account), act }));
    };
    let Reply::Mail(MailReply::Mailbox { validity, next, mails, until }) = reply else {
        return Step::Fail(not_now(reply));
    };
    let Some(from) = from else {
        let cursor = Cursor::new(account, *validity, *next, ctx.now_ms).kept();
        return Step::Done(Polled { requests: Vec::new(), cursor, more: false });
    };
    // Fewer mails than were seen already: the server was set back, and gives the same ids to others.
    let set_back = *next > 0 && *next <= from.uid;
    if *validity != from.validity || set_back {
        let cursor = from.again(*validity, *next);
        return Step::Done(Polled { requests: Vec::new(), cursor: cursor.kept(), more: *next > 1 });
    }
    let brought = mails.iter().map(|mail| mail.uid).max().unwrap_or(0);
    let uid = from.uid.max(*until).max(brought);
    let more = uid > from.uid && uid.saturating_add(1) < *next;
    let requests = mails.iter().filter_map(|mail| read(mail, &from)).collect();
    Step::Done(Polled { requests, cursor: Cursor { uid, ..from }.kept(), more })
}

fn after(cursor: Cursor) -> ImapAct {
    ImapAct::After {
        validity: cursor.validity,
        after: cursor.uid,
        since_ms: cursor.passes_over_ms(),
        most: MOST,
        largest: super::LARGEST,
        bytes: BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, SendError};

    const NOW_MS: i64 = 1_767_225_600_000;

    fn account() -> Account {
        let mut account = Account::default();
        account.settings.insert("address".to_owned(), "info@shop.example".to_owned());
        account.secrets.insert("imap.password".to_owned(), Secret::new("p"));
        account
    }

    fn ask(account: &Account, kept: Option<&str>, replies: &[Reply]) -> Step<Polled> {
        let ctx = Ctx { now_ms: NOW_MS, chance: [0; 32] };
        step(&ctx, account, kept, replies, |mail, _| Some(Verified::fetched(mail.raw.clone())))
    }

    fn mailbox(validity: u32, next: u32, uids: &[u32], until: u32) -> Reply {
        let mail = |uid: &u32| FetchedMail { uid: *uid, received_ms: 0, size: 1, raw: uid.to_string().into_bytes() };
        Reply::Mail(MailReply::Mailbox { validity, next, mails: uids.iter().map(mail).collect(), until })
    }

    /// What is asked of the mailbox: validity, after, since.
    fn asked(kept: Option<&str>) -> Option<(u32, u32, i64)> {
        match ask(&account(), kept, &[]) {
            Step::Call(Call::Imap(ImapCall { act: ImapAct::After { validity, after, since_ms, .. }, .. })) => {
                Some((validity, after, since_ms))
            }
            Step::Call(Call::Imap(ImapCall { act: ImapAct::Look, .. })) => None,
            other => panic!("{other:?}"),
        }
    }

    fn polled(kept: Option<&str>, reply: Reply) -> (Vec<String>, String, bool) {
        let Step::Done(polled) = ask(&account(), kept, &[reply]) else { panic!("an answer") };
        let bodies = polled.requests.iter().map(|it| String::from_utf8_lossy(it.body()).into_owned()).collect();
        (bodies, polled.cursor, polled.more)
    }

    #[test]
    fn what_is_in_the_mailbox_at_first_stays_there() {
        assert_eq!(asked(None), None);
        let (requests, cursor, more) = polled(None, mailbox(7, 10_001, &[], 0));
        assert_eq!((requests.len(), more), (0, false));
        assert_eq!(asked(Some(&cursor)), Some((7, 10_000, 0)));
    }

    #[test]
    fn what_came_between_connecting_and_the_first_asking_is_brought() {
        let mut account = account();
        let learned = cursor::learned(&account, 7, 11, NOW_MS);
        account.learned.extend([learned]);
        let step = ask(&account, None, &[]);
        let Step::Call(Call::Imap(ImapCall { act: ImapAct::After { after, .. }, .. })) = step else {
            panic!("{step:?}")
        };
        assert_eq!(after, 10);
        let Step::Done(polled) = ask(&account, None, &[mailbox(7, 13, &[11, 12], 12)]) else { panic!("an answer") };
        assert_eq!((polled.requests.len(), polled.more), (2, false));
    }

    #[test]
    fn it_goes_on_where_it_ended_batch_by_batch() {
        let (_, start, _) = polled(None, mailbox(7, 11, &[], 0));
        let (first, cursor, more) = polled(Some(&start), mailbox(7, 200, &[11, 12, 60], 60));
        assert_eq!((first, more), (vec!["11".to_owned(), "12".to_owned(), "60".to_owned()], true));
        let (second, cursor, more) = polled(Some(&cursor), mailbox(7, 200, &[61], 199));
        assert_eq!((second.len(), more, asked(Some(&cursor))), (1, false, Some((7, 199, 0))));
        let (none, same, more) = polled(Some(&cursor), mailbox(7, 200, &[], 199));
        assert_eq!((none.len(), &same, more), (0, &cursor, false));
        // A server that answers oddly is not asked without end.
        assert!(!polled(Some(&cursor), mailbox(7, 300, &[], 0)).2);
    }

    #[test]
    fn with_new_ids_it_starts_again_since_it_was_connected() {
        let (_, start, _) = polled(None, mailbox(7, 11, &[], 0));
        for reply in [mailbox(8, 501, &[], 0), mailbox(7, 5, &[], 0)] {
            let Reply::Mail(MailReply::Mailbox { validity, next, .. }) = &reply else { unreachable!() };
            let (validity, next) = (*validity, *next);
            let (requests, cursor, more) = polled(Some(&start), reply);
            assert_eq!((requests.len(), more), (0, true));
            let since = NOW_MS - 10 * 60 * 1000;
            assert_eq!(asked(Some(&cursor)), Some((validity, 0, since)));
            // Beyond those that were there, ids alone count again.
            let (_, cursor, _) = polled(Some(&cursor), mailbox(validity, next, &[next - 1], next - 1));
            assert_eq!(asked(Some(&cursor)), Some((validity, next - 1, 0)));
        }
    }

    #[test]
    fn another_mailbox_begins_anew() {
        let (_, cursor, _) = polled(None, mailbox(7, 11, &[], 0));
        let mut other = account();
        other.settings.insert("imap.host".to_owned(), "imap.other.example".to_owned());
        let step = ask(&other, Some(&cursor), &[]);
        assert!(matches!(step, Step::Call(Call::Imap(ImapCall { act: ImapAct::Look, .. }))), "{step:?}");
    }

    #[test]
    fn whoever_cannot_be_asked_is_asked_later() {
        let fails = |reply: Reply| match ask(&account(), None, &[reply]) {
            Step::Fail(error) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(fails(Reply::Mail(MailReply::Denied)), SendError::Reauthorise);
        for reply in [
            Reply::Lost { why: "cut".to_owned() },
            Reply::NotSent { why: "no route".to_owned() },
            Reply::Unheard,
            Reply::Mail(MailReply::Done),
        ] {
            assert!(matches!(fails(reply), SendError::Retry(_)));
        }
        assert_eq!(asked(Some("no cursor of ours")), None);
    }
}
