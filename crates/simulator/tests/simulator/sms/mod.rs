//! Twilio's and Telnyx's own client libraries against the simulator, by a script beside the workspace.

use simulator::telnyx::Profile;
use simulator::twilio::Account;
use simulator::{DeliveryOptions, Options, Simulator};

use crate::script::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_providers_own_libraries_work() {
    let deliveries = DeliveryOptions { retry_first_ms: 20, retry_max_ms: 50, ..DeliveryOptions::default() };
    let simulator = Simulator::new(Options { deliveries, ..Options::default() });
    let base = simulator.start().await.expect("a free port");
    let account = simulator.twilio().create_account(Account::default());
    let profile = simulator.telnyx().create_profile(Profile::default());
    let key = simulator.telnyx().public_key();
    let arguments =
        [&base, &account.sid, &account.token, &account.number, &profile.id, &profile.key, &profile.number, &key];
    let said = run("sms", "./run.sh", &arguments.map(String::as_str)).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}
