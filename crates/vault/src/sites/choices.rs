//! A record of each choice: when, on which text, how, and for what. Of whom it knows a keyed hash of what that browser alone
//! knows, and no more.

use super::Category;
use crate::statement::sql;
use crate::value::params;
use crate::{ChoiceId, Error, Millis, Result, SiteId, Tx};

/// For how long a choice counts, in milliseconds: half a year, after which it is asked anew.
const COUNTS_MS: Millis = 184 * 86_400_000;
/// Longest name that a browser has given itself, in bytes.
const LONGEST: usize = 64;

/// How a choice came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum Way {
    Accept,
    Reject,
    /// One by one.
    Choose,
    /// The banner was closed, which is a no.
    Close,
    /// Something consented to before was taken back.
    Withdraw,
}

impl Way {
    const ALL: [Self; 5] = [Self::Accept, Self::Reject, Self::Choose, Self::Close, Self::Withdraw];

    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Choose => "choose",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
        }
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

/// A choice to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewChoice {
    pub site: SiteId,
    /// On which text.
    pub version: String,
    pub way: Way,
    /// What is consented to.
    pub categories: Vec<Category>,
    /// Whether the browser refused for its user (Global Privacy Control).
    pub signal: bool,
    /// What the browser calls itself, drawn by lot.
    pub visitor: String,
}

/// How many chose alike.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct ChoiceCount {
    pub way: Way,
    /// What was consented to.
    pub categories: Vec<Category>,
    pub count: i64,
}

/// Records a choice.
///
/// # Errors
/// [`Error::Invalid`] if that text was never shown there, or if a refusal consents to something.
pub fn choose(tx: &Tx<'_>, new: &NewChoice) -> Result<ChoiceId> {
    super::banner(tx, new.site, &new.version).map_err(|error| match error {
        Error::NotFound(_) => Error::Invalid("version: that text was never shown at this site".into()),
        other => other,
    })?;
    if new.visitor.is_empty() || new.visitor.len() > LONGEST {
        return Err(Error::Invalid("visitor: 1 to 64 characters".into()));
    }
    if matches!(new.way, Way::Reject | Way::Close) && !new.categories.is_empty() {
        return Err(Error::Invalid("categories: whoever refuses consents to none".into()));
    }
    let id: ChoiceId = tx.id();
    tx.run(
        sql!(
            "INSERT INTO consent_choices (workspace_id, id, site_id, version, way, categories, signal, made_at, ends_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        params![
            id,
            new.site,
            &new.version,
            new.way.as_str(),
            words(&new.categories),
            new.signal,
            tx.now(),
            tx.now() + COUNTS_MS,
        ],
    )?;
    tx.run(
        sql!("INSERT INTO consent_visitors (workspace_id, choice_id, visitor_hash, made_at) VALUES ($1, $2, $3, $4)"),
        params![id, tx.blind("consent visitor", &new.visitor)?, tx.now()],
    )?;
    Ok(id)
}

/// How often what was chosen at a site since a moment.
pub fn chosen(tx: &Tx<'_>, site: SiteId, since: Millis) -> Result<Vec<ChoiceCount>> {
    tx.all(
        sql!(
            "SELECT way, categories, COUNT(*) FROM consent_choices WHERE workspace_id = $1 AND site_id = $2 \
             AND made_at >= $3 GROUP BY way, categories ORDER BY way, categories"
        ),
        params![site, since],
        |row| {
            let way = Way::parse(&row.text(0)?).ok_or_else(|| Error::Engine("a stored choice is malformed".into()))?;
            let categories = row.text(1)?.split(' ').filter_map(Category::parse).collect();
            Ok(ChoiceCount { way, categories, count: row.get(2)? })
        },
    )
}

/// Each once, in their order.
fn words(categories: &[Category]) -> String {
    let named = Category::ALL.into_iter().filter(|category| categories.contains(category));
    named.map(Category::as_str).collect::<Vec<_>>().join(" ")
}
