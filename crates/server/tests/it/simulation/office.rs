//! What members do beside replying: they write templates, note what contacts agree to, and let keys give way to new ones.

use std::sync::Arc;

use http::Method;
use serde_json::json;

use super::Sim;
use super::label::Label;
use super::members::Member;
use super::providers::whatsapp::{LANGUAGE, OFFER, REMINDER};

/// Whose keys can give way.
const KEYS: [&str; 6] = ["contact", "content", "index", "workspace", "evidence", "contact"];

impl Member {
    /// Writes a template, within the window or beyond it.
    pub(crate) async fn writes_template(self, sim: Arc<Sim>, choice: u64) {
        let there = |person: usize| has_templates(&sim, person);
        let Some(looked) = self.looks_among(&sim, choice / 2, |looked| there(looked.person)).await else { return };
        let name = if choice.is_multiple_of(2) { REMINDER } else { OFFER };
        let label = Label::reply(sim.ledger().number(), 1);
        let order = json!({ "template": { "name": name, "language": LANGUAGE, "variables": [label.words()] } });
        self.writes(&sim, &looked, label, &order).await;
    }

    /// Notes that a contact agreed to be written to first, or to be advertised to.
    pub(crate) async fn notes_consent(self, sim: Arc<Sim>, choice: u64) {
        let there = |person: usize| has_templates(&sim, person);
        let Some(looked) = self.looks_among(&sim, choice / 2, |looked| there(looked.person)).await else { return };
        let purpose = if choice.is_multiple_of(2) { "messages" } else { "marketing" };
        let number = {
            let mut ledger = sim.ledger();
            ledger.people[looked.person].agreed.insert(purpose);
            ledger.number()
        };
        let consent = json!({
            "purpose": purpose, "channel": "whatsapp", "ground": "consent", "text_version": "1", "collected_by": "form",
        });
        let (path, key) = (format!("/contacts/{}/consents", looked.contact), format!("consent-{number}"));
        let (status, _) = self.insists(&sim, Method::POST, &path, Some(&consent), Some(&key)).await;
        let name = sim.ledger().people[looked.person].name.clone();
        sim.story.tell(&format!("{name} agrees to {purpose}: {status}"));
    }

    /// Lets some keys give way to new ones.
    pub(crate) async fn rotates_keys(self, sim: Arc<Sim>, choice: u64) {
        let what = KEYS[usize::try_from(choice % 6).unwrap_or(0)];
        let mut order = json!({ "what": what });
        if what == "contact" {
            let Some(looked) = self.looks(&sim, choice / 6).await else { return };
            order["contact_id"] = json!(looked.contact);
        }
        let key = format!("rotation-{}", sim.ledger().number());
        let (status, _) = self.insists(&sim, Method::POST, "/key-rotations", Some(&order), Some(&key)).await;
        sim.story.tell(&format!("a member of {} lets keys ({what}) give way: {status}", self.name(&sim)));
    }
}

/// Whether members write templates to a person.
fn has_templates(sim: &Sim, person: usize) -> bool {
    let channel = sim.ledger().people[person].channel;
    sim.channels()[channel].provider.has_templates()
}
