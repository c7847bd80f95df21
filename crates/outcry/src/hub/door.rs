//! The door of the hub: TLS, who comes, and what is asked.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use outcry_collector::certificate::Certificate;
use outcry_collector::relay::BODY_BYTES_MAX;
use outcry_collector::relay::ORDERS_WAIT;
use outcry_collector::relay::RESULTS_PER_UPLOAD_MAX;
use outcry_collector::relay::VERSION;
use outcry_collector::relay::message::Enrol;
use outcry_collector::relay::message::Enrolled;
use outcry_collector::relay::message::Orders;
use outcry_collector::relay::message::Refusal;
use outcry_collector::relay::message::Renewed;
use outcry_collector::relay::message::Upload;
use outcry_collector::relay::message::hex;
use outcry_collector::relay::message::proof_of;
use outcry_collector::relay::message::unhex;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Place;
use ring::signature::ED25519;
use ring::signature::UnparsedPublicKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::hub::Hub;
use crate::hub::intake::IntakeError;
use crate::hub::registry::Agent;
use crate::hub::registry::RegistryError;

/// Connections at a time; further ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 2_200;
/// How long a handshake or a head may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no descriptor to give.
const NO_DESCRIPTOR_WAIT: Duration = Duration::from_millis(200);
/// The prefix of whoever comes from the hub's own machine or network: one place with the hub.
pub const OWN_PREFIX: &str = "local";

/// What is answered.
type Answer = Result<Vec<u8>, (StatusCode, String)>;

