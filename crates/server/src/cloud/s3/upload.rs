//! Writing a blob: one request if it is small, otherwise parts that the storage puts together at the end.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use vault::Result;
use vault::blobs::BlobWriter;

use super::bucket::Bucket;
use super::text;

/// Bytes of a part: more than the 5 MiB that S3 asks for, and little enough to be held in memory. Ten thousand of them are 80 GiB,
/// far beyond any file here.
const PART: usize = 8 << 20;

/// A blob being written.
pub(super) struct Upload {
    bucket: Arc<Bucket>,
    name: String,
    part: Vec<u8>,
    size: u64,
    /// The storage's name for an upload in parts, and the marks of those it has.
    begun: Option<(String, Vec<String>)>,
}

impl Upload {
    pub(super) fn new(bucket: Arc<Bucket>, name: &str) -> Self {
        Self { bucket, name: name.to_owned(), part: Vec::new(), size: 0, begun: None }
    }

    fn put(&mut self) -> Result<()> {
        let body = Bytes::from(std::mem::take(&mut self.part));
        let answer = self.bucket.ask(&Method::PUT, Some(&self.name), &[], &plain_bytes(), &body)?;
        if answer.is_good() { Ok(()) } else { Err(self.bucket.refusal("writing", &answer)) }
    }

    fn begin(&self) -> Result<String> {
        let query = [("uploads", "")];
        let answer = self.bucket.ask(&Method::POST, Some(&self.name), &query, &plain_bytes(), &Bytes::new())?;
        let id = text::between(&answer.body, "UploadId").filter(|id| answer.is_good() && !id.is_empty());
        id.ok_or_else(|| self.bucket.refusal("beginning to write", &answer))
    }

    fn pass_on(&mut self) -> Result<()> {
        if self.begun.is_none() {
            self.begun = Some((self.begin()?, Vec::new()));
        }
        let Some((id, marks)) = &mut self.begun else { return Ok(()) };
        let number = (marks.len() + 1).to_string();
        let query = [("partNumber", number.as_str()), ("uploadId", id.as_str())];
        let body = Bytes::from(std::mem::take(&mut self.part));
        let answer = self.bucket.ask(&Method::PUT, Some(&self.name), &query, &HeaderMap::new(), &body)?;
        match answer.header("etag").filter(|_| answer.is_good()) {
            Some(mark) => marks.push(mark.to_owned()),
            None => return Err(self.bucket.refusal("writing", &answer)),
        }
        Ok(())
    }

    fn complete(&self, id: &str, marks: &[String]) -> Result<()> {
        let parts = marks.iter().enumerate().map(|(index, mark)| {
            let mark = mark.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            format!("<Part><PartNumber>{}</PartNumber><ETag>{mark}</ETag></Part>", index + 1)
        });
        let order = format!(
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</CompleteMultipartUpload>",
            parts.collect::<String>()
        );
        let query = [("uploadId", id)];
        let answer = self.bucket.ask(&Method::POST, Some(&self.name), &query, &HeaderMap::new(), &order.into())?;
        let wrong = text::between(&answer.body, "Error").is_some();
        if answer.is_good() && !wrong {
            return Ok(());
        }
        // An answer that got lost on its way: then the upload is gone because it is done.
        let gone = text::between(&answer.body, "Code").as_deref() == Some("NoSuchUpload");
        if gone && self.bucket.size(&self.name)? == Some(self.size) {
            return Ok(());
        }
        Err(self.bucket.refusal("putting the parts together", &answer))
    }
}

/// What is stored is sealed: nobody shall guess at its kind.
fn plain_bytes() -> HeaderMap {
    HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))])
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.part.len() >= PART {
            self.pass_on().map_err(io::Error::other)?;
        }
        let now = bytes.len().min(PART - self.part.len());
        self.part.extend_from_slice(bytes.get(..now).unwrap_or_default());
        self.size += now as u64;
        Ok(now)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl BlobWriter for Upload {
    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.begun.is_none() {
            return self.put();
        }
        self.pass_on()?;
        if let Some((id, marks)) = &self.begun {
            self.complete(id, marks)?;
        }
        self.begun = None;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some((id, _)) = &self.begun {
            // What does not arrive stays until the bucket's own rule for unfinished uploads removes it.
            self.bucket.mention(&Method::DELETE, &self.name, &[("uploadId", id)]);
        }
    }
}
