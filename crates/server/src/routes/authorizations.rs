//! Opening an account to a channel by signing in at its provider: out through a page there, and back to `/oauth/callback`.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use connect::oauth::{self, Grant, TOKENS, Tokens};
use connect::{Connector, SendError};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::authorizations::{self, GOOD_MS, Returned};
use vault::channels::{self, ChannelChange, ChannelSecret, ChannelState};
use vault::{ChannelId, audit};

use super::Id;
use crate::app::Shared;
use crate::auth::{self, Allowed, ManageChannels};
use crate::order::Key;
use crate::outbound::drive;
use crate::problem::{ApiError, Code, Json};
use crate::workers::connecting::{self, NoFiles};

/// The cookie by which the browser that went out is known when it comes back. It comes from another site, so it cannot be the
/// session's.
const COOKIE: &str = "parloir_authorization";

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(begin))
}

/// Where browsers come back to.
pub fn callback_router() -> Router<Shared> {
    Router::new().route("/oauth/callback", get(callback))
}

/// Where to go.
#[derive(Serialize, ToSchema)]
struct AuthorizationView {
    /// The provider's page, for the browser that asked. It is good for fifteen minutes.
    url: String,
}

/// Begins to authorise a channel whose provider asks its account's owner. The answer sets a cookie: only the browser that has it
/// can come back.
#[utoipa::path(post, operation_id = "channels_authorize", path = "/channels/{id}/authorization", tag = "channels", params(("id" = String, Path)),
    responses((status = 201, body = AuthorizationView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn begin(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    key: Key,
) -> Result<Response, ApiError> {
    let (connector, account) = account(&app, allowed.scope(), id).await?;
    let consent = connector.consent(&account).ok_or_else(|| {
        ApiError::new(
            Code::NotFound,
            "This kind of channel is not authorised at its provider: its settings are all it takes.",
        )
    })?;
    let (status, errand) = key
        .once(&app, allowed.scope(), move |tx| {
            let errand = authorizations::begin(tx, id)?;
            audit::record(tx, "channel.authorization_begun", &id.to_string())?;
            Ok((201, errand))
        })
        .await?;
    let out = app.vault.authorization(&errand)?;
    let url = oauth::authorize_url(&consent, &account, &callback_url(&app), &out.state, out.verifier.reveal());
    let cookie = cookie(&app, out.browser.reveal(), GOOD_MS / 1_000)?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
    Ok((status, [(header::SET_COOKIE, cookie)], Json(AuthorizationView { url })).into_response())
}

async fn account(
    app: &Shared,
    scope: &vault::Scope,
    id: ChannelId,
) -> Result<(&'static dyn Connector, connect::Account), ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let kept = app.vault.read(&platform, move |tx| channels::account(tx, id)).await?;
    let connector = connect::channels::by_kind(&kept.kind).ok_or_else(ApiError::not_found)?;
    let account = app.account(&kept, connector.spec());
    Ok((connector, account))
}

fn callback_url(app: &Shared) -> String {
    format!("{}/oauth/callback", app.public_url)
}

fn cookie(app: &Shared, value: &str, seconds: i64) -> Result<HeaderValue, ApiError> {
    let secure = if app.public_url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/oauth; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(|_| ApiError::internal("a cookie could not be written"))
}

/// What a browser brings back.
#[derive(Default)]
struct Brought {
    state: String,
    code: String,
}

impl Brought {
    fn read(query: &str) -> Self {
        let mut brought = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "state" => brought.state = value.into_owned(),
                "code" => brought.code = value.into_owned(),
                _ => {}
            }
        }
        brought
    }
}

