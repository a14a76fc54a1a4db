//! What a provider tells of people and accounts and what is found out about an account: who is meant is erased everywhere, and what
//! is older than what is known changes nothing.

use http::Method;
use serde_json::json;
use simulator::faults::{CallFault, Order};
use vault::Clock;

use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::page::{self, Page};

const KIND: &str = "messenger";

both_engines!(
    a_wish_reaches_every_contact_in_every_workspace_of_the_app,
    an_app_that_was_taken_away_is_looked_at_by_all_its_channels,
    a_wish_to_a_disconnected_channel_goes_to_the_others_of_its_app_or_says_whom_to_ask,
    what_was_signed_long_ago_is_refused,
    an_old_word_of_an_app_taken_away_stops_nothing_after_a_new_one_was_given,
    a_check_that_ends_late_says_nothing_of_newer_settings,
);

/// The contact of a page's only conversation, once all that Meta says of them is known.
async fn contact_of(page: &Page, member: &Client) -> String {
    let path = format!("/conversations?channel={}&limit=100", page.channel);
    until("the contact is known by name", async || {
        let found = member.list(&path).await;
        let contact = found.first().map(|it| it["contact"].clone())?;
        (contact["name"] == "Anna Rossi").then(|| text_of(&contact["id"]))
    })
    .await
}

async fn a_wish_reaches_every_contact_in_every_workspace_of_the_app(house: &House) {
    let app = page::app(house);
    let elsewhere = house.another_workspace().await;
    let one = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let two = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let theirs = Page::of(house, &elsewhere, &app, (KIND, |_| ())).await;
    let stranger = Page::of(house, &elsewhere, &page::app(house), (KIND, |_| ())).await;
    one.listen();
    stranger.listen();
    let anna = one.person("Anna Rossi");
    let (ours, their_agent) = (&house.workspace.agent, &elsewhere.agent);
    let mut contacts = Vec::new();
    for (page, member) in [(&one, ours), (&two, ours), (&theirs, their_agent)] {
        page.says(&anna, "parola da dimenticare");
        contacts.push((member, contact_of(page, member).await));
    }
    assert_ne!(contacts[0].1, contacts[1].1, "by each page she is another contact");
    let namesake = stranger.person("Anna Rossi");
    stranger.says(&namesake, "resta");
    let stays = contact_of(&stranger, their_agent).await;
    house.quiet().await;
    let (secret, user) = (&app.card.secret, one.pages.number_at_app(&anna, &app.card.id).unwrap());
    let told = one.told_of(house, "data-deletion", (&user, secret)).await.json(200);
    let status = text_of(&told["url"]).strip_prefix(&house.base).unwrap().to_owned();
    until("it is met", async || {
        let shown = house.nobody().call(Method::GET, &status, None).await;
        shown.text().contains("<h1>Deleted</h1>").then_some(())
    })
    .await;
    for (member, contact) in &contacts {
        until("it is met there as well", async || {
            let gone = member.call(Method::GET, &format!("/contacts/{contact}"), None).await;
            (gone.status.as_u16() == 404).then_some(())
        })
        .await;
    }
    assert_eq!(their_agent.get(&format!("/contacts/{stays}")).await["name"], "Anna Rossi", "another app's");
}

async fn an_app_that_was_taken_away_is_looked_at_by_all_its_channels(house: &House) {
    let app = page::app(house);
    let elsewhere = house.another_workspace().await;
    let one = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let two = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let instagram = Page::of(house, &house.workspace, &app, ("instagram", |_| ())).await;
    let theirs = Page::of(house, &elsewhere, &app, (KIND, |_| ())).await;
    let stranger = Page::of(house, &house.workspace, &page::app(house), (KIND, |_| ())).await;
    let (ours, others) = (&house.workspace.owner, &elsewhere.owner);
    app.graph.revoke_token(&app.token);
    let answer = one.told_of(house, "deauthorize", ("1", &app.card.secret)).await;
    assert_eq!(answer.status.as_u16(), 200);
    for (page, owner) in [(&one, ours), (&two, ours), (&instagram, ours), (&theirs, others)] {
        until("the channel needs attention", async || {
            let shown = owner.get(&format!("/channels/{}", page.channel)).await;
            (shown["state"] == "needs_attention").then_some(())
        })
        .await;
    }
    house.quiet().await;
    assert_eq!(ours.get(&format!("/channels/{}", stranger.channel)).await["state"], "ready", "another app's");
}

