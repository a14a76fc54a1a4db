//! Resumable uploads (<https://developers.facebook.com/docs/graph-api/guides/upload>): an app opens a session for a file, sends its
//! bytes there, and is given a handle by which other calls name it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::app::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::world::World;

/// What a session's id begins with; it stands in the path as a whole.
pub(super) const SESSION: &str = "upload:";
/// Types that examples may have.
const TYPES: [&str; 5] = ["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"];

/// A session: whose, and how many bytes of what it waits for.
struct Session {
    app: String,
    length: usize,
    mime: String,
}

/// Sessions that wait for their file, and the handles of those that had it.
#[derive(Default)]
pub(crate) struct Uploads {
    sessions: BTreeMap<String, Session>,
    handles: BTreeSet<String>,
}

impl Uploads {
    /// Whether a file was uploaded under this handle.
    pub(crate) fn knows(&self, handle: &str) -> bool {
        self.handles.contains(handle)
    }
}

/// Opens a session of an app's.
pub(super) fn open(world: &mut World, caller: &Caller, app: &str, call: &Call) -> Result<Value, Refusal> {
    if caller.app != app || call.method != "POST" {
        return Err(Refusal::no_object(&call.method, app));
    }
    let length =
        call.fields.get("file_length").and_then(|given| given.as_u64().or_else(|| given.as_str()?.parse().ok()));
    let length = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length > 0);
    let length = length.ok_or_else(|| Refusal::missing("file_length"))?;
    let mime = call.required("file_type")?;
    if !TYPES.contains(&mime) {
        return Err(Refusal::invalid("Param file_type is not supported"));
    }
    let id = format!("{SESSION}{}?sig={}", world.chance.word(24), world.chance.word(16));
    let session = Session { app: app.to_owned(), length, mime: mime.to_owned() };
    world.uploads.sessions.insert(part(&id).to_owned(), session);
    Ok(json!({ "id": id }))
}

/// What stands in the path of a session's id.
fn part(id: &str) -> &str {
    id.split('?').next().unwrap_or_default()
}

/// Takes the bytes of a session, all from the beginning.
pub(super) fn fill(world: &mut World, caller: &Caller, id: &str, call: &Call) -> Result<Value, Refusal> {
    let unknown = || Refusal::no_object(&call.method, id);
    let session =
        world.uploads.sessions.get(part(id)).filter(|session| session.app == caller.app).ok_or_else(unknown)?;
    if call.method == "GET" {
        return Ok(json!({ "id": id, "file_offset": 0 }));
    }
    let sent = call.file.as_ref().map_or(0, |part| part.content.len());
    if sent != session.length {
        return Err(Refusal::invalid("The upload does not have as many bytes as its session says"));
    }
    let handle = format!("4::aW:{}:{}", session.mime, world.chance.word(32));
    world.uploads.handles.insert(handle.clone());
    Ok(json!({ "h": handle }))
}
