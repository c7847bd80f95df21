//! The gate: are these many voices, or one voice many times?
//!
//! A statistic that crossed its threshold says that the count is unusual. The gate says whether the
//! reports behind it come from enough different places to be shown to the public: one prefix never
//! opens an incident, and one access network only opens an incident that is scoped to it.
//!
//! Reports from hosting networks are kept and shown, and are never fed to a detector: machines are
//! cheap to rent, and an outage that people feel brings people.
//!
//! # What it cannot tell
//!
//! Whether people are right. A thousand honest people who were told that a service fails look like
//! a thousand people for whom it fails.

use std::collections::VecDeque;

use crate::series::Slice;
use crate::signal::PrefixKey;
use crate::signal::Problem;
use crate::signal::Report;
use crate::signal::ReporterKey;
use crate::time::UnixMillis;
use crate::trust::REPORTER_WINDOW_MS;
use crate::units::Asn;
use crate::units::Place;
use crate::units::Text;

/// Distinct reporters in 15 minutes without which nothing opens.
pub const REPORTERS_MIN: u64 = 4;
/// Prefixes one access network needs to open an incident scoped to it.
pub const NETWORK_PREFIXES_MIN: u64 = 10;
/// The same, when no other network reports anything.
pub const NETWORK_PREFIXES_ALONE_MIN: u64 = 8;
/// Share of reports from one network from which it is "one network".
const ONE_NETWORK_SHARE: f64 = 0.9;
/// Counted reports of one service that are remembered. Beyond it the oldest are forgotten early.
pub const VOICES_MAX: usize = 200_000;

/// A counted report, as the gate remembers it for 15 minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub reporter: ReporterKey,
    /// From which prefix.
    pub prefix: PrefixKey,
    /// From where.
    pub place: Place,
    /// What is affected.
    pub component: Option<Text>,
    /// What goes wrong.
    pub problem: Option<Text>,
}

impl Voice {
    /// Remembers a counted problem report.
    pub fn of(at: UnixMillis, report: &Report) -> Self {
        let problem = match &report.problem {
            Problem::Fails(name) => Some(name.clone()),
            Problem::Unspecified | Problem::Works => None,
        };
        Self {
            at,
            reporter: report.reporter,
            prefix: report.prefix,
            place: report.place,
            component: report.component.clone(),
            problem,
        }
    }

    fn is_in(&self, slice: &Slice) -> bool {
        match slice {
            Slice::All => true,
            Slice::Country(country) => self.place.country == Some(*country),
            Slice::Component(name) => self.component.as_ref() == Some(name),
            Slice::Problem(name) => self.problem.as_ref() == Some(name),
            Slice::Network(asn) => self.place.asn == Some(*asn),
        }
    }
}

/// The counted reports of one service in the last 15 minutes, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voices(pub(crate) VecDeque<Voice>);

/// Who stands behind the reports of a slice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowd {
    /// Counted reports in 15 minutes.
    pub count: u64,
    /// Distinct reporters.
    pub reporters: u64,
    /// Distinct prefixes.
    pub prefixes: u64,
    /// Distinct known networks.
    pub networks: u64,
    /// The network that nearly all reports come from, if it is one.
    pub one_network: Option<Asn>,
    /// Reports left when the loudest prefix is left out.
    pub without_loudest: u64,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Not enough different voices.
    Held,
    /// Open to all.
    Public,
    /// Open, scoped to this network.
    ScopedTo(Asn),
}

impl Voices {
    /// Adds a counted report, not older than the last.
    pub fn add(&mut self, voice: Voice) {
        self.forget(voice.at);
        if self.0.len() >= VOICES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(voice);
    }

    /// Drops what lies before the window that ends at `now`.
    pub fn forget(&mut self, now: UnixMillis) {
        let from = now.plus_ms(-REPORTER_WINDOW_MS);
        while self.0.front().is_some_and(|voice| voice.at <= from) {
            self.0.pop_front();
        }
    }

