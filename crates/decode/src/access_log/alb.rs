//! The log of AWS's application load balancers.

use std::borrow::Cow;

use super::Format;
use super::Read;
use super::Request;
use super::client;
use super::text;
use super::text::Fields;
use super::time;

/// `TYPE TIME ELB CLIENT:PORT TARGET:PORT S S S STATUS STATUS IN OUT "REQUEST" "AGENT" …`
pub(super) fn read(line: &str) -> Option<Read<'_>> {
    let mut fields = Fields::of(line);
    if !matches!(fields.next()?, "http" | "https" | "h2" | "grpcs" | "ws" | "wss") {
        return None;
    }
    let (at_ms, zone_known) = time::of_iso(fields.next()?)?;
    let mut request = Request::blank(Format::Alb, at_ms);
    let _balancer = fields.next()?;
    request.peer = client::address(fields.next()?);
    let _target = fields.next()?;
    let mut seconds = 0.0;
    for _ in 0..3 {
        // −1 is a time that was not reached.
        seconds += fields.next()?.parse::<f64>().ok()?.max(0.0);
    }
    request.duration_ms = Some((seconds * 1e3).round() as u64);
    // A dash when the client went away before there was a status.
    request.status = fields.next()?.parse().unwrap_or_default();
    let _target_status = fields.next()?;
    let _received = fields.next()?;
    request.octets = fields.next()?.parse().ok();
    text::request_line(fields.quoted()?, &mut request);
    request.user_agent = fields.quoted().and_then(text::present);
    let _cipher = fields.next();
    let _tls = fields.next();
    let _group = fields.next();
    let _trace = fields.quoted();
    if let Some(domain) = fields.quoted().and_then(text::present) {
        // The name that TLS asked for; the request's own host is nearer to the truth.
        request.host.get_or_insert(Cow::Owned(domain.into_owned()));
    }
    Some(Read { request, zone_known })
}
