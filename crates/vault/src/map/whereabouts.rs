//! Where a contact's data is and until when, counted table by table along the data map: what the contact is told, and what a
//! member sees beside a conversation.

use std::sync::LazyLock;

use super::{Basis, Category, Copied, Fate, MAP, Path, Table};
use crate::statement::{Reach, Statement, sql};
use crate::value::params;
use crate::{ContactId, Error, Millis, Result, Tx, merges, retention};

const DAY_MS: Millis = 24 * 3_600_000;

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Kept {
    Database,
    Files,
    SearchIndex,
    Provider,
}

impl Kept {
    /// The shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Files => "files",
            Self::SearchIndex => "search_index",
            Self::Provider => "provider",
        }
    }
}

/// Some of a contact's data.
#[derive(Debug, Clone)]
pub struct Part {
    /// The table it is in: `messages`, `attachments`, `identities`, …
    pub what: &'static str,
    /// How many rows.
    pub count: i64,
    /// Where.
    pub kept: Kept,
    /// At a provider: of which kind of channel.
    pub channel_kind: Option<String>,
    /// When the last of it goes, if nothing new comes; `None`: with the contact, or when the provider lets go of it.
    pub until: Option<Millis>,
    /// On what ground.
    pub why: &'static str,
}

/// Where all of a contact's data is.
#[derive(Debug, Clone)]
pub struct Whereabouts {
    /// The region of the workspace's cell.
    pub region: String,
    /// Part by part, in the order of the map.
    pub parts: Vec<Part>,
}

/// A table whose rows name a contact, with the statement that counts them: `$2` is the contact.
struct Counted {
    table: &'static Table,
    count: Statement,
}

static COUNTED: LazyLock<Vec<Counted>> = LazyLock::new(|| MAP.iter().filter_map(Counted::of).collect());

impl Counted {
    fn of(table: &'static Table) -> Option<Self> {
        if table.category == Category::Passing {
            return None;
        }
        let whose = match table.contact {
            Path::Own => "id = $2".to_owned(),
            Path::Column(column) => format!("{column} = $2"),
            Path::Through(column, other) => {
                format!("{column} IN (SELECT id FROM {other} WHERE workspace_id = $1 AND contact_id = $2)")
            }
            Path::None | Path::Hash(_) | Path::Subject(_) => return None,
        };
        let newest = table.anchor.map_or_else(|| "CAST(NULL AS BIGINT)".to_owned(), |anchor| format!("MAX({anchor})"));
        let open = table.anchor.map_or("0".to_owned(), |anchor| format!("COUNT(*) - COUNT({anchor})"));
        let text = format!("SELECT COUNT(*), {newest}, {open} FROM {} WHERE workspace_id = $1 AND {whose}", table.name);
        let count = Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!());
        Some(Self { table, count })
    }

    /// How many rows of a contact there are, and when the last of them goes.
    fn ask(&'static self, tx: &Tx<'_>, contact: ContactId) -> Result<(i64, Option<Millis>)> {
        let found = tx.maybe(&self.count, params![contact], |row| {
            Ok((row.get::<i64>(0)?, row.get::<Option<Millis>>(1)?, row.get::<i64>(2)?))
        })?;
        let (count, newest, unended) = found.unwrap_or_default();
        let days = retention::days_of(tx, self.table)?.filter(|_| unended == 0).map(Millis::from);
        Ok((count, newest.zip(days).map(|(newest, days)| newest + days * DAY_MS)))
    }

    fn why(&self) -> &'static str {
        match (&self.table.fate, self.table.basis) {
            (Fate::Keep(kept), _) => kept.ground,
            (_, Basis::Contract) => "needed to serve the contact (GDPR Art. 6(1)(b))",
            (_, Basis::LegalObligation) => "legal obligation (GDPR Art. 6(1)(c))",
            (_, Basis::LegitimateInterest) => "legitimate interest (GDPR Art. 6(1)(f))",
            (_, Basis::Consent) => "consent (GDPR Art. 6(1)(a))",
        }
    }
}

/// All statements that count, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    COUNTED.iter().map(|counted| &counted.count)
}

/// Where the data of a contact and of all who are one with it is.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact, or it was erased.
pub fn whereabouts(tx: &Tx<'_>, contact: ContactId) -> Result<Whereabouts> {
    crate::contacts::require(tx, contact)?;
    let family = merges::family(tx, contact)?;
    let mut parts = Vec::new();
    for counted in COUNTED.iter() {
        let (mut count, mut until) = (0, None);
        for member in &family {
            let (more, ends) = counted.ask(tx, *member)?;
            until = if count == 0 || more == 0 {
                until.or(ends)
            } else {
                until.zip(ends).map(|(a, b): (i64, i64)| a.max(b))
            };
            count += more;
        }
        if count == 0 {
            continue;
        }
        let part = |kept| Part { what: counted.table.name, count, kept, channel_kind: None, until, why: counted.why() };
        parts.push(part(Kept::Database));
        parts.extend(counted.table.copies.contains(&Copied::Blob).then(|| part(Kept::Files)));
        parts.extend(counted.table.copies.contains(&Copied::Index).then(|| part(Kept::SearchIndex)));
    }
    for member in &family {
        at_providers(tx, *member, &mut parts)?;
    }
    Ok(Whereabouts { region: region(tx)?, parts })
}

fn at_providers(tx: &Tx<'_>, contact: ContactId, parts: &mut Vec<Part>) -> Result<()> {
    let found = tx.all(
        sql!(
            "SELECT h.kind, COUNT(*) FROM messages m JOIN channels h ON h.workspace_id = m.workspace_id \
             AND h.id = m.channel_id WHERE m.workspace_id = $1 AND m.contact_id = $2 AND m.direction <> 'note' \
             GROUP BY h.kind ORDER BY h.kind"
        ),
        params![contact],
        |row| Ok((row.text(0)?, row.get::<i64>(1)?)),
    )?;
    for (kind, count) in found {
        let known = parts.iter_mut().find(|part| part.channel_kind.as_deref() == Some(&kind));
        match known {
            Some(part) => part.count += count,
            None => parts.push(Part {
                what: "messages",
                count,
                kept: Kept::Provider,
                channel_kind: Some(kind),
                until: None,
                why: "the channel's provider keeps it by its own terms",
            }),
        }
    }
    Ok(())
}

fn region(tx: &Tx<'_>) -> Result<String> {
    let region = tx.maybe(sql!("SELECT region FROM workspaces WHERE id = $1"), params![], |row| row.text(0))?;
    region.ok_or(Error::NotFound("workspace"))
}
