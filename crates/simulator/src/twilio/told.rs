//! What Twilio tells: a message that came, and what became of one that went.

use crate::carrier::Message;
use crate::graph::percent_encoded;

fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A message somebody wrote to the account's number.
pub(super) fn message(account: &str, number: &str, message: &Message, whatsapp: Option<&str>) -> Vec<(String, String)> {
    let prefix = if whatsapp.is_some() { "whatsapp:" } else { "" };
    let (from, to) = (format!("{prefix}{}", message.person), format!("{prefix}{number}"));
    let count = message.files.len().to_string();
    let mut told = form(&[
        ("ToCountry", "US"),
        ("ToState", ""),
        ("SmsMessageSid", &message.id),
        ("NumMedia", &count),
        ("SmsSid", &message.id),
        ("SmsStatus", "received"),
        ("Body", message.text.as_deref().unwrap_or_default()),
        ("FromCountry", "IT"),
        ("To", &to),
        ("NumSegments", "1"),
        ("MessageSid", &message.id),
        ("AccountSid", account),
        ("From", &from),
        ("ApiVersion", "2010-04-01"),
    ]);
    for (index, file) in message.files.iter().enumerate() {
        let url =
            format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/{}/Media/{}", message.id, file.id);
        told.push((format!("MediaContentType{index}"), file.mime.clone()));
        told.push((format!("MediaUrl{index}"), url));
    }
    if let Some(name) = whatsapp {
        let id = message.person.trim_start_matches('+');
        told.extend(form(&[("ProfileName", name), ("WaId", id), ("MessageType", "text")]));
    }
    told
}

/// What became of a message.
pub(super) fn status(account: &str, number: &str, message: &Message, error: Option<i64>) -> Vec<(String, String)> {
    let mut told = form(&[
        ("SmsSid", &message.id),
        ("SmsStatus", &message.state),
        ("MessageStatus", &message.state),
        ("To", &message.person),
        ("MessageSid", &message.id),
        ("AccountSid", account),
        ("From", number),
        ("ApiVersion", "2010-04-01"),
    ]);
    told.extend(error.map(|error| ("ErrorCode".to_owned(), error.to_string())));
    told
}

/// A form as it is posted.
pub(super) fn encoded(form: &[(String, String)]) -> String {
    let field = |(name, value): &(String, String)| format!("{}={}", percent_encoded(name), percent_encoded(value));
    form.iter().map(field).collect::<Vec<_>>().join("&")
}
