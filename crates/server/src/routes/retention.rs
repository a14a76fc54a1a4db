//! For how long what is kept (PROMISES.md, R): the terms, who may set them, and what the daily sweep did.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::map::Category;
use vault::retention::{self, Coming, LastSweep, Standing, Term};
use vault::{Millis, Tx};

use crate::app::Shared;
use crate::auth::{Allowed, ManageRetention};
use crate::problem::{ApiError, Json, Query};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, set)).routes(routes!(preview))
}

/// Terms from now on. What is not named stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetentionOrder {
    /// Days by category; null: the default again. All of them are taken, or none.
    terms: BTreeMap<String, Option<u32>>,
}

/// The most days that are looked ahead.
const AHEAD_MOST: u32 = 366;

/// How far to look ahead, and by which terms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PreviewQuery {
    /// How many days, 1 to 366; 30 if not given.
    days: Option<u32>,
    /// Terms as they would be: `messages:365,profiles:90`, in days. Those not named are as they are.
    terms: Option<String>,
}

/// What goes within the next days.
#[derive(Serialize, ToSchema)]
struct RetentionPreviewView {
    days: u32,
    coming: Vec<ComingView>,
}

/// What goes of one kind of rows. What hangs on them goes with them and is not counted apart.
#[derive(Serialize, ToSchema)]
struct ComingView {
    category: &'static str,
    /// `messages`, `conversations`, `contacts`, …
    what: &'static str,
    rows: i64,
    /// When the first is due. It goes with the sweep after that.
    first_at: String,
}

impl From<Coming> for ComingView {
    fn from(coming: Coming) -> Self {
        let Coming { category, what, rows, first_at } = coming;
        Self { category: category.as_str(), what, rows, first_at: time(first_at) }
    }
}

/// For how long what is kept.
#[derive(Serialize, ToSchema)]
struct RetentionView {
    categories: Vec<RetentionTermView>,
    /// When the next sweep is due; null while one runs, and before the first is planned.
    next_sweep_at: Option<String>,
    /// Null before the first.
    last_sweep: Option<SweepView>,
    clock: ClockView,
}

/// One category of data and its term.
#[derive(Serialize, ToSchema)]
struct RetentionTermView {
    /// `messages`, `profiles`, …
    category: &'static str,
    /// Which rule it is.
    promise: &'static str,
    /// On what ground such data is processed: `contract`, `legal_obligation`, `legitimate_interest` or `consent`.
    basis: &'static str,
    /// Days after the anchor; null: as long as needed, or as long as what it belongs to.
    days: Option<u32>,
    default_days: Option<u32>,
    /// Whether it can be set here.
    adjustable: bool,
    /// The fewest days it can be set to.
    least: Option<u32>,
    /// The most.
    most: Option<u32>,
    /// When it was set, if it was.
    set_at: Option<String>,
    /// Who set it; null: nobody, or whoever runs the installation.
    set_by: Option<String>,
}

/// A sweep.
#[derive(Serialize, ToSchema)]
struct SweepView {
    /// `running`, `done`, or `stopped`, because the clock is not believed.
    state: &'static str,
    started_at: String,
    finished_at: Option<String>,
    /// How many rows went, by category.
    removed: BTreeMap<String, i64>,
}

/// Whether the server's clock is believed. While it is not, nothing is swept.
#[derive(Serialize, ToSchema)]
struct ClockView {
    believed: bool,
    /// What was noted of it last, where it is not believed.
    noted_at: Option<String>,
    /// What it shows.
    shows: String,
}

impl From<Term> for RetentionTermView {
    fn from(term: Term) -> Self {
        let set_by = term.set.and_then(|(member, _)| member);
        Self {
            category: term.category.as_str(),
            promise: term.category.promise(),
            basis: term.basis.as_str(),
            days: term.days,
            default_days: term.default,
            adjustable: term.bounds.is_some(),
            least: term.bounds.map(|(least, _)| least),
            most: term.bounds.map(|(_, most)| most),
            set_at: term.set.map(|(_, at)| time(at)),
            set_by: set_by.map(|member| member.to_string()),
        }
    }
}

impl From<LastSweep> for SweepView {
    fn from(sweep: LastSweep) -> Self {
        Self {
            state: sweep.state.as_str(),
            started_at: time(sweep.started_at),
            finished_at: sweep.finished_at.map(time),
            removed: sweep.removed,
        }
    }
}

