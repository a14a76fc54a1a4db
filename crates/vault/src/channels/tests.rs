//! A channel's life: created, admitted, changed, disconnected.

use super::*;
use crate::testing::house::{House, code};
use crate::{Role, Scope};

fn new_channel() -> NewChannel {
    NewChannel {
        kind: "telegram".into(),
        name: Personal::new("Shop".into()),
        settings: Personal::new(BTreeMap::from([("locale".into(), "de".into())])),
        secrets: BTreeMap::from([("bot_token".into(), ChannelSecret::new("1234:secret"))]),
    }
}

async fn connected(house: &House, scope: &Scope) -> ChannelId {
    let id = house.vault.write(scope, |tx| create(tx, &new_channel())).await.unwrap();
    house.vault.write(scope, move |tx| set_state(tx, id, ChannelState::Ready, None)).await.unwrap();
    id
}

#[tokio::test]
async fn members_see_settings_and_of_secrets_only_which_are_set() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = house.vault.write(&scope, |tx| create(tx, &new_channel())).await.unwrap();
    let seen = house.vault.read(&scope, move |tx| view(tx, id)).await.unwrap();
    assert_eq!((seen.state, seen.state_reason.as_deref()), (ChannelState::NeedsAttention, Some("connecting")));
    assert_eq!(seen.settings.reveal()["locale"], "de");
    assert_eq!(seen.secrets_set, ["bot_token"]);
    assert!(!format!("{seen:?}").contains("1234") && !format!("{seen:?}").contains("de\""));
    assert_eq!(house.vault.read(&scope, |tx| list(tx, None, 10)).await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn a_hook_is_admitted_with_what_the_channel_has_now() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = connected(&house, &scope).await;
    let first = house.vault.admit_hook(id).await.unwrap().unwrap();
    assert_eq!((first.kind.as_str(), first.workspace), ("telegram", scope.workspace()));
    assert_eq!(first.account.secrets["bot_token"].expose(), "1234:secret");
    assert_eq!(first.scope.actor(), Actor::Channel(id));
    let again = house.vault.admit_hook(id).await.unwrap().unwrap();
    assert!(std::sync::Arc::ptr_eq(&first.account, &again.account), "opened once");

    let change = ChannelChange {
        secrets: BTreeMap::from([("bot_token".into(), Some(ChannelSecret::new("5678:other")))]),
        settings: BTreeMap::from([("locale".into(), None)]),
        ..ChannelChange::default()
    };
    house.vault.write(&scope, move |tx| update(tx, id, &change)).await.unwrap();
    let changed = house.vault.admit_hook(id).await.unwrap().unwrap();
    assert_eq!(changed.account.secrets["bot_token"].expose(), "5678:other");
    assert!(changed.account.settings.is_empty() && changed.version > first.version);
}

#[tokio::test]
async fn disconnecting_destroys_secrets_at_once_and_settings_after_thirty_days() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = connected(&house, &scope).await;
    house.vault.admit_hook(id).await.unwrap().unwrap();
    let last = house.vault.write(&scope, move |tx| disconnect(tx, id)).await.unwrap();
    assert_eq!(last.secrets["bot_token"].expose(), "1234:secret");
    assert!(house.vault.admit_hook(id).await.unwrap().is_none());
    let seen = house.vault.read(&scope, move |tx| view(tx, id)).await.unwrap();
    assert_eq!((seen.state, seen.disconnected_at), (ChannelState::Off, Some(house.clock_now())));
    assert!(seen.secrets_set.is_empty());
    assert_eq!(seen.settings.reveal()["locale"], "de");

    assert_eq!(code(house.vault.write(&scope, move |tx| disconnect(tx, id)).await), "channel_off");
    assert_eq!(
        code(house.vault.write(&scope, move |tx| update(tx, id, &ChannelChange::default())).await),
        "channel_off"
    );
    assert_eq!(code(house.vault.read(&scope, move |tx| account(tx, id)).await), "channel_off");
    house.vault.write(&scope, move |tx| set_state(tx, id, ChannelState::Ready, None)).await.unwrap();
    assert!(house.vault.admit_hook(id).await.unwrap().is_none(), "what is off stays off");

    house.clock.advance(SETTINGS_KEPT_MS + 1);
    let over = |tx: &Tx<'_>| sweep(tx, &Due { before: tx.now() - SETTINGS_KEPT_MS, limit: 10 });
    assert_eq!(house.vault.write(&scope, over).await.unwrap(), 1);
    assert_eq!(house.vault.write(&scope, over).await.unwrap(), 0);
    let swept = house.vault.read(&scope, move |tx| view(tx, id)).await.unwrap();
    assert!(swept.settings.reveal().is_empty());
}

