//! `winmail.dat` (TNEF, [MS-OXTNEF]): the text in it, and the files in it with where they lie.

use super::charset;
use crate::Span;

const SIGNATURE: [u8; 4] = 0x223E_9F78_u32.to_le_bytes();
/// Bytes of an attribute before its data.
const HEAD: usize = 9;
/// No more files than this are taken.
const MOST: usize = 100;
/// Attributes by their number: text, title of a file, its data, what a file begins with, its properties.
const BODY: u32 = 0x0002_800C;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800F;
const RENDERING: u32 = 0x0006_9002;
const PROPERTIES: u32 = 0x0006_9005;
/// The property that holds a file's long name.
const LONG_NAME: u16 = 0x3707;

/// What could be read.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) text: Option<String>,
    pub(super) files: Vec<Packed>,
}

/// A file in it.
#[derive(Default)]
pub(super) struct Packed {
    pub(super) name: Option<String>,
    /// Where its bytes lie in the stream; `None` where it is a mail, or a link to something elsewhere.
    pub(super) span: Option<Span>,
}

/// Reads the stream as far as it is sound. `None` if it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Contents> {
    bytes.strip_prefix(&SIGNATURE)?.get(2..)?;
    let mut at = SIGNATURE.len() + 2;
    let mut contents = Contents::default();
    while let Some((attribute, data, next)) = attribute(bytes, at) {
        let span = Span { start: at as u64 + HEAD as u64, length: data.len() as u64 };
        at = next;
        if attribute == BODY {
            contents.text = Some(string(data)).filter(|text| !text.trim().is_empty());
        } else if attribute == RENDERING {
            // What belongs to a file follows this.
            contents.files.push(Packed::default());
        } else if let Some(open) = contents.files.last_mut() {
            match attribute {
                DATA => open.span = Some(span),
                // The long name comes after the short one, and takes its place.
                TITLE => open.name = Some(string(data)).filter(|name| !name.is_empty()),
                PROPERTIES => open.name = long_name(data).or(open.name.take()),
                _ => {}
            }
        }
        if contents.files.len() > MOST {
            contents.files.pop();
            break;
        }
    }
    Some(contents)
}

/// The number and the data of an attribute, and where the next begins: level, number, length, data, checksum.
fn attribute(bytes: &[u8], at: usize) -> Option<(u32, &[u8], usize)> {
    let bytes = bytes.get(at..)?;
    let number = le32(bytes.get(1..5)?)?;
    let length = usize::try_from(le32(bytes.get(5..HEAD)?)?).ok()?;
    let data = bytes.get(HEAD..)?.get(..length)?;
    Some((number, data, at + HEAD + length + 2))
}

fn le32(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}

fn string(data: &[u8]) -> String {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    charset::decode(None, &data[..end])
}

/// The long name among the properties of a file, if they can be read up to it.
fn long_name(data: &[u8]) -> Option<String> {
    let count = le32(data)?;
    let mut rest = data.get(4..)?;
    for _ in 0..count.min(200) {
        let kind = u16::from_le_bytes(rest.get(..2)?.try_into().ok()?);
        let id = u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?);
        rest = rest.get(4..)?;
        if id >= 0x8000 {
            rest = skip_name(rest)?;
        }
        let (value, after) = value(kind, rest)?;
        rest = after;
        if id == LONG_NAME {
            return Some(text(kind, value)).filter(|name| !name.is_empty());
        }
    }
    None
}

fn text(kind: u16, value: &[u8]) -> String {
    if kind != 0x1F {
        return string(value);
    }
    charset::decode(Some("utf-16le"), value)
}

/// Properties beyond 0x8000 are named: by a number, or by a text.
fn skip_name(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.get(16..)?;
    if le32(rest)? == 0 {
        return rest.get(8..);
    }
    let length = usize::try_from(le32(rest.get(4..)?)?).ok()?;
    rest.get(8..)?.get(length.checked_next_multiple_of(4)?..)
}

/// A property's value (the first of several), and what follows.
fn value(kind: u16, rest: &[u8]) -> Option<(&[u8], &[u8])> {
    match kind {
        0x02 | 0x03 | 0x04 | 0x0A | 0x0B => rest.split_at_checked(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => rest.split_at_checked(8),
        0x48 => rest.split_at_checked(16),
        0x0D | 0x1E | 0x1F | 0x102 => {
            let length = usize::try_from(le32(rest.get(4..)?)?).ok()?;
            let value = rest.get(8..)?.get(..length)?;
            Some((value, rest.get(8..)?.get(length.checked_next_multiple_of(4)?..).unwrap_or_default()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attribute(number: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).expect("short");
        [&[2][..], &number.to_le_bytes(), &length.to_le_bytes(), data, &[0, 0]].concat()
    }

    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        [&SIGNATURE[..], &[0, 0], &attributes.concat()].concat()
    }

    fn properties() -> Vec<u8> {
        let name = "report 2026.pdf".encode_utf16().flat_map(u16::to_le_bytes).chain([0, 0]).collect::<Vec<u8>>();
        [
            &3_u32.to_le_bytes()[..],
            &[0x03, 0x00, 0x05, 0x37],
            &[1, 0, 0, 0],
            &[0x0B, 0x00, 0x01, 0x80],
            &[7; 16],
            &[0; 8],
            &[1, 0, 0, 0],
            &[0x1F, 0x00, 0x07, 0x37],
            &1_u32.to_le_bytes(),
            &u32::try_from(name.len()).expect("short").to_le_bytes(),
            &name,
        ]
        .concat()
    }

    #[test]
    fn text_and_files() {
        let stream = stream(&[
            attribute(BODY, b"Hello\0"),
            attribute(TITLE, b"of no file"),
            attribute(RENDERING, &[0; 14]),
            attribute(TITLE, b"REPORT~1.PDF\0"),
            attribute(DATA, b"%PDF"),
            attribute(PROPERTIES, &properties()),
            attribute(RENDERING, &[0; 14]),
            attribute(TITLE, b"b.txt\0"),
            attribute(DATA, b""),
            attribute(RENDERING, &[0; 14]),
        ]);
        let contents = read(&stream).expect("a stream");
        assert_eq!(contents.text.as_deref(), Some("Hello"));
        let found: Vec<_> = contents
            .files
            .iter()
            .map(|file| (file.name.as_deref().unwrap_or_default(), file.span.map(|span| span.of(0, &stream))))
            .collect();
        assert_eq!(found, [("report 2026.pdf", Some(&b"%PDF"[..])), ("b.txt", Some(&b""[..])), ("", None)]);
        assert!(read(b"PK\x03\x04").is_none());
        let many: Vec<Vec<u8>> = (0..MOST + 50).map(|_| attribute(RENDERING, &[])).collect();
        assert_eq!(read(&self::stream(&many)).expect("a stream").files.len(), MOST);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(
            number in prop_oneof![Just(BODY), Just(TITLE), Just(PROPERTIES), Just(DATA), any::<u32>()],
            data in proptest::collection::vec(any::<u8>(), 0..80), cut in 0_usize..200,
        ) {
            let begin = attribute(RENDERING, &[]);
            let mut stream = stream(&[begin, attribute(number, &data), attribute(PROPERTIES, &properties())]);
            stream.truncate(cut);
            for file in read(&stream).into_iter().flat_map(|contents| contents.files) {
                prop_assert!(file.span.is_none_or(|span| span.is_in(stream.len() as u64)));
            }
        }
    }
}
