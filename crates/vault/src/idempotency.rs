//! Answers to repeated POSTs: what a request with the same `Idempotency-Key` did the first time.
//!
//! [`begin`] and [`finish`] run in the transaction of the act, so there is never an act without its answer or an
//! answer without its act. A row holds the subject's id, and the answer is rendered anew when it is asked for. Key and
//! request are kept as keyed hashes: a request's body may be guessable.

use crate::statement::sql;
use crate::value::params;
use crate::{Error, Millis, Result, Tx};

/// How long a key is remembered, in milliseconds: a day.
pub const KEPT_MS: Millis = 24 * 60 * 60 * 1000;

/// Longest key taken, in bytes.
const KEY_MAX: usize = 255;

/// What is known of a key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing: act, then [`finish`] with this claim in the same transaction.
    First(Claim),
    /// The same request was answered before.
    Answered {
        /// Its HTTP status.
        status: u16,
        /// The id of what it made or changed.
        subject: String,
    },
}

/// A key whose act is under way.
#[derive(Debug)]
#[must_use = "an act without its answer would be repeated"]
pub struct Claim {
    key_hash: Vec<u8>,
    request_hash: Vec<u8>,
}

/// Looks a key up. `request` is what must be the same when the key is used again: method, path and body. Keys belong
/// to the actor who uses them.
///
/// # Errors
/// `idempotency_key_reused` if the key came with another request before.
pub fn begin(tx: &Tx<'_>, key: &str, request: &[u8]) -> Result<Begun> {
    if key.is_empty() || key.len() > KEY_MAX {
        return Err(Error::Invalid("Idempotency-Key is 1 to 255 bytes long".into()));
    }
    let key_hash = tx.blind("idempotency key", &format!("{} {key}", owner(tx)?))?;
    let request_hash = tx.blind("idempotency request", &hex::encode(request))?;
    let before = tx.maybe(
        sql!("SELECT request_hash, status, subject FROM idempotency WHERE workspace_id = $1 AND key_hash = $2 AND at > $3"),
        params![&key_hash, tx.now() - KEPT_MS],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<i64>(1)?, row.text(2)?)),
    )?;
    match before {
        None => Ok(Begun::First(Claim { key_hash, request_hash })),
        Some((same, status, subject)) if same == request_hash => {
            let status = u16::try_from(status).map_err(|_| Error::Engine("a stored status is malformed".into()))?;
            Ok(Begun::Answered { status, subject })
        }
        Some(_) => Err(Error::conflict(
            "idempotency_key_reused",
            "this Idempotency-Key was used for another request; use a new key for a new request",
        )),
    }
}

/// Keeps the answer for a day.
pub fn finish(tx: &Tx<'_>, claim: &Claim, status: u16, subject: &str) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO idempotency (workspace_id, key_hash, request_hash, status, subject, at) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (workspace_id, key_hash) DO UPDATE SET \
             request_hash = excluded.request_hash, status = excluded.status, subject = excluded.subject, at = excluded.at"
        ),
        params![&claim.key_hash, &claim.request_hash, i64::from(status), subject, tx.now()],
    )?;
    Ok(())
}

/// Deletes what is older than a day, at most `limit` rows; how many it was.
pub fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM idempotency WHERE workspace_id = $1 AND key_hash IN \
             (SELECT key_hash FROM idempotency WHERE workspace_id = $1 AND at <= $2 LIMIT $3)"
        ),
        params![tx.now() - KEPT_MS, limit],
    )
}

/// Two members, or a member and a visitor, may choose the same key.
fn owner(tx: &Tx<'_>) -> Result<String> {
    let actor = tx.scope()?.actor();
    Ok(format!("{} {}", actor.kind(), actor.id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::house::{House, code};
    use crate::{Role, Scope};

    /// What a POST that acts does: its answer, and whether it acted.
    async fn post(
        house: &House,
        scope: &Scope,
        request: &'static [u8],
        subject: &'static str,
    ) -> Result<(u16, String, bool)> {
        let act = move |tx: &Tx<'_>| match begin(tx, "a key", request)? {
            Begun::Answered { status, subject } => Ok((status, subject, false)),
            Begun::First(claim) => {
                finish(tx, &claim, 201, subject)?;
                Ok((201, subject.to_owned(), true))
            }
        };
        house.vault.write(scope, act).await
    }

    #[tokio::test]
    async fn a_repeated_request_gets_the_first_answer_and_another_is_refused() {
        let house = House::open();
        let scope = house.workspace().await;
        assert_eq!(post(&house, &scope, b"one", "msg_1").await.unwrap(), (201, "msg_1".into(), true));
        assert_eq!(post(&house, &scope, b"one", "msg_2").await.unwrap(), (201, "msg_1".into(), false));
        assert_eq!(code(post(&house, &scope, b"two", "msg_3").await), "idempotency_key_reused");
    }

    #[tokio::test]
    async fn members_do_not_share_keys() {
        let house = House::open();
        let operator = house.workspace().await;
        let (_, one) = house.member(&operator, "a@example.org", Role::Agent).await;
        let (_, other) = house.member(&operator, "b@example.org", Role::Agent).await;
        assert!(post(&house, &one, b"one", "msg_1").await.unwrap().2);
        assert!(post(&house, &other, b"one", "msg_2").await.unwrap().2);
    }

    #[tokio::test]
    async fn a_key_is_forgotten_after_a_day() {
        let house = House::open();
        let scope = house.workspace().await;
        post(&house, &scope, b"one", "msg_1").await.unwrap();
        house.clock.advance(KEPT_MS - 1);
        assert_eq!(house.vault.write(&scope, |tx| sweep(tx, 10)).await.unwrap(), 0);
        house.clock.advance(1);
        assert!(post(&house, &scope, b"two", "msg_2").await.unwrap().2, "an old answer gives way");
        house.clock.advance(KEPT_MS);
        assert_eq!(house.vault.write(&scope, |tx| sweep(tx, 10)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_act_that_fails_keeps_no_answer() {
        let house = House::open();
        let scope = house.workspace().await;
        let failed = house.vault.write(&scope, |tx| {
            if let Begun::First(claim) = begin(tx, "a key", b"one")? {
                finish(tx, &claim, 201, "msg_1")?;
            }
            Err::<(), _>(Error::Forbidden("nothing"))
        });
        assert!(failed.await.is_err());
        assert!(post(&house, &scope, b"two", "msg_2").await.unwrap().2);
        assert_eq!(code(house.vault.write(&scope, |tx| begin(tx, "", b"")).await), "invalid");
    }
}
