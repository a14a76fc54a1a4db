//! What a file is, by its first bytes. What a sender claims decides nothing: a page that claims to be a picture would
//! run in a member's browser.

/// Signatures: where they begin, what they are, what they mean (WHATWG MIME Sniffing, and the formats' own documents).
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"MThd\0\0\0\x06", "audio/midi"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
];

/// The content type of a file whose first bytes these are (512 are enough). Text of any kind, HTML and SVG included, is
/// `text/plain`; what is not known is `application/octet-stream`.
pub fn content_type(head: &[u8]) -> &'static str {
    if let Some((_, _, kind)) = SIGNATURES.iter().find(|(at, sign, _)| begins(head, *at, sign)) {
        return kind;
    }
    if begins(head, 0, b"RIFF") {
        return riff(head.get(8..12).unwrap_or_default());
    }
    if begins(head, 4, b"ftyp") {
        return media(head.get(8..12).unwrap_or_default());
    }
    if is_text(head) { "text/plain" } else { "application/octet-stream" }
}

fn begins(head: &[u8], at: usize, sign: &[u8]) -> bool {
    head.get(at..).is_some_and(|rest| rest.starts_with(sign))
}

fn riff(kind: &[u8]) -> &'static str {
    match kind {
        b"WEBP" => "image/webp",
        b"WAVE" => "audio/wav",
        b"AVI " => "video/x-msvideo",
        _ => "application/octet-stream",
    }
}

/// The brand of an ISO base media file (ISO/IEC 14496-12).
fn media(brand: &[u8]) -> &'static str {
    match brand {
        b"M4A " | b"M4B " => "audio/mp4",
        b"qt  " => "video/quicktime",
        b"heic" | b"heix" | b"mif1" => "image/heic",
        b"avif" => "image/avif",
        brand if brand.starts_with(b"3gp") => "video/3gpp",
        _ => "video/mp4",
    }
}

/// UTF-8 without control characters. The head may end within a character.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !head.is_empty()
        && !whole.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\x0c'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_what_they_begin_with() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x89PNG\r\n\x1a\n....", "image/png"),
            (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
            (b"\0\0\0\x18ftypmp42", "video/mp4"),
            (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
            (b"OggS\0\x02", "audio/ogg"),
            (b"%PDF-1.7", "application/pdf"),
            (b"<html><script>alert(1)</script>", "text/plain"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
            ("Grü\u{df}e".as_bytes(), "text/plain"),
            (&"ü".as_bytes()[..1], "text/plain"),
            (b"a\0b", "application/octet-stream"),
            (b"\xfe\xff\0a", "application/octet-stream"),
            (b"", "application/octet-stream"),
            (b"RIFF", "application/octet-stream"),
        ];
        for (head, expected) in cases {
            assert_eq!(content_type(head), *expected, "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_ever_something_that_runs(head: Vec<u8>) {
            let kind = content_type(&head);
            prop_assert!(!kind.contains("html") && !kind.contains("svg") && !kind.contains("javascript"));
        }
    }
}
