//! Cursor pages.

/// Where a page starts: opaque to clients, made of sort key and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last row of the page before.
    pub key: i64,
    /// Its id, to break ties.
    pub id: String,
}

impl Cursor {
    /// The form clients see.
    pub fn encode(&self) -> String {
        format!("{:x}.{}", self.key, self.id)
    }

    /// Back from a client; `None` if it is not one of ours.
    pub fn decode(text: &str) -> Option<Self> {
        let (key, id) = text.split_once('.')?;
        let key = i64::from_str_radix(key, 16).ok()?;
        (id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            .then(|| Self { key, id: id.to_owned() })
    }
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page starts, if there is more.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page from one row more than `limit`, with the cursor of its last row.
    pub fn from_overfull(mut rows: Vec<T>, limit: usize, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { data: rows, next }
    }
}
