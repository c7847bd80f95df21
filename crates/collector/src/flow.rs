//! Listens for flow exports: NetFlow v5 and v9, IPFIX, sFlow, on UDP, without falling behind.
//!
//! Workers are plain threads that share the sockets: each takes 64 datagrams at a time, decodes
//! them and counts them in a slot of its own. When the slot's time is over it is handed over a
//! bounded queue and merged with those of the others ([`Listener::next`]). Nobody waits for the
//! reader: what finds no room in the queue is dropped and counted.
//!
//! What is lost is measured and shown: by each exporter's own numbering ([`exporter::Exporter`]),
//! by the kernel's count of the sockets, and by the queue ([`Health`]).
//!
//! What it cannot tell: whether an exporter is who its address says. Allow only your own
//! ([`Config::allowed`]), and listen where others cannot send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use outcry_core::traffic::sketch::hash::HashKey;
use outcry_core::traffic::slot::Slot;
use outcry_decode::address::Address;
use outcry_decode::record::Sampling;

pub mod exporter;
mod gather;
mod shared;
mod socket;
mod worker;

#[cfg(test)]
mod tests;

pub use self::gather::Listener;

/// Worker threads at most.
pub const WORKERS_MAX: usize = 64;
/// Sockets of one listener.
pub const SOCKETS_MAX: usize = 16;
/// Shortest and longest time of a slot, in milliseconds.
pub const SLOT_MS: std::ops::RangeInclusive<u64> = 100..=60_000;
/// Slots of all workers together that wait to be merged.
pub const QUEUE_SLOTS: usize = 16;

/// How to listen.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where exporters send to.
    pub listen: Vec<SocketAddr>,
    /// Threads that receive; one is enough for some million flows a second.
    pub workers: usize,
    /// Octets that the kernel holds for each socket while all workers are busy.
    pub receive_buffer: usize,
    /// How long a slot is, in milliseconds, within [`SLOT_MS`].
    pub slot_ms: u64,
    /// Networks of exporters; anyone when empty.
    pub allowed: Vec<Network>,
    /// What the operator says of exporters that do not say their sampling.
    pub sampling: Vec<(Address, Sampling)>,
}

/// A network of exporters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its first address.
    pub address: Address,
    /// Length of its prefix in bits, of the address's own family.
    pub bits: u32,
}

impl Network {
    fn holds(&self, address: Address) -> bool {
        self.address.is_v4() == address.is_v4()
            && address.network(self.bits, self.bits) == self.address
    }
}

/// Why a listener could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// The configuration asks for what cannot be.
    #[error("{0}")]
    Config(&'static str),
    /// A socket could not be opened: taken already, or not allowed.
    #[error("cannot listen for flows on {address}")]
    Socket {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A thread could not be started, or there is no chance to be had for the key.
    #[error("cannot start receiving flows")]
    Start(#[source] std::io::Error),
}

/// All that was counted in one slot of time.
#[derive(Debug)]
pub struct Window {
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// The traffic.
    pub slot: Slot,
}

/// What went wrong since the beginning, in counts.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Datagrams the kernel dropped because its buffers were full.
    pub socket_drops: u64,
    /// Slots that found no room in the queue, because the reader was slow.
    pub slots_dropped: u64,
    /// Flows in them.
    pub flows_dropped: u64,
    /// Datagrams from senders that are not allowed.
    pub not_allowed: u64,
    /// Datagrams of exporters beyond those that are kept apart.
    pub exporters_beyond: u64,
    /// Counts of the decoders.
    pub decoded: outcry_decode::export::Counts,
    /// What was wrong with what was sent.
    pub faults: outcry_decode::fault::Faults,
}

impl Config {
    fn check(&self) -> Result<(), FlowError> {
        if self.listen.is_empty() {
            return Err(FlowError::Config("name at least one address to listen on"));
        }
        if self.listen.len() > SOCKETS_MAX {
            return Err(FlowError::Config("listen on 16 addresses at most"));
        }
        if !(1..=WORKERS_MAX).contains(&self.workers) {
            return Err(FlowError::Config("workers must be 1 to 64"));
        }
        if !SLOT_MS.contains(&self.slot_ms) {
            return Err(FlowError::Config("slot_ms must be 100 to 60000"));
        }
        Ok(())
    }

    fn is_allowed(&self, exporter: Address) -> bool {
        self.allowed.is_empty() || self.allowed.iter().any(|network| network.holds(exporter))
    }
}

/// A key from the system's chance, for hashes that nobody outside can foresee.
fn fresh_key() -> Result<HashKey, FlowError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| FlowError::Start(std::io::Error::other(error.to_string())))?;
    Ok(HashKey::new(bytes))
}

/// How long a worker waits for a datagram before it looks at the clock.
const WAIT: Duration = Duration::from_millis(50);

/// Starts to listen.
///
/// # Errors
///
/// [`FlowError`] when the configuration cannot be, a socket cannot be opened, or a thread started.
pub fn listen(config: Config) -> Result<Listener, FlowError> {
    config.check()?;
    let key = fresh_key()?;
    let mut sockets = Vec::with_capacity(config.listen.len());
    for &address in &config.listen {
        let opened = socket::open(address, config.receive_buffer);
        sockets.push(opened.map_err(|source| FlowError::Socket { address, source })?);
    }
    Listener::start(Arc::new(config), key, sockets)
}
