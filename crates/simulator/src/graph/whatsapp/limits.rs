//! What Meta lets through, and how much of it.

use crate::graph::refusal::Refusal;
use crate::graph::world::World;

use super::chat::{Chat, ChatKey};

/// Calls to an account's settings within an hour.
const MANAGEMENT_PER_HOUR: usize = 5_000;
const HOUR_MS: i64 = 3_600 * 1_000;
/// One recipient takes a message every six seconds, and this many in advance.
const PAIR_EVERY_MS: i64 = 6_000;
const PAIR_BURST: i64 = 45;

pub(super) fn count_management(world: &mut World, account: &str) -> Result<(), Refusal> {
    let now = world.now_ms();
    let Some(account) = world.whatsapp.accounts.get_mut(account) else { return Ok(()) };
    while account.management.front().is_some_and(|at| *at <= now - HOUR_MS) {
        account.management.pop_front();
    }
    if account.management.len() >= MANAGEMENT_PER_HOUR {
        return Err(Refusal { regain_minutes: Some(60), ..Refusal::of(80_007) });
    }
    account.management.push_back(now);
    Ok(())
}

/// Counts a message against the number's messages per second and against the pair's.
pub(super) fn count_message(world: &mut World, key: &ChatKey) -> Result<(), Refusal> {
    let now = world.now_ms();
    let Some(number) = world.whatsapp.numbers.get_mut(&key.number) else { return Ok(()) };
    while number.sent_at.front().is_some_and(|at| *at <= now - 1_000) {
        number.sent_at.pop_front();
    }
    let most = usize::try_from(number.card.per_second).unwrap_or(usize::MAX);
    if most > 0 && number.sent_at.len() >= most {
        return Err(Refusal::of(130_429));
    }
    let pair_limit = number.card.pair_limit;
    let chat = world.whatsapp.chat(key);
    if pair_limit {
        pair_has_room(chat, now)?;
    }
    if let Some(number) = world.whatsapp.numbers.get_mut(&key.number) {
        number.sent_at.push_back(now);
    }
    Ok(())
}

fn pair_has_room(chat: &mut Chat, now: i64) -> Result<(), Refusal> {
    let used = chat.pair_ms.max(now) + PAIR_EVERY_MS;
    if used - now > PAIR_BURST * PAIR_EVERY_MS {
        return Err(Refusal::of(131_056));
    }
    chat.pair_ms = used;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_burst_and_then_one_every_six_seconds() {
        let mut chat = Chat::default();
        let taken = (0..60).filter(|_| pair_has_room(&mut chat, 1_000).is_ok()).count();
        assert_eq!(taken, 45);
        assert!(pair_has_room(&mut chat, 6_999).is_err());
        assert!(pair_has_room(&mut chat, 7_000).is_ok());
    }
}
