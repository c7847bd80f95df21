//! The crowd: curves and mixes become reports, one person at a time.
//!
//! Each curve and each service has its own stream of chance, so that changing one part of a
//! scenario leaves the others as they were.

mod draft;
mod urn;

use std::collections::BTreeMap;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::series::PastHour;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Provenance;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Signal;
use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::time::hour_of_week;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Text;

use crate::crowd::draft::Draft;
use crate::crowd::draft::Drawn;
use crate::crowd::draft::InOrder;
use crate::crowd::urn::Urn;
use crate::dice::Dice;
use crate::scenario::Mix;
use crate::scenario::Reports;
use crate::scenario::Scenario;

/// Longest time after which a report is sent once more.
const REPEAT_WITHIN_MS: u64 = 10 * MINUTE_MS as u64;
/// Steepness of traffic over the ranks of services (Zipf's law).
const ZIPF_EXPONENT: f64 = 1.0;
/// Network prefixes of each country that everyday reports come from.
const EVERYDAY_PREFIXES: u64 = 1_000_000;
/// Access networks of each country in everyday reports.
const EVERYDAY_NETWORKS: u64 = 12;
/// Networks reserved for documentation (RFC 5398): they can be nobody's.
const ASNS: [(u32, u32); 2] = [(64_496, 16), (65_536, 16)];
/// Number of the network in which machines are rented.
const HOSTING: u64 = 31;
/// Number of the first network that has a name.
const NAMED: u64 = 32;

/// Who reports, and what they say.
struct Crowd {
    service: Text,
    source: Text,
    components: Urn<Text>,
    problems: Urn<Text>,
    countries: Urn<Country>,
    /// Named networks; where there are none, `networks` that are nobody's.
    asns: Urn<Asn>,
    networks: u64,
    prefixes: u64,
    reporters: u64,
    repeat_share: f64,
    hosting_share: f64,
    works_share: f64,
    comments: Vec<Text>,
    comment_every: u64,
}

impl Scenario {
    /// All signals, in order of time, the same for the same seed.
    pub fn signals(&self, seed: u64, catalog: &Catalog) -> Vec<Signal> {
        self.in_order(seed, catalog).collect()
    }

    /// The same, given out one by one.
    pub fn in_order(&self, seed: u64, catalog: &Catalog) -> InOrder {
        let mut drawn = Drawn::default();
        let source: Text = format!("scenario:{}", self.id).into();
        for (service, per_minute) in self.everyday_rates(catalog) {
            let mut dice = Dice::new(seed, &["usual", &service.slug]);
            let crowd = self.everyday_crowd(service, source.clone());
            self.spread(crowd, &mut dice, &mut drawn, |at| per_minute * self.rhythm(at));
        }
        for (index, reports) in self.reports.iter().enumerate() {
            let Some(service) = catalog.service(&reports.service) else { continue };
            let mut dice = Dice::new(seed, &["reports", &index.to_string(), &reports.service]);
            let crowd = self.crowd_of(reports, service, source.clone());
            self.spread(crowd, &mut dice, &mut drawn, |at| rate(&reports.points, at));
        }
        let mut dice = Dice::new(seed, &["told"]);
        for told in &self.told {
            let source = if told.source.is_empty() { &source } else { &told.source };
            drawn.tell(Signal {
                id: id(&mut dice),
                at: told.at,
                service: told.service.clone(),
                provenance: Provenance {
                    source: source.clone(),
                    licence: None,
                    synthetic: told.synthetic,
                },
                body: told.body.clone(),
            });
        }
        drawn.in_order()
    }

