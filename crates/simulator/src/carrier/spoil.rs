//! What goes wrong with calls of a carrier's API.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;

use crate::faults::CallFault;

/// Answers a call as its faults say: `refuse` answers a status (and how long to wait) without anything done, `act` does it.
pub(crate) async fn spoiled<F: Future<Output = Response>>(
    faults: Vec<CallFault>,
    refuse: impl Fn(u16, Option<u64>) -> Response,
    act: impl FnOnce() -> F,
) -> Response {
    CallFault::delay(&faults).await;
    match faults.iter().find(|fault| !fault.only_delays()) {
        Some(CallFault::TooManyRequests { retry_after }) => refuse(429, Some(*retry_after)),
        Some(CallFault::ErrorBefore) => refuse(500, None),
        Some(CallFault::CutBefore) => cut(),
        Some(CallFault::ErrorAfter) => {
            act().await;
            refuse(500, None)
        }
        Some(CallFault::CutAfter) => {
            act().await;
            cut()
        }
        Some(CallFault::Slow { .. } | CallFault::Late { .. }) | None => {
            let answer = act().await;
            CallFault::linger(&faults).await;
            answer
        }
    }
}

/// An answer that breaks off before its first byte.
fn cut() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let nothing = futures_util::stream::once(async { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(nothing))
}
