//! Fields of a line of text: separated by spaces, some in quotes or brackets.

use std::borrow::Cow;

use super::Request;

/// Cuts fields off the front of a line.
pub(super) struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line)
    }

    /// What was not taken yet.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    /// The next field: quoted (`"…"`, with `\"` inside), or up to a space.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        let line = self.0.trim_start();
        let (field, rest) = match line.strip_prefix('"') {
            Some(quoted) => {
                let end = closing_quote(quoted)?;
                (&quoted[..end], &quoted[end + 1..])
            }
            None => line.split_at(line.find(' ').unwrap_or(line.len())),
        };
        self.0 = rest;
        (!line.is_empty()).then_some(field)
    }

    /// The next field, if it is in quotes.
    pub(super) fn quoted(&mut self) -> Option<&'a str> {
        self.0.trim_start().starts_with('"').then(|| self.next())?
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// A field, unless it is the dash that stands for nothing.
pub(super) fn present(field: &str) -> Option<Cow<'_, str>> {
    (!field.is_empty() && field != "-").then_some(Cow::Borrowed(field))
}

/// Puts a request line (`GET /path HTTP/1.1`) into a request. A broken one leaves it empty.
pub(super) fn request_line<'a>(line: &'a str, request: &mut Request<'a>) {
    let Some((method, rest)) = line.split_once(' ') else { return };
    let known = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !known {
        return;
    }
    let (uri, protocol) = match rest.rsplit_once(' ') {
        Some((uri, protocol)) if protocol.starts_with("HTTP/") => (uri, Some(protocol)),
        _ => (rest, None),
    };
    request.method = Cow::Borrowed(method);
    request.protocol = protocol.map(Cow::Borrowed);
    uri_into(Cow::Borrowed(uri), request);
}

/// Puts a request target into a request: `http://host:80/path` gives host and path.
pub(super) fn uri_into<'a>(uri: Cow<'a, str>, request: &mut Request<'a>) {
    let after = ["http://", "https://", "ws://", "wss://"]
        .iter()
        .find_map(|scheme| uri.strip_prefix(scheme).map(|_| scheme.len()));
    let Some(from) = after else {
        request.path = uri;
        return;
    };
    let end = uri[from..].find('/').map_or(uri.len(), |end| from + end);
    if request.host.is_none() {
        let authority = &uri[from..end];
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        if !host.is_empty() && host != "-" {
            request.host = Some(Cow::Owned(host.to_owned()));
        }
    }
    request.path = match uri {
        Cow::Borrowed(uri) => Cow::Borrowed(&uri[end..]),
        Cow::Owned(uri) => Cow::Owned(uri[end..].to_owned()),
    };
    if request.path.is_empty() {
        request.path = Cow::Borrowed("/");
    }
}
