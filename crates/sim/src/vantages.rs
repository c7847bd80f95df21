//! Vantage points that look at one service: honest ones, liars and those that are cut off, with the
//! rounds that the engine asks for out of turn.
//!
//! The loop is closed: what the engine asks for is done a moment later, as agents do it.
//!
//! # What it cannot tell
//!
//! How often real networks fail, and whether they fail together. Losses are thrown one by one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Category;
use outcry_core::catalog::Service;
use outcry_core::engine::Action;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;

use crate::dice::Dice;

/// When a simulation begins: any time would do.
const BEGIN: UnixMillis = UnixMillis(1_741_564_800_000);
/// Rounds that are asked for out of turn: so long after it was asked, in milliseconds.
const RECHECK_MS: [i64; 3] = [0, 5_000, 15_000];
/// From the end of a probe to the engine and back to an agent, in milliseconds, at most.
const WAY_MS_MAX: u64 = 500;
/// The slug of the service.
const SERVICE: &str = "watched";

/// What kind of vantage point it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nature {
    /// It tells what it sees.
    Honest,
    /// It says that everything fails, its reference targets apart.
    SaysFails,
    /// It says that everything works.
    SaysWorks,
    /// It says anything.
    SaysAnything,
    /// It loses its network for a while, and its reference targets tell.
    CutOff,
}

/// One vantage point.
#[derive(Clone, Copy, Debug)]
pub struct Vantage {
    /// Where it stands.
    pub country: Country,
    /// In which network.
    pub asn: Asn,
    /// What kind it is.
    pub nature: Nature,
}

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who looks.
    pub vantages: Vec<Vantage>,
    /// Seconds between two rounds of one of them.
    pub interval_s: i64,
    /// Minutes in all.
    pub minutes: i64,
    /// The part of rounds that fail by chance.
    pub loss: f64,
    /// Minutes from and until the service fails, if it does.
    pub fails: Option<(i64, i64)>,
    /// Where it fails: there, or everywhere.
    pub fails_in: Option<Country>,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Run {
    /// Incidents as they stood at the end.
    pub incidents: Vec<Incident>,
    /// Seconds from the onset to the first incident that opened after it.
    pub decided_after_s: Option<f64>,
    /// Rounds in all, and the most that reached the service in one minute.
    pub rounds: u64,
    /// The most rounds in any minute, over all vantage points.
    pub rounds_per_minute_max: u64,
}

/// Runs a plan through a fresh engine.
pub fn run(plan: &Plan, seed: u64) -> Run {
    let mut world = World::new(plan, seed);
    while let Some(((at, _), vantage)) = world.due.pop_first() {
        if at.since_ms(BEGIN) > plan.minutes * MINUTE_MS {
            break;
        }
        world.look(at, vantage);
    }
    let onset = plan.fails.map(|_| world.onset);
    let opened = |incident: &&Incident| onset.is_some_and(|onset| incident.opened_at >= onset);
    let first = world.incidents.values().filter(opened).map(|incident| incident.opened_at).min();
    let decided_after_s = first.zip(onset).map(|(at, onset)| at.since_ms(onset) as f64 / 1_000.0);
    Run {
        incidents: world.incidents.into_values().collect(),
        decided_after_s,
        rounds: world.per_minute.values().sum(),
        rounds_per_minute_max: world.per_minute.values().copied().max().unwrap_or(0),
    }
}

