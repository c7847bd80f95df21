//! Reads what people ask about a certificate: for whom, by whom, until when.
//!
//! Only that. Whether a certificate is to be trusted is decided by rustls; here an expired or
//! forged one is read like any other, because it is evidence. Broken bytes give `None`.
//!
//! # References
//!
//! - RFC 5280, sections 4.1 and 4.2.1.6; X.690, sections 8 and 11.

use std::net::IpAddr;

/// Names that are read from one certificate.
const NAMES_MAX: usize = 200;
/// Relative names that are read from one subject.
const ATTRIBUTES_MAX: usize = 32;
/// Characters that are kept of a name.
const NAME_CHARS_MAX: usize = 256;

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Common name of whom it is for, or the organisation where there is none.
    pub subject: String,
    /// The same of who signed it.
    pub issuer: String,
    /// Names and addresses it is valid for.
    pub names: Vec<String>,
    /// Valid from, in seconds since 1970.
    pub not_before_unix_s: i64,
    /// Valid until, in seconds since 1970.
    pub not_after_unix_s: i64,
}

impl Certificate {
    /// Reads a certificate in DER.
    pub fn read(der: &[u8]) -> Option<Self> {
        let body = Body::read(der)?;
        let (not_before_unix_s, not_after_unix_s) = read_validity(body.validity)?;
        Some(Self {
            subject: read_name(body.subject),
            issuer: read_name(body.issuer),
            names: read_alternatives(body.rest).unwrap_or_default(),
            not_before_unix_s,
            not_after_unix_s,
        })
    }
}

/// Until when a certificate is valid, in seconds since 1970; without reading the rest.
pub fn expiry_unix_s(der: &[u8]) -> Option<i64> {
    Some(read_validity(Body::read(der)?.validity)?.1)
}

/// The parts of the signed body of a certificate.
struct Body<'a> {
    issuer: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
    rest: Der<'a>,
}

impl<'a> Body<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Der(Der(der).take(SEQUENCE)?);
        let mut body = Der(outer.take(SEQUENCE)?);
        if body.peek() == Some(VERSION) {
            body.take(VERSION)?;
        }
        body.take(INTEGER)?;
        body.take(SEQUENCE)?;
        let issuer = body.take(SEQUENCE)?;
        let validity = body.take(SEQUENCE)?;
        let subject = body.take(SEQUENCE)?;
        body.take(SEQUENCE)?;
        Some(Self { issuer, validity, subject, rest: body })
    }
}

const INTEGER: u8 = 0x02;
const BOOLEAN: u8 = 0x01;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP_STRING: u8 = 0x1e;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.4.10.
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];

/// Elements of DER that have not been read.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes the next element, whatever it is.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let count = usize::from(first & 0x7f);
            if !(1..=4).contains(&count) || rest.len() < count {
                return None;
            }
            let (digits, rest) = rest.split_at(count);
            (digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
        };
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, content))
    }

    /// Takes the next element, which has to be of this kind.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().and_then(|(found, content)| (found == tag).then_some(content))
    }
}

fn read_validity(validity: &[u8]) -> Option<(i64, i64)> {
    let mut times = Der(validity);
    let (from, until) = (times.next()?, times.next()?);
    Some((read_time(from)?, read_time(until)?))
}

fn read_time((tag, text): (u8, &[u8])) -> Option<i64> {
    let text = text.strip_suffix(b"Z")?;
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, until: usize| -> Option<i64> {
        Some(text.get(from..until)?.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    };
    let (year, at) = match tag {
        // Two digits: 50 to 99 are of the last century.
        UTC_TIME => {
            let year = number(0, 2)?;
            (if year >= 50 { 1900 + year } else { 2000 + year }, 2)
        }
        GENERALIZED_TIME => (number(0, 4)?, 4),
        _ => return None,
    };
    let (month, day) = (number(at, at + 2)?, number(at + 2, at + 4)?);
    let (hour, minute) = (number(at + 4, at + 6)?, number(at + 6, at + 8)?);
    let second = number(at + 8, at + 10)?;
    if text.len() != at + 10 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn read_name(name: &[u8]) -> String {
    let mut sets = Der(name);
    let mut organisation = String::new();
    for _ in 0..ATTRIBUTES_MAX {
        let Some(set) = sets.take(SET) else { break };
        let Some(pair) = Der(set).take(SEQUENCE) else { break };
        let mut pair = Der(pair);
        let (Some(object), Some((tag, value))) = (pair.take(OBJECT), pair.next()) else { break };
        if object == COMMON_NAME {
            return read_text(tag, value);
        }
        if object == ORGANISATION {
            organisation = read_text(tag, value);
        }
    }
    organisation
}

fn read_text(tag: u8, value: &[u8]) -> String {
    let text = if tag == BMP_STRING {
        let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(value).into_owned()
    };
    // Whoever makes a certificate writes to the terminal of whoever looks at it.
    text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

fn read_alternatives(mut rest: Der<'_>) -> Option<Vec<String>> {
    let extensions = loop {
        let (tag, content) = rest.next()?;
        if tag == EXTENSIONS {
            break Der(content).take(SEQUENCE)?;
        }
    };
    let mut extensions = Der(extensions);
    while let Some(extension) = extensions.take(SEQUENCE) {
        let mut extension = Der(extension);
        if extension.take(OBJECT)? != SUBJECT_ALT_NAME {
            continue;
        }
        if extension.peek() == Some(BOOLEAN) {
            extension.take(BOOLEAN)?;
        }
        let mut names = Der(Der(extension.take(OCTETS)?).take(SEQUENCE)?);
        let mut read = Vec::new();
        while let Some((tag, content)) = names.next()
            && read.len() < NAMES_MAX
        {
            match (tag, content.len()) {
                (DNS_NAME, _) => read.push(read_text(tag, content)),
                (IP_ADDRESS, 4) => {
                    let octets: [u8; 4] = content.try_into().expect("the length is 4");
                    read.push(IpAddr::from(octets).to_string());
                }
                (IP_ADDRESS, 16) => {
                    let octets: [u8; 16] = content.try_into().expect("the length is 16");
                    read.push(IpAddr::from(octets).to_string());
                }
                _ => {}
            }
        }
        return Some(read);
    }
    None
}

#[cfg(test)]
mod tests {
    use rcgen::CertificateParams;
    use rcgen::DnType;
    use rcgen::KeyPair;
    use rcgen::date_time_ymd;

    use super::*;

    fn made() -> Vec<u8> {
        let names = ["a.example".to_owned(), "*.b.example".to_owned(), "192.0.2.7".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Example \u{1b}[31mred");
        params.not_before = date_time_ymd(2024, 2, 29);
        params.not_after = date_time_ymd(2051, 12, 31);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_says_for_whom_by_whom_and_until_when() {
        let der = made();
        let read = Certificate::read(&der).unwrap();
        assert_eq!(read.subject, "Example [31mred", "control characters are left out");
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.names, ["a.example", "*.b.example", "192.0.2.7"]);
        assert_eq!(read.not_before_unix_s, 1_709_164_800);
        assert_eq!(read.not_after_unix_s, 2_587_593_600);
        assert_eq!(expiry_unix_s(&der), Some(2_587_593_600));
    }

    #[test]
    fn broken_bytes_are_no_certificate_and_no_panic() {
        let der = made();
        for end in 0..der.len() {
            assert_eq!(Certificate::read(&der[..end]), None, "cut at {end}");
        }
        for at in 0..der.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bent = der.clone();
                bent[at] ^= flip;
                // Whether it is still readable depends on the byte; it must not panic.
                let _ = Certificate::read(&bent);
            }
        }
    }
}
