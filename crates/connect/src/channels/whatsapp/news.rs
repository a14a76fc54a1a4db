//! News of templates and of the account: what was approved, refused or limited, and whether the number still works.

use serde_json::Value;

use super::cut::items;
use super::parse::{Change, unknown};
use super::{refusal, templates};
use crate::json::{string, text, word};
use crate::{AccountNews, Event, TemplateChange};

/// What a change says of templates or the account; `None` if this reads no such field.
pub(super) fn event(change: Change<'_>) -> Option<Event> {
    let value = change.value;
    match change.field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "template_category_update"
        | "message_template_category_update" => Some(template(change)),
        field => Some(match news(field, value)? {
            Ok(news) => Event::Account(AccountNews { at_ms: change.at_ms, ..news }),
            Err(kind) => unknown(&format!("{field}.{kind}")),
        }),
    }
}

/// An error that belongs to no message.
pub(super) fn trouble(change: Change<'_>, error: &Value) -> Event {
    let code = refusal::told(Some(error)).0;
    Event::Account(AccountNews { code, at_ms: change.at_ms, ..AccountNews::default() })
}

fn template(change: Change<'_>) -> Event {
    let Change { field, value, at_ms, .. } = change;
    let (Some(name), Some(language)) =
        (string(value, "/message_template_name"), string(value, "/message_template_language"))
    else {
        return unknown(&format!("{field}.unnamed"));
    };
    let mut change = TemplateChange { name, language, at_ms, ..TemplateChange::default() };
    match field {
        "message_template_status_update" => {
            // What is not a status by itself (taken out of the archive, flagged) changes nothing here: the list will tell.
            if let Some(status) = text(value, "/event").and_then(templates::status) {
                change.status = Some(status);
                change.category = text(value, "/message_template_category").and_then(templates::category);
                change.reason = text(value, "/reason").and_then(templates::reason);
            }
        }
        "message_template_quality_update" => {
            change.quality = text(value, "/new_quality_score").and_then(templates::quality);
        }
        // A change to come is announced a day before: then `new_category` is still the present one.
        _ => change.category = text(value, "/new_category").and_then(templates::category),
    }
    Event::Template(change)
}

type News = Result<AccountNews, String>;

fn news(field: &str, value: &Value) -> Option<News> {
    Some(match field {
        "phone_number_quality_update" => number(value),
        "phone_number_name_update" => match text(value, "/decision") {
            Some("APPROVED") => told("name_approved", None),
            Some("REJECTED") => told("name_rejected", None),
            other => Err(named(other)),
        },
        "business_capability_update" => match limit(value) {
            Some(limit) => Ok(limited(limit)),
            None => Err("without_limit".to_owned()),
        },
        "account_update" => account(value),
        "account_review_update" => match text(value, "/decision") {
            Some("APPROVED") => told("account_approved", Some(true)),
            Some("REJECTED") => told("account_rejected", Some(false)),
            Some("PENDING" | "DEFERRED") => told("account_in_review", None),
            other => Err(named(other)),
        },
        "account_alerts" => match text(value, "/alert_info/alert_type").or_else(|| text(value, "/alert_type")) {
            Some(kind) if kind.starts_with("INCREASED_CAPABILITIES") => told("limit_not_raised", None),
            Some("OBA_APPROVED") => told("official_approved", None),
            Some("OBA_REJECTED") => told("official_rejected", None),
            Some("PROFILE_PICTURE_LOST") => told("picture_lost", None),
            other => Err(named(other)),
        },
        "security" => match text(value, "/event") {
            Some("PIN_CHANGED" | "PIN_REQUEST_SUCCESS") => told("pin_changed", None),
            Some("PIN_RESET_REQUEST") => told("pin_reset_requested", None),
            other => Err(named(other)),
        },
        _ => return None,
    })
}

/// Quality or limit of the number.
fn number(value: &Value) -> News {
    let event = text(value, "/event").unwrap_or_default();
    match event {
        "FLAGGED" => Ok(AccountNews { quality: Some("red".to_owned()), ..plain("quality_low", None) }),
        "UNFLAGGED" => Ok(AccountNews { quality: Some("green".to_owned()), ..plain("quality_restored", None) }),
        // The limit beside it is of messages a second, unless it is the portfolio's.
        "THROUGHPUT_UPGRADE" => match portfolio_limit(value) {
            Some(limit) => Ok(limited(limit)),
            // By how much is asked.
            None => Ok(AccountNews { doubtful: true, ..plain("throughput_raised", None) }),
        },
        _ => limit(value).map(limited).ok_or_else(|| named(Some(event))),
    }
}

