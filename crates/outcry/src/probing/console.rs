//! The operator's listener: `/metrics`, `/probe`, `/traffic`, heartbeats, alerts of Alertmanager;
//! each with a token.
//!
//! A browser gives it as the password of whatever name it likes; programs as a bearer.
//! It has an address of its own, never that of the public pages.
//! `/probe?target=&module=&debug=true` looks once and answers as blackbox_exporter does; targets
//! pass the same filter as all.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware;
use axum::middleware::Next;
use axum::response::AppendHeaders;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::MethodRouter;
use axum::routing::get;
use axum::routing::post;
use bytes::Bytes;
use outcry_collector::define::Definition;
use outcry_collector::probe::Context;
use outcry_collector::probe::heartbeat::Beat;
use outcry_collector::repeated::repeated;
use outcry_collector::schedule::run::Scheduler;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::cli::BadInput;
use crate::cli::probe::explain;
use crate::flows::page::Traffic;
use crate::probing::alerts;
use crate::probing::alerts::BODY_BYTES_MAX;
use crate::probing::config::Probes;
use crate::probing::latest::Figures;
use crate::probing::latest::Latest;
use crate::probing::metrics;
use crate::tokens::Scope;
use crate::tokens::Tokens;
use crate::tokens::same;

/// Looks that may run for those who ask, at the same time.
const ASKED_MAX: usize = 32;
/// Letters of a key of a heartbeat.
const KEY_CHARS_MAX: usize = 100;

/// What the listener shows.
pub struct Console {
    /// What was seen.
    pub latest: Arc<Latest>,
    /// How the loop fares; `None` when nothing is looked at.
    pub scheduler: Option<Scheduler>,
    /// What probes share.
    pub context: Context,
    /// Tokens beside the one of the configuration, each with its scopes.
    pub tokens: Tokens,
    /// Traffic, where a listener for flows is open.
    pub traffic: Option<Traffic>,
}

/// An open listener; closed when dropped.
pub struct Open(tokio::runtime::Runtime);

impl Drop for Open {
    fn drop(&mut self) {
        let empty = tokio::runtime::Builder::new_current_thread().build();
        if let Ok(empty) = empty {
            std::mem::replace(&mut self.0, empty).shutdown_timeout(Duration::from_secs(1));
        }
    }
}

struct Inside {
    console: Console,
    token: String,
    modules: BTreeMap<String, Definition>,
    asked: Semaphore,
}

impl Console {
    /// Opens the listener, if there is one.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when its address cannot be listened on.
    pub fn open(self, probes: &Probes) -> anyhow::Result<Option<Open>> {
        let Some(listen) = probes.listen else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .thread_name("console")
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|error| {
            BadInput(format!("cannot open the console on {listen}: {error}; choose another"))
        })?;
        let address: SocketAddr = listener.local_addr()?;
        let inside = Arc::new(Inside {
            console: self,
            token: probes.token.clone(),
            modules: probes.modules.iter().cloned().collect(),
            asked: Semaphore::new(ASKED_MAX),
        });
        let doors: [(&str, MethodRouter<Arc<Inside>>, Scope); 5] = [
            ("/metrics", get(show_metrics), Scope::Metrics),
            ("/probe", get(look), Scope::Probe),
            ("/traffic", get(show_traffic), Scope::Traffic),
            ("/api/v1/endpoints/{key}/external", post(hear), Scope::Heartbeat),
            ("/api/v1/alertmanager", post(hear_alerts), Scope::Alerts),
        ];
        let mut router = Router::new();
        for (path, answers, scope) in doors {
            let guard = Guard { inside: inside.clone(), scope };
            let answers = answers.route_layer(middleware::from_fn_with_state(guard, admit));
            router = router.route(path, answers);
        }
        let router = router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(inside);
        runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the console is closed");
            }
        });
        tracing::info!(%address, "the console is open");
        Ok(Some(Open(runtime)))
    }
}

/// A door, and what a token needs for it.
#[derive(Clone)]
struct Guard {
    inside: Arc<Inside>,
    scope: Scope,
}

/// Lets those in who know the token of the configuration, or have one with that scope.
async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let Guard { inside, scope } = guard;
    let given = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let given = given.and_then(token_of).unwrap_or_default();
    let known = inside.token.as_bytes();
    let is_known = !known.is_empty() && same(&given, known);
    let text = String::from_utf8(given).unwrap_or_default();
    if !is_known && !is_admitted(inside, text, scope).await {
        // Browsers know no bearer, and want each challenge in a header of its own.
        let challenges = ["Basic realm=\"Outcry\"", "Bearer"];
        let challenges = AppendHeaders(challenges.map(|it| (header::WWW_AUTHENTICATE, it)));
        let what =
            format!("send a token that has the scope {}: Authorization: Bearer …\n", scope.name());
        return (StatusCode::UNAUTHORIZED, challenges, what).into_response();
    }
    next.run(request).await
}

/// Looks a token up in its file, off the thread that serves.
async fn is_admitted(inside: Arc<Inside>, given: String, scope: Scope) -> bool {
    let asked = move || inside.console.tokens.admits(&given, scope);
    tokio::task::spawn_blocking(asked).await.unwrap_or(false)
}

