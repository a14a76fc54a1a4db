//! The pages for people: what is in an archive and what is not, and what was said. They need nothing from anywhere, run nothing, and
//! every word of people in them is escaped.

use std::fmt::Write;

use vault::export::{LeftOut, Page, Row, Value};

use super::Made;
use super::forms::{Form, words};

/// Nothing is loaded, nothing runs; the style is the page's own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b6470;--line:#dfe3e8;--page:#fbfbfa;--card:#fff;--mine:#e6f0ea}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3acb8;--line:#343a42;--page:#15181c;--card:#1d2126;--mine:#20352b}}\
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}\
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 5rem}h1{font-size:1.7rem;line-height:1.2;margin:0 0 .25rem}\
h2{font-size:1.1rem;margin:2.5rem 0 .75rem}p{margin:.25rem 0}.soft{color:var(--soft)}a{color:inherit}\
table{width:100%;border-collapse:collapse}td,th{text-align:left;padding:.45rem .5rem .45rem 0;border-bottom:1px solid var(--line);\
vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}dl{display:grid;grid-template-columns:max-content 1fr;\
gap:.3rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\
article{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.65rem .9rem;margin:.6rem 3rem .6rem 0}\
article.out{background:var(--mine);margin:.6rem 0 .6rem 3rem}article.note{border-style:dashed;margin:.6rem 1.5rem}\
article p{white-space:pre-wrap;overflow-wrap:anywhere}time{color:var(--soft);font-size:.85rem}";

/// Text that is no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn top(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"referrer\" content=\"no-referrer\">\
         <title>{0}</title><style>{STYLE}</style></head>\n<body><main><h1>{0}</h1>\n",
        escaped(title)
    )
}

const BOTTOM: &str = "</main></body></html>\n";

/// The first page.
pub(super) struct Overview<'a> {
    pub(super) workspace: &'a str,
    pub(super) made_at: &'a str,
    pub(super) of_contact: bool,
    pub(super) made: &'a Made,
    pub(super) profile: &'a Page,
    pub(super) left_out: &'a [&'static LeftOut],
}

impl Overview<'_> {
    pub(super) fn page(&self) -> String {
        let title = if self.of_contact { "Everything kept about you" } else { "Everything of the workspace" };
        let mut out = top(title);
        let (workspace, made_at) = (escaped(self.workspace), escaped(self.made_at));
        let _ = writeln!(out, "<p class=\"soft\">Kept by {workspace} · as of {made_at}</p>");
        if self.of_contact {
            self.people(&mut out);
        }
        self.contents(&mut out);
        self.absent(&mut out);
        out + BOTTOM
    }

    fn people(&self, out: &mut String) {
        for person in &self.profile.rows {
            out.push_str("<h2>Profile</h2>\n<dl>");
            for (name, value) in person {
                let _ = write!(out, "<dt>{}</dt><dd>{}</dd>", title(name), escaped(&words(value)));
            }
            out.push_str("</dl>\n");
        }
    }

    fn contents(&self, out: &mut String) {
        out.push_str("<h2>What is in this archive</h2>\n<table><tbody>\n");
        for (name, rows) in self.made.rows.iter().filter(|(_, rows)| *rows > 0) {
            let said = *name == "messages" && self.of_contact;
            let page = if said { "<a href=\"messages.html\">Read</a> · " } else { "" };
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td class=\"n\">{rows}</td><td>{page}<a href=\"data/{name}.json\">JSON</a> · \
                 <a href=\"data/{name}.csv\">CSV</a></td></tr>",
                title(name)
            );
        }
        out.push_str("</tbody></table>\n");
        let Made { files, missing, .. } = self.made;
        let _ = writeln!(out, "<p class=\"soft\">{files} files are in the folder files.");
        if *missing > 0 {
            let _ = writeln!(out, "{missing} more are known and cannot be read any more.");
        }
        out.push_str("</p>\n");
    }

    fn absent(&self, out: &mut String) {
        out.push_str("<h2>What is not in it, and why</h2>\n<table><tbody>\n");
        for one in self.left_out {
            let column = one.column.map(|column| format!(": {}", title(column))).unwrap_or_default();
            let _ = writeln!(out, "<tr><td>{}{column}</td><td>{}</td></tr>", title(one.table), escaped(one.why));
        }
        out.push_str(
            "<tr><td>Hashes</td><td>numbers by which things are found without being stored; nothing can be read from them</td></tr>\n\
             </tbody></table>\n",
        );
    }
}

