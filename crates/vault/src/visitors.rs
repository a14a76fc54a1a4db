//! Visitors of public pages: the challenges they solved, each good once, and how far members have read what they wrote.

use crate::statement::sql;
use crate::value::params;
use crate::{ConversationId, MessageId, Millis, Result, Tx};

/// Spends a solved challenge; `false` if it was spent before. `expires_at` is when nobody takes it any more, and with it the
/// record can go.
pub fn spend(tx: &Tx<'_>, challenge: &str, expires_at: Millis) -> Result<bool> {
    let spent = tx.run(
        sql!(
            "INSERT INTO spent_challenges (workspace_id, challenge_hash, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (workspace_id, challenge_hash) DO NOTHING"
        ),
        params![tx.blind("challenge", challenge)?, expires_at],
    )?;
    Ok(spent == 1)
}

/// Forgets what has expired, at most `limit`; how many it was.
pub fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM spent_challenges WHERE workspace_id = $1 AND challenge_hash IN \
             (SELECT challenge_hash FROM spent_challenges WHERE workspace_id = $1 AND expires_at < $2 LIMIT $3)"
        ),
        params![tx.now(), limit],
    )
}

/// The contact's last message that members have read; `None` if they have read nothing yet.
pub fn read_up_to(tx: &Tx<'_>, conversation: ConversationId) -> Result<Option<MessageId>> {
    tx.maybe(
        sql!(
            "SELECT m.id FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.direction = 'incoming' \
             AND m.seq <= (SELECT c.read_seq FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2) \
             ORDER BY m.seq DESC LIMIT 1"
        ),
        params![conversation],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::house::House;

    #[tokio::test]
    async fn a_challenge_is_good_once_and_forgotten_when_it_has_expired() {
        let house = House::open();
        let (one, other) = (house.workspace().await, house.workspace().await);
        let expires = house.clock_now() + 1_000;
        let spent = async |scope| house.vault.write(scope, move |tx| spend(tx, "a challenge", expires)).await.unwrap();
        assert!(spent(&one).await);
        assert!(!spent(&one).await, "a replay");
        assert!(spent(&other).await, "another workspace's is another");
        let swept = async || house.vault.write(&one, |tx| sweep(tx, 10)).await.unwrap();
        house.clock.advance(1_000);
        assert_eq!(swept().await, 0, "it is still good at this moment, so it is still known");
        house.clock.advance(1);
        assert_eq!(swept().await, 1);
    }
}