async fn a_wish_to_a_disconnected_channel_goes_to_the_others_of_its_app_or_says_whom_to_ask(house: &House) {
    let app = page::app(house);
    let one = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let two = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    two.listen();
    let anna = two.person("Anna Rossi");
    two.says(&anna, "parola da dimenticare");
    let contact = contact_of(&two, &house.workspace.agent).await;
    house.quiet().await;
    let owner = &house.workspace.owner;
    owner.call(Method::DELETE, &format!("/channels/{}", one.channel), None).await;
    let (secret, user) = (&app.card.secret, two.pages.number_at_app(&anna, &app.card.id).unwrap());
    let told = one.told_of(house, "data-deletion", (&user, secret)).await.json(200);
    let url = text_of(&told["url"]);
    assert!(url.starts_with(&two.hook_url) && url.ends_with(&text_of(&told["confirmation_code"])), "{told}");
    let shown = async |url: &str| {
        let path = url.strip_prefix(&house.base).unwrap().to_owned();
        house.nobody().call(Method::GET, &path, None).await
    };
    until("it is met", async || shown(&url).await.text().contains("<h1>Deleted</h1>").then_some(())).await;
    let gone = house.workspace.agent.call(Method::GET, &format!("/contacts/{contact}"), None).await;
    assert_eq!(gone.status.as_u16(), 404);
    owner.call(Method::DELETE, &format!("/channels/{}", two.channel), None).await;
    let told = one.told_of(house, "data-deletion", (&user, secret)).await.json(200);
    let (url, code) = (text_of(&told["url"]), text_of(&told["confirmation_code"]));
    assert!(url.starts_with(&one.hook_url) && url.ends_with(&code) && code.len() == 32, "{told}");
    let page = shown(&url).await;
    assert!(page.status.as_u16() == 200 && page.text().contains("<h1>Not connected any more</h1>"), "{page}");
    assert_eq!(one.told_of(house, "deauthorize", ("1", secret)).await.status.as_u16(), 200);
}

async fn what_was_signed_long_ago_is_refused(house: &House) {
    let page = Page::connect(house, KIND).await;
    let (anna, conversation) = page.talk("Anna Rossi", "resto qui").await;
    let (secret, user) = (&page.app.card.secret, page.pages.number_at_app(&anna, &page.app.card.id).unwrap());
    let now_s = house.clock.now() / 1_000;
    for path in ["data-deletion", "deauthorize"] {
        let days = 24 * 3_600;
        page.told_at(house, path, (&user, secret), now_s - 2 * days).await.problem(401, "unauthorised");
        page.told_at(house, path, (&user, secret), now_s + days).await.problem(401, "unauthorised");
    }
    house.quiet().await;
    assert_eq!(house.workspace.agent.texts(&conversation).await, ["resto qui"]);
}

async fn an_old_word_of_an_app_taken_away_stops_nothing_after_a_new_one_was_given(house: &House) {
    let page = Page::connect(house, KIND).await;
    let owner = &house.workspace.owner;
    let channel = format!("/channels/{}", page.channel);
    let state = async |expected: &str| {
        until(&format!("the channel is {expected}"), async || {
            (owner.get(&channel).await["state"] == expected).then_some(())
        })
        .await;
    };
    house.clock.advance(10_000);
    page.app.graph.revoke_token(&page.app.token);
    let (secret, signed_s) = (&page.app.card.secret, house.clock.now() / 1_000);
    page.told_at(house, "deauthorize", ("1", secret), signed_s).await;
    state("needs_attention").await;
    house.clock.advance(60_000);
    let token = page::token(&page.app.graph, &page.app.card.id);
    owner.patch(&channel, json!({ "settings": { "page_access_token": token } })).await;
    state("ready").await;
    house.quiet().await;
    // Whoever kept the request posts it again, while Meta takes its time to say how the account is.
    page.app.graph.order_call_fault(&page.app.card.id, Order::once(CallFault::Late { ms: 3_000 })).unwrap();
    page.told_at(house, "deauthorize", ("1", secret), signed_s).await;
    until("it was looked at", async || (house.app.vault.depths().await.unwrap().inbox == 0).then_some(())).await;
    assert_eq!(owner.get(&channel).await["state"], "ready");
    house.quiet().await;
    assert_eq!(owner.get(&channel).await["state"], "ready");
}

async fn a_check_that_ends_late_says_nothing_of_newer_settings(house: &House) {
    let page = Page::connect(house, KIND).await;
    let owner = house.workspace.owner.clone();
    let channel = format!("/channels/{}", page.channel);
    house.quiet().await;
    page.app.graph.order_call_fault(&page.app.card.id, Order::once(CallFault::Slow { ms: 3_000 })).unwrap();
    let check = {
        let (owner, path) = (owner.clone(), format!("{channel}/check"));
        tokio::spawn(async move { owner.call(Method::POST, &path, None).await })
    };
    // Long enough for its first call, which is looked at three seconds later, and refused. Where it was not, nothing is tried here.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    page.app.graph.revoke_token(&page.app.token);
    let token = page::token(&page.app.graph, &page.app.card.id);
    owner.patch(&channel, json!({ "settings": { "page_access_token": token } })).await;
    assert_eq!(check.await.unwrap().status.as_u16(), 200);
    house.quiet().await;
    assert_eq!(owner.get(&channel).await["state"], "ready", "the refusal was of the token before");
}
