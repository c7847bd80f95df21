//! From a host to an open connection: resolve once, filter, connect to the pinned address, shake
//! hands, judge the certificate. Each step is a phase of its own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context as TaskContext;
use std::task::Poll;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::address::Host;
use crate::guard::Family;
use crate::guard::Pinned;
use crate::phase::About;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Sight;
use crate::tls;
use crate::tls::CHAIN_MAX;
use crate::tls::Tls;

/// How long a probe may take when nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// What to dial, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Over which family of addresses.
    pub family: Family,
    /// For the probe as a whole.
    pub timeout: Duration,
}

impl Aim {
    /// This host and port, over either family, within [`TIMEOUT`].
    pub fn new(host: Host, port: u16) -> Self {
        Self { host, port, family: Family::Any, timeout: TIMEOUT }
    }
}

/// A connection, plain or inside TLS.
#[derive(Debug)]
pub enum Stream {
    /// As the network carries it.
    Plain(TcpStream),
    /// Inside TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Resolves and filters.
///
/// # Errors
///
/// A fault in the phases guard or resolve.
pub async fn pin(aim: &Aim, context: &Context, sight: &mut Sight) -> Result<Pinned, Fault> {
    sight.watch.enter(Phase::Guard);
    context.guard.admit(&aim.host, aim.port)?;
    if let Host::Address(address) = aim.host {
        return Ok(context.guard.pin(&[address], aim.port, aim.family)?);
    }
    sight.watch.enter(Phase::Resolve);
    let resolved = context.resolver.resolve(&aim.host, aim.family).await;
    let addresses = resolved.map_err(|error| sight.watch.fault(error.to_string()))?;
    sight.watch.enter(Phase::Guard);
    Ok(context.guard.pin(&addresses, aim.port, aim.family)?)
}

/// Resolves, filters and connects.
///
/// # Errors
///
/// A fault in the phases guard, resolve or connect.
pub async fn connect(aim: &Aim, context: &Context, sight: &mut Sight) -> Result<TcpStream, Fault> {
    let pinned = pin(aim, context, sight).await?;
    connect_pinned(pinned, sight).await
}

/// Connects to an address that passed the filter.
///
/// # Errors
///
/// A fault in the phase connect.
pub async fn connect_pinned(pinned: Pinned, sight: &mut Sight) -> Result<TcpStream, Fault> {
    sight.watch.enter(Phase::Connect);
    sight.address = Some(pinned.address());
    let connected = TcpStream::connect(pinned.address()).await;
    let stream = connected.map_err(|error| sight.watch.fault_of(&error))?;
    if loops_to_itself(&stream, pinned.address()) {
        return Err(sight.watch.fault("the connection was refused"));
    }
    sight.facts.connected = true;
    // A probe writes little and waits: nothing is gained by collecting bytes.
    stream.set_nodelay(true).map_err(|error| sight.watch.fault_of(&error))?;
    Ok(stream)
}

/// Shakes hands over a connection, keeps the chain, then judges it.
///
/// # Errors
///
/// A fault in the phase tls. The chain is kept in the sight even then.
pub async fn secure(
    stream: TcpStream,
    host: &Host,
    (tls, config): (&Tls, &Arc<ClientConfig>),
    sight: &mut Sight,
) -> Result<TlsStream<TcpStream>, Fault> {
    sight.watch.enter(Phase::Tls);
    let name = tls::server_name(host).map_err(|reason| sight.watch.fault(reason))?;
    let shaken = TlsConnector::from(config.clone()).connect(name, stream).await;
    let stream = shaken.map_err(|error| handshake_fault(&error, sight))?;
    let (_, session) = stream.get_ref();
    if let Some(chain) = session.peer_certificates() {
        sight.facts.chain = chain.iter().take(CHAIN_MAX).cloned().collect();
        tls.verify(chain, host).map_err(|reason| sight.watch.fault(reason))?;
        return Ok(stream);
    }
    Err(sight.watch.fault("the server showed no certificate"))
}

fn handshake_fault(error: &io::Error, sight: &Sight) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidMessage(_)) => {
            sight.watch.fault("the server does not speak TLS here")
        }
        Some(error) => sight.watch.fault(error.to_string()),
        None => sight.watch.fault_of(error),
    }
}

/// A port of our own that is closed may be picked as the source of the very connection to it (RFC
/// 793, simultaneous open): then we would speak to ourselves and call it up.
fn loops_to_itself(stream: &TcpStream, address: SocketAddr) -> bool {
    address.ip().is_loopback() && stream.local_addr().is_ok_and(|local| local == address)
}

/// A fault of ours for what the operator wrote.
pub fn refuse(reason: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault { phase: Phase::Guard, about: About::Filter, reason: reason.into() }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
