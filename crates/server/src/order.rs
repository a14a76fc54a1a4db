//! POSTs that act: a body with the `Idempotency-Key` under which it acts once.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;
use vault::idempotency::{self, Begun};
use vault::{Scope, Tx};

use crate::app::Shared;
use crate::problem::{self, ApiError};

/// A JSON body and the key it came with.
pub struct Order<T> {
    /// The body.
    pub body: T,
    /// What makes a repetition the same.
    pub key: Key,
}

/// An `Idempotency-Key`, if one was sent, and the request it belongs to.
#[derive(Clone)]
pub struct Key {
    key: Option<String>,
    request: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequest<Shared> for Order<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let mut key = Key::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let problem::Raw { bytes, body } = problem::Raw::<T>::from_request(request, app).await?;
        key.request.extend_from_slice(&bytes);
        Ok(Self { body, key })
    }
}

/// The key of a request without a body, or with one that is streamed and cannot be compared: method and path must be
/// the same when the key is used again.
impl FromRequestParts<Shared> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let header = parts.headers.get("idempotency-key");
        let key = header
            .map(|value| value.to_str().map(str::to_owned))
            .transpose()
            .map_err(|_| ApiError::field("Idempotency-Key", "expected printable ASCII"))?;
        Ok(Self { key, request: format!("{} {}\n", parts.method, parts.uri.path()).into_bytes() })
    }
}

impl Key {
    /// The status and the id that the same request was answered with before, if it was: for acts that begin with
    /// something costly.
    pub async fn answered(&self, app: &Shared, scope: &Scope) -> Result<Option<(u16, String)>, ApiError> {
        let Self { key: Some(key), request } = self.clone() else { return Ok(None) };
        let before = app.vault.read(scope, move |tx| match idempotency::begin(tx, &key, &request)? {
            Begun::Answered { status, subject } => Ok(Some((status, subject))),
            Begun::First(_) => Ok::<_, vault::Error>(None),
        });
        Ok(before.await?)
    }

    /// Runs an act once: a repetition with the same key finds the id the first one made. `act` returns the HTTP
    /// status and the id of what it made, which the handler then renders.
    pub async fn once<F>(self, app: &Shared, scope: &Scope, act: F) -> Result<(u16, String), ApiError>
    where
        F: Fn(&Tx<'_>) -> engine::Result<(u16, String)> + Send + 'static,
    {
        let done = app.vault.write(scope, move |tx| {
            let Some(key) = &self.key else { return act(tx) };
            match idempotency::begin(tx, key, &self.request)? {
                Begun::Answered { status, subject } => Ok((status, subject)),
                Begun::First(claim) => {
                    let (status, subject) = act(tx)?;
                    idempotency::finish(tx, &claim, status, &subject)?;
                    Ok((status, subject))
                }
            }
        });
        Ok(done.await?)
    }
}
