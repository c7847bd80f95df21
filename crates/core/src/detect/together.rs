//! Across services: what do those have in common that have trouble at the same time?
//!
//! # Idea
//!
//! A *unit* is one service as a whole, in one country, in one network, or through one client. Each
//! unit has an e-value for a fixed window of 30 minutes: how many times better "more than usual"
//! explains its count than "usual". Under the null its mean is at most one, however the services
//! depend on each other, and so is the mean over any group of units.
//!
//! # Finding
//!
//! A group is a finding when the mean e-value of its units reaches `groups / α`. `α` follows from
//! the one setting that people have: by chance at most one finding in `run_length_days` on average.
//! Each e-value is cut at a third of what the whole group needs, which keeps its mean at most one
//! and means that three services at least must carry a finding: one that fails alone is no pattern.
//!
//! # Naming
//!
//! That something in a group has trouble does not make the group the reason. Its factor is named
//! only when its units are *enriched*: more of them are up than of the units outside it, by
//! Fisher's exact test (see [`enrich`]). The factor that explains most is named first; the services
//! it explains are then taken out of all other groups, and what is left must stand by itself. So a
//! cloud that takes half of a category with it is named, and the category is not.
//!
//! # What it cannot tell
//!
//! That a shared factor is the cause: services that share a provider also share customers, hours
//! and fashions. Nor anything about a factor that the catalogue does not state.
//!
//! # References
//!
//! - V. Vovk, R. Wang, "E-values: Calibration, combination and applications", Annals of Statistics
//!   49 (2021): the mean of e-values is an e-value under any dependence.
//! - R. A. Fisher, "Statistical Methods for Research Workers", section 21.02 (1934).

pub mod enrich;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::detect::count::CountDetector;
use crate::detect::count::Null;
use crate::detect::together::enrich::ln_enrichment;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::Country;
use crate::units::Text;

/// Length of a window.
pub const WINDOW_MS: i64 = 30 * MINUTE_MS;
/// Minutes in a window.
pub const WINDOW_MINUTES: f64 = 30.0;
/// Services that must carry a finding. Smaller groups are not looked at.
pub const SERVICES_MIN: u32 = 3;
/// E-value from which a unit counts as up: by Markov's inequality at most one in a hundred by
/// chance.
pub const UP_E_VALUE: f64 = 100.0;
/// A factor is named when its enrichment has at most this probability, shared among all groups.
const ENRICHED_P_MAX: f64 = 0.01;
/// Components that are ways to reach a service rather than parts of it.
pub const CLIENTS: [&str; 5] = ["mobile_app", "web", "desktop_app", "console", "browser_extension"];
/// Services that a finding lists.
pub const SERVICES_LISTED_MAX: usize = 24;

/// What services may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// A service that they publicly depend on, itself among them.
    Provider(Text),
    /// Their kind.
    Category(Text),
    /// The country their reports come from.
    Country(Country),
    /// The network their reports come from.
    Network(Asn),
    /// The client their reports are about, such as `mobile_app`.
    Client(Text),
}

/// Which units a factor sorts into groups: all others of them are what a group is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Units {
    /// Services as a whole.
    Services,
    /// Services by country.
    Countries,
    /// Services by network.
    Networks,
    /// Services by client.
    Clients,
}

impl Factor {
    /// The units that this factor groups.
    pub fn units(&self) -> Units {
        match self {
            Self::Provider(_) | Self::Category(_) => Units::Services,
            Self::Country(_) => Units::Countries,
            Self::Network(_) => Units::Networks,
            Self::Client(_) => Units::Clients,
        }
    }
}

/// Whether a finding's factor may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its members are enriched: it sets them apart from the others.
    Named,
    /// Members have trouble, and so have others: it explains nothing.
    Unnamed,
}

/// A group of services that have trouble at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What they have in common.
    pub factor: Factor,
    /// Whether that may be said to set them apart.
    pub standing: Standing,
    /// When the mean e-value first reached its threshold.
    pub opened_at: UnixMillis,
    /// Nothing later than this is in it.
    pub as_of: UnixMillis,
    /// When a whole window had passed without it; `None` while it holds.
    pub closed_at: Option<UnixMillis>,
    /// The largest mean e-value of its members.
    pub e_value: f64,
    /// What it had to reach: the number of groups over `α`.
    pub threshold: f64,
    /// Members of the group.
    pub members: u32,
    /// Members that are up.
    pub up: u32,
    /// Units of the same kind outside the group.
    pub others: u32,
    /// Of those, how many are up.
    pub others_up: u32,
    /// Probability of so many members among those that are up, if the factor meant nothing.
    pub p_value: f64,
    /// Slugs of the services that are up, strongest first, at most [`SERVICES_LISTED_MAX`].
    pub services: Vec<Text>,
}

