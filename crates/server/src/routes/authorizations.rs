//! Opening an account to a channel by signing in at its provider: out through a page there, and back to `/oauth/callback`. What it
//! opens is kept with the channel; where it opens several accounts, a member chooses one.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use connect::oauth::{self, Grant, Opened};
use connect::{Connector, SendError};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::authorizations::{self, GOOD_MS, Returned};
use vault::channels::{self, ChannelChange, ChannelSecret, ChannelState};
use vault::{ChannelId, Personal, Scope, audit};

use super::Id;
use super::channels::view;
use crate::app::Shared;
use crate::auth::{self, Allowed, ManageChannels};
use crate::order::{Key, Order};
use crate::outbound::drive;
use crate::problem::{ApiError, Code, Json};
use crate::views::{CHOICES, ChannelView, choices_text};
use crate::workers::connecting::{self, NoFiles};

/// The cookie by which the browser that went out is known when it comes back. It comes from another site, so it cannot be the
/// session's.
const COOKIE: &str = "parloir_authorization";

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(choose))
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
    let Opening { connector, account, .. } = account(&app, allowed.scope(), id).await?;
    let consent = connector.consent(&account).ok_or_else(settings_only)?;
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

fn settings_only() -> ApiError {
    ApiError::new(Code::NotFound, "This channel is not authorised at its provider: its settings are all it takes.")
}

/// Which of several accounts a channel is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChoiceOrder {
    /// One of the channel's `choices`, by its id.
    account: String,
}

/// Chooses one of the accounts that signing in opened. The provider is asked whether it is one of them; if not, or if it does not
/// answer, the channel says why.
#[utoipa::path(post, operation_id = "channels_choose", path = "/channels/{id}/choice", tag = "channels", params(("id" = String, Path)), request_body = ChoiceOrder,
    responses((status = 200, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn choose(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    order: Order<ChoiceOrder>,
) -> Result<Json<ChannelView>, ApiError> {
    let scope = allowed.scope();
    let opening = account(&app, scope, id).await?;
    opening.connector.consent(&opening.account).ok_or_else(settings_only)?;
    let answered = order.key.answered(&app, scope).await?.is_some();
    order
        .key
        .once(&app, scope, move |tx| {
            audit::record(tx, "channel.account_chosen", &id.to_string())?;
            Ok((200, id.to_string()))
        })
        .await?;
    if !answered {
        let chosen = order.body.account.as_str();
        let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| {
            opening.connector.choose(ctx, &opening.account, chosen, replies)
        };
        let opened = drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await;
        let done = match opened {
            Ok(opened) => open(&app, scope, &opening, &opened, false).await,
            Err(error) => Err(Failure::Because(word(error))),
        };
        if let Err(failure) = done {
            note(&app, scope, id, &failure).await?;
        }
    }
    Ok(Json(view(&app, scope, id).await?))
}

/// What a way is about: the account with what the operator set where it says nothing itself, and which fields that were.
struct Opening {
    channel: ChannelId,
    connector: &'static dyn Connector,
    account: connect::Account,
    filled: Vec<&'static connect::Field>,
}

async fn account(app: &Shared, scope: &Scope, id: ChannelId) -> Result<Opening, ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let kept = app.vault.read(&platform, move |tx| channels::account(tx, id)).await?;
    let connector = connect::channels::by_kind(&kept.kind).ok_or_else(ApiError::not_found)?;
    let mut account = app.account(&kept, connector.spec());
    let filled = app.filled(connector.spec(), &mut account);
    Ok(Opening { channel: id, connector, account, filled })
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
        note(&app, &returned.scope, channel, &error).await?;
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
    let opening = account(app, &returned.scope, id).await?;
    let redirect_uri = callback_url(app);
    let grant = Grant { code, verifier: returned.verifier.reveal(), redirect_uri: &redirect_uri };
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| {
        opening.connector.exchange(ctx, &opening.account, grant, replies)
    };
    let opened = drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await;
    let opened = opened.map_err(|error| Failure::Because(word(error)))?;
    open(app, &returned.scope, &opening, &opened, true).await
}

/// Keeps what was opened, and connects the channel with it; or leaves the choice to a member.
async fn open(app: &Shared, scope: &Scope, opening: &Opening, opened: &Opened, signed_in: bool) -> Result<(), Failure> {
    if !opened.choices.is_empty() {
        return Ok(ask_which(app, scope, opening, opened).await?);
    }
    prove(app, opening, opened).await?;
    keep(app, scope, opening, opened, signed_in).await?;
    connecting::connect(app, scope, opening.channel).await?;
    Ok(())
}

/// Whose account was opened is looked at before anything of it is kept: it may be another one than the channel's, and then what
/// the channel has goes on as it did. Who cannot be asked now is asked again when the channel is connected.
async fn prove(app: &Shared, opening: &Opening, opened: &Opened) -> Result<(), Failure> {
    let mut account = opening.account.clone();
    account.secrets.extend(opened.secrets.clone());
    account.settings.extend(opened.settings.clone());
    let channel = account.channel.clone();
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| opening.connector.authorize(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &channel, || app.ctx(), step).await {
        Ok(_) | Err(SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_)) => Ok(()),
        Err(error) => Err(Failure::Because(word(error))),
    }
}

