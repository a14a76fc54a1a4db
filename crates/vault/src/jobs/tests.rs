//! What happens to jobs, in the order in which it can.

use proptest::prelude::*;

use super::*;
use crate::testing::house::{House, code};
use crate::{Scope, Vault};

const LEASE: Millis = 60_000;

async fn ask(vault: &Vault, scope: &Scope, subject: &'static str, due_at: Millis) {
    vault.write(scope, move |tx| enqueue(tx, JobKind::Sweep, subject, due_at)).await.unwrap();
}

async fn take(vault: &Vault) -> Vec<ClaimedJob> {
    vault.claim_jobs(10, LEASE).await.unwrap()
}

async fn outside(vault: &Vault) -> Vec<ClaimedJob> {
    vault.claim_outside(10, LEASE).await.unwrap()
}

/// What its holder does with a job at last.
async fn end<T, F>(vault: &Vault, job: &ClaimedJob, how: F) -> Result<T>
where
    T: Send + 'static,
    F: Fn(&Tx<'_>, &ClaimedJob) -> Result<T> + Send + 'static,
{
    let held = job.clone();
    vault.write(&job.scope(), move |tx| how(tx, &held)).await
}

#[test]
fn kinds_are_stored_as_words_that_the_claim_knows() {
    let lanes = [include_str!("claim.rs"), include_str!("outside.rs"), include_str!("posts.rs")];
    for kind in kind::ALL {
        assert_eq!(kind.as_str().parse::<JobKind>().ok(), Some(kind));
        let said = lanes.map(|claim| claim.matches(&format!("'{}'", kind.as_str())).count());
        let expected = match kind.lane() {
            Lane::House => [4, 0, 0],
            Lane::Outside => [0, 4, 0],
            Lane::Posts => [0, 0, 4],
        };
        assert_eq!(said, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn a_job_waits_for_its_time_is_held_and_ends() {
    let house = House::open();
    let scope = house.workspace().await;
    let start = house.clock_now();
    ask(&house.vault, &scope, "one", start + 500).await;
    assert!(take(&house.vault).await.is_empty());
    assert_eq!(house.vault.next_job_due().await.unwrap(), Some(start + 500));

    house.clock.advance(500);
    let job = take(&house.vault).await.remove(0);
    assert_eq!((job.kind, job.subject.as_str(), job.attempt), (JobKind::Sweep, "one", 1));
    assert_eq!(job.scope().workspace(), scope.workspace());
    assert!(take(&house.vault).await.is_empty(), "it is held");
    assert_eq!(house.vault.next_job_due().await.unwrap(), Some(start + 500 + LEASE));

    end(&house.vault, &job, done).await.unwrap();
    assert_eq!(house.vault.next_job_due().await.unwrap(), None);
}

#[tokio::test]
async fn the_earlier_of_two_times_wins() {
    let house = House::open();
    let scope = house.workspace().await;
    let start = house.clock_now();
    for due_at in [start + 900, start + 300, start + 600] {
        ask(&house.vault, &scope, "one", due_at).await;
    }
    assert_eq!(house.vault.next_job_due().await.unwrap(), Some(start + 300));
}

#[tokio::test]
async fn what_is_asked_for_while_it_runs_runs_again() {
    let house = House::open();
    let scope = house.workspace().await;
    let start = house.clock_now();
    ask(&house.vault, &scope, "one", start).await;
    let job = take(&house.vault).await.remove(0);
    ask(&house.vault, &scope, "one", start + 5).await;
    end(&house.vault, &job, done).await.unwrap();
    assert!(take(&house.vault).await.is_empty(), "not before its own time");
    house.clock.advance(5);
    assert_eq!(take(&house.vault).await.remove(0).attempt, 1);
}

#[tokio::test]
async fn what_comes_back_by_itself_comes_back_then() {
    let house = House::open();
    let scope = house.workspace().await;
    let start = house.clock_now();
    ask(&house.vault, &scope, "one", start).await;
    let job = take(&house.vault).await.remove(0);
    end(&house.vault, &job, move |tx, job| done_until(tx, job, start + 86_400_000)).await.unwrap();
    assert_eq!(house.vault.next_job_due().await.unwrap(), Some(start + 86_400_000));
}

#[tokio::test]
async fn a_lost_lease_undoes_what_its_holder_does() {
    let house = House::open();
    let scope = house.workspace().await;
    ask(&house.vault, &scope, "one", house.clock_now()).await;
    let slow = take(&house.vault).await.remove(0);
    house.clock.advance(LEASE);
    let quick = take(&house.vault).await.remove(0);
    assert_eq!((quick.id, quick.attempt), (slow.id, 2));
    let late = end(&house.vault, &slow, done).await;
    assert_eq!(code(late), "lease_lost");
    let kept = end(&house.vault, &slow, |tx, job| renew(tx, job, LEASE)).await.unwrap();
    assert!(!kept);
    end(&house.vault, &quick, done).await.unwrap();
}

#[tokio::test]
async fn a_failing_job_pauses_longer_each_time_and_is_given_up() {
    let house = House::open();
    let scope = house.workspace().await;
    let asked = house.clock_now();
    house.vault.write(&scope, move |tx| enqueue(tx, JobKind::FetchFile, "att_1", asked)).await.unwrap();
    let most = JobKind::FetchFile.attempts().unwrap();
    for attempt in 1..=most {
        let job = outside(&house.vault).await.remove(0);
        assert_eq!(job.attempt, attempt);
        let failed = end(&house.vault, &job, move |tx, job| retry(tx, job, "gone", None));
        match failed.await.unwrap() {
            Retried::At(due_at) => house.clock.advance(due_at - house.clock_now()),
            Retried::GivenUp => assert_eq!(attempt, most),
        }
    }
    house.clock.advance(BACKOFF_MAX_MS);
    assert!(outside(&house.vault).await.is_empty());
    let failed = house.vault.read(&scope, |tx| given_up(tx, 10)).await.unwrap();
    assert_eq!(failed, [(JobKind::FetchFile, "att_1".to_owned(), "gone".to_owned())]);

    let now = house.clock_now();
    house.vault.write(&scope, move |tx| enqueue(tx, JobKind::FetchFile, "att_1", now)).await.unwrap();
    assert_eq!(outside(&house.vault).await.remove(0).attempt, 1, "asked for anew, it starts anew");
}

#[tokio::test]
async fn a_provider_that_names_a_time_is_not_asked_before() {
    let house = House::open();
    let scope = house.workspace().await;
    let start = house.clock_now();
    ask(&house.vault, &scope, "one", start).await;
    let job = take(&house.vault).await.remove(0);
    let again = end(&house.vault, &job, move |tx, job| retry(tx, job, "throttled", Some(start + 9_000_000)));
    assert_eq!(again.await.unwrap(), Retried::At(start + 9_000_000));
}

#[tokio::test]
async fn given_up_jobs_are_swept_after_thirty_days() {
    let house = House::open();
    let scope = house.workspace().await;
    ask(&house.vault, &scope, "one", house.clock_now()).await;
    let job = take(&house.vault).await.remove(0);
    end(&house.vault, &job, move |tx, job| give_up(tx, job, "broken")).await.unwrap();
    house.clock.advance(FAILED_KEPT_MS);
    assert_eq!(house.vault.write(&scope, |tx| sweep(tx, 10)).await.unwrap(), 0);
    house.clock.advance(1);
    assert_eq!(house.vault.write(&scope, |tx| sweep(tx, 10)).await.unwrap(), 1);
}

async fn ask_post(vault: &Vault, scope: &Scope, endpoint: &'static str, many: usize) {
    let ask = move |tx: &Tx<'_>| {
        (0..many).try_for_each(|n| post(tx, JobKind::PostWebhook, &format!("{endpoint}-{n}"), endpoint, tx.now()))
    };
    vault.write(scope, ask).await.unwrap();
}

fn subjects(jobs: &[ClaimedJob]) -> Vec<&str> {
    jobs.iter().map(|job| job.subject.as_str()).collect()
}

#[tokio::test]
async fn what_waits_for_others_has_workers_of_its_own_and_each_endpoint_two() {
    let house = House::open();
    let scope = house.workspace().await;
    ask_post(&house.vault, &scope, "slow", 40).await;
    house.clock.advance(1);
    ask_post(&house.vault, &scope, "quick", 1).await;
    ask(&house.vault, &scope, "one", house.clock_now()).await;
    let oldest = Some(house.clock_now() - 1);
    assert_eq!(subjects(&take(&house.vault).await), ["one"], "no post is in the way");
    assert_eq!(house.vault.next_due_of(Lane::Posts).await.unwrap(), oldest);
    assert_eq!(house.vault.next_job_due().await.unwrap(), oldest);
    let posts = async || house.vault.claim_posts(10, LEASE).await.unwrap();
    let first = posts().await;
    let (slow, quick): (Vec<_>, Vec<_>) = subjects(&first).into_iter().partition(|subject| subject.starts_with("slow"));
    assert_eq!((slow.len(), &quick[..]), (2, &["quick-0"][..]), "those behind a slow one are not kept waiting");
    assert!(posts().await.is_empty());
    end(&house.vault, &first[0], done).await.unwrap();
    assert_eq!(posts().await.len(), 1, "one ends, one begins");
    house.clock.advance(LEASE);
    let again = posts().await;
    assert_eq!(again.len(), 3, "leases that ran out count no more: {:?}", subjects(&again));
}

#[tokio::test]
async fn what_was_dropped_first_is_taken_up_first() {
    let house = House::open();
    let scope = house.workspace().await;
    for endpoint in ["z", "a", "m"] {
        ask_post(&house.vault, &scope, endpoint, 1).await;
        assert_eq!(house.vault.claim_posts(10, LEASE).await.unwrap().len(), 1);
        house.clock.advance(10);
    }
    ask_post(&house.vault, &scope, "b", 1).await;
    house.clock.advance(LEASE);
    for expected in ["z-0", "a-0", "m-0", "b-0"] {
        assert_eq!(subjects(&house.vault.claim_posts(1, LEASE).await.unwrap()), [expected]);
    }
}

#[derive(Debug, Clone)]
enum Act {
    Ask(Millis),
    Take,
    Finish,
    Fail,
    Crash,
    Wait(Millis),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..5_000i64).prop_map(Act::Ask),
        3 => Just(Act::Take),
        2 => Just(Act::Finish),
        1 => Just(Act::Fail),
        1 => Just(Act::Crash),
        2 => (0..90_000i64).prop_map(Act::Wait),
    ];
    prop::collection::vec(act, 1..40)
}

/// Plays acts of one worker on one job, then lets everything run out. However it goes, each asking is followed by a
/// whole run that began after it, and nothing stays.
async fn play(acts: Vec<Act>) {
    let house = House::open();
    let scope = house.workspace().await;
    let (mut held, mut owed): (Option<ClaimedJob>, bool) = (None, false);
    let settle = [Act::Finish, Act::Wait(2 * BACKOFF_MAX_MS), Act::Take, Act::Finish];
    for act in acts.into_iter().chain(settle.iter().cycle().take(12).cloned()) {
        match act {
            Act::Ask(after) => {
                ask(&house.vault, &scope, "one", house.clock_now() + after).await;
                owed = true;
            }
            Act::Take if held.is_none() => {
                held = take(&house.vault).await.pop();
                owed &= held.is_none();
            }
            Act::Finish => {
                if let Some(job) = held.take() {
                    end(&house.vault, &job, done).await.unwrap();
                }
            }
            Act::Fail => {
                if let Some(job) = held.take() {
                    end(&house.vault, &job, |tx, job| retry(tx, job, "no", None)).await.unwrap();
                    owed = true;
                }
            }
            Act::Crash => owed |= held.take().is_some(),
            Act::Wait(for_ms) => house.clock.advance(for_ms),
            Act::Take => {}
        }
    }
    assert!(!owed, "an asking was lost");
    assert_eq!(house.vault.next_job_due().await.unwrap(), None, "a job stayed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_asking_is_lost(acts in acts()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(play(acts));
    }

    #[test]
    fn pauses_grow_within_bounds(attempt in 1..i64::MAX, chance in any::<[u8; 32]>()) {
        let pause = pause(attempt, chance);
        prop_assert!((BACKOFF_FIRST_MS * 3 / 4..=BACKOFF_MAX_MS).contains(&pause));
        prop_assert!(pause <= super::pause(attempt.saturating_add(2), chance) || attempt > 8);
    }
}
