//! Who looks at which conversation at this moment, so that two members do not answer the same one. Nothing of it is stored;
//! whoever does not say again that they are there is gone after [`LASTS_MS`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vault::{ConversationId, MemberId, Millis, WorkspaceId};

/// How long one word lasts, in milliseconds.
pub const LASTS_MS: Millis = 30_000;

/// What a member does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Doing {
    Looking,
    Typing,
}

impl Doing {
    /// The shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Looking => "looking",
            Self::Typing => "typing",
        }
    }
}

/// A member who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Present {
    pub member: MemberId,
    pub doing: Doing,
    /// Since when they do that.
    pub since: Millis,
    until: Millis,
}

type Place = (WorkspaceId, ConversationId);

/// All who are somewhere.
#[derive(Debug, Default)]
pub struct Presence {
    places: Mutex<HashMap<Place, Vec<Present>>>,
    /// Whether somebody sees to it that those go who are not heard of again.
    watched: AtomicBool,
}

impl Presence {
    /// Whether the caller is to watch from now on, as nobody does.
    pub fn begin_watch(&self) -> bool {
        !self.watched.swap(true, Ordering::AcqRel)
    }

    /// The watch is over. Whoever notes somebody after this begins another.
    pub fn end_watch(&self) {
        self.watched.store(false, Ordering::Release);
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Place, Vec<Present>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a member does in a conversation (`None`: they left); whether that is news to others.
    pub fn note(&self, place: Place, member: MemberId, doing: Option<Doing>, now: Millis) -> bool {
        let mut places = self.places();
        let there = places.entry(place).or_default();
        let known = there.iter().position(|present| present.member == member);
        let news = match (known, doing) {
            (None, None) => false,
            (Some(at), None) => {
                there.remove(at);
                true
            }
            (None, Some(doing)) => {
                there.push(Present { member, doing, since: now, until: now + LASTS_MS });
                true
            }
            (Some(at), Some(doing)) => there.get_mut(at).is_some_and(|present| {
                let news = present.doing != doing || present.until <= now;
                let since = if news { now } else { present.since };
                *present = Present { member, doing, since, until: now + LASTS_MS };
                news
            }),
        };
        if there.is_empty() {
            places.remove(&place);
        }
        news
    }

    /// Whether nobody is anywhere.
    pub fn is_empty(&self) -> bool {
        self.places().is_empty()
    }

    /// Who is in a conversation.
    pub fn of(&self, place: Place, now: Millis) -> Vec<Present> {
        let there = self.places().get(&place).cloned().unwrap_or_default();
        there.into_iter().filter(|present| present.until > now).collect()
    }

    /// Lets those go who have not been heard of; where that was, and whether nobody is anywhere now.
    pub fn expire(&self, now: Millis) -> (Vec<Place>, bool) {
        let mut places = self.places();
        let mut left = Vec::new();
        places.retain(|place, there| {
            let before = there.len();
            there.retain(|present| present.until > now);
            if there.len() < before {
                left.push(*place);
            }
            !there.is_empty()
        });
        (left, places.is_empty())
    }
}