    /// Who stands behind the reports of `slice`.
    pub fn crowd(&self, slice: &Slice) -> Crowd {
        let inside = || self.0.iter().filter(|voice| voice.is_in(slice));
        let reporters = Runs::of(inside().map(|voice| voice.reporter));
        let prefixes = Runs::of(inside().map(|voice| voice.prefix));
        let networks = Runs::of(inside().filter_map(|voice| voice.place.asn));
        Crowd {
            count: reporters.all,
            reporters: reporters.distinct,
            prefixes: prefixes.distinct,
            networks: networks.distinct,
            one_network: networks.most.filter(|_| nearly_all(networks.longest, reporters.all)),
            without_loudest: reporters.all - prefixes.longest,
        }
    }

    /// The prefixes with more than one report, the loudest first.
    pub fn shared_prefixes(&self) -> SharedPrefixes<'_> {
        // Most prefixes send one report: those whose slot is theirs alone need not be sorted.
        let slots = (4 * self.0.len()).next_power_of_two();
        let slot = |voice: &Voice| voice.prefix.0 as usize & (slots - 1);
        let mut heard = vec![0_u8; slots];
        for voice in &self.0 {
            heard[slot(voice)] = heard[slot(voice)].saturating_add(1);
        }
        let crowded = self.0.iter().zip(0..).filter(|(voice, _)| heard[slot(voice)] > 1);
        let mut prefixes: Vec<(PrefixKey, usize)> =
            crowded.map(|(voice, place)| (voice.prefix, place)).collect();
        prefixes.sort_unstable();
        let runs = prefixes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
        let mut shared: Vec<Vec<&Voice>> =
            runs.map(|run| run.iter().map(|(_, place)| &self.0[*place]).collect()).collect();
        shared.sort_by_key(|run| std::cmp::Reverse(run.len()));
        SharedPrefixes(shared)
    }

    /// Whether nearly all reports come from one network, in one pass and without counting all.
    ///
    /// R. S. Boyer, J. S. Moore, "MJRTY: A Fast Majority Vote Algorithm" (1991): only one network
    /// can be left over, and then it is counted.
    pub fn is_one_network(&self) -> bool {
        let (mut leader, mut lead) = (None, 0_u64);
        for asn in self.0.iter().map(|voice| voice.place.asn) {
            match asn {
                _ if lead == 0 => (leader, lead) = (asn, 1),
                asn if asn == leader => lead += 1,
                _ => lead -= 1,
            }
        }
        let votes = self.0.iter().filter(|voice| voice.place.asn == leader).count();
        leader.is_some() && nearly_all(votes as u64, self.0.len() as u64)
    }
}

/// The reports of prefixes that sent more than one, loudest prefix first: asked for many slices at
/// once, where [`Voices::crowd`] would look at every voice for each.
#[derive(Debug)]
pub struct SharedPrefixes<'a>(Vec<Vec<&'a Voice>>);

impl SharedPrefixes<'_> {
    /// Reports of the loudest prefix of `slice` beyond its first: what is left out when a prefix
    /// counts as one voice.
    pub fn repeats(&self, slice: &Slice) -> u64 {
        let mut most = 1;
        for run in &self.0 {
            if run.len() <= most {
                break;
            }
            most = most.max(run.iter().filter(|voice| voice.is_in(slice)).count());
        }
        most as u64 - 1
    }
}

fn nearly_all(part: u64, all: u64) -> bool {
    part as f64 >= ONE_NETWORK_SHARE * all as f64
}

/// Equal values in a crowd: how many there are, and the most frequent.
struct Runs<T> {
    all: u64,
    distinct: u64,
    most: Option<T>,
    longest: u64,
}

impl<T: Ord + Copy> Runs<T> {
    fn of(values: impl Iterator<Item = T>) -> Self {
        let mut values: Vec<T> = values.collect();
        values.sort_unstable();
        let mut runs = Self { all: values.len() as u64, distinct: 0, most: None, longest: 0 };
        for run in values.chunk_by(|a, b| a == b) {
            runs.distinct += 1;
            if run.len() as u64 > runs.longest {
                (runs.most, runs.longest) = (run.first().copied(), run.len() as u64);
            }
        }
        runs
    }
}

