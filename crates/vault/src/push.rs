//! Web push: which browsers of a member are told that there is something to look at, and when. What is told has no content,
//! so all that concerns a member until the next push is one push.

use crate::jobs::{self, JobKind};
use crate::members::{self, MemberState};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{
    ConversationId, Error, MemberId, MessageId, Millis, Personal, PushSubscriptionId, Result, Right, Tx, Vault, audit,
    telling,
};

/// A member is told at most this often, in milliseconds.
pub const EVERY_MS: Millis = 60_000;
/// What could not be told for this long is told no more, in milliseconds.
pub const KEPT_MS: Millis = 12 * 3_600_000;
/// How many browsers a member has told at most.
const MANY: i64 = 20;
/// Longest address, in bytes.
const LONGEST: usize = 2_000;

/// A browser that is told.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id.
    pub id: PushSubscriptionId,
    /// The address its push service takes pushes at. Whoever knows it may push.
    pub endpoint: Personal<String>,
    /// Whether it is told of new messages that nobody is assigned to.
    pub unassigned: bool,
    /// When it was subscribed.
    pub created_at: Millis,
}

/// A push that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// To which subscription.
    pub id: PushSubscriptionId,
    /// The address to push to.
    pub endpoint: Personal<String>,
    wanted_at: Millis,
}

/// What is to be done for a member now.
#[derive(Debug, Clone)]
pub enum Turn {
    /// These are told.
    Now(Vec<Due>),
    /// The member was told less than a minute ago.
    At(Millis),
}

/// What came of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The push service took it.
    Told,
    /// The push service knows no such subscription any more.
    Gone,
    /// It may be tried again.
    Later,
}

impl Vault {
    /// By what push services know this installation: a point on P-256, uncompressed, 65 bytes (RFC 8292).
    pub fn push_key(&self) -> Result<Vec<u8>> {
        self.keys().vapid_public()
    }

    /// A token's signature by that key: ES256, 64 bytes.
    pub fn sign_push(&self, token: &str) -> Result<Vec<u8>> {
        self.keys().sign_vapid(token.as_bytes())
    }
}

