//! A window of traffic, or of requests, as a record of the log.

use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_store::log::Log;
use outcry_wire::signals::write_line;

/// Writes a signal into the log; a full queue loses it, and says so.
pub fn append(log: &Log, service: &Text, at: UnixMillis, body: Body) {
    let kind = body.kind();
    let signal = Signal {
        id: uuid::Uuid::now_v7().as_u128(),
        at,
        service: service.clone(),
        provenance: Provenance { source: kind.into(), licence: None, synthetic: false },
        body,
    };
    let told = Box::new(move |fate: Result<u64, _>| {
        if fate.is_err() {
            tracing::warn!(kind, "a window of traffic was not written down");
        }
    });
    if log.append(write_line(&signal).into_bytes(), told).is_err() {
        tracing::warn!(kind, "a window of traffic found no room in the log's queue");
    }
}
