//! Common and combined log format, with a virtual host in front or more fields behind.

use std::borrow::Cow;

use super::Format;
use super::Read;
use super::Request;
use super::client;
use super::text;
use super::text::Fields;
use super::time;

/// `HOST IDENT USER [TIME] "REQUEST" STATUS OCTETS ["REFERRER" "AGENT" …]`
pub(super) fn read(line: &str) -> Option<Read<'_>> {
    // A user name may hold spaces, but no bracket: the time is what is between the first two.
    let (before, after) = line.split_once('[')?;
    let (written, after) = after.split_once(']')?;
    let (at_ms, zone_known) = time::of_common(written)?;
    let mut names = before.split_ascii_whitespace();
    let first = names.next()?;
    let second = names.next();
    let mut request = Request::blank(Format::Common, at_ms);
    request.peer = client::address(first);
    if request.peer.is_none() {
        // Apache's vhost_combined begins with the site; otherwise it is a name of the client.
        if let Some(peer) = second.and_then(client::address) {
            request.peer = Some(peer);
            let host = first.rsplit_once(':').map_or(first, |(host, _)| host);
            request.host = text::present(host);
        }
    }
    let mut fields = Fields::of(after);
    text::request_line(fields.quoted()?, &mut request);
    request.status = fields.next()?.parse().ok()?;
    request.octets = match fields.next()? {
        "-" => Some(0),
        octets => Some(octets.parse().ok()?),
    };
    let referrer = fields.quoted();
    let user_agent = fields.quoted();
    if let (Some(referrer), Some(user_agent)) = (referrer, user_agent) {
        request.format = Format::Combined;
        request.referrer = text::present(referrer);
        request.user_agent = text::present(user_agent);
        request.forwarded_for = forwarded(&mut fields);
    }
    Some(Read { request, zone_known })
}

/// nginx's documented `main` format ends with `"$http_x_forwarded_for"`: the first quoted field
/// that is a list of addresses.
fn forwarded<'a>(fields: &mut Fields<'a>) -> Option<Cow<'a, str>> {
    while let Some(quoted) = fields.rest().find('"') {
        *fields = Fields::of(&fields.rest()[quoted..]);
        let field = fields.next()?;
        if field.rsplit(',').next().is_some_and(|hop| client::address(hop.trim()).is_some()) {
            return Some(Cow::Borrowed(field));
        }
    }
    None
}
