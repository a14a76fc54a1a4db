//! Asking the outside witness of the audit log, if one is named (`[audit]` in the settings), to sign the newest checkpoint
//! (<https://c2sp.org/tlog-witness>). It is sent hashes, the checkpoint's number and time, and the workspace's id.

use connect::{Body, Call, HttpCall, Method, Reply};
use vault::Scope;
use vault::audit::WitnessRequest;

use super::connecting::NoFiles;
use crate::app::Shared;
use crate::settings::Witness;

/// The largest answer taken, in bytes: a few lines.
const ANSWER_MAX: u64 = 64 * 1_024;

/// Has the newest checkpoint signed. A witness that does not answer holds up nothing: it is asked again with the next
/// checkpoint, which proves what came between.
pub(super) async fn ask(app: &Shared, scope: &Scope) -> vault::Result<()> {
    let Some(witness) = &app.settings.witness else { return Ok(()) };
    let mut known = None;
    // At most twice: it may say that it knows another state than was thought.
    for _ in 0..2 {
        let Some(request) = app.vault.witness_request(scope, &witness.key, known).await? else { return Ok(()) };
        match post(app, scope, witness, &request).await {
            Reply::Answer { status: 200, body, .. } => return keep(app, scope, witness, request.number, &body).await,
            Reply::Answer { status: 409, body, .. } => match size(&body) {
                Some(size) => known = Some(size),
                None => break,
            },
            Reply::Answer { status, .. } => {
                tracing::warn!(status, "the audit log's witness signed nothing");
                return Ok(());
            }
            _ => break,
        }
    }
    tracing::warn!("the audit log's witness could not be asked; it is asked again with the next checkpoint");
    Ok(())
}

async fn keep(app: &Shared, scope: &Scope, witness: &Witness, number: i64, body: &[u8]) -> vault::Result<()> {
    let answer = String::from_utf8_lossy(body);
    if !app.vault.keep_cosignature(scope, &witness.key, number, &answer).await? {
        tracing::warn!("what the audit log's witness answered is no signature by the key that is named");
    }
    Ok(())
}

async fn post(app: &Shared, scope: &Scope, witness: &Witness, request: &WitnessRequest) -> Reply {
    let call = Call::Http(HttpCall {
        operation: "witness.add_checkpoint",
        method: Method::Post,
        url: format!("{}/add-checkpoint", witness.url),
        headers: Vec::new(),
        body: Body::Text(request.body.clone()),
        repeatable: true,
        to_blob: false,
        cut: None,
        max_reply: ANSWER_MAX,
    });
    app.outbound.attempt(&call, &scope.workspace().to_string(), &NoFiles).await.reply
}

/// How many entries a witness says that it knows of.
fn size(body: &[u8]) -> Option<i64> {
    std::str::from_utf8(body).ok()?.trim_end_matches('\n').parse().ok().filter(|size| *size >= 0)
}
