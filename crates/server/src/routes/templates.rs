//! Templates of a channel. They are made and approved at the provider; here they are shown and kept in step.

use axum::extract::State;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::jobs::{self, JobKind};
use vault::{ChannelId, Cursor, audit, channels, templates};

use super::{Id, PageQuery};
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels, ReadDirectory};
use crate::order::Key;
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, TemplateView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(sync))
}

/// A channel's templates, by name and language.
#[utoipa::path(get, operation_id = "templates_list", path = "/channels/{id}/templates", tag = "templates",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, body = ListView<TemplateView>), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Id(channel): Id<ChannelId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<TemplateView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, page.limit()?);
    let after = cursor.and_then(|cursor| cursor.id.split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())));
    let (name, language) = after.unwrap_or_default();
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let found = templates::list(tx, channel, (&name, &language), limit + 1)?;
        let show = |kept: &templates::Template| Ok(TemplateView::of(kept, engine::templates::described(kept)?));
        found.iter().map(show).collect::<vault::Result<Vec<_>>>()
    };
    let found = app.vault.read(allowed.scope(), read).await?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = vault::Page::from_overfull(found, limit, |last| Cursor {
        key: 0,
        id: format!("{}/{}", last.name, last.language),
    });
    Ok(Json(ListView::of(page, |template| template)))
}

/// Reads them from the provider now: for whoever has just had one approved. They are read by themselves once a day, and
/// whenever the provider speaks of one.
#[utoipa::path(post, operation_id = "templates_sync", path = "/channels/{id}/templates/syncs", tag = "templates", params(("id" = String, Path)),
    responses((status = 202), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn sync(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(channel): Id<ChannelId>,
    key: Key,
) -> Result<StatusCode, ApiError> {
    key.once(&app, allowed.scope(), move |tx| {
        let spec = engine::compose::connector(tx, channel)?.spec();
        let (_, state) = channels::kind_and_state(tx, channel)?;
        if state == channels::ChannelState::Off {
            return Err(engine::Error::Refused(vault::outbox::Refusal::ChannelOff));
        }
        if !spec.capabilities.contains(&connect::Capability::Template) {
            return Err(engine::Error::Unsupported("templates"));
        }
        jobs::enqueue(tx, JobKind::SyncTemplates, &channel.to_string(), tx.now())?;
        audit::record(tx, "templates.synced", &channel.to_string())?;
        Ok((202, channel.to_string()))
    })
    .await?;
    Ok(StatusCode::ACCEPTED)
}
