//! Wishes for deletion that a provider tells for a person, who knows a code by which to ask what became of it.

use crate::erase::{self, Asked, State};
use crate::jobs::{self, JobKind};
use crate::statement::{installation_sql, sql};
use crate::value::{optional, params};
use crate::{
    Actor, ChannelId, ContactId, DeletionId, ErasureId, Millis, Purpose, Result, Scope, Tx, Vault, WorkspaceId, audit,
};

/// How long a wish waits at most for it to become known who is meant (GDPR Art. 12(3): within a month), in milliseconds.
const WAITS_MS: Millis = 28 * 24 * 3_600_000;
/// How long the answers are waited for once everybody was asked about, in milliseconds.
const ANSWERS_MS: Millis = 3_600_000;
/// How many contacts one wish concerns at most.
const CONTACTS: i64 = 100;

/// How far a wish has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is known, and will be met.
    Received,
    /// We hold nothing by which we would know this person.
    NothingHeld,
    /// A legal hold stands against it; it is met by itself after that.
    Held,
    /// The provider did not say who is meant, of everybody or of some.
    Undetermined {
        /// Whom we found was erased.
        erased: bool,
    },
    /// Nothing can be read any more; the rest goes.
    Erasing,
    /// It is met.
    Erased {
        /// What is kept, and on what ground.
        kept: Vec<(&'static str, &'static str)>,
    },
}

/// A wish as a provider tells it.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// Through which channel.
    pub channel: ChannelId,
    /// By what the person asks what became of it.
    pub code: &'a str,
    /// The id by which the provider knows the person.
    pub user: Option<&'a str>,
    /// Whom we know by it.
    pub contacts: Vec<ContactId>,
    /// Others may turn out to be meant, once more is known.
    pub waits: bool,
    /// When it was told, in Unix milliseconds.
    pub at: Millis,
}

/// Records a wish, and has it met if it is of somebody whom we know. The same wish told again is one.
pub fn ask(tx: &Tx<'_>, wish: &Wish<'_>) -> Result<bool> {
    let id: DeletionId = tx.id();
    let waits_until = wish.waits.then(|| tx.now() + WAITS_MS);
    let user = wish.user.map(|user| user_hash(tx, user)).transpose()?;
    let added = tx.run(
        sql!(
            "INSERT INTO deletion_requests (workspace_id, id, channel_id, code_hash, requested_at, user_hash, waits_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, channel_id, code_hash) DO NOTHING"
        ),
        params![id, wish.channel, hash(tx, wish.code)?, wish.at, user, waits_until],
    )?;
    if added == 0 {
        return Ok(false);
    }
    wish.contacts.iter().try_for_each(|contact| concern(tx, id, *contact))?;
    if let Some(until) = waits_until {
        jobs::enqueue(tx, JobKind::MeetDeletion, &id.to_string(), until)?;
    }
    audit::record(tx, "contact.deletion_asked", &id.to_string())?;
    Ok(true)
}

fn hash(tx: &Tx<'_>, code: &str) -> Result<Vec<u8>> {
    tx.blind("deletion", code)
}

fn user_hash(tx: &Tx<'_>, user: &str) -> Result<Vec<u8>> {
    tx.blind("deletion user", user)
}

/// A wish concerns a contact: it is met for them as well. Each contact after the first has a row of its own.
fn concern(tx: &Tx<'_>, wish: DeletionId, contact: ContactId) -> Result<()> {
    let known = tx.maybe(
        sql!(
            "SELECT 1 FROM deletion_requests WHERE workspace_id = $1 AND (id = $2 OR of_id = $2) AND contact_id = $3 LIMIT 1"
        ),
        params![wish, contact],
        |_| Ok(()),
    )?;
    if known.is_some() {
        return Ok(());
    }
    let first = tx.run(
        sql!("UPDATE deletion_requests SET contact_id = $3 WHERE workspace_id = $1 AND id = $2 AND contact_id IS NULL"),
        params![wish, contact],
    )?;
    let row = if first == 1 { wish } else { another(tx, wish, contact)? };
    jobs::enqueue(tx, JobKind::MeetDeletion, &row.to_string(), tx.now())
}

