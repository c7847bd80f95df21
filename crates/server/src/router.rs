//! The router: every address and what answers it.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::MethodRouter;
use axum::routing::get;
use axum::routing::post;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::Uri;
use http::Version;
use http::header;
use ipnet::IpNet;

use crate::api;
use crate::asset;
use crate::board::Board;
use crate::board::Key;
use crate::body::Dress;
use crate::body::Page;
use crate::contract::Journal;
use crate::contract::Subscriptions;
use crate::intake::Intake;
use crate::page::CONTENT_SECURITY_POLICY;
use crate::page::missing;
use crate::page::search;
use crate::page::service::THANKS_PLACE;
use crate::problem::Problem;
use crate::proposal;
use crate::rate::Rate;
use crate::rate::Reads;
use crate::route::Answer;
use crate::route::allowed;
use crate::route::table::ROUTES;
use crate::router::kept::serve;
use crate::router::named::Named;
use crate::router::written::as_written_here;
use crate::router::written::moved;
use crate::subscription;
use crate::view::health::HealthView;

mod kept;
pub mod named;
mod open;
mod written;

/// What the handlers share.
pub struct App {
    /// The pages.
    pub board: Arc<Board>,
    /// Where reports are kept.
    pub journal: Arc<dyn Journal>,
    /// People who are told by e-mail; `None` where none are.
    pub subscriptions: Option<Arc<dyn Subscriptions>>,
    /// What turns answers into signals.
    pub intake: Intake,
    /// How many reports a prefix may send.
    pub rate: Rate,
    /// How many answers may be made for a prefix.
    pub reads: Reads,
    /// How many wishes to be told may come from a prefix.
    pub wishes: Reads,
    /// How many claims may be proposed from a prefix.
    pub proposals: Reads,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// The address a connection came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Whether the floor of the intake bench is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// `POST /bench/noop` reads and parses a report and does nothing with it.
    Served,
    /// It does not exist.
    Absent,
}

/// Every address, as the table has them.
pub fn router(app: Arc<App>, floor: Floor) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let answers: MethodRouter<Arc<App>> = match route.answer {
            Answer::Page | Answer::Open(_) => get(page),
            Answer::Service => get(service),
            Answer::Form => post(api::form),
            Answer::Back => get(back_to_service),
            Answer::Live => get(live),
            Answer::Find => get(find),
            Answer::Asset => get(asset::asset),
            Answer::Health => get(health),
            Answer::Report => post(api::report),
            Answer::Wish => post(subscription::wish),
            Answer::Push => post(subscription::push),
            Answer::AskConfirm => get(subscription::ask_confirm),
            Answer::Confirm => post(subscription::confirm),
            Answer::AskLeave => get(subscription::ask_leave),
            Answer::Leave => post(subscription::leave),
            Answer::Claims => get(claims),
            Answer::Propose => post(proposal::propose),
        };
        router = router.route(route.path, answers);
    }
    router = router.fallback(nowhere).method_not_allowed_fallback(other_method);
    if floor == Floor::Served {
        router = router.route("/bench/noop", post(api::noop));
    }
    router.with_state(app)
}

impl App {
    /// The answer to a plain read of a page that stands in memory; everything else is the
    /// router's. This is the same answer, without the way through the table of routes.
    pub fn at_hand<B>(&self, request: &http::Request<B>, peer: Peer) -> Option<Response<Bytes>> {
        if request.method() != Method::GET {
            return None;
        }
        let page = self.board.standing(request.uri().path_and_query()?.as_str())?;
        let answer = serve(&page, request.headers());
        Some(open::told(self, peer, request.headers(), answer, page.dress))
    }

