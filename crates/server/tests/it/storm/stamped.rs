//! Events of numbers: one a delivery, signed with the provider's own key and the moment.

use connect::{Account, Ctx};
use simulator::Simulator;

use super::door::Way;
use super::examples::{change, postpone, walk};

pub(super) struct Events;

impl Way for Events {
    fn own(&self, body: &mut Vec<u8>, place: usize, later: usize) {
        let own = format!("40317a8e-1111-4222-8333-abcdef{place:06}");
        let text = String::from_utf8(std::mem::take(body)).unwrap();
        let text = text.replace("40317a8e-1111-4222-8333-abcdefabcdef", &own);
        let changed = change(text.as_bytes(), |event| {
            walk(event, &mut |key, value| {
                if matches!(key, "received_at" | "occurred_at") {
                    postpone(value, later);
                }
            });
        });
        *body = changed.unwrap_or(text.into_bytes());
    }

    fn proof(&self, ctx: &Ctx, _: &Account, _: Option<&str>, body: &[u8]) -> Vec<(String, String)> {
        // Its key is the same in each simulated world.
        let simulator = Simulator::new(simulator::Options::default());
        let headers = simulator.telnyx().signed(ctx.now_ms, body);
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
