//! gRPC services: asks the standard health service, over HTTP/2.
//!
//! The two messages have one field each, so they are written here rather than generated.
//!
//! # References
//!
//! - gRPC Health Checking Protocol; gRPC over HTTP/2.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Uri;
use http::header;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;

use crate::address::Url;
use crate::dial;
use crate::guard::Family;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::exchange;
use crate::probe::exchange::Tethered;
use crate::probe::exchange::Way;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;

const METHOD: &str = "/grpc.health.v1.Health/Check";
/// Bytes of a service's name.
const SERVICE_BYTES_MAX: usize = 1_024;
/// Bytes of an answer; a healthy one has 7.
const ANSWER_BYTES_MAX: usize = 1_024;
/// `grpc.health.v1.HealthCheckResponse.SERVING`.
const SERVING: u64 = 1;

/// A gRPC service.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where, with `http://` or `https://`; the path is not used.
    pub url: Url,
    /// Over which family.
    pub family: Family,
    /// For the probe as a whole.
    pub timeout: Duration,
    /// The name of the service; empty for the server as a whole.
    pub service: Box<str>,
}

/// Looks once. The state that the service says it is in is found as the status.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.timeout, async |sight: &mut Sight| look(target, context, sight).await)
        .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let way = Way { url: &target.url, family: target.family, tls: &context.tls };
    let stream = exchange::open(way, &context.tls.http2, context, sight).await?;
    sight.watch.enter(Phase::Processing);
    let request = request(target, context).map_err(dial::refuse)?;
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let fault = |error: &hyper::Error, sight: &Sight| exchange::fault_of(error, sight);
    let (mut sender, connection) = handshake.map_err(|error| fault(&error, sight))?;
    let connection = Tethered(tokio::spawn(async {
        // What breaks is told to the request.
        let _ = connection.await;
    }));
    let response = sender.send_request(request).await.map_err(|error| fault(&error, sight))?;
    let (head, mut body) = response.into_parts();
    if head.status != 200 {
        let reason = format!("the answer is no gRPC: HTTP status {}", head.status.as_u16());
        return Err(sight.watch.fault(reason));
    }
    sight.watch.enter(Phase::Transfer);
    let (message, trailers) = collect(&mut body).await.map_err(|error| fault(&error, sight))?;
    drop(connection);
    let code = trailers.get("grpc-status").or_else(|| head.headers.get("grpc-status"));
    let code = code.and_then(|code| code.to_str().ok()?.parse::<u16>().ok());
    match code {
        Some(0) => {}
        Some(5) => return Err(sight.watch.fault("the server knows no such service (NOT_FOUND)")),
        Some(12) => {
            let reason = "the server has no health service (UNIMPLEMENTED)";
            return Err(sight.watch.fault(reason));
        }
        Some(code) => return Err(sight.watch.fault(format!("gRPC status {code}"))),
        None => return Err(sight.watch.fault("the answer has no gRPC status")),
    }
    let state = decode(&message).ok_or_else(|| sight.watch.fault("the answer cannot be read"))?;
    sight.facts.status = u16::try_from(state).ok();
    let name = match state {
        SERVING => return Ok(()),
        0 => "UNKNOWN",
        2 => "NOT_SERVING",
        3 => "SERVICE_UNKNOWN",
        _ => "in a state without a name",
    };
    Err(sight.watch.fault(format!("the service says it is {name}")))
}

fn request(target: &Target, context: &Context) -> Result<Request<Full<Bytes>>, String> {
    let scheme = if &*target.url.scheme == "https" { "https" } else { "http" };
    let uri = Uri::try_from(format!("{scheme}://{}{METHOD}", target.url.authority()));
    let mut request = Request::new(Full::new(encode(&target.service)?));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.map_err(|error| error.to_string())?;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    headers.insert(header::USER_AGENT, context.agent.clone());
    Ok(request)
}

async fn collect(body: &mut Incoming) -> Result<(Vec<u8>, HeaderMap), hyper::Error> {
    let (mut message, mut trailers) = (Vec::new(), HeaderMap::new());
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) if message.len() + data.len() <= ANSWER_BYTES_MAX => message.extend(data),
            Ok(_) => break,
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    Ok((message, trailers))
}

/// `HealthCheckRequest { service = 1 }`, with the five bytes that frame a message.
fn encode(service: &str) -> Result<Bytes, String> {
    if service.len() > SERVICE_BYTES_MAX {
        return Err(format!("a service's name has at most {SERVICE_BYTES_MAX} bytes"));
    }
    let mut message = Vec::new();
    if !service.is_empty() {
        message.push(0x0a);
        let mut length = service.len();
        while length > 0x7f {
            message.push(length as u8 | 0x80);
            length >>= 7;
        }
        message.push(length as u8);
        message.extend_from_slice(service.as_bytes());
    }
    let mut framed = vec![0];
    framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
    framed.extend_from_slice(&message);
    Ok(framed.into())
}

/// `HealthCheckResponse { status = 1 }`: the state, 0 where it is left out.
fn decode(framed: &[u8]) -> Option<u64> {
    let (head, message) = framed.split_at_checked(5)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let mut message = message.get(..length)?;
    if head[0] != 0 {
        return None;
    }
    let mut state = 0;
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        match tag & 7 {
            0 => {
                let value = varint(&mut message)?;
                if tag >> 3 == 1 {
                    state = value;
                }
            }
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                message = message.get(length..)?;
            }
            1 => message = message.get(8..)?,
            5 => message = message.get(4..)?,
            _ => return None,
        }
    }
    Some(state)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_protobuf() {
        assert_eq!(&encode("").unwrap()[..], [0, 0, 0, 0, 0]);
        assert_eq!(&encode("ab").unwrap()[..], [0, 0, 0, 0, 4, 0x0a, 2, b'a', b'b']);
        let long = encode(&"x".repeat(300)).unwrap();
        assert_eq!(long[5..8], [0x0a, 0xac, 0x02]);
        assert!(encode(&"x".repeat(2_000)).is_err());
        assert_eq!(decode(&[0, 0, 0, 0, 2, 8, 1]), Some(SERVING));
        assert_eq!(decode(&[0, 0, 0, 0, 0]), Some(0));
        assert_eq!(decode(&[0, 0, 0, 0, 6, 0x12, 2, 9, 9, 8, 2]), Some(2));
        assert_eq!(decode(&[0, 0, 0, 0, 3, 8, 1]), None, "shorter than it says");
        assert_eq!(decode(&[1, 0, 0, 0, 2, 8, 1]), None, "compressed, which nobody asked for");
        assert_eq!(
            decode(&[0, 0, 0, 0, 11, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
            None
        );
    }
}
