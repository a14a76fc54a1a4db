//! The program on its machine: started, asked, cut off in the middle of things, and started again.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use server::app::{App, Parts, Shared};
use server::password::Passwords;
use server::settings::{Flags, Settings};
use server::telemetry::Metrics;
use server::{serve, workers};
use tokio::task::JoinSet;
use tower::ServiceExt;
use vault::testing::machine::{Machine, Rhythm, Run};
use vault::testing::planted::Planted;
use vault::testing::power::{Failure, Power, Side};

use super::Sim;
use super::dice::{Dice, ProgramChance, Stream};
use super::outside::Line;
use super::time::WorldTime;

/// Where the world reaches the program.
pub(crate) const ADDRESS: &str = "http://parloir.sim";

/// The program, running or not.
pub(crate) struct Program {
    machine: Machine,
    time: Arc<WorldTime>,
    chance: Arc<ProgramChance>,
    rhythm: Arc<Dice>,
    planted: Option<Planted>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// All there were: what they left unanswered is let go when the world ends.
    powers: Vec<Power>,
}

struct Running {
    app: Shared,
    router: Router,
    power: Power,
    _workers: JoinSet<()>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Program {
    pub(crate) fn new(seed: u64, time: &Arc<WorldTime>, planted: Option<Planted>) -> Self {
        let chance = Arc::new(ProgramChance::new(seed));
        let machine = Machine::new(&*chance, time.now_ms()).expect("a machine in memory");
        let rhythm = Arc::new(Dice::new(seed, Stream::Rhythm));
        Self { machine, time: Arc::clone(time), chance, rhythm, planted, state: Mutex::default() }
    }

    /// Starts it; `false` if the power failed meanwhile. `fails`: when it is to.
    pub(crate) fn start(&self, sim: &Arc<Sim>, fails: Option<(u64, Side)>) -> bool {
        let power = Power::default();
        self.state().powers.push(power.clone());
        if let Some((step, side)) = fails {
            power.fail_at(step, side);
        }
        let run = Run {
            clock: Arc::clone(&self.time) as _,
            chance: Arc::clone(&self.chance) as _,
            power: power.clone(),
            rhythm: rhythm(&self.rhythm),
            planted: self.planted,
        };
        let Ok(vault) = self.machine.start(run) else { return false };
        let app = App::new(Parts {
            vault,
            outbound: Arc::new(Line::new(sim, &power)),
            settings: settings().clone(),
            public_url: ADDRESS.to_owned(),
            metrics: Arc::new(Metrics::new()),
            passwords: passwords().clone(),
            demo: None,
        });
        let router = serve::router(&app);
        let running = Running { _workers: workers::start(&app), app, router, power };
        self.state().running = Some(running);
        true
    }

    /// Whether it runs.
    pub(crate) fn is_up(&self) -> bool {
        self.state().running.as_ref().is_some_and(|running| running.power.is_on())
    }

    /// The power of the present run.
    pub(crate) fn power(&self) -> Option<Power> {
        self.state().running.as_ref().map(|running| running.power.clone())
    }

    /// The program itself, for who has a hand in the machine.
    pub(crate) fn app(&self) -> Option<Shared> {
        self.state().running.as_ref().map(|running| running.app.clone())
    }

    /// Drops all that the run had in memory; where its power failed.
    pub(crate) fn clear_away(&self) -> Option<Failure> {
        let running = self.state().running.take()?;
        running.power.pull();
        running.power.failure()
    }

    /// Lets go of what no run will answer any more.
    pub(crate) fn forget(&self) {
        let powers = std::mem::take(&mut self.state().powers);
        powers.iter().for_each(Power::forget);
    }

    /// Asks for something as if over a connection; `None` if that breaks.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Option<Answer> {
        let (response, power) = self.open(request).await?;
        let (parts, body) = response.into_parts();
        let body = tokio::select! {
            biased;
            () = power.failed() => return None,
            body = body.collect() => body.ok()?.to_bytes(),
        };
        power.is_on().then_some(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// The same for an answer that does not end.
    pub(crate) async fn open(&self, request: Request<Body>) -> Option<(Response<Body>, Power)> {
        let (router, power) = {
            let state = self.state();
            let running = state.running.as_ref()?;
            (running.router.clone(), running.power.clone())
        };
        let response = tokio::select! {
            biased;
            () = power.failed() => return None,
            response = router.oneshot(request) => response.ok()?,
        };
        power.is_on().then_some((response, power))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Most closures take no pause, so that a seed comes to an end.
fn rhythm(dice: &Arc<Dice>) -> Rhythm {
    let dice = Arc::clone(dice);
    Box::new(move || {
        let dice = Arc::clone(&dice);
        Box::pin(async move {
            match dice.below(100) {
                0..70 => {}
                70..92 => tokio::task::yield_now().await,
                millis => tokio::time::sleep(Duration::from_millis(millis - 91)).await,
            }
        })
    })
}

fn settings() -> &'static Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let flags = Flags {
            data: Some("/nonexistent/simulation".into()),
            listen: None,
            config: None,
            database: None,
            public_url: None,
        };
        let environment = [
            ("PARLOIR_ENDPOINTS_TELEGRAM", super::providers::TELEGRAM),
            ("PARLOIR_ENDPOINTS_GRAPH", super::providers::GRAPH),
        ];
        Settings::load(&flags, environment.map(|(name, value)| (name.into(), value.into()))).expect("settings")
    })
}

/// Making them takes as long as hashing one.
fn passwords() -> &'static Passwords {
    static PASSWORDS: OnceLock<Passwords> = OnceLock::new();
    PASSWORDS.get_or_init(|| Passwords::new(1, [7; 16]).expect("memory for one hash"))
}
