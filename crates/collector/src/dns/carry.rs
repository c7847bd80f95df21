//! Carries one question to one server and its answer back: over UDP, TCP or TLS.

use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::UdpSocket;

use crate::dns::message::Answer;
use crate::dns::message::DATAGRAM_BYTES_MAX;
use crate::dns::message::Question;

/// Datagrams that are no answer and are read over while waiting for one.
const STRAYS_MAX: usize = 16;

/// Asks over UDP. Waits for as long as the caller lets it.
///
/// # Errors
///
/// What the system says, or too many datagrams that are no answer.
pub async fn over_udp(server: SocketAddr, question: &Question) -> io::Result<Answer> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A fresh port each time, and connected: only the server's datagrams come through.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let id = random_id()?;
    socket.send(&question.encode(id)).await?;
    let mut datagram = [0; DATAGRAM_BYTES_MAX];
    for _ in 0..STRAYS_MAX {
        let length = socket.recv(&mut datagram).await?;
        if let Some(answer) = question.decode(id, &datagram[..length]) {
            return Ok(answer);
        }
    }
    Err(unreadable())
}

/// Asks over a connection, be it plain or TLS (RFC 7858, section 3.3: both frame alike).
///
/// # Errors
///
/// What the system says, or an answer that is none.
pub async fn over_stream<S>(stream: &mut S, question: &Question) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let id = random_id()?;
    let message = question.encode(id);
    let length = u16::try_from(message.len()).expect("a question has less than 300 bytes");
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(&message);
    stream.write_all(&framed).await?;
    stream.flush().await?;
    let length = stream.read_u16().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    question.decode(id, &message).ok_or_else(unreadable)
}

fn random_id() -> io::Result<u16> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(u16::from_be_bytes(bytes))
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server sent no answer to our question")
}
