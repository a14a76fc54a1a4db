//! Calls of the Bot API and what its answers mean.
//!
//! The token is part of every URL. It is checked before it goes into one, and no URL is ever printed.

use serde_json::{Map, Value};

use super::refusal;
use crate::json::{flag, integer, text};
use crate::{Account, Body, Call, HttpCall, Method, OutFile, Part, PartContent, Reply, SendError, lenient};

/// Waiting time when Telegram names none, in milliseconds.
const UNNAMED_WAIT_MS: u64 = 1000;
/// The longest waiting time believed, in milliseconds.
const LONGEST_WAIT_MS: u64 = 24 * 60 * 60 * 1000;

/// One method call to be made.
pub(super) struct Request {
    /// `telegram.` and the method's name.
    pub(super) operation: &'static str,
    /// Whether doing it twice is the same as doing it once.
    pub(super) repeatable: bool,
    /// The parameters.
    pub(super) fields: Map<String, Value>,
    /// Files by the name of their part.
    pub(super) files: Vec<(String, OutFile)>,
}

/// Why a call did not give a result.
pub(super) enum Failure {
    /// The chat has another id now; certainly nothing was done.
    Moved(i64),
    /// Refused with these words of Telegram's; certainly nothing was done.
    Bad(String),
    /// May or may not have been done.
    Unknown,
    /// Anything that needs no second thought.
    Final(SendError),
}

impl Request {
    /// A request without files. `fields` that is no object counts as empty.
    pub(super) fn new(operation: &'static str, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { operation, repeatable: false, fields, files: Vec::new() }
    }

    /// The same, marked as safe to repeat.
    pub(super) fn repeatable(operation: &'static str, fields: Value) -> Self {
        Self { repeatable: true, ..Self::new(operation, fields) }
    }

    /// The call that makes this request.
    pub(super) fn call(self, account: &Account) -> Result<Call, SendError> {
        let method = self.operation.strip_prefix("telegram.").unwrap_or(self.operation);
        let url = format!("{}/bot{}/{method}", account.base_url, token(account)?);
        let body = if self.files.is_empty() {
            Body::Json(Value::Object(self.fields).to_string().into_bytes())
        } else {
            Body::Multipart(parts(self.fields, self.files))
        };
        Ok(Call::Http(HttpCall {
            operation: self.operation,
            method: Method::Post,
            url,
            headers: Vec::new(),
            body,
            repeatable: self.repeatable,
            to_blob: false,
            cut: None,
            max_reply: 1 << 20,
        }))
    }
}

/// The bot's token if it can stand in a URL, else the account must be authorised anew.
pub(super) fn token(account: &Account) -> Result<String, SendError> {
    let token = account.secret("bot_token");
    let (bot, key) = token.expose().split_once(':').ok_or(SendError::Reauthorise)?;
    let sound = !bot.is_empty()
        && bot.bytes().all(|b| b.is_ascii_digit())
        && !key.is_empty()
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if sound { Ok(token.expose().to_owned()) } else { Err(SendError::Reauthorise) }
}

fn parts(fields: Map<String, Value>, files: Vec<(String, OutFile)>) -> Vec<Part> {
    let fields = fields.into_iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Part { name, file_name: None, content_type: None, content: PartContent::Text(text) }
    });
    let files = files.into_iter().map(|(name, file)| Part {
        name,
        file_name: Some(file.name),
        content_type: Some(file.content_type),
        content: PartContent::Blob(file.blob),
    });
    fields.chain(files).collect()
}

/// The `result` of a reply, or why there is none.
pub(super) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    match reply {
        Reply::Answer { status, headers, body } => answer(*status, headers, body, repeatable),
        Reply::NotSent { why } => Err(Failure::Final(SendError::Retry(why.clone()))),
        Reply::Lost { why } => Err(lost(why, repeatable)),
        Reply::Unheard => Err(lost(Reply::UNHEARD, repeatable)),
        Reply::Stored { .. } | Reply::Mail(_) => Err(lost("a file came where an answer was expected", repeatable)),
    }
}

