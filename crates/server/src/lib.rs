//! The program `parloir`: its settings, its HTTP face, its workers, and the one door through which it calls outside.
//!
//! In the order in which a request travels: [`settings`] and [`app`] (what everything holds), [`hooks`] (providers),
//! [`chat`] (visitors), [`auth`], [`order`] and [`routes`] (members and programs), [`views`] (what they see),
//! [`workers`] (what happens in between), [`outbound`] (what leaves). It is started by [`cli`], reached by other commands
//! through [`control`], and tried out with [`demo`].

pub mod app;
pub mod archive;
pub mod asked;
pub mod assets;
pub mod auth;
pub mod challenge;
pub mod chat;
pub mod cli;
pub mod cloud;
pub mod consent;
pub mod control;
pub mod deletions;
pub mod demo;
pub mod device;
mod export;
mod failure;
pub mod files;
pub mod health;
pub mod hooks;
pub mod limits;
pub mod listen;
pub mod machine;
pub mod mailboxes;
pub mod offered;
pub mod open_files;
pub mod order;
pub mod outbound;
mod page;
pub mod password;
pub mod preferences;
pub mod presence;
pub mod problem;
pub mod provider;
pub mod proxies;
pub mod routes;
pub mod search;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod unsubscribing;
pub mod views;
pub mod widget;
pub mod workers;
