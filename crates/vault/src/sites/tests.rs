//! Sites, what was shown and chosen there, and visits: on both engines.

use super::*;
use crate::testing::house::{House, code, on_both};
use crate::{Role, SiteId};

const DAY: Millis = 86_400_000;

fn settings() -> SiteSettings {
    SiteSettings {
        name: "Shop".into(),
        origins: vec!["https://shop.example".into()],
        privacy_url: None,
        analytics: true,
        text: Said::new(),
        cookies: Vec::new(),
    }
}

fn shown(version: &str) -> Banner {
    Banner { version: version.into(), purposes: "p".into(), text: format!("{{\"is\":\"{version}\"}}") }
}

async fn site(house: &House, scope: &Scope) -> SiteId {
    house.does(scope, |tx| create(tx, &settings(), &shown("1"))).await
}

#[tokio::test]
async fn what_was_shown_stays_as_it_was() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let id = site(house, &scope).await;
        house
            .does(&scope, move |tx| set(tx, id, &SiteSettings { name: "New".into(), ..settings() }, &shown("2")))
            .await;
        // The same text again is the same row; another of the same version cannot take its place.
        let forged = Banner { text: "{}".into(), ..shown("1") };
        house.does(&scope, move |tx| set(tx, id, &settings(), &forged)).await;
        for version in ["1", "2"] {
            assert_eq!(house.sees(&scope, move |tx| banner(tx, id, version)).await, shown(version));
        }
        assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.version, "1");
        let (_, agent) = house.member(&scope, "ada@example.org", Role::Agent).await;
        assert_eq!(code(house.vault.write(&agent, move |tx| remove(tx, id)).await), "forbidden");
        assert_eq!(house.vault.public_site(id).await.unwrap().unwrap().workspace(), scope.workspace());
        house.does(&scope, move |tx| remove(tx, id)).await;
        assert!(house.vault.public_site(id).await.unwrap().is_none());
        assert!(house.vault.public_sites(scope.workspace()).await.unwrap().is_none());
        assert_eq!(house.sees(&scope, move |tx| banner(tx, id, "2")).await, shown("2"), "it proves what was agreed to");
    })
    .await;
}

#[tokio::test]
async fn a_choice_is_recorded_on_a_text_that_was_shown() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let id = site(house, &scope).await;
        let new = |way, categories: &[Category]| NewChoice {
            site: id,
            version: "1".into(),
            way,
            categories: categories.to_vec(),
            signal: false,
            visitor: "a name drawn by lot".into(),
        };
        let made = |new: NewChoice| async { house.vault.write(&scope, move |tx| choose(tx, &new)).await };
        let both = [Category::Marketing, Category::Analytics];
        made(new(Way::Accept, &both)).await.unwrap();
        made(new(Way::Accept, &[Category::Analytics, Category::Marketing, Category::Marketing])).await.unwrap();
        made(new(Way::Withdraw, &[])).await.unwrap();
        assert_eq!(code(made(NewChoice { version: "3".into(), ..new(Way::Accept, &both) }).await), "invalid");
        assert_eq!(code(made(new(Way::Close, &both)).await), "invalid", "closing is no consent");
        assert_eq!(code(made(NewChoice { visitor: String::new(), ..new(Way::Reject, &[]) }).await), "invalid");
        let counts = house.sees(&scope, move |tx| chosen(tx, id, 0)).await;
        let accepted = vec![Category::Analytics, Category::Marketing];
        assert_eq!(counts[0], ChoiceCount { way: Way::Accept, categories: accepted, count: 2 });
        assert_eq!(counts[1], ChoiceCount { way: Way::Withdraw, categories: vec![], count: 1 });
        let later = house.clock_now() + 1;
        assert!(house.sees(&scope, move |tx| chosen(tx, id, later)).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_visitor_of_yesterday_is_somebody_else_today_and_nobody_can_tell() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let id = site(house, &scope).await;
        let visited = |path: &str, visitor: &str| {
            let new = Visit {
                site: id,
                path: path.into(),
                referrer: Some("search.example".into()),
                device: Device::Phone,
                visitor: visitor.into(),
            };
            house.does(&scope, move |tx| visit(tx, &new))
        };
        let hashes = || house.sees(&scope, visitor_hashes);
        visited("/a?who=ada", "ada").await;
        visited("/b", "ada").await;
        visited("/a", "bob").await;
        let before = hashes().await;
        assert_eq!(before.len(), 2);
        house.clock.advance(DAY);
        visited("/a", "ada").await;
        let after = hashes().await;
        assert_eq!(after.len(), 1, "yesterday's are gone");
        assert!(!before.contains(&after[0]), "the same browser has another hash");
        house.clock.advance(DAY);
        house.vault.retire_day_keys().await.unwrap();
        let again = house.sees(&scope, move |tx| tx.blind_of_day("visitor", &format!("{id}\nada"))).await;
        assert!(!before.contains(&again) && !after.contains(&again));
        let report = house.sees(&scope, move |tx| report(tx, id, 0)).await;
        let days: Vec<_> = report.days.iter().map(|day| (day.views, day.visitors)).collect();
        assert_eq!(days, [(3, 2), (1, 1)]);
        let counted = |thing: &str, views| Counted { thing: thing.into(), views };
        assert_eq!(report.pages, [counted("/a", 3), counted("/b", 1)]);
        assert_eq!(
            (&report.referrers[..], &report.devices[..]),
            (&[counted("search.example", 4)][..], &[counted("phone", 4)][..])
        );
        let off = SiteSettings { analytics: false, ..settings() };
        house.does(&scope, move |tx| set(tx, id, &off, &shown("2"))).await;
        let new = Visit { site: id, path: "/".into(), referrer: None, device: Device::Desktop, visitor: "x".into() };
        assert_eq!(code(house.vault.write(&scope, move |tx| visit(tx, &new)).await), "invalid");
    })
    .await;
}

fn visitor_hashes(tx: &Tx<'_>) -> Result<Vec<Vec<u8>>> {
    tx.all(sql!("SELECT visitor_hash FROM site_visitors WHERE workspace_id = $1"), params![], |row| row.get(0))
}
