//! How a visitor comes in: what the chat looks like and asks, the challenge, the session, and what they agreed to.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connect::channels::web::{self, Look, Opened};
use engine::agree::{self, Terms};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use vault::{Personal, Tx, business_hours, visitors};

use super::room::Room;
use super::terms;
use crate::app::Shared;
use crate::challenge::{Challenge, Keys, Solved};
use crate::problem::{ApiError, Code, Json};

/// The largest body that opens a session, in bytes.
const SESSION_BODY: usize = 16 * 1024;
/// For how long a browser may keep the look.
const LOOK_CACHE: &str = "public, max-age=60";

/// How the chat looks and what it asks, for everybody.
pub(super) async fn look(State(app): State<Shared>, Path(channel): Path<String>) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    Ok(([(header::CACHE_CONTROL, LOOK_CACHE)], axum::Json(shown(&app, &room).await?)).into_response())
}

async fn shown(app: &Shared, room: &Room) -> Result<Look, ApiError> {
    let mut look = web::look(&room.account);
    look.upload_limit = look.upload_limit.min(app.settings.limits.upload_bytes);
    if look.keeps_hours {
        let now = app.now();
        let standing = app.vault.read(&room.hook.scope, business_hours::view).await?.standing(now);
        look.away = !standing.open_now;
        look.opens_at = standing.opens_at.map(crate::views::time);
    }
    Ok(look)
}

/// A challenge, to be solved before a session is opened.
pub(super) async fn challenge(
    State(app): State<Shared>,
    Path(channel): Path<String>,
) -> Result<([(header::HeaderName, &'static str); 1], axum::Json<Challenge>), ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let (now, chance) = (app.now(), app.vault.chance().draw());
    let keys = keys(&room);
    // Thousands of hashes: not on a thread that others wait for.
    let given = app.vault.off_thread(move |_| Ok(keys.and_then(|keys| keys.give(now, chance)))).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(given.ok_or_else(ApiError::not_found)?)))
}

fn keys(room: &Room) -> Option<Keys> {
    Keys::derive(&room.account.secret("session_secret"), &room.account.channel)
}

/// Opens a session: for an anonymous visitor, or with an identity the website vouches for.
pub(super) async fn open(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let origin = room.origin(&headers)?;
    let body = axum::body::to_bytes(body, SESSION_BODY).await.map_err(|_| ApiError::too_large(SESSION_BODY as u64))?;
    let opened = web::open(&app.ctx(), &room.account, origin.as_deref(), &body).map_err(|reject| match reject {
        connect::Reject::Malformed => ApiError::new(Code::Malformed, "Send a JSON object."),
        connect::Reject::Unauthorised | connect::Reject::NotFound => ApiError::unauthorised(),
    })?;
    let look = web::look(&room.account);
    let solved = permit(&app, &room, &look, &opened)?;
    if !note(&app, &room, &look, &opened, solved).await? {
        return Err(unsolved());
    }
    let answer = json!({
        "token": opened.token,
        "visitor_id": opened.visitor.id,
        "expires_at": crate::views::time(opened.visitor.expires_ms),
        "welcome": room.account.setting("welcome"),
        "locale": room.account.setting("locale"),
    });
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// Checks what the channel asks for: age, consent, and of whom nobody vouches for a moment's work, which is answered.
fn permit(app: &Shared, room: &Room, look: &Look, opened: &Opened) -> Result<Option<Solved>, ApiError> {
    if let Some(years) = look.minimum_age
        && !opened.asked.of_age
    {
        return Err(terms::underage(years));
    }
    if look.consent.as_ref().is_some_and(|consent| opened.asked.consent.as_ref() != Some(&consent.version)) {
        return Err(ApiError::new(Code::ConsentRequired, "Name the version of the text in `consent`: see the look."));
    }
    if !look.challenge || opened.user.is_some() {
        return Ok(None);
    }
    let payload = opened.asked.altcha.as_deref().unwrap_or_default();
    let solved = keys(room).and_then(|keys| keys.check(app.now(), payload));
    solved.map(Some).ok_or_else(unsolved)
}

fn unsolved() -> ApiError {
    ApiError::new(Code::ChallengeRequired, "Solve a challenge and send the solution in `altcha`; each is good once.")
}

/// Spends the challenge, meets whom the website vouches for, and records the consent: all or nothing. `false` if the
/// challenge was spent before.
async fn note(
    app: &Shared,
    room: &Room,
    look: &Look,
    opened: &Opened,
    solved: Option<Solved>,
) -> Result<bool, ApiError> {
    let terms = asked(room, look);
    if solved.is_none() && opened.user.is_none() && terms.is_none() {
        return Ok(true);
    }
    let met = opened.user.as_ref().map(|user| web::person(&opened.visitor, user));
    let somebody = met.clone().unwrap_or_else(|| web::somebody(&opened.visitor));
    let channel = room.hook.channel;
    let note = move |tx: &Tx<'_>| -> vault::Result<bool> {
        if let Some(solved) = &solved
            && !visitors::spend(tx, &solved.id, solved.expires_at)?
        {
            return Ok(false);
        }
        if let Some(person) = &met {
            engine::directory::meet(tx, channel, person)?;
        }
        if let Some(terms) = &terms {
            agree::given(tx, channel, &somebody, terms)?;
        }
        Ok(true)
    };
    Ok(app.vault.write(&room.hook.scope, note).await?)
}

fn asked(room: &Room, look: &Look) -> Option<Terms> {
    let consent = look.consent.as_ref()?;
    let text = format!("{}\n{}", consent.text, look.privacy_url);
    Some(Terms { kind: room.hook.kind.clone(), version: consent.version.clone(), text: Personal::new(text) })
}

/// Records that somebody with a session agrees to the text as it is now.
pub(super) async fn agree(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Result<StatusCode, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let terms = asked(&room, &web::look(&room.account)).ok_or_else(ApiError::not_found)?;
    if request.get("version").and_then(Value::as_str) != Some(terms.version.as_str()) {
        return Err(ApiError::new(Code::ConsentRequired, "The text has changed. Read the look anew."));
    }
    let (channel, person) = (room.hook.channel, web::somebody(&visitor));
    app.vault.write(&room.hook.scope, move |tx| agree::given(tx, channel, &person, &terms)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what somebody agreed to in this chat.
pub(super) async fn disagree(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let (channel, person) = (room.hook.channel, web::somebody(&visitor));
    app.vault.write(&room.hook.scope, move |tx| agree::taken_back(tx, channel, &person)).await?;
    Ok(StatusCode::NO_CONTENT)
}