impl Crowd {
    /// Whether this crowd may open an incident.
    ///
    /// The loudest prefix counts as one voice here, however many reporters it has.
    pub fn passage(&self) -> Passage {
        if self.reporters < REPORTERS_MIN || self.without_loudest + 1 < REPORTERS_MIN {
            return Passage::Held;
        }
        match self.one_network {
            None => Passage::Public,
            Some(_) if self.networks > 1 && self.prefixes < NETWORK_PREFIXES_MIN => Passage::Held,
            Some(_) if self.prefixes < NETWORK_PREFIXES_ALONE_MIN => Passage::Held,
            Some(asn) => Passage::ScopedTo(asn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::NetworkKind;

    struct Case {
        name: &'static str,
        /// Groups of `(reports, prefixes, asn, network)`.
        groups: &'static [(u64, u64, u32, NetworkKind)],
        expect: Passage,
    }

    use NetworkKind::Access;
    use NetworkKind::Hosting;
    use NetworkKind::Unknown;

    const CASES: &[Case] = &[
        Case { name: "nobody", groups: &[], expect: Passage::Held },
        Case {
            name: "three people are not enough",
            groups: &[(1, 1, 1, Access), (1, 1, 2, Access), (1, 1, 3, Access)],
            expect: Passage::Held,
        },
        Case {
            name: "a few people in different networks are",
            groups: &[(2, 2, 1, Access), (2, 2, 2, Access), (2, 2, 3, Access)],
            expect: Passage::Public,
        },
        Case {
            name: "one prefix never opens",
            groups: &[(200, 1, 1, Access)],
            expect: Passage::Held,
        },
        Case {
            name: "one hosting network never opens, however many prefixes it has",
            groups: &[(200, 150, 9, Hosting)],
            expect: Passage::Held,
        },
        Case {
            name: "a hosting network beside the usual few does not open either",
            groups: &[(200, 150, 9, Hosting), (1, 1, 1, Access), (1, 1, 2, Access)],
            expect: Passage::Held,
        },
        Case {
            name: "one access network with few prefixes is held",
            groups: &[(60, 7, 5, Access)],
            expect: Passage::Held,
        },
        Case {
            name: "a national carrier with eight prefixes opens for itself when it is alone",
            groups: &[(60, 8, 5, Access)],
            expect: Passage::ScopedTo(Asn(5)),
        },
        Case {
            name: "with others beside it, it needs ten",
            groups: &[(60, 8, 5, Access), (1, 1, 6, Access)],
            expect: Passage::Held,
        },
        Case {
            name: "ten prefixes of one network open for that network",
            groups: &[(60, 12, 5, Access), (1, 1, 6, Access)],
            expect: Passage::ScopedTo(Asn(5)),
        },
        Case {
            name: "unknown places count by prefix",
            groups: &[(12, 12, 0, Unknown)],
            expect: Passage::Public,
        },
    ];

    fn voices(groups: &[(u64, u64, u32, NetworkKind)]) -> Voices {
        let mut voices = Voices::default();
        let mut reporter = 0;
        for &(reports, prefixes, asn, network) in groups {
            for i in 0..reports {
                if network == Hosting {
                    continue;
                }
                reporter += 1;
                let asn_known = (asn > 0).then_some(Asn(asn));
                voices.add(Voice {
                    at: UnixMillis(reporter as i64),
                    reporter: ReporterKey(reporter),
                    prefix: PrefixKey(u64::from(asn) * 1_000 + i % prefixes),
                    place: Place { country: None, asn: asn_known, network },
                    component: None,
                    problem: None,
                });
            }
        }
        voices
    }

    #[test]
    fn only_many_voices_pass() {
        for case in CASES {
            let crowd = voices(case.groups).crowd(&Slice::All);
            assert_eq!(crowd.passage(), case.expect, "{}: {crowd:?}", case.name);
        }
    }

    #[test]
    fn repeats_are_what_the_loudest_prefix_adds() {
        for case in CASES {
            let voices = voices(case.groups);
            let shared = voices.shared_prefixes();
            for asn in [1, 2, 5, 6, 9] {
                for slice in [Slice::All, Slice::Network(Asn(asn))] {
                    let crowd = voices.crowd(&slice);
                    let repeats = (crowd.count - crowd.without_loudest).saturating_sub(1);
                    assert_eq!(shared.repeats(&slice), repeats, "{}: {slice:?}", case.name);
                }
            }
        }
    }

    #[test]
    fn what_is_older_than_fifteen_minutes_is_forgotten() {
        let mut voices = voices(&[(10, 10, 1, Access)]);
        voices.forget(UnixMillis(REPORTER_WINDOW_MS + 5));
        assert_eq!(voices.crowd(&Slice::All).count, 5);
    }
}
