//! The address in the header of a mail that advertises: one POST ends advertising there and then (RFC 8058). A look at it ends
//! nothing, because mail is looked through by programs.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use vault::unsubscribing::Unsubscribing;

use crate::app::Shared;
use crate::page;
use crate::problem::ApiError;

/// The route of tickets. A ticket is a credential: the log names the route and never what stands in it.
pub fn router() -> Router<Shared> {
    Router::new().route("/unsubscribe/{ticket}", get(ask).post(end))
}

/// Where a ticket is taken.
pub fn address(app: &Shared, ticket: &str) -> String {
    format!("{}/unsubscribe/{ticket}", app.public_url)
}

fn said(words: [&str; 2]) -> [String; 2] {
    words.map(str::to_owned)
}

async fn ask(State(app): State<Shared>, Path(ticket): Path<String>) -> Response {
    match app.vault.unsubscribing(&ticket).await {
        Ok(Some(_)) => {
            let words = ["Unsubscribe", "This business will send you no more advertising to this address."];
            page::asking(&said(words), "Unsubscribe")
        }
        Ok(None) => unknown(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// What the request carries is not looked at: mail programs post `List-Unsubscribe=One-Click` in one form or another, and the page's
/// button nothing.
async fn end(State(app): State<Shared>, Path(ticket): Path<String>) -> Response {
    let ended = async {
        let Some(Unsubscribing { scope, channel, contact }) = app.vault.unsubscribing(&ticket).await? else {
            return Ok::<_, vault::Error>(false);
        };
        app.vault.write(&scope, move |tx| engine::unsubscribing::unsubscribe(tx, channel, contact)).await?;
        Ok(true)
    };
    match ended.await {
        Ok(true) => {
            let words =
                ["Unsubscribed", "This business will send you no more advertising. What you ask is answered still."];
            page::shown(StatusCode::OK, &said(words))
        }
        Ok(false) => unknown(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn unknown() -> Response {
    let words = [
        "Not found",
        "This address is not complete. Take the whole of it from the mail, or answer the mail and say so.",
    ];
    page::shown(StatusCode::NOT_FOUND, &said(words))
}