/// Reports name one service, its probes are green, and a related one is in danger: people may be
/// blaming the wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spillover {
    /// The related service that is in danger.
    pub in_danger: Text,
    /// What relates the two.
    pub relation: Factor,
    /// When this first held.
    pub since: UnixMillis,
}

/// What is known about an incident from other services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peers {
    /// Findings that the service was part of while the incident was open, newest last.
    pub findings: Vec<Finding>,
    /// Whether its reports may belong to another service.
    pub spillover: Option<Spillover>,
}

/// Groups that are looked at, and how many units there are to compare with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Members of each group.
    pub members: BTreeMap<Factor, u32>,
    /// Units of each kind.
    pub pools: BTreeMap<Units, u32>,
}

/// A unit with an e-value above one, in a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// The service, by its number.
    pub service: usize,
    /// Its e-value in this window.
    pub e_value: f64,
}

/// A group that reached its threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// The factor.
    pub factor: Factor,
    /// Whether it may be named.
    pub standing: Standing,
    /// Mean e-value, each cut at a third of what the group needs.
    pub e_value: f64,
    /// What it had to reach.
    pub threshold: f64,
    /// Members, members up, others, others up.
    pub table: [u32; 4],
    /// See [`Finding::p_value`].
    pub p_value: f64,
    /// Services that are up, strongest first.
    pub services: Vec<usize>,
}

/// The e-value of `count` reports in a window, or so far in it, under `null`.
///
/// It rises with the count, so that a look before the end of the window only anticipates.
pub fn e_value(null_per_minute: f64, dispersion: f64, count: u32) -> f64 {
    let mut detector = CountDetector::default();
    detector.begin(Null { per_minute: null_per_minute, dispersion, tick_minutes: WINDOW_MINUTES });
    detector.add_many(count);
    detector.peek()
}

/// The groups that reached their threshold, those that are named first.
///
/// `units` are the units with an e-value above one, by group; all others count as zero, which only
/// lowers a mean. `run_length_days` is the mean time between findings that chance may cause.
pub fn crossings(
    groups: &Groups,
    units: &BTreeMap<Factor, Vec<Unit>>,
    run_length_days: f64,
) -> Vec<Crossing> {
    let looked = groups.members.values().filter(|members| **members >= SERVICES_MIN).count() as f64;
    let windows = run_length_days * 1_440.0 / WINDOW_MINUTES;
    let judge = Judge { groups, threshold: looked * windows, p_max: ENRICHED_P_MAX / looked };
    let mut explained = BTreeSet::new();
    let mut left: Vec<&Factor> = units.keys().collect();
    let mut found = Vec::new();
    loop {
        let up = judge.up(units, &explained);
        left.retain(|factor| judge.looks(factor, &units[*factor], &explained).is_some());
        let crossed = |factor: &&Factor| judge.cross(factor, &units[*factor], &up, &explained);
        let best = left.iter().filter_map(crossed).min_by(|a, b| a.order(b));
        match best {
            Some(best) if best.standing == Standing::Named => {
                explained.extend(best.services.iter().copied());
                left.retain(|factor| **factor != best.factor);
                found.push(best);
            }
            _ => {
                found.extend(left.iter().filter_map(crossed));
                return found;
            }
        }
    }
}

impl Crossing {
    /// Most surprising enrichment first; then by factor, so that the order never depends on chance.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |c: &Self| (c.standing == Standing::Unnamed, c.p_value);
        let ((a, p), (b, q)) = (rank(self), rank(other));
        a.cmp(&b).then(p.total_cmp(&q)).then_with(|| self.factor.cmp(&other.factor))
    }
}

struct Judge<'a> {
    groups: &'a Groups,
    threshold: f64,
    p_max: f64,
}

