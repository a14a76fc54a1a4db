//! Visits, counted by day after consent (WB-2). A visitor is a hash under a key that is destroyed when the day is over: whoever
//! comes back tomorrow is somebody else. No address, no cookie and nothing of the browser but its coarse kind is asked for.

use super::Site;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Millis, Result, Right, SiteId, ThingId, Tx};

const DAY_MS: Millis = 86_400_000;
/// Longest path that is kept, in characters.
const LONGEST: usize = 200;
/// How many pages and hosts a site has at most: beyond, only the day is counted.
const MANY: i64 = 10_000;
/// How many of each are reported.
const TOP: i64 = 20;

/// The coarse kind of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum Device {
    Desktop,
    Phone,
    Tablet,
}

impl Device {
    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
            Self::Tablet => "tablet",
        }
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Desktop, Self::Phone, Self::Tablet].into_iter().find(|device| device.as_str() == word)
    }
}

/// A page that was visited.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Visit {
    pub site: SiteId,
    /// What follows its query is cut off, and parts that look like an address of a person are left out.
    pub path: String,
    /// The host that led there.
    pub referrer: Option<String>,
    pub device: Device,
    /// What the browser calls itself today.
    pub visitor: String,
}

/// A day of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct SiteDay {
    /// When it began (UTC), in Unix milliseconds.
    pub at: Millis,
    pub views: i64,
    pub visitors: i64,
}

/// Something and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Counted {
    pub thing: String,
    pub views: i64,
}

/// What is known of a site's visits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Report {
    pub days: Vec<SiteDay>,
    pub pages: Vec<Counted>,
    pub referrers: Vec<Counted>,
    pub devices: Vec<Counted>,
}

/// Counts a visit.
///
/// # Errors
/// [`Error::Invalid`] if visits are not counted there, or for a path that is none.
pub fn visit(tx: &Tx<'_>, new: &Visit) -> Result<()> {
    let Site { settings, .. } = super::view(tx, new.site)?;
    if !settings.analytics {
        return Err(Error::Invalid("visits are not counted at this site".into()));
    }
    let path = plain_path(&new.path).ok_or_else(|| Error::Invalid("path: begins with /".into()))?;
    let day = tx.now() - tx.now().rem_euclid(DAY_MS);
    let is_new = i64::from(met(tx, new, day)?);
    tx.run(
        sql!(
            "INSERT INTO site_days (workspace_id, site_id, day_at, views, visitors) VALUES ($1, $2, $3, 1, $4) \
             ON CONFLICT (workspace_id, site_id, day_at) DO UPDATE SET views = site_days.views + 1, \
             visitors = site_days.visitors + $4"
        ),
        params![new.site, day, is_new],
    )?;
    let referrer = new.referrer.as_deref().filter(|host| is_host(host));
    let things = [("page", Some(path.as_str())), ("referrer", referrer), ("device", Some(new.device.as_str()))];
    things.into_iter().try_for_each(|(kind, thing)| thing.map_or(Ok(()), |thing| count(tx, new.site, day, kind, thing)))
}

/// Notes who visits; whether they are new today. Who visited on a day before goes.
fn met(tx: &Tx<'_>, new: &Visit, day: Millis) -> Result<bool> {
    let hash = tx.blind_of_day("visitor", &format!("{}\n{}", new.site, new.visitor))?;
    let added = tx.run(
        sql!(
            "INSERT INTO site_visitors (workspace_id, site_id, day_at, visitor_hash) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING"
        ),
        params![new.site, day, hash],
    )?;
    tx.run(
        sql!(
            "DELETE FROM site_visitors WHERE workspace_id = $1 AND (site_id, day_at, visitor_hash) IN \
             (SELECT site_id, day_at, visitor_hash FROM site_visitors WHERE workspace_id = $1 AND site_id = $2 \
             AND day_at < $3 LIMIT 200)"
        ),
        params![new.site, day],
    )?;
    Ok(added == 1)
}

fn count(tx: &Tx<'_>, site: SiteId, day: Millis, kind: &'static str, thing: &str) -> Result<()> {
    let Some(id) = thing_id(tx, site, day, kind, thing)? else { return Ok(()) };
    tx.run(
        sql!(
            "INSERT INTO site_counts (workspace_id, site_id, day_at, thing_id, views) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (workspace_id, site_id, day_at, thing_id) DO UPDATE SET views = site_counts.views + 1"
        ),
        params![site, day, id],
    )?;
    Ok(())
}

