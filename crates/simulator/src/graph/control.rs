//! `/sim/graph`: apps, tokens, faults and the journal, by HTTP.

use axum::extract::{Path, State};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Graph;
use super::app::{AppCard, TokenCard};
use super::faults::MessageFault;
use super::refusal::Refusal;
use crate::faults::{CallFault, DeliveryFault, Order};

type Answer<T = Value> = Result<Json<T>, Refusal>;
type Done = Result<StatusCode, Refusal>;
type Sim = State<Graph>;

pub(crate) fn router() -> Router<Graph> {
    let app = Router::new()
        .route("/callback", put(set_callback))
        .route("/sent", get(sent))
        .route("/calls", get(calls))
        .route("/deliveries", get(deliveries))
        .route("/pending", get(pending))
        .route("/faults", get(faults).delete(clear_faults))
        .route("/faults/calls", post(order_call_fault))
        .route("/faults/messages", post(order_message_fault))
        .route("/faults/deliveries", post(order_delivery_fault));
    Router::new()
        .route("/sim/graph/apps", get(apps).post(create_app))
        .route("/sim/graph/tokens", post(create_token))
        .route("/sim/graph/tokens/{token}", delete(revoke_token))
        .route("/sim/graph/tokens/{token}/code", post(create_code))
        .nest("/sim/graph/apps/{app}", app)
}

async fn apps(State(sim): Sim) -> Json<Vec<AppCard>> {
    Json(sim.apps())
}

async fn create_app(State(sim): Sim, Json(card): Json<AppCard>) -> Json<AppCard> {
    Json(sim.create_app(card))
}

async fn create_token(State(sim): Sim, Json(card): Json<TokenCard>) -> Answer<TokenCard> {
    sim.create_token(card).map(Json)
}

async fn revoke_token(State(sim): Sim, Path(token): Path<String>) -> StatusCode {
    sim.revoke_token(&token);
    StatusCode::NO_CONTENT
}

async fn create_code(State(sim): Sim, Path(token): Path<String>) -> Json<Value> {
    Json(json!({ "code": sim.create_code(&token) }))
}

#[derive(Deserialize)]
struct NewCallback {
    object: String,
    url: String,
    #[serde(default)]
    fields: Vec<String>,
}

async fn set_callback(State(sim): Sim, Path(app): Path<String>, Json(new): Json<NewCallback>) -> Done {
    let fields: Vec<&str> = new.fields.iter().map(String::as_str).collect();
    sim.set_callback(&app, &new.object, &new.url, &fields).map(|()| StatusCode::NO_CONTENT)
}

async fn sent(State(sim): Sim, Path(app): Path<String>) -> Answer {
    Ok(Json(json!(sim.sent(&app)?)))
}

async fn calls(State(sim): Sim, Path(app): Path<String>) -> Answer {
    Ok(Json(json!(sim.calls(&app)?)))
}

async fn deliveries(State(sim): Sim, Path(app): Path<String>) -> Answer {
    Ok(Json(json!(sim.deliveries(&app)?)))
}

async fn pending(State(sim): Sim, Path(app): Path<String>) -> Answer {
    Ok(Json(json!({ "pending": sim.pending(&app)? })))
}

async fn faults(State(sim): Sim, Path(app): Path<String>) -> Answer {
    let mut world = sim.world();
    let app = world.app(&app)?;
    Ok(Json(json!({
        "calls": app.call_faults.list(), "messages": app.message_faults.list(),
        "deliveries": app.queue.faults.list(),
    })))
}

async fn clear_faults(State(sim): Sim, Path(app): Path<String>) -> Done {
    sim.clear_faults(&app).map(|()| StatusCode::NO_CONTENT)
}

async fn order_call_fault(State(sim): Sim, Path(app): Path<String>, Json(order): Json<Order<CallFault>>) -> Done {
    sim.order_call_fault(&app, order).map(|()| StatusCode::NO_CONTENT)
}

async fn order_message_fault(State(sim): Sim, Path(app): Path<String>, Json(order): Json<Order<MessageFault>>) -> Done {
    sim.order_message_fault(&app, order).map(|()| StatusCode::NO_CONTENT)
}

async fn order_delivery_fault(
    State(sim): Sim,
    Path(app): Path<String>,
    Json(order): Json<Order<DeliveryFault>>,
) -> Done {
    sim.order_delivery_fault(&app, order).map(|()| StatusCode::NO_CONTENT)
}
