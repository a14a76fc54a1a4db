//! Meta's Graph API and WhatsApp on it.

mod apps;
mod business;
mod content;
mod control;
mod deeds;
mod faults;
mod interop;
mod media;
mod pages;
mod sending;
mod stage;
mod templates;
mod webhooks;
