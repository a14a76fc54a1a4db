//! The channels: one file (or folder) per system, one line in this list.

mod api;
mod email;
mod gmail;
mod instagram;
mod messenger;
mod meta;
mod outlook;
mod telegram;
mod telnyx;
mod twilio;
pub mod web;
mod whatsapp;

use crate::Connector;

/// All connectors, in the order in which forms list them.
pub fn all() -> &'static [&'static dyn Connector] {
    &[
        &telegram::Telegram,
        &whatsapp::Whatsapp,
        &messenger::CONNECTOR,
        &instagram::CONNECTOR,
        &email::Email,
        &gmail::Gmail,
        &outlook::Outlook,
        &web::Web,
        &api::Api,
        &twilio::Twilio::SMS,
        &twilio::Twilio::WHATSAPP,
        &telnyx::Telnyx,
    ]
}

/// The connector of a kind.
pub fn by_kind(kind: &str) -> Option<&'static dyn Connector> {
    all().iter().copied().find(|connector| connector.spec().kind == kind)
}