fn another(tx: &Tx<'_>, wish: DeletionId, contact: ContactId) -> Result<DeletionId> {
    let id: DeletionId = tx.id();
    // Nobody asks by its code: it is found by the first row.
    let code = hash(tx, &id.to_string())?;
    tx.run(
        sql!(
            "INSERT INTO deletion_requests (workspace_id, id, channel_id, code_hash, contact_id, requested_at, of_id) \
             SELECT workspace_id, $3, channel_id, $4, $5, requested_at, id FROM deletion_requests \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![wish, id, code, contact],
    )?;
    Ok(id)
}

/// By which id a provider knows a contact became known just now: what the person wished before, and after we had come to know
/// this contact, concerns them.
pub fn found(tx: &Tx<'_>, contact: ContactId, user: &str) -> Result<()> {
    let wishes: Vec<DeletionId> = tx.all(
        sql!(
            "SELECT r.id FROM deletion_requests r JOIN contacts c ON c.workspace_id = r.workspace_id AND c.id = $3 \
             WHERE r.workspace_id = $1 AND r.user_hash = $2 AND r.requested_at >= c.created_at \
             AND c.erased_at IS NULL ORDER BY r.id LIMIT 20"
        ),
        params![user_hash(tx, user)?, contact],
        |row| row.get(0),
    )?;
    wishes.into_iter().try_for_each(|wish| concern(tx, wish, contact))
}

/// Meets a wish for the contact that a row of it names: they are erased, unless that was done already, as soon as no legal hold
/// stands against it.
pub fn meet(tx: &Tx<'_>, id: DeletionId) -> Result<()> {
    let contact = tx.maybe(
        sql!("SELECT contact_id FROM deletion_requests WHERE workspace_id = $1 AND id = $2 AND erasure_id IS NULL"),
        params![id],
        |row| optional::<ContactId>(row, 0),
    )?;
    let Some(contact) = contact.flatten() else { return Ok(()) };
    let (Asked::Begun(erasure) | Asked::Held(erasure)) = erase::ask(tx, contact)?;
    tx.run(
        sql!("UPDATE deletion_requests SET erasure_id = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, erasure],
    )?;
    Ok(())
}

/// A wish for which it is looked again.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Through which channel it was told.
    pub channel: ChannelId,
    /// Until when it is looked again.
    pub until: Millis,
    /// After which contact to go on asking; `None`: nobody is to be asked about now.
    pub asked: Option<String>,
}

/// Whether others may still turn out to be meant by a wish.
pub fn waiting(tx: &Tx<'_>, id: DeletionId) -> Result<Option<Waiting>> {
    tx.maybe(
        sql!(
            "SELECT channel_id, waits_until, asked_id FROM deletion_requests WHERE workspace_id = $1 AND id = $2 \
             AND waits_until IS NOT NULL"
        ),
        params![id],
        |row| Ok(Waiting { channel: row.get(0)?, until: row.get(1)?, asked: row.get(2)? }),
    )
}

/// Notes up to whom it was asked.
pub fn asked_up_to(tx: &Tx<'_>, id: DeletionId, contact: ContactId) -> Result<()> {
    tx.run(
        sql!("UPDATE deletion_requests SET asked_id = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, contact],
    )?;
    Ok(())
}

/// Everybody was asked about: until when the answers are waited for.
pub fn all_asked(tx: &Tx<'_>, id: DeletionId) -> Result<Millis> {
    let until = tx.now() + ANSWERS_MS;
    tx.run(
        sql!(
            "UPDATE deletion_requests SET asked_id = NULL, waits_until = $3, asked_at = $4 WHERE workspace_id = $1 \
             AND id = $2"
        ),
        params![id, until, tx.now()],
    )?;
    Ok(until)
}

/// A provider did not say who somebody of a channel is: the wishes for which it was asked may be theirs.
pub fn not_told(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE deletion_requests SET undetermined = TRUE WHERE workspace_id = $1 AND channel_id = $2 \
             AND waits_until IS NOT NULL AND (asked_id IS NOT NULL OR asked_at IS NOT NULL)"
        ),
        params![channel],
    )?;
    Ok(())
}

