//! What became of a wish for deletion that a provider told us for a person: a page for whoever knows its code.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use vault::deletions::Status;
use vault::holds;

use crate::app::Shared;
use crate::page::{Words, shown};
use crate::problem::ApiError;

/// The status of a wish, without anything of the person.
pub async fn page(
    State(app): State<Shared>,
    Path((channel, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let words = Words::spoken(None, &headers);
    let Ok(channel) = channel.parse() else { return unknown(words) };
    if code.len() > 128 {
        return unknown(words);
    }
    match app.vault.deletion_status(channel, code).await {
        Ok(Some(status)) => told(words, &status),
        Ok(None) => match app.vault.disconnected_kind(channel).await {
            Ok(Some(kind)) if takes_wishes(&kind) => departed(words),
            Ok(_) => unknown(words),
            Err(error) => ApiError::from(error).into_response(),
        },
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// Whether people's wishes for deletion come to a kind of channel.
fn takes_wishes(kind: &str) -> bool {
    connect::channels::by_kind(kind).is_some_and(|connector| connector.app_secret().is_some())
}

/// Nobody could verify what came to a channel that is disconnected: whoever asked reads whom to ask.
fn departed(words: Words) -> Response {
    shown(StatusCode::OK, words, &["departed.title", "departed.text", "unclear.ask"].map(|name| words.say(name)))
}

fn unknown(words: Words) -> Response {
    shown(StatusCode::NOT_FOUND, words, &["no_wish.title", "no_wish.text"].map(|name| words.say(name)))
}

fn told(words: Words, status: &Status) -> Response {
    let names: &[&'static str] = match status {
        Status::Received => &["received.title", "received.text"],
        Status::Held => &["held.title", "held.text"],
        Status::NothingHeld => &["nothing.title", "nothing.text"],
        Status::Undetermined { erased: false } => &["unclear.title", "unclear.text", "unclear.ask"],
        Status::Undetermined { erased: true } => &["unclear.title", "unclear.text", "unclear.erased", "unclear.ask"],
        Status::Erasing => &["erasing.title", "erasing.text"],
        Status::Erased { .. } => &["erased.title", "erased.text"],
    };
    let mut said: Vec<String> = names.iter().map(|name| words.say(name).to_owned()).collect();
    match status {
        Status::Held => said.push(words.say(holds::GROUND).to_owned()),
        Status::Erased { kept } if !kept.is_empty() => {
            said.push(words.say("erased.kept").to_owned());
            said.extend(kept.iter().map(|(what, ground)| format!("{}: {}", words.say(what), words.say(ground))));
        }
        Status::Erased { .. }
        | Status::Received
        | Status::NothingHeld
        | Status::Undetermined { .. }
        | Status::Erasing => {}
    }
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    shown(StatusCode::OK, words, &said)
}
