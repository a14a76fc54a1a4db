//! The address in the header of a mail that advertises: one POST ends advertising there and then (RFC 8058). A look at it ends
//! nothing, because mail is looked through by programs.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use vault::unsubscribing::Unsubscribing;

use crate::app::Shared;
use crate::page::{self, Words};
use crate::problem::ApiError;

/// The route of tickets. A ticket is a credential: the log names the route and never what stands in it.
pub fn router() -> Router<Shared> {
    Router::new().route("/unsubscribe/{ticket}", get(ask).post(end))
}

/// Where a ticket is taken.
pub fn address(app: &Shared, ticket: &str) -> String {
    format!("{}/unsubscribe/{ticket}", app.public_url)
}

async fn ask(State(app): State<Shared>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    match spoken(&app, &ticket, &headers).await {
        Ok((Some(_), words)) => {
            let said = ["unsubscribe.title", "unsubscribe.text"].map(|name| words.say(name));
            page::asking(words, &said, words.say("unsubscribe.button"))
        }
        Ok((None, words)) => unknown(words),
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// What a ticket is good for, and the words in the language of whom it was made for.
async fn spoken(app: &Shared, ticket: &str, headers: &HeaderMap) -> vault::Result<(Option<Unsubscribing>, Words)> {
    let Some(found) = app.vault.unsubscribing(ticket).await? else { return Ok((None, Words::spoken(None, headers))) };
    let contact = found.contact;
    let language = app.vault.read(&found.scope, move |tx| engine::unsubscribing::language(tx, contact)).await?;
    Ok((Some(found), Words::spoken(language.as_deref(), headers)))
}

/// What the request carries is not looked at: mail programs post `List-Unsubscribe=One-Click` in one form or another, and the page's
/// button nothing.
async fn end(State(app): State<Shared>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    let ended = async {
        let (found, words) = spoken(&app, &ticket, &headers).await?;
        let Some(Unsubscribing { scope, channel, contact }) = found else {
            return Ok::<_, vault::Error>((false, words));
        };
        app.vault.write(&scope, move |tx| engine::unsubscribing::unsubscribe(tx, channel, contact)).await?;
        Ok((true, words))
    };
    match ended.await {
        Ok((true, words)) => {
            let said = ["unsubscribed.title", "unsubscribed.text"].map(|name| words.say(name));
            page::shown(StatusCode::OK, words, &said)
        }
        Ok((false, words)) => unknown(words),
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn unknown(words: Words) -> Response {
    let said = ["no_ticket.title", "no_ticket.text"].map(|name| words.say(name));
    page::shown(StatusCode::NOT_FOUND, words, &said)
}