/// Lets agents in for as long as it is polled.
///
/// # Errors
///
/// When the hub cannot speak TLS.
pub async fn open(hub: Arc<Hub>, listener: TcpListener) -> anyhow::Result<()> {
    let acceptor = TlsAcceptor::from(Arc::new(hub.authority.server()?));
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        if open.load(Ordering::Relaxed) >= CONNECTIONS_MAX {
            tokio::time::sleep(NO_DESCRIPTOR_WAIT).await;
            continue;
        }
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(NO_DESCRIPTOR_WAIT).await;
            continue;
        };
        open.fetch_add(1, Ordering::Relaxed);
        let (hub, acceptor, open) = (hub.clone(), acceptor.clone(), open.clone());
        tokio::spawn(async move {
            welcome(hub, acceptor, stream, from).await;
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn welcome(hub: Arc<Hub>, acceptor: TlsAcceptor, stream: TcpStream, from: SocketAddr) {
    // Whatever is wrong here is the other side's, and it is told by the handshake.
    let shaken = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
    let Ok(Ok(stream)) = shaken else { return };
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first().cloned());
    // The handshake has checked that our authority signed it, and that its key is held.
    let id = shown.and_then(|der| Certificate::read(&der)).map(|certificate| certificate.subject);
    let address = from.ip().to_canonical();
    let service = service_fn(move |request: Request<Incoming>| {
        let (hub, id) = (hub.clone(), id.clone());
        async move {
            let (status, body) = match answer(&hub, id.as_deref(), address, request).await {
                Ok(body) => (StatusCode::OK, body),
                Err((status, error)) => {
                    (status, serde_json::to_vec(&Refusal { error }).unwrap_or_default())
                }
            };
            Response::builder()
                .status(status)
                .header("content-type", "application/json")
                .body(Full::new(Bytes::from(body)))
        }
    });
    // A connection that breaks is opened again by its agent.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE + ORDERS_WAIT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    hub: &Arc<Hub>,
    id: Option<&str>,
    address: IpAddr,
    request: Request<Incoming>,
) -> Answer {
    let path = request.uri().path().strip_prefix(VERSION).unwrap_or_default().to_owned();
    let known = request.uri().query().map(str::to_owned);
    let method = request.method().clone();
    if (&method, path.as_str()) == (&Method::POST, "/enrol") {
        return enrol(hub, read(request).await?);
    }
    let agent = id.and_then(|id| hub.registry.agent(id)).ok_or_else(|| {
        let words = "this vantage point is not known here, or was revoked; enrol it anew";
        (StatusCode::FORBIDDEN, words.to_owned())
    })?;
    match (&method, path.as_str()) {
        (&Method::POST, "/results") => results(hub, agent, address, read(request).await?).await,
        (&Method::GET, "/monitors") => json(&hub.fleet().monitors),
        (&Method::GET, "/orders") => json(&orders(hub, &agent, known.as_deref()).await),
        (&Method::POST, "/renew") => {
            let key = unhex(&agent.public_key).unwrap_or_default();
            let certificate = hub.authority.certificate_for(&agent.id, &key).map_err(ours)?;
            json(&Renewed { certificate: hex(&certificate) })
        }
        _ => Err((StatusCode::NOT_FOUND, format!("there is no {method} {path}"))),
    }
}

fn enrol(hub: &Hub, wish: Enrol) -> Answer {
    let bad = |words: &str| (StatusCode::BAD_REQUEST, words.to_owned());
    let secret = unhex(&wish.secret).ok_or_else(|| bad("the secret is not hexadecimal"))?;
    let key = unhex(&wish.public_key).filter(|key| key.len() == 32);
    let key = key.ok_or_else(|| bad("the key is not one of Ed25519"))?;
    UnparsedPublicKey::new(&ED25519, &key)
        .verify(&proof_of(&secret), &unhex(&wish.proof).unwrap_or_default())
        .map_err(|_| bad("the proof is not made with the key"))?;
    let agent =
        hub.registry.enrol(&secret, &key, hub.clock.now()).map_err(|error| match error {
            RegistryError::Folder(error) => ours(error.into()),
            refused => (StatusCode::FORBIDDEN, refused.to_string()),
        })?;
    let certificate = hub.authority.certificate_for(&agent.id, &key).map_err(ours)?;
    tracing::info!(vantage = %agent.name, "a vantage point has enrolled");
    json(&Enrolled { agent: agent.id, name: agent.name, certificate: hex(&certificate) })
}

async fn results(hub: &Arc<Hub>, agent: Agent, address: IpAddr, upload: Upload) -> Answer {
    if upload.results.len() > RESULTS_PER_UPLOAD_MAX {
        let words = format!("at most {RESULTS_PER_UPLOAD_MAX} results at once");
        return Err((StatusCode::PAYLOAD_TOO_LARGE, words));
    }
    let mut place = hub.places.place(address);
    place.country = agent.country.as_deref().and_then(Country::parse).or(place.country);
    place.asn = agent.asn.map(Asn).or(place.asn);
    let place: (Place, Option<String>) = (place, Some(prefix_of(address)));
    // In a task of its own: when the agent goes away meanwhile, what is on its way into the log is
    // still noted as taken, and known when it comes again.
    let (hub, received) = (hub.clone(), hub.clock.now());
    let taking = async move { hub.taken.take(&hub.log, &agent, place, upload, received).await };
    let receipt = tokio::spawn(taking).await.map_err(|error| ours(error.into()))?;
    json(&receipt.map_err(|error| match error {
        IntakeError::Wrong { .. } => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        IntakeError::Busy => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    })?)
}

/// Waits until there is something to do, or the agent's configuration is not the one in force.
async fn orders(hub: &Hub, agent: &Agent, known: Option<&str>) -> Orders {
    hub.courtesy.arrived(&agent.id);
    let until = tokio::time::Instant::now() + ORDERS_WAIT;
    loop {
        let news = hub.courtesy.news.notified();
        tokio::pin!(news);
        // What comes between the look and the wait is not missed.
        news.as_mut().enable();
        let orders = Orders {
            revision: hub.fleet().monitors.revision.clone(),
            look_at: hub.courtesy.take(&agent.id),
        };
        let is_new = known != Some(&format!("revision={}", orders.revision));
        if is_new || !orders.look_at.is_empty() {
            return orders;
        }
        if tokio::time::timeout_at(until, news).await.is_err() {
            return orders;
        }
    }
}

/// The prefix an agent stands in: a /16 or a /32, and one word for the hub's own network.
fn prefix_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_private() || v4.is_link_local() => {
            OWN_PREFIX.into()
        }
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unique_local() => OWN_PREFIX.into(),
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}::/32")
        }
    }
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, (StatusCode, String)> {
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
    let body = tokio::time::timeout(PATIENCE + ORDERS_WAIT, body).await;
    let whole = body.ok().and_then(Result::ok).ok_or_else(|| {
        (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long, or takes too long".to_owned())
    })?;
    serde_json::from_slice(&whole.to_bytes())
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}")))
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_vec(value).map_err(|error| ours(error.into()))
}

/// Our own trouble: told to whoever runs the hub, and in one word to the agent.
fn ours(error: anyhow::Error) -> (StatusCode, String) {
    tracing::error!("the hub cannot answer: {error:#}");
    (StatusCode::INTERNAL_SERVER_ERROR, "the hub has trouble of its own".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_network_is_one_place() {
        for (address, want) in [
            ("198.51.100.7", "198.51.0.0/16"),
            ("2001:db8:1::1", "2001:db8::/32"),
            ("127.0.0.1", OWN_PREFIX),
            ("10.1.2.3", OWN_PREFIX),
            ("::1", OWN_PREFIX),
            ("fd00::1", OWN_PREFIX),
        ] {
            assert_eq!(prefix_of(address.parse().expect("an address")), want);
        }
    }
}
