//! What the world did and what it was told, kept outside the program: what the program is held against in the end.

use std::collections::{BTreeMap, BTreeSet};

use super::label::{Label, Voice};
use super::story::Tick;

/// Everybody's notes.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Whom there is, by number.
    pub(crate) people: Vec<Person>,
    /// What contacts say, by number.
    pub(crate) said: BTreeMap<u32, Said>,
    /// What members reply, by number.
    pub(crate) replies: BTreeMap<u32, Reply>,
    pub(crate) erasures: Vec<Erasure>,
    /// What contacts put on replies or took away again, in the order in which they did.
    pub(crate) reactions: Vec<Reaction>,
    /// What the live stream showed of each reply, by the message's id: when it was first seen to be sent.
    pub(crate) sent: BTreeMap<String, Tick>,
    /// The messages that were once seen to have an unknown outcome.
    pub(crate) doubted: BTreeSet<String>,
    /// When each channel was disconnected: when it was asked for, and when that was answered.
    pub(crate) disconnected: BTreeMap<usize, (Tick, Option<Moment>)>,
    /// What somebody enclosed and the provider gives no more, by the number of the label.
    pub(crate) withdrawn: BTreeSet<u32>,
    /// The files that messages were shown with, by their ids.
    pub(crate) files: BTreeSet<String>,
    /// Whose each contact is.
    pub(crate) contacts: BTreeMap<String, usize>,
    /// Which contact each conversation is with, whoever it is shown as.
    pub(crate) homes: BTreeMap<String, String>,
    /// The merges of contacts, in the order in which they were made.
    pub(crate) merges: Vec<Merge>,
    numbers: u32,
}

/// A moment by both measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) tick: Tick,
    /// Of the world's own time, in milliseconds.
    pub(crate) at_ms: i64,
}

/// Somebody who writes to a channel.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) channel: usize,
    /// How the provider knows them.
    pub(crate) address: String,
    /// Whether they refuse messages now, and since when the program has certainly applied that.
    pub(crate) refuses: Option<Refusal>,
    /// Whether they ever refused.
    pub(crate) refused_once: bool,
    /// What they agreed to, or may have.
    pub(crate) agreed: BTreeSet<&'static str>,
    /// Since when nothing but members' own words may reach them.
    pub(crate) restricted: Option<Moment>,
}

/// A contact is merged into another one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Merge {
    pub(crate) stays: String,
    pub(crate) merged: String,
    pub(crate) id: String,
    /// When it was answered with success.
    pub(crate) made: Option<Tick>,
    /// It was not made.
    pub(crate) refused: bool,
    pub(crate) split_asked: Option<Tick>,
    /// When the split was answered.
    pub(crate) split: Option<Tick>,
}

/// A contact reacts to a reply, or takes that back.
#[derive(Debug, Clone)]
pub(crate) struct Reaction {
    pub(crate) person: usize,
    /// The number of the reply's label.
    pub(crate) reply: u32,
    /// The provider's own name for the reply.
    pub(crate) remote: String,
    pub(crate) on: bool,
    /// In the world's milliseconds.
    pub(crate) at_ms: i64,
    pub(crate) tried: Option<Tick>,
    pub(crate) taken: Option<Tick>,
}

/// Somebody refuses messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Refusal {
    pub(crate) acknowledged: Option<Tick>,
    pub(crate) applied: Option<Moment>,
}

/// Something a contact says.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) person: usize,
    /// Its versions, the first at 0.
    pub(crate) versions: Vec<Version>,
    pub(crate) removal: Removal,
    /// A button of a member that was tapped, or is waiting for that.
    pub(crate) is_tap: bool,
    /// When it was last changed, in the world's milliseconds.
    pub(crate) changed_ms: i64,
    /// The provider's own name for it.
    pub(crate) remote: String,
    /// Whether a file goes with it.
    pub(crate) has_file: bool,
}

/// Whether something was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    No,
    /// It was, and the program may know.
    Wanted,
    /// It was, and the program took note.
    Taken,
}

/// One version of it, on its way to the program.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Version {
    /// When it was first brought to the program.
    pub(crate) tried: Option<Tick>,
    /// When the program first took it.
    pub(crate) taken: Option<Tick>,
}

/// Something a member replies.
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own that can be true of a reply")]
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) workspace: usize,
    pub(crate) person: usize,
    pub(crate) conversation: String,
    /// The message's id, once it was acknowledged.
    pub(crate) message: Option<String>,
    /// When it was acknowledged.
    pub(crate) acknowledged: Option<Tick>,
    /// It was refused for good.
    pub(crate) refused: bool,
    /// How often its sending was ordered (or may have been).
    pub(crate) orders: u32,
    pub(crate) versions: u32,
    pub(crate) taken_back: bool,
    /// When it was first asked for.
    pub(crate) asked: Tick,
    /// Whether a file goes with it.
    pub(crate) has_file: bool,
    /// If it is to be sent later.
    pub(crate) later: Option<Later>,
    /// No member wrote it.
    pub(crate) is_automatic: bool,
    /// The business wrote it elsewhere.
    pub(crate) is_echo: bool,
    /// Nobody knows whether the program took it.
    pub(crate) is_uncertain: bool,
}

