//! Where the root key comes from, and its bytes if the environment gives them.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::outside::{AwsKms, Transit};

/// The variable that may hold the root key.
pub(super) const VARIABLE: &str = "PARLOIR_ROOT_KEY";

/// The variable that may hold the root key that is to take its place.
pub(super) const NEXT_VARIABLE: &str = "PARLOIR_NEXT_ROOT_KEY";
/// The next root key in the data folder.
pub const NEXT_ROOT_KEY_FILE: &str = "root.key.next";

/// Where the root key comes from.
#[derive(Clone)]
pub enum RootKeySource {
    /// This file, made at the first start.
    File(PathBuf),
    /// The environment gave these 32 bytes.
    Given([u8; 32]),
    /// AWS KMS holds it.
    AwsKms(Box<AwsKms>),
    /// HashiCorp Vault or OpenBao holds it.
    Transit(Box<Transit>),
}

impl std::fmt::Debug for RootKeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Given(_) => f.write_str("Given(…)"),
            Self::AwsKms(kms) => kms.fmt(f),
            Self::Transit(transit) => transit.fmt(f),
        }
    }
}

/// 32 bytes in hex or any common base64.
pub(super) fn key_bytes(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let decoded = match hex::decode(text) {
        Ok(bytes) => vec![bytes],
        Err(_) => [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
            .iter()
            .filter_map(|engine| engine.decode(text).ok())
            .collect(),
    };
    decoded.into_iter().find_map(|bytes| bytes.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_hex_and_base64() {
        let key = [0xfb_u8; 32];
        for text in [hex::encode(key), hex::encode_upper(key), STANDARD.encode(key), URL_SAFE_NO_PAD.encode(key)] {
            assert_eq!(key_bytes(&format!(" {text}\n")), Some(key), "{text}");
        }
        for text in ["", "secret", &hex::encode([1; 31]), &STANDARD.encode([1; 33])] {
            assert_eq!(key_bytes(text), None, "{text}");
        }
        assert_eq!(format!("{:?}", RootKeySource::Given(key)), "Given(…)");
    }
}