impl From<Standing> for ClockView {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Believed(shows) => Self { believed: true, noted_at: None, shows: time(shows) },
            Standing::Ahead { noted, shows } => {
                Self { believed: false, noted_at: Some(time(noted)), shows: time(shows) }
            }
        }
    }
}

/// All categories with their terms, and what the sweeps did.
#[utoipa::path(get, operation_id = "retention_read", path = "/retention", tag = "retention",
    responses((status = 200, body = RetentionView), (status = 401), (status = 403)))]
async fn read(State(app): State<Shared>, allowed: Allowed<ManageRetention>) -> Result<Json<RetentionView>, ApiError> {
    Ok(Json(view(&app, &allowed).await?))
}

/// Sets terms, all or none. They hold at once, for what is there already too: what is due goes with the next sweep.
#[utoipa::path(put, operation_id = "retention_set", path = "/retention", tag = "retention", request_body = RetentionOrder,
    responses((status = 200, body = RetentionView), (status = 401), (status = 403), (status = 422)))]
async fn set(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    Json(order): Json<RetentionOrder>,
) -> Result<Json<RetentionView>, ApiError> {
    let terms: Vec<(String, Option<u32>)> = order.terms.into_iter().collect();
    let names: Vec<String> = terms.iter().map(|(category, _)| format!("terms.{category}")).collect();
    let write = move |tx: &Tx<'_>| -> vault::Result<_> {
        let wrong = retention::check(tx, &terms)?;
        if wrong.is_empty() {
            retention::set(tx, &terms)?;
        }
        Ok(wrong)
    };
    let wrong = app.vault.write(allowed.scope(), write).await?;
    if !wrong.is_empty() {
        let told = |(at, refusal): &(usize, retention::Refusal)| Some((names.get(*at)?.clone(), refusal.words()));
        return Err(ApiError::invalid(wrong.iter().filter_map(told)));
    }
    Ok(Json(view(&app, &allowed).await?))
}

async fn view(app: &Shared, allowed: &Allowed<ManageRetention>) -> Result<RetentionView, ApiError> {
    let look = |tx: &Tx<'_>| -> vault::Result<_> { Ok((retention::list(tx)?, retention::last(tx)?)) };
    let (terms, (last, next)): (Vec<Term>, (Option<LastSweep>, Option<Millis>)) =
        app.vault.read(allowed.scope(), look).await?;
    Ok(RetentionView {
        categories: terms.into_iter().map(Into::into).collect(),
        next_sweep_at: next.map(time),
        last_sweep: last.map(Into::into),
        clock: app.vault.clock_standing().await?.into(),
    })
}

/// What goes within the next days, by the terms as they are or as they would be. Nothing is changed.
#[utoipa::path(get, operation_id = "retention_preview", path = "/retention/preview", tag = "retention", params(PreviewQuery),
    responses((status = 200, body = RetentionPreviewView), (status = 401), (status = 403), (status = 422)))]
async fn preview(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<RetentionPreviewView>, ApiError> {
    let days = query.days.unwrap_or(30);
    if !(1..=AHEAD_MOST).contains(&days) {
        return Err(ApiError::field("days", "from 1 to 366"));
    }
    let would = query.terms.as_deref().map_or_else(|| Some(BTreeMap::new()), would_be);
    let would = would.ok_or_else(|| ApiError::field("terms", "expected categories and days, such as messages:365"))?;
    let coming = app.vault.read(allowed.scope(), move |tx| retention::preview(tx, days, &would)).await?;
    Ok(Json(RetentionPreviewView { days, coming: coming.into_iter().map(Into::into).collect() }))
}

/// `messages:365,profiles:90`.
fn would_be(terms: &str) -> Option<BTreeMap<Category, u32>> {
    let one = |part: &str| {
        let (category, days) = part.split_once(':')?;
        Some((Category::parse(category)?, days.parse().ok()?))
    };
    terms.split(',').filter(|part| !part.is_empty()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_would_be_are_read_strictly() {
        let read = would_be("messages:365,profiles:9").unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [(Category::Messages, 365), (Category::Profiles, 9)]);
        assert_eq!(would_be(""), Some(BTreeMap::new()));
        for wrong in ["messages", "messages:", "messages:-1", "weather:3", "messages:3;profiles:3"] {
            assert_eq!(would_be(wrong), None, "{wrong}");
        }
    }
}