/// Keeps what was opened, and by what, before the channel calls anything with it; and who signed in, where somebody did just now.
async fn keep(
    app: &Shared,
    scope: &Scope,
    opening: &Opening,
    opened: &Opened,
    signed_in: bool,
) -> Result<(), ApiError> {
    let id = opening.channel;
    let (change, key) = (change(opening, opened), opening.connector.spec().account_key);
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            channels::update(tx, id, &change)?;
            channels::note_account(tx, id, key)?;
            if signed_in {
                channels::note_signed_in(tx, id)?;
            }
            audit::record(tx, "channel.authorized", &id.to_string()).map(|_| ())
        })
        .await?;
    Ok(())
}

/// What the operator set goes with it: what was opened with it works with nothing else.
fn change(opening: &Opening, opened: &Opened) -> ChannelChange {
    let mut change = ChannelChange::default();
    for field in &opening.filled {
        let key = field.key.to_owned();
        if field.secret {
            let value = ChannelSecret::new(opening.account.secret(field.key).expose());
            change.secrets.insert(key, Some(value));
        } else {
            let value = Personal::new(opening.account.setting(field.key).to_owned());
            change.settings.insert(key, Some(value));
        }
    }
    let secrets = opened.secrets.iter().map(|(key, value)| (key.clone(), Some(ChannelSecret::new(value.expose()))));
    change.secrets.extend(secrets);
    let settings = opened.settings.iter().map(|(key, value)| (key.clone(), Some(Personal::new(value.clone()))));
    change.settings.extend(settings);
    change
}

/// Keeps what the choice is made with, and between what.
async fn ask_which(app: &Shared, scope: &Scope, opening: &Opening, opened: &Opened) -> Result<(), ApiError> {
    let id = opening.channel;
    let change = change(opening, opened);
    let account = Personal::new(BTreeMap::from([(CHOICES.to_owned(), choices_text(&opened.choices))]));
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            channels::update(tx, id, &change)?;
            channels::note_signed_in(tx, id)?;
            channels::set_account(tx, id, &account)?;
            channels::set_state(tx, id, ChannelState::NeedsAttention, Some("account_not_chosen"))?;
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
async fn note(app: &Shared, scope: &Scope, id: ChannelId, failure: &Failure) -> Result<(), ApiError> {
    let reason = match failure {
        Failure::Because(reason) => reason.clone(),
        Failure::Api(error) => {
            tracing::warn!(channel = %id, code = ?error.code(), "a channel could not be authorised");
            "sign_in_unreachable".to_owned()
        }
    };
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
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
