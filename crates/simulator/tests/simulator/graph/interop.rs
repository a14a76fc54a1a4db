//! A widely used client library for WhatsApp, and Meta's own for pages, against the simulator, by scripts beside the workspace.

use simulator::graph::TokenCard;
use simulator::graph::pages::PageCard;

use super::stage::{APP, SECRET, Stage, TOKEN};
use crate::script::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pywa_works() {
    let stage = Stage::set().await;
    let said = run("whatsapp", "./run.sh", &[&stage.base, APP, SECRET, TOKEN]).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metas_own_library_works() {
    let stage = Stage::set().await;
    let pages = stage.simulator.pages();
    let permissions = ["pages_messaging", "instagram_business_manage_messages"].map(str::to_owned).into();
    let token = TokenCard { token: "EAApages".to_owned(), app: APP.to_owned(), permissions, ..TokenCard::default() };
    stage.graph().create_token(token).expect("a known app");
    for (id, object) in [("300000000000001", "page"), ("300000000000002", "instagram")] {
        pages.create_account(PageCard { id: id.to_owned(), object: object.to_owned(), ..PageCard::default() });
    }
    let anna = pages.create_person("Anna Rossi", &[APP]);
    let arguments = [&stage.base, APP, SECRET, "EAApages", &anna, "300000000000001", "300000000000002"];
    let said = run("facebook", "./run.sh", &arguments).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}
