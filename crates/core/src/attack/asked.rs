//! Who spoke to whom: what nobody asked for is told from an answer.
//!
//! A set of hashed pairs in one block of memory, by open addressing with linear probing. When it is
//! full nothing new is remembered, and what comes then counts as not asked for; [`Asked::is_full`]
//! says so.

use outcry_decode::packet::protocol;

use crate::attack::part::Class;
use crate::attack::seen::Seen;
use crate::traffic::sketch::sample::hash;

/// Pairs that are remembered: 64 MiB.
pub const PAIRS_MAX: usize = 1 << 22;
/// Slots that are taken to begin with.
const SLOTS_FIRST: usize = 1 << 12;

/// A set of directed pairs.
#[derive(Clone, Debug)]
pub struct Asked {
    key: u64,
    slots: Vec<u64>,
    taken: usize,
}

impl Asked {
    /// Knows of nobody.
    pub fn new(key: u64) -> Self {
        Self { key, slots: vec![0; SLOTS_FIRST], taken: 0 }
    }

    /// Whether something seen answers its target, or belongs to a connection whose beginning was
    /// seen; then remembers that its source spoke to its target.
    pub fn take(&mut self, seen: &Seen, class: Class) -> bool {
        let (from, to) = (seen.source, seen.target);
        let answers = match class {
            // What opens a conversation is no answer, whoever spoke before.
            Class::Syn | Class::DnsQuery | Class::Icmp | Class::Dhcp | Class::Extended => false,
            Class::Conversation => true,
            Class::Ack | Class::WebBody | Class::Reset => {
                self.has(to, from, seen.protocol) || self.has(from, to, OPENED)
            }
            _ => self.has(to, from, seen.protocol),
        };
        if class == Class::Syn {
            self.put(from, to, OPENED);
        }
        // A reset, an error and a flood of SYN-ACK are answers themselves: they ask for nothing.
        if !matches!(class, Class::Reset | Class::IcmpError) {
            self.put(from, to, seen.protocol);
        }
        answers
    }

    /// Whether a connection from one to the other was opened and answered, as far as was seen.
    pub fn shook_hands(&self, source: u128, target: u128) -> bool {
        self.has(source, target, OPENED) && self.has(target, source, protocol::TCP)
    }

    /// Whether nothing new can be remembered.
    pub fn is_full(&self) -> bool {
        self.taken >= PAIRS_MAX
    }

    fn hash(&self, from: u128, to: u128, what: u8) -> u64 {
        hash(self.key ^ u64::from(what), from ^ to.rotate_left(64).wrapping_mul(0x9E37_79B9)).max(1)
    }

    fn has(&self, from: u128, to: u128, what: u8) -> bool {
        let hash = self.hash(from, to, what);
        self.slots[self.place(hash)] == hash
    }

    fn put(&mut self, from: u128, to: u128, what: u8) {
        let hash = self.hash(from, to, what);
        let place = self.place(hash);
        if self.slots[place] == hash || self.is_full() {
            return;
        }
        self.slots[place] = hash;
        self.taken += 1;
        if self.taken * 2 > self.slots.len() {
            self.grow();
        }
    }

    /// Where a hash stands, or would.
    fn place(&self, hash: u64) -> usize {
        let last = self.slots.len() - 1;
        let mut place = hash as usize & last;
        while self.slots[place] != 0 && self.slots[place] != hash {
            place = (place + 1) & last;
        }
        place
    }

    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 2];
        let before = std::mem::replace(&mut self.slots, larger);
        for hash in before.into_iter().filter(|hash| *hash != 0) {
            let place = self.place(hash);
            self.slots[place] = hash;
        }
    }
}

/// Stands for "opened a connection" where a protocol number would: 255 is reserved by IANA.
const OPENED: u8 = 255;
