//! HAProxy's `option httplog`, with whatever syslog wrote in front of it.

use super::Format;
use super::Read;
use super::Request;
use super::client;
use super::text;
use super::time;

/// `… CLIENT:PORT [TIME] FRONT BACK/SERVER T/T/T/T/T STATUS OCTETS … "REQUEST"`
pub(super) fn read(line: &str) -> Option<Read<'_>> {
    let (before, after) = line.split_once(" [")?;
    let (written, after) = after.split_once("] ")?;
    let (at_ms, zone_known) = time::of_common(written)?;
    let mut request = Request::blank(Format::Haproxy, at_ms);
    let (host, port) = before.rsplit(' ').next()?.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    request.peer = client::address(host);
    let mut fields = after.split_ascii_whitespace();
    let _front = fields.next()?;
    if !fields.next()?.contains('/') {
        return None;
    }
    let timers = fields.next()?;
    if timers.split('/').count() != 5 {
        return None;
    }
    request.duration_ms = timers.rsplit('/').next()?.trim_start_matches('+').parse().ok();
    // −1 when no answer was sent.
    request.status = fields.next()?.parse::<i32>().ok()?.max(0) as u16;
    request.octets = fields.next()?.trim_start_matches('+').parse().ok();
    let (_, quoted) = after.split_once(" \"")?;
    text::request_line(quoted.strip_suffix('"').unwrap_or(quoted), &mut request);
    Some(Read { request, zone_known })
}
