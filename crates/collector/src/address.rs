//! Addresses of targets, read strictly and once: what is checked is what is dialled.
//!
//! There is no second reader that could disagree about where a host ends: the parts read here go
//! to the resolver, the certificate check and the `Host` header as they are. What browsers repair
//! (octal and decimal hosts, backslashes, names with credentials before an `@`) is refused.
//!
//! # What it cannot tell
//!
//! International names are not mapped (UTS 46 needs large tables and turns `ⓛ` into `l`, which is
//! how filters are passed): they have to be written in their `xn--` form.
//!
//! # References
//!
//! - RFC 3986, section 3; RFC 1123, section 2.1; WHATWG URL, "IPv4 number parser".

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// Bytes an address may have.
pub const URL_BYTES_MAX: usize = 2_048;
/// Bytes of a host name, RFC 1035, section 2.3.4.
const NAME_BYTES_MAX: usize = 253;
/// Bytes of one label of a host name.
const LABEL_BYTES_MAX: usize = 63;

/// Where a target is: a name to be resolved, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name in lower case, without a trailing dot.
    Name(Box<str>),
    /// An address as it was written.
    Address(IpAddr),
}

/// A target's address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// What stands before `://`, in lower case.
    pub scheme: Box<str>,
    /// The host.
    pub host: Host,
    /// The port, if one was written.
    pub port: Option<u16>,
    /// Path and query, beginning with `/`.
    pub path: Box<str>,
}

/// Why an address is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Nothing before `://`.
    #[error("an address begins with a scheme, as in https://example.org/")]
    Scheme,
    /// Longer than [`URL_BYTES_MAX`].
    #[error("an address has at most {URL_BYTES_MAX} bytes")]
    TooLong,
    /// A space, a control character or a backslash.
    #[error("{0:?} does not belong into an address; percent-encode it")]
    Character(char),
    /// `user:password@`.
    #[error("credentials do not belong into an address; give them as basic authentication")]
    Credentials,
    /// A host that is neither a name nor an address.
    #[error("{0:?} is no host name; write letters, digits, hyphens and dots")]
    Host(Box<str>),
    /// A host of numbers that is no dotted quad.
    #[error("{0:?} is no address; write four decimal numbers, as in 192.0.2.1")]
    Number(Box<str>),
    /// A host with letters outside ASCII.
    #[error("{0:?} has letters outside ASCII; write the name in its xn-- form")]
    International(Box<str>),
    /// Several colons, and no brackets.
    #[error("{0:?} is no host; an IPv6 address stands in brackets, as in [2001:db8::1]")]
    Brackets(Box<str>),
    /// A port that is no number from 1 to 65535.
    #[error("{0:?} is no port; write a number from 1 to 65535")]
    Port(Box<str>),
}

