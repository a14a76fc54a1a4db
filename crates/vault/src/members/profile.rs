//! What a member sets for themselves: the language of the app, and what the app keeps for them.

use super::place;
use crate::facts::{self, Workplace};
use crate::sealing::Under;
use crate::statement::sql;
use crate::value::params;
use crate::{Error, MemberId, Personal, Result, Tx, audit};

/// What the app keeps for a member, by names that only the app knows.
pub type Preferences = serde_json::Map<String, serde_json::Value>;

/// The languages of the app.
pub const LOCALES: [&str; 4] = ["en", "it", "es", "de"];
/// How large preferences may be, as JSON, in bytes.
const LARGEST: usize = 8 * 1_024;

/// A member's own settings.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// One of [`LOCALES`]; the browser's if none.
    pub locale: Option<String>,
    /// What the app keeps.
    pub preferences: Personal<Preferences>,
}

/// What changes about them: `None` leaves as it is, `Some(None)` takes away.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// What others see.
    pub name: Option<Personal<String>>,
    /// One of [`LOCALES`].
    pub locale: Option<Option<String>>,
    /// Members of the object that are named here are replaced; null takes one away.
    pub preferences: Option<Personal<Preferences>>,
}

/// The acting member's own settings.
pub fn profile(tx: &Tx<'_>) -> Result<Profile> {
    let id = actor(tx)?;
    let (locale, sealed) = tx
        .maybe(
            sql!("SELECT locale, preferences_sealed FROM members WHERE workspace_id = $1 AND id = $2"),
            params![id],
            |row| Ok((row.get::<Option<String>>(0)?, row.get::<Option<Vec<u8>>>(1)?)),
        )?
        .ok_or(Error::NotFound("member"))?;
    let Some(sealed) = sealed else { return Ok(Profile { locale, ..Profile::default() }) };
    let json = tx.open(place("preferences_sealed", &id.to_string()), &sealed)?.ok_or(Error::Erased)?;
    let preferences = serde_json::from_slice(&json).map_err(|_| Error::Seal("preferences are malformed"))?;
    Ok(Profile { locale, preferences: Personal::new(preferences) })
}

/// Changes them.
pub fn set_profile(tx: &Tx<'_>, change: &ProfileChange) -> Result<()> {
    let id = actor(tx)?;
    if let Some(name) = &change.name {
        super::write_name(tx, id, name)?;
        facts::workplace(tx, Workplace::Members)?;
    }
    if let Some(locale) = &change.locale {
        if locale.as_deref().is_some_and(|locale| !LOCALES.contains(&locale)) {
            return Err(Error::Invalid(format!("locale is one of {}", LOCALES.join(", "))));
        }
        tx.run(
            sql!("UPDATE members SET locale = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, locale.as_deref()],
        )?;
    }
    if let Some(changed) = &change.preferences {
        write_preferences(tx, id, changed.reveal())?;
    }
    audit::record(tx, "member.updated", &id.to_string())?;
    Ok(())
}

fn write_preferences(tx: &Tx<'_>, id: MemberId, changed: &Preferences) -> Result<()> {
    let mut all = profile(tx)?.preferences.into_revealed();
    for (name, value) in changed {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    let json = serde_json::to_vec(&all).map_err(|_| Error::Invalid("preferences cannot be kept".into()))?;
    if json.len() > LARGEST {
        return Err(Error::Invalid("preferences: at most 8 KiB of JSON".into()));
    }
    let sealed = tx.seal(Under::Workspace, place("preferences_sealed", &id.to_string()), &json)?;
    tx.run(
        sql!("UPDATE members SET preferences_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, sealed],
    )?;
    Ok(())
}

fn actor(tx: &Tx<'_>) -> Result<MemberId> {
    tx.scope()?.member().map(|(member, _)| member).ok_or(Error::Forbidden("having preferences"))
}