/// The time for a wish is over: nobody else will turn out to be meant. When to look again where answers are still awaited and may be,
/// within the month. Where they did not come, or nobody could be asked, it stays undetermined who was meant.
pub fn settle(tx: &Tx<'_>, id: DeletionId) -> Result<Option<Millis>> {
    let awaited = is_asking(tx)?;
    if awaited && requested_at(tx, id)?.is_some_and(|at| at + WAITS_MS > tx.now()) {
        return Ok(Some(tx.now() + ANSWERS_MS / 6));
    }
    tx.run(
        sql!(
            "UPDATE deletion_requests SET asked_id = NULL, waits_until = NULL, \
             undetermined = CASE WHEN asked_at IS NULL OR $3 THEN TRUE ELSE undetermined END \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, awaited],
    )?;
    Ok(None)
}

fn is_asking(tx: &Tx<'_>) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM jobs WHERE workspace_id = $1 AND kind = 'ask_person' AND failure IS NULL LIMIT 1"),
        params![],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn requested_at(tx: &Tx<'_>, id: DeletionId) -> Result<Option<Millis>> {
    tx.maybe(
        sql!("SELECT requested_at FROM deletion_requests WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get(0),
    )
}

/// By which ids people are known on a channel can be asked from now on: it is looked again for whom wishes were that wait.
pub fn look_again(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    let waiting: Vec<DeletionId> = tx.all(
        sql!(
            "SELECT id FROM deletion_requests WHERE workspace_id = $1 AND channel_id = $2 AND waits_until IS NOT NULL \
             AND asked_id IS NULL ORDER BY id LIMIT 200"
        ),
        params![channel],
        |row| row.get(0),
    )?;
    for id in waiting {
        tx.run(
            sql!(
                "UPDATE deletion_requests SET asked_id = '', asked_at = NULL, undetermined = FALSE WHERE workspace_id = $1 \
                 AND id = $2"
            ),
            params![id],
        )?;
        jobs::enqueue(tx, JobKind::MeetDeletion, &id.to_string(), tx.now())?;
    }
    Ok(())
}

fn status(tx: &Tx<'_>, channel: ChannelId, code: &str) -> Result<Option<Status>> {
    let found = tx.maybe(
        sql!(
            "SELECT id, waits_until IS NOT NULL, undetermined FROM deletion_requests WHERE workspace_id = $1 \
             AND channel_id = $2 AND code_hash = $3"
        ),
        params![channel, hash(tx, code)?],
        |row| Ok((row.get::<DeletionId>(0)?, row.get::<bool>(1)?, row.get::<bool>(2)?)),
    )?;
    let Some((wish, waits, undetermined)) = found else { return Ok(None) };
    let rows = tx.all(
        sql!(
            "SELECT contact_id IS NOT NULL, erasure_id FROM deletion_requests WHERE workspace_id = $1 \
             AND (id = $2 OR of_id = $2) ORDER BY id LIMIT $3"
        ),
        params![wish, CONTACTS],
        |row| Ok((row.get::<bool>(0)?, optional::<ErasureId>(row, 1)?)),
    )?;
    let mut all = if waits { vec![Status::Received] } else { Vec::new() };
    if undetermined {
        all.push(Status::Undetermined { erased: false });
    }
    for row in rows {
        all.push(of_row(tx, row)?);
    }
    Ok(Some(together(all)))
}

fn of_row(tx: &Tx<'_>, row: (bool, Option<ErasureId>)) -> Result<Status> {
    Ok(match row {
        (false, _) => Status::NothingHeld,
        (true, None) => Status::Received,
        (true, Some(erasure)) => {
            let erasure = erase::view(tx, erasure)?;
            let kept = erasure.kept.iter().map(|kept| (kept.what, kept.ground)).collect();
            match erasure.state {
                State::Held => Status::Held,
                State::Unreadable | State::Removing => Status::Erasing,
                State::Remote | State::Done => Status::Erased { kept },
            }
        }
    })
}

/// What is to be said of several: it is met once all of it is.
fn together(all: Vec<Status>) -> Status {
    let any = |status: &Status| all.contains(status);
    if any(&Status::Received) {
        return Status::Received;
    }
    if any(&Status::Held) {
        return Status::Held;
    }
    if any(&Status::Erasing) {
        return Status::Erasing;
    }
    let some_erased = any(&Status::Undetermined { erased: true });
    let is_undetermined = some_erased || any(&Status::Undetermined { erased: false });
    let mut erased = None;
    for status in all {
        if let Status::Erased { kept } = status {
            let said: &mut Vec<_> = erased.get_or_insert_default();
            said.extend(kept.into_iter().filter(|one| !said.contains(one)).collect::<Vec<_>>());
        }
    }
    match erased {
        erased if is_undetermined => Status::Undetermined { erased: some_erased || erased.is_some() },
        Some(kept) => Status::Erased { kept },
        None => Status::NothingHeld,
    }
}

impl Vault {
    /// What became of a wish that was told through a channel, be it still connected or not, for all channels of the same app;
    /// `None` if nobody knows the code.
    pub async fn deletion_status(&self, channel: ChannelId, code: String) -> Result<Option<Status>> {
        let channels = self.read_installation(move |tx| of_app(tx, channel)).await?;
        let (mut all, mut is_known) = (Vec::new(), false);
        for (id, workspace) in channels {
            let scope = Scope::new(workspace, Actor::Channel(id), Purpose::Receiving);
            let code = code.clone();
            let found = self.read(&scope, move |tx| status(tx, id, &code)).await?;
            is_known |= id == channel && found.is_some();
            all.extend(found);
        }
        Ok(is_known.then(|| together(all)))
    }
}

/// A channel, and those that have an app at the provider in common with it.
fn of_app(tx: &Tx<'_>, channel: ChannelId) -> Result<Vec<(ChannelId, WorkspaceId)>> {
    tx.all(
        installation_sql!(
            "SELECT d.id, d.workspace_id FROM channel_directory d WHERE d.id = $1 UNION SELECT o.id, o.workspace_id \
             FROM channel_directory d JOIN channel_directory o ON o.app_hash = d.app_hash WHERE d.id = $1"
        ),
        params![channel],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
