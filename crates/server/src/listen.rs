//! Connections: so many at once and no more, and none that keeps its place by saying nothing, or next to nothing, of a request that
//! it began. What is being answered, however long that takes, is left alone.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http_body::{Frame, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tower::ServiceExt;

use crate::settings::Limits;

/// How long nothing is accepted after the system refused to give a connection.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long the end of an answer may take that is written already, when its connection ends.
const TO_FLUSH: Duration = Duration::from_secs(5);
/// So many bytes of a body at least must come in the time that one may be silent.
const LEAST_BYTES: usize = 1024;

/// How patient we are with a connection.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// With the head of a request, and between one request and the next.
    head: Duration,
    /// With a body of which nothing comes.
    body: Duration,
}

/// Accepts connections and answers on them until the program stops; then those that are open end what they are at, and this does.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, mut stopping: watch::Receiver<bool>) {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let patience = Patience { head: seconds(limits.idle_seconds), body: seconds(limits.body_idle_seconds) };
    let places = Arc::new(Semaphore::new(usize::try_from(limits.connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    while !*stopping.borrow_and_update() {
        tokio::select! {
            biased;
            told = stopping.changed() => {
                // Whoever could have said so is gone.
                if told.is_err() {
                    break;
                }
            }
            Some(_) = connections.join_next() => {}
            (place, stream, from) = accept(&listener, &places) => {
                connections.spawn(answer(stream, from, router.clone(), patience, stopping.clone(), place));
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection, once there is a place for it: until then the system holds it back.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    if places.available_permits() == 0 {
        tracing::warn!("as many connections are open as may be (limits.connections): others wait");
    }
    // The places are never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => return (place, stream, from),
            Err(error) if is_the_callers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted and is tried again");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

/// Whether a connection that failed was given up by its caller.
fn is_the_callers(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

async fn answer(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
    _place: Option<OwnedSemaphorePermit>,
) {
    // A live stream writes one small event after the other: none waits until the one before is acknowledged.
    drop(stream.set_nodelay(true));
    let (busy, mut under_way) = watch::channel(0);
    let service = Answering { router, from, wait: patience.body, busy: Arc::new(busy) };
    // Without a look at whether it is HTTP/2, for which nothing has to be sent either.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.head);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection);
    loop {
        let idle = *under_way.borrow_and_update() == 0;
        tokio::select! {
            biased;
            // A caller who went away, or broke off, is no news.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping) => break,
            _ = under_way.changed() => {}
            () = tokio::time::sleep(patience.head), if idle => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    if *under_way.borrow() == 0 {
        // What was answered last may still be on its way. A head that was begun is not waited for.
        tokio::time::timeout(TO_FLUSH, connection).await.ok();
    } else {
        connection.await.ok();
    }
}

/// Answers the requests of one connection.
#[derive(Clone)]
struct Answering {
    router: Router,
    from: SocketAddr,
    wait: Duration,
    busy: Arc<watch::Sender<usize>>,
}

impl<B> tower::Service<http::Request<B>> for Answering
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let busy = Busy::with(&self.busy);
        let wait = self.wait;
        let mut request =
            request.map(|body| Body::new(Patient { body: Body::new(body), wait, silence: None, since: 0 }));
        request.extensions_mut().insert(ConnectInfo(self.from));
        let answer = self.router.clone().oneshot(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Body::new(Answered { body, _busy: busy }))) })
    }
}

/// A request that is being answered, until the last of its answer is handed over.
struct Busy(Arc<watch::Sender<usize>>);

impl Busy {
    fn with(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// The body of an answer.
struct Answered {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that must go on coming.
struct Patient {
    body: Body,
    wait: Duration,
    /// Runs from when nothing was there until enough has come.
    silence: Option<Pin<Box<Sleep>>>,
    since: usize,
}

impl HttpBody for Patient {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref().map(Bytes::len));
            self.since = self.since.saturating_add(bytes.unwrap_or(0));
            if self.since >= LEAST_BYTES {
                (self.silence, self.since) = (None, 0);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let wait = self.wait;
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        ready!(silence.as_mut().poll(context));
        Poll::Ready(Some(Err("the body did not go on coming".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
