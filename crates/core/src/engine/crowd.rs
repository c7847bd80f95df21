//! Who reported while the surges of an incident were open: networks, machines, texts, rhythm.
//!
//! # Limits
//!
//! A network or prefix beyond the first [`NAMES_MAX`] is counted in the whole and not by name.
//! Texts are told apart by a number made from them; two that share one are taken as the same.

use std::collections::BTreeMap;

use crate::baseline::Mix;
use crate::engine::shares::PLACE_REPORTS_MIN;
use crate::evidence::facts::CrowdFacts;
use crate::evidence::facts::NetworkCount;
use crate::evidence::facts::SilentNetwork;
use crate::signal::PrefixKey;
use crate::signal::Problem;
use crate::signal::Report;
use crate::time::Tick;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::NetworkKind;
use crate::units::Text;

/// Networks, prefixes and texts that are counted by name.
const NAMES_MAX: usize = 512;
/// Reports in a minute from which its rhythm can be told.
const RHYTHM_REPORTS_MIN: u32 = 24;
/// Minutes from which the rhythm of a crowd can be.
const RHYTHM_MINUTES_MIN: u32 = 5;
/// A network that sent under this part of what it usually would is silent …
const SILENT_PART: f64 = 0.25;
/// … if that would have been at least so many reports.
const SILENT_EXPECTED_MIN: f64 = 20.0;
/// Networks that are published.
const NETWORKS_SHOWN_MAX: usize = 12;

/// What added up over all surges of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CrowdTally {
    pub(crate) hosting: u64,
    pub(crate) works: u64,
    pub(crate) networks_known: u64,
    pub(crate) networks: BTreeMap<Asn, u64>,
    pub(crate) prefixes: BTreeMap<PrefixKey, u64>,
    pub(crate) texts: u64,
    pub(crate) by_text: BTreeMap<u64, u64>,
    /// Counts of the ticks of the current minute.
    pub(crate) ticks: [u32; 6],
    pub(crate) last: Option<Tick>,
    /// Sum over minutes of the spread of their ticks over what chance gives, and how many.
    pub(crate) spread: f64,
    pub(crate) minutes: u32,
}

impl CrowdTally {
    /// Adds a report of an open surge.
    pub(crate) fn add(&mut self, at: UnixMillis, report: &Report, counted: bool) {
        if report.problem == Problem::Works {
            self.works += 1;
            return;
        }
        self.beat(at.tick());
        bump(&mut self.prefixes, report.prefix);
        if let Some(text) = &report.comment {
            self.texts += 1;
            bump(&mut self.by_text, fingerprint(text));
        }
        if report.place.network == NetworkKind::Hosting {
            self.hosting += 1;
        } else if counted && let Some(asn) = report.place.asn {
            self.networks_known += 1;
            bump(&mut self.networks, asn);
        }
    }

    fn beat(&mut self, tick: Tick) {
        let minute = |tick: Tick| tick.0.div_euclid(6);
        if self.last.is_some_and(|last| minute(last) != minute(tick)) {
            self.end_minute();
        }
        self.last = Some(tick);
        let place = usize::try_from(tick.0.rem_euclid(6)).expect("0..6 fits");
        self.ticks[place] = self.ticks[place].saturating_add(1);
    }

    fn end_minute(&mut self) {
        let n: u32 = self.ticks.iter().sum();
        if n >= RHYTHM_REPORTS_MIN {
            let mean = f64::from(n) / 6.0;
            let squares: f64 = self.ticks.iter().map(|t| (f64::from(*t) - mean).powi(2)).sum();
            self.spread += squares / 5.0 / mean;
            self.minutes = self.minutes.saturating_add(1);
        }
        self.ticks = [0; 6];
    }

