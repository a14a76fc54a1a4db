//! What providers bring to the program: each request may be slow, its answer may get lost, and what was taken is noted.

use std::sync::{Arc, Weak};

use axum::body::Body;
use http::{Request, StatusCode};
use simulator::post::{Post, Posted, Poster, Posting};

use super::Sim;
use super::label::Label;
use super::ledger::{Moment, Removal};
use super::program::ADDRESS;

/// What a request tells of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// What somebody says.
    pub(crate) labels: Vec<Label>,
    /// Something that somebody takes back, by number.
    pub(crate) removed: Vec<u32>,
    /// Somebody refuses messages, or wants them again.
    pub(crate) refuses: Vec<(usize, bool)>,
    /// What the business wrote elsewhere, by number.
    pub(crate) echoes: Vec<u32>,
    /// Reactions, by their place in the ledger.
    pub(crate) reactions: Vec<usize>,
    /// In words.
    pub(crate) words: String,
}

/// Brings a request to the program. The answer, or `None` if none came.
pub(crate) async fn bring(sim: &Arc<Sim>, told: &Told, request: Request<Body>) -> Option<Posted> {
    sim.takes(0, 15).await;
    {
        let now = sim.story.tick();
        let mut ledger = sim.ledger();
        told.labels.iter().for_each(|label| ledger.tried(*label, now));
        told.reactions.iter().for_each(|at| _ = ledger.reactions[*at].tried.get_or_insert(now));
    }
    let impatient = sim.is_stormy() && sim.network.hits(15);
    let answer = if impatient {
        let patience = std::time::Duration::from_millis(sim.network.between(0, 6));
        tokio::time::timeout(patience, sim.program.ask(request)).await.ok().flatten()
    } else {
        sim.program.ask(request).await
    };
    sim.takes(0, 6).await;
    let lost = sim.is_stormy() && sim.network.hits(30);
    let Some(answer) = answer.filter(|_| !lost) else {
        sim.story.tell(&format!("{} is brought, and no answer comes back", told.words));
        return None;
    };
    let now = sim.story.tell(&format!("{} is brought: {}", told.words, answer.status.as_u16()));
    if answer.status.is_success() {
        note(sim, told, now);
    } else if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
        sim.story.wrong(&format!("{} is answered with an internal error", told.words));
    }
    Some(Posted { status: answer.status, headers: answer.headers, body: answer.body })
}

fn note(sim: &Sim, told: &Told, now: u64) {
    let mut ledger = sim.ledger();
    // What comes for a channel that is disconnected by a hook that serves others too is answered, and not kept.
    let is_kept = |number: u32| ledger.channel_of(number).is_none_or(|at| !ledger.disconnected.contains_key(&at));
    let labels: Vec<Label> = told.labels.iter().filter(|label| is_kept(label.number)).copied().collect();
    let removed: Vec<u32> = told.removed.iter().filter(|number| is_kept(**number)).copied().collect();
    for label in labels {
        ledger.taken(label, now);
    }
    for number in &told.echoes {
        let Some(channel) = ledger.replies.get(number).map(|reply| ledger.people[reply.person].channel) else {
            continue;
        };
        let is_kept = !ledger.disconnected.contains_key(&channel);
        if let Some(reply) = ledger.replies.get_mut(number).filter(|_| is_kept) {
            reply.is_uncertain = false;
            reply.acknowledged.get_or_insert(now);
        }
    }
    told.reactions.iter().for_each(|at| _ = ledger.reactions[*at].taken.get_or_insert(now));
    for number in removed {
        if let Some(said) = ledger.said.get_mut(&number) {
            said.removal = Removal::Taken;
        }
    }
    for (person, _) in told.refuses.iter().filter(|(_, refuses)| *refuses) {
        if let Some(refusal) = ledger.people[*person].refuses.as_mut() {
            refusal.acknowledged.get_or_insert(now);
        }
    }
}

/// Refusals that were acknowledged before the inbox was seen empty are applied.
pub(crate) async fn note_what_is_applied(sim: &Arc<Sim>) {
    let before = sim.story.tick();
    let waits = |refusal: &super::ledger::Refusal| refusal.acknowledged.is_some() && refusal.applied.is_none();
    if !sim.ledger().people.iter().any(|person| person.refuses.as_ref().is_some_and(waits)) {
        return;
    }
    let Some(app) = sim.program.app().filter(|_| sim.program.is_up()) else { return };
    let look = tokio::time::timeout(std::time::Duration::from_millis(200), app.vault.depths());
    let Ok(Ok(depths)) = look.await else { return };
    if depths.inbox + depths.inbox_set_aside > 0 {
        return;
    }
    let now = Moment { tick: sim.story.tick(), at_ms: sim.time.now_ms() };
    for person in &mut sim.ledger().people {
        if let Some(refusal) = person.refuses.as_mut().filter(|refusal| waits(refusal))
            && refusal.acknowledged.is_some_and(|at| at < before)
        {
            refusal.applied = Some(now);
        }
    }
}

/// Carries what simulated providers post.
pub(crate) struct Carrier(Weak<Sim>);

impl Carrier {
    pub(crate) fn new(sim: &Weak<Sim>) -> Self {
        Self(sim.clone())
    }
}

impl Poster for Carrier {
    fn post(&self, post: Post) -> Posting {
        let sim = self.0.clone();
        Box::pin(async move {
            let sim = sim.upgrade()?;
            let path = post.url.strip_prefix(ADDRESS)?.to_owned();
            let told = sim.channels().iter().find_map(|channel| channel.provider.read(&sim, &path, &post.body))?;
            let mut request = Request::post(path);
            for (name, value) in &post.headers {
                request = request.header(*name, value);
            }
            bring(&sim, &told, request.body(Body::from(post.body)).ok()?).await
        })
    }
}