/// The row of a thing, made if there is none; `None` if there are too many.
fn thing_id(tx: &Tx<'_>, site: SiteId, day: Millis, kind: &'static str, thing: &str) -> Result<Option<ThingId>> {
    let hash = tx.blind("site thing", &format!("{kind}\n{thing}"))?;
    let known = tx.maybe(
        sql!("SELECT id FROM site_things WHERE workspace_id = $1 AND site_id = $2 AND kind = $3 AND thing_hash = $4"),
        params![site, kind, hash.clone()],
        |row| row.get::<ThingId>(0),
    )?;
    if let Some(id) = known {
        tx.run(
            sql!("UPDATE site_things SET seen_at = $3 WHERE workspace_id = $1 AND id = $2 AND seen_at < $3"),
            params![id, day],
        )?;
        return Ok(Some(id));
    }
    let held = tx.maybe(
        sql!("SELECT COUNT(*) FROM site_things WHERE workspace_id = $1 AND site_id = $2"),
        params![site],
        |row| row.get::<i64>(0),
    )?;
    if held.unwrap_or(0) >= MANY {
        return Ok(None);
    }
    let id: ThingId = tx.id();
    let sealed = tx.seal(Under::Workspace, place(&id.to_string()), thing.as_bytes())?;
    tx.run(
        sql!(
            "INSERT INTO site_things (workspace_id, id, site_id, kind, thing_hash, thing_sealed, seen_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![id, site, kind, hash, sealed, day],
    )?;
    Ok(Some(id))
}

/// What was counted at a site since a moment.
pub fn report(tx: &Tx<'_>, site: SiteId, since: Millis) -> Result<Report> {
    tx.scope()?.require(Right::ReadDirectory)?;
    super::view(tx, site)?;
    let days = tx.all(
        sql!(
            "SELECT day_at, views, visitors FROM site_days WHERE workspace_id = $1 AND site_id = $2 AND day_at >= $3 \
             ORDER BY day_at"
        ),
        params![site, since],
        |row| Ok(SiteDay { at: row.get(0)?, views: row.get(1)?, visitors: row.get(2)? }),
    )?;
    let top = |kind| top(tx, site, since, kind);
    Ok(Report { days, pages: top("page")?, referrers: top("referrer")?, devices: top("device")? })
}

fn top(tx: &Tx<'_>, site: SiteId, since: Millis, kind: &'static str) -> Result<Vec<Counted>> {
    let rows = tx.all(
        sql!(
            "SELECT t.id, t.thing_sealed, CAST(SUM(c.views) AS BIGINT) FROM site_counts c JOIN site_things t \
             ON t.workspace_id = c.workspace_id AND t.id = c.thing_id \
             WHERE c.workspace_id = $1 AND c.site_id = $2 AND c.day_at >= $3 AND t.kind = $4 \
             GROUP BY t.id, t.thing_sealed ORDER BY 3 DESC, t.id LIMIT $5"
        ),
        params![site, since, kind, TOP],
        |row| Ok((row.get::<ThingId>(0)?, row.get::<Vec<u8>>(1)?, row.get::<i64>(2)?)),
    )?;
    let opened = |(id, sealed, views): (ThingId, Vec<u8>, i64)| {
        let thing = tx.open(place(&id.to_string()), &sealed)?.ok_or(Error::Erased)?;
        let thing = String::from_utf8(thing).map_err(|_| Error::Seal("what was counted is malformed"))?;
        Ok(Counted { thing, views })
    };
    rows.into_iter().map(opened).collect()
}

fn place(row: &str) -> Place<'_> {
    Place { table: "site_things", column: "thing_sealed", row }
}

/// A path without what is asked of it. A part with an `@` in it names somebody, and is not kept.
fn plain_path(text: &str) -> Option<String> {
    let path = text.split(['?', '#']).next().filter(|path| path.starts_with('/'))?;
    let plain = |part: &str| {
        let names = part.contains('@') || part.to_ascii_lowercase().contains("%40");
        if names || part.chars().any(char::is_control) { "*".to_owned() } else { part.to_owned() }
    };
    let path: Vec<_> = path.split('/').map(plain).collect();
    Some(path.join("/").chars().take(LONGEST).collect())
}

fn is_host(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'[' | b']' | b':');
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::plain_path;

    #[test]
    fn of_a_path_nothing_is_kept_that_was_asked_or_names_somebody() {
        for (text, expected) in [
            ("/", Some("/")),
            ("/a/b?token=1#c", Some("/a/b")),
            ("/a#b?c", Some("/a")),
            ("/users/ada@example.org/orders", Some("/users/*/orders")),
            ("/users/ada%40example.org", Some("/users/*")),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(plain_path(text).as_deref(), expected, "{text}");
        }
        assert_eq!(plain_path(&format!("/{}", "ä".repeat(900))).map(|path| path.chars().count()), Some(200));
    }
}
