//! Telegram's refusals in words that a member can act on.
//!
//! Telegram has no stable codes, only descriptions in English; these are the ones seen in its server's source and in
//! the field. An unknown description is passed on only when it can hold nothing personal.

use crate::SendError;

/// What is sought in the description (lower case), our code, and our words.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "chat not found",
        "chat_not_found",
        "Telegram does not know this chat. Ask the contact to write to the bot first.",
    ),
    (
        "peer_id_invalid",
        "chat_not_found",
        "Telegram does not know this chat. Ask the contact to write to the bot first.",
    ),
    (
        "message is too long",
        "text_too_long",
        "The text is longer than Telegram allows (4096 characters). Shorten it, or send it in parts.",
    ),
    (
        "caption is too long",
        "caption_too_long",
        "The caption is longer than Telegram allows (1024 characters). Send the text as a message of its own.",
    ),
    (
        "caption_too_long",
        "caption_too_long",
        "The caption is longer than Telegram allows (1024 characters). Send the text as a message of its own.",
    ),
    ("text is empty", "text_empty", "There is nothing to send. Write a text."),
    ("text must be non-empty", "text_empty", "There is nothing to send. Write a text."),
    ("file must be non-empty", "file_empty", "The file is empty. Choose another."),
    (
        "request entity too large",
        "file_too_large",
        "The file is larger than Telegram takes from a bot (50 MB). Send a link to it instead.",
    ),
    (
        "file is too big",
        "file_too_large",
        "The file is larger than Telegram gives to a bot (20 MB). Ask the contact for a smaller one or a link.",
    ),
    ("wrong file identifier", "file_gone", "Telegram no longer has this file. Ask the contact to send it again."),
    ("invalid file_id", "file_gone", "Telegram no longer has this file. Ask the contact to send it again."),
    (
        "file is temporarily unavailable",
        "file_gone",
        "Telegram cannot give this file. Ask the contact to send it again.",
    ),
    ("message to edit not found", "message_gone", "The message is no longer there, so it cannot be changed."),
    ("message_id_invalid", "message_gone", "The message is no longer there."),
    ("message to react not found", "message_gone", "The message is no longer there, so there is nothing to react to."),
    (
        "message can't be edited",
        "edit_not_allowed",
        "Telegram does not let this message be changed any more. Send a new one.",
    ),
    (
        "message can't be deleted",
        "removal_not_allowed",
        "Telegram lets a bot remove messages for 48 hours only. Ask the contact to delete it.",
    ),
    ("message to delete not found", "message_gone", "The message is no longer there."),
    (
        "reaction_invalid",
        "reaction_not_allowed",
        "Telegram has no such reaction. Choose one of the usual ones, such as a thumb or a heart.",
    ),
    (
        "button_url_invalid",
        "button_invalid",
        "A button's link is not one that Telegram opens. Use a full https address.",
    ),
    ("button_data_invalid", "button_invalid", "A button's data is longer than Telegram allows (64 bytes). Shorten it."),
    ("wrong http url", "button_invalid", "A button's link is not one that Telegram opens. Use a full https address."),
    ("voice_messages_forbidden", "voice_not_allowed", "The contact takes no voice messages. Send a text or a file."),
    (
        "business_connection_invalid",
        "business_connection_ended",
        "The business account is no longer connected to the bot. Connect it again in Telegram, under Business, Chatbots.",
    ),
    (
        "business connection not found",
        "business_connection_ended",
        "The business account is no longer connected to the bot. Connect it again in Telegram, under Business, Chatbots.",
    ),
    (
        "business_connection_not_allowed",
        "business_not_allowed",
        "The business account does not let the bot do this. Grant it the right in Telegram, under Business, Chatbots.",
    ),
    (
        "not enough rights",
        "business_not_allowed",
        "The account does not let the bot do this. Grant it the right in Telegram.",
    ),
    (
        "business_peer_invalid",
        "business_not_allowed",
        "The business account does not let the bot write in this chat. Grant it the right in Telegram, under Business, Chatbots.",
    ),
    (
        "phone_number_invalid",
        "phone_invalid",
        "Telegram does not accept the telephone number of this card. Write it with its country code.",
    ),
    ("chat was upgraded", "chat_moved", "The chat has a new id at Telegram. Wait for the contact's next message."),
];