/// The program's name of something, for people.
fn title(name: &str) -> String {
    let words = name.trim_end_matches("_sealed").replace(['_', '.'], " ");
    let mut letters = escaped(&words).chars().collect::<Vec<_>>();
    if let Some(first) = letters.first_mut() {
        *first = first.to_ascii_uppercase();
    }
    letters.into_iter().collect()
}

/// What was said, as it came.
pub(super) struct Transcript;

impl Form for Transcript {
    fn head(&mut self, _: &Page) -> String {
        top("Messages")
            + "<p class=\"soft\"><a href=\"index.html\">Overview</a> · in the order in which they were written down</p>\n"
    }

    fn row(&mut self, _: &[String], row: &Row, out: &mut String) {
        let value = |column: &str| row.iter().find(|(name, _)| name == column).map(|(_, value)| value);
        let direction = value("direction").map(words).unwrap_or_default();
        let (class, who) = match direction.as_str() {
            "incoming" => ("in", "Contact"),
            "note" => ("note", "Note"),
            _ => ("out", "Workspace"),
        };
        let at = escaped(&value("written_at").map(words).unwrap_or_default());
        let _ = write!(out, "<article class=\"{class}\"><time>{who} · {at}</time>");
        for said in value("body").into_iter().flat_map(said) {
            let _ = write!(out, "<p>{}</p>", escaped(&said));
        }
        out.push_str("</article>\n");
    }

    fn foot(&mut self) -> String {
        BOTTOM.to_owned()
    }
}

/// What a message says in words; what else it has is in the data.
fn said(body: &Value) -> Vec<String> {
    let Value::Parts(parts) = body else { return vec![words(body)] };
    let parts = parts.reveal();
    let words = ["subject", "text", "below", "choice", "unsupported"].iter();
    words.filter_map(|name| parts.get(name)?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use vault::Personal;

    use super::*;

    #[test]
    fn what_people_wrote_is_no_markup() {
        let body = serde_json::json!({ "text": "<script>alert(1)</script>", "subject": "\"><img src=x>" });
        let row: Row = vec![
            ("direction".to_owned(), Value::Text(Personal::new("incoming".to_owned()))),
            ("body".to_owned(), Value::Parts(Personal::new(body))),
            ("written_at".to_owned(), Value::Moment(0)),
        ];
        let mut out = String::new();
        Transcript.row(&[], &row, &mut out);
        assert_eq!(
            out,
            "<article class=\"in\"><time>Contact · 1970-01-01T00:00:00Z</time><p>&quot;&gt;&lt;img src=x&gt;</p>\
             <p>&lt;script&gt;alert(1)&lt;/script&gt;</p></article>\n"
        );
        let profile = Page {
            columns: Vec::new(),
            rows: vec![vec![("name".to_owned(), Value::Text(Personal::new("<b>".to_owned())))]],
            next: None,
        };
        let made = Made { rows: vec![("messages", 2), ("drafts", 0)], files: 1, missing: 1 };
        let overview = Overview {
            workspace: "<i>",
            made_at: "now",
            of_contact: true,
            made: &made,
            profile: &profile,
            left_out: &[],
        };
        let page = overview.page();
        assert!(
            !page.contains("<b>") && !page.contains("<i>") && !page.contains("<script") && page.contains("&lt;b&gt;")
        );
        assert!(page.contains("messages.html") && !page.contains("drafts") && page.contains("Content-Security-Policy"));
    }
}