    /// The answer to a request that HTTP itself does not allow: one of HTTP/1.1 that does not say
    /// for which host it is (RFC 9112, section 3.2).
    pub fn against_http<B>(&self, request: &http::Request<B>) -> Option<Response> {
        let hosts = request.headers().get_all(header::HOST).iter().count();
        if hosts == 1 || (hosts == 0 && request.version() != Version::HTTP_11) {
            return None;
        }
        let why = "send one Host header, as HTTP/1.1 asks for".to_owned();
        Some(refuse(self, request.uri().path(), Problem::Unreadable(why)))
    }

    /// The client's address behind a connection.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        crate::client::address(peer.0.ip(), headers, &self.trusted_proxies)
    }
}

/// Any page of the board.
async fn page(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    if let Some(page) = app.board.standing(asked) {
        let answer = serve(&page, &headers).map(Body::from);
        return open::told(&app, peer, &headers, answer, page.dress);
    }
    // One form for each address, whatever was added to it.
    let key = match Key::read(asked) {
        Ok(key) => key,
        Err(problem) => return refuse(&app, asked, problem),
    };
    let address = key.address();
    let stands = app.board.standing(&address);
    if key.is_open() && stands.is_none() {
        let client = app.client(peer, &headers);
        if app.reads.take(client, app.board.now()).is_none() {
            let refused = refuse(&app, asked, Problem::TooManyReads);
            return open::told(&app, peer, &headers, refused, Dress::Open);
        }
    }
    let answer = if key.is_kept() {
        at(&app, address).await
    } else {
        once(&app, key, headers.get(header::ACCEPT_ENCODING).cloned()).await
    };
    let (answer, dress) = match answer {
        Ok(page) => (serve(&page, &headers).map(Body::from), page.dress),
        Err(problem) => (refuse(&app, asked, problem), Dress::Open),
    };
    open::told(&app, peer, &headers, answer, dress)
}

/// A page for the one who asks only, made off the threads that serve.
async fn once(
    app: &Arc<App>,
    key: Key,
    accept_encoding: Option<HeaderValue>,
) -> Result<Arc<Page>, Problem> {
    let app = app.clone();
    let rendered = tokio::task::spawn_blocking(move || {
        let page = app.board.once(&key)?;
        page.compress_for(accept_encoding.as_ref());
        Ok(page)
    });
    let rendered = rendered.await;
    rendered.unwrap_or(Err(Problem::Unavailable))
}

/// A page that may have to be rendered first, off the threads that serve.
pub async fn at(app: &Arc<App>, address: String) -> Result<Arc<Page>, Problem> {
    if let Some(page) = app.board.standing(&address) {
        return Ok(page);
    }
    let app = app.clone();
    let rendered = tokio::task::spawn_blocking(move || app.board.page(&address)).await;
    rendered.unwrap_or(Err(Problem::Unavailable))
}

/// The page of a service, with thanks when a report was just sent.
async fn service(
    State(app): State<Arc<App>>,
    Named(slug): Named,
    peer: Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Some(place) = as_written_here(uri.path()) {
        return moved(&place, uri.query());
    }
    let reported = uri.query().and_then(|query| query.strip_prefix("reported="));
    let Some(reported) = reported else {
        return page(State(app), peer, uri, headers).await;
    };
    thanked(&app, format!("/s/{slug}"), &api::thanks(&app.board.site, reported)).await
}

/// The list of claims, with thanks when one was just proposed.
async fn claims(
    State(app): State<Arc<App>>,
    peer: Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if uri.query() != Some("proposed=1") {
        return page(State(app), peer, uri, headers).await;
    }
    thanked(&app, "/claims".to_owned(), &proposal::thanks(&app.board.site)).await
}

/// A page with thanks for its sender only.
async fn thanked(app: &Arc<App>, address: String, thanks: &str) -> Response {
    match at(app, address.clone()).await {
        Ok(page) => {
            let text = String::from_utf8_lossy(&page.plain).replacen(THANKS_PLACE, thanks, 1);
            html(StatusCode::OK, text)
        }
        Err(problem) => refuse(app, &address, problem),
    }
}

