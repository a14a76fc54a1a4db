//! The line to the outside: each of the program's calls arrives at a provider or gets lost, and its answer comes back or
//! gets lost. What must not be called is noticed here.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use connect::{Call, HttpCall, Reply};
use futures_util::future::BoxFuture;
use server::outbound::{Attempt, BlobDoor, Outside};
use vault::testing::power::Power;

use super::label::Label;
use super::parcel::{self, Arriving};
use super::{Sim, ledger, listeners};

/// How long the program waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long something may take from the gate to the provider, in milliseconds: what passed the gate before is no offence.
pub(crate) const UNDER_WAY_MS: i64 = 3_000;

/// The line of one run of the program.
pub(crate) struct Line {
    sim: Weak<Sim>,
    power: Power,
}

impl Line {
    pub(crate) fn new(sim: &Arc<Sim>, power: &Power) -> Self {
        Self { sim: Arc::downgrade(sim), power: power.clone() }
    }

    /// Carries a call as long as there is power; without, it never ends.
    async fn carry(&self, call: &HttpCall, blobs: &dyn BlobDoor) -> Attempt {
        let Some(sim) = self.sim.upgrade() else { return std::future::pending().await };
        let under_way = UnderWay::begin(&sim);
        let carried = tokio::select! {
            biased;
            () = self.power.failed() => None,
            attempt = over(&sim, call, blobs) => Some(attempt),
        };
        drop(under_way);
        match carried {
            Some(attempt) => attempt,
            None => std::future::pending().await,
        }
    }
}

/// A call is under way as long as this is there.
struct UnderWay(Arc<Sim>);

impl UnderWay {
    fn begin(sim: &Arc<Sim>) -> Self {
        sim.calls.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(sim))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Over the line to the provider and back.
async fn over(sim: &Arc<Sim>, call: &HttpCall, blobs: &dyn BlobDoor) -> Attempt {
    sim.takes(0, 12).await;
    let storm = sim.is_stormy();
    if storm && sim.network.hits(25) {
        sim.story.tell(&format!("{} does not get out", call.operation));
        return attempt(Reply::NotSent { why: "the host refused the connection".to_owned() });
    }
    if storm && sim.network.hits(20) {
        sim.story.tell(&format!("{} is lost on the way", call.operation));
        sim.takes(100, 2_000).await;
        return lost();
    }
    let arriving = match parcel::pack(call, blobs).await {
        Ok(arriving) => arriving,
        Err(why) => return attempt(Reply::NotSent { why: why.to_owned() }),
    };
    let loses_answer = storm && sim.network.hits(25);
    // The provider does what it does, whether or not the program lives to hear of it.
    let answered = tokio::spawn(arrive(Arc::clone(sim), arriving));
    let reply = tokio::time::timeout(PATIENCE, answered).await;
    sim.takes(0, 12).await;
    if loses_answer {
        sim.story.tell(&format!("the answer to {} is lost", call.operation));
        return lost();
    }
    match reply {
        Ok(Ok(Some(Reply::Answer { status: 200..=299, body, .. }))) if call.to_blob => {
            let cut = storm && sim.network.hits(60);
            parcel::store(call, &body, cut, blobs).await.map_or_else(lost, attempt)
        }
        Ok(Ok(Some(reply))) => attempt(reply),
        _ => lost(),
    }
}

impl Outside for Line {
    fn attempt<'a>(&'a self, call: &'a Call, _: &'a str, blobs: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
        let Call::Http(http) = call else { panic!("no mail server is simulated here") };
        Box::pin(self.carry(http, blobs))
    }
}

fn attempt(reply: Reply) -> Attempt {
    Attempt { reply, worth_repeating: false }
}

fn lost() -> Attempt {
    Attempt { reply: Reply::Lost { why: "the connection was cut".to_owned() }, worth_repeating: true }
}

/// A call arrives; `None` if its connection breaks.
async fn arrive(sim: Arc<Sim>, call: Arriving) -> Option<Reply> {
    let operation = call.operation;
    if operation == "webhook.post" {
        return listeners::hear(&sim, &call).await;
    }
    let Some(channel) = sim.channels().iter().position(|channel| channel.provider.is_called(&call)) else {
        sim.story.wrong(&format!("{operation} is called where nobody is"));
        return None;
    };
    let labels = Label::all_in(&call.fields.to_string());
    if let Some(person) = sim.channels()[channel].provider.writes_to(&call) {
        judge(&sim, &call, &person, &labels);
    }
    let provider = Arc::clone(&sim.channels()[channel].provider);
    let reply = provider.answer(&sim, call).await;
    let what = labels.iter().fold(String::new(), |what, label| what + " " + &label.to_string());
    let came = match &reply {
        Some(Reply::Answer { status, .. }) => status.to_string(),
        _ => "the connection breaks".to_owned(),
    };
    sim.story.tell(&format!("{operation}{what} at {}: {came}", sim.channels()[channel].name));
    reply
}

/// Nobody who refused, or was erased, or whose channel is disconnected, is written to after that.
fn judge(sim: &Sim, call: &Arriving, address: &str, labels: &[Label]) {
    let operation = call.operation;
    let now = sim.time.now_ms();
    let late = |since: Option<i64>| since.is_some_and(|since| now > since + UNDER_WAY_MS);
    let ledger = sim.ledger();
    let Some(number) = ledger.people.iter().position(|person| person.address == address) else { return };
    let person = &ledger::Person { agreed: ledger.agreed(number), ..ledger.people[number].clone() };
    let (name, channel) = (person.name.clone(), person.channel);
    let restricted = person.restricted.map(|since| since.at_ms);
    let is_automatic = |label: &&Label| ledger.replies.get(&label.number).is_some_and(|reply| reply.is_automatic);
    let automatic = labels.iter().find(is_automatic).copied();
    let provider = &sim.channels()[channel].provider;
    let refused = person.refuses.and_then(|refusal| refusal.applied).map(|moment| moment.at_ms);
    let refused = refused.filter(|_| provider.is_meant_by_refusals(call));
    let objection = provider.objection(sim, call, person);
    let gone = ledger.disconnected.get(&channel).and_then(|(_, done)| *done).map(|moment| moment.at_ms);
    let erased: Vec<Label> =
        labels.iter().filter(|label| late(ledger.erased_after(label.number).map(|done| done.at_ms))).copied().collect();
    drop(ledger);
    if let Some(objection) = objection {
        sim.story.wrong(&format!("{operation} {objection}: {name}"));
    }
    if let Some(label) = automatic.filter(|_| late(restricted)) {
        sim.story.wrong(&format!("{operation} writes {label} by itself to {name}, who asked for restriction"));
    }
    if late(refused) {
        sim.story.wrong(&format!("{operation} writes to {name}, who refuses messages"));
    }
    if late(gone) {
        sim.story.wrong(&format!("{operation} writes to {name} on a channel that is disconnected"));
    }
    for label in erased {
        sim.story.wrong(&format!("{operation} writes {label} to {name}, who was erased after it was ordered"));
    }
}
