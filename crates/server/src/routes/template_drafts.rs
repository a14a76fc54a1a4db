//! Templates that are made here: looked at by the provider's rules, handed in to it, and taken back.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connect::{
    BlobHandle, Capability, Fault, OutFile, SendError, TemplateCategory, TemplateDraft, TemplateDraftButton,
    TemplateHeader,
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::jobs::{self, JobKind};
use vault::{AttachmentId, ChannelId, Personal, Scope, attachments, audit, templates};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels};
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::provider::Line;
use crate::views::TemplateView;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(create, remove))
}

/// A template to be handed in to the provider, which looks at it and says later what it decides.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateDraftOrder {
    name: String,
    /// As the provider writes it (`it`, `en_US`).
    language: String,
    /// `marketing` (needs the contact's consent to it) or `utility`. The provider may count it as the other.
    category: String,
    header: Option<HeaderDraftOrder>,
    /// The text, with its variables as `{{1}}` or `{{name}}`.
    body: String,
    /// An example of each of the text's variables, by its number or name: whoever judges the template sees them.
    #[serde(default)]
    examples: BTreeMap<String, String>,
    footer: Option<String>,
    #[serde(default)]
    buttons: Vec<ButtonDraftOrder>,
}

/// What stands above the text.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeaderDraftOrder {
    /// `text`, `image`, `video`, `document` or `place`.
    kind: String,
    /// Of a text: the line, with at most one variable.
    text: Option<String>,
    /// Of a text with a variable: an example of it.
    example: Option<String>,
    /// Of a file: an uploaded one as the example.
    attachment: Option<String>,
}

/// A button below the text.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ButtonDraftOrder {
    /// `quick_reply`, `url`, `phone_number` or `copy_code`.
    kind: String,
    #[serde(default)]
    label: String,
    /// The address, at whose end `{{1}}` may stand, or the telephone number.
    target: Option<String>,
    /// The whole address as an example, or a code as an example.
    example: Option<String>,
}

/// Which template.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TemplateQuery {
    name: String,
    language: String,
}

/// Hands a template in. What the provider would refuse is said by its rules first, in `fields`. The answer has the template as it
/// stands then, mostly `pending`; what the provider decides later is told as `template.updated`.
#[utoipa::path(post, operation_id = "templates_create", path = "/channels/{id}/templates", tag = "templates", params(("id" = String, Path)),
    request_body = TemplateDraftOrder,
    responses((status = 201, body = TemplateView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429), (status = 503)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(channel): Id<ChannelId>,
    order: Order<TemplateDraftOrder>,
) -> Result<Response, ApiError> {
    let line = Line::to(&app, allowed.scope(), channel, Capability::MakeTemplate).await?;
    let draft = draft(&app, allowed.scope(), order.body).await?;
    sound(line.connector.template_faults(&draft))?;
    let (name, language) = (draft.name.clone(), draft.language.clone());
    if order.key.answered(&app, allowed.scope()).await?.is_none() {
        let made = match line.ask(&app, |it, ctx, account, said| it.make_template(ctx, &draft, account, said)).await {
            Ok(made) => made,
            Err(error) => return Err(not_made(&app, allowed.scope(), &line, error).await),
        };
        order
            .key
            .once(&app, allowed.scope(), move |tx| {
                engine::templates::keep(tx, channel, std::slice::from_ref(&made))?;
                audit::record(tx, "template.created", &channel.to_string())?;
                Ok((201, format!("{}/{}", made.name, made.language)))
            })
            .await?;
    }
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let kept = templates::find(tx, channel, &name, &language)?.ok_or(vault::Error::NotFound("template"))?;
        Ok(TemplateView::of(&kept, engine::templates::described(&kept)?))
    };
    let view = app.vault.read(allowed.scope(), read).await?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Where the answer was lost, the template may be there: the list is read.
async fn not_made(app: &Shared, scope: &Scope, line: &Line, error: SendError) -> ApiError {
    if let SendError::Retry(_) = &error {
        let channel = line.channel.to_string();
        let asked = app.vault.write(scope, move |tx| jobs::enqueue(tx, JobKind::SyncTemplates, &channel, tx.now()));
        if let Err(error) = asked.await {
            return error.into();
        }
    }
    line.failure(app, error).await
}