/// A reader who reloads the answer of the form comes back to the page.
async fn back_to_service(Named(slug): Named) -> Response {
    match HeaderValue::from_str(&format!("/s/{slug}")) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn find(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let query = uri.query().unwrap_or("");
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("q=")).unwrap_or("");
    let site = app.board.site.clone();
    html(StatusCode::OK, search::render(&site, &site.records.catalog(), &decoded(asked)))
}

async fn live(State(app): State<Arc<App>>, Named(slug): Named) -> Response {
    let site = app.board.site.clone();
    let asked = slug.clone();
    let records = site.records.clone();
    let snapshot = tokio::task::spawn_blocking(move || records.service(&asked)).await;
    match snapshot {
        Ok(Some(snapshot)) => app.board.live.follow(&site.words, &snapshot),
        _ => Problem::NotFound("service").into_json(&site.words),
    }
}

/// For whoever runs this: 200 while signals are taken and worked through.
async fn health(State(app): State<Arc<App>>) -> Response {
    let health = app.board.site.records.health();
    let status =
        if health.failure.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let body = serde_json::to_string(&HealthView::from(&health)).expect("texts and numbers");
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

async fn nowhere(State(app): State<Arc<App>>, uri: Uri) -> Response {
    if let Some(place) = as_written_here(uri.path()) {
        return moved(&place, uri.query());
    }
    refuse(&app, uri.path(), Problem::NotFound("page"))
}

async fn other_method(
    State(app): State<Arc<App>>,
    Extension(_): Extension<Peer>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let allowed = allowed(path);
    if request.method() == Method::OPTIONS {
        return open::preflight(allowed);
    }
    refuse(&app, path, Problem::Method(allowed))
}

/// What a browser may do with a page.
pub(crate) fn guard(headers: &mut HeaderMap) {
    static POLICY: std::sync::LazyLock<HeaderValue> = std::sync::LazyLock::new(|| {
        HeaderValue::from_str(&CONTENT_SECURITY_POLICY).expect("ASCII without line ends")
    });
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// A page that is for its sender only.
pub fn html(status: StatusCode, text: String) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let caching = HeaderValue::from_static("no-store");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)];
    let mut response = (status, headers, text).into_response();
    guard(response.headers_mut());
    response
}

/// What went wrong, as a page for readers and as JSON for programs.
pub fn refuse(app: &App, address: &str, problem: Problem) -> Response {
    let site = &app.board.site;
    let path = address.split('?').next().unwrap_or(address);
    let for_programs = ROUTES.iter().any(|it| it.is_open() && it.matches(path).is_some());
    let looks_so = ["/api/", "/bench/", "/feeds/"].iter().any(|it| path.starts_with(it));
    if for_programs || looks_so || path.ends_with(".json") {
        let mut response = problem.into_json(&site.words);
        open::share(response.headers_mut());
        return response;
    }
    let (title, detail) = match &problem {
        Problem::NotFound(what) => {
            let id = match *what {
                "service" => "missing-service",
                "incident" => "missing-incident",
                _ => "missing-page",
            };
            (site.words.say(id), site.words.say(&format!("{id}-detail")))
        }
        other => (other.title().to_owned(), other.detail()),
    };
    let mut response = problem.into_page(missing::render(site, &title, &detail));
    guard(response.headers_mut());
    response
}

/// A value of a query: `+` is a space, `%XX` a byte.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair: Vec<u8> = rest.clone().take(2).collect();
                let hex = std::str::from_utf8(&pair).ok().filter(|pair| pair.len() == 2);
                match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                    Some(value) => {
                        bytes.push(value);
                        rest.nth(1);
                    }
                    None => bytes.push(byte),
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_as_browsers_write_them() {
        for (text, want) in [("a+b", "a b"), ("%C3%A9", "é"), ("100%", "100%"), ("%zz", "%zz")] {
            assert_eq!(decoded(text), want);
        }
    }
}
