//! The page on which somebody sees what they agreed to, and changes it: reached by a link in advertising, beside that by which it is
//! ended with one click. It works without scripts, fetches nothing, and says nothing but the program's own words: what a business calls
//! itself is in the mail.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::preferences::{self, Text};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use vault::Personal;
use vault::consents::Pair;
use vault::unsubscribing::{Leave, Unsubscribing};

use crate::app::Shared;
use crate::page::{self, Words, escaped};
use crate::problem::ApiError;
use crate::views::time;

/// The version of the text to which somebody agrees here: another for every change of `preferences.agree` and of what purposes are
/// called. Each language is a text of its own.
const VERSION: &str = "preferences-1";
/// The longest form, in bytes.
const FORM_MAX: usize = 4_096;

/// The route of tickets. A ticket is a credential: the log names the route and never what stands in it.
pub fn router() -> Router<Shared> {
    Router::new().route("/preferences/{ticket}", get(show).post(change)).layer(DefaultBodyLimit::max(FORM_MAX))
}

/// Where a ticket is taken.
pub fn address(app: &Shared, ticket: &str) -> String {
    format!("{}/preferences/{ticket}", app.public_url)
}

/// What somebody wants changed.
#[derive(Debug, Deserialize)]
struct Change {
    act: Act,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    channel: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    End,
    EndAll,
    Renew,
}

async fn show(State(app): State<Shared>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    match opened(&app, &ticket, &headers).await {
        Ok((Some(found), words)) => shown(&app, &found, words, None).await,
        Ok((None, words)) => unknown(words),
        Err(error) => ApiError::from(error).into_response(),
    }
}

async fn change(
    State(app): State<Shared>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Change>, FormRejection>,
) -> Response {
    let (found, words) = match opened(&app, &ticket, &headers).await {
        Ok((Some(found), words)) => (found, words),
        Ok((None, words)) => return unknown(words),
        Err(error) => return ApiError::from(error).into_response(),
    };
    let Ok(Form(change)) = form else { return shown(&app, &found, words, Some("preferences.unchanged")).await };
    match changed(&app, &found, words, change).await {
        Ok(said) => shown(&app, &found, words, Some(said)).await,
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// What a ticket is good for, and the words in the language of whom it was made for.
async fn opened(app: &Shared, ticket: &str, headers: &HeaderMap) -> vault::Result<(Option<Unsubscribing>, Words)> {
    let Some(found) = app.vault.leaving(Leave::Preferences, ticket).await? else {
        return Ok((None, Words::spoken(None, headers)));
    };
    let contact = found.contact;
    let language = app.vault.read(&found.scope, move |tx| engine::unsubscribing::language(tx, contact)).await?;
    Ok((Some(found), Words::spoken(language.as_deref(), headers)))
}

/// Does what is wanted; the name of what is said of it.
async fn changed(app: &Shared, found: &Unsubscribing, words: Words, change: Change) -> vault::Result<&'static str> {
    let (channel, contact) = (found.channel, found.contact);
    let done = app.vault.write(&found.scope, move |tx| {
        let pair = (change.purpose.as_str(), change.channel.as_str());
        match change.act {
            Act::End => preferences::end(tx, contact, pair),
            Act::EndAll => preferences::end_all(tx, channel, contact),
            Act::Renew => preferences::renew(tx, channel, contact, pair, &agreement(words, pair)),
        }
    });
    Ok(match (done.await?, change_of(change.act)) {
        (true, said) => said,
        (false, _) => "preferences.unchanged",
    })
}

const fn change_of(act: Act) -> &'static str {
    match act {
        Act::End | Act::EndAll => "preferences.has_ended",
        Act::Renew => "preferences.has_renewed",
    }
}

/// The text that somebody agrees to who turns something on again: what it is for, where, and the sentence above the button.
fn agreement(words: Words, (purpose, channel): (&str, &str)) -> Text {
    let text = format!("{}: {}", named(words, purpose, channel), words.say("preferences.agree"));
    Text { version: format!("{VERSION}-{}", words.language), text: Personal::new(text) }
}

fn named(words: Words, purpose: &str, channel: &str) -> String {
    let purpose = words.find(&format!("purpose.{purpose}")).unwrap_or(purpose);
    let channel = match connect::channels::by_kind(channel) {
        Some(found) => found.spec().label,
        None => words.find(&format!("channel.{channel}")).unwrap_or(channel),
    };
    format!("{purpose} · {channel}")
}

async fn shown(app: &Shared, found: &Unsubscribing, words: Words, said: Option<&'static str>) -> Response {
    let (channel, contact) = (found.channel, found.contact);
    let pairs = app.vault.read(&found.scope, move |tx| preferences::seen(tx, channel, contact)).await;
    match pairs {
        Ok(pairs) => {
            let said = said.map(|name| format!("<p role=\"status\">{}</p>", words.say(name))).unwrap_or_default();
            let lines = ["preferences.title", "preferences.text"].map(|name| words.say(name));
            page::choosing(words, &lines, &format!("{said}{}", list(words, &pairs)))
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// Each thing that was agreed to once, with its button, and the button that ends everything.
fn list(words: Words, pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return format!("<p>{}</p>", words.say("preferences.none"));
    }
    let rows: String = pairs.iter().map(|pair| row(words, pair)).collect();
    let all = if pairs.iter().any(|pair| pair.since.is_some()) {
        let words = words.say("preferences.end_all");
        format!("<form method=\"post\"><button name=\"act\" value=\"end_all\">{words}</button></form>")
    } else {
        String::new()
    };
    format!("<ul>{rows}</ul>{all}")
}

fn row(words: Words, Pair { purpose, channel, since }: &Pair) -> String {
    let name = escaped(&named(words, purpose, channel));
    let (state, act, button) = if let Some(at) = since {
        let day = time(*at).chars().take(10).collect::<String>();
        (format!("{} <time>{day}</time>", words.say("preferences.since")), "end", "preferences.end")
    } else {
        let state = format!("{}. {}", words.say("preferences.ended"), words.say("preferences.agree"));
        (state, "renew", "preferences.renew")
    };
    let (button, purpose, channel) = (words.say(button), escaped(purpose), escaped(channel));
    format!(
        "<li><div>{name}<small>{state}</small></div><form method=\"post\"><input type=\"hidden\" name=\"purpose\" \
         value=\"{purpose}\"><input type=\"hidden\" name=\"channel\" value=\"{channel}\"><button name=\"act\" \
         value=\"{act}\" aria-label=\"{button}: {name}\">{button}</button></form></li>"
    )
}

fn unknown(words: Words) -> Response {
    let said = ["no_ticket.title", "no_ticket.text"].map(|name| words.say(name));
    page::shown(StatusCode::NOT_FOUND, words, &said)
}
