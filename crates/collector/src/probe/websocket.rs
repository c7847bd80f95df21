//! WebSockets: upgrades a connection, and says something or pings, and waits for what comes back.
//!
//! # References
//!
//! - RFC 6455, sections 4.1 (handshake), 5.2 (frames), 5.5 (control frames).

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::StatusCode;
use http::header;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;

use crate::address::Url;
use crate::dial;
use crate::guard::Family;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::exchange;
use crate::probe::exchange::Message;
use crate::probe::exchange::Tethered;
use crate::probe::exchange::Way;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::probe::tcp::shown;

/// RFC 6455, section 1.3.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of one frame that are read.
const FRAME_BYTES_MAX: u64 = 64 * 1024;
/// Frames that may come before the one that is waited for.
const FRAMES_MAX: usize = 100;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// A WebSocket.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where, with `ws://` or `wss://`.
    pub url: Url,
    /// Over which family.
    pub family: Family,
    /// For the probe as a whole.
    pub timeout: Duration,
    /// Heads besides those of the handshake.
    pub message: Message,
    /// What is said, as text; a ping where it is empty.
    pub send: Bytes,
    /// What has to be found in one message that comes. Empty: any message, or the pong.
    pub expect: Bytes,
}

/// Looks once. The message that came is found as the body.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.timeout, async |sight: &mut Sight| look(target, context, sight).await)
        .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let way = Way { url: &target.url, family: target.family, tls: &context.tls };
    let stream = exchange::open(way, &context.tls.http1, context, sight).await?;
    sight.watch.enter(Phase::Processing);
    let key = BASE64_STANDARD.encode(random::<16>()?);
    let request = request(target, &key, context).map_err(dial::refuse)?;
    let handshake = exchange::builder().handshake(TokioIo::new(stream)).await;
    let fault = |error: &hyper::Error, sight: &Sight| exchange::fault_of(error, sight);
    let (mut sender, connection) = handshake.map_err(|error| fault(&error, sight))?;
    let _connection = Tethered(tokio::spawn(async {
        // What breaks is told to the request.
        let _ = connection.with_upgrades().await;
    }));
    let answered = sender.send_request(request).await;
    let response = answered.map_err(|error| fault(&error, sight))?;
    sight.facts.status = Some(response.status().as_u16());
    sight.facts.headers = response.headers().clone();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let reason = format!("no upgrade to a WebSocket: status {}", response.status().as_u16());
        return Err(sight.watch.fault(reason));
    }
    let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|value| value.as_bytes() != accept_of(&key).as_bytes()) {
        return Err(sight.watch.fault("the server took the upgrade without reading our key"));
    }
    let upgraded = hyper::upgrade::on(response).await;
    let upgraded = upgraded.map_err(|error| fault(&error, sight))?;
    sight.watch.enter(Phase::Transfer);
    converse(TokioIo::new(upgraded), target, sight).await
}

fn request(
    target: &Target,
    key: &str,
    context: &Context,
) -> Result<http::Request<http_body_util::Full<Bytes>>, String> {
    let mut request = exchange::compose(&target.url, &target.message, context)?;
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    let key = HeaderValue::try_from(key).expect("base64 fits into a head");
    headers.insert(header::SEC_WEBSOCKET_KEY, key);
    Ok(request)
}

fn accept_of(key: &str) -> String {
    let mut hash = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(MAGIC);
    BASE64_STANDARD.encode(hash.finish())
}

async fn converse(
    mut stream: TokioIo<Upgraded>,
    target: &Target,
    sight: &mut Sight,
) -> Result<(), Fault> {
    let kind = if target.send.is_empty() { PING } else { TEXT };
    let sent = send(&mut stream, kind, &target.send).await;
    sent.map_err(|fault| fault.told(sight))?;
    for _ in 0..FRAMES_MAX {
        let (kind, payload) = read(&mut stream).await.map_err(|fault| fault.told(sight))?;
        match kind {
            PING => send(&mut stream, PONG, &payload).await.map_err(|fault| fault.told(sight))?,
            CLOSE => {
                let code = payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
                let code = code.map_or("without a code".into(), |code| format!("with code {code}"));
                return Err(sight.watch.fault(format!("the server closed {code}")));
            }
            PONG if !(target.send.is_empty() && target.expect.is_empty()) => {}
            _ => {
                let found = target.expect.is_empty()
                    || payload.windows(target.expect.len()).any(|part| part == target.expect);
                sight.facts.body = payload.into();
                if found {
                    // 1000: all is said.
                    let _ = send(&mut stream, CLOSE, &1_000_u16.to_be_bytes()).await;
                    return Ok(());
                }
            }
        }
    }
    let expected = shown(&target.expect);
    Err(sight.watch.fault(format!("expected {expected}, not found in {FRAMES_MAX} messages")))
}

/// What goes wrong in a conversation.
enum Broken {
    Io(std::io::Error),
    Frame(&'static str),
}

impl Broken {
    fn told(self, sight: &Sight) -> Fault {
        match self {
            Self::Io(error) => sight.watch.fault_of(&error),
            Self::Frame(reason) => sight.watch.fault(reason),
        }
    }
}

async fn send<S>(stream: &mut S, kind: u8, payload: &[u8]) -> Result<(), Broken>
where
    S: AsyncWrite + Unpin,
{
    let mask = random::<4>().map_err(|_| Broken::Frame("no chance to be had here"))?;
    let mut frame = vec![0x80 | kind];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    stream.write_all(&frame).await.map_err(Broken::Io)?;
    stream.flush().await.map_err(Broken::Io)
}

async fn read<S>(stream: &mut S) -> Result<(u8, Vec<u8>), Broken>
where
    S: AsyncRead + Unpin,
{
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.map_err(Broken::Io)?;
    if head[0] & 0x70 != 0 {
        return Err(Broken::Frame("a frame uses an extension that was not agreed on"));
    }
    if head[1] & 0x80 != 0 {
        return Err(Broken::Frame("the server masks its frames, as only clients do"));
    }
    let length = match head[1] {
        126 => u64::from(stream.read_u16().await.map_err(Broken::Io)?),
        127 => stream.read_u64().await.map_err(Broken::Io)?,
        length => u64::from(length),
    };
    if length > FRAME_BYTES_MAX {
        return Err(Broken::Frame("a frame is longer than 64 KiB"));
    }
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.map_err(Broken::Io)?;
    Ok((head[0] & 0x0f, payload))
}

fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| dial::refuse(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_standard_is_accepted() {
        assert_eq!(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
