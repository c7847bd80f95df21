//! What is observed besides reports, boiled down as it comes.
//!
//! A vantage point that finds a service well every minute of a month says one thing, not 43,200.
//! Observations are kept as **spells**: the same finding by the same observer, from its first time
//! to its last, with a count. A healthy service costs one spell a vantage point, and an outage as
//! many as it has changes. Case files freeze spells as their facts.
//!
//! # Limits
//!
//! Each kind keeps [`SPELLS_MAX`] spells a service, and nothing whose end lies further back than
//! [`KEPT_MS`]. The oldest go first, and how many went is counted.
//!
//! # What it cannot tell
//!
//! What lay between two observations. A spell bridges a gap of at most [`BRIDGE_MS`].

pub mod symptom;
pub mod traffic;

use crate::observe::symptom::Symptom;
use crate::observe::traffic::FlowSpell;
use crate::observe::traffic::LogSpell;
use crate::signal::Body;
use crate::signal::Notice;
use crate::signal::Provenance;
use crate::signal::Route;
use crate::signal::RouteChange;
use crate::signal::Signal;
use crate::signal::probe::AddressFamily;
use crate::signal::probe::Probe;
use crate::signal::probe::References;
use crate::signal::said::Testimony;
use crate::time::DAY_MS;
use crate::time::HOUR_MS;
use crate::time::UnixMillis;
use crate::units::Asn;
use crate::units::Place;
use crate::units::Text;

/// Spells of one kind that are kept for a service.
pub const SPELLS_MAX: usize = 512;
/// Notices and testimonies that are kept for a service.
pub const TOLD_MAX: usize = 64;
/// How long an observation is kept after it was last made.
pub const KEPT_MS: i64 = 7 * DAY_MS;
/// Longest gap that a spell bridges.
pub const BRIDGE_MS: i64 = 2 * HOUR_MS;
/// A round that began later than planned by more than this tells nothing.
pub const LAG_MS_MAX: f64 = 5_000.0;
/// Characters of a text that are kept: notices can be as long as their authors like.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Networks of a path that are kept, nearest to the origin.
pub const PATH_MAX: usize = 8;

/// One vantage point, one component, one finding, from its first time to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeSpell {
    /// First time.
    pub from: UnixMillis,
    /// Last time.
    pub until: UnixMillis,
    /// How often.
    pub count: u32,
    /// Name of the vantage point.
    pub vantage: Text,
    /// Where it stands.
    pub place: Place,
    /// The component that was tried.
    pub component: Option<Text>,
    /// How it was tried: `http`, `tcp`, …
    pub kind: Text,
    /// What was found.
    pub symptom: Symptom,
    /// The first detail, such as `503`.
    pub detail: Option<Text>,
    /// Made by a generator.
    pub synthetic: bool,
}

/// The same change of one route, from its first time to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteSpell {
    /// First time.
    pub from: UnixMillis,
    /// Last time.
    pub until: UnixMillis,
    /// How many peers or updates said so.
    pub count: u32,
    /// The prefix in CIDR form.
    pub prefix: Text,
    /// Announced or withdrawn.
    pub change: RouteChange,
    /// The network that originates it.
    pub origin: Option<Asn>,
    /// Networks on the way, at most [`PATH_MAX`], nearest to the origin.
    pub path: Vec<Asn>,
    /// Smallest share of full-feed peers that saw the prefix after the change.
    pub visibility: Option<f64>,
    /// Made by a generator.
    pub synthetic: bool,
}

/// One state of a notice, as it was first told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeTold {
    /// When.
    pub at: UnixMillis,
    /// What was told.
    pub notice: Notice,
    /// Made by a generator.
    pub synthetic: bool,
}

/// A testimony, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestimonyTold {
    /// When.
    pub at: UnixMillis,
    /// What was told.
    pub testimony: Testimony,
    /// Where it was published.
    pub source: Text,
    /// Made by a generator.
    pub synthetic: bool,
}

/// Everything observed about one service besides reports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Findings of vantage points.
    pub probes: Vec<ProbeSpell>,
    /// Changes of routes.
    pub routes: Vec<RouteSpell>,
    /// Windows of traffic.
    pub flows: Vec<FlowSpell>,
    /// Windows of access logs.
    pub logs: Vec<LogSpell>,
    /// What the operator told.
    pub notices: Vec<NoticeTold>,
    /// What third parties told.
    pub testimony: Vec<TestimonyTold>,
    /// Spells that had to go before their time.
    pub dropped: u64,
}