/// Takes a template back at the provider, in one language. What was sent with it stays.
#[utoipa::path(delete, operation_id = "templates_remove", path = "/channels/{id}/templates", tag = "templates",
    params(("id" = String, Path), TemplateQuery),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429), (status = 503)))]
async fn remove(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(channel): Id<ChannelId>,
    Query(query): Query<TemplateQuery>,
) -> Result<StatusCode, ApiError> {
    let line = Line::to(&app, allowed.scope(), channel, Capability::MakeTemplate).await?;
    let TemplateQuery { name, language } = query;
    let (wanted, of) = (name.clone(), language.clone());
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let kept = templates::find(tx, channel, &wanted, &of)?.ok_or(vault::Error::NotFound("template"))?;
        engine::templates::described(&kept)
    };
    let template = app.vault.read(allowed.scope(), read).await?;
    if let Err(error) = line.ask(&app, |it, ctx, account, said| it.drop_template(ctx, &template, account, said)).await {
        return Err(line.failure(&app, error).await);
    }
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            templates::taken_back(tx, channel, &name, &language)?;
            audit::record(tx, "template.deleted", &channel.to_string()).map(|_| ())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Faults as an answer, if there are any.
pub(super) fn sound(faults: Vec<Fault>) -> Result<(), ApiError> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(faults.into_iter().map(|fault| (fault.field, fault.why))))
}

async fn draft(app: &Shared, scope: &Scope, order: TemplateDraftOrder) -> Result<TemplateDraft, ApiError> {
    let category = TemplateCategory::parse(&order.category)
        .ok_or_else(|| ApiError::field("category", "marketing, utility or authentication"))?;
    let header = order.header.as_ref().map(header).transpose()?;
    let file = match order.header.as_ref().and_then(|header| header.attachment.as_ref()) {
        Some(id) => Some(example(app, scope, id).await?),
        None => None,
    };
    let button = |button: ButtonDraftOrder| TemplateDraftButton {
        kind: button.kind,
        label: button.label,
        target: button.target,
        example: button.example,
    };
    Ok(TemplateDraft {
        name: order.name,
        language: order.language,
        category,
        header,
        header_example: order.header.and_then(|header| header.example),
        file,
        body: order.body,
        examples: order.examples.into_iter().collect(),
        footer: order.footer.filter(|footer| !footer.is_empty()),
        buttons: order.buttons.into_iter().map(button).collect(),
    })
}

fn header(order: &HeaderDraftOrder) -> Result<TemplateHeader, ApiError> {
    match order.kind.as_str() {
        "text" => Ok(TemplateHeader::Text { text: order.text.clone().unwrap_or_default() }),
        "place" => Ok(TemplateHeader::Place),
        role @ ("image" | "video" | "document") => Ok(TemplateHeader::File { role: role.to_owned() }),
        _ => Err(ApiError::field("header.kind", "text, image, video, document or place")),
    }
}

/// An uploaded file that is on no message: what is a contact's is nothing to be judged by others.
async fn example(app: &Shared, scope: &Scope, id: &str) -> Result<OutFile, ApiError> {
    let wrong =
        || ApiError::field("header.attachment", "the id of a file that was uploaded for this: POST /attachments");
    let id: AttachmentId = id.parse().map_err(|_| wrong())?;
    let found = match app.vault.read(scope, move |tx| attachments::view(tx, id)).await {
        Ok(found) => found,
        Err(vault::Error::NotFound(_)) => return Err(wrong()),
        Err(error) => return Err(error.into()),
    };
    if found.message.is_some() || found.contact.is_some() || found.state != "stored" {
        return Err(wrong());
    }
    Ok(OutFile {
        blob: BlobHandle(id.to_string()),
        name: found.name.map_or_else(|| "file".to_owned(), Personal::into_revealed),
        content_type: found.content_type,
        size: u64::try_from(found.size).unwrap_or(0),
    })
}
