//! Files in an S3-compatible object storage.
//!
//! One object per blob, by the blob's name behind the settings' prefix. An object appears when its upload is complete and not
//! before, so what [`BlobStore`] promises is what the storage does. Small blobs are one request; larger ones are uploaded in
//! parts ([`upload`]), of which nothing stays if they are given up.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/>

mod bucket;
mod text;
mod upload;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use vault::blobs::{BlobStore, BlobWriter};
use vault::{Chance, Clock, Error, Result};

use crate::settings::S3;
use bucket::{Bucket, Query};
use upload::Upload;

/// Names asked for at a time: the most that S3 tells.
const PAGE: &str = "1000";

/// Files in a bucket.
pub(super) struct S3Blobs(Arc<Bucket>);

impl S3Blobs {
    /// Nothing is asked yet.
    pub(super) fn new(settings: &S3, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Self> {
        Ok(Self(Arc::new(Bucket::new(settings, clock, chance)?)))
    }
}

impl BlobStore for S3Blobs {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        vault::blobs::check_name(name)?;
        Ok(Box::new(Upload::new(Arc::clone(&self.0), name)))
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        self.0.size(name)
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let Range { start, end } = range;
        if start >= end {
            return self.0.size(name)?.map(|_| Vec::new()).ok_or(Error::NotFound("file"));
        }
        let mut headers = HeaderMap::new();
        // Beyond what fits a file's size, servers read nonsense.
        let last = if end > 1 << 62 { String::new() } else { (end - 1).to_string() };
        if let Ok(value) = HeaderValue::try_from(format!("bytes={start}-{last}")) {
            headers.insert("range", value);
        }
        let mut answer = self.0.ask(&Method::GET, Some(name), &[], &headers, &Bytes::new())?;
        match answer.status {
            206 => Ok(std::mem::take(&mut answer.body).into()),
            // The whole blob: the range was passed over, or there is nothing to take a part of.
            200 => {
                let at = |edge: u64| usize::try_from(edge).unwrap_or(usize::MAX).min(answer.body.len());
                Ok(answer.body.slice(at(start)..at(end)).into())
            }
            416 => Ok(Vec::new()),
            404 => Err(self.0.absent(&answer)),
            _ => Err(self.0.refusal("reading", &answer)),
        }
    }

    fn delete(&self, name: &str) -> Result<()> {
        let answer = self.0.ask(&Method::DELETE, Some(name), &[], &HeaderMap::new(), &Bytes::new())?;
        match answer.status {
            200..300 => Ok(()),
            404 if text::between(&answer.body, "Code").as_deref() != Some("NoSuchBucket") => Ok(()),
            _ => Err(self.0.refusal("deleting", &answer)),
        }
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let whole = format!("{}{prefix}", self.0.prefix);
        let mut names = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query: Query<'_> = vec![("list-type", "2"), ("max-keys", PAGE), ("prefix", &whole)];
            query.extend(next.as_deref().map(|token| ("continuation-token", token)));
            let answer = self.0.ask(&Method::GET, None, &query, &HeaderMap::new(), &Bytes::new())?;
            if !answer.is_good() {
                return Err(self.0.refusal("listing", &answer));
            }
            let page = text::listing(&answer.body);
            names.extend(page.keys.iter().filter_map(|key| key.strip_prefix(&self.0.prefix)).map(str::to_owned));
            // A storage that tells the same page for ever would keep us for ever.
            if page.next.is_none() || page.next == next || page.keys.is_empty() {
                break;
            }
            next = page.next;
        }
        // Whoever keeps names as folders tells them in another order, and folders as names.
        names.retain(|name| name.starts_with(prefix) && vault::blobs::check_name(name).is_ok());
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}