/// Something is to be sent later.
#[derive(Debug, Clone)]
pub(crate) struct Later {
    /// Its id, once it was acknowledged.
    pub(crate) id: Option<String>,
    pub(crate) withdrawn: Withdrawal,
    /// The version that was last acknowledged.
    pub(crate) version: u32,
    /// A member is changing it or taking it back.
    pub(crate) is_changing: bool,
}

/// Whether something was taken back before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Withdrawal {
    No,
    Perhaps,
    Done,
}

/// Somebody was erased.
#[derive(Debug, Clone)]
pub(crate) struct Erasure {
    pub(crate) workspace: usize,
    pub(crate) person: usize,
    pub(crate) contact: String,
    /// What only the machine knows: the keys the contact had.
    pub(crate) keys: Vec<String>,
    pub(crate) asked: Tick,
    pub(crate) done: Option<Moment>,
    pub(crate) id: Option<String>,
}

/// What is to be found of something in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It must be there.
    There,
    /// It must not be there.
    Gone,
    /// Either is right.
    Open,
}

impl Ledger {
    /// A number that nothing has yet.
    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// Notes that a label is brought to the program.
    pub(crate) fn tried(&mut self, label: Label, now: Tick) {
        if let Some(version) = self.version(label) {
            version.tried.get_or_insert(now);
        }
    }

    /// Notes a reaction; its place.
    pub(crate) fn reacts(&mut self, person: usize, on_label: Label, remote: String, on: bool, at_ms: i64) -> usize {
        let reply = on_label.number;
        self.reactions.push(Reaction { person, reply, remote, on, at_ms, tried: None, taken: None });
        self.reactions.len() - 1
    }

    /// The place of the reaction to a reply that is dated with this second.
    pub(crate) fn reaction(&self, remote: &str, at_s: i64) -> Option<usize> {
        self.reactions.iter().position(|one| one.remote == remote && one.at_ms.div_euclid(1_000) == at_s)
    }

    /// The channel on which a contact said something.
    pub(crate) fn channel_of(&self, number: u32) -> Option<usize> {
        self.said.get(&number).map(|said| self.people[said.person].channel)
    }

    /// Notes that the program took a label.
    pub(crate) fn taken(&mut self, label: Label, now: Tick) {
        if let Some(version) = self.version(label) {
            version.taken.get_or_insert(now);
        }
    }

    fn version(&mut self, label: Label) -> Option<&mut Version> {
        let said = self.said.get_mut(&label.number)?;
        said.versions.get_mut(usize::try_from(label.version).ok()?.checked_sub(1)?)
    }

    /// What is to be found of one version's words, as far as erasures have a say.
    pub(crate) fn fate(&self, person: usize, version: &Version) -> Fate {
        let Some(taken) = version.taken else { return Fate::Open };
        let tried = version.tried.unwrap_or(taken);
        let mut fate = Fate::There;
        for erasure in self.erasures.iter().filter(|erasure| erasure.person == person) {
            match erasure.done {
                Some(_) if taken < erasure.asked => return Fate::Gone,
                Some(done) if tried > done.tick => {}
                _ => fate = Fate::Open,
            }
        }
        fate
    }

    /// Whether words may not be shown any more: they were taken before an erasure was asked for that was answered before a
    /// moment, in the world's milliseconds.
    pub(crate) fn is_erased(&self, label: Label, before: i64) -> bool {
        let known = match label.voice {
            Voice::Contact => self.said.get(&label.number).and_then(|said| {
                let at = usize::try_from(label.version).unwrap_or(0).saturating_sub(1);
                Some((said.person, said.versions.get(at)?.taken?))
            }),
            Voice::Member => {
                self.replies.get(&label.number).and_then(|reply| Some((reply.person, reply.acknowledged?)))
            }
        };
        let Some((person, since)) = known else { return false };
        let mut own = self.erasures.iter().filter(|erasure| erasure.person == person);
        own.any(|erasure| since < erasure.asked && erasure.done.is_some_and(|done| done.at_ms < before))
    }

    /// When the person whom a reply is for was erased after it was asked for.
    pub(crate) fn erased_after(&self, number: u32) -> Option<Moment> {
        let reply = self.replies.get(&number)?;
        let own = self.erasures.iter().filter(|erasure| erasure.person == reply.person && erasure.asked > reply.asked);
        own.filter_map(|erasure| erasure.done).min_by_key(|done| done.tick)
    }

    /// Whether an erasure of the person has been asked for, answered or not.
    pub(crate) fn erasing(&self, person: usize) -> bool {
        self.erasures.iter().any(|erasure| erasure.person == person)
    }
}
