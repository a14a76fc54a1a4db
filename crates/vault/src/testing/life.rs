//! One life of a workspace through all its people, channels and jobs, on both engines: what one of them would refuse
//! (a type, a row-level policy, a conflict clause) is found here.

use std::collections::BTreeMap;

use super::house::House;
use crate::audit::{self, Filter};
use crate::channels::{self, ChannelChange, ChannelSecret, ChannelState, NewChannel};
use crate::idempotency::{self, Begun};
use crate::jobs::{self, JobKind, Retried};
use crate::map::Due;
use crate::members::{self, MemberChange, MemberState};
use crate::{ChannelId, MemberId, Personal, Result, Role, Scope, Tx, sign_in, tokens, visitors, workspaces};

#[tokio::test]
async fn a_life_on_sqlite() {
    live(&House::open()).await;
}

#[tokio::test]
async fn a_life_on_postgres() {
    let house = House::on_postgres();
    live(&house).await;
    house.vault.close().await;
}

async fn live(house: &House) {
    let (operator, other) = (house.workspace().await, house.workspace().await);
    house.vault.write(&operator, |tx| workspaces::rename(tx, &Personal::new("Nord".into()))).await.unwrap();
    assert_eq!(house.vault.workspaces().await.unwrap().len(), 2);
    let (id, owner) = house.member(&operator, "owner@example.org", Role::Owner).await;
    house.member(&other, "owner@example.org", Role::Owner).await;
    sign_in_and_out(house, &operator, id).await;
    hold_tokens(house, &owner, &other, id).await;
    let channel = connect(house, &owner).await;
    assert!(house.vault.read(&other, move |tx| channels::view(tx, channel)).await.is_err());
    house.forget_tree_job(&operator).await;
    house.forget_tree_job(&other).await;
    work(house, &operator).await;
    repeat(house, &owner).await;
    look_back(house, &owner).await;
    disable(house, &operator).await;
}

async fn sign_in_and_out(house: &House, operator: &Scope, id: MemberId) {
    let candidates = house.vault.login_candidates("Owner@example.org").await.unwrap();
    assert_eq!(candidates.len(), 2);
    let own = candidates.iter().find(|candidate| candidate.workspace() == operator.workspace()).unwrap();
    let session = house.vault.open_session(own).await.unwrap();
    house.clock.advance(120_000);
    let signed_in = house.vault.session_scope(session.token.reveal()).await.unwrap().unwrap();
    assert_eq!((signed_in.member, signed_in.role), (id, Role::Owner));
    let listed = house.vault.read(&session.scope, move |tx| sign_in::sessions(tx, id)).await.unwrap();
    assert_eq!((listed.len(), listed[0].seen_at), (1, house.clock_now()));
    let token = session.token.reveal().clone();
    house.vault.write(&session.scope, move |tx| sign_in::close(tx, &token)).await.unwrap();
    assert!(house.vault.session_scope(session.token.reveal()).await.unwrap().is_none());
    assert_eq!(house.vault.sweep_sessions(10).await.unwrap(), 0);
}

async fn hold_tokens(house: &House, owner: &Scope, other: &Scope, id: MemberId) {
    let token = house.vault.write(owner, move |tx| tokens::create(tx, id)).await.unwrap();
    let scope = house.vault.token_scope(token.token.reveal()).await.unwrap().unwrap();
    assert_eq!(scope.member(), Some((id, Role::Owner)));
    assert!(house.vault.read(other, |tx| tokens::list(tx, None)).await.unwrap().is_empty());
    assert_eq!(house.vault.read(owner, move |tx| tokens::list(tx, Some(id))).await.unwrap().len(), 1);
    house.vault.write(owner, move |tx| tokens::revoke(tx, token.id)).await.unwrap();
    assert!(house.vault.token_scope(token.token.reveal()).await.unwrap().is_none());
}

async fn connect(house: &House, owner: &Scope) -> ChannelId {
    let new = NewChannel {
        kind: "telegram".into(),
        name: Personal::new("Shop".into()),
        settings: Personal::new(BTreeMap::new()),
        secrets: BTreeMap::from([("bot_token".into(), ChannelSecret::new("1234:secret"))]),
    };
    let id = house.vault.write(owner, move |tx| channels::create(tx, &new)).await.unwrap();
    let ready = move |tx: &Tx<'_>| {
        let account = Personal::new(BTreeMap::from([("label".into(), "@shop_bot".into())]));
        channels::set_account(tx, id, &account)?;
        channels::set_state(tx, id, ChannelState::Ready, None)
    };
    house.vault.write(owner, ready).await.unwrap();
    let hook = house.vault.admit_hook(id).await.unwrap().unwrap();
    assert_eq!(hook.account.secrets["bot_token"].expose(), "1234:secret");
    assert_eq!(house.vault.read(&hook.scope, move |tx| channels::account(tx, id)).await.unwrap().kind, "telegram");
    let change = ChannelChange { name: Some(Personal::new("Laden".into())), ..ChannelChange::default() };
    house.vault.write(owner, move |tx| channels::update(tx, id, &change)).await.unwrap();
    let page = house.vault.read(owner, |tx| channels::list(tx, None, 5)).await.unwrap();
    assert_eq!((page.data[0].name.reveal().as_str(), page.data[0].state), ("Laden", ChannelState::Ready));
    assert_eq!(page.data[0].account.reveal()["label"], "@shop_bot");
    house.vault.write(owner, move |tx| channels::disconnect(tx, id)).await.unwrap();
    assert!(house.vault.admit_hook(id).await.unwrap().is_none());
    house.clock.advance(channels::SETTINGS_KEPT_MS + 1);
    assert_eq!(
        house
            .vault
            .write(owner, |tx| channels::sweep(tx, &Due { before: tx.now() - channels::SETTINGS_KEPT_MS, limit: 10 }))
            .await
            .unwrap(),
        1
    );
    id
}

