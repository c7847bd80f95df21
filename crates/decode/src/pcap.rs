//! Captures: pcap and pcapng, of either byte order, read in pieces of any size.
//!
//! [`Capture`] is fed with bytes and gives frames; it keeps none, so a file of any size is read in
//! the memory of one packet. [`packets`] is the short way over bytes that are all there.
//!
//! What it cannot tell: packets that the capturing machine lost. pcapng may count them in
//! statistics blocks, which are passed over.
//!
//! References: the two Internet-Drafts draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.

use crate::bytes::Order;
use crate::fault::FaultKind;
use crate::fault::Faults;
use crate::packet::Frame;
use crate::packet::Link;
use crate::packet::NotIp;
use crate::packet::Packet;

mod classic;
mod next;

#[cfg(test)]
mod tests;

/// Octets of one captured packet (libpcap's largest snapshot length is 262,144).
pub const CAPTURED_MAX: u32 = 262_144;
/// Octets of a block of pcapng that are held; a larger one is passed over without being held.
pub const BLOCK_MAX: u32 = 1 << 20;
/// Interfaces of one section of pcapng.
pub const INTERFACES_MAX: usize = 4_096;

/// One interface of a capture.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: Link,
    /// Units of time in a second.
    ticks_per_s: u64,
    /// Seconds to add to each time.
    offset_s: i64,
    /// Octets that were captured of a packet at most; 0 is without limit.
    snaplen: u32,
}

#[derive(Debug)]
enum Form {
    Unread,
    Classic {
        order: Order,
        interface: Interface,
        header_octets: usize,
    },
    Next {
        order: Order,
    },
    /// No later byte can be understood.
    Lost,
}

/// Reads a capture from pieces.
#[derive(Debug)]
pub struct Capture {
    form: Form,
    interfaces: Vec<Interface>,
    /// Bytes that belong to a block which is passed over.
    passing: u64,
    at: u64,
    /// What was wrong so far.
    pub faults: Faults,
}

/// One step of [`Capture::step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Bytes that are done with.
    pub used: usize,
    /// What they were.
    pub what: What<'a>,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// A packet.
    Frame(Frame<'a>),
    /// Something that is no packet.
    Passed,
    /// So many bytes must be there, counted from the first that is not used.
    More(usize),
    /// Nothing later can be understood; the faults say why.
    Lost,
}

/// Whether bytes begin like a capture.
pub fn is_capture(beginning: &[u8]) -> bool {
    classic::magic(beginning).is_some() || next::is_section(beginning)
}

impl Default for Capture {
    fn default() -> Self {
        Self::new()
    }
}

impl Capture {
    /// Before the first byte.
    pub fn new() -> Self {
        Self {
            form: Form::Unread,
            interfaces: Vec::new(),
            passing: 0,
            at: 0,
            faults: Faults::new(),
        }
    }

    /// Takes one packet or block from the beginning of `bytes`.
    ///
    /// Call it again with what follows `used`. Never asks for more than [`BLOCK_MAX`] bytes.
    #[inline]
    pub fn step<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        if self.passing > 0 {
            let used = self.passing.min(bytes.len() as u64);
            self.passing -= used;
            self.at += used;
            let what = if self.passing > 0 { What::More(1) } else { What::Passed };
            return Step { used: used as usize, what };
        }
        let step = match self.form {
            Form::Unread => self.begin(bytes),
            Form::Classic { order, interface, header_octets } => {
                self.classic(order, &interface, header_octets, bytes)
            }
            Form::Next { order } => self.next(order, bytes),
            Form::Lost => Step { used: bytes.len(), what: What::Lost },
        };
        self.at += step.used as u64;
        step
    }

    /// Says that no byte follows; `rest` is what was not used.
    pub fn end(&mut self, rest: &[u8]) {
        if matches!(self.form, Form::Lost) {
            return;
        }
        if matches!(self.form, Form::Unread) {
            self.faults.add(FaultKind::UnknownFormat, self.at);
        } else if !rest.is_empty() || self.passing > 0 {
            self.faults.add(FaultKind::CutShort, self.at);
        }
        self.form = Form::Lost;
    }

    fn begin<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        if bytes.len() < 4 {
            return Step { used: 0, what: What::More(4) };
        }
        if next::is_section(bytes) {
            // The section header says the byte order itself.
            self.form = Form::Next { order: Order::Little };
            return Step { used: 0, what: What::Passed };
        }
        match classic::magic(bytes) {
            None => self.lose(FaultKind::UnknownFormat),
            Some(_) if bytes.len() < classic::FILE_HEADER_OCTETS => {
                Step { used: 0, what: What::More(classic::FILE_HEADER_OCTETS) }
            }
            Some(magic) => {
                self.form = classic::form(magic, bytes);
                Step { used: classic::FILE_HEADER_OCTETS, what: What::Passed }
            }
        }
    }

    fn lose<'a>(&mut self, kind: FaultKind) -> Step<'a> {
        self.faults.add(kind, self.at);
        self.form = Form::Lost;
        Step { used: 0, what: What::Lost }
    }
}

/// All IP packets of a capture that is in memory.
pub fn packets(bytes: &[u8]) -> Packets<'_> {
    Packets { capture: Capture::new(), rest: bytes, others: 0 }
}

/// Iterates over the IP packets of a capture; see [`packets`].
#[derive(Debug)]
pub struct Packets<'a> {
    capture: Capture,
    rest: &'a [u8],
    others: u64,
}

impl Packets<'_> {
    /// What was wrong so far.
    pub fn faults(&self) -> &Faults {
        &self.capture.faults
    }

    /// Frames so far that hold something else than IP, such as ARP.
    pub fn others(&self) -> u64 {
        self.others
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    #[inline]
    fn next(&mut self) -> Option<Packet<'a>> {
        loop {
            let step = self.capture.step(self.rest);
            self.rest = &self.rest[step.used..];
            match step.what {
                What::Frame(frame) => match Packet::read(&frame) {
                    Ok(packet) => return Some(packet),
                    Err(NotIp::Other(_)) => self.others += 1,
                    Err(NotIp::Fault(kind)) => self.capture.faults.add(kind, self.capture.at),
                },
                What::Passed => {}
                What::More(_) | What::Lost => {
                    self.capture.end(self.rest);
                    self.rest = &[];
                    return None;
                }
            }
        }
    }
}

/// Time in nanoseconds from a count of units.
#[inline]
fn at_ns(interface: &Interface, ticks: u64) -> u64 {
    let per_s = interface.ticks_per_s;
    let whole = (ticks / per_s).saturating_add_signed(interface.offset_s);
    let part = u128::from(ticks % per_s) * 1_000_000_000 / u128::from(per_s);
    whole.saturating_mul(1_000_000_000).saturating_add(part as u64)
}
