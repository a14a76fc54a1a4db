//! Members and tokens as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::members::Member;
use vault::tokens::Token;

use super::time;

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct MemberView {
    pub id: String,
    pub name: String,
    pub email: String,
    /// `owner`, `admin`, `agent`, `viewer`, `privacy` or `auditor`.
    pub role: String,
    /// `active`, `invited` (has yet to accept) or `suspended`.
    pub state: String,
    pub created_at: String,
}

/// A bearer token, without the token.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct TokenView {
    pub id: String,
    pub member_id: String,
    pub created_at: String,
    pub revoked_at: Option<String>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.to_string(),
            name: member.name.into_revealed(),
            email: member.email.into_revealed(),
            role: member.role.as_str().to_owned(),
            state: member.state.as_str().to_owned(),
            created_at: time(member.created_at),
        }
    }
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.to_string(),
            member_id: token.member.to_string(),
            created_at: time(token.created_at),
            revoked_at: token.revoked_at.map(time),
        }
    }
}
