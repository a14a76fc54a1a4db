//! A world to begin with: two workspaces with their members, channels and people.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use simulator::{DeliveryOptions, Options, Simulator};
use vault::members::{self, NewMember};
use vault::testing::planted::Planted;
use vault::{Clock, Personal, Role, Scope, Vault, tokens};

use super::dice::{Dice, Stream};
use super::inside::Carrier;
use super::ledger::{Ledger, Person};
use super::members::Member;
use super::program::Program;
use super::providers::Provider;
use super::providers::api::Api;
use super::providers::telegram::Telegram;
use super::providers::web::Web;
use super::providers::whatsapp::{Meta, Whatsapp};
use super::story::Story;
use super::time::WorldTime;
use super::{Channel, Sim, Workspace};

/// An empty world in which the program runs.
pub(crate) fn empty(seed: u64, planted: Option<Planted>) -> Arc<Sim> {
    let time = Arc::new(WorldTime::begin());
    let simulator_time = Arc::clone(&time);
    let simulator = |sim: &_| {
        Simulator::new(Options {
            seed: Dice::new(seed, Stream::Simulator).below(u64::MAX),
            clock: Arc::new(move || simulator_time.now_ms()),
            deliveries: DeliveryOptions { retry_first_ms: 40, retry_max_ms: 1_000, timeout_ms: 10_000, parallel: true },
            poster: Some(Arc::new(Carrier::new(sim))),
            ..Options::default()
        })
    };
    let sim = Arc::new_cyclic(|sim| Sim {
        story: Story::new(Arc::clone(&time)),
        program: Program::new(seed, &time, planted),
        simulator: simulator(sim),
        script: Dice::new(seed, Stream::Script),
        network: Dice::new(seed, Stream::Network),
        crashes: Dice::new(seed, Stream::Crashes),
        ledger: std::sync::Mutex::new(Ledger::default()),
        stormy: std::sync::atomic::AtomicBool::new(false),
        busy: std::sync::atomic::AtomicUsize::new(0),
        calls: std::sync::atomic::AtomicUsize::new(0),
        crashed: std::sync::atomic::AtomicUsize::new(0),
        families: tokio::sync::Mutex::default(),
        listeners: std::sync::Mutex::default(),
        workspaces: std::sync::OnceLock::new(),
        channels: std::sync::OnceLock::new(),
        time,
    });
    assert!(sim.program.start(&sim, None), "nothing goes wrong yet");
    sim
}

/// Fills it with people.
pub(crate) async fn set(sim: &Arc<Sim>, seed: u64) {
    let dice = Dice::new(seed, Stream::Scene);
    let vault = sim.program.app().expect("the program runs").vault.clone();
    let mut workspaces = Vec::new();
    for name in ["A", "B"] {
        workspaces.push(workspace(&vault, name).await);
    }
    let _ = sim.workspaces.set(workspaces);
    let meta = Arc::new(Meta::new(&sim.simulator));
    let mut channels = Vec::new();
    for workspace in 0..sim.workspaces().len() {
        for number in 0..dice.between(1, 3) {
            let kind = if workspace == 0 && number == 0 { 0 } else { dice.below(4) };
            channels.push(channel(sim, &meta, workspace, (kind, channels.len())));
        }
    }
    let _ = sim.channels.set(channels);
    for channel in sim.channels() {
        connect(sim, channel).await;
    }
    for (channel, Channel { provider, name, .. }) in sim.channels().iter().enumerate() {
        for _ in 0..dice.between(1, 3) {
            let person = sim.ledger().people.len();
            let called = format!("P{person}");
            let address = provider.meet(sim, &called).await;
            let person = Person {
                name: called,
                channel,
                address,
                refuses: None,
                refused_once: false,
                agreed: BTreeSet::new(),
                restricted: None,
            };
            sim.story.tell(&format!("{} is on {name}", person.name));
            sim.ledger().people.push(person);
        }
    }
}

async fn workspace(vault: &Vault, name: &'static str) -> Workspace {
    let id = vault.create_workspace("eu", Personal::new(format!("Workspace {name}"))).await.expect("a workspace");
    let scope = vault.operator_scope(id).await.expect("an operator");
    let owner = member(vault, &scope, name, Role::Owner).await;
    let agent = member(vault, &scope, name, Role::Agent).await;
    Workspace { name, scope, owner, agent }
}

/// A member's token.
async fn member(vault: &Vault, scope: &Scope, workspace: &str, role: Role) -> String {
    let called = format!("{} of {workspace}", role.as_str());
    let new = NewMember {
        email: Personal::new(format!("{}-{workspace}@example.org", role.as_str())),
        name: Personal::new(called),
        role,
        password_hash: None,
    };
    let id = vault.write(scope, move |tx| members::create(tx, &new)).await.expect("a member");
    let token = vault.write(scope, move |tx| tokens::create(tx, id)).await.expect("a token");
    token.token.reveal().clone()
}

fn channel(sim: &Sim, meta: &Arc<Meta>, workspace: usize, (kind, number): (u64, usize)) -> Channel {
    let (kind, provider): (&str, Arc<dyn Provider>) = match kind {
        0 => ("telegram", Arc::new(Telegram::new(&sim.simulator))),
        1 => ("api", Arc::new(Api::new(number))),
        2 => ("whatsapp", Arc::new(Whatsapp::new(meta, number))),
        _ => ("web", Arc::new(Web::default())),
    };
    let name = format!("{}/{kind}{number}", sim.workspaces()[workspace].name);
    Channel { name, workspace, id: std::sync::OnceLock::new(), provider }
}

async fn connect(sim: &Arc<Sim>, channel: &Channel) {
    let owner = Member::owner(channel.workspace);
    let order = channel.provider.order();
    let (status, view) = owner.insists(sim, http::Method::POST, "/channels", Some(&order), None).await;
    assert_eq!((status, &view["state"]), (201, &Value::from("ready")), "{view}");
    channel.provider.connected(&view);
    let _ = channel.id.set(view["id"].as_str().unwrap_or_default().to_owned());
    sim.story.tell(&format!("{} is connected at {}", channel.name, sim.time.now()));
}
