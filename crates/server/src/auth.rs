//! Who calls: a bearer token or a session cookie becomes a scope; a right becomes an argument type.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::Method;
use http::request::Parts;
use subtle::ConstantTimeEq;
use vault::{MemberId, Right, Role, Scope};

use crate::app::Shared;
use crate::problem::{ApiError, Code};

/// The session cookie's name.
pub const COOKIE: &str = "parloir_session";
/// The header that proves that a request with a cookie came from our page.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// A known caller.
#[derive(Clone)]
pub struct Caller {
    /// What the caller may touch.
    pub scope: Scope,
    /// The member.
    pub member: MemberId,
    /// The member's role.
    pub role: Role,
    /// The session, if that is how the caller came.
    pub session: Option<Session>,
    /// The bearer token, if it is that.
    pub bearer: Option<String>,
}

/// A session as it came.
#[derive(Clone)]
pub struct Session {
    /// The cookie's value.
    pub token: String,
    /// The token that a request must carry beside the cookie.
    pub csrf: String,
}

impl Caller {
    /// Fails unless the caller has a right.
    pub fn require(&self, right: Right) -> Result<(), ApiError> {
        if self.role.may(right) { Ok(()) } else { Err(ApiError::forbidden()) }
    }
}

/// A caller who has signed in: what may be done at the door alone is not done by a token that somebody may have found.
pub struct SignedIn(pub Caller);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.session.is_some() {
            return Ok(Self(caller));
        }
        Err(ApiError::new(Code::Forbidden, "This takes a session: sign in. A bearer token does not include it."))
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        if let Some(header) = parts.headers.get(http::header::AUTHORIZATION) {
            let header = header.to_str().map_err(|_| ApiError::unauthorised())?;
            let token = header.strip_prefix("Bearer ").ok_or_else(ApiError::unauthorised)?;
            return by_token(app, token.trim()).await;
        }
        let token = cookie(parts, COOKIE).ok_or_else(ApiError::unauthorised)?;
        by_session(app, parts, token).await
    }
}

async fn by_token(app: &Shared, token: &str) -> Result<Caller, ApiError> {
    let scope = app.vault.token_scope(token).await?.ok_or_else(ApiError::unauthorised)?;
    let (member, role) = scope.member().ok_or_else(ApiError::unauthorised)?;
    Ok(Caller { scope, member, role, session: None, bearer: Some(token.to_owned()) })
}

async fn by_session(app: &Shared, parts: &Parts, token: String) -> Result<Caller, ApiError> {
    let signed_in = app.vault.session_scope(&token).await?.ok_or_else(ApiError::unauthorised)?;
    let csrf = signed_in.csrf.into_revealed();
    let harmless = matches!(parts.method, Method::GET | Method::HEAD);
    if !harmless && !carries(parts, &csrf) {
        return Err(ApiError::new(Code::Csrf, "Send the session's CSRF token in the header X-CSRF-Token."));
    }
    let session = Some(Session { token, csrf });
    Ok(Caller { scope: signed_in.scope, member: signed_in.member, role: signed_in.role, session, bearer: None })
}

fn carries(parts: &Parts, csrf: &str) -> bool {
    let sent = parts.headers.get(CSRF_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
    !csrf.is_empty() && bool::from(sent.ct_eq(csrf.as_bytes()))
}

/// The value of a cookie.
pub fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A right as a type, so that a handler that takes [`Allowed`] cannot have forgotten to ask.
pub trait Asks: Send + Sync + 'static {
    /// The right asked for.
    const RIGHT: Right;
}

macro_rules! rights {
    ($($name:ident),* $(,)?) => { $(
        #[doc = concat!("Asks for [`Right::", stringify!($name), "`].")]
        pub struct $name;
        impl Asks for $name {
            const RIGHT: Right = Right::$name;
        }
    )* };
}
rights!(
    ReadConversations,
    WriteConversations,
    ReadContacts,
    WriteContacts,
    EraseContacts,
    ExportContacts,
    RecordRequests,
    AnswerRequests,
    ManageConsents,
    ManageRetention,
    ReadDirectory,
    ManageChannels,
    ManageMembers,
    ManageOwners,
    ManageTokens,
    ManageWebhooks,
    ReadAudit,
    ManageWorkspace,
);

/// A caller who has a right.
pub struct Allowed<R: Asks> {
    /// The caller.
    pub caller: Caller,
    right: PhantomData<R>,
}

impl<R: Asks> Allowed<R> {
    /// What the caller may touch.
    pub fn scope(&self) -> &Scope {
        &self.caller.scope
    }
}

impl<R: Asks> FromRequestParts<Shared> for Allowed<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        caller.require(R::RIGHT)?;
        Ok(Self { caller, right: PhantomData })
    }
}
