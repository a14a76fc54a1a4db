//! A first morning in the shop, on every channel, so that the inbox has something in it.

use std::time::Duration;

use anyhow::{Context, Result};
use http::Method;
use serde_json::{Value, json};
use simulator::telegram::{Says, Upload};

use super::cast;
use super::rest::Rest;
use super::stage::Stage;
use crate::challenge::Challenge;

/// The picture that Tom sends.
const PARCEL: &[u8] = include_bytes!("parcel.png");
/// How often it is looked for what was said, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: u32 = 300;

/// Everybody speaks.
pub(super) async fn play(stage: &Stage<'_>) -> Result<()> {
    chiara_is_told_of_her_order(stage).await?;
    lena_asks_on_the_website(stage).await?;
    paolo_writes_in_the_shop(stage).await?;
    elena_asks_on_whatsapp(stage).await?;
    tom_sends_a_picture(stage).await?;
    sofia_misses_her_order(stage).await
}

async fn sofia_misses_her_order(stage: &Stage<'_>) -> Result<()> {
    say(
        stage,
        cast::SOFIA,
        "Buongiorno! Il mio ordine 1042 doveva arrivare ieri, ma non è ancora qui. Potete controllare?",
    )?;
    let conversation = conversation_with(&stage.marco, "Sofia Ferri").await?;
    reply(stage, &conversation, json!({ "text": "Buongiorno Sofia, mi dispiace! Chiamo subito il corriere." })).await?;
    let note = "Corriere chiamato: il pacco è al deposito di Lodi, consegna domani entro le 12.";
    reply(stage, &conversation, json!({ "text": note, "note": true })).await?;
    let found = "Il pacco è al deposito: arriva domani entro mezzogiorno. Va bene per lei?";
    reply(stage, &conversation, json!({ "text": found })).await?;
    heard(stage, cast::SOFIA, 3).await?;
    say(stage, cast::SOFIA, "Perfetto, domani mattina sono a casa. Grazie mille! 🙏")
}

async fn tom_sends_a_picture(stage: &Stage<'_>) -> Result<()> {
    say(stage, cast::TOM, "Hi! My parcel came this morning, but one corner is torn open.")?;
    let picture = Upload::new("parcel.png", "image/png", PARCEL)
        .captioned("This is how it arrived. The teapot is fine, but its lid is missing.");
    let telegram = stage.outside.simulator.telegram();
    telegram.say(cast::BOT_TOKEN, cast::TOM, Says::Photo(picture)).ok().context("Tom could not send his picture")?;
    let conversation = conversation_with(&stage.marco, "Tom Hughes").await?;
    let sorry = "Hello Tom, thank you for the photo. I am sorry about that! Shall we send a new lid, or a new teapot?";
    reply(stage, &conversation, json!({ "text": sorry })).await?;
    heard(stage, cast::TOM, 3).await
}

async fn elena_asks_on_whatsapp(stage: &Stage<'_>) -> Result<()> {
    let whatsapp = stage.outside.simulator.whatsapp();
    let says = |text: &str| {
        let said = whatsapp.say_text(cast::NUMBER, cast::ELENA, text);
        said.map(drop).ok().context("Elena could not write")
    };
    says("Buongiorno! La teiera blu che avete in vetrina è ancora disponibile? 🫖")?;
    let conversation = conversation_with(&stage.marco, "Elena Ricci").await?;
    let two = "Buongiorno Elena! Sì, ne abbiamo ancora due. Gliene mettiamo da parte una?";
    reply(stage, &conversation, json!({ "text": two })).await?;
    let heard = || whatsapp.transcript(cast::NUMBER, cast::ELENA).map_or(0, |shown| shown.len());
    until(|| heard() >= 2).await?;
    whatsapp.read(cast::NUMBER, cast::ELENA).ok().context("Elena could not read")?;
    says("Sì, grazie mille! Passo sabato mattina.")
}

/// She left her number in the shop, and agreed to be told; she has not answered, so that only templates can be sent.
async fn chiara_is_told_of_her_order(stage: &Stage<'_>) -> Result<()> {
    let (marco, channel) = (&stage.marco, &stage.channels.whatsapp);
    let identity = json!({ "channel_id": channel, "kind": "phone", "value": format!("+{}", cast::CHIARA) });
    let chiara = json!({ "name": "Chiara Longo", "language": "it", "identities": [identity] });
    let contact = marco.post("/contacts", chiara).await?;
    let contact = contact["id"].as_str().context("a contact has no id")?;
    let agreed = json!({
        "purpose": "messages", "channel": "whatsapp", "ground": "consent", "text_version": "order-form-1", "collected_by": "form",
        "text": "Sì, scrivetemi su WhatsApp quando il mio ordine è pronto.",
    });
    marco.post(&format!("/contacts/{contact}/consents"), agreed).await?;
    let conversation = marco.post("/conversations", json!({ "channel_id": channel, "contact_id": contact })).await?;
    let conversation = conversation["id"].as_str().context("a conversation has no id")?;
    template_is_known(stage, cast::ORDER_READY).await?;
    let ready = json!({ "name": cast::ORDER_READY, "language": "it", "variables": ["Chiara", "1039"] });
    reply(stage, conversation, json!({ "template": ready })).await?;
    let whatsapp = stage.outside.simulator.whatsapp();
    until(|| whatsapp.transcript(cast::NUMBER, cast::CHIARA).is_ok_and(|shown| !shown.is_empty())).await
}

