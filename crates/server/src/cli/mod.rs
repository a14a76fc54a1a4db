//! The command line: what was asked becomes settings and an act, and errors become words and an exit code.
//!
//! Read in this order: [`arguments`] (what may be said), [`place`] (which data, and who holds it), [`command`] (what is
//! done to it, here or in the server that runs), [`serving`] (the server itself), [`doctor`].

mod arguments;
mod audit;
mod backup;
mod command;
mod doctor;
mod erase;
mod export;
mod first_start;
mod outside;
mod place;
mod prove;
mod report;
mod rotate;
mod serving;
mod show;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::settings::{Flags, Settings, SettingsError};
use crate::telemetry::{self, Level};
use crate::{demo, serve};
use arguments::{Act, Arguments};

pub(crate) use backup::finish as finish_restore;
pub(crate) use command::hash;
pub use command::{Command, Workers, run};
pub(crate) use place::{clock, hold, runtime};
pub(crate) use serving::{listen, serve_until_stopped};

/// Something was wrong while doing it.
const FAILED: u8 = 1;
/// The settings are wrong.
const MISCONFIGURED: u8 = 2;
/// The program cannot do this yet.
const NOT_YET: u8 = 3;

/// Runs the program with its arguments, the first being its own name.
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version come this way too, with their own exit code.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(MISCONFIGURED));
        }
    };
    act(parsed).unwrap_or_else(|error| {
        let wrong_settings = error.is::<SettingsError>();
        complain(&if wrong_settings { error.to_string() } else { format!("error: {}", in_words(&error)) });
        ExitCode::from(if wrong_settings { MISCONFIGURED } else { FAILED })
    })
}

fn act(Arguments { mut flags, act }: Arguments) -> Result<ExitCode> {
    match act {
        Act::Openapi => say(&serve::document()?),
        Act::Serve(asked) => serving::serve(settings(&asked.add_to(flags.into()), None)?)?,
        Act::Demo(asked) => {
            flags.data.get_or_insert_with(|| demo::FOLDER.into());
            let named = asked.listens.listen.is_some();
            let quiet = Some(Level::Warn);
            demo::run(settings(&asked.listens.add_to(flags.into()), quiet)?, named, asked.json)?;
        }
        Act::Doctor(asked) => {
            let settings = settings(&flags.into(), Some(Level::Error))?;
            return Ok(doctor::examine(settings, asked.json));
        }
        Act::Restore(asked) => {
            let settings = settings(&flags.into(), Some(Level::Warn))?;
            let json = asked.json;
            let value = asked.run(&settings)?;
            say(&if json { value.to_string() } else { backup::restored_text(&value) });
        }
        Act::Prove(asked) => {
            if let Some((text, kept)) = asked.offline()? {
                say(&text);
                return Ok(exit(kept));
            }
            return asked.run(settings(&flags.into(), Some(Level::Warn))?);
        }
        Act::Eval(_) => {
            complain("error: this command is not in this version yet");
            return Ok(ExitCode::from(NOT_YET));
        }
        Act::Workspace(_)
        | Act::Member(_)
        | Act::Token(_)
        | Act::Erase(_)
        | Act::Export(_)
        | Act::Keys(_)
        | Act::Audit(_)
        | Act::Retention(_)
        | Act::Backup(_) => {
            if let Act::Audit(audit) = &act
                && let Some((text, sound)) = audit.offline()?
            {
                say(&text);
                return Ok(exit(sound));
            }
            let settings = settings(&flags.into(), Some(Level::Warn))?;
            let (command, json) = act.command(&settings)?;
            let shown = show::Shown::of(&command);
            let value = place::order(settings, command)?;
            say(&if json { value.to_string() } else { shown.text(&value) });
            return Ok(exit(shown != show::Shown::Audit || value["sound"] == true));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How a command ends that looked for something wrong.
fn exit(sound: bool) -> ExitCode {
    if sound { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

/// Loads the settings and starts the logs, no louder than `at_most` if that is given: what a person asks for on a
/// terminal is answered there, without the program's own news in between.
fn settings(flags: &Flags, at_most: Option<Level>) -> Result<Settings> {
    let settings = Settings::load(flags, std::env::vars_os())?;
    let level = match (settings.log_level, at_most) {
        (Level::Info, Some(quieter)) => quieter,
        (level, _) => level,
    };
    telemetry::start(settings.log_format, level)?;
    Ok(settings)
}

/// An error and its causes on one line, none of them said twice.
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

/// One line, or several, on standard output. A reader that went away is no error.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// One line, or several, on standard error.
pub(crate) fn complain(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
