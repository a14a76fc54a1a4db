//! From the bytes of a mail to a [`Letter`].

use sha2::{Digest, Sha256};

use super::letter::{Letter, MailField, Report};
use super::structure::{self, Part};
use super::{address, body, coded, date, header, params};

/// Of a longer subject (or another field that is shown) only the beginning is kept, in characters.
pub(super) const LONGEST_FIELD: usize = 1_000;
/// Of a longer report, or mail that is returned, only the beginning is read, in bytes.
const LONGEST_REPORT: usize = 512 * 1024;
/// Fields that no server on the way changes: with the body they tell a mail from others where it has no id.
const LASTING: [&str; 6] = ["from", "to", "cc", "date", "subject", "in-reply-to"];
/// Fields that name for which address a mail is.
const FOR_WHOM: [&str; 7] =
    ["to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];

/// Reads a mail. `received_ms`: when it arrived, in Unix milliseconds, 0 where nobody says; `size`: how many bytes it has,
/// more than `raw` where only its beginning was fetched.
pub(crate) fn read(raw: &[u8], received_ms: i64, size: u64) -> Letter {
    let cut = size > raw.len() as u64;
    let mail = structure::read(raw, cut);
    let fields = &mail.header.fields;
    let addresses =
        |name: &'static str| fields.iter().filter(move |(key, _)| key == name).flat_map(|(_, v)| address::list(v));
    let content = body::read(raw, &mail, size);
    Letter {
        from: addresses("from").collect(),
        sender: addresses("sender").next(),
        return_path: mail
            .header
            .get("return-path")
            .map(|path| address::first(path).map_or_else(String::new, |one| one.address)),
        to: FOR_WHOM.into_iter().flat_map(addresses).take(500).collect(),
        date_ms: mail.header.get("date").and_then(date::read),
        report: report(raw, &mail),
        headers: fields.iter().map(|(name, value)| (name.clone(), coded::decode(value))).collect(),
        fingerprint: fingerprint(fields, mail.bytes(raw)),
        text: content.text,
        html: content.html,
        files: content.files,
        unsupported: content.unsupported.map(str::to_owned),
        received_ms,
        cut,
    }
}

/// SHA-256 in hex of what stays the same on whatever way a mail comes.
fn fingerprint(fields: &[MailField], body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for (name, value) in fields.iter().filter(|(name, _)| LASTING.contains(&name.as_str())) {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        hash.update(format!("{name}:{value}\n"));
    }
    // Line ends change with the way, and so do those at the end.
    for line in body.trim_ascii_end().split(|&byte| byte == b'\n') {
        hash.update(line.strip_suffix(b"\r").unwrap_or(line));
        hash.update(b"\n");
    }
    hex::encode(hash.finalize())
}

/// What machines say in the mail.
fn report(raw: &[u8], mail: &Part) -> Report {
    let mut report = Report::default();
    if mail.is("multipart/report") {
        report.kind = Some(mail.params.param("report-type").unwrap_or_default().to_ascii_lowercase());
    }
    collect(raw, mail, &mut report);
    report
}

fn collect(raw: &[u8], part: &Part, report: &mut Report) {
    let bytes = || {
        let bytes = part.bytes(raw);
        super::transfer::decode(part.encoding, &bytes[..bytes.len().min(LONGEST_REPORT)])
    };
    match part.kind.as_str() {
        "message/delivery-status" | "message/global-delivery-status" if report.delivery.is_empty() => {
            report.delivery = header::blocks(&bytes());
        }
        "message/feedback-report" if report.feedback.is_empty() => {
            report.feedback = header::blocks(&bytes()).into_iter().flatten().collect();
        }
        "message/rfc822"
        | "message/global"
        | "message/rfc822-headers"
        | "text/rfc822-headers"
        | "message/global-headers"
            if report.returned.is_empty() =>
        {
            report.returned = returned(&bytes());
        }
        _ => part.pieces.iter().for_each(|piece| collect(raw, piece, report)),
    }
}

/// The header of a mail within a mail.
pub(super) fn returned(bytes: &[u8]) -> Vec<MailField> {
    let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    header::read(header::Lines::of(bytes), &(blank..bytes.len())).fields
}

/// Whether a part of a report is read by machines alone.
pub(super) fn is_machine_part(report_kind: &str, part: &Part) -> bool {
    matches!(
        part.kind.as_str(),
        "message/delivery-status"
            | "message/global-delivery-status"
            | "message/feedback-report"
            | "message/disposition-notification"
    ) || (matches!(report_kind, "delivery-status" | "feedback-report") && part.kind.ends_with("rfc822-headers"))
}

/// The type of a report, for parts below it.
pub(super) fn report_kind(params: &params::Value) -> String {
    params.param("report-type").unwrap_or_default().to_ascii_lowercase()
}
