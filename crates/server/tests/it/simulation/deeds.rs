//! What happens next: one deed after the other, as the seed has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use vault::testing::power::Side;

use super::members::Member;
use super::providers::Act;
use super::{Sim, inside, people};

/// What can happen, and how often of a thousand.
const DEEDS: [(Deed, u64); 35] = [
    (Deed::Say, 270),
    (Deed::Enclose, 40),
    (Deed::Edit, 240),
    (Deed::Remove, 40),
    (Deed::Tap, 40),
    (Deed::Refuse, 35),
    (Deed::React, 45),
    (Deed::Seen, 20),
    (Deed::Reply, 200),
    (Deed::ReplyWithButton, 40),
    (Deed::ReplyWithFile, 30),
    (Deed::Retry, 50),
    (Deed::EditReply, 30),
    (Deed::TakeBack, 25),
    (Deed::Work, 55),
    (Deed::ReplyLater, 40),
    (Deed::Withdraw, 25),
    (Deed::Amend, 15),
    (Deed::Merge, 30),
    (Deed::Split, 20),
    (Deed::Rule, 35),
    (Deed::Restrict, 14),
    (Deed::Invite, 6),
    (Deed::Dismiss, 4),
    (Deed::Echo, 15),
    (Deed::Erase, 25),
    (Deed::Disconnect, 3),
    (Deed::CrashAtStep, 35),
    (Deed::Crash, 12),
    (Deed::Clock, 15),
    (Deed::Template, 30),
    (Deed::Consent, 15),
    (Deed::Rotate, 12),
    (Deed::Day, 6),
    (Deed::Wait, 15),
];

/// More than a day, in milliseconds.
const DAY_MS: i64 = 25 * 3_600_000;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Say,
    Enclose,
    Edit,
    Remove,
    Tap,
    Refuse,
    React,
    Seen,
    Reply,
    ReplyWithButton,
    ReplyWithFile,
    Retry,
    EditReply,
    TakeBack,
    Work,
    ReplyLater,
    Withdraw,
    Amend,
    Merge,
    Split,
    Rule,
    Restrict,
    Invite,
    Dismiss,
    Echo,
    Erase,
    Disconnect,
    CrashAtStep,
    Crash,
    Clock,
    Template,
    Consent,
    Rotate,
    Day,
    Wait,
}

/// The whole script of a seed.
pub(crate) async fn perform(sim: &Arc<Sim>) {
    let steps = sim.script.between(35, 85);
    for step in 0..steps {
        if step == steps / 8 {
            storm(sim, true);
        }
        inside::note_what_is_applied(sim).await;
        let deed = draw(sim);
        carry_out(sim, deed);
        pause(sim).await;
    }
}

/// From now on things go wrong, or no more.
pub(crate) fn storm(sim: &Sim, on: bool) {
    sim.story.tell(if on { "from now on things go wrong" } else { "nothing more goes wrong" });
    sim.stormy.store(on, Ordering::Relaxed);
    sim.channels().iter().for_each(|channel| channel.provider.spoil(sim, on));
}

fn draw(sim: &Sim) -> Deed {
    let mut left = sim.script.below(DEEDS.iter().map(|(_, weight)| weight).sum());
    for (deed, weight) in DEEDS {
        if left < weight {
            return deed;
        }
        left -= weight;
    }
    Deed::Wait
}

