//! Who may set which term to what.

use super::*;

async fn of(house: &House, scope: &Scope, category: Category) -> Term {
    let all = house.sees(scope, list).await;
    all.into_iter().find(|term| term.category == category).unwrap()
}

fn order(of: &[(&str, Option<u32>)]) -> Vec<(String, Option<u32>)> {
    of.iter().map(|(word, days)| ((*word).to_owned(), *days)).collect()
}

#[tokio::test]
async fn a_workspace_sets_what_it_may_and_each_act_is_written_down() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (member, owner) = house.member(&operator, "o@example.org", Role::Owner).await;
        let before = of(house, &owner, Category::Messages).await;
        assert_eq!((before.days, before.default, before.bounds), (Some(730), Some(730), Some((1, 3_653))));
        let wish = order(&[("messages", Some(30)), ("voice_recordings", Some(365))]);
        house.does(&owner, move |tx| set(tx, &wish)).await;
        let after = of(house, &owner, Category::Messages).await;
        assert_eq!((after.days, after.default), (Some(30), Some(730)));
        assert_eq!(after.set, Some((Some(member), house.clock_now())));
        assert_eq!(house.sees(&owner, |tx| term(tx, Category::Messages)).await, Some(30));
        let set_by = sql!("SELECT COUNT(*) FROM audit WHERE workspace_id = $1 AND act = 'retention.set'");
        assert_eq!(counted(house, &operator, set_by).await, 2);
        let again = order(&[("messages", None), ("voice_recordings", Some(365))]);
        house.does(&owner, move |tx| set(tx, &again)).await;
        assert_eq!(of(house, &owner, Category::Messages).await.days, Some(730));
        assert_eq!(counted(house, &operator, set_by).await, 3, "what stays as it is is no act");
        let other = house.workspace().await;
        assert_eq!(of(house, &other, Category::VoiceRecordings).await.days, Some(90));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_of_the_order_is_taken() {
    let house = House::open();
    let operator = house.workspace().await;
    let (_, owner) = house.member(&operator, "o@example.org", Role::Owner).await;
    let cases = [
        (("messages", Some(0)), Refusal::Beyond(1, 3_653)),
        (("messages", Some(3_654)), Refusal::Beyond(1, 3_653)),
        (("voice_recordings", Some(366)), Refusal::Beyond(1, 365)),
        (("special", Some(91)), Refusal::OnlyShorter(90)),
        (("security_logs", Some(30)), Refusal::Approval),
        (("security_logs", None), Refusal::Approval),
        (("billing", Some(30)), Refusal::Fixed),
        (("consents", Some(30)), Refusal::Fixed),
        (("suppressions", Some(30)), Refusal::Fixed),
        (("credentials", Some(30)), Refusal::Fixed),
        (("passing", Some(1)), Refusal::Unknown),
        (("weather", Some(1)), Refusal::Unknown),
    ];
    for (wish, refusal) in cases {
        let wish = order(&[("profiles", Some(60)), wish]);
        let asked = wish.clone();
        assert_eq!(house.sees(&owner, move |tx| check(tx, &asked)).await, [(1, refusal)], "{wish:?}");
        assert!(!refusal.words().is_empty());
        assert_eq!(code(house.vault.write(&owner, move |tx| set(tx, &wish)).await), "invalid");
    }
    assert_eq!(of(&house, &owner, Category::Profiles).await.days, Some(730));
    let twice = order(&[("messages", Some(9)), ("messages", Some(8))]);
    assert_eq!(house.sees(&owner, move |tx| check(tx, &twice)).await, [(1, Refusal::Twice)]);
}

#[tokio::test]
async fn the_operator_alone_shortens_the_rest_and_never_lengthens() {
    let house = House::open();
    let operator = house.workspace().await;
    let shorter = order(&[("security_logs", Some(180))]);
    house.does(&operator, move |tx| set(tx, &shorter)).await;
    assert_eq!(of(&house, &operator, Category::SecurityLogs).await.days, Some(180));
    let longer = order(&[("security_logs", Some(366))]);
    assert_eq!(house.sees(&operator, move |tx| check(tx, &longer)).await, [(0, Refusal::BelowLaw(1, 365))]);
    let law = order(&[("billing", Some(3_000))]);
    assert_eq!(house.sees(&operator, move |tx| check(tx, &law)).await, [(0, Refusal::Fixed)]);
}

#[tokio::test]
async fn only_who_manages_retention_sees_and_sets_terms() {
    let house = House::open();
    let operator = house.workspace().await;
    for (email, role, may) in [("a@example.org", Role::Agent, false), ("p@example.org", Role::Privacy, true)] {
        let (_, member) = house.member(&operator, email, role).await;
        let wish = order(&[("messages", Some(30))]);
        assert_eq!(house.vault.read(&member, list).await.is_ok(), may, "{role:?}");
        assert_eq!(house.vault.write(&member, move |tx| set(tx, &wish)).await.is_ok(), may, "{role:?}");
    }
}

#[test]
fn every_category_has_one_word_and_a_rule() {
    let all: Vec<Category> = Category::all().collect();
    for category in &all {
        assert_eq!(Category::parse(category.as_str()), Some(*category));
        assert!(*category == Category::Passing || category.promise().starts_with("R-"));
    }
    let promises: std::collections::BTreeSet<_> = all.iter().map(|category| category.promise()).collect();
    assert!((1..=22).all(|number| promises.contains(format!("R-{number}").as_str())), "every rule is a row");
}
