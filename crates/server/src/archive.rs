//! Where somebody fetches what is kept of them: a page that takes the code of a link that they were given, and answers it with the
//! archive, once. The code stands behind the `#` of the link, which no browser sends: no log, no proxy and no program that looks
//! through mail sees it.

use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use vault::exports::{self, Taken};

use crate::app::Shared;
use crate::export::pour;
use crate::page::{self, Words};
use crate::problem::ApiError;
use crate::routes::archive;

/// Largest form, in bytes.
const LARGEST: usize = 1_024;

/// The page and what it posts.
pub fn router() -> Router<Shared> {
    Router::new().route("/archive", get(ask).post(take)).layer(DefaultBodyLimit::max(LARGEST))
}

/// The link that carries a ticket.
pub fn address(app: &Shared, ticket: &str) -> String {
    format!("{}/archive#{ticket}", app.public_url)
}

/// What the page posts.
#[derive(Deserialize)]
struct Posted {
    code: String,
}

async fn ask(headers: HeaderMap) -> Response {
    let words = Words::spoken(None, &headers);
    let said = ["archive.title", "archive.text", "archive.once"].map(|name| words.say(name));
    page::entering(words, &said, words.say("archive.code"), words.say("archive.button"))
}

async fn take(State(app): State<Shared>, headers: HeaderMap, Form(posted): Form<Posted>) -> Response {
    match app.vault.take_export(&posted.code).await {
        Ok(Some(taken)) => handed_over(&app, taken),
        Ok(None) => {
            let words = Words::spoken(None, &headers);
            let said = ["no_archive.title", "no_archive.text"].map(|name| words.say(name));
            page::shown(StatusCode::NOT_FOUND, words, &said)
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// The archive. If it does not arrive whole, the link works again.
fn handed_over(app: &Shared, Taken { scope, id, contact }: Taken) -> Response {
    let (vault, within) = (app.vault.clone(), scope.clone());
    let ended = move |whole: bool| async move {
        if whole {
            return;
        }
        if let Err(error) = vault.write(&within, move |tx| exports::give_back(tx, id)).await {
            tracing::error!(export = %id, %error, "a link that brought nothing whole was not made good again");
        }
    };
    archive(pour(app, scope, Some(contact), ended))
}
