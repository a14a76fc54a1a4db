//! A member's calls to the API, made in the same process.

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request, header};
use serde_json::Value;
use tower::ServiceExt;
use vault::{MemberId, Scope, TokenId, tokens};

use crate::app::Shared;

/// The largest answer read, in bytes.
const LARGEST: usize = 4 << 20;

/// Whoever calls, with a bearer token.
pub(super) struct Rest {
    router: Router,
    token: String,
}

impl Rest {
    /// Calls with a token that somebody else gave, such as a visitor's session.
    pub(super) fn with(router: Router, token: String) -> Self {
        Self { router, token }
    }

    /// Calls as a member, until [`Rest::close`].
    pub(super) async fn open(app: &Shared, scope: &Scope, member: MemberId, router: Router) -> Result<(Self, TokenId)> {
        let made = app.vault.write(scope, move |tx| tokens::create(tx, member)).await?;
        Ok((Self::with(router, made.token.into_revealed()), made.id))
    }

    /// Takes back a member's token.
    pub(super) async fn close(app: &Shared, scope: &Scope, token: TokenId) -> Result<()> {
        Ok(app.vault.write(scope, move |tx| tokens::revoke(tx, token)).await?)
    }

    /// `GET` of a path under `/api/v1`.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, &format!("/api/v1{path}"), Value::Null).await
    }

    /// `POST` to a path under `/api/v1`.
    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, &format!("/api/v1{path}"), body).await
    }

    /// `PATCH` of a path under `/api/v1`.
    pub(super) async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PATCH, &format!("/api/v1{path}"), body).await
    }

    /// Any call; what is no JSON answers null.
    pub(super) async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.router.clone().oneshot(request.body(body)?).await?;
        let status = response.status();
        let answer = to_bytes(response.into_body(), LARGEST).await.context("the answer was cut off")?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let code = answer.pointer("/code").and_then(Value::as_str).unwrap_or_default();
        ensure!(status.is_success(), "{method} {path} was answered {status} {code}");
        Ok(answer)
    }
}
