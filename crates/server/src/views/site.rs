//! Websites that ask for consent, as callers see them, and what is known of choices and visits there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::Millis;
use vault::sites::{Category, ChoiceCount, Cookie, Counted, Report, Site};

use super::time;

/// A website that asks its visitors for consent.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct SiteView {
    pub id: String,
    pub name: String,
    /// From which pages consent may be asked for.
    pub origins: Vec<String>,
    pub privacy_url: Option<String>,
    /// Whether visits are counted here, of those who consent to analytics.
    pub analytics: bool,
    /// What the banner says in place of the program's own words, by language.
    pub text: BTreeMap<String, String>,
    pub cookies: Vec<CookieView>,
    /// Of all that is shown there now.
    pub version: String,
    pub created_at: String,
}

/// Something that a website keeps in browsers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CookieView {
    /// `necessary`, `functional`, `analytics`, `marketing` or `profiling`.
    pub category: String,
    /// A `*` at the end stands for anything.
    pub name: String,
    /// Who sets and reads it.
    pub provider: String,
    /// What for, by language (`en`, `it`, `es`, `de`): one at least.
    pub purpose: BTreeMap<String, String>,
    /// For how many days, 395 at most; null: until the browser is closed.
    pub days: Option<u32>,
}

/// What is known of a website.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct SiteReportView {
    /// Those on which somebody came.
    pub days: Vec<SiteDayView>,
    /// The most visited, twenty at most; and so of the others.
    pub pages: Vec<CountedView>,
    pub referrers: Vec<CountedView>,
    pub devices: Vec<CountedView>,
    pub choices: Vec<SiteChoiceView>,
}

/// A day of a website.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteDayView {
    /// Such as `2026-03-01`, by UTC.
    pub date: String,
    pub views: i64,
    pub visitors: i64,
}

/// Something and how often it was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedView {
    pub name: String,
    pub views: i64,
}

/// How many chose alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteChoiceView {
    /// `accept`, `reject`, `choose`, `close` or `withdraw`.
    pub way: String,
    /// What was consented to.
    pub categories: Vec<String>,
    pub count: i64,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        let settings = site.settings;
        Self {
            id: site.id.to_string(),
            name: settings.name,
            origins: settings.origins,
            privacy_url: settings.privacy_url,
            analytics: settings.analytics,
            text: settings.text,
            cookies: settings.cookies.into_iter().map(Into::into).collect(),
            version: site.version,
            created_at: time(site.created_at),
        }
    }
}

impl From<Cookie> for CookieView {
    fn from(cookie: Cookie) -> Self {
        let Cookie { category, name, provider, purpose, days } = cookie;
        Self { category: category.as_str().to_owned(), name, provider, purpose, days }
    }
}

impl CookieView {
    /// Back to what is kept; nothing for a category that is none.
    pub fn read(self) -> Option<Cookie> {
        let Self { category, name, provider, purpose, days } = self;
        Some(Cookie { category: Category::parse(&category)?, name, provider, purpose, days })
    }
}

impl SiteReportView {
    /// From what was counted.
    pub fn of(report: Report, choices: Vec<ChoiceCount>) -> Self {
        let counted =
            |all: Vec<Counted>| all.into_iter().map(|Counted { thing, views }| CountedView { name: thing, views });
        Self {
            days: report
                .days
                .into_iter()
                .map(|day| SiteDayView { date: date(day.at), views: day.views, visitors: day.visitors })
                .collect(),
            pages: counted(report.pages).collect(),
            referrers: counted(report.referrers).collect(),
            devices: counted(report.devices).collect(),
            choices: choices.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ChoiceCount> for SiteChoiceView {
    fn from(chosen: ChoiceCount) -> Self {
        let categories = chosen.categories.into_iter().map(|category| category.as_str().to_owned()).collect();
        Self { way: chosen.way.as_str().to_owned(), categories, count: chosen.count }
    }
}

fn date(at: Millis) -> String {
    time(at).split('T').next().unwrap_or_default().to_owned()
}
