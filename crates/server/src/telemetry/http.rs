//! Counts and times every request by its route's template.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::{Metrics, Monotonic};

/// What the middleware needs.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Where to count.
    pub metrics: Arc<Metrics>,
    /// What to time with.
    pub clock: Monotonic,
}

/// A middleware for `Router::layer(axum::middleware::from_fn_with_state(observed, observe))`. The layer must be put on
/// after all routes, so that the matched template is known. A path that matches nothing counts as `unmatched`.
pub async fn observe(State(observed): State<Observed>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = observed.clock.now();
    let response = next.run(request).await;
    let took = observed.clock.since(started);
    let (route, status) = (route.as_ref().map_or("unmatched", MatchedPath::as_str), response.status().as_u16());
    observed.metrics.request(&method, route, status, took);
    tracing::debug!(%method, route, status, took_ms = took.as_millis(), "answered");
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn requests_are_counted_by_template() {
        let observed = Observed { metrics: Arc::default(), clock: Monotonic::system() };
        let metrics = Arc::clone(&observed.metrics);
        let router = Router::new()
            .route("/contacts/{id}", get(|| async { "found" }))
            .layer(axum::middleware::from_fn_with_state(observed, observe));
        for path in ["/contacts/con_1", "/contacts/con_2", "/secret-path"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let text = metrics.text();
        assert!(text.contains(r#"{method="GET",route="/contacts/{id}",status="2xx"} 2"#), "{text}");
        assert!(text.contains(r#"{method="GET",route="unmatched",status="4xx"} 1"#), "{text}");
        assert!(!text.contains("con_1") && !text.contains("secret"), "{text}");
    }
}
