//! The receipt of a consent: what ISO/IEC TS 27560:2023 says that a consent record holds, in the words of the W3C community's Data
//! Privacy Vocabulary, as JSON-LD. The shape is that group's guide to the standard (<https://w3id.org/dpv/guides/consent-27560>). What
//! is not known is left out.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use vault::consents::{Consent, Ground};
use vault::{Millis, Personal};

use super::time;

/// The shape of a receipt that holds the whole record.
const RECEIPT: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt-record";
/// The shape of the record in it.
const RECORD: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
/// The standard, and its edition.
const STANDARD: &str = "ISO/IEC TS 27560:2023";

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the vocabulary's")]
pub struct ReceiptView {
    /// The prefixes, each with the vocabulary that it stands for.
    #[serde(rename = "@context")]
    #[schema(value_type = Object)]
    pub context: Value,
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:conformsTo")]
    pub conforms_to: &'static str,
    #[serde(rename = "dct:hasVersion")]
    pub version: &'static str,
    /// When this receipt was made.
    #[serde(rename = "dct:created")]
    pub created: String,
    #[serde(rename = "dpv:hasRecordOfActivity")]
    pub record: RecordView,
}

/// The record of a consent.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:conformsTo")]
    pub conforms_to: &'static str,
    /// The consent's id.
    #[serde(rename = "dct:identifier")]
    pub id: String,
    /// The contact's id.
    #[serde(rename = "dpv:hasDataSubject")]
    pub subject: SubjectView,
    #[serde(rename = "dpv:hasDataController")]
    pub controller: ControllerView,
    /// By which country's law the workspace answered then.
    #[serde(rename = "dpv:hasJurisdiction", skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    #[serde(rename = "dpv:hasNotice")]
    pub notice: NoticeView,
    #[serde(rename = "dpv:hasProcess")]
    pub process: ProcessView,
    /// What was said and when, oldest first: the last is how it stands.
    #[serde(rename = "dpv:hasConsentStatus")]
    pub events: Vec<StatusView>,
}

/// Who agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:identifier")]
    pub id: String,
}

/// To whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControllerView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:identifier")]
    pub id: String,
    #[serde(rename = "dpv:hasName")]
    pub name: String,
}

/// On what text.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:hasVersion")]
    pub version: String,
    /// The text, exactly as it was shown, where it was kept.
    #[serde(rename = "dct:description", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// To what.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dpv:hasPurpose")]
    pub purpose: PurposeView,
    #[serde(rename = "dpv:hasLegalBasis")]
    pub basis: &'static str,
    /// The ground in this program's words (`soft_opt_in`).
    #[serde(rename = "dct:type")]
    pub ground: String,
    /// The kind of channel, or `any`.
    #[serde(rename = "dct:medium")]
    pub channel: String,
}

/// What for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurposeView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dct:title")]
    pub title: String,
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusView {
    #[serde(rename = "@type")]
    pub kind: &'static str,
    #[serde(rename = "dpv:isIndicatedBy")]
    pub by: &'static str,
    #[serde(rename = "dpv:isIndicatedAtTime")]
    pub at: String,
    /// How it was collected.
    #[serde(rename = "dpv:hasIndicationMethod")]
    pub method: String,
}

impl ReceiptView {
    /// The receipt of a consent that was given to a controller (its id and name), on a text if that was kept.
    pub fn of(
        consent: Consent,
        text: Option<Personal<String>>,
        (controller, name): (String, Personal<String>),
        now: Millis,
    ) -> Self {
        let context = serde_json::json!({
            "dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/", "loc": "https://w3id.org/dpv/loc#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        });
        let record = RecordView {
            kind: "dpv:ConsentRecord",
            conforms_to: RECORD,
            id: consent.id.to_string(),
            subject: SubjectView { kind: "dpv:DataSubject", id: consent.contact.to_string() },
            controller: ControllerView { kind: "dpv:DataController", id: controller, name: name.into_revealed() },
            jurisdiction: consent.country.as_ref().map(|country| format!("loc:{country}")),
            events: events(&consent, now),
            notice: NoticeView {
                kind: "dpv:ConsentNotice",
                version: consent.text_version,
                text: text.map(Personal::into_revealed),
            },
            process: ProcessView {
                kind: "dpv:Process",
                basis: basis(&consent.ground),
                purpose: PurposeView { kind: purpose(&consent.purpose), title: consent.purpose },
                ground: consent.ground,
                channel: consent.channel,
            },
        };
        let created = time(now);
        Self { context, kind: "dpv:ConsentReceipt", conforms_to: RECEIPT, version: STANDARD, created, record }
    }
}

fn purpose(word: &str) -> &'static str {
    if word == "marketing" { "dpv:DirectMarketing" } else { "dpv:Purpose" }
}

/// A soft opt-in is no consent: advertising to customers by e-mail rests on a legitimate interest (Directive 2002/58/EC Art. 13(2)).
fn basis(ground: &str) -> &'static str {
    match Ground::of(ground) {
        Some(Ground::SoftOptIn) => "eu-gdpr:A6-1-f",
        Some(Ground::Consent) | None => "eu-gdpr:A6-1-a",
    }
}

