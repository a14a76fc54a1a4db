//! For how long what is kept: the default, what the operator's settings say, and what the workspace chose; and who may choose.

use std::collections::BTreeMap;

use super::law;
use crate::facts::{self, Workplace};
use crate::map::{Adjusting, Basis, Category, Table};
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{Actor, Error, MemberId, Millis, Result, Right, Tx, audit};

/// What the operator's settings say of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// In which country the operator keeps books: ISO 3166-1, two letters.
    pub country: [u8; 2],
    /// For how many days after its end a consent is kept as evidence.
    pub consent_days: u32,
    /// For how many days special-category content is kept at most.
    pub special_days: u32,
}

impl Default for Operator {
    /// Italy, and the promises' defaults.
    fn default() -> Self {
        let days = |category: Category| category.days().unwrap_or(0);
        Self { country: *b"IT", consent_days: days(Category::Consents), special_days: days(Category::Special) }
    }
}

impl Operator {
    /// A category's term where the workspace chose none: days after the anchor; `None`: as long as needed.
    fn days(&self, category: Category, now: Millis) -> Option<u32> {
        match category {
            Category::Billing => {
                let country = String::from_utf8_lossy(&self.country);
                Some(law::billing_days(&country, &day(now)))
            }
            Category::Consents => Some(self.consent_days),
            Category::Special => Some(self.special_days),
            _ => category.days(),
        }
    }
}

/// The day of a moment in UTC, `2026-11-22`.
fn day(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX);
    at.strftime("%Y-%m-%d").to_string()
}

/// One category's term.
#[derive(Debug, Clone)]
pub struct Term {
    /// Of what.
    pub category: Category,
    /// Days after the anchor; `None`: as long as needed, or as long as what it was made from.
    pub days: Option<u32>,
    /// The same, had nobody chosen.
    pub default: Option<u32>,
    /// The fewest and most days that the workspace may choose; `None`: it may not.
    pub bounds: Option<(u32, u32)>,
    /// On what ground it is processed.
    pub basis: Basis,
    /// Who chose it and when, if somebody did; no member: the operator.
    pub set: Option<(Option<MemberId>, Millis)>,
}

/// Why a term cannot be what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such category.
    Unknown,
    /// It is named twice.
    Twice,
    /// Outside of the bounds.
    Beyond(u32, u32),
    /// This term only ever gets shorter: at most so many days.
    OnlyShorter(u32),
    /// Only the operator shortens it.
    Approval,
    /// It was made shorter than law or default allow, by the operator.
    BelowLaw(u32, u32),
    /// It is said by the operator's settings, or follows from something else.
    Fixed,
}

impl Refusal {
    /// What to tell whoever asked.
    pub fn words(self) -> String {
        match self {
            Self::Unknown => "there is no such category".into(),
            Self::Twice => "named twice".into(),
            Self::Beyond(least, most) => format!("from {least} to {most} days"),
            Self::OnlyShorter(most) => format!("this term can only be shortened: from 1 to {most} days"),
            Self::Approval => "this term can be shortened only with the approval of whoever runs the installation, and never \
                               below what law demands: ask them"
                .into(),
            Self::BelowLaw(least, most) => format!("from {least} days, which law demands, to {most}, the default"),
            Self::Fixed => "there is no term to set: it follows from law, from the installation's settings, or from what it belongs to"
                .into(),
        }
    }
}

/// All categories with their terms, in the order of the promises.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn list(tx: &Tx<'_>) -> Result<Vec<Term>> {
    tx.scope()?.require(Right::ManageRetention)?;
    let chosen = chosen(tx)?;
    let term = |category: Category| {
        let default = tx.operator().days(category, tx.now());
        let set = chosen.get(&category);
        Term {
            category,
            days: set.map_or(default, |chosen| effective(category, default, chosen.days)),
            default,
            bounds: bounds(category, default),
            basis: category.basis(),
            set: set.map(|chosen| (chosen.by, chosen.at)),
        }
    };
    Ok(Category::all().filter(|category| *category != Category::Passing).map(term).collect())
}

/// For how many days after its anchor what is of a category is kept in the scope's workspace; `None`: as long as needed.
pub fn term(tx: &Tx<'_>, category: Category) -> Result<Option<u32>> {
    let default = tx.operator().days(category, tx.now());
    let chosen = tx.maybe(
        sql!("SELECT days FROM retention_terms WHERE workspace_id = $1 AND category = $2"),
        params![category.as_str()],
        |row| row.get::<i64>(0),
    )?;
    Ok(chosen.map_or(default, |days| effective(category, default, u32::try_from(days).unwrap_or(u32::MAX))))
}

/// For how many days after its anchor a row of a table is kept in the scope's workspace: a term of the table's own only shortens.
pub(crate) fn days_of(tx: &Tx<'_>, table: &Table) -> Result<Option<u32>> {
    let term = term(tx, table.category)?;
    Ok(shorter(term, table.days))
}

