//! The public page of a workspace on which anybody asks something of their data (S-1): what they ask, from which address they wrote, the
//! code that is sent there, and later what became of it. It works without scripts.
//!
//! Nothing that is answered depends on whether an address is known: whom it belongs to is looked up after the answer
//! (`workers/proving.rs`). Secrets travel in bodies, never in addresses.

mod pages;

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use http::{HeaderMap, Method};
use serde::Deserialize;
use vault::requests::claims::{self, NewClaim, Proven, TOO_MANY};
use vault::requests::{self, Kind, status};
use vault::unsubscribing::{self, Leave};
use vault::{Millis, Personal, RequestId, Scope, Tx, WorkspaceId, workspaces};

use crate::app::Shared;
use crate::page::Words;
use crate::problem::ApiError;
use crate::{chat, preferences};

/// The longest form, in bytes.
const FORM_MAX: usize = 64 * 1024;
/// The most words that are taken, in characters.
const WORDS_MAX: usize = 4_000;

/// The routes below a workspace's public address, and the one that app stores and providers are told.
pub fn router(app: &Shared) -> Router<Shared> {
    Router::new()
        .route("/p/{workspace}/request", get(ask).post(claim))
        .route("/p/{workspace}/request/code", post(prove).get(back))
        .route("/p/{workspace}/request/unproven", post(hand_in).get(back))
        .route("/p/{workspace}/request/status", get(enter).post(status_of))
        .route("/data-deletion/{workspace}", get(deletion))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .route_layer(middleware::from_fn_with_state(app.clone(), in_time))
}

/// Where a workspace's page is.
fn address(workspace: &str) -> String {
    format!("/p/{workspace}/request")
}

/// Refuses a network that posts more than its share, in words for people.
async fn in_time(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let arrived = if request.method() == Method::POST { chat::arrive(&app, &request) } else { Ok(()) };
    match arrived {
        Ok(()) => next.run(request).await,
        Err(wait) => pages::too_many(Words::spoken(None, request.headers()), wait.seconds),
    }
}

/// What is chosen beforehand.
#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

type Wished = Result<Query<Chosen>, axum::extract::rejection::QueryRejection>;

/// A workspace's page, as somebody comes to it.
struct Visit {
    scope: Scope,
    page: pages::Page,
    /// What the address chose, if that can be asked.
    kind: Option<Kind>,
}

impl Visit {
    async fn enter(app: &Shared, workspace: &str, wished: Wished, headers: &HeaderMap) -> Result<Self, ApiError> {
        let Query(chosen) = wished.unwrap_or_default();
        let id: WorkspaceId = workspace.parse().map_err(|_| ApiError::not_found())?;
        let scope = app.vault.request_page(id).await?.ok_or_else(ApiError::not_found)?;
        let name = app.vault.read(&scope, workspaces::view).await?.name;
        let words = Words::spoken(chosen.lang.as_deref(), headers);
        let page = pages::Page { words, business: name.into_revealed(), address: address(workspace) };
        Ok(Self { scope, page, kind: chosen.kind.as_deref().and_then(|kind| Kind::parse(kind).ok()) })
    }
}

async fn ask(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    let written = pages::Written { kind: visit.kind, ..pages::Written::default() };
    Ok(visit.page.form(&written, None))
}

/// What is posted is nowhere when an address is opened by itself.
async fn back(Path(workspace): Path<String>) -> Response {
    match workspace.parse::<WorkspaceId>() {
        Ok(_) => Redirect::to(&address(&workspace)).into_response(),
        Err(_) => ApiError::not_found().into_response(),
    }
}

async fn deletion(Path(workspace): Path<String>) -> Response {
    match workspace.parse::<WorkspaceId>() {
        Ok(_) => Redirect::to(&format!("{}?kind={}", address(&workspace), Kind::Erasure.as_str())).into_response(),
        Err(_) => ApiError::not_found().into_response(),
    }
}

/// What somebody asks, as the form posts it.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    words: String,
}

