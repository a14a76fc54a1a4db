//! The workspace, its members and its channels: made at the first start, found again later.

use anyhow::{Context, Result, ensure};
use axum::Router;
use serde_json::{Value, json};
use vault::members::{self, NewMember};
use vault::{MemberId, Personal, Scope};

use super::cast::{self, Player};
use super::outside::Outside;
use super::rest::Rest;
use super::story;
use crate::app::Shared;
use crate::{cli, serve};

/// The demo's channels, by id.
pub(super) struct Channels {
    pub(super) whatsapp: String,
    pub(super) web: String,
    pub(super) api: String,
}

/// Everybody who acts on the stage.
pub(super) struct Stage<'a> {
    pub(super) outside: &'a Outside,
    pub(super) router: Router,
    pub(super) marco: Rest,
    pub(super) channels: Channels,
}

/// Sets the scene, and plays the story if nobody has said anything yet.
pub(super) async fn set(app: &Shared, outside: &Outside) -> Result<()> {
    let scope = workspace(app).await?;
    let router = serve::router(app);
    let giulia = member(app, &scope, &cast::GIULIA).await?;
    let marco = member(app, &scope, &cast::MARCO).await?;
    let (giulia, giulias_token) = Rest::open(app, &scope, giulia, router.clone()).await?;
    let (marco, marcos_token) = Rest::open(app, &scope, marco, router.clone()).await?;
    let channels = connect(&giulia, outside).await?;
    outside.put_chat_on_website(&app.public_url, &channels.web);
    let said = giulia.get("/conversations?limit=1").await?;
    if said["data"].as_array().is_none_or(Vec::is_empty) {
        story::play(&Stage { outside, router, marco, channels }).await?;
    }
    Rest::close(app, &scope, giulias_token).await?;
    Rest::close(app, &scope, marcos_token).await
}

async fn workspace(app: &Shared) -> Result<Scope> {
    let all = app.vault.workspaces().await?;
    let known = all.into_iter().find(|workspace| workspace.name.reveal() == cast::WORKSPACE);
    let id = match known {
        Some(workspace) => workspace.id,
        None => app.vault.create_workspace("eu", Personal::new(cast::WORKSPACE.to_owned())).await?,
    };
    Ok(app.vault.operator_scope(id).await?)
}

async fn member(app: &Shared, scope: &Scope, player: &Player) -> Result<MemberId> {
    let email = player.email;
    if let Some(known) = app.vault.read(scope, move |tx| members::by_email(tx, email)).await? {
        return Ok(known.id);
    }
    let new = NewMember {
        email: Personal::new(player.email.to_owned()),
        name: Personal::new(player.name.to_owned()),
        role: player.role,
        password_hash: Some(cli::hash(app, player.password).await?),
    };
    Ok(app.vault.write(scope, move |tx| members::create(tx, &new)).await?)
}

/// Connects what is simulated. The simulator forgets its hooks with each start and may be at another port, so channels
/// that are there already are connected anew.
async fn connect(giulia: &Rest, outside: &Outside) -> Result<Channels> {
    let bot = json!({ "bot_token": cast::BOT_TOKEN });
    channel(giulia, "telegram", "Telegram", bot).await?;
    let number = json!({
        "phone_number_id": cast::NUMBER, "business_account_id": cast::ACCOUNT, "access_token": cast::ACCESS_TOKEN,
        "app_secret": cast::APP_SECRET, "verify_token": cast::VERIFY_TOKEN,
    });
    let whatsapp = channel(giulia, "whatsapp", "WhatsApp", number).await?;
    outside.call_back(whatsapp["hook_url"].as_str().context("a channel has no hook")?).await?;
    let page = json!({
        "allowed_origins": ["https://bottega-conti.example", outside.website()], "locale": "it",
        "title": cast::WORKSPACE, "colour": "#8f4a2b", "pre_chat": ["name"],
        "welcome": "Benvenuti alla Bottega Conti! Come possiamo aiutarvi?",
    });
    let web = channel(giulia, "web", "Website", page).await?;
    let api = channel(giulia, "api", "Shop system", json!({ "webhook_url": outside.other_system() })).await?;
    let id = |channel: Value| channel["id"].as_str().map(str::to_owned).context("a channel has no id");
    Ok(Channels { whatsapp: id(whatsapp)?, web: id(web)?, api: id(api)? })
}

async fn channel(giulia: &Rest, kind: &str, name: &str, settings: Value) -> Result<Value> {
    let all = giulia.get("/channels?limit=100").await?;
    let all = all["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let known = all.iter().find(|channel| channel["kind"] == kind && channel["state"] != "off");
    let channel = match known.and_then(|channel| channel["id"].as_str()) {
        Some(id) => giulia.patch(&format!("/channels/{id}"), json!({ "settings": settings })).await?,
        None => giulia.post("/channels", json!({ "kind": kind, "name": name, "settings": settings })).await?,
    };
    let reason = channel["state_reason"].as_str().unwrap_or_default();
    ensure!(channel["state"] == "ready", "the {kind} channel does not work: {reason}");
    Ok(channel)
}
