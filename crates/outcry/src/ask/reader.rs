//! Reading an address of the public interface: of a server somewhere, or of the one we are.
//!
//! The server is named by whoever runs the command, so that private addresses and all ports may be
//! dialled. A server that is ourselves is asked through its own router, with the address of the one
//! who wants to know: limits count for them as if they had asked themselves.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::HeaderValue;
use http::Request;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Limited;
use outcry_collector::address::Url;
use outcry_collector::guard::Family;
use outcry_collector::guard::Reach;
use outcry_collector::probe::Context;
use outcry_collector::probe::body::BODY_BYTES_MAX;
use outcry_collector::probe::exchange;
use outcry_collector::probe::exchange::Message;
use outcry_collector::probe::exchange::Way;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Sight;
use outcry_server::router::Peer;
use serde::de::DeserializeOwned;
use tower::Service;

use crate::looking;

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The head in which a proxy says for whom it asks.
const FORWARDED: &str = "x-forwarded-for";
/// Characters of an answer that nobody understands which are told.
const STRANGE_CHARS_MAX: usize = 120;

/// Who is asked.
pub struct Reader(To);

enum To {
    /// A server somewhere, by its address without a slash at its end.
    There { server: String, context: Context },
    /// Ourselves, on behalf of somebody.
    Here { router: Router, peer: Peer, forwarded: Vec<HeaderValue> },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address of the server is none.
    #[error("{0}")]
    Address(String),
    /// Nobody answered.
    #[error("cannot reach {server}: {reason}")]
    Unreachable {
        /// Who was asked.
        server: String,
        /// Why it failed.
        reason: String,
    },
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// An answer that is none.
    #[error("{server} answers {status}: {detail}")]
    Refused {
        /// Who was asked.
        server: String,
        /// The status.
        status: u16,
        /// What it says about it.
        detail: String,
    },
    /// An answer that no Outcry gives.
    #[error("{server} does not answer as Outcry does ({detail}); is this its address?")]
    Strange {
        /// Who was asked.
        server: String,
        /// What was wrong.
        detail: String,
    },
}

impl Reader {
    /// Asks a server at its address, such as `https://outages.example`.
    ///
    /// # Errors
    ///
    /// [`AskError::Address`] with what to write instead.
    pub fn there(server: &str) -> Result<Self, AskError> {
        let server = server.trim().trim_end_matches('/');
        let wrong = |why: &str| {
            let what = format!("{server:?} is no server: {why}; write http://127.0.0.1:8080");
            AskError::Address(what)
        };
        let url = Url::parse(server).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(&*url.scheme, "http" | "https") {
            return Err(wrong("it begins with neither http:// nor https://"));
        }
        let agent = HeaderValue::from_static(looking::AGENT);
        let context = looking::context(agent, Reach::Private);
        Ok(Self(To::There { server: server.to_owned(), context }))
    }

    /// Asks ourselves, for somebody whose connection and whose proxies are known.
    pub fn here(router: Router, peer: Peer, forwarded: Vec<HeaderValue>) -> Self {
        Self(To::Here { router, peer, forwarded })
    }

    /// The server as it is told to people.
    pub fn server(&self) -> &str {
        match &self.0 {
            To::There { server, .. } => server,
            To::Here { .. } => "this server",
        }
    }

    /// Reads an address such as `/api/v1/services/x`.
    ///
    /// # Errors
    ///
    /// When there is no such thing, or no answer that can be understood.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, AskError> {
        let (status, body) = match &self.0 {
            To::There { server, context } => fetch(server, path, context).await?,
            To::Here { router, peer, forwarded } => {
                call(router.clone(), *peer, forwarded, path).await?
            }
        };
        if status == StatusCode::NOT_FOUND.as_u16() && is_problem(&body) {
            return Err(AskError::NotFound(detail_of(&body)));
        }
        let server = self.server().to_owned();
        match status {
            200 => serde_json::from_slice(&body)
                .map_err(|error| AskError::Strange { server, detail: error.to_string() }),
            404 => Err(AskError::Strange { server, detail: format!("404 for {path}") }),
            _ => Err(AskError::Refused { server, status, detail: detail_of(&body) }),
        }
    }
}

async fn fetch(server: &str, path: &str, context: &Context) -> Result<(u16, Vec<u8>), AskError> {
    let failed = |reason: String| AskError::Unreachable { server: server.to_owned(), reason };
    let url = Url::parse(&format!("{server}{path}")).map_err(|error| failed(error.to_string()))?;
    let way = Way { url: &url, family: Family::Any, tls: &context.tls };
    let outcome = Outcome::observe(TIMEOUT, async |sight: &mut Sight| {
        exchange::fetch(way, &Message::default(), context, sight).await
    })
    .await;
    if outcome.facts.body_is_cut {
        return Err(failed(format!("it answers with more than {BODY_BYTES_MAX} bytes")));
    }
    match (&outcome.fault, outcome.facts.status) {
        (None, Some(status)) => Ok((status, outcome.facts.body.to_vec())),
        (fault, _) => {
            let reason = fault.as_ref().map_or("nothing came back".into(), |it| it.reason.clone());
            Err(failed(reason.into_owned()))
        }
    }
}

async fn call(
    mut router: Router,
    peer: Peer,
    forwarded: &[HeaderValue],
    path: &str,
) -> Result<(u16, Vec<u8>), AskError> {
    let failed =
        |reason: String| AskError::Unreachable { server: "this server".to_owned(), reason };
    let mut request = Request::get(path).extension(peer);
    for value in forwarded {
        request = request.header(FORWARDED, value);
    }
    let request = request.body(Body::empty()).map_err(|error| failed(error.to_string()))?;
    let response = match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), BODY_BYTES_MAX).collect().await;
    let body = body.map_err(|error| failed(error.to_string()))?.to_bytes();
    Ok((status, body.to_vec()))
}

/// Whether it is a problem in the form of RFC 9457, which only the interface itself answers with.
fn is_problem(body: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    value.is_some_and(|value| value["detail"].is_string() && value["status"].is_number())
}

fn detail_of(body: &[u8]) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let detail = value.and_then(|value| value["detail"].as_str().map(str::to_owned));
    detail.unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        text.chars().filter(|c| !c.is_control()).take(STRANGE_CHARS_MAX).collect()
    })
}

/// A value for a part of a path or a query.
pub fn encoded(value: &str) -> String {
    outcry_server::open::encoded(value).replace('/', "%2F")
}
