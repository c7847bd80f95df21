//! What is simulated, and for how long.

use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;

/// Services of the whole population.
pub const SERVICES: usize = 12_000;
/// Where the days that are scored begin: Monday 2025-06-02T00:00:00Z.
pub const SCORED_FROM: UnixMillis = UnixMillis(1_748_822_400_000);
/// Outages a service has in a scored day.
pub const OUTAGES_PER_DAY: f64 = 0.036;
/// Part of services with an outage in the days that are learnt from.
pub const TRAINING_OUTAGE_SHARE: f64 = 0.3;
/// Brigades against a service in a scored day.
pub const BRIGADES_PER_DAY: f64 = 0.002;
/// Posts about a service that go round, in a scored day.
pub const POSTS_PER_DAY: f64 = 0.002;
/// Part of reports that the same device sends again within minutes.
pub const RETRY_SHARE: f64 = 0.1;
/// Day of the score that is a holiday.
pub const HOLIDAY: i64 = 3;
/// Day of the score from which clocks are an hour off what was learnt.
pub const CLOCK_CHANGE: i64 = 5;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Gives all chance.
    pub seed: u64,
    /// Ranks of the services that are simulated, from 1, of [`SERVICES`].
    pub ranks: Vec<usize>,
    /// Days that are learnt from first.
    pub training_days: i64,
    /// Days that are scored.
    pub scored_days: i64,
    /// Probability that a report brings one and more from other devices of its prefix.
    pub clusters: f64,
    /// The promise of the detector, days.
    pub run_length_days: f64,
}

impl Plan {
    /// The whole population for as many days as make `service_days`, after four weeks.
    pub fn whole(seed: u64, service_days: i64) -> Self {
        let scored_days = (service_days + SERVICES as i64 - 1) / SERVICES as i64;
        Self {
            seed,
            ranks: (1..=SERVICES).collect(),
            training_days: 28,
            scored_days: scored_days.max(1),
            clusters: 0.0,
            run_length_days: 100.0,
        }
    }

    /// Where the days that are learnt from begin.
    pub fn from(&self) -> UnixMillis {
        SCORED_FROM.plus_ms(-self.training_days * DAY_MS)
    }

    /// Where the scored days end.
    pub fn until(&self) -> UnixMillis {
        SCORED_FROM.plus_ms(self.scored_days * DAY_MS)
    }
}