#[tokio::test]
async fn a_state_said_twice_is_one_change() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = connected(&house, &scope).await;
    let say = move |tx: &Tx<'_>| set_state(tx, id, ChannelState::NeedsAttention, Some("token_revoked"));
    house.vault.write(&scope, say).await.unwrap();
    let version = house.vault.admit_hook(id).await.unwrap().unwrap().version;
    house.vault.write(&scope, say).await.unwrap();
    assert_eq!(house.vault.admit_hook(id).await.unwrap().unwrap().version, version);
}

#[tokio::test]
async fn another_workspace_sees_and_changes_nothing() {
    let house = House::open();
    let (ours, theirs) = (house.workspace().await, house.workspace().await);
    let id = connected(&house, &ours).await;
    assert_eq!(code(house.vault.read(&theirs, move |tx| view(tx, id)).await), "not_found");
    assert_eq!(code(house.vault.read(&theirs, move |tx| account(tx, id)).await), "not_found");
    assert_eq!(code(house.vault.write(&theirs, move |tx| disconnect(tx, id)).await), "not_found");
    assert_eq!(house.vault.admit_hook(id).await.unwrap().unwrap().workspace, ours.workspace());
}

#[tokio::test]
async fn agents_manage_no_channels_and_no_member_gets_secrets() {
    let house = House::open();
    let operator = house.workspace().await;
    let id = connected(&house, &operator).await;
    let (_, agent) = house.member(&operator, "agent@example.org", Role::Agent).await;
    let (_, owner) = house.member(&operator, "owner@example.org", Role::Owner).await;
    assert_eq!(code(house.vault.write(&agent, |tx| create(tx, &new_channel())).await), "forbidden");
    assert_eq!(code(house.vault.write(&agent, move |tx| disconnect(tx, id)).await), "forbidden");
    assert!(house.vault.read(&agent, move |tx| view(tx, id)).await.is_ok());
    assert_eq!(code(house.vault.read(&owner, move |tx| account(tx, id)).await), "forbidden");
}

#[tokio::test]
async fn an_unknown_channel_is_not_admitted() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
    assert!(house.vault.admit_hook(id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_account_leads_to_every_channel_that_speaks_for_it_and_to_no_other() {
    crate::testing::house::on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        let (mine, theirs) = (connected(house, &scope).await, connected(house, &other).await);
        let found = async |kind: &'static str, account: &str| {
            house.vault.channels_of_accounts(kind, vec![account.to_owned()]).await.unwrap()
        };
        assert!(found("telegram", "de").await.is_empty(), "a channel is found only under what was noted");
        for (id, whose) in [(mine, &scope), (theirs, &other)] {
            house.does(whose, move |tx| note_account(tx, id, Some("locale"))).await;
        }
        let mut both = [mine, theirs];
        both.sort_unstable_by_key(ToString::to_string);
        assert_eq!(found("telegram", "de").await, both, "of both workspaces");
        assert!(found("web", "de").await.is_empty() && found("telegram", "d").await.is_empty());
        house.does(&scope, move |tx| note_account(tx, mine, Some("no_such_setting"))).await;
        assert_eq!(found("telegram", "de").await, [theirs]);
        house.vault.write(&other, move |tx| disconnect(tx, theirs)).await.unwrap();
        assert!(found("telegram", "de").await.is_empty(), "who is off is not found");
    })
    .await;
}
