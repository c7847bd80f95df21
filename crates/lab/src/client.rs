//! One try of a real client: name, connection, TLS, request, answer, each from an address of its
//! own.
//!
//! What it says of a failure is what a person would see, not what a probe would: the text on the
//! page is read as people read it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::UdpSocket;
use tokio_rustls::TlsConnector;

use crate::message;
use crate::place::DNS;
use crate::place::HTTPS;

/// How long a person waits.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long for a name.
const NAME_MAX: Duration = Duration::from_millis(1_500);
/// Bytes of an answer that are read.
const ANSWER_MAX: u64 = 64 << 10;
/// Bytes of an answer about a name.
const NAME_BYTES_MAX: usize = 512;
/// What a page says that fails although its status is well.
const SORRY: &str = "Something went wrong";

/// A page or a call, as a client asks for it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The host that is asked.
    pub host: &'a str,
    /// The path, with its query.
    pub path: &'a str,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// What the client calls itself.
    pub agent: &'a str,
}

/// How a try ended: nothing, or the phase that failed and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The phase that failed, and in a word how.
    pub failed: Option<(&'static str, String)>,
    /// Milliseconds in all.
    pub ms: u64,
}

/// What clients trust.
pub fn connector(dir: &Path) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(dir.join("roots.pem")).context("no roots")? {
        roots.add(root.context("an odd root")?)?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Tries once from an address.
pub async fn try_once(tls: &TlsConnector, from: Ipv4Addr, request: &Request<'_>) -> Tried {
    let began = Instant::now();
    let mut phase = "resolve";
    let ended = tokio::time::timeout(PATIENCE, walk(tls, from, request, &mut phase)).await;
    let failed = match ended {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some((phase, error.to_string())),
        Err(_) => Some((phase, "timeout".to_owned())),
    };
    Tried { failed, ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX) }
}

async fn walk(
    tls: &TlsConnector,
    from: Ipv4Addr,
    request: &Request<'_>,
    phase: &mut &'static str,
) -> Result<()> {
    let address = resolve(from, request.host).await?;
    *phase = "connect";
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect((address, HTTPS).into()).await?;
    *phase = "tls";
    let name = ServerName::try_from(request.host.to_owned())?;
    let mut stream = tls.connect(name, stream).await?;
    *phase = "processing";
    let Request { host, path, method, agent } = request;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    // nginx closes without a farewell; what came before counts.
    let end = (&mut stream).take(ANSWER_MAX).read_to_end(&mut answer).await;
    if answer.is_empty() {
        end?;
        anyhow::bail!("closed without an answer");
    }
    let text = String::from_utf8_lossy(&answer);
    let status: u16 = text.get(9..12).and_then(|code| code.parse().ok()).context("no status")?;
    if !(200..300).contains(&status) {
        anyhow::bail!("{status}");
    }
    *phase = "content";
    anyhow::ensure!(!text.contains(SORRY), "the page says that it fails");
    Ok(())
}

async fn resolve(from: Ipv4Addr, name: &str) -> Result<Ipv4Addr> {
    let socket = UdpSocket::bind((from, 0)).await?;
    socket.connect((DNS.address(), 53)).await?;
    socket.send(&message::question(1, name)).await?;
    let mut buffer = [0; NAME_BYTES_MAX];
    let length = tokio::time::timeout(NAME_MAX, socket.recv(&mut buffer)).await;
    let length = length.context("the name server does not answer")??;
    message::address(&buffer[..length])
        .map_err(|code| anyhow::anyhow!("the name server answers {code}"))
}
