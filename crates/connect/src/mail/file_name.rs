//! What a file of a mail is called and is to a reader, as the mail names it or does not.

use super::structure::Part;
use super::transfer;

/// A name without folders, and without what makes a reader see another name. `None` if nothing is left.
pub(super) fn file_name(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !super::is_deceptive(*c)).collect();
    let name = name.trim().trim_start_matches('.');
    let length = name.chars().count();
    let name = if length > 200 {
        let end: Vec<char> = name.chars().skip(length - 40).collect();
        name.chars().take(150).chain("…".chars()).chain(end).collect()
    } else {
        name.to_owned()
    };
    (!name.is_empty()).then_some(name)
}

/// A name for a part that has none.
pub(super) fn unnamed(part: &Part, raw: &[u8]) -> String {
    let ending = match part.kind.as_str() {
        "message/rfc822" | "message/global" => {
            return format!("{}.eml", subject_of(part, raw).unwrap_or("mail".to_owned()));
        }
        "text/calendar" => return "invite.ics".to_owned(),
        "application/ms-tnef" | "application/vnd.ms-tnef" => return "winmail.dat".to_owned(),
        "application/pgp-signature" => return "signature.asc".to_owned(),
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => return "smime.p7s".to_owned(),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => return "smime.p7m".to_owned(),
        "text/plain" => "txt",
        "text/vcard" | "text/x-vcard" => "vcf",
        "image/jpeg" => "jpg",
        "image/svg+xml" => "svg",
        "audio/mpeg" => "mp3",
        "application/octet-stream" => "bin",
        kind => kind.rsplit('/').next().unwrap_or("bin"),
    };
    let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    format!("file.{}", if ending.is_empty() { "bin" } else { &ending })
}

/// The subject of a mail that is a part of this one.
fn subject_of(part: &Part, raw: &[u8]) -> Option<String> {
    let bytes = part.bytes(raw);
    let beginning = transfer::decode(part.encoding, &bytes[..bytes.len().min(64 * 1024)]);
    let header = super::read::returned(&beginning);
    let subject = super::coded::decode(super::letter::field(&header, "subject")?);
    let safe: String = subject.chars().map(|c| if matches!(c, '/' | '\\' | ':') { ' ' } else { c }).take(80).collect();
    file_name(&safe.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The type that the ending of a name stands for, where nothing else says it. What is stored is looked at anew.
pub(super) fn type_by_name(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "zip" => "application/zip",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

/// What a file is to a reader.
pub(super) fn role(kind: &str) -> String {
    match kind.split('/').next() {
        Some(known @ ("image" | "audio" | "video")) => known.to_owned(),
        _ => "file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_are_safe() {
        for (name, expected) in [
            ("a.pdf", Some("a.pdf")),
            ("C:\\docs\\a.pdf", Some("a.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("a\r\nb.pdf", Some("a  b.pdf")),
            ("exe\u{202e}fdp.scr", Some("exefdp.scr")),
            (".hidden", Some("hidden")),
            ("  ", None),
            ("dir/", None),
        ] {
            assert_eq!(file_name(name).as_deref(), expected);
        }
        let long = file_name(&format!("{}.pdf", "ä".repeat(500))).expect("a name");
        assert!(long.ends_with("ä.pdf") && long.chars().count() < 200);
    }
}
