//! A call's parameters, however they were sent: in the query, as a form, as JSON, as multipart.
//!
//! As on the real server every parameter is a string first; JSON values become their text.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use http::header;
use serde_json::Value;

use super::refusal::Refusal;

/// A file that came with a call.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) content: Bytes,
}

/// What a call was given.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, String>,
    files: BTreeMap<String, Part>,
}

impl Form {
    /// Reads query and body.
    pub(crate) async fn read(request: Request) -> Result<Self, Refusal> {
        let mut form = Self::default();
        if let Some(query) = request.uri().query() {
            form.add_urlencoded(query.as_bytes());
        }
        let kind = content_type(&request);
        let (head, body) = request.into_parts();
        // Read to the end before anything is answered: clients keep their connections.
        let body = Bytes::from_request(Request::from_parts(head.clone(), body), &()).await;
        let body = body.map_err(|_| Refusal::bad_request("request body is too big"))?;
        if kind.starts_with("multipart/form-data") {
            form.add_multipart(Request::from_parts(head, body.into())).await?;
            return Ok(form);
        }
        form.add_body(&kind, &body)?;
        Ok(form)
    }

    /// What a JSON or urlencoded body says; used for answers of webhooks too.
    pub(crate) fn add_body(&mut self, kind: &str, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        if kind.starts_with("application/json") {
            return self.add_json(body);
        }
        self.add_urlencoded(body);
        Ok(())
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Refusal> {
        let wrong = || Refusal::bad_request("can't parse request JSON object");
        let Value::Object(fields) = serde_json::from_slice(body).map_err(|_| wrong())? else {
            return Err(wrong());
        };
        for (name, value) in fields {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    self.fields.insert(name, text);
                }
                other => {
                    self.fields.insert(name, other.to_string());
                }
            }
        }
        Ok(())
    }

    fn add_urlencoded(&mut self, body: &[u8]) {
        self.fields.extend(urlencoded(body));
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), Refusal> {
        let wrong = || Refusal::bad_request("can't parse multipart/form-data request");
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| wrong())?;
        while let Some(field) = parts.next_field().await.map_err(|_| wrong())? {
            let Some(name) = field.name().map(str::to_owned) else {
                continue;
            };
            let file = field.file_name().map(str::to_owned);
            let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let content = field.bytes().await.map_err(|_| wrong())?;
            if let Some(file) = file {
                self.files.insert(name, Part { name: file, mime, content });
            } else {
                self.fields.insert(name, String::from_utf8_lossy(&content).into_owned());
            }
        }
        Ok(())
    }

    /// The parameter, unless it is missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.trim().parse().ok()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
    }

    /// The parameter as JSON; an error says that `what` cannot be read.
    pub(crate) fn json(&self, name: &str, what: &str) -> Result<Option<Value>, Refusal> {
        let wrong = |_| Refusal::bad_request(format_args!("can't parse {what} JSON object"));
        self.text(name).map(serde_json::from_str).transpose().map_err(wrong)
    }

    pub(crate) fn file(&self, name: &str) -> Option<&Part> {
        self.files.get(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.fields.insert(name.to_owned(), value);
    }

    pub(crate) fn attach(&mut self, name: &str, part: Part) {
        self.files.insert(name.to_owned(), part);
    }
}

fn content_type(request: &Request) -> String {
    let header = request.headers().get(header::CONTENT_TYPE);
    header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase()
}

fn urlencoded(body: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        (decoded(name), decoded(halves.next().unwrap_or_default()))
    })
}

/// Percent-decoded, `+` as a space; what is not a valid escape stays as it is.
fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (*first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                rest = after;
            }
            (other, _) => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(kind: &str, body: &str) -> Form {
        let mut form = Form::default();
        form.add_body(kind, body.as_bytes()).expect("a readable body");
        form
    }

    #[test]
    fn json_and_form_say_the_same() {
        let json = read("application/json", r#"{"chat_id":5,"text":"a b","x":[1]}"#);
        let form = read("application/x-www-form-urlencoded", "chat_id=5&text=a+b&x=%5B1%5D");
        for name in ["chat_id", "text", "x"] {
            assert_eq!(json.text(name), form.text(name), "{name}");
        }
        assert_eq!(json.integer("chat_id"), Some(5));
    }

    #[test]
    fn broken_json_is_refused() {
        let refusal = Form::default().add_body("application/json", b"{").expect_err("not JSON");
        assert_eq!(refusal.code, 400);
    }

    proptest! {
        #[test]
        fn any_text_survives_the_query(text: String) {
            let encoded = text.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02x}"));
            prop_assert_eq!(decoded(encoded.as_bytes()), text);
        }

        #[test]
        fn no_query_breaks_the_reader(body: Vec<u8>) {
            let _ = urlencoded(&body).count();
        }
    }
}