async fn pause(sim: &Sim) {
    let millis = match sim.script.below(10) {
        0..5 => sim.script.between(0, 20),
        5..9 => sim.script.between(20, 250),
        _ => sim.script.between(250, 1_500),
    };
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

fn carry_out(sim: &Arc<Sim>, deed: Deed) {
    let everybody = sim.ledger().people.len() as u64;
    let person = usize::try_from(sim.script.below(everybody)).unwrap_or(0);
    let choice = sim.script.below(1 << 32);
    let workspace = usize::try_from(choice % sim.workspaces().len() as u64).unwrap_or(0);
    let (agent, owner, shared) = (Member::agent(workspace), Member::owner(workspace), Arc::clone(sim));
    let choice = choice / 2;
    match deed {
        Deed::Say => people::say(sim, person, false),
        Deed::Enclose => people::say(sim, person, true),
        Deed::Edit => people::edit(sim, person, choice),
        Deed::Remove => people::remove(sim, person, choice),
        Deed::Tap => (0..usize::try_from(everybody).unwrap_or(0)).for_each(|person| people::tap(sim, person)),
        Deed::Refuse => people::refuse(sim, person),
        Deed::React => people::react(sim, person, choice.is_multiple_of(2)),
        Deed::Seen => people::fidget(sim, person, &Act::Seen),
        Deed::Reply => sim.beside(agent.replies(shared, choice, false)),
        Deed::ReplyWithButton => sim.beside(agent.replies(shared, choice, true)),
        Deed::ReplyWithFile => sim.beside(agent.replies_with_file(shared, choice)),
        Deed::Retry => sim.beside(agent.retries(shared, choice)),
        Deed::EditReply => sim.beside(agent.edits(shared, choice)),
        Deed::TakeBack => sim.beside(agent.takes_back(shared, choice)),
        Deed::Work => sim.beside(agent.works(shared, choice)),
        Deed::ReplyLater => sim.beside(agent.replies_later(shared, choice)),
        Deed::Withdraw => sim.beside(agent.withdraws(shared, choice)),
        Deed::Amend => sim.beside(agent.amends(shared, choice)),
        Deed::Merge => sim.beside(owner.merges(shared, choice)),
        Deed::Split => sim.beside(owner.splits(shared, choice)),
        Deed::Rule => sim.beside(owner.lets_a_rule_write(shared, choice)),
        Deed::Restrict => sim.beside(owner.restricts(shared, choice)),
        Deed::Invite => sim.beside(owner.invites(shared)),
        Deed::Dismiss => sim.beside(owner.dismisses(shared, choice)),
        Deed::Echo => people::echo(sim, person),
        Deed::Erase => sim.beside(owner.erases(shared, choice)),
        Deed::Disconnect => disconnect(sim, choice),
        Deed::CrashAtStep | Deed::Crash => crash(sim, deed),
        Deed::Clock => set_clock(sim),
        Deed::Template => sim.beside(agent.writes_template(shared, choice)),
        Deed::Consent => sim.beside(owner.notes_consent(shared, choice)),
        Deed::Rotate => sim.beside(owner.rotates_keys(shared, choice)),
        Deed::Day => pass_a_day(sim),
        Deed::Wait => {}
    }
}

fn disconnect(sim: &Arc<Sim>, choice: u64) {
    let channel = usize::try_from(choice % sim.channels().len() as u64).unwrap_or(0);
    // The first one stays, so that there is always something to see.
    if channel == 0
        || sim.channels()[channel].provider.serves_others()
        || sim.ledger().disconnected.contains_key(&channel)
    {
        return;
    }
    let owner = Member::owner(sim.channels()[channel].workspace);
    sim.beside(owner.disconnects(Arc::clone(sim), channel));
}

fn crash(sim: &Arc<Sim>, deed: Deed) {
    let Some(power) = sim.program.power().filter(|_| sim.is_stormy()) else { return };
    if matches!(deed, Deed::CrashAtStep) {
        let side = if sim.crashes.hits(500) { Side::Before } else { Side::After };
        power.fail_at(sim.crashes.between(1, 25), side);
        return;
    }
    let after = Duration::from_millis(sim.crashes.between(0, 40));
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        power.pull();
    });
}

fn set_clock(sim: &Sim) {
    let by = match sim.script.below(10) {
        0..3 => -i64::try_from(sim.script.between(500, 15_000)).unwrap_or(0),
        3..9 => i64::try_from(sim.script.between(1_000, 90_000)).unwrap_or(0),
        _ => i64::try_from(sim.script.between(600_000, 7_200_000)).unwrap_or(0),
    };
    sim.time.jump(by);
    sim.story.tell(&format!("the program's clock is set by {by} ms"));
}

/// The program's clock goes on by more than a day, so that windows close; or comes back from that.
fn pass_a_day(sim: &Sim) {
    // Who repeats a request a day later orders it anew.
    if sim.busy.load(Ordering::Relaxed) > 0 {
        return;
    }
    let by = if sim.time.wrong() > DAY_MS / 2 { -DAY_MS } else { DAY_MS };
    sim.time.jump(by);
    sim.story.tell(&format!("the program's clock is set by {by} ms"));
}