impl Observed {
    /// Takes a signal in order of time. Returns whether it is of a kind that is kept here.
    pub fn take(&mut self, signal: &Signal) -> bool {
        let (at, by) = (signal.at, &signal.provenance);
        match &signal.body {
            Body::Probe(probe) if tells(probe) => self.take_probe(at, by, probe),
            Body::Probe(_) => return true,
            Body::Route(route) => self.take_route(at, by, route),
            Body::Flow(flow) => {
                FlowSpell::take(&mut self.flows, at, by, flow);
                self.dropped += shed(&mut self.flows, SPELLS_MAX, at, |spell| spell.until);
            }
            Body::Log(log) => {
                LogSpell::take(&mut self.logs, at, by, log);
                self.dropped += shed(&mut self.logs, SPELLS_MAX, at, |spell| spell.until);
            }
            Body::Notice(notice) => self.take_notice(at, by, notice),
            Body::Testimony(testimony) => self.take_testimony(at, by, testimony),
            _ => return false,
        }
        true
    }

    fn take_probe(&mut self, at: UnixMillis, by: &Provenance, probe: &Probe) {
        let symptom = Symptom::of(probe);
        let last = self.probes.iter_mut().rev().find(|spell| {
            // Most differ in the component.
            spell.component == probe.component
                && spell.vantage == probe.vantage
                && spell.kind == probe.kind
        });
        if let Some(spell) = last
            && spell.symptom == symptom
            && at.since_ms(spell.until) <= BRIDGE_MS
        {
            spell.until = spell.until.max(at);
            spell.count = spell.count.saturating_add(1);
            spell.synthetic |= by.synthetic;
            return;
        }
        self.probes.push(ProbeSpell {
            from: at,
            until: at,
            count: 1,
            vantage: probe.vantage.clone(),
            place: probe.place,
            component: probe.component.clone(),
            kind: probe.kind.clone(),
            symptom,
            detail: probe.detail.as_ref().map(cut),
            synthetic: by.synthetic,
        });
        self.dropped += shed(&mut self.probes, SPELLS_MAX, at, |spell| spell.until);
    }

    fn take_route(&mut self, at: UnixMillis, by: &Provenance, route: &Route) {
        let skip = route.path.len().saturating_sub(PATH_MAX);
        let path = &route.path[skip..];
        let last = self.routes.iter_mut().rev().find(|spell| spell.prefix == route.prefix);
        if let Some(spell) = last
            && (spell.change, spell.origin) == (route.change, route.origin)
            && spell.path == path
            && at.since_ms(spell.until) <= BRIDGE_MS
        {
            spell.until = spell.until.max(at);
            spell.count = spell.count.saturating_add(1);
            spell.visibility = least(spell.visibility, route.visibility);
            spell.synthetic |= by.synthetic;
            return;
        }
        self.routes.push(RouteSpell {
            from: at,
            until: at,
            count: 1,
            prefix: route.prefix.clone(),
            change: route.change,
            origin: route.origin,
            path: path.to_vec(),
            visibility: route.visibility,
            synthetic: by.synthetic,
        });
        self.dropped += shed(&mut self.routes, SPELLS_MAX, at, |spell| spell.until);
    }

    fn take_notice(&mut self, at: UnixMillis, by: &Provenance, notice: &Notice) {
        let notice = Notice {
            notice: notice.notice.clone(),
            title: cut(&notice.title),
            state: notice.state.clone(),
            impact: notice.impact.clone(),
            text: cut(&notice.text),
            starts: notice.starts,
            ends: notice.ends,
        };
        if self.notices.iter().any(|told| told.notice == notice) {
            return;
        }
        self.notices.push(NoticeTold { at, notice, synthetic: by.synthetic });
        self.dropped += shed(&mut self.notices, TOLD_MAX, at, |told| told.at);
    }

    fn take_testimony(&mut self, at: UnixMillis, by: &Provenance, testimony: &Testimony) {
        let testimony = Testimony { text: cut(&testimony.text), ..testimony.clone() };
        let source = by.source.clone();
        self.testimony.push(TestimonyTold { at, testimony, source, synthetic: by.synthetic });
        self.dropped += shed(&mut self.testimony, TOLD_MAX, at, |told| told.at);
    }

    /// What was measured from `from` on and before `until`, and what was told up to `until`: a case
    /// file that is frozen because somebody spoke has these words in it.
    pub fn within(&self, from: UnixMillis, until: UnixMillis) -> Self {
        let overlaps = |a: UnixMillis, b: UnixMillis| b >= from && a < until;
        let told = |at: UnixMillis| at >= from && at <= until;
        Self {
            probes: kept(&self.probes, |spell| overlaps(spell.from, spell.until)),
            routes: kept(&self.routes, |spell| overlaps(spell.from, spell.until)),
            flows: kept(&self.flows, |spell| overlaps(spell.from, spell.until)),
            logs: kept(&self.logs, |spell| overlaps(spell.from, spell.until)),
            notices: kept(&self.notices, |it| told(it.at)),
            testimony: kept(&self.testimony, |it| told(it.at)),
            dropped: self.dropped,
        }
    }

