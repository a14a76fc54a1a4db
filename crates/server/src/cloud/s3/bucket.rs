//! A bucket: its address, signed requests to it, and what its refusals mean.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use reqwest::Url;
use vault::{Chance, Clock, Error, Result};

use super::super::line::{Answer, Ask, Line, Patience, Silence, quoted};
use super::super::sigv4::{Signer, Unsigned, query_string};
use super::text;
use crate::settings::S3;

/// A part of 8 MiB on a slow line takes its time.
const PATIENCE: Patience = Patience { attempt: Duration::from_mins(1), attempts: 4 };

/// Names and values.
pub(super) type Query<'a> = Vec<(&'a str, &'a str)>;

/// A bucket.
pub(super) struct Bucket {
    line: Line,
    signer: Signer,
    /// Where its objects are, with a slash at its end.
    base: Url,
    name: String,
    /// What the name of every object begins with.
    pub(super) prefix: String,
    clock: Arc<dyn Clock>,
}

impl Bucket {
    pub(super) fn new(settings: &S3, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Self> {
        let base = base(settings).ok_or_else(|| Error::Invalid("s3.endpoint is no address of a storage".into()))?;
        let line = Line::open("s3", PATIENCE, chance).map_err(|Silence(why)| Error::Outside(why))?;
        let signer = Signer { access: settings.access.clone(), region: settings.region.clone(), service: "s3" };
        Ok(Self { line, signer, base, name: settings.bucket.clone(), prefix: settings.prefix.clone(), clock })
    }

    /// Asks for something of a blob, or of the bucket.
    pub(super) fn ask(
        &self,
        method: &Method,
        blob: Option<&str>,
        query: &[(&str, &str)],
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Answer> {
        let asked = self.line.ask(|| self.request(method, blob, query, headers.clone(), body.clone()), passes);
        asked.map_err(|Silence(why)| Error::Outside(format!("the bucket {}: {why}", self.name)))
    }

    /// The same, and nobody waits for the answer.
    pub(super) fn mention(&self, method: &Method, blob: &str, query: &[(&str, &str)]) {
        if let Ok(ask) = self.request(method, Some(blob), query, HeaderMap::new(), Bytes::new()) {
            self.line.mention(ask);
        }
    }

    fn request(
        &self,
        method: &Method,
        blob: Option<&str>,
        query: &[(&str, &str)],
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Ask, Silence> {
        let mut url = self.base.clone();
        if let Some(name) = blob {
            url.set_path(&format!("{}{}{name}", self.base.path(), self.prefix));
        }
        let unsigned = Unsigned { method, url: &url, query, body: &body };
        self.signer.sign(&unsigned, &mut headers, self.clock.now())?;
        let query = query_string(query);
        url.set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
        Ok(Ask { method: method.clone(), url, headers, body })
    }

    /// A blob's size; `None` if there is no such blob.
    pub(super) fn size(&self, name: &str) -> Result<Option<u64>> {
        let answer = self.ask(&Method::HEAD, Some(name), &[], &HeaderMap::new(), &Bytes::new())?;
        match answer.status {
            200 => {
                let size = answer.header("content-length").and_then(|text| text.parse().ok());
                size.map(Some).ok_or_else(|| Error::Outside(format!("the bucket {}: no size is told", self.name)))
            }
            404 => Ok(None),
            _ => Err(self.refusal("looking at", &answer)),
        }
    }

    /// What a 404 means: the blob is not there, or nothing at all is.
    pub(super) fn absent(&self, answer: &Answer) -> Error {
        if text::between(&answer.body, "Code").as_deref() == Some("NoSuchBucket") {
            return self.refusal("using", answer);
        }
        Error::NotFound("file")
    }

    /// What was refused, and what to do.
    pub(super) fn refusal(&self, doing: &str, answer: &Answer) -> Error {
        let code = text::between(&answer.body, "Code").map(|code| quoted(&code)).unwrap_or_default();
        let said = text::between(&answer.body, "Message").map(|words| quoted(&words)).unwrap_or_default();
        let advice = match (code.as_str(), answer.status) {
            ("NoSuchBucket", _) => "there is no such bucket; make it, or check s3.bucket and s3.region",
            ("SignatureDoesNotMatch" | "InvalidAccessKeyId" | "AuthorizationHeaderMalformed", _) => {
                "the access key, its secret or the region is wrong"
            }
            ("RequestTimeTooSkewed", _) => "this machine's clock is wrong: set it, and keep it right with NTP",
            ("ExpiredToken", _) => "the session token has run out; give the program a new one",
            ("AccessDenied" | "", 403) => {
                "the access key may not; it needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on \
                 its objects, and s3:ListBucket on the bucket"
            }
            (_, 300..400) => "it is in another region; set s3.region, or s3.endpoint to where it is",
            _ => "try again later",
        };
        let name = &self.name;
        Error::Outside(format!("the bucket {name}: {doing} was refused ({} {code}): {advice}. {said}", answer.status))
    }
}

/// What passes if one waits: overload, and failures of the storage itself.
fn passes(answer: &Answer) -> bool {
    let later = ["SlowDown", "RequestTimeout", "InternalError", "OperationAborted"];
    answer.status >= 500
        || answer.status == 429
        || !answer.is_good() && text::between(&answer.body, "Code").is_some_and(|code| later.contains(&code.as_str()))
        // An upload is put together under a 200 that was sent before it succeeded.
        || answer.status == 200 && answer.body.len() < 4096 && text::between(&answer.body, "Error").is_some()
}

fn base(settings: &S3) -> Option<Url> {
    let S3 { bucket, region, .. } = settings;
    let own = settings.endpoint.clone().unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    let mut url = Url::parse(&own).ok()?;
    let path = url.path().trim_end_matches('/').to_owned();
    if settings.path_style {
        url.set_path(&format!("{path}/{bucket}/"));
    } else {
        let host = format!("{bucket}.{}", url.host_str()?);
        url.set_host(Some(&host)).ok()?;
        url.set_path(&format!("{path}/"));
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::AccessKey;

    fn address(endpoint: Option<&str>, path_style: bool) -> Option<String> {
        let settings = S3 {
            bucket: "files".into(),
            region: "eu-central-1".into(),
            endpoint: endpoint.map(str::to_owned),
            prefix: String::new(),
            path_style,
            cache_bytes: 0,
            access: AccessKey::default(),
        };
        base(&settings).map(String::from)
    }

    #[test]
    fn a_bucket_is_in_the_path_or_in_the_hosts_name() {
        assert_eq!(address(None, false).unwrap(), "https://files.s3.eu-central-1.amazonaws.com/");
        assert_eq!(address(None, true).unwrap(), "https://s3.eu-central-1.amazonaws.com/files/");
        assert_eq!(address(Some("http://127.0.0.1:9000/s3"), true).unwrap(), "http://127.0.0.1:9000/s3/files/");
        assert_eq!(address(Some("https://storage.example.org"), false).unwrap(), "https://files.storage.example.org/");
    }

    #[test]
    fn a_failure_under_a_good_status_is_one() {
        let answer = |status, body: &'static str| Answer { status, headers: HeaderMap::new(), body: body.into() };
        assert!(passes(&answer(200, "<?xml version='1.0'?><Error><Code>InternalError</Code></Error>")));
        assert!(passes(&answer(403, "<Error><Code>SlowDown</Code></Error>")));
        assert!(!passes(&answer(403, "<Error><Code>AccessDenied</Code></Error>")));
        assert!(!passes(&answer(200, "<CompleteMultipartUploadResult/>")));
    }
}
