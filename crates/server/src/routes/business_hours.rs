//! Business hours.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::business_hours::{self, Holiday, Hours, Span};

use crate::app::Shared;
use crate::auth::{Allowed, ManageWorkspace, ReadDirectory};
use crate::problem::{ApiError, Json};
use crate::views::{BusinessHoursView, HolidayView, WeekView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, set))
}

/// The hours from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoursOrder {
    /// An IANA name (`Europe/Rome`).
    timezone: String,
    /// At most 8 spans a day, which do not overlap. A week without any means: no hours are kept, it is always open.
    week: WeekView,
    /// At most 400.
    #[serde(default)]
    holidays: Vec<HolidayView>,
}

/// When somebody is there, and whether that is now.
#[utoipa::path(get, operation_id = "business_hours_read", path = "/business-hours", tag = "business hours",
    responses((status = 200, body = BusinessHoursView), (status = 401), (status = 403)))]
async fn read(State(app): State<Shared>, allowed: Allowed<ReadDirectory>) -> Result<Json<BusinessHoursView>, ApiError> {
    let hours = app.vault.read(allowed.scope(), business_hours::view).await?;
    Ok(Json(BusinessHoursView::of(&hours, app.now())))
}

/// Replaces the hours.
#[utoipa::path(put, operation_id = "business_hours_set", path = "/business-hours", tag = "business hours", request_body = HoursOrder,
    responses((status = 200, body = BusinessHoursView), (status = 401), (status = 403), (status = 422)))]
async fn set(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Json(order): Json<HoursOrder>,
) -> Result<Json<BusinessHoursView>, ApiError> {
    let hours = order.hours()?;
    app.vault.write(allowed.scope(), move |tx| business_hours::set(tx, &hours)).await?;
    let hours = app.vault.read(allowed.scope(), business_hours::view).await?;
    Ok(Json(BusinessHoursView::of(&hours, app.now())))
}

impl HoursOrder {
    fn hours(self) -> Result<Hours, ApiError> {
        let WeekView { mon, tue, wed, thu, fri, sat, sun } = self.week;
        let mut week = business_hours::Week::default();
        let days = [("mon", mon), ("tue", tue), ("wed", wed), ("thu", thu), ("fri", fri), ("sat", sat), ("sun", sun)];
        for (slot, (name, spans)) in week.iter_mut().zip(days) {
            let read = |(at, span): (usize, &[String; 2])| span_of(span, || format!("week.{name}[{at}]"));
            *slot = spans.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        }
        let holidays = self.holidays.into_iter().enumerate().map(holiday).collect::<Result<_, _>>()?;
        Ok(Hours { timezone: self.timezone, week, holidays })
    }
}

fn span_of([from, until]: &[String; 2], place: impl Fn() -> String) -> Result<Span, ApiError> {
    let minute =
        |text: &str| minute(text).ok_or_else(|| ApiError::field(place(), "each is a time such as 09:00, up to 24:00"));
    let span = Span { from: minute(from)?, until: minute(until)? };
    if span.from < span.until { Ok(span) } else { Err(ApiError::field(place(), "it must end after it begins")) }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two =
        |part: &str| (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok());
    let (hour, minute): (u16, u16) = (two(hour)??, two(minute)??);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= 24 * 60).then_some(whole)
}

fn holiday((at, day): (usize, HolidayView)) -> Result<Holiday, ApiError> {
    let wrong = |_| ApiError::field(format!("holidays[{at}].date"), "expected a day such as 2026-12-25");
    Ok(Holiday { date: day.date.parse().map_err(wrong)?, name: day.name.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::minute;

    #[test]
    fn times_of_day_are_read_strictly() {
        let right = [("00:00", 0), ("09:30", 570), ("23:59", 1_439), ("24:00", 1_440)];
        for (text, expected) in right {
            assert_eq!(minute(text), Some(expected), "{text}");
        }
        for wrong in ["", "9:00", "09:60", "24:01", "25:00", "+9:00", "09:00:00", "0900", "०९:००"] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
    }
}
