//! A contact as it may be shown outside the workspace: without what is known from channels whose content stays within it.

use super::{Contact, legible, one};
use crate::identities::Identity;
use crate::statement::sql;
use crate::value::params;
use crate::{Actor, ChannelId, ContactId, Error, IdentityId, Personal, Result, Tx, merges};

/// What of a contact was learned on channels whose content stays within the workspace.
struct Learned {
    name: bool,
    language: bool,
}

/// From where what is written of a contact now is known: the channel that says it, or empty, as a member or another program does.
pub(super) fn source(tx: &Tx<'_>) -> Result<String> {
    Ok(match tx.scope()?.actor() {
        Actor::Channel(id) => id.to_string(),
        Actor::Member(..) | Actor::Platform | Actor::Operator | Actor::Visitor(..) => String::new(),
    })
}

/// The person that a contact is, as [`super::view`] shows it, without what is known from the channels in `kept` alone.
///
/// # Errors
/// [`Error::NotFound`] also where they are known from nowhere else.
pub fn view_outside(tx: &Tx<'_>, id: ContactId, kept: &[ChannelId]) -> Result<Contact> {
    if kept.is_empty() {
        return super::view(tx, id);
    }
    let family = merges::family(tx, id)?;
    if known_within_alone(tx, &family, kept)? {
        return Err(Error::NotFound("contact"));
    }
    super::person(tx, id, family, |tx, member| cut(tx, one(tx, member)?, kept))
}

/// Who is shown for a contact and what they are called, as [`super::shown`] says it, unless the name is known from the channels in
/// `kept` alone.
pub fn shown_outside(tx: &Tx<'_>, id: ContactId, kept: &[ChannelId]) -> Result<(ContactId, Option<Personal<String>>)> {
    let family = merges::family(tx, id)?;
    let standing = family.first().copied().unwrap_or(id);
    for member in family {
        if !learned(tx, member, kept)?.name
            && let Some(name) = legible(super::name(tx, member))?
        {
            return Ok((standing, Some(name)));
        }
    }
    Ok((standing, None))
}

fn cut(tx: &Tx<'_>, mut contact: Contact, kept: &[ChannelId]) -> Result<Contact> {
    let learned = learned(tx, contact.id, kept)?;
    contact.name = contact.name.filter(|_| !learned.name);
    contact.language = contact.language.filter(|_| !learned.language);
    let elsewhere = written_by_elsewhere(tx, contact.id, kept)?;
    let may_go = |it: &Identity| !kept.contains(&it.channel) || elsewhere.contains(&it.id);
    contact.identities.retain(may_go);
    Ok(contact)
}

