//! How many conversations there are in each view of the inbox. Every count is of one range of one index and stops at
//! [`MOST`], so that counting costs the same however many conversations there are. Conversations of a contact who is being
//! erased at this moment may still be counted.

use std::collections::BTreeMap;

use super::Status;
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{ChannelId, LabelId, MemberId, Result, TeamId, Tx};

/// No count is higher: what is shown then is "more than".
const MOST: i64 = 999;
/// Open conversations whose labels are looked at, the most recently active first.
const LABELLED: i64 = 2_000;
/// No more channels, teams and labels than this are counted, of each.
const KINDS: i64 = 200;

/// How many there are, and how many of these are unread; both at most [`MOST`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Count {
    pub all: i64,
    pub unread: i64,
}

/// All counts. Unless it is said otherwise they are of open conversations.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Assigned to the member who asks.
    pub mine: Count,
    /// Assigned to nobody.
    pub unassigned: Count,
    /// Open.
    pub open: Count,
    /// Of any status.
    pub all: Count,
    /// Of any status, in which a note names the member who asks; unread: and they have not seen it.
    pub mentions: Count,
    /// Snoozed.
    pub snoozed: Count,
    /// By channel.
    pub channels: Vec<(ChannelId, Count)>,
    /// By team.
    pub teams: Vec<(TeamId, Count)>,
    /// By label.
    pub labels: Vec<(LabelId, Count)>,
}

/// Counts for a member.
pub fn counts(tx: &Tx<'_>, member: MemberId) -> Result<Counts> {
    let unread = Unread::of(tx, member)?;
    let statuses = [Status::Open, Status::Pending, Status::Snoozed, Status::Resolved];
    let [open, pending, snoozed, resolved] = statuses.map(|status| of_status(tx, status));
    let (open, snoozed) = (open?, snoozed?);
    let count = |all: i64, unread: i64| Count { all: all.min(MOST), unread: unread.min(MOST) };
    Ok(Counts {
        mine: count(mine(tx, member)?, unread.mine),
        unassigned: count(unassigned(tx)?, unread.unassigned),
        open: count(open, unread.open),
        all: count(open + pending? + snoozed + resolved?, unread.all),
        mentions: mentions(tx, member)?,
        snoozed: count(snoozed, unread.snoozed),
        channels: by_channel(tx, &unread)?,
        teams: by_team(tx, &unread)?,
        labels: by_label(tx)?,
    })
}

/// What is unread, from one look at its index.
#[derive(Default)]
struct Unread {
    mine: i64,
    unassigned: i64,
    open: i64,
    snoozed: i64,
    all: i64,
    channels: BTreeMap<ChannelId, i64>,
    teams: BTreeMap<TeamId, i64>,
}

impl Unread {
    fn of(tx: &Tx<'_>, member: MemberId) -> Result<Self> {
        let groups = tx.all(
            sql!(
                "SELECT status, CASE WHEN assignee_id IS NULL THEN 0 WHEN assignee_id = $2 THEN 1 ELSE 2 END, channel_id, \
                 team_id, COUNT(*) FROM conversations WHERE workspace_id = $1 AND unread_count > 0 GROUP BY 1, 2, 3, 4"
            ),
            params![member],
            |row| Ok((row.text(0)?, row.get::<i64>(1)?, row.get(2)?, optional(row, 3)?, row.get::<i64>(4)?)),
        )?;
        let mut unread = Self::default();
        for (status, whose, channel, team, many) in groups {
            unread.all += many;
            match Status::parse(&status) {
                Some(Status::Open) => unread.open(whose, channel, team, many),
                Some(Status::Snoozed) => unread.snoozed += many,
                Some(Status::Pending | Status::Resolved) | None => {}
            }
        }
        Ok(unread)
    }

    fn open(&mut self, whose: i64, channel: ChannelId, team: Option<TeamId>, many: i64) {
        self.open += many;
        match whose {
            0 => self.unassigned += many,
            1 => self.mine += many,
            _ => {}
        }
        *self.channels.entry(channel).or_default() += many;
        if let Some(team) = team {
            *self.teams.entry(team).or_default() += many;
        }
    }
}

fn of_status(tx: &Tx<'_>, status: Status) -> Result<i64> {
    let count = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversations WHERE workspace_id = $1 AND status = $2 LIMIT 1000) counted"
        ),
        params![status.as_str()],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