    /// What the weeks before counted, service by service and hour by hour; made as it is taken.
    pub fn history<'a>(
        &'a self,
        seed: u64,
        catalog: &'a Catalog,
    ) -> impl Iterator<Item = PastHour> + use<'a> {
        let hours = i64::from(self.history_weeks) * 168;
        let until = self.from.hour();
        self.everyday_rates(catalog).into_iter().flat_map(move |(service, per_minute)| {
            let mut dice = Dice::new(seed, &["history", &service.slug]);
            let crowd = self.everyday_crowd(service, Text::default());
            (until - hours..until).map(move |hour| {
                // The level of its middle is the average of an hour that changes evenly.
                let rhythm = self.rhythm(UnixMillis(hour * HOUR_MS + HOUR_MS / 2));
                let total = dice.poisson(per_minute * rhythm * 60.0);
                past_hour(&crowd, hour, total, &mut dice)
            })
        })
    }

    /// Services with usual traffic, and their reports a minute.
    fn everyday_rates<'a>(&'a self, catalog: &'a Catalog) -> Vec<(&'a Service, f64)> {
        let own: BTreeMap<&str, f64> =
            self.usual.iter().map(|usual| (&*usual.service, usual.per_minute)).collect();
        let ranked: Vec<&Service> =
            self.everyday.ranked.iter().filter_map(|slug| catalog.service(slug)).collect();
        let others = catalog.services.values().filter(|service| {
            !own.contains_key(&*service.slug) && !self.everyday.ranked.contains(&service.slug)
        });
        let order: Vec<&Service> = ranked.into_iter().chain(others).collect();
        let weight = |rank: usize| 1.0 / ((rank + 1) as f64).powf(ZIPF_EXPONENT);
        let whole: f64 = (0..order.len()).map(weight).sum();
        let shared =
            order.into_iter().enumerate().filter(|(_, s)| !own.contains_key(&*s.slug)).map(
                |(rank, service)| {
                    (service, self.everyday.per_minute * weight(rank) / whole.max(1e-9))
                },
            );
        let mut rates: Vec<(&Service, f64)> = shared.collect();
        rates.extend(own.iter().filter_map(|(slug, rate)| Some((catalog.service(slug)?, *rate))));
        rates.retain(|(_, rate)| *rate > 0.0);
        rates
    }

    /// Traffic of this moment as a part of the average.
    fn rhythm(&self, at: UnixMillis) -> f64 {
        let slot = hour_of_week(at.hour());
        let weekend = if slot >= 5 * 24 { self.everyday.weekend } else { 1.0 };
        let hour = slot % 24;
        let into = (at.0.rem_euclid(HOUR_MS)) as f64 / HOUR_MS as f64;
        let (now, next) = (self.everyday.day[hour], self.everyday.day[(hour + 1) % 24]);
        weekend * (now + (next - now) * into)
    }

    fn everyday_crowd(&self, service: &Service, source: Text) -> Crowd {
        let own = self.usual.iter().find(|usual| usual.service == service.slug);
        let countries = own.map_or(&self.everyday.countries, |usual| {
            if usual.countries.is_empty() { &self.everyday.countries } else { &usual.countries }
        });
        let empty = Vec::new();
        Crowd {
            service: service.slug.clone(),
            source,
            components: named(own.map_or(&empty, |own| &own.components), &service.components),
            problems: named(own.map_or(&empty, |own| &own.problems), &service.problems),
            countries: places(countries),
            asns: Urn::new(own.into_iter().flat_map(|usual| usual.asns.iter().copied())),
            networks: EVERYDAY_NETWORKS,
            prefixes: EVERYDAY_PREFIXES,
            reporters: 0,
            repeat_share: self.everyday.repeat_share,
            hosting_share: 0.0,
            works_share: 0.0,
            comments: Vec::new(),
            comment_every: u64::MAX,
        }
    }

    fn crowd_of(&self, reports: &Reports, service: &Service, source: Text) -> Crowd {
        let countries = if reports.countries.is_empty() {
            &self.everyday.countries
        } else {
            &reports.countries
        };
        Crowd {
            service: service.slug.clone(),
            source,
            components: named(&reports.components, &service.components),
            problems: named(&reports.problems, &service.problems),
            countries: places(countries),
            asns: Urn::new(reports.asns.iter().copied()),
            networks: reports.networks,
            prefixes: reports.prefixes,
            reporters: reports.reporters,
            repeat_share: reports.repeat_share,
            hosting_share: reports.hosting_share,
            works_share: reports.works_share,
            comments: reports.comments.clone(),
            comment_every: reports.comment_every,
        }
    }

    /// Reports a crowd will send, about.
    fn expected(&self, crowd: &Crowd, per_minute: impl Fn(UnixMillis) -> f64) -> usize {
        let minutes = self.until.since_ms(self.from) / MINUTE_MS;
        let rates = (0..minutes).map(|m| per_minute(self.from.plus_ms(m * MINUTE_MS)));
        (rates.sum::<f64>() * (1.0 + crowd.repeat_share) * 1.02) as usize
    }

    /// Whether a report is never sent, because where it would come from is cut off.
    fn silenced(&self, crowd: &Crowd, draft: &Draft, dice: &mut Dice) -> bool {
        self.silences.iter().any(|silence| {
            let country = crowd.countries.part(draft.country);
            let here = country.is_some_and(|country| silence.countries.contains(country));
            let in_place = silence.countries.is_empty() || here;
            let in_network =
                silence.asns.is_empty() || silence.asns.contains(&crowd.network(draft.network));
            let now = draft.at >= silence.from && draft.at < silence.until;
            now && in_place && in_network && dice.unit() < silence.part
        })
    }

    /// Draws the reports of a crowd, minute by minute.
    fn spread(
        &self,
        crowd: Crowd,
        dice: &mut Dice,
        drawn: &mut Drawn,
        per_minute: impl Fn(UnixMillis) -> f64,
    ) {
        let expected = self.expected(&crowd, &per_minute);
        let number = drawn.begin(expected);
        let mut minute = self.from;
        while minute < self.until {
            let middle = minute.plus_ms(MINUTE_MS / 2);
            for _ in 0..dice.poisson(per_minute(middle)) {
                let at = minute.plus_ms(dice.below(MINUTE_MS as u64) as i64);
                let draft = crowd.draft(number, at, dice);
                if self.silenced(&crowd, &draft, dice) {
                    continue;
                }
                if dice.unit() < crowd.repeat_share {
                    let again = at.plus_ms(dice.below(REPEAT_WITHIN_MS) as i64);
                    if again < self.until {
                        drawn.drafts.push(Draft { id: id(dice), at: again, ..draft });
                    }
                }
                drawn.drafts.push(draft);
            }
            minute = minute.plus_ms(MINUTE_MS);
        }
        drawn.crowds.push(crowd);
    }
}

