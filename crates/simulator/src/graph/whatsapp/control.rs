//! `/sim/whatsapp`: everything the Rust functions do and see, by HTTP.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post, put};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{AccountCard, NumberCard};
use super::live;
use super::person::Person;
use super::saying::Saying;
use super::template::TemplateCard;
use super::view::PhoneView;
use crate::graph::Graph;
use crate::graph::refusal::Refusal;

type Answer<T = Value> = Result<Json<T>, Refusal>;
type Done = Result<StatusCode, Refusal>;
type Sim = State<Graph>;
type Chat = Path<(String, String)>;
type InChat = Path<(String, String, String)>;

pub(crate) fn router() -> Router<Graph> {
    let chat = Router::new()
        .route("/phone", get(phone))
        .route("/events", get(live::events))
        .route("/messages", get(messages).post(say))
        .route("/messages/{message}", patch(edit).delete(remove))
        .route("/messages/{message}/taps", post(tap))
        .route("/messages/{message}/reaction", put(react))
        .route("/messages/{message}/plays", post(play))
        .route("/echoes", post(echo))
        .route("/reads", post(read))
        .route("/block", put(block).delete(unblock))
        .route("/marketing-stop", put(stop_marketing).delete(resume_marketing));
    let account = Router::new()
        .route("/templates", get(templates).post(create_template))
        .route("/templates/{template}", patch(decide_template))
        .route("/news/{field}", post(tell));
    Router::new()
        .route("/sim/whatsapp/accounts", get(accounts).post(create_account))
        .route("/sim/whatsapp/numbers", get(numbers).post(create_number))
        .route("/sim/whatsapp/numbers/{number}", patch(change_number))
        .route("/sim/whatsapp/people", get(people).post(create_person))
        .route("/sim/whatsapp/people/{person}", patch(change_person))
        .route("/sim/whatsapp/media/{media}", get(file))
        .nest("/sim/whatsapp/accounts/{account}", account)
        .nest("/sim/whatsapp/numbers/{number}/people/{person}", chat)
}

async fn accounts(State(sim): Sim) -> Json<Vec<AccountCard>> {
    Json(sim.whatsapp().accounts())
}

async fn create_account(State(sim): Sim, Json(card): Json<AccountCard>) -> Answer<AccountCard> {
    sim.whatsapp().create_account(card).map(Json)
}

async fn numbers(State(sim): Sim) -> Json<Vec<NumberCard>> {
    Json(sim.whatsapp().numbers())
}

async fn create_number(State(sim): Sim, Json(card): Json<NumberCard>) -> Answer<NumberCard> {
    sim.whatsapp().create_number(card).map(Json)
}

/// What changes of a number; what is not named stays.
#[derive(Deserialize)]
struct OfNumber {
    quality: Option<String>,
    coexistence: Option<bool>,
    late_verdicts: Option<bool>,
}