fn events(consent: &Consent, now: Millis) -> Vec<StatusView> {
    let given = StatusView {
        kind: "dpv:ConsentGiven",
        by: "dpv:DataSubject",
        at: time(consent.given_at),
        method: consent.collected_by.clone(),
    };
    let Some(at) = consent.withdrawn_at else {
        let ended = consent.ends_at.filter(|at| *at <= now).map(|at| StatusView {
            kind: "dpv:ConsentExpired",
            by: "dpv:DataController",
            at: time(at),
            method: consent.collected_by.clone(),
        });
        return std::iter::once(given).chain(ended).collect();
    };
    let method = consent.withdrawn_by.clone().unwrap_or_default();
    let (kind, by) = match method.as_str() {
        // It was recorded only so that the refusal is.
        _ if at == consent.given_at => ("dpv:ConsentRefused", "dpv:DataSubject"),
        "erasure" | "platform" | "operator" => ("dpv:ConsentRevoked", "dpv:DataController"),
        _ => ("dpv:ConsentWithdrawn", "dpv:DataSubject"),
    };
    let ended = StatusView { kind, by, at: time(at), method };
    if kind == "dpv:ConsentRefused" { vec![ended] } else { vec![given, ended] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(ground: &str, withdrawn: Option<(Millis, &str)>, text: Option<&str>, country: Option<&str>) -> Value {
        let consent = Consent {
            id: "cns_018bcfe568007000800000000000000a".parse().unwrap(),
            contact: "con_018bcfe568007000800000000000000b".parse().unwrap(),
            purpose: "marketing".into(),
            channel: "email".into(),
            ground: ground.into(),
            text_version: "2026-01".into(),
            collected_by: "form".into(),
            country: country.map(str::to_owned),
            given_at: 1_000,
            ends_at: None,
            withdrawn_at: withdrawn.map(|(at, _)| at),
            withdrawn_by: withdrawn.map(|(_, way)| way.to_owned()),
        };
        let text = text.map(|text| Personal::new(text.to_owned()));
        let view = ReceiptView::of(consent, text, ("wsp_1".into(), Personal::new("Libreria".into())), 2_000);
        serde_json::to_value(view).unwrap()
    }

    #[test]
    fn what_ended_by_itself_says_so() {
        let consent = |ends_at| Consent {
            id: "cns_018bcfe568007000800000000000000a".parse().unwrap(),
            contact: "con_018bcfe568007000800000000000000b".parse().unwrap(),
            purpose: "marketing".into(),
            channel: "telegram".into(),
            ground: "consent".into(),
            text_version: "1".into(),
            collected_by: "provider".into(),
            country: None,
            given_at: 1_000,
            ends_at: Some(ends_at),
            withdrawn_at: None,
            withdrawn_by: None,
        };
        let kinds = |ends_at| events(&consent(ends_at), 2_000).into_iter().map(|one| one.kind).collect::<Vec<_>>();
        assert_eq!(
            (kinds(2_001), kinds(2_000)),
            (vec!["dpv:ConsentGiven"], vec!["dpv:ConsentGiven", "dpv:ConsentExpired"])
        );
    }

    /// Whether a value has every name of a list, and no other.
    fn has_exactly(value: &Value, names: &[&str]) {
        let mut found: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut names = names.to_vec();
        found.sort_unstable();
        names.sort_unstable();
        assert_eq!(found, names);
    }

    #[test]
    fn it_has_what_the_standard_asks_for_in_the_words_of_the_vocabulary() {
        let receipt = receipt("consent", Some((1_500, "contact")), Some("Yes, write to me"), Some("IT"));
        let head = ["@context", "@type", "dct:conformsTo", "dct:hasVersion", "dct:created", "dpv:hasRecordOfActivity"];
        has_exactly(&receipt, &head);
        let prefixes: Vec<String> =
            receipt["@context"].as_object().unwrap().keys().map(|it| format!("{it}:")).collect();
        let record = &receipt["dpv:hasRecordOfActivity"];
        has_exactly(
            record,
            &[
                "@type",
                "dct:conformsTo",
                "dct:identifier",
                "dpv:hasDataSubject",
                "dpv:hasDataController",
                "dpv:hasJurisdiction",
                "dpv:hasNotice",
                "dpv:hasProcess",
                "dpv:hasConsentStatus",
            ],
        );
        for name in record.as_object().unwrap().keys().filter(|name| !name.starts_with('@')) {
            assert!(prefixes.iter().any(|prefix| name.starts_with(prefix)), "{name} has no vocabulary");
        }
        assert_eq!(record["dpv:hasNotice"]["dct:description"], "Yes, write to me");
        assert_eq!(record["dpv:hasJurisdiction"], "loc:IT");
        assert_eq!(record["dpv:hasProcess"]["dpv:hasPurpose"]["@type"], "dpv:DirectMarketing");
        let events = record["dpv:hasConsentStatus"].as_array().unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event["@type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]);
        assert_eq!(events[1]["dpv:isIndicatedAtTime"], "1970-01-01T00:00:01.5Z");
        for event in events {
            let told = ["@type", "dpv:isIndicatedBy", "dpv:isIndicatedAtTime", "dpv:hasIndicationMethod"];
            has_exactly(event, &told);
        }
    }

    #[test]
    fn what_is_not_known_is_left_out_and_what_is_no_consent_is_not_called_one() {
        let bare = receipt("soft_opt_in", None, None, None);
        let record = &bare["dpv:hasRecordOfActivity"];
        assert!(
            record.get("dpv:hasJurisdiction").is_none() && record["dpv:hasNotice"].get("dct:description").is_none()
        );
        assert_eq!(record["dpv:hasProcess"]["dpv:hasLegalBasis"], "eu-gdpr:A6-1-f");
        let kinds = |receipt: &Value| {
            let events = receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"].as_array().unwrap().clone();
            events.iter().map(|event| event["@type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&receipt("consent", Some((1_000, "provider")), None, None)), ["dpv:ConsentRefused"]);
        let erased = kinds(&receipt("consent", Some((3_000, "erasure")), None, None));
        assert_eq!(erased, ["dpv:ConsentGiven", "dpv:ConsentRevoked"]);
    }
}
