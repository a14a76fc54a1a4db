//! Whether what is read in an account whose provider keeps it within the workspace may leave it all the same: that is for whoever signed
//! in to the account to say, and for nobody else. Who said so, when, and by which words they were asked is kept.

use super::{changed, require_on};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{ChannelId, Error, MemberId, Millis, Result, Right, Tx};

/// Who signed in to a channel's account, and whether they allowed that what is read there leaves the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Who signed in last, and when; `None` if nobody did, or nobody noted it.
    pub signed_in: Option<(MemberId, Millis)>,
    /// Who allowed it, when, and by which version of the words they were shown.
    pub allowed: Option<(MemberId, Millis, String)>,
}

impl Sharing {
    /// Reads five columns from one on.
    pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        let pair = |at| Ok::<_, Error>(optional(row, at)?.zip(row.get::<Option<Millis>>(at + 1)?));
        let allowed = pair(first + 2)?.zip(row.get::<Option<String>>(first + 4)?);
        Ok(Self { signed_in: pair(first)?, allowed: allowed.map(|((by, at), words)| (by, at, words)) })
    }
}

fn of(tx: &Tx<'_>, id: ChannelId) -> Result<Sharing> {
    tx.maybe(
        sql!(
            "SELECT signed_in_by, signed_in_at, shared_by, shared_at, shared_words FROM channels \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        |row| Sharing::read(row, 0),
    )?
    .ok_or(Error::NotFound("channel"))
}

/// The scope's member signed in to a channel's account. What another one allowed before ends with that.
pub fn note_signed_in(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    let scope = tx.scope()?;
    scope.require(Right::ManageChannels)?;
    let (member, _) = scope.member().ok_or(Error::Forbidden("signing in to an account"))?;
    if of(tx, id)?.allowed.is_some_and(|(by, ..)| by != member) {
        close(tx, id)?;
    }
    tx.run(
        sql!("UPDATE channels SET signed_in_by = $3, signed_in_at = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, member, tx.now()],
    )?;
    Ok(())
}

/// Allows that what is read in a channel's account leaves the workspace. `words` is the version of what the member was shown.
///
/// # Errors
/// `not_mailbox_owner` for everybody but the member who signed in to the account; `channel_off` if the channel was disconnected.
pub fn allow_sharing(tx: &Tx<'_>, id: ChannelId, words: &str) -> Result<()> {
    require_on(tx, id)?;
    let (member, _) = tx.scope()?.member().ok_or(Error::Forbidden("allowing what an account's owner allows"))?;
    if of(tx, id)?.signed_in.is_none_or(|(by, _)| by != member) {
        return Err(Error::conflict(
            "not_mailbox_owner",
            "only the member who signed in to the account may allow this; whoever owns it signs in anew first",
        ));
    }
    tx.run(
        sql!(
            "UPDATE channels SET shared_by = $3, shared_at = $4, shared_words = $5 WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, member, tx.now(), words],
    )?;
    changed(tx, id, "channel.sharing_allowed")
}

/// Ends it: whoever signed in may, and whoever manages channels. Nothing where nothing was allowed.
///
/// # Errors
/// [`Error::Forbidden`] for others.
pub fn end_sharing(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    let (scope, sharing) = (tx.scope()?, of(tx, id)?);
    let own = scope.member().is_some_and(|(member, _)| sharing.signed_in.is_some_and(|(by, _)| by == member));
    if !own {
        scope.require(Right::ManageChannels)?;
    }
    if sharing.allowed.is_some() { close(tx, id) } else { Ok(()) }
}

fn close(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE channels SET shared_by = NULL, shared_at = NULL, shared_words = NULL \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
    )?;
    changed(tx, id, "channel.sharing_ended")
}

/// The channels of some kinds whose content nobody allowed to leave the workspace; those that were disconnected, too.
pub fn kept_within(tx: &Tx<'_>, kinds: &[&str]) -> Result<Vec<ChannelId>> {
    let mut kept = Vec::new();
    for kind in kinds {
        kept.extend(tx.all(
            sql!("SELECT id FROM channels WHERE workspace_id = $1 AND kind = $2 AND shared_at IS NULL"),
            params![*kind],
            |row| row.get::<ChannelId>(0),
        )?);
    }
    Ok(kept)
}

/// The connected channels of a kind to whose accounts somebody signed in.
pub fn signed_in(tx: &Tx<'_>, kind: &str) -> Result<Vec<ChannelId>> {
    tx.all(
        sql!(
            "SELECT id FROM channels WHERE workspace_id = $1 AND kind = $2 AND state <> 'off' \
             AND signed_in_at IS NOT NULL ORDER BY id"
        ),
        params![kind],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{disconnect, view};
    use super::*;
    use crate::testing::house::{House, code, on_both};
    use crate::{Role, Scope};

    async fn allows(house: &House, scope: &Scope, id: ChannelId) -> &'static str {
        code(house.vault.write(scope, move |tx| allow_sharing(tx, id, "v1")).await)
    }

    async fn ends(house: &House, scope: &Scope, id: ChannelId) -> &'static str {
        code(house.vault.write(scope, move |tx| end_sharing(tx, id)).await)
    }

    async fn kept(house: &House, scope: &Scope) -> Vec<ChannelId> {
        house.sees(scope, |tx| kept_within(tx, &["pigeon", "raven"])).await
    }

    #[tokio::test]
    async fn only_who_signed_in_allows_and_whoever_manages_channels_ends_it() {
        on_both(async |house| {
            let operator = house.workspace().await;
            let (owner, owners) = house.member(&operator, "owner@example.org", Role::Owner).await;
            let (admin, admins) = house.member(&operator, "admin@example.org", Role::Admin).await;
            let (_, agents) = house.member(&operator, "agent@example.org", Role::Agent).await;
            let id = house.channel(&operator, "raven").await;
            house.channel(&operator, "telegram").await;
            let signs_in = |scope| house.does(scope, move |tx| note_signed_in(tx, id));
            for scope in [&owners, &admins, &agents] {
                assert_eq!(allows(house, scope, id).await, "not_mailbox_owner", "nobody signed in yet");
            }
            signs_in(&admins).await;
            assert_eq!(allows(house, &owners, id).await, "not_mailbox_owner", "whatever their role");
            assert_eq!(allows(house, &operator, id).await, "forbidden");
            assert_eq!(kept(house, &operator).await, [id]);

            assert_eq!(allows(house, &admins, id).await, "no error");
            let seen = house.sees(&operator, move |tx| view(tx, id)).await.sharing;
            let now = house.clock_now();
            let expected = Sharing { signed_in: Some((admin, now)), allowed: Some((admin, now, "v1".into())) };
            assert_eq!((seen, kept(house, &operator).await), (expected, vec![]));
            assert_eq!(ends(house, &agents, id).await, "forbidden");
            assert_eq!((ends(house, &owners, id).await, ends(house, &owners, id).await), ("no error", "no error"));
            assert_eq!(kept(house, &operator).await, [id]);

            assert_eq!(allows(house, &admins, id).await, "no error");
            signs_in(&admins).await;
            assert_eq!(kept(house, &operator).await, [], "it is the same member's still");
            signs_in(&owners).await;
            assert_eq!(kept(house, &operator).await, [id], "whose mailbox it is now has not allowed it");
            assert_eq!(house.sees(&operator, move |tx| of(tx, id)).await.signed_in, Some((owner, now)));

            assert_eq!(allows(house, &owners, id).await, "no error");
            house.does(&owners, move |tx| disconnect(tx, id).map(|_| ())).await;
            assert_eq!(kept(house, &operator).await, [id]);
            assert_eq!(allows(house, &owners, id).await, "channel_off");
        })
        .await;
    }
}