async fn change_number(State(sim): Sim, Path(number): Path<String>, Json(changes): Json<OfNumber>) -> Done {
    let sim = sim.whatsapp();
    if let Some(quality) = changes.quality {
        sim.rate_number(&number, &quality)?;
    }
    sim.change_business_number(&number, |card| {
        card.coexistence = changes.coexistence.unwrap_or(card.coexistence);
        card.late_verdicts = changes.late_verdicts.unwrap_or(card.late_verdicts);
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn people(State(sim): Sim) -> Json<Vec<Person>> {
    Json(sim.whatsapp().people())
}

async fn create_person(State(sim): Sim, Json(person): Json<Person>) -> Json<Person> {
    Json(sim.whatsapp().create_person(person))
}

/// What changes of a person; what is not named stays.
#[derive(Deserialize)]
struct Changes {
    name: Option<String>,
    /// Empty for none.
    username: Option<String>,
    number: Option<String>,
    hides_number: Option<bool>,
    offline: Option<bool>,
    no_receipts: Option<bool>,
}

async fn change_person(State(sim): Sim, Path(id): Path<String>, Json(changes): Json<Changes>) -> Answer<Person> {
    let sim = sim.whatsapp();
    let person = sim.change_person(&id, |person| {
        if let Some(name) = changes.name {
            person.name = name;
        }
        if let Some(username) = changes.username {
            person.username = Some(username).filter(|name| !name.is_empty());
        }
        person.hides_number = changes.hides_number.unwrap_or(person.hides_number);
        person.offline = changes.offline.unwrap_or(person.offline);
        person.no_receipts = changes.no_receipts.unwrap_or(person.no_receipts);
    })?;
    match changes.number {
        Some(number) => sim.change_number(&id, &number).map(Json),
        None => Ok(Json(person)),
    }
}

async fn phone(State(sim): Sim, Path((number, person)): Chat) -> Answer<PhoneView> {
    sim.whatsapp().phone(&number, &person).map(Json)
}

async fn messages(State(sim): Sim, Path((number, person)): Chat) -> Answer {
    Ok(Json(json!(sim.whatsapp().transcript(&number, &person)?)))
}

async fn say(State(sim): Sim, Path((number, person)): Chat, Json(saying): Json<Saying>) -> Answer {
    let id = sim.whatsapp().say(&number, &person, saying)?;
    Ok(Json(json!({ "message_id": id })))
}

async fn echo(State(sim): Sim, Path((number, person)): Chat, Json(saying): Json<Saying>) -> Answer {
    let id = sim.whatsapp().echo(&number, &person, saying)?;
    Ok(Json(json!({ "message_id": id })))
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

async fn edit(State(sim): Sim, Path((number, person, message)): InChat, Json(words): Json<Words>) -> Done {
    sim.whatsapp().edit(&number, &person, &message, &words.text).map(|()| StatusCode::NO_CONTENT)
}

async fn remove(State(sim): Sim, Path((number, person, message)): InChat) -> Done {
    sim.whatsapp().delete(&number, &person, &message).map(|()| StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Tap {
    id: String,
}

async fn tap(State(sim): Sim, Path((number, person, message)): InChat, Json(tap): Json<Tap>) -> Answer {
    let id = sim.whatsapp().tap(&number, &person, &message, &tap.id)?;
    Ok(Json(json!({ "message_id": id })))
}

#[derive(Deserialize)]
struct Reaction {
    /// None takes it back.
    emoji: Option<String>,
}

async fn react(State(sim): Sim, Path((number, person, message)): InChat, Json(reaction): Json<Reaction>) -> Done {
    let emoji = reaction.emoji.as_deref();
    sim.whatsapp().react(&number, &person, &message, emoji).map(|()| StatusCode::NO_CONTENT)
}

async fn play(State(sim): Sim, Path((number, person, message)): InChat) -> Done {
    sim.whatsapp().play(&number, &person, &message).map(|()| StatusCode::NO_CONTENT)
}

async fn read(State(sim): Sim, Path((number, person)): Chat) -> Done {
    sim.whatsapp().read(&number, &person).map(|()| StatusCode::NO_CONTENT)
}

async fn block(State(sim): Sim, Path((number, person)): Chat) -> Done {
    sim.whatsapp().set_blocked(&number, &person, true).map(|()| StatusCode::NO_CONTENT)
}

async fn unblock(State(sim): Sim, Path((number, person)): Chat) -> Done {
    sim.whatsapp().set_blocked(&number, &person, false).map(|()| StatusCode::NO_CONTENT)
}

async fn stop_marketing(State(sim): Sim, Path((number, person)): Chat) -> Done {
    sim.whatsapp().stop_marketing(&number, &person, true).map(|()| StatusCode::NO_CONTENT)
}

async fn resume_marketing(State(sim): Sim, Path((number, person)): Chat) -> Done {
    sim.whatsapp().stop_marketing(&number, &person, false).map(|()| StatusCode::NO_CONTENT)
}

async fn templates(State(sim): Sim, Path(account): Path<String>) -> Answer {
    let templates = sim.whatsapp().templates(&account)?;
    let listed = templates.into_iter().map(|(id, card)| json!({ "id": id, "template": card }));
    Ok(Json(listed.collect()))
}

async fn create_template(State(sim): Sim, Path(account): Path<String>, Json(card): Json<TemplateCard>) -> Answer {
    let id = sim.whatsapp().create_template(&account, card)?;
    Ok(Json(json!({ "id": id })))
}

/// What Meta decides about a template; what is not named stays.
#[derive(Deserialize)]
struct Decision {
    status: Option<String>,
    reason: Option<String>,
    category: Option<String>,
    quality: Option<String>,
}

async fn decide_template(
    State(sim): Sim,
    Path((account, template)): Path<(String, String)>,
    Json(decision): Json<Decision>,
) -> Done {
    let sim = sim.whatsapp();
    if let Some(status) = decision.status {
        sim.decide_template(&account, &template, &status, decision.reason.as_deref())?;
    }
    if let Some(category) = decision.category {
        sim.recategorize(&account, &template, &category)?;
    }
    if let Some(quality) = decision.quality {
        sim.rate_template(&account, &template, &quality)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn tell(State(sim): Sim, Path((account, field)): Path<(String, String)>, Json(value): Json<Value>) -> Done {
    sim.whatsapp().tell(&account, &field, value).map(|()| StatusCode::NO_CONTENT)
}

/// A chat's picture or file for the page, whatever its age.
async fn file(State(sim): Sim, Path(id): Path<String>) -> Response {
    let found = sim.world().whatsapp.media.get(&id).map(|stored| stored.part.clone());
    let Some(part) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, part.mime),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, part.content).into_response()
}
