//! Labels: one of each name, and the same in every place where it stands. On both engines.

use super::*;
use crate::conversations::Change;
use crate::saved_views::{NewView, Parameters};
use crate::testing::house::{House, code, on_both};
use crate::{Role, Scope};

fn named(name: &str) -> Personal<String> {
    Personal::new(name.into())
}

async fn labelled(
    house: &House,
    scope: &Scope,
    thread: &'static str,
    labels: &'static [&'static str],
) -> ConversationId {
    let channel = house.channel(scope, "telegram").await;
    let (_, conversation) = house.contact(scope, channel, thread).await;
    let labels = Some(labels.iter().map(|label| (*label).to_owned()).collect());
    let change = Change { labels, ..Change::default() };
    house.does(scope, move |tx| conversations::change(tx, conversation, &change)).await;
    conversation
}

async fn of(house: &House, scope: &Scope, conversation: ConversationId) -> Vec<String> {
    let seen = house.sees(scope, move |tx| conversations::view(tx, conversation)).await;
    seen.labels.into_iter().map(Personal::into_revealed).collect()
}

#[tokio::test]
async fn a_label_is_one_by_whichever_way_it_was_made() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, agent) = house.member(&operator, "ada@example.org", Role::Agent).await;
        labelled(house, &operator, "t", &["Refund", "late"]).await;
        labelled(house, &operator, "u", &["refund"]).await;
        let made = house.vault.write(&agent, |tx| create(tx, &named(" REFUND "), None)).await;
        assert_eq!(code(made), "name_taken");
        let vip = house.does(&agent, |tx| create(tx, &named("VIP"), Some("3"))).await;
        let listed = house.sees(&agent, list).await;
        let shown: Vec<_> = listed.iter().map(|label| (label.name.reveal().as_str(), label.count)).collect();
        assert_eq!(shown, [("late", 1), ("Refund", 2), ("VIP", 0)]);
        assert_eq!(house.sees(&agent, move |tx| view(tx, vip)).await.colour.as_deref(), Some("3"));
        assert_eq!(code(house.vault.write(&agent, |tx| create(tx, &named("x"), Some("6"))).await), "invalid");
        assert_eq!(code(house.vault.write(&agent, |tx| create(tx, &named("a\nb"), None)).await), "invalid");
        assert_eq!(code(house.vault.write(&agent, move |tx| remove(tx, vip)).await), "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_renamed_label_is_renamed_everywhere() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, admin) = house.member(&operator, "ada@example.org", Role::Admin).await;
        let conversation = labelled(house, &admin, "t", &["Refund"]).await;
        let id = house.sees(&admin, list).await[0].id;
        let asks = |label: &str| Personal::new(Parameters::from([("label".into(), label.into())]));
        for (name, label) in [("mine", "refund"), ("other", "late")] {
            let new = NewView { name: named(name), shared: false, filter: asks(label), position: None };
            house.does(&admin, move |tx| saved_views::create(tx, &new)).await;
        }
        let change = LabelChange { name: Some(named("Money back")), colour: Some(Some("1".into())) };
        house.does(&admin, move |tx| update(tx, id, &change)).await;
        assert_eq!(of(house, &admin, conversation).await, ["Money back"]);
        let views = house.sees(&admin, saved_views::list).await;
        let filters: Vec<_> = views.iter().map(|view| view.filter.reveal()["label"].as_str()).collect();
        assert_eq!(filters, ["Money back", "late"]);
        assert_eq!(views[0].missing, [] as [&str; 0]);
        assert_eq!(views[1].missing, ["label"], "nobody made that one");
        let change = LabelChange { name: None, colour: Some(None) };
        house.does(&admin, move |tx| update(tx, id, &change)).await;
        assert_eq!(house.sees(&admin, move |tx| view(tx, id)).await.colour, None);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_label_is_on_no_conversation() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let conversation = labelled(house, &operator, "t", &["Refund", "late"]).await;
        let refund = house.sees(&operator, |tx| find(tx, &named("refund"))).await.unwrap();
        let before = house.sees(&operator, facts::head).await;
        house.does(&operator, move |tx| remove(tx, refund)).await;
        assert_eq!(of(house, &operator, conversation).await, ["late"]);
        let told = house.sees(&operator, move |tx| facts::since(tx, before, 9)).await.unwrap();
        let told: Vec<_> = told.iter().map(|fact| (fact.kind, fact.about.conversation)).collect();
        let labels = facts::FactKind::WorkplaceUpdated(Workplace::Labels);
        assert_eq!(told, [(facts::FactKind::ConversationUpdated, Some(conversation)), (labels, None)]);
        assert_eq!(code(house.vault.write(&operator, move |tx| remove(tx, refund)).await), "not_found");
        let elsewhere = house.workspace().await;
        let late = house.sees(&operator, |tx| find(tx, &named("late"))).await.unwrap();
        assert_eq!(code(house.vault.write(&elsewhere, move |tx| remove(tx, late)).await), "not_found");
    })
    .await;
}
