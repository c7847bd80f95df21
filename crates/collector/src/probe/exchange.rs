//! One request and its answer over HTTP/1.1, on a connection of its own. Used by all kinds that
//! speak HTTP.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::header;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;

use crate::address::Url;
use crate::dial;
use crate::dial::Aim;
use crate::dial::Stream;
use crate::guard::Family;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::body;
use crate::probe::outcome::Sight;
use crate::tls::Tls;

/// Bytes the head of an answer may have.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Heads an answer may have.
const HEADERS_MAX: usize = 128;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// GET, HEAD, POST, …
    pub method: Method,
    /// Heads besides those every request has.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

impl Default for Message {
    fn default() -> Self {
        Self { method: Method::GET, headers: HeaderMap::new(), body: Bytes::new() }
    }
}

/// Where it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// To whom.
    pub url: &'a Url,
    /// Over which family.
    pub family: Family,
    /// With which trust, and which certificate of our own.
    pub tls: &'a Tls,
}

/// Whether an address is of the web: its scheme and, by it, its port.
///
/// # Errors
///
/// A fault of the filter for other schemes.
pub fn web_port(url: &Url) -> Result<(bool, u16), Fault> {
    let (is_tls, usual) = match &*url.scheme {
        "http" | "ws" => (false, 80),
        "https" | "wss" => (true, 443),
        other => return Err(dial::refuse(format!("{other}:// is not probed; use http or https"))),
    };
    Ok((is_tls, url.port.unwrap_or(usual)))
}

/// Opens a connection to where an address of the web leads.
///
/// # Errors
///
/// A fault in one of the phases up to tls.
pub async fn open(
    way: Way<'_>,
    config: &Arc<ClientConfig>,
    context: &Context,
    sight: &mut Sight,
) -> Result<Stream, Fault> {
    let (is_tls, port) = web_port(way.url)?;
    let host = way.url.host.clone();
    let aim = Aim { host, port, family: way.family, timeout: Duration::MAX };
    let stream = dial::connect(&aim, context, sight).await?;
    if !is_tls {
        return Ok(Stream::Plain(stream));
    }
    let stream = dial::secure(stream, &aim.host, (way.tls, config), sight).await?;
    Ok(Stream::Tls(Box::new(stream)))
}

/// Sends a request and reads the answer. Status, heads and body are found in the sight.
///
/// # Errors
///
/// A fault in any phase.
pub async fn fetch(
    way: Way<'_>,
    message: &Message,
    context: &Context,
    sight: &mut Sight,
) -> Result<(), Fault> {
    let stream = open(way, &way.tls.http1, context, sight).await?;
    sight.watch.enter(Phase::Processing);
    let request = compose(way.url, message, context).map_err(dial::refuse)?;
    let handshake = builder().handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| fault_of(&error, sight))?;
    let look = async {
        let response = sender.send_request(request).await;
        let response = response.map_err(|error| fault_of(&error, sight))?;
        take(response, sight).await
    };
    drive(connection, look).await
}

/// The builder all connections share.
pub fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    builder
}

/// Lets the connection work until the look has ended.
pub async fn drive<S, T>(
    connection: http1::Connection<TokioIo<S>, Full<Bytes>>,
    look: impl Future<Output = T>,
) -> T
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut connection = Some(connection);
    let mut look = std::pin::pin!(look);
    std::future::poll_fn(|cx| {
        if let Poll::Ready(seen) = look.as_mut().poll(cx) {
            return Poll::Ready(seen);
        }
        if let Some(alive) = &mut connection
            && std::pin::Pin::new(alive).poll(cx).is_ready()
        {
            // It ended; what it left for the look is taken now, and what broke is told there.
            connection = None;
        }
        look.as_mut().poll(cx)
    })
    .await
}

/// A connection's task, which ends with the probe that started it.
pub struct Tethered(pub tokio::task::JoinHandle<()>);

impl Drop for Tethered {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The request for an address.
pub fn compose(
    url: &Url,
    message: &Message,
    context: &Context,
) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::new(Full::new(message.body.clone()));
    *request.method_mut() = message.method.clone();
    let uri = http::Uri::try_from(&*url.path);
    *request.uri_mut() = uri.map_err(|_| format!("{:?} is no path to ask for", url.path))?;
    let headers = request.headers_mut();
    headers.reserve(message.headers.len() + 4);
    let host = HeaderValue::try_from(url.authority());
    headers.insert(header::HOST, host.map_err(|_| "the host fits into no head".to_owned())?);
    headers.insert(header::USER_AGENT, context.agent.clone());
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    let encodings = HeaderValue::from_static(body::ACCEPT_ENCODING);
    headers.insert(header::ACCEPT_ENCODING, encodings);
    for (name, value) in &message.headers {
        headers.insert(name.clone(), value.clone());
    }
    Ok(request)
}

async fn take(response: Response<Incoming>, sight: &mut Sight) -> Result<(), Fault> {
    let (head, incoming) = response.into_parts();
    sight.facts.status = Some(head.status.as_u16());
    sight.facts.headers = head.headers;
    sight.watch.enter(Phase::Transfer);
    let whole = body::collect(incoming).await.map_err(|error| fault_of(&error, sight))?;
    let whole = body::decompress(whole, &sight.facts.headers);
    let whole = whole.map_err(|reason| sight.watch.fault(reason))?;
    sight.facts.body = whole.bytes;
    sight.facts.body_is_cut = whole.is_cut;
    Ok(())
}

/// A failed exchange in words.
pub fn fault_of(error: &hyper::Error, sight: &Sight) -> Fault {
    if let Some(io) = io_error_of(error) {
        return sight.watch.fault_of(io);
    }
    let reason = if error.is_incomplete_message() {
        match sight.watch.phase() {
            Phase::Transfer => "the connection was closed before the end of the answer",
            _ => "the connection was closed before an answer came",
        }
    } else if error.is_parse_too_large() {
        "the head of the answer is too large"
    } else if error.is_parse() || error.is_parse_status() {
        "the answer is not HTTP"
    } else if error.is_closed() || error.is_canceled() {
        "the connection was closed before an answer came"
    } else if error.is_body_write_aborted() {
        "the connection was closed while we sent"
    } else {
        return sight.watch.fault(error.to_string());
    };
    sight.watch.fault(reason)
}

fn io_error_of(error: &hyper::Error) -> Option<&std::io::Error> {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        source = inner.source();
    }
    None
}
