//! What a file is by its first bytes. What a sender claims is not believed, and only what cannot run in a page is named.

/// What is neither known nor text.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Bytes at a place, and what they say.
type Mark = (usize, &'static [u8], &'static str);

const MARKS: &[Mark] = &[
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
];

/// The content type by a file's first bytes (give it at least 512, or all there are).
pub fn sniff(first: &[u8]) -> &'static str {
    let marked = |(at, bytes, _): &&Mark| first.get(*at..).is_some_and(|rest| rest.starts_with(bytes));
    if let Some((_, _, content_type)) = MARKS.iter().find(marked) {
        return content_type;
    }
    riff(first)
        .or_else(|| mpeg_frame(first))
        .unwrap_or_else(|| if is_text(first) { "text/plain; charset=utf-8" } else { UNKNOWN })
}

fn riff(first: &[u8]) -> Option<&'static str> {
    match first.strip_prefix(b"RIFF")?.get(4..8)? {
        b"WEBP" => Some("image/webp"),
        b"WAVE" => Some("audio/wav"),
        _ => None,
    }
}

/// MP3 without tags begins with a frame: eleven bits set, version 1 or 2, layer III (ISO/IEC 11172-3).
fn mpeg_frame(first: &[u8]) -> Option<&'static str> {
    let [0xff, second, ..] = first else { return None };
    matches!(second & 0xfe, 0xfa | 0xf2).then_some("audio/mpeg")
}

/// UTF-8 without control characters, possibly cut inside its last character.
fn is_text(first: &[u8]) -> bool {
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(first.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c'))
}

#[cfg(test)]
mod tests {
    use super::sniff;

    #[test]
    fn known_beginnings_are_named() {
        let cases: [(&[u8], &str); 14] = [
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
            (b"GIF89a..", "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
            (b"%PDF-1.7", "application/pdf"),
            (b"\0\0\0\x18ftypisom", "video/mp4"),
            (b"\x1a\x45\xdf\xa3", "video/webm"),
            (b"OggS\0", "audio/ogg"),
            (b"ID3\x04", "audio/mpeg"),
            (b"\xff\xfb\x90", "audio/mpeg"),
            (b"PK\x03\x04", "application/zip"),
            ("schöne Grüße".as_bytes(), "text/plain; charset=utf-8"),
            (b"\0\x01\x02", "application/octet-stream"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(sniff(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn pages_and_cut_text_are_plain_text_and_nothing_is_unknown() {
        assert_eq!(sniff(b"<html><script>"), "text/plain; charset=utf-8");
        assert_eq!(sniff("né".as_bytes().get(..2).unwrap_or_default()), "text/plain; charset=utf-8");
        assert_eq!(sniff(b""), "application/octet-stream");
        assert_eq!(sniff(b"a\xffb"), "application/octet-stream");
    }
}