/// The shorter of two terms, where there are two.
pub(super) fn shorter(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What was chosen holds, but where settings only let it be shorter and say less by now.
fn effective(category: Category, default: Option<u32>, chosen: u32) -> Option<u32> {
    match category.adjusting() {
        Adjusting::OnlyShorter | Adjusting::Operator { .. } => Some(default.map_or(chosen, |most| chosen.min(most))),
        Adjusting::Workspace { .. } => Some(chosen),
        Adjusting::Settings | Adjusting::Nobody => default,
    }
}

/// Between how many days a workspace may choose.
fn bounds(category: Category, default: Option<u32>) -> Option<(u32, u32)> {
    match category.adjusting() {
        Adjusting::Workspace { least, most } => Some((least, most)),
        Adjusting::OnlyShorter => Some((1, default.unwrap_or(1))),
        Adjusting::Operator { .. } | Adjusting::Settings | Adjusting::Nobody => None,
    }
}

/// What of an order cannot be, by its place in it; `None` for days: the default again.
pub fn check(tx: &Tx<'_>, order: &[(String, Option<u32>)]) -> Result<Vec<(usize, Refusal)>> {
    let operator = matches!(tx.scope()?.actor(), Actor::Operator);
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for (at, (word, days)) in order.iter().enumerate() {
        let refusal = match Category::parse(word).filter(|category| *category != Category::Passing) {
            None => Some(Refusal::Unknown),
            Some(category) if seen.contains(&category) => Some(Refusal::Twice),
            Some(category) => {
                seen.push(category);
                refused(tx, category, *days, operator)
            }
        };
        wrong.extend(refusal.map(|refusal| (at, refusal)));
    }
    Ok(wrong)
}

fn refused(tx: &Tx<'_>, category: Category, days: Option<u32>, operator: bool) -> Option<Refusal> {
    let default = tx.operator().days(category, tx.now());
    match (category.adjusting(), days) {
        (Adjusting::Workspace { least, most }, Some(days)) => {
            (!(least..=most).contains(&days)).then_some(Refusal::Beyond(least, most))
        }
        (Adjusting::OnlyShorter, Some(days)) => {
            let most = default.unwrap_or(1);
            (!(1..=most).contains(&days)).then_some(Refusal::OnlyShorter(most))
        }
        (Adjusting::Operator { least }, Some(days)) if operator => {
            let most = default.unwrap_or(least);
            (!(least..=most).contains(&days)).then_some(Refusal::BelowLaw(least, most))
        }
        // Whoever may not shorten it does not take the operator's word back either.
        (Adjusting::Operator { .. }, None) if operator => None,
        (Adjusting::Operator { .. }, _) => Some(Refusal::Approval),
        (Adjusting::Workspace { .. } | Adjusting::OnlyShorter, None) => None,
        (Adjusting::Settings | Adjusting::Nobody, _) => Some(Refusal::Fixed),
    }
}

/// Sets several terms at once, all or none; `None`: the default again. From this commit on they hold, for what is there too.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageRetention`], [`Error::Invalid`] for what [`check`] refuses.
pub fn set(tx: &Tx<'_>, order: &[(String, Option<u32>)]) -> Result<()> {
    tx.scope()?.require(Right::ManageRetention)?;
    if let Some((at, refusal)) = check(tx, order)?.into_iter().next() {
        let word = order.get(at).map_or("", |(word, _)| word.as_str());
        return Err(Error::Invalid(format!("{word}: {}", refusal.words())));
    }
    for (word, days) in order {
        if write(tx, word, *days)? {
            let to = days.map_or("default".to_owned(), |days| days.to_string());
            audit::record(tx, "retention.set", &format!("{word}/{to}"))?;
        }
    }
    facts::workplace(tx, Workplace::Retention)
}

/// Whether it is another term than before.
fn write(tx: &Tx<'_>, category: &str, days: Option<u32>) -> Result<bool> {
    let by = tx.scope()?.member().map(|(member, _)| member);
    let changed = match days {
        Some(days) => tx.run(
            sql!(
                "INSERT INTO retention_terms (workspace_id, category, days, set_by_id, set_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (workspace_id, category) DO UPDATE SET days = excluded.days, set_by_id = excluded.set_by_id, \
                 set_at = excluded.set_at WHERE retention_terms.days <> excluded.days"
            ),
            params![category, i64::from(days), by, tx.now()],
        )?,
        None => tx.run(
            sql!("DELETE FROM retention_terms WHERE workspace_id = $1 AND category = $2"),
            params![category],
        )?,
    };
    Ok(changed > 0)
}

struct Chosen {
    days: u32,
    by: Option<MemberId>,
    at: Millis,
}

fn chosen(tx: &Tx<'_>) -> Result<BTreeMap<Category, Chosen>> {
    let rows = tx.all(
        sql!("SELECT category, days, set_by_id, set_at FROM retention_terms WHERE workspace_id = $1"),
        params![],
        |row| {
            let days = u32::try_from(row.get::<i64>(1)?).unwrap_or(u32::MAX);
            Ok((row.text(0)?, Chosen { days, by: optional(row, 2)?, at: row.get(3)? }))
        },
    )?;
    Ok(rows.into_iter().filter_map(|(word, chosen)| Some((Category::parse(&word)?, chosen))).collect())
}
