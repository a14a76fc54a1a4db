//! Consent on websites, the visitor's side (WB-1): what a site shows, the record of a choice, visits that are counted after one, the
//! policy on cookies. The script that speaks with it is in `web/consent`.

mod policy;
mod shown;
mod words;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use vault::sites::{self, Category, Device, NewChoice, Site, Visit, Way};
use vault::{Scope, SiteId};

pub use shown::banner;

use crate::app::Shared;
use crate::chat;
use crate::problem::{self, ApiError, Query};

/// Largest request, in bytes.
const LARGEST: usize = 8_192;

/// The routes of sites, and those of their workspace's public pages.
pub fn router(app: &Shared) -> Router<Shared> {
    let paced = || axum::middleware::from_fn_with_state(app.clone(), chat::in_time);
    Router::new()
        .route("/consent/{site}", get(look))
        .route("/consent/{site}/preview", get(policy::preview))
        .route("/p/{workspace}/consent-choices", post(choose).layer(paced()))
        .route("/p/{workspace}/visits", post(visit).layer(paced()))
        .route("/p/{workspace}/cookies", get(policy::page))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// In which language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LookQuery {
    #[serde(default)]
    lang: String,
}

/// What a site shows, as the script reads it.
#[derive(Serialize)]
struct Look {
    workspace: String,
    language: &'static str,
    version: String,
    purposes: String,
    analytics: bool,
    privacy_url: Option<String>,
    #[serde(flatten)]
    spoken: shown::Spoken,
}

/// A choice, as the script tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    site: String,
    version: String,
    way: String,
    categories: Vec<Category>,
    signal: bool,
    visitor: String,
}

/// A page that was visited, as the script tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Visited {
    site: String,
    path: String,
    referrer: Option<String>,
    device: String,
    visitor: String,
}

/// A site, as its visitors come to it.
struct Place {
    scope: Scope,
    site: Site,
    /// The page that asks, which may read the answer; nothing if no page does.
    origin: Option<HeaderValue>,
}

impl Place {
    async fn enter(app: &Shared, id: &str, headers: &HeaderMap) -> Result<Self, ApiError> {
        let id: SiteId = id.parse().map_err(|_| ApiError::not_found())?;
        let scope = app.vault.public_site(id).await?.ok_or_else(ApiError::not_found)?;
        let site = app.vault.read(&scope, move |tx| sites::view(tx, id)).await?;
        let origin = headers.get(header::ORIGIN).cloned();
        if let Some(asking) = &origin {
            let asking = asking.to_str().map_err(|_| ApiError::unauthorised())?;
            let own = app.public_url.trim_end_matches('/').eq_ignore_ascii_case(asking);
            if !own && !site.settings.allows(asking) {
                return Err(ApiError::unauthorised());
            }
        }
        Ok(Self { scope, site, origin })
    }

    /// The same, of the workspace that the path names.
    async fn of(app: &Shared, workspace: &str, id: &str, headers: &HeaderMap) -> Result<Self, ApiError> {
        let place = Self::enter(app, id, headers).await?;
        if place.scope.workspace().to_string() == workspace { Ok(place) } else { Err(ApiError::not_found()) }
    }

    /// The answer, which the page that asked may read.
    fn answered(&self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(origin) = &self.origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        response
    }
}

/// What a site shows, and to whom it belongs.
async fn look(
    State(app): State<Shared>,
    Path(site): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LookQuery>,
) -> Result<Response, ApiError> {
    let place = Place::enter(&app, &site, &headers).await?;
    let (id, version) = (place.site.id, place.site.version.clone());
    let banner = app.vault.read(&place.scope, move |tx| sites::banner(tx, id, &version)).await?;
    let text: shown::Text = serde_json::from_str(&banner.text).map_err(ApiError::internal)?;
    let language = words::words(&query.lang).language;
    let spoken = text.languages.get(language).cloned().ok_or_else(|| ApiError::internal("a language is missing"))?;
    let look = Look {
        workspace: place.scope.workspace().to_string(),
        language,
        version: banner.version,
        purposes: banner.purposes,
        analytics: text.analytics,
        privacy_url: text.privacy_url,
        spoken,
    };
    Ok(place.answered(Json(look)))
}

/// Records a choice.
async fn choose(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Choice { site, version, way, categories, signal, visitor } = problem::read_json(&body)?;
    let place = Place::of(&app, &workspace, &site, &headers).await?;
    let way =
        Way::parse(&way).ok_or_else(|| ApiError::field("way", "one of accept, reject, choose, close, withdraw"))?;
    let new = NewChoice { site: place.site.id, version, way, categories, signal, visitor };
    app.vault.write(&place.scope, move |tx| sites::choose(tx, &new)).await?;
    Ok(place.answered(StatusCode::NO_CONTENT))
}

/// Counts a visit.
async fn visit(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Visited { site, path, referrer, device, visitor } = problem::read_json(&body)?;
    let place = Place::of(&app, &workspace, &site, &headers).await?;
    let device = Device::parse(&device).ok_or_else(|| ApiError::field("device", "one of desktop, phone, tablet"))?;
    let new = Visit { site: place.site.id, path, referrer, device, visitor };
    app.vault.write(&place.scope, move |tx| sites::visit(tx, &new)).await?;
    Ok(place.answered(StatusCode::NO_CONTENT))
}