async fn claim(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    let Ok(Form(asked)) = form else {
        return Ok(visit.page.form(&pages::Written::default(), Some("request.unsent")));
    };
    let kind = Kind::parse(&asked.kind).ok();
    let written = pages::Written { kind: kind.or(visit.kind), address: &asked.address, words: &asked.words };
    let Some(kind) = kind.filter(|_| asked.words.chars().count() <= WORDS_MAX) else {
        return Ok(visit.page.form(&written, Some("request.unsent")));
    };
    let Some(address) = engine::codes::address(&asked.address) else {
        return Ok(visit.page.form(&written, Some("request.no_address")));
    };
    let words = Some(asked.words.trim()).filter(|words| !words.is_empty()).map(|words| Personal::new(words.to_owned()));
    let new = NewClaim { kind, address, words, language: visit.page.words.language };
    match app.vault.write(&visit.scope, move |tx| claims::make(tx, &new)).await {
        Ok(made) if made.coded => Ok(visit.page.code(made.secret.reveal(), None)),
        Ok(made) => Ok(visit.page.no_code(made.secret.reveal())),
        Err(error) => refused(&visit, error),
    }
}

/// The limits are the same for whoever is known and whoever is not.
fn refused(visit: &Visit, error: vault::Error) -> Result<Response, ApiError> {
    match error {
        vault::Error::Conflict { code, .. } if code == TOO_MANY => Ok(pages::too_many(visit.page.words, 3_600)),
        error => Err(error.into()),
    }
}

/// What the page for the code posts.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    claim: String,
    #[serde(default)]
    code: String,
}

async fn prove(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
    form: Result<Form<Told>, FormRejection>,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    let Ok(Form(Told { claim, code })) = form else { return Ok(visit.page.over("")) };
    let secret = claim.clone();
    let prove = move |tx: &Tx<'_>| -> vault::Result<_> {
        let proven = claims::prove(tx, &secret, &code)?;
        let Proven::Right { request, contact, channel } = proven else { return Ok((proven, None)) };
        let mut done = done(tx, request)?;
        if requests::view(tx, request)?.kind == Kind::Withdrawal {
            done.choices = Some(unsubscribing::ticket_for(tx, Leave::Preferences, channel, contact)?);
        }
        Ok((proven, Some(done)))
    };
    Ok(match app.vault.write(&visit.scope, prove).await? {
        (_, Some(done)) => {
            let choices = done.choices.as_deref().map(|ticket| preferences::address(&app, ticket));
            visit.page.done(&done, choices.as_deref())
        }
        (Proven::Wrong, None) => visit.page.code(&claim, Some("request.wrong")),
        (Proven::Over | Proven::Right { .. }, None) => visit.page.over(&claim),
    })
}

/// What whoever asked is told.
struct Done {
    ticket: Personal<String>,
    due_at: Millis,
    verified: bool,
    /// The ticket of what they agreed to.
    choices: Option<String>,
}

fn done(tx: &Tx<'_>, id: RequestId) -> vault::Result<Done> {
    let request = requests::view(tx, id)?;
    let (ticket, verified) = (status::ticket(tx, id)?, request.verified.is_some());
    Ok(Done { ticket, due_at: request.due_at, verified, choices: None })
}

async fn hand_in(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
    form: Result<Form<Told>, FormRejection>,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    let Ok(Form(Told { claim, .. })) = form else { return Ok(visit.page.over("")) };
    let hand_in = move |tx: &Tx<'_>| -> vault::Result<_> {
        claims::without(tx, &claim)?.map(|request| done(tx, request)).transpose()
    };
    match app.vault.write(&visit.scope, hand_in).await {
        Ok(Some(done)) => Ok(visit.page.done(&done, None)),
        Ok(None) => Ok(visit.page.over("")),
        Err(error) => refused(&visit, error),
    }
}

async fn enter(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    Ok(visit.page.entering())
}

async fn status_of(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    wished: Wished,
    headers: HeaderMap,
    form: Result<Form<Told>, FormRejection>,
) -> Result<Response, ApiError> {
    let visit = Visit::enter(&app, &workspace, wished, &headers).await?;
    let Ok(Form(Told { code, .. })) = form else { return Ok(visit.page.no_status()) };
    let told = app.vault.write(&visit.scope, move |tx| status::told(tx, &code)).await?;
    Ok(told.map_or_else(|| visit.page.no_status(), |told| visit.page.status(told)))
}