fn account(value: &Value) -> News {
    match (text(value, "/event"), text(value, "/ban_info/waba_ban_state")) {
        (Some("DISABLED_UPDATE"), Some("DISABLE")) => told("account_disabled", Some(false)),
        (Some("DISABLED_UPDATE"), Some("SCHEDULE_FOR_DISABLE")) => told("account_will_be_disabled", None),
        (Some("DISABLED_UPDATE"), Some("REINSTATE")) => told("account_reinstated", Some(true)),
        (Some("ACCOUNT_DELETED"), _) => told("account_deleted", Some(false)),
        (Some("ACCOUNT_VIOLATION"), _) => told("account_violation", None),
        (Some("ACCOUNT_RESTRICTION"), _) => told("account_restricted", restricted(value)),
        (Some("ACCOUNT_OFFBOARDED"), _) => told("account_disconnected", Some(false)),
        // An account may be shared with several partners and apps, and this comes to all of them: it names whom it was taken
        // from by ids that are not ours to know. Our own token shows whether it was us.
        (Some("PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED"), _) => {
            Ok(AccountNews { doubtful: true, ..plain("partner_removed", None) })
        }
        (Some("ACCOUNT_RECONNECTED"), _) => told("account_reconnected", Some(true)),
        (other, _) => Err(named(other)),
    }
}

/// Only where even answers are forbidden can the number do nothing at all.
fn restricted(value: &Value) -> Option<bool> {
    let mut kinds = items(value, "restriction_info").iter().filter_map(|info| text(info, "/restriction_type"));
    kinds.any(|kind| kind == "RESTRICTED_CUSTOMER_INITIATED_MESSAGING").then_some(false)
}

fn plain(code: &str, works: Option<bool>) -> AccountNews {
    AccountNews { code: code.to_owned(), works, ..AccountNews::default() }
}

#[expect(clippy::unnecessary_wraps, reason = "an arm beside others that name what they do not know")]
fn told(code: &str, works: Option<bool>) -> News {
    Ok(plain(code, works))
}

fn limited(limit: u64) -> AccountNews {
    AccountNews { daily_recipients: Some(limit), ..plain("limit_changed", None) }
}

fn named(kind: Option<&str>) -> String {
    word(kind.unwrap_or_default())
}

/// How many people may be written to first within a day; 0: without bound. The portfolio's limit counts before a number's.
fn limit(value: &Value) -> Option<u64> {
    let of_number = ["/max_daily_conversation_per_phone", "/current_limit"];
    portfolio_limit(value).or_else(|| of_number.iter().find_map(|pointer| tier(value.pointer(pointer)?)))
}

fn portfolio_limit(value: &Value) -> Option<u64> {
    tier(value.pointer("/max_daily_conversations_per_business")?)
}

/// A limit as a number (-1: none), or as a tier (`TIER_2K`, `TIER_UNLIMITED`).
pub(super) fn tier(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_i64() {
        return if number == -1 { Some(0) } else { u64::try_from(number).ok().filter(|number| *number > 0) };
    }
    let word = value.as_str()?;
    let tier = word.strip_prefix("TIER_").unwrap_or(word);
    if tier == "UNLIMITED" || tier == "-1" {
        return Some(0);
    }
    let (digits, factor) = tier.strip_suffix('K').map_or((tier, 1), |thousands| (thousands, 1000));
    digits.parse::<u64>().ok()?.checked_mul(factor).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tier;

    #[test]
    fn limits_are_numbers_or_tiers() {
        for (given, expected) in [
            (json!("TIER_50"), Some(50)),
            (json!("TIER_250"), Some(250)),
            (json!("TIER_2K"), Some(2_000)),
            (json!("TIER_100K"), Some(100_000)),
            (json!("TIER_UNLIMITED"), Some(0)),
            (json!("2000"), Some(2_000)),
            (json!(10_000), Some(10_000)),
            (json!(-1), Some(0)),
            (json!("TIER_NOT_SET"), None),
            (json!("TIER_"), None),
            (json!("TIER_99999999999999999999K"), None),
            (json!(0), None),
            (json!(-7), None),
            (json!(null), None),
        ] {
            assert_eq!(tier(&given), expected, "{given}");
        }
    }
}
