//! What is on its way to contacts and to other systems: channels, the queue, advertising, the index, webhooks.

use super::registry::Promise;
use super::{DAY_MS, HOUR_MS, ROWS, Seen, count, found};
use crate::consents::granted::{self, Marketing, On};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Result, Tx};

/// How many advertisements under way are looked at.
const UNDER_WAY: i64 = 500;

/// The channels of a promise's kinds.
pub(super) fn channels(tx: &Tx<'_>, promise: &Promise) -> Result<Seen> {
    let mut seen = Seen::default();
    for kind in &promise.kinds {
        let all = sql!("SELECT COUNT(*) FROM channels WHERE workspace_id = $1 AND kind = $2 AND state <> 'off'");
        seen.looked_at += count(tx, all, params![*kind])?;
        let bare = sql!(
            "SELECT c.id FROM channels c WHERE c.workspace_id = $1 AND c.kind = $2 AND c.state <> 'off' \
             AND (c.settings_sealed IS NULL OR NOT EXISTS (SELECT 1 FROM channel_directory d WHERE d.workspace_id = $1 \
             AND d.id = c.id AND d.kind = c.kind AND d.state = c.state)) ORDER BY c.id LIMIT $3"
        );
        let words = ("a connected channel has no settings, or is another in the directory of hooks", "channels");
        seen = seen.and(found(tx, bare, params![*kind, ROWS], words)?);
        let stale = sql!(
            "SELECT o.id FROM outbox o JOIN channels c ON c.workspace_id = o.workspace_id AND c.id = o.channel_id \
             WHERE o.workspace_id = $1 AND c.kind = $2 AND o.expires_at <= $3 ORDER BY o.id LIMIT $4"
        );
        let before = tx.now() - DAY_MS;
        let words = ("something waits a day longer than it may, and has not failed visibly", "outbox");
        seen = seen.and(found(tx, stale, params![*kind, before, ROWS], words)?);
    }
    Ok(seen)
}

/// BZ-7, and a part of CH-7.
pub(super) fn shared(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM channels WHERE workspace_id = $1 AND signed_in_by IS NOT NULL");
    let foreign = sql!(
        "SELECT id FROM channels WHERE workspace_id = $1 AND shared_at IS NOT NULL AND (shared_by IS NULL \
         OR signed_in_by IS NULL OR shared_by <> signed_in_by) ORDER BY id LIMIT $2"
    );
    let words = ("a mailbox's content may leave the workspace, and not by the word of who signed in there", "channels");
    Ok(Seen::of(count(tx, all, params![])?).and(found(tx, foreign, params![ROWS], words)?))
}

/// IN-1.
pub(super) fn counters(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM conversations WHERE workspace_id = $1"), params![])?;
    let beyond = sql!(
        "SELECT DISTINCT v.id FROM conversations v JOIN messages m ON m.workspace_id = v.workspace_id \
         AND m.conversation_id = v.id WHERE v.workspace_id = $1 AND m.seq > v.message_seq ORDER BY v.id LIMIT $2"
    );
    let words = ("a conversation has messages beyond its counter", "conversations");
    Ok(Seen::of(all).and(found(tx, beyond, params![ROWS], words)?))
}

/// IN-2.
pub(super) fn index(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1"), params![])?;
    let behind =
        sql!("SELECT message_id FROM index_pending WHERE workspace_id = $1 AND at <= $2 ORDER BY message_id LIMIT $3");
    let words = ("the index is more than an hour behind", "index_pending");
    Ok(Seen::of(all).and(found(tx, behind, params![tx.now() - HOUR_MS, ROWS], words)?))
}

/// IN-8.
pub(super) fn queue(tx: &Tx<'_>) -> Result<Seen> {
    let all =
        count(tx, sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1 AND direction = 'outgoing'"), params![])?;
    let lost = sql!(
        "SELECT m.id FROM messages m WHERE m.workspace_id = $1 AND m.direction = 'outgoing' AND m.state = 'queued' \
         AND m.removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.workspace_id = $1 AND o.message_id = m.id) \
         ORDER BY m.id LIMIT $2"
    );
    Ok(Seen::of(all).and(found(
        tx,
        lost,
        params![ROWS],
        ("a message says that it is queued, and nothing waits to be sent", "messages"),
    )?))
}

/// BZ-4.
pub(super) fn deliveries(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM webhooks WHERE workspace_id = $1"), params![])?;
    let orphans = sql!(
        "SELECT d.id FROM deliveries d WHERE d.workspace_id = $1 AND NOT EXISTS \
         (SELECT 1 FROM webhooks w WHERE w.workspace_id = $1 AND w.id = d.webhook_id) ORDER BY d.id LIMIT $2"
    );
    let words = ("a delivery is logged of a webhook that is not there", "deliveries");
    Ok(Seen::of(all).and(found(tx, orphans, params![ROWS], words)?))
}

/// MK-1, MK-2: what is being sent at this moment was let through by the gate, so leave for it has to stand, and of a soft opt-in
/// only by e-mail.
pub(super) fn advertising(tx: &Tx<'_>) -> Result<Seen> {
    let sent = sql!(
        "SELECT id, contact_id, channel_id, by_mail FROM outbox WHERE workspace_id = $1 AND purpose = 'marketing' \
         AND lease IS NOT NULL ORDER BY id LIMIT $2"
    );
    let sent = tx.all(sent, params![UNDER_WAY], |row| {
        Ok((row.text(0)?, On { contact: row.get(1)?, channel: row.get(2)?, by_mail: row.get(3)? }))
    })?;
    let looked_at = sent.len() as u64;
    let mut without = Vec::new();
    for (id, on) in sent {
        let stands = match granted::check::<Marketing>(tx, on) {
            Ok(granted) => granted.is_ok(),
            Err(Error::NotFound(_)) => false,
            Err(error) => return Err(error),
        };
        if !stands {
            without.push(id);
        }
    }
    let words = "advertising is being sent without a consent that stands";
    Ok(Seen::of(looked_at).and(super::Fault::about(words, "outbox", without)))
}
