//! What no member writes: messages that are ordered by the program itself; and contacts who ask that nothing but members'
//! own words reach them (restriction). Rules have no order of their own at the REST API yet, so a hand in the machine gives both.

use std::sync::Arc;
use std::time::Duration;

use engine::compose::{self, Draft};
use vault::messages::{Body, Writer};
use vault::testing::door;
use vault::{ConversationId, Personal, Scope, Vault};

use super::Sim;
use super::label::Label;
use super::ledger::Moment;
use super::members::Member;

/// How long is waited for the machine.
const PATIENCE: Duration = Duration::from_millis(300);

impl Member {
    /// Something is written by itself.
    pub(crate) async fn lets_a_rule_write(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        let Some((vault, scope)) = self.machine(&sim) else { return };
        let Ok(conversation) = looked.id.parse::<ConversationId>() else { return };
        let label = Label::reply(sim.ledger().number(), 1);
        let name = sim.ledger().people[looked.person].name.clone();
        sim.story.tell(&format!("a rule of {} writes {label} to {name}", self.name(&sim)));
        self.begins(&sim, &looked, label, |reply| (reply.is_automatic, reply.is_uncertain) = (true, true));
        let draft = Draft {
            conversation,
            author: Writer::Automation,
            body: Personal::new(Body { text: Some(label.words()), ..Body::default() }),
            template: None,
            attachments: Vec::new(),
            note: false,
            reply_to: None,
            mentions: Vec::new(),
            automatic: true,
        };
        let written = vault.write(&scope, move |tx| compose::send(tx, &draft));
        let came = match tokio::time::timeout(PATIENCE, written).await {
            Ok(Ok(message)) => {
                let now = sim.story.tick();
                if let Some(reply) = sim.ledger().replies.get_mut(&label.number) {
                    (reply.message, reply.acknowledged) = (Some(message.to_string()), Some(now));
                    reply.is_uncertain = false;
                }
                "is written"
            }
            Ok(Err(_)) => {
                if let Some(reply) = sim.ledger().replies.get_mut(&label.number) {
                    (reply.refused, reply.is_uncertain) = (true, false);
                }
                "is refused"
            }
            Err(_) => "is not heard of again",
        };
        sim.story.tell(&format!("{label} {came}"));
    }

    /// A contact asks for restriction.
    pub(crate) async fn restricts(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        let Some((vault, scope)) = self.machine(&sim) else { return };
        let Ok(contact) = looked.own.parse() else { return };
        let restricted = tokio::time::timeout(PATIENCE, door::restrict(&vault, &scope, contact)).await;
        if restricted.is_ok_and(|done| done.is_ok()) {
            let name = sim.ledger().people[looked.person].name.clone();
            let tick = sim.story.tell(&format!("{name} asks for restriction"));
            let now = Moment { tick, at_ms: sim.time.now_ms() };
            sim.ledger().people[looked.person].restricted.get_or_insert(now);
        }
    }

    fn machine(self, sim: &Sim) -> Option<(Vault, Scope)> {
        let app = sim.program.app().filter(|_| sim.program.is_up())?;
        Some((app.vault.clone(), sim.workspaces()[self.workspace].scope.clone()))
    }
}
