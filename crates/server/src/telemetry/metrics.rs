//! The counters and histograms behind `/metrics`, in the OpenMetrics text format.
//!
//! Labels are closed sets or words of ours (kinds, operations, route templates): nothing from outside becomes a label,
//! or the number of series would be in the hands of whoever calls.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{CallLabels, Hook, Kind, Operation, Queue, Request, Route, Sent, class, known};

/// Bounds of the duration histograms, in seconds.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// What became of a hook's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum HookResult {
    Accepted,
    Duplicate,
    Unauthorised,
    NotFound,
    Malformed,
    TooLarge,
    Failed,
}

/// What became of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum SendResult {
    Sent,
    Unknown,
    Retried,
    Throttled,
    Refused,
    OptedOut,
    WindowClosed,
    NotAllowed,
    Reauthorise,
    Unsupported,
}

/// What came of asking an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum PollResult {
    News,
    Nothing,
    Unanswered,
    Throttled,
    Stopped,
}

/// What became of one call to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallResult {
    /// The provider answered with this status.
    Answered(u16),
    /// The request did not leave.
    NotSent,
    /// The reply was lost.
    Lost,
}

/// All of the program's metrics.
pub struct Metrics {
    registry: Registry,
    hooks: Family<Hook, Counter>,
    events: Family<Kind, Counter>,
    sends: Family<Sent, Counter>,
    polls: Family<Sent, Counter>,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<Operation, Histogram, fn() -> Histogram>,
    queues: Family<Queue, Gauge>,
    requests: Family<Request, Counter>,
    request_seconds: Family<Route, Histogram, fn() -> Histogram>,
    panics: Counter<u64, AtomicU64>,
}

