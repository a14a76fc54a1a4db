//! The whole program, driven from outside: HTTP in, a simulated provider and a local receiver beyond, on SQLite and on
//! PostgreSQL. Every test is written once and run on both.

// The house's tools are written before all of their uses: what one module does not need, the next one does.
#[macro_use]
mod house;
mod bot;
mod client;
mod number;
mod page;
mod process;
mod receiver;
mod stream;

mod altered;
mod api_channel;
mod asked;
mod bound_secrets;
mod canaries;
mod card_numbers;
mod consents;
mod crash;
mod delivery;
mod described;
mod email;
mod entering;
mod erasure;
mod hostile;
mod idempotency;
mod inbound;
mod instagram;
mod intruders;
mod key_command;
mod live;
mod members;
mod merges;
mod messenger;
mod nodes;
mod outside;
mod push;
mod rotation;
mod search;
mod second_factor;
mod sessions;
mod signed_in;
mod simulation;
mod telegram;
mod telnyx;
mod twilio;
mod unsubscribing;
mod visitor;
mod web_chat;
mod webhooks;
mod whatsapp;
mod whatsapp_drafts;
mod whatsapp_echoes;
mod whatsapp_faults;
mod whatsapp_fixtures;
mod whatsapp_many;
mod whatsapp_shared;
mod whatsapp_templates;
mod whatsapp_waits;
mod wishes;
mod work;
mod workplace;