/// Waits until a template of the number has been read from the provider.
async fn template_is_known(stage: &Stage<'_>, name: &str) -> Result<()> {
    let path = format!("/channels/{}/templates", stage.channels.whatsapp);
    for _ in 0..LOOKS {
        let all = stage.marco.get(&path).await?;
        let all = all["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        if all.iter().any(|template| template["name"] == name) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    anyhow::bail!("the template {name} is not known")
}

async fn lena_asks_on_the_website(stage: &Stage<'_>) -> Result<()> {
    let nobody = Rest::with(stage.router.clone(), String::new());
    let chat = format!("/chat/{}", stage.channels.web);
    let challenge = nobody.call(Method::GET, &format!("{chat}/challenge"), Value::Null).await?;
    let challenge: Challenge = serde_json::from_value(challenge).context("the chat gave no challenge")?;
    let session =
        nobody.call(Method::POST, &format!("{chat}/sessions"), json!({ "altcha": challenge.solve() })).await?;
    let lena = Rest::with(stage.router.clone(), session["token"].as_str().unwrap_or_default().to_owned());
    let message = json!({
        "type": "message", "id": "first", "text": "Hello, do you ship to Austria, and how long does it take?",
        "profile": { "name": "Lena Hofer", "language": "de" },
    });
    lena.call(Method::POST, &format!("/hooks/{}", stage.channels.web), message).await?;
    conversation_with(&stage.marco, "Lena Hofer").await.map(drop)
}

async fn paolo_writes_in_the_shop(stage: &Stage<'_>) -> Result<()> {
    let (marco, channel) = (&stage.marco, &stage.channels.api);
    let identity = json!({ "channel_id": channel, "kind": "external_id", "value": "customer-118" });
    let paolo = json!({ "name": "Paolo Greco", "language": "it", "identities": [identity] });
    let contact = marco.post("/contacts", paolo).await?;
    let opened = json!({ "channel_id": channel, "contact_id": contact["id"] });
    let conversation = marco.post("/conversations", opened).await?;
    let message = json!({
        "direction": "incoming", "external_id": "note-1",
        "text": "Vorrei cambiare l'indirizzo di consegna dell'ordine 1055, se non è già partito.",
    });
    let id = conversation["id"].as_str().context("a conversation has no id")?;
    marco.post(&format!("/conversations/{id}/messages"), message).await.map(drop)
}

fn say(stage: &Stage<'_>, person: i64, text: &str) -> Result<()> {
    let said = stage.outside.simulator.telegram().say_text(cast::BOT_TOKEN, person, text);
    said.map(drop).ok().context("a simulated person could not write")
}

async fn reply(stage: &Stage<'_>, conversation: &str, message: Value) -> Result<()> {
    stage.marco.post(&format!("/conversations/{conversation}/messages"), message).await.map(drop)
}

/// The conversation with somebody, once their message has arrived.
async fn conversation_with(marco: &Rest, name: &str) -> Result<String> {
    for _ in 0..LOOKS {
        let all = marco.get("/conversations?limit=100").await?;
        let all = all["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = all.iter().find(|conversation| conversation["contact"]["name"] == name);
        if let Some(id) = found.and_then(|conversation| conversation["id"].as_str()) {
            return Ok(id.to_owned());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    anyhow::bail!("what {name} wrote did not arrive")
}

/// Waits until somebody's phone shows this many messages, so that what they say next comes after them.
async fn heard(stage: &Stage<'_>, person: i64, messages: usize) -> Result<()> {
    let telegram = stage.outside.simulator.telegram();
    let shown = || telegram.transcript(cast::BOT_TOKEN, person).map_or(0, |shown| shown.len());
    until(|| shown() >= messages).await
}

async fn until(shown: impl Fn() -> bool) -> Result<()> {
    for _ in 0..LOOKS {
        if shown() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    anyhow::bail!("a reply did not reach the simulated phone")
}