/// A browser comes back. It is led to the channel's page, which says how it went; nothing that came goes along.
async fn callback(State(app): State<Shared>, RawQuery(query): RawQuery, parts: Parts) -> Result<Response, ApiError> {
    let brought = Brought::read(query.as_deref().unwrap_or_default());
    let browser = auth::cookie(&parts, COOKIE).unwrap_or_default();
    let returned = app.vault.returned(&brought.state, &browser).await?.ok_or_else(|| {
        ApiError::new(Code::Forbidden, "This way back is not known here, took too long, or began in another browser. Begin anew on the channel's page.")
    })?;
    let channel = returned.channel;
    if let Err(error) = finish(&app, &returned, &brought.code).await {
        note(&app, &returned, &error).await?;
    }
    let cookie = cookie(&app, "", 0)?;
    let page = Redirect::to(&format!("{}/#/settings/channels/{channel}", app.public_url));
    Ok(([(header::SET_COOKIE, cookie), (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))], page)
        .into_response())
}

/// Why it did not go well.
enum Failure {
    /// A reason for the channel's page.
    Because(String),
    Api(ApiError),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

async fn finish(app: &Shared, returned: &Returned, code: &str) -> Result<(), Failure> {
    if code.is_empty() {
        return Err(Failure::Because("not_allowed".to_owned()));
    }
    let id = returned.channel;
    let (connector, account) = account(app, &returned.scope, id).await?;
    let redirect_uri = callback_url(app);
    let grant = Grant { code, verifier: returned.verifier.reveal(), redirect_uri: &redirect_uri };
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.exchange(ctx, &account, grant, replies);
    let tokens = drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await;
    let tokens = tokens.map_err(|error| Failure::Because(word(error)))?;
    prove(app, connector, account, &tokens).await?;
    keep(app, returned, &tokens).await?;
    connecting::connect(app, &returned.scope, id).await?;
    Ok(())
}

/// Whose account was opened is looked at before anything of it is kept: it may be another one than the channel's, and then what
/// the channel has goes on as it did. Who cannot be asked now is asked again when the channel is connected.
async fn prove(
    app: &Shared,
    connector: &'static dyn Connector,
    mut account: connect::Account,
    tokens: &Tokens,
) -> Result<(), Failure> {
    account.secrets.insert(TOKENS.to_owned(), tokens.to_secret());
    let channel = account.channel.clone();
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.authorize(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &channel, || app.ctx(), step).await {
        Ok(_) | Err(SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_)) => Ok(()),
        Err(error) => Err(Failure::Because(word(error))),
    }
}

/// Keeps the tokens before the channel calls anything with them.
async fn keep(app: &Shared, returned: &Returned, tokens: &Tokens) -> Result<(), ApiError> {
    let (id, value) = (returned.channel, ChannelSecret::new(tokens.to_secret().expose()));
    let secrets = [(TOKENS.to_owned(), Some(value))].into();
    let change = ChannelChange { secrets, ..ChannelChange::default() };
    app.vault
        .write(&returned.scope, move |tx| -> vault::Result<_> {
            channels::update(tx, id, &change)?;
            audit::record(tx, "channel.authorized", &id.to_string()).map(|_| ())
        })
        .await?;
    Ok(())
}

fn word(error: SendError) -> String {
    match error {
        SendError::Refused { code, .. } | SendError::Stopped { code, .. } => code,
        SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_) => {
            "sign_in_unreachable".to_owned()
        }
        // A code that is used twice, or too late.
        _ => "not_allowed".to_owned(),
    }
}

/// A channel that works goes on working as it did; of any other its page says why it does not.
async fn note(app: &Shared, returned: &Returned, failure: &Failure) -> Result<(), ApiError> {
    let reason = match failure {
        Failure::Because(reason) => reason.clone(),
        Failure::Api(error) => {
            tracing::warn!(channel = %returned.channel, code = ?error.code(), "a channel could not be authorised");
            "sign_in_unreachable".to_owned()
        }
    };
    let id = returned.channel;
    app.vault
        .write(&returned.scope, move |tx| -> vault::Result<_> {
            match channels::kind_and_state(tx, id)? {
                (_, ChannelState::NeedsAttention) if !channels::is_stopped_for(tx, id, channels::REAUTHORISE)? => {
                    channels::set_state(tx, id, ChannelState::NeedsAttention, Some(&reason))
                }
                _ => Ok(()),
            }
        })
        .await?;
    Ok(())
}