impl Crowd {
    /// The AS number of a draft's network.
    fn network(&self, number: u8) -> Asn {
        let named = u64::from(number).checked_sub(NAMED).and_then(|n| u16::try_from(n).ok());
        self.asns.part(named).copied().unwrap_or_else(|| asn(number.into()))
    }

    fn draft(&self, crowd: u32, at: UnixMillis, dice: &mut Dice) -> Draft {
        let country = self.countries.draw(dice);
        let home = self.countries.part(country).map_or(0, |country| hash(country.code()));
        let prefix = dice.below(self.prefixes);
        let reporter = match self.reporters {
            0 => dice.next(),
            many => mix(hash(&self.service), dice.below(many)),
        };
        let hosting = dice.unit() < self.hosting_share;
        // A prefix belongs to one network, so that many reports of a network have many prefixes.
        let anybody = (home % 31 + prefix % self.networks) % 31;
        let network = match self.asns.draw(dice) {
            _ if hosting => HOSTING,
            Some(named) => NAMED + u64::from(named),
            None => anybody,
        };
        let home = if network < NAMED { home } else { mix(home, network) };
        let works = dice.unit() < self.works_share;
        let problem = if works { None } else { self.problems.draw(dice) };
        let comment = (dice.below(self.comment_every.max(1)) == 0 && !self.comments.is_empty())
            .then(|| dice.below(self.comments.len() as u64) as u16);
        let id = id(dice);
        let component = self.components.draw(dice);
        Draft {
            at,
            id,
            reporter: ReporterKey(reporter),
            prefix: PrefixKey(mix(home, prefix)),
            crowd,
            country,
            component,
            problem,
            comment,
            network: network as u8,
            works,
        }
    }
}

fn past_hour(crowd: &Crowd, hour: i64, total: u64, dice: &mut Dice) -> PastHour {
    PastHour {
        service: crowd.service.clone(),
        hour,
        total,
        components: crowd.components.shared_out(total, dice),
        problems: crowd.problems.shared_out(total, dice),
        countries: crowd.countries.shared_out(total, dice),
    }
}

/// Reports a minute of a curve at a moment.
fn rate(points: &[(UnixMillis, f64)], at: UnixMillis) -> f64 {
    let after = points.partition_point(|(time, _)| *time <= at);
    let (Some((from, low)), Some((until, high))) =
        (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after))
    else {
        return 0.0;
    };
    let part = at.since_ms(*from) as f64 / until.since_ms(*from).max(1) as f64;
    low + (high - low) * part
}

/// A mix, or the order of the catalogue: the first listed is named most.
fn named(mix: &Mix, listed: &[Text]) -> Urn<Text> {
    if mix.is_empty() {
        let parts = listed.iter().enumerate();
        return Urn::new(parts.map(|(rank, name)| (name.clone(), 1.0 / (rank + 1) as f64)));
    }
    Urn::new(mix.iter().cloned())
}

fn places(mix: &Mix) -> Urn<Country> {
    Urn::new(mix.iter().filter_map(|(code, part)| Some((Country::parse(code)?, *part))))
}