    /// What is frozen of it; `usual` is the usual mix of networks, by number.
    pub(crate) fn facts(&self, usual: &Mix, home_share: Option<f64>) -> CrowdFacts {
        let share = |asn: &Asn| usual.share(&network_name(*asn));
        let mut networks: Vec<NetworkCount> = self
            .networks
            .iter()
            .filter(|(_, count)| **count >= PLACE_REPORTS_MIN)
            .map(|(asn, count)| NetworkCount { asn: *asn, count: *count, usual: share(asn) })
            .collect();
        networks.sort_by(|a, b| b.count.cmp(&a.count).then(a.asn.cmp(&b.asn)));
        networks.truncate(NETWORKS_SHOWN_MAX);
        let silent = usual.names().filter_map(|name| {
            let asn = Asn(name.parse().ok()?);
            let usual = usual.share(name)?;
            let expected = usual * self.networks_known as f64;
            let sent = self.networks.get(&asn).copied().unwrap_or(0);
            let silent = expected >= SILENT_EXPECTED_MIN && (sent as f64) < SILENT_PART * expected;
            silent.then_some(SilentNetwork { asn, usual, expected })
        });
        CrowdFacts {
            hosting: self.hosting,
            works: self.works,
            networks_known: self.networks_known,
            silent: silent.collect(),
            networks,
            largest_prefix: self.prefixes.values().copied().max().unwrap_or(0),
            texts: self.texts,
            same_text: self.by_text.values().copied().max().unwrap_or(0),
            evenness: (self.minutes >= RHYTHM_MINUTES_MIN)
                .then(|| self.spread / f64::from(self.minutes)),
            home_share,
        }
    }
}

/// A network as a name in a mix.
pub(crate) fn network_name(asn: Asn) -> Text {
    asn.0.to_string().into()
}

/// FNV-1a over the lower-cased letters and digits: the same words in other dress are the same.
fn fingerprint(text: &str) -> u64 {
    let plain = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    plain.fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
    })
}

fn bump<K: Ord>(counts: &mut BTreeMap<K, u64>, name: K) {
    if let Some(n) = counts.get_mut(&name) {
        *n += 1;
    } else if counts.len() < NAMES_MAX {
        counts.insert(name, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::chance::Chance;

    #[test]
    fn a_clock_is_even_and_people_are_not() {
        let tally = |step: &dyn Fn(i64) -> i64| {
            let mut tally = CrowdTally::default();
            for n in 0..6_000 {
                let report = Report { prefix: PrefixKey(n as u64 % 997), ..Report::default() };
                tally.add(UnixMillis(step(n)), &report, true);
            }
            tally.facts(&Mix::default(), None).evenness.expect("enough minutes")
        };
        assert!(tally(&|n| n * 200) < 0.1, "five a second, by the clock");
        let mut chance = Chance::new(1);
        let mut times: Vec<i64> = (0..6_000).map(|_| (chance.unit() * 1.2e6) as i64).collect();
        times.sort_unstable();
        let people = tally(&|n| times[n as usize]);
        assert!(people > 0.4, "{people}");
    }

    #[test]
    fn the_same_words_in_other_dress_are_the_same() {
        assert_eq!(fingerprint("Down again!"), fingerprint("down again"));
        assert_ne!(fingerprint("down again"), fingerprint("up again"));
    }

    #[test]
    fn a_network_that_falls_silent_is_seen() {
        let mut usual = Mix::default();
        usual.learn([(&network_name(Asn(1)), 60.0), (&network_name(Asn(2)), 40.0)]);
        let mut tally = CrowdTally::default();
        for n in 0..100 {
            let mut report = Report { prefix: PrefixKey(n), ..Report::default() };
            report.place.asn = Some(Asn(2));
            tally.add(UnixMillis(n as i64 * 1_000), &report, true);
        }
        let facts = tally.facts(&usual, None);
        assert_eq!(facts.silent.iter().map(|it| it.asn).collect::<Vec<_>>(), [Asn(1)]);
        assert_eq!(facts.networks.len(), 1);
    }
}