/// Where nobody noted from where it is known, it counts as known from wherever the contact was met.
fn learned(tx: &Tx<'_>, id: ContactId, kept: &[ChannelId]) -> Result<Learned> {
    let from = tx.maybe(
        sql!("SELECT name_from, language_from FROM contacts WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| Ok((row.get::<Option<String>>(0)?, row.get::<Option<String>>(1)?)),
    )?;
    let Some((name, language)) = from else { return Ok(Learned { name: true, language: true }) };
    let met = name.is_none() || language.is_none();
    let met = met && channels_of(tx, id)?.iter().any(|channel| kept.contains(channel));
    let within = |from: Option<String>| from.map_or(met, |from| kept.iter().any(|id| id.to_string() == from));
    Ok(Learned { name: within(name), language: within(language) })
}

/// By which of their identities a contact wrote on channels that are not in `kept`: those are known from there, too.
fn written_by_elsewhere(tx: &Tx<'_>, id: ContactId, kept: &[ChannelId]) -> Result<Vec<IdentityId>> {
    let written = tx.all(
        sql!(
            "SELECT channel_id, answer_to_id FROM conversations WHERE workspace_id = $1 AND contact_id = $2 \
             AND answer_to_id IS NOT NULL"
        ),
        params![id],
        |row| Ok((row.get::<ChannelId>(0)?, row.get::<IdentityId>(1)?)),
    )?;
    Ok(written.into_iter().filter(|(channel, _)| !kept.contains(channel)).map(|(_, identity)| identity).collect())
}

fn known_within_alone(tx: &Tx<'_>, family: &[ContactId], kept: &[ChannelId]) -> Result<bool> {
    let mut known = Vec::new();
    for member in family {
        known.extend(channels_of(tx, *member)?);
    }
    Ok(!known.is_empty() && known.iter().all(|channel| kept.contains(channel)))
}

/// The channels on which this very contact is known, or talked.
fn channels_of(tx: &Tx<'_>, id: ContactId) -> Result<Vec<ChannelId>> {
    tx.all(
        sql!(
            "SELECT channel_id FROM conversations WHERE workspace_id = $1 AND contact_id = $2 \
             UNION SELECT channel_id FROM identities WHERE workspace_id = $1 AND contact_id = $2"
        ),
        params![id],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contacts::{self, Profile};
    use crate::identities::{self, NewIdentity};
    use crate::scope::Purpose;
    use crate::testing::house::{House, code, on_both};
    use crate::{Scope, conversations};

    fn address(value: &str) -> NewIdentity {
        NewIdentity { kind: "email".into(), scope: String::new(), value: Personal::new(value.to_owned()) }
    }

    fn named(name: &str) -> Profile {
        Profile {
            name: Some(Personal::new(name.to_owned())),
            language: Some(Personal::new("it".to_owned())),
            ..Profile::default()
        }
    }

    /// What a channel's provider says of somebody who writes there.
    async fn met(house: &House, operator: &Scope, channel: ChannelId, name: &'static str) -> ContactId {
        let scope = Scope::new(operator.workspace(), Actor::Channel(channel), Purpose::Receiving);
        house
            .does(&scope, move |tx| {
                let contact = contacts::create(tx, &named(name))?;
                identities::add(tx, contact, channel, &address(name))?;
                Ok(contact)
            })
            .await
    }

    type Shown = (Option<String>, Option<String>, Vec<String>);

    async fn shown(house: &House, scope: &Scope, id: ContactId, kept: ChannelId) -> Option<Shown> {
        let look = move |tx: &Tx<'_>| match view_outside(tx, id, &[kept]) {
            Err(Error::NotFound(_)) => Ok(None),
            found => found.map(Some),
        };
        let found = house.sees(scope, look).await?;
        let (_, name) = house.sees(scope, move |tx| shown_outside(tx, id, &[kept])).await;
        assert_eq!(found.name, name);
        let values = found.identities.into_iter().map(|it| it.value.into_revealed()).collect();
        Some((name.map(Personal::into_revealed), found.language.map(Personal::into_revealed), values))
    }

    fn whole(name: &str, address: &str) -> Shown {
        (Some(name.to_owned()), Some("it".to_owned()), vec![address.to_owned()])
    }

    #[tokio::test]
    async fn what_a_mailbox_alone_says_of_somebody_stays() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let (mailbox, other) = (house.channel(&scope, "raven").await, house.channel(&scope, "pigeon").await);
            let (here, there) = (met(house, &scope, mailbox, "anna").await, met(house, &scope, other, "bruno").await);
            assert_eq!(shown(house, &scope, here, mailbox).await, None, "though there is no conversation");
            let bruno = Some(whole("bruno", "bruno"));
            assert_eq!(shown(house, &scope, there, mailbox).await, bruno);
            assert_eq!(code(house.vault.read(&scope, move |tx| view_outside(tx, here, &[])).await), "no error");

            // Met elsewhere, too: what the mailbox said stays, until it is said elsewhere.
            house.does(&scope, move |tx| conversations::of_thread(tx, other, here, "t").map(|_| ())).await;
            assert_eq!(shown(house, &scope, here, mailbox).await, Some((None, None, vec![])));
            house
                .does(&scope, move |tx| {
                    let (head, _) = conversations::of_thread(tx, other, here, "t")?;
                    let known = identities::id_of(tx, &address("anna"))?.expect("it is there");
                    conversations::answer_to(tx, head.id, known)
                })
                .await;
            assert_eq!(shown(house, &scope, here, mailbox).await, Some((None, None, vec!["anna".to_owned()])));
            house.does(&scope, move |tx| contacts::update(tx, here, &named("Anna"))).await;
            let anna = Some(whole("Anna", "anna"));
            assert_eq!(shown(house, &scope, here, mailbox).await, anna);
        })
        .await;
    }

    #[tokio::test]
    async fn of_a_family_what_the_others_say_is_shown() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let (mailbox, other) = (house.channel(&scope, "raven").await, house.channel(&scope, "pigeon").await);
            let (here, there) = (met(house, &scope, mailbox, "anna").await, met(house, &scope, other, "bruno").await);
            house.does(&scope, move |tx| merges::merge(tx, here, there).map(|_| ())).await;
            let bruno = Some(whole("bruno", "bruno"));
            assert_eq!(shown(house, &scope, here, mailbox).await, bruno);
            assert_eq!(shown(house, &scope, there, mailbox).await, bruno);
            // What was kept before anybody noted from where counts as the mailbox's.
            house
                .does(&scope, move |tx| {
                    let forget =
                        sql!("UPDATE contacts SET name_from = NULL, language_from = NULL WHERE workspace_id = $1");
                    tx.run(forget, params![]).map(|_| ())
                })
                .await;
            assert_eq!(shown(house, &scope, here, mailbox).await, bruno);
            assert_eq!(shown(house, &scope, here, other).await, Some(whole("anna", "anna")));
        })
        .await;
    }
}
