//! Two programs over one PostgreSQL database and one folder. That is not offered yet (docs/postgresql.md); what leases promise holds
//! all the same: each takes what the other does not hold, everything goes once, and in its order.

use std::sync::Arc;

use serde_json::json;
use server::serve;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use vault::Role;

use crate::house::{Engine, House, member};
use crate::page::Page;

const PEOPLE: usize = 4;
const REPLIES: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_programs_send_goes_once_and_in_its_order() {
    let house = House::open(Engine::Postgres).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bound = listener.local_addr().unwrap();
    let settings = house.app.settings.clone();
    let (vault, first) = serve::open_vault(&settings, Arc::clone(&house.clock)).unwrap();
    assert!(!first.made_root_key, "it is the same installation");
    let second = serve::app(settings, vault, bound, None).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let told = async {
        stopped.await.ok();
    };
    let running = tokio::spawn(serve::run(second.clone(), listener, told));
    let operator = &house.workspace.operator;
    let colleague = ("Berta Boll", "berta@example.org");
    let (_, there) = member(&second, &format!("http://{bound}"), operator, colleague, Role::Agent).await;
    let here = &house.workspace.agent;
    let page = Page::connect(&house, "messenger").await;
    let mut talks = Vec::new();
    for person in 0..PEOPLE {
        talks.push(page.talk(&format!("Person {person}"), "Ciao").await);
    }
    for number in 0..REPLIES {
        for (_, conversation) in &talks {
            let through = if number % 2 == 0 { here } else { &there };
            let path = format!("/conversations/{conversation}/messages");
            through.post(&path, json!({ "text": format!("risposta {number}") })).await;
        }
    }
    for (person, conversation) in &talks {
        let written = here.messages(conversation).await;
        here.reaches(conversation, written.last().unwrap(), "delivered").await;
        let shown: Vec<_> = page.phone(person).into_iter().filter(|line| !line.by_person).collect();
        let shown: Vec<_> = shown.into_iter().map(|line| line.text.unwrap_or_default()).collect();
        let expected: Vec<_> = (0..REPLIES).map(|number| format!("risposta {number}")).collect();
        assert_eq!(shown, expected, "in its order, each once");
        assert_eq!(there.messages(conversation).await.len(), REPLIES + 1);
    }
    house.quiet().await;
    assert_eq!(page.sent().len(), PEOPLE * REPLIES);
    stop.send(()).ok();
    let ended = tokio::time::timeout(std::time::Duration::from_mins(1), running).await;
    ended.expect("the second program stops").unwrap().unwrap();
    house.close().await;
}
