//! What became of a wish for deletion that a provider told us for a person: a page for whoever knows its code.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use vault::deletions::Status;

use crate::app::Shared;
use crate::page::shown;
use crate::problem::ApiError;

/// The status of a wish, without anything of the person.
pub async fn page(State(app): State<Shared>, Path((channel, code)): Path<(String, String)>) -> Response {
    let Ok(channel) = channel.parse() else { return unknown() };
    if code.len() > 128 {
        return unknown();
    }
    match app.vault.deletion_status(channel, code).await {
        Ok(Some(status)) => shown(StatusCode::OK, &words(&status)),
        Ok(None) => unknown(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn unknown() -> Response {
    let why = "There is no request with this code. If you asked for the deletion just now, look again in a minute.";
    shown(StatusCode::NOT_FOUND, &["Not found".to_owned(), why.to_owned()])
}

fn words(status: &Status) -> Vec<String> {
    let say = |title: &str, text: &str| vec![title.to_owned(), text.to_owned()];
    match status {
        Status::Received => say("Received", "Your request has arrived and is being met."),
        Status::NothingHeld => say(
            "Nothing found",
            "We found nothing under the id that was given to us with your request. If you wrote to this business, ask it \
                 too: it can find you by your name.",
        ),
        Status::Erasing => say(
            "Being deleted",
            "Nothing of what you wrote can be read any more. Its remains are being removed everywhere.",
        ),
        Status::Erased { kept } => {
            let mut said = say("Deleted", "What was held of you under the id that was given to us has been deleted.");
            if !kept.is_empty() {
                said.push("This alone is kept, because the law demands or allows it:".to_owned());
                said.extend(kept.iter().map(|(what, ground)| format!("{what}: {ground}")));
            }
            said
        }
    }
}
