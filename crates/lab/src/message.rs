//! Name messages: as much of RFC 1035 as asking for one address and answering it takes.

use std::net::Ipv4Addr;

/// Bytes before the question.
const HEAD: usize = 12;
/// Bytes of an answer's tail: type, class, life, length, address.
const TAIL: usize = 14;
/// Letters a label may have (section 2.3.4).
const LABEL_MAX: usize = 63;
/// Seconds an answer lives: nobody keeps it.
const LIFE_S: u32 = 0;
/// Type and class of an address (sections 3.2.2 and 3.2.4).
const A_IN: [u8; 4] = [0, 1, 0, 1];

/// How a name server answers (section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// All is well, though there may be no address.
    NoError = 0,
    /// It could not find out.
    ServFail = 2,
    /// There is no such name.
    NxDomain = 3,
}

/// A question for the address of a name.
pub fn question(id: u16, name: &str) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.').filter(|label| !label.is_empty() && label.len() <= LABEL_MAX) {
        message.push(label.len() as u8);
        message.extend(label.bytes());
    }
    message.push(0);
    message.extend(A_IN);
    message
}

/// The name that is asked for, its type, and where the question ends.
pub fn asked(message: &[u8]) -> Option<(String, u16, usize)> {
    let mut name = String::new();
    let mut at = HEAD;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        if length > LABEL_MAX {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name += &String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase();
        at += length;
    }
    let kind = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
    message.get(at + 3)?;
    Some((name, kind, at + 4))
}

/// The answer to a question, with an address or without.
pub fn answer(message: &[u8], code: Code, address: Option<Ipv4Addr>) -> Option<Vec<u8>> {
    let (_, _, end) = asked(message)?;
    let mut answer = message.get(..2)?.to_vec();
    answer.extend([0x85, 0x80 | code as u8, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    answer.extend(message.get(HEAD..end)?);
    if let Some(address) = address {
        answer.extend([0xc0, HEAD as u8]);
        answer.extend(A_IN);
        answer.extend(LIFE_S.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

/// The address in an answer; its code when it failed.
pub fn address(answer: &[u8]) -> Result<Ipv4Addr, u8> {
    let code = answer.get(3).map_or(u8::MAX, |byte| byte & 0x0f);
    let tail = answer.len().checked_sub(TAIL).and_then(|at| answer.get(at..));
    match (code, answer.get(7), tail) {
        (0, Some(1..), Some([0, 1, 0, 1, _, _, _, _, 0, 4, a, b, c, d])) => {
            Ok(Ipv4Addr::new(*a, *b, *c, *d))
        }
        _ => Err(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_carries_the_address_that_was_asked_for() {
        let asked_for = question(7, "api.chirp.test");
        assert_eq!(asked(&asked_for).map(|it| it.0).as_deref(), Some("api.chirp.test"));
        let address_of = Ipv4Addr::new(10, 12, 0, 1);
        let told = answer(&asked_for, Code::NoError, Some(address_of)).expect("a whole question");
        assert_eq!(address(&told), Ok(address_of));
        let failed = answer(&asked_for, Code::ServFail, None).expect("a whole question");
        assert_eq!(address(&failed), Err(2));
    }
}
