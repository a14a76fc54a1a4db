//! Templates: texts that a provider has approved for a channel. What is sealed is the provider's whole template as JSON, which
//! this crate does not read; beside it lie the words by which it is found and shown.

#[cfg(test)]
mod tests;

use crate::facts::{self, About, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{ChannelId, Error, Millis, Personal, Result, Tx};

/// A channel has no more than this: Meta itself allows 6,000 to a business account, of which people send some dozens.
pub const MOST: usize = 6_000;

/// A template to be kept.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewTemplate {
    pub name: String,
    pub language: String,
    pub category: String,
    pub status: String,
    pub quality: Option<String>,
    pub reason: Option<String>,
    /// The whole template as JSON.
    pub content: Personal<String>,
}

/// A kept template.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Template {
    pub channel: ChannelId,
    pub name: String,
    pub language: String,
    pub category: String,
    pub status: String,
    pub quality: Option<String>,
    pub reason: Option<String>,
    /// The whole template as JSON.
    pub content: Personal<String>,
    /// When the provider last said something new of it.
    pub updated_at: Millis,
}

/// What changed about a template at its provider. `None` stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct TemplateNews {
    pub status: Option<String>,
    pub category: Option<String>,
    pub quality: Option<String>,
    pub reason: Option<String>,
    /// When the provider says it was, in Unix milliseconds; 0 where it does not say: then it is taken for new.
    pub at: Millis,
}

/// Keeps some of a channel's templates as the provider has them now, at most 200 of them in one transaction. Whether any of
/// them was new or had changed; members are told if so.
///
/// # Errors
/// [`Error::Invalid`] for a name, language or other word that is none.
pub fn keep(tx: &Tx<'_>, channel: ChannelId, templates: &[NewTemplate]) -> Result<bool> {
    let mut news = false;
    for template in templates {
        news |= keep_one(tx, channel, template)?;
    }
    tell(tx, news)
}

fn keep_one(tx: &Tx<'_>, channel: ChannelId, new: &NewTemplate) -> Result<bool> {
    let optional = [&new.quality, &new.reason];
    let words = [&new.name, &new.language, &new.category, &new.status].into_iter();
    words.chain(optional.into_iter().flatten()).try_for_each(|text| plain(text))?;
    let known = find(tx, channel, &new.name, &new.language)?;
    if known.is_some_and(|known| known.is(new)) {
        return Ok(false);
    }
    let row = row_of(channel, &new.name, &new.language);
    let sealed = tx.seal_text(Under::Workspace, place(&row), &new.content)?;
    tx.run(
        sql!(
            "INSERT INTO templates (workspace_id, channel_id, name, language, category, status, quality, reason, \
             content_sealed, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (workspace_id, channel_id, name, language) DO UPDATE SET category = excluded.category, \
             status = excluded.status, quality = excluded.quality, reason = excluded.reason, \
             content_sealed = excluded.content_sealed, updated_at = excluded.updated_at"
        ),
        params![
            channel,
            &new.name,
            &new.language,
            &new.category,
            &new.status,
            new.quality.as_deref(),
            new.reason.as_deref(),
            sealed,
            tx.now(),
        ],
    )?;
    Ok(true)
}

/// Forgets the templates of a channel that are not among these, which its provider listed when it was asked at some moment: it has
/// them no longer. What was heard of one since then is newer than the list. Whether there were any.
pub fn forget_others(tx: &Tx<'_>, channel: ChannelId, there: &[(String, String)], asked_at: Millis) -> Result<bool> {
    let known = tx.all(
        sql!("SELECT name, language FROM templates WHERE workspace_id = $1 AND channel_id = $2 AND updated_at < $3"),
        params![channel, asked_at],
        |row| Ok((row.text(0)?, row.text(1)?)),
    )?;
    let there: std::collections::HashSet<_> = there.iter().collect();
    let mut news = false;
    for gone in known.iter().filter(|known| !there.contains(known)) {
        forget(tx, channel, gone)?;
        news = true;
    }
    tell(tx, news)
}

/// Forgets one that was taken back at the provider; members are told.
pub fn taken_back(tx: &Tx<'_>, channel: ChannelId, name: &str, language: &str) -> Result<()> {
    let there = find(tx, channel, name, language)?.is_some();
    forget(tx, channel, &(name.to_owned(), language.to_owned()))?;
    tell(tx, there).map(|_| ())
}

fn forget(tx: &Tx<'_>, channel: ChannelId, (name, language): &(String, String)) -> Result<()> {
    tx.run(
        sql!("DELETE FROM templates WHERE workspace_id = $1 AND channel_id = $2 AND name = $3 AND language = $4"),
        params![channel, name, language],
    )?;
    Ok(())
}

