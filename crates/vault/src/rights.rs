//! Who may do what: a table of rights per role, least privilege by default.
//!
//! Functions of this crate that change a workspace's people, channels or tokens ask for the right themselves; whoever
//! reads or writes conversations asks at the edge, where the row is known.

use serde::{Deserialize, Serialize};

use crate::{Actor, Error, Purpose, Result, Role, Scope};

/// One thing a role may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See conversations and messages.
    ReadConversations,
    /// Reply, note, assign, label, resolve.
    WriteConversations,
    /// See contacts, their identities and attributes.
    ReadContacts,
    /// Create, change, merge and split contacts.
    WriteContacts,
    /// Erase a contact.
    EraseContacts,
    /// Export a contact's data.
    ExportContacts,
    /// Record and withdraw consents.
    ManageConsents,
    /// Change retention terms and legal holds.
    ManageRetention,
    /// Record that somebody asked something of their data.
    RecordRequests,
    /// Read and answer requests of data subjects.
    AnswerRequests,
    /// See which members, teams and channels there are.
    ReadDirectory,
    /// Connect, change and disconnect channels.
    ManageChannels,
    /// Invite, change and suspend members, owners excepted; arrange them in teams.
    ManageMembers,
    /// Make, change and suspend owners, act on their tokens and sessions, and end the workspace.
    ManageOwners,
    /// Make, list and revoke other members' tokens and sessions.
    ManageTokens,
    /// Manage outgoing webhooks.
    ManageWebhooks,
    /// Read and verify the audit log.
    ReadAudit,
    /// Change and export the workspace itself.
    ManageWorkspace,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 18] = [
        Self::ReadConversations,
        Self::WriteConversations,
        Self::ReadContacts,
        Self::WriteContacts,
        Self::EraseContacts,
        Self::ExportContacts,
        Self::ManageConsents,
        Self::ManageRetention,
        Self::RecordRequests,
        Self::AnswerRequests,
        Self::ReadDirectory,
        Self::ManageChannels,
        Self::ManageMembers,
        Self::ManageOwners,
        Self::ManageTokens,
        Self::ManageWebhooks,
        Self::ReadAudit,
        Self::ManageWorkspace,
    ];

    /// What a refusal says.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ReadConversations => "reading conversations",
            Self::WriteConversations => "writing in conversations",
            Self::ReadContacts => "reading contacts",
            Self::WriteContacts => "changing contacts",
            Self::EraseContacts => "erasing contacts",
            Self::ExportContacts => "exporting contacts",
            Self::ManageConsents => "managing consents",
            Self::ManageRetention => "managing retention",
            Self::RecordRequests => "recording requests of data subjects",
            Self::AnswerRequests => "answering requests of data subjects",
            Self::ReadDirectory => "seeing members and channels",
            Self::ManageChannels => "managing channels",
            Self::ManageMembers => "managing members",
            Self::ManageOwners => "managing owners",
            Self::ManageTokens => "managing tokens",
            Self::ManageWebhooks => "managing webhooks",
            Self::ReadAudit => "reading the audit log",
            Self::ManageWorkspace => "managing the workspace",
        }
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Agent, Self::Viewer, Self::Privacy, Self::Auditor];

    /// Whether a member with this role may do that.
    pub const fn may(self, right: Right) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(right, Right::ManageOwners),
            Self::Agent => matches!(
                right,
                Right::ReadConversations
                    | Right::WriteConversations
                    | Right::ReadContacts
                    | Right::WriteContacts
                    | Right::ManageConsents
                    | Right::RecordRequests
                    | Right::ReadDirectory
            ),
            Self::Viewer => matches!(right, Right::ReadConversations | Right::ReadContacts | Right::ReadDirectory),
            Self::Privacy => matches!(
                right,
                Right::ReadContacts
                    | Right::EraseContacts
                    | Right::ExportContacts
                    | Right::ManageConsents
                    | Right::ManageRetention
                    | Right::RecordRequests
                    | Right::AnswerRequests
                    | Right::ReadDirectory
                    | Right::ReadAudit
            ),
            Self::Auditor => matches!(right, Right::ReadAudit),
        }
    }
}

impl Scope {
    /// Whether this scope may do that. Members are judged by their role; the platform and the operator's command line
    /// may do everything; a provider's request may only bring contacts and their messages; a visitor has no rights of
    /// this table at all, and reaches its own conversation by functions that take its contact's id from the scope.
    pub fn may(&self, right: Right) -> bool {
        match self.actor() {
            Actor::Member(_, role) => role.may(right),
            Actor::Platform | Actor::Operator => true,
            Actor::Channel(_) => matches!(
                right,
                Right::ReadConversations | Right::WriteConversations | Right::ReadContacts | Right::WriteContacts
            ),
            Actor::Visitor(..) => false,
        }
    }

    /// Refuses what this scope may not do.
    ///
    /// # Errors
    /// [`Error::Forbidden`], naming the act.
    pub fn require(&self, right: Right) -> Result<()> {
        if self.may(right) { Ok(()) } else { Err(Error::Forbidden(right.words())) }
    }

    /// The same actor in the same workspace with another purpose, which the audit log then shows.
    #[must_use]
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        let scope = Self::new(self.guarded(), self.actor(), purpose);
        #[cfg(any(test, feature = "testing"))]
        let scope = if self.workspace() == self.guarded() { scope } else { scope.believing(self.workspace()) };
        scope
    }
}

impl Purpose {
    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Receiving => "receiving",
            Self::Delivery => "delivery",
            Self::Indexing => "indexing",
            Self::Erasure => "erasure",
            Self::Administration => "administration",
            Self::Audit => "audit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(role: Role) -> Vec<Right> {
        Right::ALL.into_iter().filter(|right| role.may(*right)).collect()
    }

    #[test]
    fn each_role_has_what_the_table_says_and_no_more() {
        assert_eq!(rights(Role::Owner), Right::ALL);
        assert_eq!(rights(Role::Admin).len(), Right::ALL.len() - 1);
        assert!(!Role::Admin.may(Right::ManageOwners));
        assert_eq!(rights(Role::Viewer), [Right::ReadConversations, Right::ReadContacts, Right::ReadDirectory]);
        assert_eq!(rights(Role::Auditor), [Right::ReadAudit]);
        assert!(!Role::Agent.may(Right::EraseContacts) && !Role::Agent.may(Right::ReadAudit));
        assert!(Role::Privacy.may(Right::EraseContacts) && !Role::Privacy.may(Right::ReadConversations));
    }

    #[test]
    fn words_of_roles_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().ok(), Some(role));
        }
        assert!("root".parse::<Role>().is_err());
    }

    #[test]
    fn purposes_are_stored_as_they_are_serialised() {
        for purpose in [
            Purpose::Conversation,
            Purpose::Receiving,
            Purpose::Delivery,
            Purpose::Indexing,
            Purpose::Erasure,
            Purpose::Administration,
            Purpose::Audit,
        ] {
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
        }
    }
}
