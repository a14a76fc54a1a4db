//! Signature Version 4, by which AWS and what imitates it know who asks.
//!
//! As AWS describes it under "Create a signed AWS API request" in the IAM user guide. Checked against AWS's published
//! examples below, and in the integration tests by servers that are not ours.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Url;
use sha2::{Digest, Sha256};
use vault::Millis;

use super::line::Silence;
use crate::settings::AccessKey;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs, for which service and region.
pub(super) struct Signer {
    pub(super) access: AccessKey,
    pub(super) region: String,
    pub(super) service: &'static str,
}

/// A request as far as it is signed. Its path is encoded already, its query is not.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

impl Signer {
    /// Adds to the headers what makes the request signed, all of them and the body included.
    pub(super) fn sign(&self, request: &Unsigned<'_>, headers: &mut HeaderMap, now: Millis) -> Result<(), Silence> {
        let moment = moment(now);
        let digest = hex::encode(Sha256::digest(request.body));
        put(headers, "host", &host(request.url))?;
        put(headers, "x-amz-date", &moment)?;
        // Object storages want it as a header too.
        if self.service == "s3" {
            put(headers, "x-amz-content-sha256", &digest)?;
        }
        if let Some(session) = &self.access.session {
            put(headers, "x-amz-security-token", session.expose())?;
        }
        let authorization = self.authorization(request, headers, &moment, &digest);
        // The client writes the same one by itself, in the way of the protocol that it speaks.
        headers.remove("host");
        put(headers, "authorization", &authorization)
    }

    fn authorization(&self, request: &Unsigned<'_>, headers: &HeaderMap, moment: &str, digest: &str) -> String {
        let (date, _) = moment.split_once('T').unwrap_or((moment, ""));
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let (lines, names) = canonical_headers(headers);
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{digest}",
            request.method,
            request.url.path(),
            query_string(request.query)
        );
        let text = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let key = [date, &self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", self.access.secret.expose()).into_bytes(), |key, word| keyed(&key, word));
        let signature = hex::encode(keyed(&key, &text));
        format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", self.access.id)
    }
}

/// The query as it is signed and sent: sorted, and encoded in the one way that both sides agree on.
pub(super) fn query_string(query: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Everything but letters, digits and `-_.~` as `%XX`.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            write!(all, "%{byte:02X}").ok();
        }
        all
    })
}

/// `20150830T123600Z`.
fn moment(now: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Silence> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Silence("the access key or the address has letters that no request can carry".to_owned()))?;
    value.set_sensitive(matches!(name, "authorization" | "x-amz-security-token"));
    headers.insert(name, value);
    Ok(())
}

/// The headers, one line each and in order, and their names.
fn canonical_headers(headers: &HeaderMap) -> (String, String) {
    let mut all: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
    all.sort_unstable();
    let lines = all.iter().fold(String::new(), |lines, (name, value)| lines + name + ":" + value.trim() + "\n");
    (lines, all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";"))
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length; one that is refused would only make a signature that is refused.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text.as_bytes()).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use connect::Secret;

    use super::*;

    /// AWS's published examples: the documents on signing give inputs and signatures.
    struct Example {
        service: &'static str,
        secret: &'static str,
        at: Millis,
        method: Method,
        url: &'static str,
        query: &'static [(&'static str, &'static str)],
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
        signature: &'static str,
    }

    /// 2015-08-30T12:36:00Z, of the suite for Signature Version 4, and 2013-05-24, of the examples for S3.
    const SUITE: Millis = 1_440_938_160_000;
    const S3: Millis = 1_369_353_600_000;

    fn signature(example: &Example) -> String {
        let access = AccessKey { id: "AKIDEXAMPLE".into(), secret: Secret::new(example.secret), session: None };
        let signer = Signer { access, region: "us-east-1".into(), service: example.service };
        let mut headers = HeaderMap::new();
        for (name, value) in example.headers {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let url = Url::parse(example.url).unwrap();
        let (query, body) = (example.query, example.body.as_bytes());
        signer.sign(&Unsigned { method: &example.method, url: &url, query, body }, &mut headers, example.at).unwrap();
        assert!(!headers.contains_key("host") && headers["authorization"].is_sensitive());
        headers["authorization"].to_str().unwrap().rsplit('=').next().unwrap().to_owned()
    }

    fn suite(method: Method, query: &'static [(&'static str, &'static str)], signature: &'static str) -> Example {
        Example {
            service: "service",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            at: SUITE,
            method,
            url: "https://example.amazonaws.com/",
            query,
            headers: &[],
            body: "",
            signature,
        }
    }

    fn s3(method: Method, path: &'static str, signature: &'static str) -> Example {
        Example {
            service: "s3",
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            at: S3,
            url: path,
            ..suite(method, &[], signature)
        }
    }

    #[test]
    fn the_published_examples_come_out() {
        let bucket = "https://examplebucket.s3.amazonaws.com/";
        let examples = [
            suite(Method::GET, &[], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            suite(Method::POST, &[], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            suite(
                Method::GET,
                &[("Param2", "value2"), ("Param1", "value1")],
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            Example {
                headers: &[("range", "bytes=0-9")],
                ..s3(
                    Method::GET,
                    "https://examplebucket.s3.amazonaws.com/test.txt",
                    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                )
            },
            Example {
                headers: &[("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                body: "Welcome to Amazon S3.",
                ..s3(
                    Method::PUT,
                    "https://examplebucket.s3.amazonaws.com/test%24file.text",
                    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                )
            },
            Example {
                query: &[("lifecycle", "")],
                ..s3(Method::GET, bucket, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
            },
            Example {
                query: &[("max-keys", "2"), ("prefix", "J")],
                ..s3(Method::GET, bucket, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
            },
        ];
        for example in &examples {
            assert_eq!(signature(example), example.signature, "{} {} {:?}", example.method, example.url, example.query);
        }
    }

    #[test]
    fn a_query_is_encoded_in_one_way() {
        assert_eq!(query_string(&[("b", "x/y+z= ä"), ("a", "~-_.")]), "a=~-_.&b=x%2Fy%2Bz%3D%20%C3%A4");
    }
}
