//! Asking the mailbox what came: by ids alone, in batches, from where the last asking ended.

use super::cursor::{self, Cursor, Tried};
use super::{account::not_now, settings};
use crate::mail;
use crate::{Account, Call, Ctx, FetchedMail, ImapAct, ImapCall, MailReply, Polled, Reply, SendError, Step, Verified};

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
    let Reply::Mail(MailReply::Mailbox { validity, next, mails, until, withheld }) = reply else {
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
    let mut cursor = Cursor { uid, withheld: None, ..from };
    let mut requests: Vec<Verified> = mails.iter().filter_map(|mail| read(mail, &from)).collect();
    if let Some(missing) = withheld.filter(|missing| missing.uid > uid) {
        let tried = Tried::again(from.withheld, missing, ctx.now_ms);
        if from.withheld == Some(tried) {
            return Step::Fail(SendError::Retry("the connection breaks at a mail".to_owned()));
        }
        if !tried.is_over(missing, ctx.now_ms) {
            // The next asking begins with it: at once for the first time.
            let more = from.withheld.is_none_or(|before| before.uid != missing.uid);
            let cursor = Cursor { withheld: Some(tried), ..cursor };
            return Step::Done(Polled { requests, cursor: cursor.kept(), more });
        }
        let id = format!("{}-{}", from.validity, missing.uid);
        requests.extend(mail::withheld(account.setting("address"), &id, missing.received_ms));
        cursor.uid = missing.uid;
    }
    let more = cursor.uid > from.uid && cursor.uid.saturating_add(1) < *next;
    Step::Done(Polled { requests, cursor: cursor.kept(), more })
}

fn after(cursor: Cursor) -> ImapAct {
    ImapAct::After {
        validity: cursor.validity,
        after: cursor.uid,
        since_ms: cursor.passes_over_ms(),
        most: MOST,
        largest: super::LARGEST,
        bytes: BYTES,
        doubtful: cursor.withheld.map_or(0, |tried| tried.uid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Secret, Withheld, Withholding};

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
        let mails = uids.iter().map(mail).collect();
        Reply::Mail(MailReply::Mailbox { validity, next, mails, until, withheld: None })
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

    /// What becomes of a mailbox with the mails 11 to 13 that gives no 12, asked so often, with so many minutes in between: what was
    /// kept at last, the last id that was looked at, and how often it was asked.
    fn withheld(how: Withholding, minutes: i64, most: i64) -> (Vec<Event>, u32, i64) {
        let (_, mut cursor, _) = polled(None, mailbox(7, 12, &[], 0));
        for round in 0..most {
            let Reply::Mail(MailReply::Mailbox { validity, next, mails, until, .. }) = mailbox(7, 14, &[], 11) else {
                unreachable!()
            };
            let missing = Some(Withheld { uid: 12, received_ms: 1_767_000_000_000, how });
            let reply = Reply::Mail(MailReply::Mailbox { validity, next, mails, until, withheld: missing });
            let ctx = Ctx { now_ms: NOW_MS + round * minutes * 60_000, chance: [0; 32] };
            let step = step(&ctx, &account(), Some(&cursor), &[reply], |_, _| None);
            let Step::Done(polled) = step else {
                assert!(round > 0, "the first time it is kept that it was so");
                return (Vec::new(), 0, round);
            };
            assert_eq!(polled.more, round == 0 || !polled.requests.is_empty(), "round {round}");
            cursor = polled.cursor;
            if let [told] = polled.requests.as_slice() {
                let uid = serde_json::from_str::<Cursor>(&cursor).unwrap().uid;
                return (mail::parse(told), uid, round + 1);
            }
            let doubtful = match ask(&account(), Some(&cursor), &[]) {
                Step::Call(Call::Imap(ImapCall { act: ImapAct::After { after: 11, doubtful, .. }, .. })) => doubtful,
                other => panic!("{other:?}"),
            };
            assert_eq!(doubtful, 12);
        }
        (Vec::new(), 11, most)
    }

    #[test]
    fn a_mail_that_is_never_given_is_passed_over_and_told() {
        let (told, uid, rounds) = withheld(Withholding::Refused, 5, 50);
        assert_eq!((uid, rounds), (12, 5));
        let [Event::Message(told)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(told.unsupported.as_deref(), Some("withheld_mail"));
        assert_eq!((told.at_ms, told.from.identities[0].value.as_str()), (1_767_000_000_000, "info@shop.example"));
        assert_eq!(withheld(Withholding::Refused, 0, 50).1, 11, "asked often within a minute is not long");
        assert_eq!(withheld(Withholding::Broke, 60, 50).2, 25, "a line that breaks is given a day");
        assert_eq!(
            withheld(Withholding::Unproven, 60, 50),
            (Vec::new(), 0, 1),
            "and is the server's failure without proof"
        );
    }

    #[test]
    fn a_mail_that_is_given_at_last_is_as_any_other() {
        let (_, start, _) = polled(None, mailbox(7, 12, &[], 0));
        let missing = Withheld { uid: 12, received_ms: 0, how: Withholding::Refused };
        let reply = MailReply::Mailbox { validity: 7, next: 14, mails: Vec::new(), until: 11, withheld: Some(missing) };
        let (none, cursor, _) = polled(Some(&start), Reply::Mail(reply));
        let (both, cursor, more) = polled(Some(&cursor), mailbox(7, 14, &[12, 13], 13));
        assert_eq!((none.len(), both.len(), more), (0, 2, false));
        assert_eq!(serde_json::from_str::<Cursor>(&cursor).unwrap().withheld, None);
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