async fn work(house: &House, operator: &Scope) {
    let due_at = house.clock_now();
    let ask = move |tx: &Tx<'_>| {
        jobs::enqueue(tx, JobKind::Sweep, "one", due_at + 10)?;
        jobs::enqueue(tx, JobKind::Sweep, "one", due_at)?;
        jobs::enqueue(tx, JobKind::Index, "two", due_at + 10)
    };
    house.vault.write(operator, ask).await.unwrap();
    assert_eq!(house.vault.next_job_due().await.unwrap(), Some(due_at));
    let [job] = &house.vault.claim_jobs(10, 60_000).await.unwrap()[..] else { panic!("one is due") };
    let held = job.clone();
    let retried = house.vault.write(&job.scope(), move |tx| jobs::retry(tx, &held, "busy", None)).await.unwrap();
    assert!(matches!(retried, Retried::At(then) if then > due_at));
    house.clock.advance(10_000);
    for job in house.vault.claim_jobs(10, 60_000).await.unwrap() {
        let held = job.clone();
        house.vault.write(&job.scope(), move |tx| jobs::done(tx, &held)).await.unwrap();
    }
    assert_eq!(house.vault.next_job_due().await.unwrap(), None);
    assert_eq!(house.vault.write(operator, |tx| jobs::sweep(tx, 10)).await.unwrap(), 0);
    assert!(house.vault.read(operator, |tx| jobs::given_up(tx, 10)).await.unwrap().is_empty());
}

async fn repeat(house: &House, owner: &Scope) {
    let post = |tx: &Tx<'_>| -> Result<bool> {
        let begun = idempotency::begin(tx, "a key", b"POST /channels {}")?;
        let Begun::First(claim) = begun else { return Ok(false) };
        idempotency::finish(tx, &claim, 201, "chn_1")?;
        Ok(true)
    };
    assert!(house.vault.write(owner, post).await.unwrap());
    assert!(!house.vault.write(owner, post).await.unwrap());
    house.clock.advance(idempotency::KEPT_MS);
    assert!(house.vault.write(owner, post).await.unwrap());
    assert_eq!(house.vault.write(owner, |tx| idempotency::sweep(tx, 10)).await.unwrap(), 0);
    let expires = house.clock_now() + 60_000;
    let spend = move |tx: &Tx<'_>| visitors::spend(tx, "a challenge", expires);
    assert!(house.vault.write(owner, spend).await.unwrap());
    assert!(!house.vault.write(owner, spend).await.unwrap());
    assert_eq!(house.vault.write(owner, |tx| visitors::sweep(tx, 10)).await.unwrap(), 0);
}

async fn look_back(house: &House, owner: &Scope) {
    let found = house.vault.read(owner, |tx| audit::verify(tx, 0, 500)).await.unwrap();
    assert!(found.complete && found.broken.is_empty() && found.intact > 8, "{found:?}");
    let now = house.clock_now();
    assert_eq!(house.vault.write(owner, move |tx| audit::expire(tx, now, 3)).await.unwrap(), 3);
    let found = house.vault.read(owner, |tx| audit::verify(tx, 0, 500)).await.unwrap();
    assert_eq!((found.expired, found.broken), (3, vec![]));
    let filter = Filter { act: Some("token.created".into()), ..Filter::default() };
    let page = house.vault.read(owner, move |tx| audit::list(tx, &filter, None, 10)).await.unwrap();
    assert_eq!(page.data.len(), 1);
}

async fn disable(house: &House, operator: &Scope) {
    let (id, _) = house.member(operator, "agent@example.org", Role::Agent).await;
    let off = MemberChange { state: Some(MemberState::Suspended), ..MemberChange::default() };
    house.vault.write(operator, move |tx| members::update(tx, id, &off)).await.unwrap();
    let found = house.vault.read(operator, |tx| members::by_email(tx, "agent@example.org")).await.unwrap().unwrap();
    assert_eq!(found.state, MemberState::Suspended);
    assert_eq!(house.vault.read(operator, |tx| members::list(tx, None, 10)).await.unwrap().data.len(), 2);
}