/// Notes what a provider said of one template; `None` if it is not known here, else whether that was news. Providers deliver
/// in any order: what is older than what is known changes neither where it stands nor its category.
pub fn note(
    tx: &Tx<'_>,
    channel: ChannelId,
    (name, language): (&str, &str),
    news: &TemplateNews,
) -> Result<Option<bool>> {
    let Some(known) = find(tx, channel, name, language)? else { return Ok(None) };
    let words = [&news.status, &news.category, &news.quality, &news.reason];
    words.into_iter().flatten().try_for_each(|text| plain(text))?;
    // They count in seconds: what happened within the same one is not older.
    let is_old = news.at > 0 && news.at.saturating_add(999) < known.updated_at;
    let (status, category) = if is_old { (None, None) } else { (news.status.as_ref(), news.category.as_ref()) };
    // A reason belongs to the status it came with.
    let reason = match (status, &news.reason) {
        (Some(_), told) => told.clone(),
        (None, Some(told)) if !is_old => Some(told.clone()),
        (None, _) => known.reason.clone(),
    };
    let at = if news.at > 0 { news.at.min(tx.now()).max(known.updated_at) } else { tx.now() };
    let changed = tx.run(
        sql!(
            "UPDATE templates SET status = $5, category = $6, quality = $7, reason = $8, updated_at = $9 \
             WHERE workspace_id = $1 AND channel_id = $2 AND name = $3 AND language = $4 AND (status <> $5 \
             OR category <> $6 OR COALESCE(quality, '') <> COALESCE($7, '') OR COALESCE(reason, '') <> COALESCE($8, ''))"
        ),
        params![
            channel,
            name,
            language,
            status.unwrap_or(&known.status),
            category.unwrap_or(&known.category),
            news.quality.as_deref().or(known.quality.as_deref()),
            reason,
            at,
        ],
    )?;
    tell(tx, changed == 1).map(Some)
}

/// One template.
pub fn find(tx: &Tx<'_>, channel: ChannelId, name: &str, language: &str) -> Result<Option<Template>> {
    let found = tx.maybe(
        sql!(
            "SELECT channel_id, name, language, category, status, quality, reason, content_sealed, updated_at \
             FROM templates WHERE workspace_id = $1 AND channel_id = $2 AND name = $3 AND language = $4"
        ),
        params![channel, name, language],
        read,
    )?;
    found.map(|found| open(tx, found)).transpose()
}

/// A channel's templates by name and language, those after a name and language, at most `limit`.
pub fn list(tx: &Tx<'_>, channel: ChannelId, after: (&str, &str), limit: i64) -> Result<Vec<Template>> {
    super::channels::kind_and_state(tx, channel)?;
    let found = tx.all(
        sql!(
            "SELECT channel_id, name, language, category, status, quality, reason, content_sealed, updated_at \
             FROM templates WHERE workspace_id = $1 AND channel_id = $2 AND (name > $3 OR (name = $3 AND language > $4)) \
             ORDER BY name, language LIMIT $5"
        ),
        params![channel, after.0, after.1, limit],
        read,
    )?;
    found.into_iter().map(|found| open(tx, found)).collect()
}

fn read(row: &Row<'_>) -> Result<(Template, Vec<u8>)> {
    let template = Template {
        channel: row.get(0)?,
        name: row.text(1)?,
        language: row.text(2)?,
        category: row.text(3)?,
        status: row.text(4)?,
        quality: row.get(5)?,
        reason: row.get(6)?,
        content: Personal::default(),
        updated_at: row.get(8)?,
    };
    Ok((template, row.get(7)?))
}

fn open(tx: &Tx<'_>, (mut template, sealed): (Template, Vec<u8>)) -> Result<Template> {
    let row = row_of(template.channel, &template.name, &template.language);
    template.content = tx.open_text(place(&row), &sealed)?.ok_or(Error::Erased)?;
    Ok(template)
}

impl Template {
    fn is(&self, new: &NewTemplate) -> bool {
        (&self.category, &self.status, &self.quality, &self.reason)
            == (&new.category, &new.status, &new.quality, &new.reason)
            && self.content == new.content
    }
}

fn tell(tx: &Tx<'_>, news: bool) -> Result<bool> {
    if news {
        facts::record(tx, FactKind::TemplateUpdated, About::default())?;
    }
    Ok(news)
}

fn row_of(channel: ChannelId, name: &str, language: &str) -> String {
    format!("{channel}/{name}/{language}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "templates", column: "content_sealed", row }
}

/// What is stored open must be plain words, whatever a provider says.
fn plain(text: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if text.is_empty() || text.len() > 512 || !text.chars().all(allowed) {
        return Err(Error::Invalid("a template's words are letters, digits, '_', '-' and '.'".into()));
    }
    Ok(())
}