impl Metrics {
    /// A registry with everything at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("parloir"),
            hooks: Family::default(),
            events: Family::default(),
            sends: Family::default(),
            polls: Family::default(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(histogram),
            queues: Family::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram),
            panics: Counter::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("hooks", "Requests at /hooks by kind of channel and outcome", self.hooks.clone());
        registry.register("events", "Events from contacts by kind", self.events.clone());
        registry.register("sends", "Messages sent by kind of channel and outcome", self.sends.clone());
        registry.register("polls", "Accounts asked what came, by kind of channel and outcome", self.polls.clone());
        registry.register("outbound_calls", "Calls to the outside by operation and status", self.calls.clone());
        let help = "Duration of calls to the outside";
        registry.register_with_unit("outbound_call", help, Unit::Seconds, self.call_seconds.clone());
        registry.register("queue_depth", "Rows waiting in a queue", self.queues.clone());
        registry.register("http_requests", "Requests by route and status", self.requests.clone());
        let help = "Duration of requests until their answer began";
        registry.register_with_unit("http_request", help, Unit::Seconds, self.request_seconds.clone());
        registry.register("panics", "Parts of the program that panicked; each is a bug", self.panics.clone());
    }

    /// Counts a request at a channel's hook. `kind` is the channel's.
    pub fn hook(&self, kind: &'static str, result: HookResult) {
        let (outcome, reason) = match result {
            HookResult::Accepted => ("accepted", ""),
            HookResult::Duplicate => ("accepted", "duplicate"),
            HookResult::Unauthorised => ("rejected", "unauthorised"),
            HookResult::NotFound => ("rejected", "not_found"),
            HookResult::Malformed => ("rejected", "malformed"),
            HookResult::TooLarge => ("rejected", "too_large"),
            HookResult::Failed => ("failed", "internal"),
        };
        self.hooks.get_or_create(&Hook { kind, outcome, reason }).inc();
    }

    /// Counts an event by our name for its kind (`message`, `edited`, …, `unknown`).
    pub fn event(&self, kind: &'static str) {
        self.events.get_or_create(&Kind { kind }).inc();
    }

    /// Counts what became of a send. `kind` is the channel's.
    pub fn send(&self, kind: &'static str, result: SendResult) {
        let outcome = match result {
            SendResult::Sent => "sent",
            SendResult::Unknown => "unknown",
            SendResult::Retried => "retried",
            SendResult::Throttled => "throttled",
            SendResult::Refused => "refused",
            SendResult::OptedOut => "opted_out",
            SendResult::WindowClosed => "window_closed",
            SendResult::NotAllowed => "not_allowed",
            SendResult::Reauthorise => "reauthorise",
            SendResult::Unsupported => "unsupported",
        };
        self.sends.get_or_create(&Sent { kind, outcome }).inc();
    }

    /// Counts what came of asking an account. `kind` is the channel's.
    pub fn poll(&self, kind: &'static str, result: PollResult) {
        let outcome = match result {
            PollResult::News => "news",
            PollResult::Nothing => "nothing",
            PollResult::Unanswered => "unanswered",
            PollResult::Throttled => "throttled",
            PollResult::Stopped => "stopped",
        };
        self.polls.get_or_create(&Sent { kind, outcome }).inc();
    }

    /// Counts a call to the outside and its duration.
    pub fn call(&self, operation: &'static str, result: CallResult, took: Duration) {
        let status = match result {
            CallResult::Answered(status) => class(status),
            CallResult::NotSent => "not_sent",
            CallResult::Lost => "lost",
        };
        self.calls.get_or_create(&CallLabels { operation, status }).inc();
        self.call_seconds.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    /// Sets how many rows wait in a queue (`inbox`, `jobs`, `outbox`, …).
    pub fn queue_depth(&self, queue: &'static str, rows: u64) {
        self.queues.get_or_create(&Queue { queue }).set(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Counts a request by its route's template (`/api/v1/contacts/{id}`), never by its path.
    pub fn request(&self, method: &http::Method, route: &str, status: u16, took: Duration) {
        let labels = Request { method: known(method), route: route.to_owned(), status: class(status) };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// Counts a task that panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Everything in the text format, with the content type [`Metrics::CONTENT_TYPE`].
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail; a partial answer would still be better than none.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// The content type of [`Metrics::text`].
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_counts_what_happened() {
        let metrics = Metrics::new();
        metrics.hook("telegram", HookResult::Accepted);
        metrics.hook("telegram", HookResult::Accepted);
        metrics.hook("telegram", HookResult::Unauthorised);
        metrics.event("message");
        metrics.send("api", SendResult::Unknown);
        metrics.call("telegram.sendMessage", CallResult::Answered(429), Duration::from_millis(30));
        metrics.call("telegram.sendMessage", CallResult::Lost, Duration::from_secs(30));
        metrics.queue_depth("outbox", 7);
        metrics.request(&http::Method::GET, "/api/v1/contacts/{id}", 200, Duration::from_millis(3));
        let text = metrics.text();
        for line in [
            r#"parloir_hooks_total{kind="telegram",outcome="accepted",reason=""} 2"#,
            r#"parloir_hooks_total{kind="telegram",outcome="rejected",reason="unauthorised"} 1"#,
            r#"parloir_events_total{kind="message"} 1"#,
            r#"parloir_sends_total{kind="api",outcome="unknown"} 1"#,
            r#"parloir_outbound_calls_total{operation="telegram.sendMessage",status="429"} 1"#,
            r#"parloir_outbound_calls_total{operation="telegram.sendMessage",status="lost"} 1"#,
            r#"parloir_outbound_call_seconds_bucket{le="0.05",operation="telegram.sendMessage"} 1"#,
            r#"parloir_queue_depth{queue="outbox"} 7"#,
            r#"parloir_http_requests_total{method="GET",route="/api/v1/contacts/{id}",status="2xx"} 1"#,
            r#"parloir_http_request_seconds_count{route="/api/v1/contacts/{id}"} 1"#,
            "parloir_panics_total 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn a_made_up_method_makes_no_series_of_its_own() {
        let metrics = Metrics::new();
        for word in ["BREW", "WHEN"] {
            let method = http::Method::from_bytes(word.as_bytes()).unwrap();
            metrics.request(&method, "/", 405, Duration::ZERO);
        }
        assert!(metrics.text().contains(r#"{method="other",route="/",status="4xx"} 2"#), "{}", metrics.text());
    }
}
