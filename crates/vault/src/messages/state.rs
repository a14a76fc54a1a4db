//! The states of a message. They only move forward.

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum State {
    Received,
    Queued,
    Sent,
    Delivered,
    Read,
    Failed,
}

const NAMES: [(State, &str); 6] = [
    (State::Received, "received"),
    (State::Queued, "queued"),
    (State::Sent, "sent"),
    (State::Delivered, "delivered"),
    (State::Read, "read"),
    (State::Failed, "failed"),
];

impl State {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// From the stored or a provider's word.
    pub fn parse(text: &str) -> Option<Self> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state)
    }

    /// Whether `next` is news after `self`. Queued → sent → delivered → read; a failure is final except that what
    /// failed with an unknown outcome (`doubtful`) may still turn out to have arrived; and what was already
    /// delivered or read cannot fail any more.
    pub fn may_become(self, next: Self, doubtful: bool) -> bool {
        use State::{Delivered, Failed, Queued, Read, Received, Sent};
        match (self, next) {
            (Queued, Sent | Delivered | Read | Failed) | (Sent, Delivered | Read | Failed) | (Delivered, Read) => true,
            (Failed, Sent | Delivered | Read) => doubtful,
            (Received | Queued | Sent | Delivered | Read | Failed, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    const ALL: [State; 6] = [State::Received, State::Queued, State::Sent, State::Delivered, State::Read, State::Failed];

    #[test]
    fn no_state_comes_back() {
        // From each state, whatever can be reached never includes the state itself.
        for start in ALL.into_iter().filter(|state| *state != State::Failed) {
            let mut reached: Vec<State> = ALL.into_iter().filter(|next| start.may_become(*next, false)).collect();
            for _ in 0..ALL.len() {
                let further: Vec<State> = reached
                    .iter()
                    .flat_map(|from| ALL.into_iter().filter(|next| from.may_become(*next, false)))
                    .collect();
                reached.extend(further);
                reached.dedup();
            }
            assert!(!reached.contains(&start), "{start:?} can come back");
        }
    }

    #[test]
    fn a_doubtful_failure_may_still_have_arrived() {
        assert!(State::Failed.may_become(State::Delivered, true));
        assert!(!State::Failed.may_become(State::Delivered, false));
        assert!(!State::Read.may_become(State::Failed, true));
    }

    #[test]
    fn words_come_back() {
        for state in ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
    }
}
