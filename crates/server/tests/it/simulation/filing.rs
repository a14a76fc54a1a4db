//! Members and files: they put them into the program to be sent, and look at those that came.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::label::Label;
use super::members::{Member, TRIES};
use super::{Sim, enclosed, parcel};

impl Member {
    /// Replies with a file.
    pub(crate) async fn replies_with_file(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        let label = Label::reply(sim.ledger().number(), 1);
        let Some(file) = self.uploads(&sim, label.number).await else { return };
        self.writes(&sim, &looked, label, &json!({ "text": label.words(), "attachments": [file] })).await;
    }

    /// Puts a file into the program, again and again until there is an answer; its id.
    async fn uploads(self, sim: &Sim, number: u32) -> Option<String> {
        let key = format!("upload-{number}");
        for _ in 0..TRIES {
            let form = parcel::form(&enclosed::name(number), &enclosed::content(number));
            let body = Some((parcel::form_type(), form));
            let answer = self.asks_with(sim, &Method::POST, "/attachments", body, Some(&key)).await;
            let lost = sim.is_stormy() && sim.network.hits(40);
            let Some(answer) = answer.filter(|answer| !lost && answer.status != StatusCode::SERVICE_UNAVAILABLE) else {
                sim.takes(20, 150).await;
                continue;
            };
            sim.story.tell(&format!("enclosure {number} is put into the program: {}", answer.status.as_u16()));
            let view: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let id = view["id"].as_str().map(str::to_owned);
            if answer.status != StatusCode::CREATED {
                sim.story.wrong(&format!("enclosure {number} cannot be put into the program: {view}"));
            }
            return id;
        }
        sim.story.wrong(&format!("the upload of enclosure {number} is never answered"));
        None
    }

    /// The bytes of a file; `None` if they are not to be had.
    pub(crate) async fn opens(self, sim: &Sim, file: &str) -> Option<Vec<u8>> {
        let path = format!("/attachments/{file}/content");
        let answer = self.asks_with(sim, &Method::GET, &path, None, None).await?;
        (answer.status == StatusCode::OK).then(|| answer.body.to_vec())
    }
}