struct World<'a> {
    plan: &'a Plan,
    dice: Dice,
    engine: Engine,
    /// Rounds to come, by time and a number of their own: which vantage point, and whether it is
    /// one of its usual ones.
    due: BTreeMap<(UnixMillis, u64), (usize, Turn)>,
    next: u64,
    onset: UnixMillis,
    cut_off: BTreeSet<(usize, i64)>,
    incidents: BTreeMap<IncidentId, Incident>,
    per_minute: BTreeMap<i64, u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    Usual,
    Asked,
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, seed: u64) -> Self {
        let mut dice = Dice::new(seed, &["vantages"]);
        let mut due = BTreeMap::new();
        for vantage in 0..plan.vantages.len() {
            // Phases are spread over the interval.
            let phase_ms = dice.below((plan.interval_s * 1_000).unsigned_abs());
            due.insert((BEGIN.plus_ms(phase_ms as i64), vantage as u64), (vantage, Turn::Usual));
        }
        let mut cut_off = BTreeSet::new();
        for (vantage, one) in plan.vantages.iter().enumerate() {
            if one.nature == Nature::CutOff {
                let from = dice.below(plan.minutes.unsigned_abs()) as i64;
                cut_off.extend((from..plan.minutes).map(|minute| (vantage, minute)));
            }
        }
        // Somewhere within the minute, so that no phase is favoured.
        let within_ms = dice.below(MINUTE_MS.unsigned_abs()) as i64;
        let onset =
            plan.fails.map_or(BEGIN, |(from, _)| BEGIN.plus_ms(from * MINUTE_MS + within_ms));
        let config = EngineConfig { run_length_days: 100.0 };
        Self {
            plan,
            dice,
            engine: Engine::new(config, Arc::new(catalog())),
            next: plan.vantages.len() as u64,
            due,
            onset,
            cut_off,
            incidents: BTreeMap::new(),
            per_minute: BTreeMap::new(),
        }
    }

    fn look(&mut self, at: UnixMillis, (vantage, turn): (usize, Turn)) {
        if turn == Turn::Usual {
            self.plan_round(at.plus_ms(self.plan.interval_s * 1_000), vantage, Turn::Usual);
        }
        *self.per_minute.entry(at.minute().0).or_default() += 1;
        let signal = self.signal(at, vantage);
        let mut actions = self.engine.handle(Event::Signal(signal));
        actions.extend(self.engine.handle(Event::Watermark(at.plus_ms(1))));
        for action in actions {
            match action {
                Action::Incident(_, incident) => {
                    self.incidents.insert(incident.id.clone(), incident);
                }
                Action::Recheck(_) => {
                    for vantage in 0..self.plan.vantages.len() {
                        let way_ms = 1 + self.dice.below(WAY_MS_MAX) as i64;
                        for after_ms in RECHECK_MS {
                            self.plan_round(at.plus_ms(way_ms + after_ms), vantage, Turn::Asked);
                        }
                    }
                }
                Action::Count(_) | Action::Case(_) | Action::Finding(_) => {}
            }
        }
    }

    fn plan_round(&mut self, at: UnixMillis, vantage: usize, turn: Turn) {
        self.due.insert((at, self.next), (vantage, turn));
        self.next += 1;
    }

    fn signal(&mut self, at: UnixMillis, vantage: usize) -> Signal {
        let one = self.plan.vantages[vantage];
        let minute = at.since_ms(BEGIN) / MINUTE_MS;
        let until = self.plan.fails.map_or(BEGIN, |(_, until)| BEGIN.plus_ms(until * MINUTE_MS));
        let concerned = self.plan.fails_in.is_none_or(|country| country == one.country);
        let truly = concerned && self.onset <= at && at < until;
        let lost = self.dice.unit() < self.plan.loss;
        let cut_off = self.cut_off.contains(&(vantage, minute));
        let fails = match one.nature {
            Nature::Honest => truly || lost,
            Nature::SaysFails => true,
            Nature::SaysWorks => false,
            Nature::SaysAnything => self.dice.unit() < 0.5,
            Nature::CutOff => truly || lost || cut_off,
        };
        let outcome = if fails { ProbeOutcome::Failed } else { ProbeOutcome::Ok };
        let mut probe = Probe::new(format!("v{vantage}").into(), "http".into(), outcome);
        probe.place =
            Place { country: Some(one.country), asn: Some(one.asn), network: NetworkKind::Hosting };
        probe.interval_s = Some(self.plan.interval_s as f64);
        probe.references = Some(if cut_off { References::Failed } else { References::Ok });
        probe.phase = fails.then(|| "connect".into());
        Signal {
            id: u128::from(self.dice.next()),
            at,
            service: SERVICE.into(),
            provenance: Provenance { source: "simulation".into(), licence: None, synthetic: true },
            body: Body::Probe(probe),
        }
    }
}

fn catalog() -> Catalog {
    let slug: Text = SERVICE.into();
    let category = Category { slug: slug.clone(), name: slug.clone() };
    let service = Service {
        slug: slug.clone(),
        name: slug.clone(),
        aliases: Vec::new(),
        category: slug.clone(),
        countries: Vec::new(),
        domains: Vec::new(),
        components: Vec::new(),
        problems: Vec::new(),
        notices: None,
        asns: Vec::new(),
        depends_on: Vec::new(),
    };
    Catalog {
        categories: BTreeMap::from([(slug.clone(), category)]),
        services: BTreeMap::from([(slug, service)]),
    }
}

/// `count` honest vantage points, each in a network of its own, spread over ten countries.
pub fn honest(count: usize) -> Vec<Vantage> {
    let countries = ["DE", "US", "JP", "BR", "GB", "FR", "IN", "AU", "ZA", "SG"];
    (0..count)
        .map(|n| Vantage {
            country: Country::parse(countries[n % countries.len()]).expect("two letters"),
            asn: Asn(64_500 + n as u32),
            nature: Nature::Honest,
        })
        .collect()
}
