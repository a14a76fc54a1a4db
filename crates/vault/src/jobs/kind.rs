//! The kinds of job, by whose workers each is done, how long it is tried, and for what its scope is made.

use crate::{Error, Purpose, Result};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Fetch a contact's file from its provider; subject: the attachment.
    FetchFile,
    /// Remove a file from the blob store; subject: the attachment.
    DropFile,
    /// Bring the full-text index up to date; subject: the workspace.
    Index,
    /// Remove an erased contact's rows in batches; subject: the erasure.
    EraseRows,
    /// Remove at providers what they hold of an erased contact; subject: the erasure.
    EraseRemote,
    /// Prove a channel's credentials and register its hook; subject: the channel.
    ConnectChannel,
    /// Ask providers who a contact is; subject: the contact.
    AskPerson,
    /// Meet a wish for deletion; subject: the wish.
    MeetDeletion,
    /// Ask a channel's account what came; subject: the channel.
    PollChannel,
    /// Have a channel's provider tell here that there is news, and go on doing so; subject: the channel.
    WatchAccount,
    /// Read a channel's templates from its provider; subject: the channel.
    SyncTemplates,
    /// Renew the tokens by which a channel's account is called, before they end; subject: the channel.
    RenewTokens,
    /// Extend the Merkle tree of the audit log; subject: the workspace.
    AuditTree,
    /// Remind members of a request of a data subject; subject: the request.
    RemindRequest,
    /// Send a code to the address that somebody says is theirs; subject: the claim.
    SendRequestCode,
    /// Go on with a rotation of keys; subject: the rotation.
    Rotate,
    /// Delete what is past its term; subject: the workspace.
    Sweep,
    /// End what a disconnected channel brought; subject: the channel.
    EndChannel,
    /// End the workspace; subject: the workspace.
    EndWorkspace,
    /// Have go on what legal holds stopped and stop no more; subject: the workspace.
    ResumeHeld,
    /// End a conversation's snooze; subject: the conversation.
    WakeConversation,
    /// Send what was to be sent later; subject: what was scheduled.
    SendScheduled,
    /// Tell a member's browsers that there is something to look at; subject: the member.
    Push,
    /// Post a fact to a webhook; subject: the delivery.
    PostWebhook,
}

/// By whose workers a job is done. What waits for others has workers of its own, so that it keeps nothing else waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// All that is done here.
    House,
    /// What is asked of channels' providers and of mail servers.
    Outside,
    /// Pushes, and posts of webhooks.
    Posts,
}

impl Lane {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Outside => "outside",
            Self::Posts => "posts",
        }
    }
}

const KINDS: [(JobKind, &str); 24] = [
    (JobKind::FetchFile, "fetch_file"),
    (JobKind::DropFile, "drop_file"),
    (JobKind::Index, "index"),
    (JobKind::EraseRows, "erase_rows"),
    (JobKind::EraseRemote, "erase_remote"),
    (JobKind::ConnectChannel, "connect_channel"),
    (JobKind::AskPerson, "ask_person"),
    (JobKind::MeetDeletion, "meet_deletion"),
    (JobKind::PollChannel, "poll_channel"),
    (JobKind::WatchAccount, "watch_account"),
    (JobKind::SyncTemplates, "sync_templates"),
    (JobKind::RenewTokens, "renew_tokens"),
    (JobKind::AuditTree, "audit_tree"),
    (JobKind::RemindRequest, "remind_request"),
    (JobKind::SendRequestCode, "send_request_code"),
    (JobKind::Rotate, "rotate"),
    (JobKind::Sweep, "sweep"),
    (JobKind::EndChannel, "end_channel"),
    (JobKind::EndWorkspace, "end_workspace"),
    (JobKind::ResumeHeld, "resume_held"),
    (JobKind::WakeConversation, "wake_conversation"),
    (JobKind::SendScheduled, "send_scheduled"),
    (JobKind::Push, "push"),
    (JobKind::PostWebhook, "post_webhook"),
];

impl JobKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// By whose workers it is done.
    pub const fn lane(self) -> Lane {
        match self {
            Self::Push | Self::PostWebhook => Lane::Posts,
            Self::FetchFile
            | Self::EraseRemote
            | Self::ConnectChannel
            | Self::AskPerson
            | Self::PollChannel
            | Self::WatchAccount
            | Self::SyncTemplates
            | Self::RenewTokens
            | Self::SendRequestCode => Lane::Outside,
            Self::DropFile
            | Self::Index
            | Self::EraseRows
            | Self::MeetDeletion
            | Self::AuditTree
            | Self::RemindRequest
            | Self::Rotate
            | Self::Sweep
            | Self::EndChannel
            | Self::EndWorkspace
            | Self::ResumeHeld
            | Self::WakeConversation
            | Self::SendScheduled => Lane::House,
        }
    }

    /// How many attempts it gets before it is given up; `None`: as many as it takes, because a promise depends on it.
    pub const fn attempts(self) -> Option<i64> {
        match self {
            Self::FetchFile | Self::AskPerson => Some(8),
            Self::ConnectChannel => Some(10),
            // Its code is good for a quarter of an hour.
            Self::SendRequestCode => Some(3),
            Self::DropFile
            | Self::Index
            | Self::EraseRows
            | Self::EraseRemote
            | Self::MeetDeletion
            | Self::PollChannel
            | Self::WatchAccount
            | Self::SyncTemplates
            | Self::RenewTokens
            | Self::AuditTree
            | Self::RemindRequest
            | Self::Rotate
            | Self::Sweep
            | Self::EndChannel
            | Self::EndWorkspace
            | Self::ResumeHeld
            | Self::WakeConversation
            | Self::SendScheduled
            | Self::Push
            | Self::PostWebhook => None,
        }
    }

    /// For what the job's scope is made.
    pub(super) const fn purpose(self) -> Purpose {
        match self {
            Self::FetchFile | Self::AskPerson | Self::PollChannel => Purpose::Receiving,
            Self::Index => Purpose::Indexing,
            Self::WakeConversation => Purpose::Conversation,
            Self::SendScheduled | Self::SendRequestCode | Self::Push | Self::PostWebhook => Purpose::Delivery,
            Self::DropFile
            | Self::EraseRows
            | Self::EraseRemote
            | Self::MeetDeletion
            | Self::Sweep
            | Self::EndChannel
            | Self::EndWorkspace
            | Self::ResumeHeld => Purpose::Erasure,
            Self::ConnectChannel
            | Self::WatchAccount
            | Self::SyncTemplates
            | Self::RenewTokens
            | Self::Rotate
            | Self::RemindRequest => Purpose::Administration,
            Self::AuditTree => Purpose::Audit,
        }
    }
}

impl std::str::FromStr for JobKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let kind = KINDS.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind);
        kind.ok_or_else(|| Error::Invalid("no such kind of job".into()))
    }
}

#[cfg(test)]
pub(super) const ALL: [JobKind; KINDS.len()] = {
    let mut all = [JobKind::Sweep; KINDS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = KINDS[at].0;
        at += 1;
    }
    all
};
