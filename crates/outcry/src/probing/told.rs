//! One look as a signal: what was seen, from where, and how late.

use std::time::Duration;

use outcry_collector::phase::Phase;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::schedule::Looked;
use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Place;
use outcry_core::units::Text;
use outcry_server::ids::Ids;
use outcry_wire::signals::write_line;

use crate::hub::door::OWN_PREFIX;
use crate::probing::config::Probes;

/// Characters that are kept of a reason.
const DETAIL_CHARS_MAX: usize = 200;
/// Where these signals come from.
const SOURCE: &str = "probe";

/// Turns looks into records of the log.
pub struct Teller {
    vantage: Text,
    place: Place,
    /// Only evidence is told: when there are references, one of them answered.
    references: Option<References>,
    ids: Ids,
}

impl Teller {
    /// Of this vantage point.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers to give.
    pub fn new(probes: &Probes) -> Result<Self, getrandom::Error> {
        let place = Place { country: probes.country, asn: probes.asn.map(Asn), ..Place::default() };
        let references = (!probes.references.is_empty()).then_some(References::Ok);
        let vantage = probes.vantage.as_str().into();
        Ok(Self { vantage, place, references, ids: Ids::new()? })
    }

    /// A record of the log.
    pub fn record(&self, looked: &Looked) -> Vec<u8> {
        let id = self.ids.next(UnixMillis(looked.at_unix_ms));
        write_line(&self.signal(looked, id)).into_bytes()
    }

    fn signal(&self, looked: &Looked, id: u128) -> Signal {
        let (monitor, outcome) = (&looked.monitor, &looked.outcome);
        let result = match outcome.verdict {
            Verdict::Ok => ProbeOutcome::Ok,
            Verdict::SoftFailure => ProbeOutcome::SoftFailure,
            Verdict::Blocked => ProbeOutcome::Blocked,
            Verdict::Failed => ProbeOutcome::Failed,
        };
        let fault = outcome.fault.as_ref();
        // What a page says is its content; the reader of phases knows it by that name.
        let phase = fault.map(|fault| match (outcome.verdict, fault.phase) {
            (Verdict::SoftFailure, _) | (_, Phase::Condition) => "content",
            (_, phase) => phase.name(),
        });
        let detail = fault.map(|fault| -> String {
            fault.reason.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect()
        });
        let spent = |phase: Phase| (phase.name().into(), ms(outcome.phases.spent(phase)));
        Signal {
            id,
            at: UnixMillis(looked.at_unix_ms),
            service: (&*monitor.service).into(),
            provenance: Provenance { source: SOURCE.into(), licence: None, synthetic: false },
            body: Body::Probe(Probe {
                place: self.place,
                component: monitor.component.as_deref().map(Into::into),
                phase: phase.map(Into::into),
                detail: detail.map(Into::into),
                phases_ms: Phase::TIMED
                    .into_iter()
                    .map(spent)
                    .filter(|(_, ms)| *ms > 0.0)
                    .collect(),
                prefix: Some(OWN_PREFIX.into()),
                references: self.references,
                monitor: Some((&*monitor.id).into()),
                interval_s: Some(monitor.interval.as_secs_f64()),
                lag_ms: Some(ms(looked.late)),
                ..Probe::new(self.vantage.clone(), monitor.kind.into(), result)
            }),
        }
    }
}

/// Milliseconds, to a microsecond: more would be noise in every line of the log.
fn ms(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}
