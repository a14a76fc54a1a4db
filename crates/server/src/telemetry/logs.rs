//! Structured logs on standard error: JSON lines for machines, text for people.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

/// The crates that may speak. Libraries may not: they print URLs, headers and values.
const OURS: &[&str] = &["parloir", "server", "engine", "vault", "connect", "simulator"];

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For reading, in colour on a terminal.
    Text,
}

/// The least important thing that is still written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Logs could not be started: something else in the process had started its own.
#[derive(Debug, thiserror::Error)]
#[error("logs were started twice")]
pub struct LogError;

/// Starts the logs of the whole process, on standard error, and [`silence_panics`].
///
/// # Errors
/// [`LogError`] if they were started before.
pub fn start(format: Format, level: Level) -> Result<(), LogError> {
    let colours = format == Format::Text && std::io::stderr().is_terminal();
    let subscriber = subscriber(format, level, colours, std::io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError)?;
    silence_panics();
    Ok(())
}

/// The subscriber that [`start`] installs, writing wherever a test wants to read.
pub fn subscriber<W>(format: Format, level: Level, colours: bool, to: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(to).with_ansi(colours);
    let layer = match format {
        Format::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        Format::Text => layer.compact().boxed(),
    };
    Registry::default().with(layer.with_filter(filter(level)))
}

/// A panic's message may quote anything, so only its place is written. Tests keep the usual hook: they call this not.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(target: "server", place, "a part of the program panicked: please report the place");
    }));
}

fn filter(level: Level) -> Targets {
    let level = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(LevelFilter::OFF).with_targets(OURS.iter().map(|target| (*target, level)))
}

/// A place in memory that a subscriber can write to, for tests that grep what was logged.
#[cfg(test)]
pub(crate) mod captured {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        pub(crate) fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl tracing_subscriber::fmt::MakeWriter<'_> for Captured {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::captured::Captured;
    use super::*;

    fn logged(format: Format, level: Level, work: impl FnOnce()) -> String {
        let captured = Captured::default();
        tracing::subscriber::with_default(subscriber(format, level, false, captured.clone()), work);
        captured.text()
    }

    #[test]
    fn a_json_line_has_its_fields_at_the_top() {
        let line = logged(Format::Json, Level::Info, || tracing::info!(queue = "outbox", depth = 3, "drained"));
        let value: serde_json::Value = serde_json::from_str(line.trim()).unwrap();
        assert_eq!(value["message"], "drained");
        assert_eq!(value["queue"], "outbox");
        assert_eq!(value["depth"], 3);
        assert_eq!(value["level"], "INFO");
    }

    #[test]
    fn levels_are_kept() {
        let text = logged(Format::Text, Level::Warn, || {
            tracing::info!("quiet");
            tracing::warn!("loud");
        });
        assert!(text.contains("loud") && !text.contains("quiet"), "{text}");
    }

    #[test]
    fn libraries_say_nothing_at_any_level() {
        let text = logged(Format::Text, Level::Trace, || {
            tracing::error!(target: "hyper_util::client", "GET /botSECRET/sendMessage");
            tracing::error!(target: "tokio_postgres", "value SECRET");
            tracing::trace!("ours");
        });
        assert!(text.contains("ours") && !text.contains("SECRET"), "{text}");
    }
}
