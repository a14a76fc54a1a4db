//! Websites that ask their visitors for consent.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::sites::{self, Banner, SiteSettings};
use vault::{Scope, SiteId};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ManageWorkspace, ReadDirectory};
use crate::consent;
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::views::{CookieView, ListView, SiteReportView, SiteView};

const DAY_MS: i64 = 86_400_000;
/// As long as counts are kept, in days.
const LONGEST: u16 = 730;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, set, delete)).routes(routes!(report))
}

/// A website as it is from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteOrder {
    /// One line of 1 to 60 characters.
    name: String,
    /// 1 to 20 of the form `https://www.example.com`.
    origins: Vec<String>,
    privacy_url: Option<String>,
    /// Count visits here, of those who consent to analytics.
    #[serde(default)]
    analytics: bool,
    /// What the banner says in place of the program's own words, by language (`en`, `it`, `es`, `de`). Title and choices are not
    /// to be changed.
    #[serde(default)]
    text: BTreeMap<String, String>,
    /// Everything that the website keeps in browsers, 200 at most. A category in which there is nothing is not asked about.
    #[serde(default)]
    cookies: Vec<CookieView>,
}

impl SiteOrder {
    fn read(self) -> Result<(SiteSettings, Banner), ApiError> {
        let category = "one of necessary, functional, analytics, marketing, profiling";
        let cookie = |(at, cookie): (usize, CookieView)| {
            cookie.read().ok_or_else(|| ApiError::field(format!("cookies[{at}].category"), category))
        };
        let settings = SiteSettings {
            name: self.name,
            origins: self.origins,
            privacy_url: self.privacy_url,
            analytics: self.analytics,
            text: self.text,
            cookies: self.cookies.into_iter().enumerate().map(cookie).collect::<Result<_, _>>()?,
        };
        let settings = settings.checked()?;
        let banner = consent::banner(&settings);
        Ok((settings, banner))
    }
}

/// How far back.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    /// 1 to 730.
    #[serde(default = "month")]
    days: u16,
}

fn month() -> u16 {
    30
}

/// The workspace's websites that ask for consent, 50 at most.
#[utoipa::path(get, operation_id = "sites_list", path = "/sites", tag = "sites",
    responses((status = 200, body = ListView<SiteView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
) -> Result<Json<ListView<SiteView>>, ApiError> {
    let sites = app.vault.read(allowed.scope(), sites::list).await?;
    Ok(Json(ListView::whole(sites.into_iter().map(Into::into).collect())))
}

/// Adds a website. Its id goes into the tag `<script src="…/consent.js" data-site="sit_…">`.
#[utoipa::path(post, operation_id = "sites_create", path = "/sites", tag = "sites", request_body = SiteOrder,
    responses((status = 201, body = SiteView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    order: Order<SiteOrder>,
) -> Result<Response, ApiError> {
    let (settings, banner) = order.body.read()?;
    let act = move |tx: &vault::Tx<'_>| Ok((201, sites::create(tx, &settings, &banner)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, allowed.scope(), made.parse()?).await?)).into_response())
}

/// A website.
#[utoipa::path(get, operation_id = "sites_read", path = "/sites/{id}", tag = "sites", params(("id" = String, Path)),
    responses((status = 200, body = SiteView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Id(id): Id<SiteId>,
) -> Result<Json<SiteView>, ApiError> {
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Describes a website anew. Whoever has chosen there is asked again if it asks for other purposes, or for others' sake, and
/// otherwise not before six months are over. What was shown before is kept as evidence.
#[utoipa::path(put, operation_id = "sites_set", path = "/sites/{id}", tag = "sites", params(("id" = String, Path)),
    request_body = SiteOrder,
    responses((status = 200, body = SiteView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn set(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Id(id): Id<SiteId>,
    Json(order): Json<SiteOrder>,
) -> Result<Json<SiteView>, ApiError> {
    let (settings, banner) = order.read()?;
    app.vault.write(allowed.scope(), move |tx| sites::set(tx, id, &settings, &banner)).await?;
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Ends it: nobody is asked there any more, and nothing optional is loaded. The choices that were made stay on record.
#[utoipa::path(delete, operation_id = "sites_delete", path = "/sites/{id}", tag = "sites", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Id(id): Id<SiteId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| sites::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was chosen at a website, and how often its pages were visited.
#[utoipa::path(get, operation_id = "sites_report", path = "/sites/{id}/report", tag = "sites",
    params(("id" = String, Path), ReportQuery),
    responses((status = 200, body = SiteReportView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn report(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Id(id): Id<SiteId>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<SiteReportView>, ApiError> {
    if !(1..=LONGEST).contains(&query.days) {
        return Err(ApiError::field("days", "1 to 730"));
    }
    let since = app.now() - i64::from(query.days) * DAY_MS;
    let look = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        Ok((sites::report(tx, id, since)?, sites::chosen(tx, id, since)?))
    };
    let (report, choices) = app.vault.read(allowed.scope(), look).await?;
    Ok(Json(SiteReportView::of(report, choices)))
}

async fn view(app: &Shared, scope: &Scope, id: SiteId) -> Result<SiteView, ApiError> {
    Ok(app.vault.read(scope, move |tx| sites::view(tx, id)).await?.into())
}
