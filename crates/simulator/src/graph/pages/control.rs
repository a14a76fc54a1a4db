//! `/sim/pages`: accounts, people and what they do, by HTTP.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Hand, Line, PageCard};
use crate::graph::Graph;
use crate::graph::refusal::Refusal;

type Answer<T = Value> = Result<Json<T>, Refusal>;

pub(super) fn router() -> Router<Graph> {
    Router::new()
        .route("/sim/pages/accounts", post(create_account))
        .route("/sim/pages/people", post(create_person))
        .route("/sim/pages/{account}/{person}", get(transcript))
        .route("/sim/pages/{account}/{person}/deeds", post(act))
}

async fn create_account(State(sim): State<Graph>, Json(card): Json<PageCard>) -> Json<PageCard> {
    Json(sim.pages().create_account(card))
}

#[derive(Deserialize)]
struct NewPerson {
    name: String,
    #[serde(default)]
    apps: Vec<String>,
}

async fn create_person(State(sim): State<Graph>, Json(new): Json<NewPerson>) -> Json<Value> {
    let apps: Vec<&str> = new.apps.iter().map(String::as_str).collect();
    Json(json!({ "id": sim.pages().create_person(&new.name, &apps) }))
}

async fn transcript(State(sim): State<Graph>, Path((account, person)): Path<(String, String)>) -> Json<Vec<Line>> {
    Json(sim.pages().transcript(&account, &person))
}

/// What somebody does in their chat with an account.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Deed {
    Say {
        text: String,
        #[serde(default)]
        with: Value,
    },
    Tap {
        title: String,
        payload: String,
    },
    Read,
    React {
        message: String,
        emoji: Option<String>,
    },
    Edit {
        message: String,
        text: String,
    },
    Unsend {
        message: String,
    },
    Opt {
        wants: bool,
    },
    AnswerInInbox {
        text: String,
    },
    Hand {
        app: String,
        to: Hand,
    },
}

async fn act(
    State(sim): State<Graph>,
    Path((account, person)): Path<(String, String)>,
    Json(deed): Json<Deed>,
) -> Answer {
    let (pages, account, person) = (sim.pages(), account.as_str(), person.as_str());
    let mut id = None;
    match deed {
        Deed::Say { text, with } => id = Some(pages.say(account, person, &text, with)?),
        Deed::Tap { title, payload } => pages.tap(account, person, &title, &payload)?,
        Deed::Read => pages.read(account, person)?,
        Deed::React { message, emoji } => pages.react(account, person, &message, emoji.as_deref())?,
        Deed::Edit { message, text } => pages.edit(account, person, &message, &text)?,
        Deed::Unsend { message } => pages.unsend(account, person, &message)?,
        Deed::Opt { wants } => pages.opt(account, person, wants)?,
        Deed::AnswerInInbox { text } => id = Some(pages.answer_in_inbox(account, person, &text)?),
        Deed::Hand { app, to } => pages.hand(account, person, &app, to)?,
    }
    Ok(Json(json!({ "id": id })))
}
