//! UDP sockets that take many datagrams at once and say what the kernel dropped.
//!
//! All workers read the same socket: each call of `recvmmsg` takes up to 64 datagrams, so even one
//! exporter's stream is spread over them. Sockets of their own (`SO_REUSEPORT`) would need a filter
//! in the kernel to spread one exporter, and unsafe code to attach it; the shared socket's lock is
//! taken once in 64 datagrams.

use std::io;
use std::io::IoSliceMut;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use nix::sys::socket::ControlMessageOwned;
use nix::sys::socket::MsgFlags;
use nix::sys::socket::MultiHeaders;
use nix::sys::socket::SockaddrStorage;
use nix::sys::socket::recvmmsg;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt;
use outcry_decode::address::Address;
use socket2::Domain;
use socket2::Protocol;
use socket2::Socket;
use socket2::Type;

use super::WAIT;

/// Datagrams taken in one call.
pub(super) const DATAGRAMS_AT_ONCE: usize = 64;
/// Octets of a datagram; more than a jumbo frame is cut, and the decoder says so.
pub(super) const DATAGRAM_MAX: usize = 9_216;
/// Between buffers, so that their beginnings do not fall into the same lines of the cache.
const STRIDE: usize = DATAGRAM_MAX + 192;

/// Opens a socket and binds it.
pub(super) fn open(address: SocketAddr, receive_buffer: usize) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // With the right to do so, past the system's limit (net.core.rmem_max); otherwise up to it.
    if setsockopt(&socket, sockopt::RcvBufForce, &receive_buffer).is_err() {
        socket.set_recv_buffer_size(receive_buffer)?;
    }
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    socket.set_read_timeout(Some(WAIT))?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Datagrams for which there is always room.
const DATAGRAMS_FEW: usize = 4;

/// Room for the datagrams of one call.
pub(super) struct Buffers {
    octets: Vec<u8>,
    /// How many to ask for: headers are made for each, and most calls find few.
    ask_for: usize,
}

impl Buffers {
    pub(super) fn new() -> Self {
        Self { octets: vec![0; STRIDE * DATAGRAMS_AT_ONCE], ask_for: DATAGRAMS_FEW }
    }

    /// Waits for datagrams and gives each to `take`; returns how many there were, and the kernel's
    /// count of those it has dropped so far, if it said one.
    ///
    /// # Errors
    ///
    /// Those of the socket. Nothing to be received within [`WAIT`] is none: it gives zero.
    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        mut take: impl FnMut(Address, &[u8]),
    ) -> io::Result<(usize, Option<u32>)> {
        // Made anew each time: the kernel overwrites the lengths in the headers.
        let room = nix::cmsg_space!(u32);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(self.ask_for, Some(room));
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
            .octets
            .chunks_exact_mut(STRIDE)
            .take(self.ask_for)
            .map(|part| [IoSliceMut::new(&mut part[..DATAGRAM_MAX])])
            .collect();
        let flags = MsgFlags::MSG_WAITFORONE;
        let received = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None);
        let received = match received.map_err(io::Error::from) {
            Ok(received) => received,
            Err(error) if is_nothing(&error) => return Ok((0, None)),
            Err(error) => return Err(error),
        };
        let (mut count, mut dropped) = (0, None);
        for message in received {
            count += 1;
            if let Ok(notes) = message.cmsgs() {
                for note in notes {
                    if let ControlMessageOwned::RxqOvfl(total) = note {
                        dropped = Some(total);
                    }
                }
            }
            let from = message.address.as_ref().and_then(sender);
            if let (Some(from), Some(bytes)) = (from, message.iovs().next()) {
                take(from, bytes);
            }
        }
        // Twice as many as came, so that a burst is taken in whole calls soon.
        self.ask_for = (2 * count).clamp(DATAGRAMS_FEW, DATAGRAMS_AT_ONCE);
        Ok((count, dropped))
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

fn sender(storage: &SockaddrStorage) -> Option<Address> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(Address::v4(v4.ip().to_bits()));
    }
    storage.as_sockaddr_in6().map(|v6| IpAddr::from(v6.ip()).into())
}
