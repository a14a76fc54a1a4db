//! What led a contact here, or what they speak of: an advertisement, a link, a story.

use serde_json::Value;

use crate::Origin;
use crate::json::{string, text, word};

/// The `referral` of an item, a message or a tap.
pub(super) fn of(of: &Value) -> Option<Origin> {
    let referral = of.get("referral").filter(|referral| referral.is_object())?;
    let kind = match text(referral, "/source").unwrap_or("link") {
        "ADS" => "ad".to_owned(),
        other => word(&other.to_lowercase()),
    };
    let within = |key: &str| string(referral, &format!("/ads_context_data/{key}"));
    Some(Origin {
        kind,
        id: string(referral, "/ad_id").or_else(|| string(referral, "/ref")),
        url: string(referral, "/referer_uri").or_else(|| within("photo_url")),
        headline: within("ad_title"),
        text: string(referral, "/ref"),
    })
}

/// The story of ours that a message answers. Its address is good for a day.
pub(super) fn story(message: &Value) -> Option<Origin> {
    let story = message.pointer("/reply_to/story").filter(|story| story.is_object())?;
    Some(Origin { kind: "story".to_owned(), id: string(story, "/id"), url: string(story, "/url"), ..Origin::default() })
}