fn answer(status: u16, headers: &[(String, String)], body: &[u8], repeatable: bool) -> Result<Value, Failure> {
    let mut answer = lenient(body).unwrap_or(Value::Null);
    let code = match status {
        200..=299 if flag(&answer, "/ok") => {
            return Ok(answer.pointer_mut("/result").map_or(Value::Null, Value::take));
        }
        200..=299 => integer(&answer, "/error_code").unwrap_or(0),
        status => i64::from(status),
    };
    Err(match code {
        429 => Failure::Final(SendError::Throttled(wait_ms(&answer, headers))),
        413 => Failure::Bad("request entity too large".to_owned()),
        // Only Telegram's own words count: a proxy in between may answer 404 for reasons of its own.
        400..=499 if text(&answer, "/description").is_none() => {
            Failure::Final(SendError::Retry(format!("unexpected answer {code}")))
        }
        401 | 404 => Failure::Final(SendError::Reauthorise),
        403 => Failure::Final(refusal::forbidden(text(&answer, "/description").unwrap_or_default())),
        400..=499 => match integer(&answer, "/parameters/migrate_to_chat_id") {
            Some(chat) => Failure::Moved(chat),
            None => Failure::Bad(text(&answer, "/description").unwrap_or_default().to_owned()),
        },
        300..=399 => Failure::Final(SendError::Retry("Telegram's address answers with a redirect".to_owned())),
        _ => lost(&format!("answer {status}"), repeatable),
    })
}

fn lost(why: &str, repeatable: bool) -> Failure {
    if repeatable { Failure::Final(SendError::Retry(why.to_owned())) } else { Failure::Unknown }
}

fn wait_ms(answer: &Value, headers: &[(String, String)]) -> u64 {
    let named = integer(answer, "/parameters/retry_after").and_then(|seconds| u64::try_from(seconds).ok());
    let header = headers.iter().find(|(name, _)| name == "retry-after").and_then(|(_, value)| value.parse().ok());
    let wait = named.or(header).map_or(UNNAMED_WAIT_MS, |seconds: u64| seconds.saturating_mul(1000));
    wait.clamp(1, LONGEST_WAIT_MS)
}

/// For steps without a course of their own: a failure as the error that the platform acts on.
pub(super) fn error(failure: Failure) -> SendError {
    match failure {
        Failure::Moved(_) => refusal::bad("chat was upgraded"),
        Failure::Bad(description) => refusal::bad(&description),
        Failure::Unknown => SendError::Retry("the reply was lost".to_owned()),
        Failure::Final(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str, repeatable: bool) -> String {
        let reply = Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match read(&reply, repeatable) {
            Ok(result) => format!("ok {result}"),
            Err(Failure::Moved(chat)) => format!("moved {chat}"),
            Err(Failure::Bad(description)) => format!("bad {description}"),
            Err(Failure::Unknown) => "unknown".to_owned(),
            Err(Failure::Final(error)) => format!("{error:?}"),
        }
    }

    #[test]
    fn every_answer_has_a_meaning() {
        let told = |code: u16, more: &str| format!(r#"{{"ok":false,"error_code":{code},"description":"words"{more}}}"#);
        assert_eq!(outcome(200, r#"{"ok":true,"result":{"message_id":1}}"#, false), r#"ok {"message_id":1}"#);
        assert_eq!(outcome(200, "nonsense", false), "unknown");
        assert_eq!(outcome(200, &told(400, ""), false), "bad words");
        assert_eq!(outcome(400, &told(400, ""), false), "bad words");
        assert_eq!(outcome(400, &told(400, r#","parameters":{"migrate_to_chat_id":-1001}"#), false), "moved -1001");
        assert_eq!(outcome(401, &told(401, ""), false), "Reauthorise");
        assert_eq!(outcome(404, &told(404, ""), false), "Reauthorise");
        assert_eq!(outcome(404, "<html>", false), "Retry(\"unexpected answer 404\")");
        let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert_eq!(outcome(403, blocked, false), "OptedOut");
        assert!(outcome(403, &told(403, ""), false).contains("telegram_refused"));
        assert_eq!(outcome(429, &told(429, r#","parameters":{"retry_after":7}"#), false), "Throttled(7000)");
        assert_eq!(outcome(429, "", false), "Throttled(1000)");
        assert_eq!(outcome(429, &told(429, r#","parameters":{"retry_after":-3}"#), false), "Throttled(1000)");
        assert_eq!(outcome(500, &told(500, ""), false), "unknown");
        assert_eq!(outcome(502, "<html>", true), "Retry(\"answer 502\")");
    }

    #[test]
    fn a_token_that_would_bend_the_url_is_not_used() {
        for wrong in ["", "1", ":", "1:", "a:b", "1:b/../c", "1:b?x", "1:b@host", "1:b c", "1:b:c"] {
            let mut account = Account::default();
            account.secrets.insert("bot_token".to_owned(), crate::Secret::new(wrong));
            assert_eq!(token(&account), Err(SendError::Reauthorise), "{wrong}");
        }
    }
}
