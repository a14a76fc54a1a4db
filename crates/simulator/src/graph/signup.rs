//! Facebook's page on which a business chooses what an app is given (embedded signup), for browsers that are sent there.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::Graph;
use super::app::TokenCard;

/// Who signs up for an app next, and what they choose. Nobody asks the page's visitor anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignUp {
    /// The app's configuration (`config_id`).
    pub config: String,
    /// The business accounts that are shared.
    pub accounts: Vec<String>,
    /// Whether they close the page instead.
    pub refuses: bool,
}

impl Graph {
    /// Says who signs up for an app from now on.
    pub fn set_signup(&self, app: &str, signup: SignUp) {
        self.world().signups.insert(app.to_owned(), signup);
    }
}

/// What the page is told.
#[derive(Deserialize)]
pub(super) struct Asked {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: String,
    config_id: String,
}

/// The page, answered at once.
pub(super) async fn ask(State(graph): State<Graph>, Query(asked): Query<Asked>) -> Response {
    let mut world = graph.world();
    let known = world.signups.get(&asked.client_id).filter(|signup| signup.config == asked.config_id).cloned();
    let Some(signup) = known.filter(|_| asked.response_type == "code") else {
        return (StatusCode::BAD_REQUEST, "Invalid App ID, or a configuration of another app").into_response();
    };
    let state = asked.state.as_str();
    let fields = if signup.refuses {
        vec![("error", "access_denied".to_owned()), ("error_reason", "user_denied".to_owned())]
    } else {
        let card = TokenCard {
            app: asked.client_id.clone(),
            accounts: Some(signup.accounts.into_iter().collect()),
            ..TokenCard::default()
        };
        let Ok(token) = world.create_token(card) else { return StatusCode::BAD_REQUEST.into_response() };
        let code = format!("AQ{}", world.chance.word(40));
        world.codes.insert(code.clone(), (token.token, Some(asked.redirect_uri.clone())));
        vec![("code", code)]
    };
    let query = fields.iter().map(|(name, value)| (*name, value.as_str())).chain([("state", state)]);
    let query = serde_urlencoded::to_string(query.collect::<Vec<_>>()).unwrap_or_default();
    Redirect::to(&format!("{}?{query}#_=_", asked.redirect_uri)).into_response()
}
