//! Hosts: sends an echo request and waits for its reply, up to three times.
//!
//! Needs no privilege where the group of the process lies in `net.ipv4.ping_group_range`, and
//! `CAP_NET_RAW` elsewhere. Without either it says so, and that says nothing about the target.
//!
//! # What it cannot tell
//!
//! Many hosts do not answer echo requests and are well.
//!
//! # References
//!
//! - RFC 792, RFC 4443, RFC 1071; icmp(7), "Unprivileged ICMP sockets".

use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::dial;
use crate::dial::Aim;
use crate::phase::About;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;

/// Requests that are sent before a host counts as silent.
const REQUESTS: u16 = 3;
/// How long a reply may take before the next request is sent.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of payload: an id that only this probe knows.
const PAYLOAD_BYTES: usize = 16;
/// Larger than any reply to our requests, with the longest IPv4 head.
const REPLY_BYTES_MAX: usize = 256;

/// A host.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where; the port is not used.
    pub aim: Aim,
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.aim.timeout, async |sight: &mut Sight| {
        look(target, context, sight).await
    })
    .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let pinned = dial::pin(&target.aim, context, sight).await?;
    let address = pinned.address();
    sight.address = Some(address);
    sight.watch.enter(Phase::Connect);
    let socket = open(address).map_err(|error| explain(&error, sight))?;
    let mut payload = [0; PAYLOAD_BYTES];
    getrandom::fill(&mut payload).map_err(|error| dial::refuse(error.to_string()))?;
    sight.watch.enter(Phase::Processing);
    for sequence in 0..REQUESTS {
        let request = compose(address.ip(), sequence, &payload);
        let sent = socket.send(&request).await;
        sent.map_err(|error| sight.watch.fault_of(&error))?;
        match timeout(PATIENCE, reply(&socket, address.ip(), &payload)).await {
            Ok(Ok(())) => {
                sight.facts.connected = true;
                return Ok(());
            }
            Ok(Err(error)) => return Err(sight.watch.fault_of(&error)),
            Err(_) => {}
        }
    }
    Err(sight.watch.fault(format!("no reply to {REQUESTS} echo requests")))
}

fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let (domain, protocol) = match address {
        SocketAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        SocketAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let unprivileged = Socket::new(domain, Type::DGRAM, Some(protocol));
    let socket = unprivileged.or_else(|_| Socket::new(domain, Type::RAW, Some(protocol)))?;
    socket.set_nonblocking(true)?;
    let mut address = address;
    address.set_port(0);
    socket.connect(&address.into())?;
    // Not UDP, but the same calls: send, wait until readable, receive.
    UdpSocket::from_std(socket.into())
}

fn explain(error: &io::Error, sight: &Sight) -> Fault {
    if error.kind() == io::ErrorKind::PermissionDenied {
        let reason = "echo requests are not permitted here: let net.ipv4.ping_group_range hold \
                      the group of this process, or give it CAP_NET_RAW";
        return Fault { phase: Phase::Guard, about: About::Here, reason: reason.into() };
    }
    sight.watch.fault_of(error)
}

async fn reply(
    socket: &UdpSocket,
    address: IpAddr,
    payload: &[u8; PAYLOAD_BYTES],
) -> io::Result<()> {
    let mut bytes = [0; REPLY_BYTES_MAX];
    loop {
        let count = socket.recv(&mut bytes).await?;
        if is_reply(address, &bytes[..count], payload) {
            return Ok(());
        }
    }
}

/// An echo request. The kernel fills in the identifier where the socket is unprivileged, and the
/// checksum for IPv6; for IPv4 on a raw socket it is ours to fill in.
fn compose(address: IpAddr, sequence: u16, payload: &[u8; PAYLOAD_BYTES]) -> Vec<u8> {
    let kind = if address.is_ipv4() { 8 } else { 128 };
    let mut request = vec![kind, 0, 0, 0, payload[0], payload[1]];
    request.extend_from_slice(&sequence.to_be_bytes());
    request.extend_from_slice(payload);
    if address.is_ipv4() {
        let sum = checksum(&request);
        request[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    request
}

/// Whether these bytes are the reply to one of our requests. A raw socket hands over the head of
/// IPv4 too, and the replies to everybody else: the payload tells which is ours.
fn is_reply(address: IpAddr, bytes: &[u8], payload: &[u8; PAYLOAD_BYTES]) -> bool {
    let has_head = address.is_ipv4() && bytes.first().is_some_and(|first| first >> 4 == 4);
    let head = if has_head { usize::from(bytes[0] & 15) * 4 } else { 0 };
    let Some(message) = bytes.get(head..) else { return false };
    let kind = if address.is_ipv4() { 0 } else { 129 };
    message.len() >= 8 + PAYLOAD_BYTES
        && message[..2] == [kind, 0]
        && message[8..8 + PAYLOAD_BYTES] == *payload
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_adds_up_to_zero() {
        let request = compose(IpAddr::from([192, 0, 2, 1]), 2, &[7; PAYLOAD_BYTES]);
        assert_eq!(checksum(&request), 0);
        assert_eq!(request.len(), 24);
    }

    #[test]
    fn only_our_reply_is_a_reply() {
        let here = IpAddr::from([192, 0, 2, 1]);
        let payload = [7; PAYLOAD_BYTES];
        let mut message = compose(here, 0, &payload);
        assert!(!is_reply(here, &message, &payload), "our own request on a raw socket");
        message[0] = 0;
        assert!(is_reply(here, &message, &payload));
        assert!(!is_reply(here, &message, &[8; PAYLOAD_BYTES]), "somebody else's");
        let mut with_head = vec![0x45; 20];
        with_head.extend_from_slice(&message);
        assert!(is_reply(here, &with_head, &payload));
        for end in 0..with_head.len() {
            assert!(!is_reply(here, &with_head[..end], &payload), "cut at {end}");
        }
    }
}
