//! Who asks, for which workspace, and what for. Nothing is read or written without one.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, ContactId, MemberId, WorkspaceId};

/// The right to touch one workspace's data. Its fields are private, and only sign-in, a claimed job, an admitted
/// hook, a visitor's session or the operator's command line makes one, all of them inside the vault.
#[derive(Debug, Clone)]
pub struct Scope {
    workspace: WorkspaceId,
    actor: Actor,
    purpose: Purpose,
    /// Which workspace the program takes it for, where a test switched the program's own check off.
    #[cfg(any(test, feature = "testing"))]
    believed: Option<WorkspaceId>,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in member with a role.
    Member(MemberId, Role),
    /// The platform itself, for a claimed job.
    Platform,
    /// A provider's request admitted by a channel's verification.
    Channel(ChannelId),
    /// A contact on a public page or in web chat.
    Visitor(ChannelId, ContactId),
    /// Whoever runs the installation, at its command line.
    Operator,
}

/// What for. Each audit leaf and each sealed read carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "plain words")]
pub enum Purpose {
    Conversation,
    Receiving,
    Delivery,
    Indexing,
    Erasure,
    Administration,
    Audit,
}

/// A member's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's")]
pub enum Role {
    Owner,
    Admin,
    Agent,
    Viewer,
    Privacy,
    Auditor,
}

impl Scope {
    pub(crate) fn new(workspace: WorkspaceId, actor: Actor, purpose: Purpose) -> Self {
        Self {
            workspace,
            actor,
            purpose,
            #[cfg(any(test, feature = "testing"))]
            believed: None,
        }
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        #[cfg(any(test, feature = "testing"))]
        if let Some(believed) = self.believed {
            return believed;
        }
        self.workspace
    }

    /// The workspace as the database is told it, which guards the rows of all others.
    pub(crate) fn guarded(&self) -> WorkspaceId {
        self.workspace
    }

    /// The same, taken by the program for another workspace's.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn believing(mut self, workspace: WorkspaceId) -> Self {
        self.believed = Some(workspace);
        self
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The member who acts, if it is one.
    pub fn member(&self) -> Option<(MemberId, Role)> {
        match self.actor {
            Actor::Member(id, role) => Some((id, role)),
            Actor::Platform | Actor::Channel(_) | Actor::Visitor(..) | Actor::Operator => None,
        }
    }
}

impl Role {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Viewer => "viewer",
            Self::Privacy => "privacy",
            Self::Auditor => "auditor",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, crate::Error> {
        [Self::Owner, Self::Admin, Self::Agent, Self::Viewer, Self::Privacy, Self::Auditor]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| crate::Error::Invalid("role is one of owner, admin, agent, viewer, privacy, auditor".into()))
    }
}
