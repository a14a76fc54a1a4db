//! The forms for machines: JSON as it is, and CSV for spreadsheets.

use serde_json::{Map, Value as Parsed};
use vault::export::{Page, Row, Value};

use crate::views::time;

/// A way to write the rows of a part down.
pub(super) trait Form: Send + 'static {
    /// What comes before the rows.
    fn head(&mut self, first: &Page) -> String;
    /// Adds a row.
    fn row(&mut self, columns: &[String], row: &Row, out: &mut String);
    /// What comes after them.
    fn foot(&mut self) -> String;
}

/// An array of objects, one a line.
#[derive(Default)]
pub(super) struct Json {
    follows: bool,
}

impl Form for Json {
    fn head(&mut self, _: &Page) -> String {
        "[".to_owned()
    }

    fn row(&mut self, _: &[String], row: &Row, out: &mut String) {
        out.push_str(if self.follows { ",\n" } else { "\n" });
        out.push_str(&Parsed::Object(object(row)).to_string());
        self.follows = true;
    }

    fn foot(&mut self) -> String {
        "\n]\n".to_owned()
    }
}

/// A row as an object. What says nothing is not in it; what cannot be read any more is null.
pub(super) fn object(row: &Row) -> Map<String, Parsed> {
    row.iter().map(|(name, value)| (name.clone(), parsed(value))).collect()
}

fn parsed(value: &Value) -> Parsed {
    match value {
        Value::Truth(truth) => (*truth).into(),
        Value::Whole(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Moment(at) => time(*at).into(),
        Value::Text(text) => text.reveal().clone().into(),
        Value::Parts(parts) => parts.reveal().clone(),
        Value::Unreadable => Parsed::Null,
    }
}

/// A value in words.
pub(super) fn words(value: &Value) -> String {
    match parsed(value) {
        Parsed::String(text) => text,
        Parsed::Null => String::new(),
        other => other.to_string(),
    }
}

/// Comma-separated values (RFC 4180), with the columns' names in the first line.
pub(super) struct Csv;

impl Form for Csv {
    fn head(&mut self, first: &Page) -> String {
        line(first.columns.iter().map(|column| cell(column, true)))
    }

    fn row(&mut self, columns: &[String], row: &Row, out: &mut String) {
        let cells = columns.iter().map(|column| {
            let found = row.iter().find(|(name, _)| name == column);
            found.map_or_else(String::new, |(_, value)| cell(&words(value), is_of_people(value)))
        });
        out.push_str(&line(cells));
    }

    fn foot(&mut self) -> String {
        String::new()
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn is_of_people(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Parts(_))
}

/// A cell. A spreadsheet would run what somebody wrote as a formula where it begins like one: an apostrophe keeps it a text (OWASP, CSV
/// injection).
fn cell(text: &str, of_people: bool) -> String {
    let formula = of_people && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    let plain = !text.contains(['"', ',', '\r', '\n', ';', '\t']);
    if plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use vault::Personal;

    use super::*;

    fn row(values: &[(&str, Value)]) -> Row {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn said(text: &str) -> Value {
        Value::Text(Personal::new(text.to_owned()))
    }

    fn written(form: &mut dyn Form, rows: &[Row]) -> String {
        let columns = vec!["id".to_owned(), "text".to_owned(), "count".to_owned()];
        let mut out = form.head(&Page { columns: columns.clone(), rows: Vec::new(), next: None });
        for row in rows {
            form.row(&columns, row, &mut out);
        }
        out + &form.foot()
    }

    #[test]
    fn json_is_an_array_of_what_says_something() {
        let parts = Value::Parts(Personal::new(serde_json::json!({ "a": [1] })));
        let rows =
            [row(&[("id", said("x")), ("text", parts)]), row(&[("at", Value::Moment(0)), ("text", Value::Unreadable)])];
        let text = written(&mut Json::default(), &rows);
        let back: Parsed = serde_json::from_str(&text).unwrap();
        assert_eq!(
            back,
            serde_json::json!([{ "id": "x", "text": { "a": [1] } }, { "at": "1970-01-01T00:00:00Z", "text": null }])
        );
        assert_eq!(serde_json::from_str::<Parsed>(&written(&mut Json::default(), &[])).unwrap(), serde_json::json!([]));
    }

    #[test]
    fn no_cell_of_what_people_wrote_is_a_formula() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+49 30 1", "'+49 30 1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("say \"hi\", you", "\"say \"\"hi\"\", you\""),
            ("a\nb", "\"a\nb\""),
            ("plain", "plain"),
        ] {
            assert_eq!(cell(text, true), expected);
        }
        let rows = [row(&[("id", said("=cmd|' /C calc'!A0")), ("count", Value::Whole(-5))])];
        assert_eq!(written(&mut Csv, &rows), "id,text,count\r\n'=cmd|' /C calc'!A0,,-5\r\n");
    }
}
