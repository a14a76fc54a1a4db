//! What is written down of people's rights: consents, choices, requests, holds, and who is one with whom.

use super::{DAY_MS, HOUR_MS, ROWS, Seen, count, found};
use crate::statement::sql;
use crate::value::params;
use crate::{Result, Tx};

/// Within how many days a deletion that was asked for through a provider is met (D-2).
const DELETION_MS: i64 = 30 * DAY_MS;

/// CH-4, WB-5.
pub(super) fn deletions(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM deletion_requests WHERE workspace_id = $1"), params![])?;
    let late = sql!(
        "SELECT r.id FROM deletion_requests r JOIN erasures e ON e.workspace_id = r.workspace_id AND e.id = r.erasure_id \
         WHERE r.workspace_id = $1 AND r.requested_at <= $2 AND e.state IN ('unreadable', 'removing') ORDER BY r.id LIMIT $3"
    );
    let before = tx.now() - DELETION_MS;
    let words = ("a deletion was asked for thirty days ago and is not done", "deletion_requests");
    Ok(Seen::of(all).and(found(tx, late, params![before, ROWS], words)?))
}

/// CH-13.
pub(super) fn merges(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND merged_into IS NOT NULL");
    let lost = sql!(
        "SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.merged_into IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = c.merged_into AND p.merged_into IS NULL) \
         ORDER BY c.id LIMIT $2"
    );
    let words = ("a merged contact is one with nobody, or with one who is merged, too", "contacts");
    Ok(Seen::of(count(tx, all, params![])?).and(found(tx, lost, params![ROWS], words)?))
}

/// WB-1.
pub(super) fn choices(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM consent_choices WHERE workspace_id = $1"), params![])?;
    let textless = sql!(
        "SELECT c.id FROM consent_choices c WHERE c.workspace_id = $1 AND NOT EXISTS (SELECT 1 FROM banner_texts t \
         WHERE t.workspace_id = $1 AND t.site_id = c.site_id AND t.version = c.version) ORDER BY c.id LIMIT $2"
    );
    let words = ("what was shown for a choice cannot be shown any more", "consent_choices");
    Ok(Seen::of(all).and(found(tx, textless, params![ROWS], words)?))
}

/// WB-2.
pub(super) fn visitors(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM site_visitors WHERE workspace_id = $1"), params![])?;
    let known = sql!(
        "SELECT site_id FROM site_visitors WHERE workspace_id = $1 AND (length(visitor_hash) <> 32 OR day_at <= $2) \
         ORDER BY site_id LIMIT $3"
    );
    // The day itself, the two of its term, and the two that a sweep may take.
    let before = tx.now() - 5 * DAY_MS;
    let words = ("a visitor can be told by more, or for longer, than a keyed hash of the day", "site_visitors");
    Ok(Seen::of(all).and(found(tx, known, params![before, ROWS], words)?))
}

/// D-5.
pub(super) fn holds(tx: &Tx<'_>) -> Result<Seen> {
    let standing = sql!(
        "SELECT COUNT(*) FROM legal_holds WHERE workspace_id = $1 AND lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $2)"
    );
    let all = count(tx, standing, params![tx.now()])?;
    let gone = sql!(
        "SELECT h.id FROM legal_holds h WHERE h.workspace_id = $1 AND h.lifted_at IS NULL \
         AND (h.ends_at IS NULL OR h.ends_at > $2) AND h.subject <> $1 \
         AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = $1 AND c.id = h.subject AND c.erased_at IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM conversations v WHERE v.workspace_id = $1 AND v.id = h.subject) ORDER BY h.id LIMIT $3"
    );
    let words = ("what a standing hold covers is gone", "legal_holds");
    Ok(Seen::of(all).and(found(tx, gone, params![tx.now(), ROWS], words)?))
}

/// S-1.
pub(super) fn requests(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM requests WHERE workspace_id = $1"), params![])?;
    let late = sql!(
        "SELECT id FROM requests WHERE workspace_id = $1 AND closed_at IS NULL AND due_at < $2 ORDER BY id LIMIT $3"
    );
    let words = ("a request is open past its time, with its extension if it has one", "requests");
    Ok(Seen::of(all).and(found(tx, late, params![tx.now(), ROWS], words)?))
}

/// S-4: what waits since before the restriction goes by the gate when it is claimed; what was tried after it did not.
pub(super) fn restrictions(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND restricted_at IS NOT NULL");
    let used = sql!(
        "SELECT o.id FROM outbox o JOIN contacts c ON c.workspace_id = o.workspace_id AND c.id = o.contact_id \
         WHERE o.workspace_id = $1 AND c.restricted_at IS NOT NULL AND o.tried_at > c.restricted_at \
         AND (o.automatic OR o.purpose = 'marketing') ORDER BY o.id LIMIT $2"
    );
    let words = ("something was sent without a member's word to a contact who is restricted", "outbox");
    Ok(Seen::of(count(tx, all, params![])?).and(found(tx, used, params![ROWS], words)?))
}

/// G-5: what was given, and every withdrawal beside it.
pub(super) fn consents(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM consents WHERE workspace_id = $1"), params![])?;
    let vague = sql!(
        "SELECT id FROM consents WHERE workspace_id = $1 AND (purpose = '' OR channel = '' OR ground = '' OR text_version = '' \
         OR collected_by = '' OR given_at <= 0 OR given_at > $2) ORDER BY id LIMIT $3"
    );
    let words = ("a consent does not say for what, by which text, how or when it was given", "consents");
    // Clocks of other systems tell of consents, too.
    let soon = tx.now() + HOUR_MS;
    let stray = sql!(
        "SELECT w.consent_id FROM consent_withdrawals w WHERE w.workspace_id = $1 AND (w.way = '' OR NOT EXISTS \
         (SELECT 1 FROM consents c WHERE c.workspace_id = $1 AND c.id = w.consent_id AND c.contact_id = w.contact_id \
         AND c.given_at <= w.said_at)) ORDER BY w.consent_id LIMIT $2"
    );
    let ended =
        ("a withdrawal is of no consent, from before it was given, or does not say how it came", "consent_withdrawals");
    let seen = Seen::of(all).and(found(tx, vague, params![soon, ROWS], words)?);
    Ok(seen.and(found(tx, stray, params![ROWS], ended)?))
}

/// MK-2.
pub(super) fn soft_opt_ins(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM consents WHERE workspace_id = $1 AND ground = 'soft_opt_in'");
    let wide = sql!(
        "SELECT id FROM consents WHERE workspace_id = $1 AND ground = 'soft_opt_in' AND (purpose <> 'marketing' OR channel = 'any') \
         AND NOT EXISTS (SELECT 1 FROM consent_withdrawals w WHERE w.workspace_id = $1 AND w.consent_id = consents.id) \
         ORDER BY id LIMIT $2"
    );
    let words = ("a soft opt-in stands for something else than advertising on one kind of channel", "consents");
    Ok(Seen::of(count(tx, all, params![])?).and(found(tx, wide, params![ROWS], words)?))
}
