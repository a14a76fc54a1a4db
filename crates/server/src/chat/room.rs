//! A web channel as its visitors enter it.

use connect::channels::web::{self, Visitor};
use http::{HeaderMap, header};
use vault::channels::AdmittedHook;
use vault::{ChannelId, ConversationId, conversations};

use crate::app::Shared;
use crate::problem::ApiError;

/// A web channel, admitted, with what its account says.
pub(super) struct Room {
    pub(super) hook: AdmittedHook,
    pub(super) account: connect::Account,
}

impl Room {
    pub(super) async fn enter(app: &Shared, channel: &str) -> Result<Self, ApiError> {
        let channel: ChannelId = channel.parse().map_err(|_| ApiError::not_found())?;
        let hook = app.vault.admit_hook(channel).await?.ok_or_else(ApiError::not_found)?;
        let connector = connect::channels::by_kind(&hook.kind).ok_or_else(ApiError::not_found)?;
        if !web::serves(&hook.kind) {
            return Err(ApiError::not_found());
        }
        let account = app.account(&hook.account, connector.spec());
        Ok(Self { hook, account })
    }

    /// The origin a browser names, if it may.
    pub(super) fn origin(&self, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
        let origin = origin.to_str().map_err(|_| ApiError::unauthorised())?;
        if web::allowed(&self.account, origin) { Ok(Some(origin.to_owned())) } else { Err(ApiError::unauthorised()) }
    }

    pub(super) fn visitor(&self, app: &Shared, headers: &HeaderMap) -> Result<Visitor, ApiError> {
        self.origin(headers)?;
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiError::unauthorised)?;
        web::read(&app.ctx(), &self.account, token).ok_or_else(ApiError::unauthorised)
    }

    /// The visitor's conversation, once there is one.
    pub(super) async fn conversation(
        &self,
        app: &Shared,
        visitor: &Visitor,
    ) -> Result<Option<ConversationId>, ApiError> {
        let (channel, thread) = (self.hook.channel, visitor.subject());
        let found = move |tx: &vault::Tx<'_>| conversations::with_thread(tx, channel, &thread);
        Ok(app.vault.read(&self.hook.scope, found).await?)
    }
}