impl Host {
    /// Reads a host as it stands in an address; an IPv6 address stands in brackets.
    ///
    /// # Errors
    ///
    /// [`AddressError`] for anything that two readers could take for two different hosts.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or_else(|| AddressError::Host(text.into()))?;
            let address: Ipv6Addr = inner.parse().map_err(|_| AddressError::Host(text.into()))?;
            return Ok(Self::Address(address.into()));
        }
        if !text.is_ascii() {
            return Err(AddressError::International(text.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let last = name.rsplit('.').next().unwrap_or_default();
        if is_number(last) {
            let quad: Ipv4Addr = text.parse().map_err(|_| AddressError::Number(text.into()))?;
            return Ok(Self::Address(quad.into()));
        }
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.split('.').all(is_label) {
            return Err(AddressError::Host(text.into()));
        }
        Ok(Self::Name(name.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl Url {
    /// Reads an address. A fragment is left out; bytes outside ASCII in the path are
    /// percent-encoded.
    ///
    /// # Errors
    ///
    /// [`AddressError`], which says what to write instead.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > URL_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let stray = |c: &char| c.is_control() || c.is_whitespace() || *c == '\\';
        if let Some(stray) = text.chars().find(stray) {
            return Err(AddressError::Character(stray));
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'-';
        if scheme.is_empty() || !scheme.bytes().all(known) {
            return Err(AddressError::Scheme);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = split_authority(authority)?;
        Ok(Self {
            scheme: scheme.to_ascii_lowercase().into(),
            host: Host::parse(host)?,
            port,
            path: clean_path(path),
        })
    }

    /// The address that a `Location` header names, seen from this one.
    ///
    /// # Errors
    ///
    /// [`AddressError`] when it is no address.
    pub fn join(&self, location: &str) -> Result<Self, AddressError> {
        if location.len() > URL_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let first_slash = location.find(['/', '?', '#']).unwrap_or(location.len());
        if location[..first_slash].contains(':') {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{}:{location}", self.scheme));
        }
        let base = self.path.split('?').next().unwrap_or("/");
        let path = match location.as_bytes().first() {
            None | Some(b'#') => self.path.to_string(),
            Some(b'/') => location.to_owned(),
            Some(b'?') => format!("{base}{location}"),
            Some(_) => format!("{}/{location}", base.rsplit_once('/').map_or("", |(dir, _)| dir)),
        };
        // Read again as a whole, so that a relative address gets no weaker check than any other.
        Self::parse(&format!("{}://{}{}", self.scheme, self.authority(), without_dots(&path)))
    }

    /// Host and, if one was written, port.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority(), self.path)
    }
}

fn split_authority(authority: &str) -> Result<(&str, Option<u16>), AddressError> {
    if authority.contains('@') {
        return Err(AddressError::Credentials);
    }
    let is_open = authority.starts_with('[') != authority.contains(']');
    let is_six = authority.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    if is_open || is_six && authority.matches(':').count() > 1 {
        return Err(AddressError::Brackets(authority.into()));
    }
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority[after_brackets..].find(':').map(|at| at + after_brackets) else {
        return Ok((authority, None));
    };
    let (host, port) = (&authority[..colon], &authority[colon + 1..]);
    // `parse` would take "+80".
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number != 0 => Ok((host, Some(number))),
        _ => Err(AddressError::Port(port.into())),
    }
}

/// Whether a browser would take this last label for a number, and so the host for an address.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    let is_hex = hex.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    is_hex || (!label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(known)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn clean_path(path: &str) -> Box<str> {
    let path = path.split('#').next().unwrap_or_default();
    let mut clean = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        clean.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'{' | b'}') {
            clean.push(char::from(byte));
        } else {
            clean.push_str(&format!("%{byte:02X}"));
        }
    }
    clean.into()
}

/// RFC 3986, section 5.2.4.
fn without_dots(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_address_is_joined_as_rfc_3986_says() {
        let base = Url::parse("https://a.example/b/c/d?q").unwrap();
        let cases = [
            ("g", "https://a.example/b/c/g"),
            ("./g", "https://a.example/b/c/g"),
            ("g/", "https://a.example/b/c/g/"),
            ("/g", "https://a.example/g"),
            ("//g", "https://g/"),
            ("?y", "https://a.example/b/c/d?y"),
            ("g?y", "https://a.example/b/c/g?y"),
            ("#s", "https://a.example/b/c/d?q"),
            ("", "https://a.example/b/c/d?q"),
            (".", "https://a.example/b/c/"),
            ("..", "https://a.example/b/"),
            ("../g", "https://a.example/b/g"),
            ("../../../../g", "https://a.example/g"),
            ("http://x.example:81/y", "http://x.example:81/y"),
        ];
        for (location, expect) in cases {
            assert_eq!(base.join(location).unwrap().to_string(), expect, "{location}");
        }
    }

    #[test]
    fn a_path_is_kept_and_made_safe() {
        let url = Url::parse("https://Example.ORG.:8443?q=ü<b>#top").unwrap();
        assert_eq!(url.to_string(), "https://example.org:8443/?q=%C3%BC%3Cb%3E");
    }

    #[test]
    fn ports_are_numbers() {
        for wrong in
            ["http://a:0/", "http://a:65536/", "http://a:+80/", "http://a:/", "http://a:8:9/"]
        {
            let read = Url::parse(wrong);
            let is_told = matches!(read, Err(AddressError::Port(_) | AddressError::Brackets(_)));
            assert!(is_told, "{wrong}: {read:?}");
        }
    }
}
