//! The policy on cookies, made from what is declared and set (WB-8); and a page on which a member sees the banner as it would be.

use std::fmt::Write;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use vault::sites::{self, Banner, LANGUAGES, Site};
use vault::{SiteId, WorkspaceId};

use super::shown::{Asked, Text};
use super::words::{self, Words};
use crate::app::Shared;
use crate::problem::{ApiError, Query};

/// Nothing runs and nothing is fetched.
const CLOSED: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The script and what it asks for, within the app's own page.
const PREVIEW: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; \
                       base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// How the policy looks, on paper too.
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff}\
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{border:1px solid #8a8a90;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
.wide{overflow-x:auto}small{color:#55555b}nav a{margin-right:1rem}a{color:#0b4bb3}\
@media print{body{margin:0;max-width:none;font-size:10pt}nav{display:none}tr{break-inside:avoid}h2,h3{break-after:avoid}}";

/// Which sites, and in which language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyQuery {
    site: Option<String>,
    lang: Option<String>,
}

/// Everything that a workspace's sites keep in browsers.
pub(super) async fn page(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    Query(query): Query<PolicyQuery>,
) -> Result<Response, ApiError> {
    let workspace: WorkspaceId = workspace.parse().map_err(|_| ApiError::not_found())?;
    let scope = app.vault.public_sites(workspace).await?.ok_or_else(ApiError::not_found)?;
    let only: Option<SiteId> =
        query.site.as_deref().map(str::parse).transpose().map_err(|_: vault::Error| ApiError::not_found())?;
    let shown = app.vault.read(&scope, move |tx| {
        let wished = sites::list(tx)?.into_iter().filter(|site| only.is_none_or(|only| site.id == only));
        wished.map(|site| Ok((sites::banner(tx, site.id, &site.version)?, site))).collect::<vault::Result<Vec<_>>>()
    });
    let shown = shown.await?;
    if shown.is_empty() {
        return Err(ApiError::not_found());
    }
    let words = words::words(&spoken(query.lang.as_deref(), &headers));
    let body = policy(&shown, words, only).map_err(ApiError::internal)?;
    Ok(written(words.language, words.policy.title, &body, CLOSED))
}

/// The language that was asked for, else the first of the browser's that is spoken here.
fn spoken(wished: Option<&str>, headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let two = |language: &str| language.trim().get(..2).unwrap_or_default().to_ascii_lowercase();
    let all = wished.into_iter().chain(accepted.split(',')).map(two);
    all.into_iter().find(|language| LANGUAGES.contains(&language.as_str())).unwrap_or_default()
}

fn policy(shown: &[(Banner, Site)], words: &Words, only: Option<SiteId>) -> Result<String, serde_json::Error> {
    let said = &words.policy;
    let mut page = format!("<nav aria-label=\"{}\">", said.languages);
    for language in LANGUAGES {
        let site = only.map(|site| format!("&amp;site={site}")).unwrap_or_default();
        let current = if language == words.language { " aria-current=\"page\"" } else { "" };
        let _ = write!(page, "<a href=\"?lang={language}{site}\" lang=\"{language}\"{current}>{language}</a>");
    }
    let _ = write!(
        page,
        "</nav><main><h1>{}</h1><p>{}</p><p>{}</p><p>{}</p>",
        said.title, said.lead, said.change, said.signal
    );
    for (banner, site) in shown {
        let text: Text = serde_json::from_str(&banner.text)?;
        let Some(spoken) = text.languages.get(words.language) else { continue };
        let _ = write!(
            page,
            "<h2>{}</h2><p>{}</p>",
            escaped(&site.settings.name),
            escaped(&site.settings.origins.join(", "))
        );
        for asked in &spoken.categories {
            page.push_str(&table(asked, words));
        }
        let _ = write!(page, "<p><small>{}: {}</small></p>", said.version, banner.version);
    }
    page.push_str("</main>");
    Ok(page)
}

fn table(asked: &Asked, words: &Words) -> String {
    let heading = |key: &str| words.banner.iter().find(|(word, _)| *word == key).map_or("", |(_, text)| *text);
    let mut table = format!(
        "<h3>{}</h3><p>{}</p><div class=\"wide\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>\
         <th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
        escaped(&asked.name),
        escaped(&asked.text),
        words.policy.name,
        heading("provider"),
        heading("purpose"),
        heading("duration"),
    );
    for one in &asked.cookies {
        let cells = [&one.name, &one.provider, &one.purpose, &one.duration].map(|cell| escaped(cell));
        let _ = write!(table, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
    }
    table + "</tbody></table></div>"
}

/// The banner as it would be: nothing is kept, told or counted.
pub(super) async fn preview(
    State(app): State<Shared>,
    Path(site): Path<String>,
    Query(query): Query<PolicyQuery>,
) -> Result<Response, ApiError> {
    let site: SiteId = site.parse().map_err(|_| ApiError::not_found())?;
    app.vault.public_site(site).await?.ok_or_else(ApiError::not_found)?;
    let words = words::words(&query.lang.unwrap_or_default());
    let body = format!(
        "<script src=\"/consent.js\" data-site=\"{site}\" data-preview data-locale=\"{}\"></script>",
        words.language
    );
    Ok(written(words.language, words.policy.title, &body, PREVIEW))
}

fn written(language: &str, title: &str, body: &str, policy: &'static str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    let headers = [
        fixed(header::CONTENT_SECURITY_POLICY, policy),
        fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        fixed(header::REFERRER_POLICY, "no-referrer"),
        fixed(header::CACHE_CONTROL, "no-cache"),
        fixed(header::VARY, "Accept-Language"),
    ];
    (StatusCode::OK, headers, Html(page)).into_response()
}

/// Text as it is, in HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_workspace_writes_is_text() {
        assert_eq!(
            escaped("<a href=\"x\">Tom & 'Jerry'</a>"),
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jerry&#39;&lt;/a&gt;"
        );
    }

    #[test]
    fn the_first_language_that_is_spoken_here_is_taken() {
        let asked = |accepted: &'static str| {
            let headers = [(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted))].into_iter().collect();
            spoken(None, &headers)
        };
        assert_eq!((asked("fr, de-AT;q=0.8").as_str(), asked("fr").as_str()), ("de", ""));
        assert_eq!(spoken(Some("IT"), &HeaderMap::new()), "it");
    }
}