/// Subscribes a browser of the acting member. An address that is known already is theirs from now on: a browser tells
/// whoever signed in last.
///
/// # Errors
/// `limit_reached` at twenty browsers; [`Error::Invalid`] for what is no address.
pub fn subscribe(tx: &Tx<'_>, endpoint: &Personal<String>, unassigned: bool) -> Result<PushSubscriptionId> {
    let member = own(tx)?;
    let hash = tx.blind("push endpoint", checked(endpoint)?)?;
    tx.run(sql!("DELETE FROM push_subscriptions WHERE workspace_id = $1 AND endpoint_hash = $2"), params![&hash])?;
    let held = tx.maybe(
        sql!("SELECT COUNT(*) FROM push_subscriptions WHERE workspace_id = $1 AND member_id = $2"),
        params![member],
        |row| row.get(0),
    )?;
    if held.unwrap_or(0) >= MANY {
        return Err(Error::conflict("limit_reached", "a member has at most 20 browsers told; remove one first"));
    }
    let id: PushSubscriptionId = tx.id();
    let sealed = tx.seal_text(Under::Workspace, place(&id.to_string()), endpoint)?;
    tx.run(
        sql!(
            "INSERT INTO push_subscriptions (workspace_id, id, member_id, endpoint_hash, endpoint_sealed, unassigned, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![id, member, hash, sealed, unassigned, tx.now()],
    )?;
    audit::record(tx, "push.subscribed", &id.to_string())?;
    telling::listen(tx)?;
    Ok(id)
}

/// The acting member's browsers, oldest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Subscription>> {
    let rows = tx.all(
        sql!(
            "SELECT id, endpoint_sealed, unassigned, created_at FROM push_subscriptions \
             WHERE workspace_id = $1 AND member_id = $2 ORDER BY id"
        ),
        params![own(tx)?],
        |row| Ok((row.get(0)?, row.get::<Vec<u8>>(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let open = |(id, sealed, unassigned, created_at): (_, Vec<u8>, _, _)| {
        Ok(Subscription { id, endpoint: endpoint(tx, id, &sealed)?, unassigned, created_at })
    };
    rows.into_iter().map(open).collect()
}

/// One of the acting member's browsers.
pub fn view(tx: &Tx<'_>, id: PushSubscriptionId) -> Result<Subscription> {
    list(tx)?.into_iter().find(|subscription| subscription.id == id).ok_or(Error::NotFound("subscription"))
}

/// Tells one of the acting member's browsers no more.
pub fn unsubscribe(tx: &Tx<'_>, id: PushSubscriptionId) -> Result<()> {
    let removed = tx.run(
        sql!("DELETE FROM push_subscriptions WHERE workspace_id = $1 AND id = $2 AND member_id = $3"),
        params![id, own(tx)?],
    )?;
    if removed == 0 {
        return Err(Error::NotFound("subscription"));
    }
    audit::record(tx, "push.unsubscribed", &id.to_string())?;
    Ok(())
}

/// Something concerns a member, whose browsers are told of it. What members do themselves does not concern them.
pub(crate) fn concern(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    if members::is_self(tx, member)? {
        return Ok(());
    }
    let wanted = tx.run(
        sql!(
            "UPDATE push_subscriptions SET wanted_at = CASE WHEN wanted_at >= $3 THEN wanted_at + 1 ELSE $3 END \
             WHERE workspace_id = $1 AND member_id = $2"
        ),
        params![member, tx.now()],
    )?;
    if wanted > 0 { order(tx, member) } else { Ok(()) }
}

/// A conversation is about to be somebody's: it concerns them if it was not theirs.
pub(crate) fn assigning(tx: &Tx<'_>, conversation: ConversationId, member: Option<MemberId>) -> Result<()> {
    let Some(member) = member else { return Ok(()) };
    let theirs = tx.maybe(
        sql!("SELECT 1 FROM conversations WHERE workspace_id = $1 AND id = $2 AND assignee_id = $3"),
        params![conversation, member],
        |_| Ok(()),
    )?;
    if theirs.is_some() { Ok(()) } else { concern(tx, member) }
}

/// A message was written: one that came in concerns whom its conversation is assigned to, or else who chose to be told of
/// what is nobody's.
pub(crate) fn written(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    let came = tx.maybe(
        sql!(
            "SELECT c.assignee_id FROM messages m JOIN conversations c ON c.workspace_id = m.workspace_id \
             AND c.id = m.conversation_id WHERE m.workspace_id = $1 AND m.id = $2 AND m.direction = 'incoming'"
        ),
        params![message],
        |row| optional::<MemberId>(row, 0),
    )?;
    match came {
        None => Ok(()),
        Some(Some(assignee)) => concern(tx, assignee),
        Some(None) => concern_unassigned(tx),
    }
}

/// A channel that worked does so no more: that concerns whoever may mend it.
pub(crate) fn stopped(tx: &Tx<'_>) -> Result<()> {
    let members: Vec<MemberId> = tx.all(
        sql!("SELECT DISTINCT member_id FROM push_subscriptions WHERE workspace_id = $1 ORDER BY member_id"),
        params![],
        |row| row.get(0),
    )?;
    for member in members {
        if may(tx, member, Right::ManageChannels)? {
            concern(tx, member)?;
        }
    }
    Ok(())
}

fn concern_unassigned(tx: &Tx<'_>) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE push_subscriptions SET wanted_at = CASE WHEN wanted_at >= $2 THEN wanted_at + 1 ELSE $2 END \
             WHERE workspace_id = $1 AND unassigned = TRUE"
        ),
        params![tx.now()],
    )?;
    let members: Vec<MemberId> = tx.all(
        sql!("SELECT DISTINCT member_id FROM push_subscriptions WHERE workspace_id = $1 AND unassigned = TRUE"),
        params![],
        |row| row.get(0),
    )?;
    members.into_iter().try_for_each(|member| order(tx, member))
}

fn order(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let due = free_at(tx, member)?.max(tx.now());
    // A workspace's members name the addresses, so all of them count as one.
    let workspace = tx.workspace()?.to_string();
    jobs::post(tx, JobKind::Push, &member.to_string(), &workspace, due)
}

/// From when on a member may be told again.
fn free_at(tx: &Tx<'_>, member: MemberId) -> Result<Millis> {
    let last = tx.maybe(
        sql!("SELECT COALESCE(MAX(pushed_at), 0) FROM push_subscriptions WHERE workspace_id = $1 AND member_id = $2"),
        params![member],
        |row| row.get::<Millis>(0),
    )?;
    Ok(last.unwrap_or(0) + EVERY_MS)
}

/// Whom to tell for a member now; noted as tried. Who may read no conversations any more has no subscriptions any more.
pub fn turn(tx: &Tx<'_>, member: MemberId) -> Result<Turn> {
    if !may(tx, member, Right::ReadConversations)? {
        tx.run(sql!("DELETE FROM push_subscriptions WHERE workspace_id = $1 AND member_id = $2"), params![member])?;
        return Ok(Turn::Now(Vec::new()));
    }
    let free_at = free_at(tx, member)?;
    if free_at > tx.now() {
        return Ok(Turn::At(free_at));
    }
    tx.run(
        sql!("UPDATE push_subscriptions SET wanted_at = NULL WHERE workspace_id = $1 AND member_id = $2 AND wanted_at < $3"),
        params![member, tx.now() - KEPT_MS],
    )?;
    let rows = tx.all(
        sql!(
            "SELECT id, endpoint_sealed, wanted_at FROM push_subscriptions \
             WHERE workspace_id = $1 AND member_id = $2 AND wanted_at IS NOT NULL ORDER BY id"
        ),
        params![member],
        |row| Ok((row.get(0)?, row.get::<Vec<u8>>(1)?, row.get(2)?)),
    )?;
    tx.run(
        sql!("UPDATE push_subscriptions SET pushed_at = $3 WHERE workspace_id = $1 AND member_id = $2 AND wanted_at IS NOT NULL"),
        params![member, tx.now()],
    )?;
    let due =
        |(id, sealed, wanted_at): (_, Vec<u8>, _)| Ok(Due { id, endpoint: endpoint(tx, id, &sealed)?, wanted_at });
    Ok(Turn::Now(rows.into_iter().map(due).collect::<Result<_>>()?))
}

/// Notes what came of a push. What concerns the member since then stays wanted.
pub fn came(tx: &Tx<'_>, push: &Due, outcome: Outcome) -> Result<()> {
    match outcome {
        Outcome::Told => tx.run(
            sql!(
                "UPDATE push_subscriptions SET wanted_at = NULL WHERE workspace_id = $1 AND id = $2 AND wanted_at = $3"
            ),
            params![push.id, push.wanted_at],
        )?,
        Outcome::Gone => {
            audit::record(tx, "push.unsubscribed", &push.id.to_string())?;
            tx.run(sql!("DELETE FROM push_subscriptions WHERE workspace_id = $1 AND id = $2"), params![push.id])?
        }
        Outcome::Later => 0,
    };
    Ok(())
}

/// Whether a member works here, and may do that.
fn may(tx: &Tx<'_>, member: MemberId, right: Right) -> Result<bool> {
    let standing = members::standing(tx, member)?;
    Ok(standing.is_some_and(|(role, state)| state == MemberState::Active && role.may(right)))
}

fn own(tx: &Tx<'_>) -> Result<MemberId> {
    tx.scope()?.member().map(|(member, _)| member).ok_or(Error::Forbidden("having browsers told"))
}

fn checked(endpoint: &Personal<String>) -> Result<&str> {
    let text = endpoint.reveal();
    let web = text.starts_with("https://") || text.starts_with("http://");
    if !web || text.len() > LONGEST || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(Error::Invalid("endpoint: the https address that the browser's subscription names".into()));
    }
    Ok(text)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "push_subscriptions", column: "endpoint_sealed", row }
}

fn endpoint(tx: &Tx<'_>, id: PushSubscriptionId, sealed: &[u8]) -> Result<Personal<String>> {
    tx.open_text(place(&id.to_string()), sealed)?.ok_or(Error::Erased)
}