fn mine(tx: &Tx<'_>, member: MemberId) -> Result<i64> {
    let count = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversations WHERE workspace_id = $1 AND assignee_id = $2 \
             AND status = 'open' LIMIT 1000) counted"
        ),
        params![member],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

fn unassigned(tx: &Tx<'_>) -> Result<i64> {
    let count = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversations WHERE workspace_id = $1 AND assignee_id IS NULL \
             AND status = 'open' LIMIT 1000) counted"
        ),
        params![],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

fn mentions(tx: &Tx<'_>, member: MemberId) -> Result<Count> {
    let count = |statement| tx.maybe(statement, params![member], |row| row.get::<i64>(0));
    let all = count(sql!(
        "SELECT COUNT(*) FROM (SELECT DISTINCT conversation_id FROM mentions WHERE workspace_id = $1 AND member_id = $2 \
         LIMIT 999) counted"
    ))?;
    let unread = count(sql!(
        "SELECT COUNT(*) FROM (SELECT DISTINCT conversation_id FROM mentions WHERE workspace_id = $1 AND member_id = $2 \
         AND seen_at IS NULL LIMIT 999) counted"
    ))?;
    Ok(Count { all: all.unwrap_or(0), unread: unread.unwrap_or(0) })
}

fn by_channel(tx: &Tx<'_>, unread: &Unread) -> Result<Vec<(ChannelId, Count)>> {
    let channels = tx.all(
        sql!(
            "SELECT h.id, (SELECT COUNT(*) FROM (SELECT 1 FROM conversations c WHERE c.workspace_id = $1 \
             AND c.channel_id = h.id AND c.status = 'open' LIMIT 999) counted) FROM channels h WHERE h.workspace_id = $1 \
             ORDER BY h.id LIMIT $2"
        ),
        params![KINDS],
        |row| Ok((row.get::<ChannelId>(0)?, row.get(1)?)),
    )?;
    let unread = |id: &ChannelId| unread.channels.get(id).copied().unwrap_or(0).min(MOST);
    Ok(channels.into_iter().map(|(id, all)| (id, Count { all, unread: unread(&id) })).collect())
}

fn by_team(tx: &Tx<'_>, unread: &Unread) -> Result<Vec<(TeamId, Count)>> {
    let teams = tx.all(
        sql!(
            "SELECT t.id, (SELECT COUNT(*) FROM (SELECT 1 FROM conversations c WHERE c.workspace_id = $1 \
             AND c.team_id = t.id AND c.status = 'open' LIMIT 999) counted) FROM teams t WHERE t.workspace_id = $1 \
             ORDER BY t.id LIMIT $2"
        ),
        params![KINDS],
        |row| Ok((row.get::<TeamId>(0)?, row.get(1)?)),
    )?;
    let unread = |id: &TeamId| unread.teams.get(id).copied().unwrap_or(0).min(MOST);
    Ok(teams.into_iter().map(|(id, all)| (id, Count { all, unread: unread(&id) })).collect())
}

fn by_label(tx: &Tx<'_>) -> Result<Vec<(LabelId, Count)>> {
    let known: Vec<LabelId> =
        tx.all(sql!("SELECT id FROM labels WHERE workspace_id = $1 ORDER BY id LIMIT $2"), params![KINDS], |row| {
            row.get(0)
        })?;
    let counted = tx.all(
        sql!(
            "SELECT l.label_id, COUNT(*), COUNT(CASE WHEN c.unread_count > 0 THEN 1 END) FROM (SELECT id, unread_count \
             FROM conversations WHERE workspace_id = $1 AND status = 'open' ORDER BY active_at DESC, id DESC LIMIT $2) c \
             CROSS JOIN conversation_labels l WHERE l.workspace_id = $1 AND l.conversation_id = c.id GROUP BY l.label_id"
        ),
        params![LABELLED],
        |row| Ok((row.get::<LabelId>(0)?, Count { all: row.get(1)?, unread: row.get(2)? })),
    )?;
    let counted: BTreeMap<LabelId, Count> = counted.into_iter().collect();
    let capped = |count: Count| Count { all: count.all.min(MOST), unread: count.unread.min(MOST) };
    Ok(known.into_iter().map(|id| (id, capped(counted.get(&id).copied().unwrap_or_default()))).collect())
}
