//! Every promise of PROMISES.md by its id, with its one check and what that looks at. The sentences are in `promises.txt`.

use std::sync::LazyLock;

use super::surroundings::{self, Surroundings};
use super::{Seen, access, endings, records, sending, terms};
use crate::{Result, Tx};

/// A promise.
pub(super) struct Promise {
    pub(super) id: &'static str,
    pub(super) words: &'static str,
    /// The kinds of channels that it is about.
    pub(super) kinds: Vec<&'static str>,
    pub(super) looks_at: &'static str,
    pub(super) check: Check,
}

/// How it is looked at.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// In each workspace, on one snapshot.
    Within(fn(&Tx<'_>) -> Result<Seen>),
    /// The same, by a function that looks at several promises.
    Named(fn(&Tx<'_>, &Promise) -> Result<Seen>),
    /// For each workspace, in more than one snapshot or outside the database.
    Beside(Part),
    /// In each workspace, beside what the program would call its mailboxes' providers with.
    Mailboxes,
    /// Once for the installation.
    House(House),
    /// In what the operator set.
    Around(fn(&Surroundings) -> Seen),
    /// The program has no such feature.
    Absent,
    /// It cannot be found out from what is there: why.
    Unseen(&'static str),
}

/// What is looked at beside a workspace's database.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Audit,
    Sealing,
    Ledger,
    Erasure,
}

/// What is looked at once.
#[derive(Clone, Copy)]
pub(super) enum House {
    Isolation,
    Backups,
    Embedded,
    Server,
}

const BUILT: Check = Check::Unseen("it is how the program is built, which its tests show: nothing stored can say it");
const ACTS: Check = Check::Unseen("it shows when it is used: nothing stored tells whether it would work now");

use Check::{Absent, Around, Beside, Named, Unseen, Within};

/// One line for each promise, in their order: id, what is looked at, how.
#[rustfmt::skip]
static CHECKS: [(&str, &str, Check); 123] = [
    ("CH-1", CHANNELS, Named(sending::channels)),
    ("CH-2", CHANNELS, Named(sending::channels)),
    ("CH-3", CHANNELS, Named(sending::channels)),
    ("CH-4", "deletions asked for through a provider, and how old those are that are not met", Within(records::deletions)),
    ("CH-5", CHANNELS, Named(sending::channels)),
    ("CH-6", CHANNELS, Named(sending::channels)),
    ("CH-7", "mailboxes: what was asked for and allowed at their providers, and by whose word what is read there leaves the workspace", Check::Mailboxes),
    ("CH-8", CHANNELS, Named(sending::channels)),
    ("CH-9", CHANNELS, Named(sending::channels)),
    ("CH-10", CHANNELS, Named(sending::channels)),
    ("CH-11", "", Absent),
    ("CH-12", CHANNELS, Named(sending::channels)),
    ("CH-13", "merged contacts, and the contacts they are one with", Within(records::merges)),
    ("IN-1", "conversations, and whether every message is within its conversation's counter", Within(sending::counters)),
    ("IN-2", "messages that the search index has yet to take in or to forget", Within(sending::index)),
    ("IN-3", "", BUILT),
    ("IN-4", "", Absent),
    ("IN-5", "", Absent),
    ("IN-6", "", Absent),
    ("IN-7", "", Absent),
    ("IN-8", "messages that are queued, and what waits to be sent", Within(sending::queue)),
    ("TK-1", "", Absent), ("TK-2", "", Absent), ("TK-3", "", Absent),
    ("CA-1", "", Absent), ("CA-2", "", Absent), ("CA-3", "", Absent), ("CA-4", "", Absent),
    ("AI-1", "", Absent), ("AI-2", "", Absent), ("AI-3", "", Absent), ("AI-4", "", Absent), ("AI-5", "", Absent),
    ("AI-6", "", Absent), ("AI-7", "", Absent), ("AI-8", "", Absent), ("AI-9", "", Absent),
    ("V-1", "", Absent), ("V-2", "", Absent), ("V-3", "", Absent), ("V-4", "", Absent), ("V-5", "", Absent), ("V-6", "", Absent),
    ("BZ-1", "", Absent), ("BZ-2", "", Absent), ("BZ-3", "", Absent),
    ("BZ-4", "deliveries to webhooks, and how old the oldest is that waits", Within(sending::deliveries)),
    ("BZ-5", "", Absent), ("BZ-6", "", Absent),
    ("BZ-7", "mailboxes whose content may leave the workspace, and whose word that is", Within(sending::shared)),
    ("MK-1", "advertising that is being sent, and the consent it is sent by; a soft opt-in only by e-mail", Within(sending::advertising)),
    ("MK-2", "soft opt-ins that stand: for advertising alone, on one kind of channel each", Within(records::soft_opt_ins)),
    ("MK-3", "", Absent),
    ("WB-1", "choices at cookie banners, and the text that was shown for each", Within(records::choices)),
    ("WB-2", "visitors of websites: keyed hashes of 32 bytes, of two days at most", Within(records::visitors)),
    ("WB-3", "", BUILT),
    ("WB-4", "", Absent),
    ("WB-5", "deletions asked for through a provider, and how old those are that are not met", Within(records::deletions)),
    ("WB-6", "", Absent), ("WB-7", "", Absent),
    ("WB-8", "", BUILT),
    ("R-1", TERMS, Named(terms::look)),
    ("R-2", "channels that are disconnected: no secret is left, and no setting after 30 days; credentials past their end", Named(terms::credentials)),
    ("R-3", TERMS, Named(terms::look)), ("R-4", TERMS, Named(terms::look)), ("R-5", TERMS, Named(terms::look)),
    ("R-6", TERMS, Named(terms::look)), ("R-7", TERMS, Named(terms::look)), ("R-8", TERMS, Named(terms::look)),
    ("R-9", TERMS, Named(terms::look)), ("R-10", TERMS, Named(terms::look)), ("R-11", TERMS, Named(terms::look)),
    ("R-12", TERMS, Named(terms::look)), ("R-13", TERMS, Named(terms::look)), ("R-14", TERMS, Named(terms::look)),
    ("R-15", TERMS, Named(terms::look)),
    ("R-16", "", Unseen("where backups lie is said when one is taken, and kept nowhere")),
    ("R-17", TERMS, Named(terms::look)), ("R-18", TERMS, Named(terms::look)), ("R-19", TERMS, Named(terms::look)),
    ("R-20", TERMS, Named(terms::look)),
    ("R-21", "suppressions: keyed hashes of 32 bytes, and nothing else", Within(terms::suppressions)),
    ("R-22", TERMS, Named(terms::look)),
    ("D-1", "erased contacts: every table of the data map, their keys in custody, and how far each erasure is", Beside(Part::Erasure)),
    ("D-2", "channels that are disconnected, and the end of what they brought", Within(endings::disconnected)),
    ("D-3", "workspaces whose end is ordered: that it is carried out, and that nothing is left which does not outlive it", Within(endings::workspace)),
    ("D-4", "the ledger in custody: a line for every erased contact", Beside(Part::Ledger)),
    ("D-5", "standing legal holds, and what they cover", Within(records::holds)),
    ("S-1", "requests of data subjects that are open, and their time", Within(records::requests)),
    ("S-2", "", BUILT),
    ("S-3", "", ACTS),
    ("S-4", "contacts who asked for restriction, and what was sent to them without a member's word", Within(records::restrictions)),
    ("S-5", "", ACTS),
    ("G-1", "", Absent), ("G-2", "", Absent), ("G-3", "", Absent), ("G-4", "", Absent),
    ("G-5", "consent records: purpose, channel, ground, text, way and time of each, and of each withdrawal", Within(records::consents)),
    ("G-6", "", Absent), ("G-7", "", Absent),
    ("G-8", "", BUILT),
    ("G-9", "", Absent), ("G-10", "", Absent), ("G-11", "", Absent), ("G-12", "", Absent), ("G-13", "", Absent),
    ("X-1", "every sealed cell of every table, opened; rotations of keys, and how old those are that are under way", Beside(Part::Sealing)),
    ("X-2", "the address under which the world reaches the server", Around(surroundings::address)),
    ("X-3", "row-level security of every table on PostgreSQL; references between rows on either engine", Check::House(House::Isolation)),
    ("X-4", "roles of members", Within(access::roles)),
    ("X-5", "passwords, tokens, sessions, invitations and recovery codes as they are stored", Within(access::hashes)),
    ("X-6", "the whole audit log: every entry, every checkpoint, every signature, and what no checkpoint covers yet", Beside(Part::Audit)),
    ("X-7", "addresses inside the network that the operator opened to outgoing calls", Around(surroundings::opened)),
    ("X-8", "the newest backup and the newest restore that was tried", Check::House(House::Backups)),
    ("X-9", "", BUILT),
    ("X-10", "", BUILT),
    ("O-1", "the embedded database: its own check of every page, and who may read its file", Check::House(House::Embedded)),
    ("O-2", "PostgreSQL's settings that would lose or betray data", Check::House(House::Server)),
    ("O-3", "", Unseen("an installation does not know where its machine stands")),
    ("O-4", "", BUILT),
    ("O-5", "", Absent), ("O-6", "", Absent), ("O-7", "", Absent),
];

const TERMS: &str = "rows that are older than their term and two days, by the data map, less what a legal hold covers";
const CHANNELS: &str =
    "connected channels of this kind: sealed settings, the directory by which their hooks are admitted, what waits";

static REGISTRY: LazyLock<Vec<Promise>> = LazyLock::new(|| {
    let lines = include_str!("promises.txt").lines();
    lines.filter_map(promise).collect()
});

/// All promises, in their order.
pub(super) fn registry() -> &'static [Promise] {
    &REGISTRY
}

fn promise(line: &'static str) -> Option<Promise> {
    let mut parts = line.split('|');
    let (id, words) = (parts.next()?, parts.next()?);
    let kinds = parts.next().map(|kinds| kinds.split(',').collect()).unwrap_or_default();
    let (_, looks_at, check) = CHECKS.iter().find(|(known, _, _)| *known == id)?;
    Some(Promise { id, words, kinds, looks_at, check: *check })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_promise_has_exactly_one_check() {
        let told: Vec<&str> = include_str!("promises.txt").lines().filter_map(|line| line.split('|').next()).collect();
        let checked: Vec<&str> = CHECKS.iter().map(|(id, _, _)| *id).collect();
        assert_eq!(told, checked, "left: promises.txt; right: the checks, in the same order");
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "a promise is told twice");
        assert_eq!(registry().len(), CHECKS.len());
        for (group, last) in [("CH", 13), ("IN", 8), ("TK", 3), ("CA", 4), ("AI", 9), ("V", 6), ("BZ", 7), ("MK", 3)] {
            assert_eq!(numbers(&told, group), last, "{group}");
        }
        for (group, last) in [("WB", 8), ("R", 22), ("D", 5), ("S", 5), ("G", 13), ("X", 10), ("O", 7)] {
            assert_eq!(numbers(&told, group), last, "{group}");
        }
    }

    /// How many promises a group has, if they are numbered from one without a gap.
    fn numbers(told: &[&str], group: &str) -> usize {
        let own = told.iter().filter_map(|id| id.strip_prefix(group)?.strip_prefix('-')?.parse::<usize>().ok());
        let own: Vec<usize> = own.collect();
        let expected: Vec<usize> = (1..=own.len()).collect();
        if own == expected { own.len() } else { 0 }
    }

    #[test]
    fn what_is_looked_at_is_said() {
        for promise in registry() {
            let silent = matches!(promise.check, Check::Absent | Check::Unseen(_));
            assert_eq!(promise.looks_at.is_empty(), silent, "{}", promise.id);
            assert!(!promise.words.is_empty() && !promise.words.ends_with('.'), "{}", promise.id);
        }
    }
}