/// The error for a 400.
pub(super) fn bad(description: &str) -> SendError {
    let lower = description.to_lowercase();
    if ["user_is_blocked", "user is deactivated", "input_user_deactivated"].iter().any(|needle| lower.contains(needle))
    {
        return SendError::OptedOut;
    }
    if lower.contains("business_peer_usage_missing") {
        return SendError::WindowClosed;
    }
    match KNOWN.iter().find(|(needle, _, _)| lower.contains(needle)) {
        Some((_, code, why)) => refused(code, why),
        None => refused("telegram_refused", &unknown_words(description)),
    }
}

/// What Telegram says of whoever blocked the bot, closed their account or put it out of a group.
const GONE: [&str; 4] = ["blocked by the user", "user is deactivated", "bot was kicked", "bot is not a member"];

/// The error for a 403: a block or a closed account counts as opting out; what else Telegram forbids does not.
pub(super) fn forbidden(description: &str) -> SendError {
    let lower = description.to_lowercase();
    if lower.contains("can't initiate conversation") {
        return refused("not_started", "A bot cannot write first. Ask the contact to open the bot and press Start.");
    }
    if lower.contains("can't send messages to bots") {
        return refused("contact_is_bot", "The contact is a bot, and Telegram lets no bot write to it.");
    }
    if GONE.iter().any(|known| lower.contains(known)) {
        return SendError::OptedOut;
    }
    refused("telegram_refused", &unknown_words(description))
}

/// A refusal with our words.
pub(super) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

fn unknown_words(description: &str) -> String {
    // Letters alone, without quotes or digits, quote nobody.
    let plain = description.len() <= 100
        && description.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | ':' | ',' | '_' | '\'' | '-'));
    if plain && !description.is_empty() {
        format!("Telegram refused it and says: {description}.")
    } else {
        "Telegram refused it without a reason that may be shown here.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: SendError) -> String {
        match error {
            SendError::Refused { code, why } => {
                assert!(why.ends_with('.'));
                code
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn known_descriptions() {
        assert_eq!(code(bad("Bad Request: chat not found")), "chat_not_found");
        assert_eq!(code(bad("Bad Request: MEDIA_CAPTION_TOO_LONG")), "caption_too_long");
        assert_eq!(code(bad("Bad Request: BUSINESS_PEER_USAGE_MISSING")), "WindowClosed");
        assert_eq!(code(bad("Bad Request: USER_IS_BLOCKED")), "OptedOut");
        assert_eq!(code(forbidden("Forbidden: bot was blocked by the user")), "OptedOut");
        assert_eq!(code(forbidden("Forbidden: user is deactivated")), "OptedOut");
        assert_eq!(code(forbidden("Forbidden: something new")), "telegram_refused");
        assert_eq!(code(forbidden("")), "telegram_refused");
        assert_eq!(code(forbidden("Forbidden: bot can't initiate conversation with a user")), "not_started");
    }

    #[test]
    fn needles_are_lower_case() {
        assert!(KNOWN.iter().all(|(needle, _, _)| *needle == needle.to_lowercase()));
    }

    #[test]
    fn unknown_descriptions_quote_nobody() {
        let SendError::Refused { why, .. } = bad("Bad Request: unsupported tag \"anna\" at 12") else {
            panic!("not refused")
        };
        assert!(!why.contains("anna"));
        assert_eq!(unknown_words("Bad Request: NEW_THING"), "Telegram refused it and says: Bad Request: NEW_THING.");
    }
}