/// The token of a header: as it stands, or as the password of any name (RFC 7617).
fn token_of(header: &str) -> Option<Vec<u8>> {
    if let Some(token) = header.strip_prefix("Bearer ") {
        return Some(token.as_bytes().to_vec());
    }
    let pair = BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

async fn show_metrics(State(inside): State<Arc<Inside>>) -> Response {
    let console = &inside.console;
    let mut text = console.traffic.as_ref().map(Traffic::metrics).unwrap_or_default();
    if let Some(scheduler) = &console.scheduler {
        text.push_str(&metrics::of_all(&console.latest, &scheduler.state()));
    }
    plain(text)
}

/// The page is made when it is asked for: only the operator asks.
async fn show_traffic(State(inside): State<Arc<Inside>>) -> Response {
    let Some(traffic) = inside.console.traffic.clone() else {
        let what = "no listener for flows is open: set listen in [flows]\n";
        return (StatusCode::NOT_FOUND, what).into_response();
    };
    let made = tokio::task::spawn_blocking(move || traffic.page()).await;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    match made {
        Ok(page) => (headers, page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn look(
    State(inside): State<Arc<Inside>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let mut definition = Definition::new(query.get("target").cloned().unwrap_or_default());
    if let Some(name) = query.get("module").filter(|name| !name.is_empty()) {
        let Some(module) = inside.modules.get(name) else {
            let known: Vec<&String> = inside.modules.keys().collect();
            return wrong(format!("there is no module {name:?}; there are {known:?}\n"));
        };
        definition = definition.or(module);
    }
    let (_, check) = match definition.check() {
        Ok(check) => check,
        Err(mistakes) => {
            let lines = mistakes
                .iter()
                .map(|it| format!("{}: {}; write {}\n", it.field, it.what, it.instead));
            return wrong(lines.collect());
        }
    };
    let Ok(_turn) = inside.asked.try_acquire() else {
        let what = "too many looks at the same time; come again in a second\n";
        return (StatusCode::TOO_MANY_REQUESTS, what).into_response();
    };
    let outcome = check.run(&inside.console.context).await;
    let mut text = metrics::of_one(&Figures::of(&outcome));
    if query.get("debug").is_some_and(|debug| debug == "true") {
        text = format!(
            "{}\nMetrics that would have been returned:\n{text}",
            explain::words(&definition.target, &outcome, explain::Paint::Plain,)
        );
    }
    plain(text)
}

/// A report of something that reports by itself, in the form of Gatus' external endpoints.
async fn hear(
    State(inside): State<Arc<Inside>>,
    Path(key): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if key.chars().count() > KEY_CHARS_MAX {
        return wrong(format!("a key has at most {KEY_CHARS_MAX} letters\n"));
    }
    let error = match query.get("success").map(String::as_str) {
        Some("true") => None,
        Some("false") => {
            let said = query.get("error").filter(|said| !said.is_empty());
            Some(said.cloned().unwrap_or_else(|| "it failed".into()))
        }
        _ => return wrong("say success=true or success=false\n".into()),
    };
    let took = match query.get("duration").map(|text| span_of(text)) {
        None => None,
        Some(Some(took)) => Some(took),
        Some(None) => return wrong("a duration looks like 1500ms, 1.5s or 2m\n".into()),
    };
    let beat = Beat { at: Instant::now(), error, took };
    if !inside.console.context.heartbeats.hear(&key, beat) {
        let what = format!(
            "no probe waits for this key; write one with target = \"heartbeat:{}\"\n",
            repeated(&key, KEY_CHARS_MAX)
        );
        return (StatusCode::NOT_FOUND, what).into_response();
    }
    StatusCode::OK.into_response()
}

/// Alerts of Alertmanager: each is a report under its key.
async fn hear_alerts(State(inside): State<Arc<Inside>>, body: Bytes) -> Response {
    let heard = match alerts::read(&body) {
        Ok(heard) => heard,
        Err(what) => return wrong(what),
    };
    if heard.keys().any(|key| key.chars().count() > KEY_CHARS_MAX) {
        return wrong(format!("a key has at most {KEY_CHARS_MAX} letters\n"));
    }
    let (mut known, all) = (0, heard.len());
    for (key, error) in heard {
        let beat = Beat { at: Instant::now(), error, took: None };
        known += usize::from(inside.console.context.heartbeats.hear(&key, beat));
    }
    // Who sends alerts sends all of them: those that no probe waits for are no mistake.
    plain(format!("{known} of {all} alerts have a probe that waits for them\n"))
}

/// `1500ms`, `1.5s`, `2m`.
fn span_of(text: &str) -> Option<Duration> {
    let (number, unit_s) = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)]
        .iter()
        .find_map(|(unit, unit_s)| Some((text.strip_suffix(unit)?, unit_s)))?;
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit_s).ok()
}

fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn wrong(text: String) -> Response {
    (StatusCode::BAD_REQUEST, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_a_bearer_or_as_a_password() {
        assert_eq!(token_of("Bearer abc").as_deref(), Some(&b"abc"[..]));
        // Of RFC 7617, section 2.
        let header = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert_eq!(token_of(header).as_deref(), Some(&b"open sesame"[..]));
        assert_eq!(token_of("Basic ?"), None);
        assert_eq!(token_of("Basic QWxhZGRpbg=="), None);
    }

    #[test]
    fn spans_are_read_as_they_are_written_in_go() {
        assert_eq!(span_of("1500ms"), Some(Duration::from_millis(1_500)));
        assert_eq!(span_of("1.5s"), Some(Duration::from_millis(1_500)));
        assert_eq!(span_of("2m"), Some(Duration::from_secs(120)));
        assert_eq!(span_of("soon"), None);
        assert_eq!(span_of("-1s"), None);
    }
}
