//! The Graph API's own addresses: who calls, what goes wrong to order, what comes of it.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Graph;
use super::app::{AppCard, Caller};
use super::call::Call;
use super::faults::MessageFault;
use super::methods;
use super::refusal::Refusal;
use super::signature::keyed;
use super::whatsapp::Foretold;
use crate::faults::CallFault;

/// Where media are downloaded, apart from the Graph API itself.
pub(crate) const DOWNLOADS: &str = "/whatsapp_business/attachments/";

pub(crate) fn router() -> Router<Graph> {
    Router::new()
        .route(DOWNLOADS, get(download))
        .route("/refresh_access_token", get(refresh))
        .route("/{version}/dialog/oauth", get(super::signup::ask))
}

/// Takes every call below a version (`/v26.0/…`), and lets everything else pass.
pub(crate) async fn by_version(State(graph): State<Graph>, request: Request, next: Next) -> Response {
    let mut parts = request.uri().path().split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    // Facebook's pages are versioned, too.
    let page = parts.next() == Some("dialog");
    if is_version(first) && !page { graph.answer(request).await } else { next.run(request).await }
}

fn is_version(part: &str) -> bool {
    let numbers = part.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// A call that was let in.
struct Admitted {
    caller: Option<Caller>,
    app: String,
    name: String,
    /// Whether it is of a page or a professional account, whose throttles have codes of their own.
    of_page: bool,
    faults: Vec<CallFault>,
}

impl Graph {
    async fn answer(&self, request: Request) -> Response {
        let call = match Call::read(request).await {
            Ok(call) => call,
            Err(refusal) => return self.refused(&refusal),
        };
        let admitted = match self.admit(&call) {
            Ok(admitted) => admitted,
            Err(refusal) => return self.refused(&refusal),
        };
        CallFault::delay(&admitted.faults).await;
        let worst = admitted.faults.iter().find(|fault| !fault.only_delays()).cloned();
        if let Some(early) = self.spoiled_before(&admitted, worst.as_ref()) {
            return early;
        }
        let outcome = self.act(&admitted, call).await;
        self.wake();
        CallFault::linger(&admitted.faults).await;
        match (worst, outcome) {
            (Some(CallFault::ErrorAfter), _) => self.refused(&Refusal::of(131_000)),
            (Some(CallFault::CutAfter), _) => cut(),
            (_, Ok(answer)) => Json(answer).into_response(),
            (_, Err(refusal)) => self.refused(&refusal),
        }
    }

    /// Who calls what, and what is to go wrong with it; counts the call.
    fn admit(&self, call: &Call) -> Result<Admitted, Refusal> {
        let mut guard = self.world();
        let world = &mut *guard;
        if let Some(base) = &call.base {
            world.base.clone_from(base);
        }
        let open = call.part(0) == "oauth";
        let caller = if open { None } else { Some(world.caller(call.token.as_deref())?) };
        let app = caller.as_ref().map(|caller| caller.app.clone());
        let app = app.or_else(|| call.text("client_id").map(str::to_owned)).unwrap_or_default();
        let name = methods::name(world, call);
        let of_page = super::pages::kind_of(&world.pages, call.part(0)).is_some();
        let mut faults = Vec::new();
        if let Some(app) = world.apps.get_mut(&app) {
            // Where a token is asked for there is none to prove anything of.
            if !open {
                check_proof(call, &app.card)?;
            }
            app.journal.count_call(&name);
            faults = app.call_faults.draw(&name, &mut world.chance);
        }
        Ok(Admitted { caller, app, name, of_page, faults })
    }

    /// The answer, if the fault keeps anything from happening.
    fn spoiled_before(&self, admitted: &Admitted, fault: Option<&CallFault>) -> Option<Response> {
        let refusal = match fault? {
            CallFault::TooManyRequests { retry_after } => {
                let code = match (admitted.of_page, admitted.name.ends_with(" messages")) {
                    (true, true) => 613,
                    (true, false) => 32,
                    (false, true) => 130_429,
                    (false, false) => 80_007,
                };
                Refusal { regain_minutes: Some(retry_after.div_ceil(60)), ..Refusal::of(code) }
            }
            CallFault::ErrorBefore | CallFault::CutBefore => Refusal::of(131_000),
            _ => return None,
        };
        self.count(admitted, false);
        Some(if fault == Some(&CallFault::CutBefore) { cut() } else { self.refused(&refusal) })
    }

    async fn act(&self, admitted: &Admitted, call: Call) -> Result<Value, Refusal> {
        let outcome = self.prepared(admitted, call).await;
        self.count(admitted, outcome.is_ok());
        outcome
    }

    /// What needs the outside is done before, so that the world is held only for a moment.
    async fn prepared(&self, admitted: &Admitted, mut call: Call) -> Result<Value, Refusal> {
        if let Some((url, word)) = methods::callback_in(&call) {
            self.handshake(&url, &word).await?;
        }
        let mut foretold = Foretold::default();
        if admitted.name == "POST messages" {
            foretold.faults = self.draw_message_faults(&admitted.app);
            if let Some(MessageFault::Refuse { code }) = foretold.refusal() {
                return Err(Refusal::of(code));
            }
            if let Some(link) = super::whatsapp::linked(&call) {
                call.file = self.fetch(&link).await;
                if call.file.is_none() {
                    foretold.faults.push(MessageFault::FailLater { code: 131_053 });
                }
            }
        }
        let mut world = self.world();
        world.whatsapp.foretold = foretold;
        let outcome = methods::run(&mut world, admitted.caller.as_ref(), &call);
        world.whatsapp.foretold = Foretold::default();
        outcome
    }

    fn draw_message_faults(&self, app: &str) -> Vec<MessageFault> {
        let mut guard = self.world();
        let world = &mut *guard;
        let app = world.apps.get_mut(app);
        app.map(|app| app.message_faults.draw("messages", &mut world.chance)).unwrap_or_default()
    }

    fn count(&self, admitted: &Admitted, acted: bool) {
        if let Some(app) = self.world().apps.get_mut(&admitted.app) {
            app.journal.count_outcome(&admitted.name, acted);
        }
    }

    fn refused(&self, refusal: &Refusal) -> Response {
        let trace = format!("A{}", self.world().chance.word(22));
        refusal.respond(&trace)
    }
}

/// A proof that the caller knows the app's secret must be right; whether there must be one is the app's setting.
fn check_proof(call: &Call, app: &AppCard) -> Result<(), Refusal> {
    let Some(proof) = call.text("appsecret_proof") else {
        let missing = || Refusal::invalid("API calls from the server require an appsecret_proof argument");
        return (!app.requires_proof).then_some(()).ok_or_else(missing);
    };
    let expected = keyed(&app.secret, call.token.as_deref().unwrap_or_default().as_bytes());
    let wrong = || Refusal::invalid("Invalid appsecret_proof provided in the API argument");
    (proof == expected).then_some(()).ok_or_else(wrong)
}

/// An answer that breaks off before its first byte: the connection is closed without a word.
fn cut() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let nothing = futures_util::stream::once(async { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(nothing))
}

#[derive(Deserialize)]
struct Refreshing {
    grant_type: String,
    access_token: String,
}

/// Instagram exchanges a token for one that lives for sixty days from now. The old one stays.
async fn refresh(State(graph): State<Graph>, Query(asked): Query<Refreshing>) -> Response {
    let mut guard = graph.world();
    let world = &mut *guard;
    let refused = |refusal: Refusal| refusal.into_response();
    if asked.grant_type != "ig_refresh_token" {
        return refused(Refusal::invalid("Param grant_type must be one of {IG_REFRESH_TOKEN}"));
    }
    match world.refresh_token(&asked.access_token) {
        Ok(token) => {
            let life_s = super::world::TOKEN_LIFE_MS / 1_000;
            Json(json!({ "access_token": token, "token_type": "bearer", "expires_in": life_s })).into_response()
        }
        Err(refusal) => refused(refusal),
    }
}

#[derive(Deserialize)]
struct Wanted {
    mid: String,
    ext: i64,
    hash: String,
}

/// The bytes of a media, with a token, for five minutes; 404 for whatever is wrong, as on the real interface.
async fn download(State(graph): State<Graph>, Query(wanted): Query<Wanted>, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|text| text.strip_prefix("Bearer "));
    let mut world = graph.world();
    let caller = match world.caller(token) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let now_s = world.now_s();
    if let Some(app) = world.apps.get_mut(&caller.app) {
        app.journal.count_call("GET download");
    }
    let seen = |account: &str| caller.sees(account);
    match world.whatsapp.media.download(&wanted.mid, wanted.ext, &wanted.hash, now_s, seen) {
        Some(part) => ([(header::CONTENT_TYPE, part.mime)], part.content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_exchanged_for_one_of_sixty_days_and_stays() {
        use super::super::TokenCard;

        let simulator = crate::Simulator::new(crate::Options::default());
        let app = simulator.graph().create_app(AppCard::default()).id;
        let first =
            simulator.graph().create_token(TokenCard { app: app.clone(), ..TokenCard::default() }).expect("a token");
        let base = simulator.start().await.expect("a port");
        let http = reqwest::Client::builder().build().expect("a client");
        let asked = async |grant: &str, token: &str| {
            let url = format!("{base}/refresh_access_token?grant_type={grant}&access_token={token}");
            http.get(url).send().await.expect("an answer")
        };
        let answer = asked("ig_refresh_token", &first.token).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert_eq!(body["expires_in"], 60 * 24 * 3_600);
        let newer = body["access_token"].as_str().expect("a token");
        for token in [&first.token, newer] {
            assert_eq!(asked("ig_refresh_token", token).await.status(), StatusCode::OK);
        }
        assert_eq!(simulator.graph().calls(&app).expect("an app")["GET refresh_access_token"].calls, 3);
        for (grant, token) in [("other", first.token.as_str()), ("ig_refresh_token", "unknown")] {
            assert!(asked(grant, token).await.status().is_client_error());
        }
    }

    #[test]
    fn only_versions_are_versions() {
        assert!(is_version("v26.0") && is_version("v9.1"));
        for other in ["bot42:secret", "v26", "v.0", "v26.0x", "26.0", ""] {
            assert!(!is_version(other), "{other}");
        }
    }
}
