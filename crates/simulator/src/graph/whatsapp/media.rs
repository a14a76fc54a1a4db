//! Media: uploaded or received, kept for a while, downloaded from addresses that soon expire.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::done;
use crate::graph::api::DOWNLOADS;
use crate::graph::call::{Call, Part, text};
use crate::graph::refusal::Refusal;
use crate::graph::signature::keyed;
use crate::graph::world::World;

/// An address works for five minutes.
const ADDRESS_S: i64 = 5 * 60;
const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// How long what people sent is kept, and what businesses uploaded.
const RECEIVED_MS: i64 = 7 * DAY_MS;
const UPLOADED_MS: i64 = 30 * DAY_MS;
const MEGABYTE: usize = 1024 * 1024;
/// Signs addresses.
const ADDRESS_KEY: &str = "simulated";

/// What may be uploaded, as which kind, and how large.
const KINDS: [(&str, &[&str], usize); 5] = [
    ("audio", &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"], 16 * MEGABYTE),
    ("image", &["image/jpeg", "image/png"], 5 * MEGABYTE),
    ("sticker", &["image/webp"], MEGABYTE / 2),
    ("video", &["video/3gpp", "video/mp4"], 16 * MEGABYTE),
    (
        "document",
        &[
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
        100 * MEGABYTE,
    ),
];

/// Who had a media first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Received,
    Uploaded,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) part: Part,
    account: String,
    number: String,
    until_ms: i64,
}

impl Stored {
    fn digest(&self) -> impl AsRef<[u8]> + use<> {
        Sha256::digest(&self.part.content)
    }

    /// The object of a webhook's message, without caption and file name.
    pub(crate) fn told(&self) -> Value {
        json!({ "mime_type": self.part.mime, "sha256": BASE64.encode(self.digest()), "id": self.id })
    }

    /// The address that works until then, in seconds since the epoch.
    pub(crate) fn url(&self, base: &str, until_s: i64) -> String {
        format!("{base}{DOWNLOADS}?mid={}&source=getMedia&ext={until_s}&hash={}", self.id, self.hash(until_s))
    }

    fn hash(&self, until_s: i64) -> String {
        keyed(ADDRESS_KEY, format!("{}/{until_s}", self.id).as_bytes())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Store(BTreeMap<String, Stored>);

impl Store {
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn account_of(&self, id: &str) -> Option<String> {
        self.0.get(id).map(|stored| stored.account.clone())
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.0.get(id)
    }

    /// The bytes behind an address, while it works.
    pub(crate) fn download(
        &self,
        id: &str,
        until_s: i64,
        hash: &str,
        now_s: i64,
        seen: impl Fn(&str) -> bool,
    ) -> Option<Part> {
        let stored = self.0.get(id).filter(|stored| seen(&stored.account) && stored.hash(until_s) == hash)?;
        (now_s <= until_s && now_s * 1_000 < stored.until_ms).then(|| stored.part.clone())
    }
}

impl World {
    pub(super) fn keep_media(&mut self, number: &str, origin: Origin, part: Part) -> Result<Stored, Refusal> {
        let account = self.whatsapp.number(number)?.card.account.clone();
        let kept = if origin == Origin::Received { RECEIVED_MS } else { UPLOADED_MS };
        let until_ms = self.now_ms() + kept;
        let stored = Stored { id: self.fresh_id(), part, account, number: number.to_owned(), until_ms };
        self.whatsapp.media.0.insert(stored.id.clone(), stored.clone());
        Ok(stored)
    }
}

/// Kind and size must fit; `wanted` is what it is sent as, if that is known.
fn check(part: &Part, wanted: Option<&str>) -> Result<(), Refusal> {
    let mime = part.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = |(kind, mimes, _): &&(&str, &[&str], usize)| {
        let any_document = *kind == "document" && wanted == Some("document");
        wanted.is_none_or(|wanted| wanted == *kind) && (any_document || mimes.contains(&mime.as_str()))
    };
    let Some((_, _, largest)) = KINDS.iter().find(fits) else {
        return Err(Refusal::invalid(format!(
            "Param file must be a file with one of the supported types, not {mime}."
        )));
    };
    if part.content.is_empty() || part.content.len() > *largest {
        return Err(Refusal::of(131_053).because(format!("Media file size too big. Max file size: {largest}")));
    }
    Ok(())
}

pub(super) fn upload(world: &mut World, number: &str, call: &Call) -> Result<Value, Refusal> {
    if call.text("messaging_product") != Some("whatsapp") {
        return Err(Refusal::missing("messaging_product"));
    }
    let part = call.file.clone().ok_or_else(|| Refusal::missing("file"))?;
    check(&part, None)?;
    Ok(json!({ "id": world.keep_media(number, Origin::Uploaded, part)?.id }))
}

/// The media of this id, unless its time is over or it is another number's.
fn living<'a>(world: &'a World, id: &str, call: &Call) -> Result<&'a Stored, Refusal> {
    let now_ms = world.now_ms();
    let fits = |stored: &&Stored| {
        stored.until_ms > now_ms && call.text("phone_number_id").is_none_or(|number| number == stored.number)
    };
    let stored = world.whatsapp.media.get(id).filter(fits);
    stored.ok_or_else(|| Refusal::no_object(&call.method, id))
}

pub(super) fn address(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let stored = living(world, id, call)?;
    let digest = hex::encode(stored.digest());
    Ok(json!({
        "messaging_product": "whatsapp", "url": stored.url(&world.base, world.now_s() + ADDRESS_S),
        "mime_type": stored.part.mime, "sha256": digest, "file_size": stored.part.content.len(), "id": id,
    }))
}

pub(super) fn delete(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    living(world, id, call)?;
    world.whatsapp.media.0.remove(id);
    Ok(done())
}

/// Where a message's media is to be had, if it was given by link.
pub(crate) fn linked(call: &Call) -> Option<String> {
    let body = call.fields.get(call.text("type")?)?.as_object()?;
    text(body, "link").filter(|_| !body.contains_key("id")).map(str::to_owned)
}

/// The media that a message names by id or by link; none if the link led nowhere, which shows later.
pub(super) fn given(
    world: &mut World,
    number: &str,
    kind: &str,
    body: &Map<String, Value>,
    call: &Call,
) -> Result<Option<String>, Refusal> {
    if let Some(id) = text(body, "id") {
        let account = world.whatsapp.number(number)?.card.account.clone();
        let now_ms = world.now_ms();
        let stored = world.whatsapp.media.get(id).filter(|one| one.account == account && one.until_ms > now_ms);
        let wrong = || {
            Refusal::invalid(format!("Param {kind}['id'] is not a valid whatsapp business account media attachment ID"))
        };
        let part = stored.ok_or_else(wrong)?.part.clone();
        check(&part, Some(kind))?;
        return Ok(Some(id.to_owned()));
    }
    let link = text(body, "link");
    if !link.is_some_and(|link| link.starts_with("http")) {
        return Err(Refusal::of(131_008).because(format!("Either {kind}['id'] or {kind}['link'] must be given")));
    }
    let Some(part) = call.file.clone().filter(|part| check(part, Some(kind)).is_ok()) else {
        return Ok(None);
    };
    Ok(Some(world.keep_media(number, Origin::Uploaded, part)?.id))
}
