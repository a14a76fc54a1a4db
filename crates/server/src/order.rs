//! POSTs that act: a body with the `Idempotency-Key` under which it acts once.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
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
        let header = request.headers().get("idempotency-key");
        let key = header
            .map(|value| value.to_str().map(str::to_owned))
            .transpose()
            .map_err(|_| ApiError::field("Idempotency-Key", "expected printable ASCII"))?;
        let mut same = format!("{} {}\n", request.method(), request.uri().path()).into_bytes();
        let problem::Raw { bytes, body } = problem::Raw::<T>::from_request(request, app).await?;
        same.extend_from_slice(&bytes);
        Ok(Self { body, key: Key { key, request: same } })
    }
}

impl Key {
    /// For bodies that are no JSON: the key of a request, its path and what it carries.
    pub fn of(parts: &http::request::Parts, carried: &Bytes) -> Self {
        let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut request = format!("{} {}\n", parts.method, parts.uri.path()).into_bytes();
        request.extend_from_slice(carried);
        Self { key, request }
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