impl Judge<'_> {
    /// Units that are up and not explained yet, by kind.
    fn up(
        &self,
        units: &BTreeMap<Factor, Vec<Unit>>,
        explained: &BTreeSet<usize>,
    ) -> BTreeMap<Units, u32> {
        let mut seen: BTreeSet<(Units, usize, Option<&Factor>)> = BTreeSet::new();
        for (factor, members) in units {
            // A service as a whole is in several groups and is one unit; elsewhere each group has
            // units of its own.
            let kind = factor.units();
            let own = (kind != Units::Services).then_some(factor);
            for unit in members.iter().filter(|unit| unit.e_value >= UP_E_VALUE) {
                if !explained.contains(&unit.service) {
                    seen.insert((kind, unit.service, own));
                }
            }
        }
        let mut up = BTreeMap::new();
        for (kind, _, _) in seen {
            *up.entry(kind).or_default() += 1;
        }
        up
    }

    /// The mean e-value of a group that reaches its threshold.
    fn looks(&self, factor: &Factor, units: &[Unit], explained: &BTreeSet<usize>) -> Option<f64> {
        let members = *self.groups.members.get(factor)?;
        if members < SERVICES_MIN {
            return None;
        }
        let needed = self.threshold * f64::from(members);
        let most = needed / f64::from(SERVICES_MIN);
        let own = units.iter().filter(|unit| !explained.contains(&unit.service));
        let sum: f64 = own.map(|unit| unit.e_value.min(most)).sum();
        (sum >= needed * (1.0 - 1e-9)).then(|| sum / f64::from(members))
    }

    fn cross(
        &self,
        factor: &Factor,
        units: &[Unit],
        up: &BTreeMap<Units, u32>,
        explained: &BTreeSet<usize>,
    ) -> Option<Crossing> {
        let e_value = self.looks(factor, units, explained)?;
        let mut own: Vec<Unit> = units
            .iter()
            .copied()
            .filter(|unit| unit.e_value >= UP_E_VALUE && !explained.contains(&unit.service))
            .collect();
        own.sort_by(|a, b| b.e_value.total_cmp(&a.e_value).then(a.service.cmp(&b.service)));
        let kind = factor.units();
        let members = self.groups.members.get(factor).copied().unwrap_or_default();
        let members_up = own.len() as u32;
        let pool = self.groups.pools.get(&kind).copied().unwrap_or_default();
        let others = pool.saturating_sub(members);
        let others_up = up.get(&kind).copied().unwrap_or_default().saturating_sub(members_up);
        let table = [members, members_up, others, others_up];
        let ln_p = ln_enrichment(table);
        let named = members_up >= SERVICES_MIN && ln_p <= self.p_max.ln();
        Some(Crossing {
            factor: factor.clone(),
            standing: if named { Standing::Named } else { Standing::Unnamed },
            e_value,
            threshold: self.threshold,
            table,
            p_value: ln_p.exp(),
            services: own.iter().map(|unit| unit.service).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: f64 = 100.0;

    /// 100 services in ten categories of ten; `cloud` carries the first eight of each of the
    /// categories 0 and 1.
    fn world(up: &[usize]) -> Vec<Crossing> {
        let mut groups = Groups::default();
        let mut units: BTreeMap<Factor, Vec<Unit>> = BTreeMap::new();
        let of = |service: usize| {
            let mut factors = vec![Factor::Category(format!("c{}", service / 10).into())];
            if service < 20 && service % 10 < 8 {
                factors.push(Factor::Provider("cloud".into()));
            }
            factors
        };
        groups.pools.insert(Units::Services, 100);
        for service in 0..100 {
            for factor in of(service) {
                *groups.members.entry(factor.clone()).or_default() += 1;
                if up.contains(&service) {
                    let e_value = 1e30 / (1.0 + service as f64);
                    units.entry(factor).or_default().push(Unit { service, e_value });
                }
            }
        }
        crossings(&groups, &units, DAYS)
    }

    fn named(found: &[Crossing]) -> Vec<&Factor> {
        let named = found.iter().filter(|c| c.standing == Standing::Named);
        named.map(|c| &c.factor).collect()
    }

    #[test]
    fn a_service_that_fails_alone_is_no_pattern() {
        assert_eq!(world(&[3]), []);
        assert_eq!(world(&[3, 4]), [], "two are still chance");
    }

    #[test]
    fn the_provider_is_named_and_the_categories_it_runs_through_are_not() {
        let found = world(&[0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
        assert_eq!(named(&found), [&Factor::Provider("cloud".into())], "{found:?}");
        assert_eq!(found[0].services.len(), 12);
        assert_eq!(found[0].table, [16, 12, 84, 0]);
    }

    #[test]
    fn a_category_is_named_beside_the_provider_when_it_fails_beyond_it() {
        let found = world(&[0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 40, 41, 42, 43, 44, 45]);
        let category = Factor::Category("c4".into());
        assert_eq!(named(&found), [&Factor::Provider("cloud".into()), &category], "{found:?}");
    }

    #[test]
    fn trouble_everywhere_names_nothing() {
        let all: Vec<usize> = (0..100).filter(|service| service % 2 == 0).collect();
        let found = world(&all);
        assert!(!found.is_empty(), "the groups are findings");
        assert!(named(&found).is_empty(), "{found:?}");
    }

    #[test]
    fn the_e_value_of_a_window_has_mean_one_at_most_and_rises_with_the_count() {
        // Probabilities of the negative binomial by their recurrence.
        for (mean, dispersion) in [(0.02, 1.1), (0.4, 1.1), (3.0, 1.5)] {
            let r = mean * WINDOW_MINUTES / (dispersion - 1.0);
            let p = 1.0 / dispersion;
            let (mut mass, mut sum, mut last) = (f64::powf(p, r), 0.0, 0.0);
            for count in 0..1_000_u32 {
                let e = e_value(mean, dispersion, count);
                assert!(e >= last, "{e} after {last}");
                (sum, last) = (sum + mass * e, e);
                mass *= (f64::from(count) + r) / f64::from(count + 1) * (1.0 - p);
            }
            assert!(sum <= 1.000_001, "mean {mean}: {sum}");
        }
    }
}
