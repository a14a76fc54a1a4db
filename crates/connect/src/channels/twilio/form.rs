//! What Twilio posts: a form, in the body of a POST or in the query of a GET; or JSON, whose hash is then in the address.

use serde_json::Value;

use crate::{clean, lenient};

/// Fields in order of arrival, decoded. Nothing is trimmed.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form, or the texts of a JSON object.
    pub(super) fn read(bytes: &[u8]) -> Self {
        if bytes.first() == Some(&b'{')
            && let Some(Value::Object(object)) = lenient(bytes)
        {
            let texts = object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            return Self(texts.collect());
        }
        Self::encoded(bytes)
    }

    /// Reads a form, and nothing else.
    pub(super) fn encoded(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field that is not empty, without NUL. Of several with the same name the first.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(known, value)| known == name && !value.is_empty())?;
        Some(clean(value)).filter(|value| !value.is_empty())
    }

    /// What is signed of it: name and value of each field, by name and then by value, each pair once.
    pub(super) fn signed(mut self) -> String {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.into_iter().fold(String::new(), |all, (name, value)| all + &name + &value)
    }
}
