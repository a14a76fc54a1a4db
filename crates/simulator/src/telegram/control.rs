//! `/sim/telegram`: everything the Rust functions do and see, by HTTP.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Telegram;
use super::live::{self, Through};
use super::phone_view::PhoneView;
use super::refusal::Refusal;
use super::saying::Saying;
use super::world::{BotCard, Person};
use crate::faults::{CallFault, DeliveryFault, Order};

type Answer<T = Value> = Result<Json<T>, Refusal>;
type Sim = State<Telegram>;

pub(crate) fn router() -> Router<Telegram> {
    let person = Router::new()
        .route("/phone", get(phone))
        .route("/events", get(live::events))
        .route("/messages", get(messages).post(say))
        .route("/messages/{message}", patch(edit).delete(remove))
        .route("/messages/{message}/taps", post(tap))
        .route("/messages/{message}/reactions", put(react))
        .route("/block", put(block).delete(unblock));
    let bot = Router::new()
        .route("/sent", get(sent))
        .route("/calls", get(calls))
        .route("/deliveries", get(deliveries))
        .route("/pending", get(pending))
        .route("/files/{file}", get(file))
        .route("/faults", get(faults).delete(clear_faults))
        .route("/faults/calls", post(order_call_fault))
        .route("/faults/deliveries", post(order_delivery_fault))
        .route("/business", post(connect))
        .route("/business/{connection}", delete(disconnect))
        .nest("/people/{person}", person);
    Router::new()
        .route("/sim/telegram/bots", get(bots).post(create_bot))
        .route("/sim/telegram/people", get(people).post(create_person))
        .nest("/sim/telegram/{token}", bot)
}

async fn bots(State(sim): Sim) -> Json<Vec<BotCard>> {
    Json(sim.bots())
}

async fn create_bot(State(sim): Sim, Json(card): Json<BotCard>) -> Answer<BotCard> {
    sim.create_bot(card).map(Json)
}

async fn people(State(sim): Sim) -> Json<Vec<Person>> {
    Json(sim.people())
}

async fn create_person(State(sim): Sim, Json(person): Json<Person>) -> Json<Person> {
    Json(sim.create_person(person))
}

async fn phone(
    State(sim): Sim,
    Path((token, person)): Path<(String, i64)>,
    Query(through): Query<Through>,
) -> Answer<PhoneView> {
    sim.phone(&token, person, through.business.as_deref()).map(Json)
}

async fn messages(
    State(sim): Sim,
    Path((token, person)): Path<(String, i64)>,
    Query(through): Query<Through>,
) -> Answer {
    let phone = sim.phone(&token, person, through.business.as_deref())?;
    Ok(Json(json!(phone.messages)))
}

async fn say(State(sim): Sim, Path((token, person)): Path<(String, i64)>, Json(saying): Json<Saying>) -> Answer {
    let ids = sim.say(&token, person, saying)?;
    Ok(Json(json!({ "message_ids": ids })))
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

async fn edit(
    State(sim): Sim,
    Path((token, person, message)): Path<(String, i64, i64)>,
    Query(through): Query<Through>,
    Json(words): Json<Words>,
) -> Result<StatusCode, Refusal> {
    sim.edit(&token, person, through.business.as_deref(), message, &words.text)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(sim): Sim,
    Path((token, person, message)): Path<(String, i64, i64)>,
    Query(through): Query<Through>,
) -> Result<StatusCode, Refusal> {
    sim.delete(&token, person, through.business.as_deref(), &[message])?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Tap {
    data: String,
}

async fn tap(
    State(sim): Sim,
    Path((token, person, message)): Path<(String, i64, i64)>,
    Json(tap): Json<Tap>,
) -> Answer {
    let id = sim.tap(&token, person, message, &tap.data)?;
    Ok(Json(json!({ "callback_query_id": id })))
}

#[derive(Deserialize)]
struct Reactions {
    emoji: Vec<String>,
}

async fn react(
    State(sim): Sim,
    Path((token, person, message)): Path<(String, i64, i64)>,
    Json(reactions): Json<Reactions>,
) -> Result<StatusCode, Refusal> {
    let emoji: Vec<&str> = reactions.emoji.iter().map(String::as_str).collect();
    sim.react(&token, person, message, &emoji)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn block(State(sim): Sim, Path((token, person)): Path<(String, i64)>) -> Result<StatusCode, Refusal> {
    sim.set_blocked(&token, person, true)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unblock(State(sim): Sim, Path((token, person)): Path<(String, i64)>) -> Result<StatusCode, Refusal> {
    sim.set_blocked(&token, person, false)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sent(State(sim): Sim, Path(token): Path<String>) -> Answer {
    Ok(Json(json!(sim.sent(&token)?)))
}

async fn calls(State(sim): Sim, Path(token): Path<String>) -> Answer {
    Ok(Json(json!(sim.calls(&token)?)))
}

async fn deliveries(State(sim): Sim, Path(token): Path<String>) -> Answer {
    Ok(Json(json!(sim.deliveries(&token)?)))
}

async fn pending(State(sim): Sim, Path(token): Path<String>) -> Answer {
    Ok(Json(json!({ "pending": sim.pending(&token)? })))
}

async fn file(State(sim): Sim, Path((token, id)): Path<(String, String)>) -> Response {
    let found = sim.world().bot(&token).map(|bot| bot.files.get(&id).cloned());
    match found {
        Ok(Some(stored)) => {
            let headers = [
                (header::CONTENT_TYPE, stored.part.mime),
                (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, stored.part.content).into_response()
        }
        Ok(None) => Refusal::not_found().into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn faults(State(sim): Sim, Path(token): Path<String>) -> Answer {
    let mut world = sim.world();
    let bot = world.bot(&token)?;
    let (calls, deliveries) = (bot.call_faults.list(), bot.updates.faults.list());
    Ok(Json(json!({ "calls": calls, "deliveries": deliveries })))
}

async fn clear_faults(State(sim): Sim, Path(token): Path<String>) -> Result<StatusCode, Refusal> {
    sim.clear_faults(&token)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn order_call_fault(
    State(sim): Sim,
    Path(token): Path<String>,
    Json(order): Json<Order<CallFault>>,
) -> Result<StatusCode, Refusal> {
    sim.order_call_fault(&token, order)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn order_delivery_fault(
    State(sim): Sim,
    Path(token): Path<String>,
    Json(order): Json<Order<DeliveryFault>>,
) -> Result<StatusCode, Refusal> {
    sim.order_delivery_fault(&token, order)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Owner {
    owner: i64,
}

async fn connect(State(sim): Sim, Path(token): Path<String>, Json(owner): Json<Owner>) -> Answer {
    let id = sim.connect_business(&token, owner.owner)?;
    Ok(Json(json!({ "business_connection_id": id })))
}

async fn disconnect(State(sim): Sim, Path((token, connection)): Path<(String, String)>) -> Result<StatusCode, Refusal> {
    sim.disconnect_business(&token, &connection)?;
    Ok(StatusCode::NO_CONTENT)
}