fn asn(network: u64) -> Asn {
    let [(first, many), (second, _)] = ASNS;
    let network = u32::try_from(network % 32).unwrap_or(0);
    Asn(if network < many { first + network } else { second + network - many })
}

fn id(dice: &mut Dice) -> u128 {
    u128::from(dice.next()) << 64 | u128::from(dice.next())
}

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One key of two.
fn mix(a: u64, b: u64) -> u64 {
    let mut dice = Dice::new(a ^ b.rotate_left(32), &[]);
    dice.next()
}

#[cfg(test)]
mod tests {
    use outcry_core::signal::Body;
    use outcry_core::signal::Problem;
    use outcry_core::signal::Report;

    use super::*;

    const FRAME: &str = "id = \"s\"\ntitle = \"S\"\nfrom = 2025-03-10T00:00:00Z\n\
                         until = 2025-03-11T00:00:00Z\n[[service]]\nslug = \"a\"\n\
                         components = [\"app\", \"web\"]\nproblems = [\"slow\"]\n";
    const USUAL: &str = "[[usual]]\nservice = \"a\"\nper_minute = 6\n\
                         components = { app = 3, web = 1 }\n";
    const CURVE: &str = "[[reports]]\nservice = \"a\"\nworks_share = 0.5\n\
                         points = { \"09:00\" = 0, \"09:10\" = 60, \"09:20\" = 0 }\n";

    fn told(blocks: &str) -> (Scenario, Catalog, Vec<Signal>) {
        let scenario = Scenario::parse("s", &format!("{FRAME}{blocks}")).expect("well formed");
        let catalog = scenario.catalog(&Catalog::default());
        let signals = scenario.signals(7, &catalog);
        (scenario, catalog, signals)
    }

    fn reports(signals: &[Signal]) -> impl Iterator<Item = &Report> {
        signals.iter().filter_map(|signal| match &signal.body {
            Body::Report(report) => Some(report),
            _ => None,
        })
    }

    #[test]
    fn a_curve_is_straight_between_points_and_nothing_outside() {
        let points = [(0, 0.0), (10, 60.0), (30, 20.0)]
            .map(|(minute, rate)| (UnixMillis(minute * MINUTE_MS), rate));
        for (minute, want) in [(-1, 0.0), (5, 30.0), (10, 60.0), (20, 40.0), (30, 0.0), (31, 0.0)] {
            let found = rate(&points, UnixMillis(minute * MINUTE_MS));
            assert!((found - want).abs() < 1e-9, "minute {minute}: {found}");
        }
    }

    #[test]
    fn a_curve_is_as_many_reports_as_the_area_under_it() {
        let (_, _, signals) = told(CURVE);
        let works = reports(&signals).filter(|report| report.problem == Problem::Works).count();
        assert!((540..=660).contains(&signals.len()), "{} of 600", signals.len());
        assert!((240..=360).contains(&works), "{works} of 300");
        let (first, last) = (signals[0].at, signals[signals.len() - 1].at);
        assert!(first.since_ms(last) > -20 * MINUTE_MS, "{first} to {last}");
    }

    #[test]
    fn one_part_of_a_scenario_leaves_the_others_as_they_were() {
        let (_, _, alone) = told(USUAL);
        let (_, _, together) = told(&format!("{USUAL}{CURVE}"));
        let kept: std::collections::BTreeSet<u128> = together.iter().map(|s| s.id).collect();
        assert!(alone.iter().all(|signal| kept.contains(&signal.id)));
        assert!(together.len() > alone.len() + 500);
    }

    #[test]
    fn the_weeks_before_are_like_the_day() {
        let (scenario, catalog, signals) = told(USUAL);
        let first = scenario.from.hour();
        let weeks = f64::from(scenario.history_weeks);
        for (begin, end) in [(0, 6), (6, 12), (12, 18), (18, 24)] {
            let in_span = |hour: i64| (begin..end).contains(&(hour - first).rem_euclid(168));
            let before = scenario.history(7, &catalog).filter(|past| in_span(past.hour));
            let usual = before.map(|past| past.total).sum::<u64>() as f64 / weeks;
            let today = signals.iter().filter(|signal| in_span(signal.at.hour())).count() as f64;
            assert!((today / usual - 1.0).abs() < 0.08, "{begin} to {end}: {today}, {usual}");
        }
        let app = reports(&signals).filter(|r| r.component.as_deref() == Some("app")).count();
        let share = app as f64 / signals.len() as f64;
        assert!((share - 0.75).abs() < 0.02, "{share}");
    }
}