    /// Whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.probes.is_empty()
            && self.routes.is_empty()
            && self.flows.is_empty()
            && self.logs.is_empty()
            && self.notices.is_empty()
            && self.testimony.is_empty()
    }

    /// Whether any of it was made by a generator.
    pub fn is_synthetic(&self) -> bool {
        self.probes.iter().any(|spell| spell.synthetic)
            || self.routes.iter().any(|spell| spell.synthetic)
            || self.flows.iter().any(|spell| spell.synthetic)
            || self.logs.iter().any(|spell| spell.synthetic)
            || self.notices.iter().any(|told| told.synthetic)
            || self.testimony.iter().any(|told| told.synthetic)
    }
}

/// Whether a round says anything about the service: a vantage point that was late or is cut off
/// does not, and where IPv6 alone fails, most people are served by IPv4 and see nothing.
fn tells(probe: &Probe) -> bool {
    probe.lag_ms.is_none_or(|lag_ms| lag_ms <= LAG_MS_MAX)
        && probe.references != Some(References::Failed)
        && probe.family != Some(AddressFamily::V6)
}

fn kept<T: Clone>(list: &[T], keep: impl Fn(&T) -> bool) -> Vec<T> {
    list.iter().filter(|item| keep(item)).cloned().collect()
}

/// Drops what is too old, and the oldest of what is too much. Returns how many went too early.
fn shed<T>(
    list: &mut Vec<T>,
    most: usize,
    now: UnixMillis,
    until: impl Fn(&T) -> UnixMillis,
) -> u64 {
    if list.len() <= most {
        return 0;
    }
    list.retain(|item| now.since_ms(until(item)) <= KEPT_MS);
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
    surplus as u64
}

/// The smaller of two numbers that may not be known.
fn least(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    }
}

/// The text, cut at [`TEXT_CHARS_MAX`] characters.
fn cut(text: &Text) -> Text {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => text[..end].into(),
        None => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::probe::ProbeOutcome;

    fn probe(minute: i64, vantage: &str, outcome: ProbeOutcome) -> Signal {
        Signal {
            id: minute as u128,
            at: UnixMillis(minute * 60_000),
            service: "x".into(),
            provenance: Provenance::default(),
            body: Body::Probe(Probe {
                phase: (outcome == ProbeOutcome::Failed).then(|| "connect".into()),
                ..Probe::new(vantage.into(), "http".into(), outcome)
            }),
        }
    }

    #[test]
    fn a_healthy_vantage_point_is_one_spell_and_an_outage_makes_two_more() {
        let mut observed = Observed::default();
        for minute in 0..300 {
            let failed = (100..110).contains(&minute);
            let outcome = if failed { ProbeOutcome::Failed } else { ProbeOutcome::Ok };
            assert!(observed.take(&probe(minute, "fra", outcome)));
            assert!(observed.take(&probe(minute, "iad", ProbeOutcome::Ok)));
        }
        let of = |name: &str| -> Vec<(u32, Symptom)> {
            let spells = observed.probes.iter().filter(|spell| &*spell.vantage == name);
            spells.map(|spell| (spell.count, spell.symptom)).collect()
        };
        assert_eq!(of("iad"), [(300, Symptom::Fine)]);
        assert_eq!(
            of("fra"),
            [(100, Symptom::Fine), (10, Symptom::ConnectTimeout), (190, Symptom::Fine)]
        );
    }

    #[test]
    fn a_flapping_service_fills_no_memory_and_what_goes_is_counted() {
        let mut observed = Observed::default();
        for minute in 0..4_000 {
            let outcome = if minute % 2 == 0 { ProbeOutcome::Ok } else { ProbeOutcome::Failed };
            observed.take(&probe(minute, "fra", outcome));
        }
        assert_eq!(observed.probes.len(), SPELLS_MAX);
        assert_eq!(observed.dropped, 4_000 - SPELLS_MAX as u64);
    }

    #[test]
    fn a_window_holds_what_overlaps_it() {
        let mut observed = Observed::default();
        for minute in 0..60 {
            observed.take(&probe(minute, "fra", ProbeOutcome::Ok));
        }
        let within = |from: i64, until: i64| {
            observed.within(UnixMillis(from * 60_000), UnixMillis(until * 60_000)).probes.len()
        };
        assert_eq!((within(10, 20), within(59, 70), within(60, 70), within(-5, 0)), (1, 1, 0, 0));
    }

    #[test]
    fn what_is_told_at_the_end_of_a_window_is_in_it() {
        let mut observed = Observed::default();
        let told = Testimony {
            class: "named_expert".into(),
            speaker_role: "an engineer".into(),
            text: "It was a change.".into(),
            supports: Some("bad_change".into()),
            denies: None,
            origin: None,
        };
        let signal = Signal { body: Body::Testimony(told), ..probe(20, "", ProbeOutcome::Ok) };
        observed.take(&signal);
        let within = |from: i64, until: i64| {
            observed.within(UnixMillis(from * 60_000), UnixMillis(until * 60_000)).testimony.len()
        };
        assert_eq!((within(0, 19), within(0, 20), within(20, 30), within(21, 30)), (0, 1, 1, 0));
    }
}
