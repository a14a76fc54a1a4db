//! A channel's templates are the provider's, and members hear of what changes.

use super::*;
use crate::Scope;
use crate::testing::house::{House, code, on_both};

fn template(name: &str, status: &str) -> NewTemplate {
    NewTemplate {
        name: name.into(),
        language: "it".into(),
        category: "utility".into(),
        status: status.into(),
        quality: None,
        reason: None,
        content: Personal::new(format!("{{\"body\":\"{name} {{{{1}}}}\"}}")),
    }
}

async fn told(house: &House, scope: &Scope) -> usize {
    let kept = house.sees(scope, |tx| facts::since(tx, 0, 100)).await.unwrap();
    kept.iter().filter(|fact| fact.kind == FactKind::TemplateUpdated).count()
}

#[tokio::test]
async fn they_are_kept_changed_and_forgotten_as_the_provider_says() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let keeps = async |name: &'static str, status: &'static str| {
            house.does(&scope, move |tx| keep(tx, channel, &[template(name, status)])).await
        };
        assert!(keeps("order", "pending").await && keeps("hello", "approved").await);
        assert!(!keeps("order", "pending").await, "nothing new");
        assert_eq!(told(house, &scope).await, 2);
        let note = async |name: &'static str, news: TemplateNews| {
            house.does(&scope, move |tx| note(tx, channel, (name, "it"), &news)).await
        };
        let approved = TemplateNews { status: Some("approved".into()), ..TemplateNews::default() };
        assert_eq!(note("order", approved.clone()).await, Some(true));
        assert_eq!(note("order", approved.clone()).await, Some(false));
        assert_eq!(note("nobody", approved).await, None);
        let moved = TemplateNews { category: Some("marketing".into()), ..TemplateNews::default() };
        assert_eq!(note("order", moved).await, Some(true));
        let now = crate::Clock::now(&*house.clock);
        let (paused, approved) = (Some("paused".into()), Some("approved".into()));
        let later = TemplateNews { status: paused, at: now + 60_000, ..TemplateNews::default() };
        let before = TemplateNews { status: approved, at: now - 60_000, ..TemplateNews::default() };
        assert_eq!(note("hello", before.clone()).await, Some(false), "it was read from the provider since");
        house.clock.advance(120_000);
        assert_eq!(note("hello", later.clone()).await, Some(true));
        let between = TemplateNews { at: now + 30_000, ..before };
        assert_eq!(note("hello", between).await, Some(false), "what comes late changes nothing");
        let next = TemplateNews { status: Some("approved".into()), at: now + 61_000, ..later };
        assert_eq!(note("hello", next).await, Some(true), "its own time counts, not when it came");
        let all = house.sees(&scope, move |tx| list(tx, channel, ("", ""), 10)).await;
        let names: Vec<_> = all.iter().map(|one| (one.name.as_str(), one.category.as_str())).collect();
        assert_eq!(names, [("hello", "utility"), ("order", "marketing")]);
        assert!(all[1].content.reveal().contains("order {{1}}"));
        assert_eq!(house.sees(&scope, move |tx| list(tx, channel, ("hello", "it"), 10)).await.len(), 1);
        let there = vec![("order".to_owned(), "it".to_owned())];
        let (early, older) = (there.clone(), now - 1);
        let kept = house.does(&scope, move |tx| forget_others(tx, channel, &early, older)).await;
        assert!(!kept, "what was heard since the list was made is newer than it");
        assert!(house.does(&scope, move |tx| forget_others(tx, channel, &there, now + 300_000)).await);
        assert_eq!(house.sees(&scope, move |tx| list(tx, channel, ("", ""), 10)).await.len(), 1);
        assert_eq!(told(house, &scope).await, 7);
    })
    .await;
}

#[tokio::test]
async fn another_workspace_has_none_of_them_and_words_are_words() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        let channel = house.channel(&scope, "telegram").await;
        house.does(&scope, move |tx| keep(tx, channel, &[template("order", "approved")])).await;
        let seen = house.vault.read(&other, move |tx| list(tx, channel, ("", ""), 10)).await;
        assert_eq!(code(seen), "not_found");
        assert!(house.sees(&other, move |tx| find(tx, channel, "order", "it")).await.is_none());
        let wrong = house.vault.write(&scope, move |tx| keep(tx, channel, &[template("Ada Ahrens", "approved")])).await;
        assert_eq!(code(wrong), "invalid");
    })
    .await;
}
