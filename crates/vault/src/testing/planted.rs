//! Bugs that can be planted, to see whether the simulation finds them. They exist in builds for tests alone.

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// A provider is told 200 before its bytes are durable.
    AnswerBeforeCommit,
    /// A message is not known again by its id at the provider.
    NoDuplicateCheck,
    /// Any state may follow any other.
    StateGoesBack,
    /// Nothing is asked before something is sent.
    NoGate,
    /// An erasure says that it destroyed the keys, and does not.
    KeySurvivesErasure,
    /// What was ordered last in a conversation goes first.
    OutboxOvertakes,
    /// What may have been sent before a crash is sent again.
    DoubtIsForgotten,
    /// An old edit that comes late replaces a newer one.
    OldEditWins,
    /// That something was sent at its time is noted only after it was.
    NotedAfterwards,
    /// What was taken back before its time is sent all the same.
    TakenBackIsSent,
    /// Who is split off leaves its conversations behind.
    SplitGivesAway,
    /// What a message took along stays when the message goes.
    FileOutlivesMessage,
    /// Restriction is not asked about.
    RestrictionIsIgnored,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AnswerBeforeCommit,
        Self::NoDuplicateCheck,
        Self::StateGoesBack,
        Self::NoGate,
        Self::KeySurvivesErasure,
        Self::OutboxOvertakes,
        Self::DoubtIsForgotten,
        Self::OldEditWins,
        Self::NotedAfterwards,
        Self::TakenBackIsSent,
        Self::SplitGivesAway,
        Self::FileOutlivesMessage,
        Self::RestrictionIsIgnored,
    ];
}
