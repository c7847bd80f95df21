//! One question and its answer, as bytes. Answers come from strangers: every length is checked,
//! and compression pointers only ever lead backwards.
//!
//! # References
//!
//! - RFC 1035, section 4; RFC 3596 (AAAA), RFC 2782 (SRV), RFC 8659 (CAA), RFC 6891 (EDNS).

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use crate::address::Host;
use crate::dns::code::Kind;
use crate::dns::code::Rcode;

/// Bytes we offer to take in one datagram. DNS Flag Day 2020: no fragments below it.
pub const DATAGRAM_BYTES_MAX: usize = 1_232;
/// Records that are read from one answer.
pub const RECORDS_MAX: usize = 100;
/// Characters that are kept of one record.
const RECORD_CHARS_MAX: usize = 1_024;
/// Labels a name may have, so that a loop of pointers ends.
const LABELS_MAX: usize = 128;
const HEADER_BYTES: usize = 12;
const CLASS_INTERNET: u16 = 1;
const KIND_OPT: u16 = 41;
const KIND_CNAME: u16 = 5;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    name: Box<str>,
    kind: Kind,
}

impl Question {
    /// Asks for the records of one type under a name without a trailing dot, as [`Host`] has it.
    /// An address is asked for in its reverse name.
    pub fn new(host: &Host, kind: Kind) -> Self {
        let name = match host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => reverse(*address),
        };
        Self { name, kind }
    }

    /// The name that is asked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The question as a message with this number.
    pub fn encode(&self, id: u16) -> Vec<u8> {
        let mut message = Vec::with_capacity(HEADER_BYTES + self.name.len() + 17);
        message.extend_from_slice(&id.to_be_bytes());
        // Recursion desired; one question, one record of EDNS.
        message.extend_from_slice(&[0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1]);
        for label in self.name.split('.') {
            let length = u8::try_from(label.len()).expect("a label has at most 63 bytes");
            message.push(length);
            message.extend_from_slice(label.as_bytes());
        }
        message.push(0);
        message.extend_from_slice(&self.kind.0.to_be_bytes());
        message.extend_from_slice(&CLASS_INTERNET.to_be_bytes());
        message.push(0);
        message.extend_from_slice(&KIND_OPT.to_be_bytes());
        message.extend_from_slice(&(DATAGRAM_BYTES_MAX as u16).to_be_bytes());
        message.extend_from_slice(&[0; 6]);
        message
    }

    /// Reads what a server sent. `None` when it is no answer to this question: whoever waits goes
    /// on waiting, since anyone can send a datagram.
    pub fn decode(&self, id: u16, message: &[u8]) -> Option<Answer> {
        let mut reader = Reader { message, at: 0 };
        let (number, flags) = (reader.u16()?, reader.u16()?);
        let (questions, answers) = (reader.u16()?, reader.u16()?);
        reader.skip(4)?;
        let is_answer = flags & 0x8000 != 0;
        if number != id || !is_answer {
            return None;
        }
        let rcode = Rcode((flags & 0x000f) as u8);
        // A server that could not read the question may leave it out.
        if questions == 1 {
            let name = reader.name()?;
            let kind = Kind(reader.u16()?);
            reader.skip(2)?;
            if !name.eq_ignore_ascii_case(&self.name) || kind != self.kind {
                return None;
            }
        } else if rcode == Rcode::NO_ERROR {
            return None;
        }
        let is_cut = flags & 0x0200 != 0;
        let mut answer = Answer { rcode, is_cut, records: Vec::new(), broken: false };
        for _ in 0..usize::from(answers).min(RECORDS_MAX) {
            match reader.record() {
                Some(record) => answer.records.push(record),
                None => {
                    answer.broken = true;
                    break;
                }
            }
        }
        Some(answer)
    }

    /// The records of the type that was asked for, not the aliases on the way there.
    pub fn wanted<'a>(&self, answer: &'a Answer) -> impl Iterator<Item = &'a Record> {
        let kind = self.kind;
        answer.records.iter().filter(move |record| record.kind == kind)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind)
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How.
    pub rcode: Rcode,
    /// Did not fit into a datagram: ask again over TCP.
    pub is_cut: bool,
    /// Records of the answer section, at most [`RECORDS_MAX`].
    pub records: Vec<Record>,
    /// Something in the answer could not be read; the records before it were.
    pub broken: bool,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its type.
    pub kind: Kind,
    /// How long it may be kept, in seconds.
    pub ttl_s: u32,
    /// What it says, as text: an address, a name, the strings of a TXT record.
    pub data: String,
}

impl Record {
    /// The address in an A or AAAA record.
    pub fn address(&self) -> Option<IpAddr> {
        (self.kind == Kind::A || self.kind == Kind::AAAA).then(|| self.data.parse().ok()).flatten()
    }
}

fn reverse(address: IpAddr) -> Box<str> {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa").into()
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev();
            let text: String = nibbles.map(|o| format!("{:x}.{:x}.", o & 15, o >> 4)).collect();
            format!("{text}ip6.arpa").into()
        }
    }
}

struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.message.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.bytes(count).map(|_| ())
    }

    fn u8(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.bytes(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> Option<u32> {
        self.bytes(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// A name, without its trailing dot.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let mut at = self.at;
        let mut end = None;
        for _ in 0..LABELS_MAX {
            let length = usize::from(*self.message.get(at)?);
            match length {
                0 => {
                    self.at = end.unwrap_or(at + 1);
                    return Some(name);
                }
                1..64 => {
                    let label = self.message.get(at + 1..at + 1 + length)?;
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(&printable(label));
                    at += 1 + length;
                }
                192.. => {
                    let low = usize::from(*self.message.get(at + 1)?);
                    let target = (length & 0x3f) << 8 | low;
                    if target >= at {
                        return None;
                    }
                    end = end.or(Some(at + 2));
                    at = target;
                }
                _ => return None,
            }
        }
        None
    }

    fn record(&mut self) -> Option<Record> {
        self.name()?;
        let kind = Kind(self.u16()?);
        self.skip(2)?;
        let ttl_s = self.u32()?;
        let length = usize::from(self.u16()?);
        let end = self.at.checked_add(length).filter(|end| *end <= self.message.len())?;
        let mut inner = Reader { message: &self.message[..end], at: self.at };
        let data = inner.data(kind)?;
        self.at = end;
        let data = data.chars().take(RECORD_CHARS_MAX).collect();
        Some(Record { kind, ttl_s, data })
    }

    /// The data of a record: all that is left in this reader.
    fn data(&mut self, kind: Kind) -> Option<String> {
        Some(match kind.0 {
            1 => {
                let octets: [u8; 4] = self.rest().try_into().ok()?;
                Ipv4Addr::from(octets).to_string()
            }
            28 => {
                let octets: [u8; 16] = self.rest().try_into().ok()?;
                Ipv6Addr::from(octets).to_string()
            }
            2 | KIND_CNAME | 12 => self.name()?,
            15 => format!("{} {}", self.u16()?, self.name()?),
            6 => {
                let (server, mailbox) = (self.name()?, self.name()?);
                format!("{server} {mailbox} {}", self.u32()?)
            }
            33 => {
                let numbers = [self.u16()?, self.u16()?, self.u16()?];
                let [priority, weight, port] = numbers;
                format!("{priority} {weight} {port} {}", self.name()?)
            }
            16 => {
                let mut text = String::new();
                while self.at < self.message.len() {
                    let length = usize::from(self.u8()?);
                    text.push_str(&printable(self.bytes(length)?));
                }
                text
            }
            257 => {
                let flags = self.u8()?;
                let length = usize::from(self.u8()?);
                let tag = printable(self.bytes(length)?);
                format!("{flags} {tag} {}", printable(self.rest()))
            }
            _ => self.rest().iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    fn rest(&mut self) -> &'a [u8] {
        let rest = &self.message[self.at..];
        self.at = self.message.len();
        rest
    }
}

/// Bytes that go to a terminal: what is no printable ASCII is written as `\ddd`.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if (b' '..=b'~').contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("\\{byte:03}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question::new(&Host::parse("www.example.org").unwrap(), Kind::A)
    }

    /// An answer with an alias and an address, with compressed names.
    fn answer() -> Vec<u8> {
        let mut message = question().encode(7);
        message.truncate(message.len() - 11);
        message[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]);
        // www.example.org CNAME a.example.org
        message.extend_from_slice(&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'a', 0xc0, 16]);
        // a.example.org A 93.184.216.34
        message.extend_from_slice(&[0xc0, 45, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 93, 184, 216, 34]);
        message
    }

    #[test]
    fn an_answer_is_read_through_its_pointers() {
        let question = question();
        let answer = question.decode(7, &answer()).unwrap();
        assert_eq!(answer.rcode, Rcode::NO_ERROR);
        assert!(!answer.broken);
        assert_eq!(answer.records[0].data, "a.example.org");
        let wanted: Vec<&Record> = question.wanted(&answer).collect();
        assert_eq!(wanted.len(), 1);
        assert_eq!(wanted[0].data, "93.184.216.34");
        assert_eq!(wanted[0].ttl_s, 300);
    }

    #[test]
    fn another_number_name_or_a_question_is_no_answer() {
        let message = answer();
        assert_eq!(question().decode(8, &message), None);
        let other = Question::new(&Host::parse("www.example.net").unwrap(), Kind::A);
        assert_eq!(other.decode(7, &message), None);
        let other = Question::new(&Host::parse("www.example.org").unwrap(), Kind::AAAA);
        assert_eq!(other.decode(7, &message), None);
        assert_eq!(question().decode(7, &question().encode(7)), None);
    }

    #[test]
    fn cut_and_bent_answers_are_read_as_far_as_they_go() {
        let message = answer();
        for end in 0..message.len() {
            if let Some(answer) = question().decode(7, &message[..end]) {
                assert!(answer.broken, "cut at {end}");
            }
        }
        for at in 0..message.len() {
            for flip in [0x01, 0xc0, 0xff] {
                let mut bent = message.clone();
                bent[at] ^= flip;
                if let Some(answer) = question().decode(7, &bent) {
                    assert!(answer.records.len() <= RECORDS_MAX, "bent at {at}");
                }
            }
        }
    }

    #[test]
    fn a_loop_of_pointers_ends() {
        let mut message = answer();
        message[44..46].copy_from_slice(&[0xc0, 44]);
        let answer = question().decode(7, &message).unwrap();
        assert!(answer.broken);
    }

    #[test]
    fn an_address_is_asked_for_in_reverse() {
        let v4 = Question::new(&Host::parse("192.0.2.7").unwrap(), Kind(12));
        assert_eq!(v4.to_string(), "7.2.0.192.in-addr.arpa PTR");
        let v6 = Question::new(&Host::parse("[2001:db8::1]").unwrap(), Kind(12));
        assert!(v6.to_string().starts_with("1.0.0.0.0"), "{v6}");
        assert!(v6.to_string().ends_with("8.b.d.0.1.0.0.2.ip6.arpa PTR"), "{v6}");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable(b"a\x1b[31m\xff"), "a\\027[31m\\255");
    }
}
