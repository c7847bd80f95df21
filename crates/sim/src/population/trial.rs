//! A trial: the traffic of a plan through the engine, and what it made of it.
//!
//! A surge that opens while its service fails, or within an hour after, is that outage found. One
//! that opens while a post goes round is counted apart: people do report, and no count can tell
//! why. Every other surge that opens in the scored days is a false alarm, brigades included.

use std::collections::BTreeMap;

use outcry_core::engine::Action;
use outcry_core::engine::Change;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::incident::Incident;
use outcry_core::incident::Severity;
use outcry_core::time::DAY_MS;
use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::TICK_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

use crate::population::outage::Burst;
use crate::population::outage::Why;
use crate::population::people::Post;
use crate::population::plan::Plan;
use crate::population::plan::SCORED_FROM;
use crate::population::town::Town;
use crate::population::traffic::Traffic;

/// After an outage its reports may open once more and are no false alarm.
const AFTER_MS: i64 = HOUR_MS;
/// An outage must be found before its end and this.
const FOUND_WITHIN_MS: i64 = 5 * MINUTE_MS;

/// A surge that opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Place in the list of services.
    pub service: usize,
    /// Rank of the service.
    pub rank: usize,
    /// When.
    pub at: UnixMillis,
    /// When it was over, if it was.
    pub closed_at: Option<UnixMillis>,
    /// Whether it became `danger`.
    pub severity: Severity,
    /// The slice that crossed, its count and its usual level, for a look at what went wrong.
    pub why: String,
}

/// An outage of the scored days, and whether it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Rank of the service.
    pub rank: usize,
    /// The outage.
    pub burst: Burst,
    /// Minutes from its onset to its opening.
    pub delay_minutes: Option<f64>,
}

/// What the engine made of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Days each service was watched without an outage or a post, by rank.
    pub calm_days: BTreeMap<usize, f64>,
    /// Surges that opened for no reason.
    pub false_alarms: Vec<Opening>,
    /// Outages, found and missed.
    pub outages: Vec<Heard>,
    /// Posts that went round, and those that opened a surge.
    pub posts: (u64, u64),
    /// Brigades, and those that opened a surge.
    pub brigades: (u64, u64),
    /// Reports that went in.
    pub reports: u64,
    /// Series that were watched at the end.
    pub keys: usize,
}

/// How often time is told to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Once an hour.
    ByHour,
    /// At the end of every tick.
    ByTick,
}

/// Runs a plan to its end.
pub fn run(plan: &Plan) -> Outcome {
    let town = Town::new(plan.seed, &plan.ranks);
    let mut traffic = Traffic::new(plan, &town);
    let heard = listen(plan, &town, &mut traffic, Pace::ByHour);
    judge(plan, &town, traffic.bursts(), heard)
}

/// Everything that opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Openings {
    /// In order of time.
    pub all: Vec<Opening>,
    /// Reports that went in.
    pub reports: u64,
    /// Series that were watched at the end.
    pub keys: usize,
}

/// Feeds all traffic to an engine and notes what opens.
pub fn listen(plan: &Plan, town: &Town, traffic: &mut Traffic<'_>, pace: Pace) -> Openings {
    let config = EngineConfig { run_length_days: plan.run_length_days };
    let mut engine = Engine::new(config, town.catalog());
    let places = town.services.iter().enumerate().map(|(i, s)| (s.slug.clone(), i)).collect();
    let mut ear = Ear { town, places, open: BTreeMap::new(), openings: Openings::default() };
    let mut post = Post::default();
    let mut start = plan.from();
    ear.hear(engine.handle(Event::Watermark(start)));
    while start < plan.until() {
        let end = start.plus_ms(HOUR_MS);
        let mut tick = start.plus_ms(TICK_MS);
        for tap in traffic.hour(start) {
            while pace == Pace::ByTick && tap.at >= tick {
                ear.hear(engine.handle(Event::Watermark(tick)));
                tick = tick.plus_ms(TICK_MS);
            }
            ear.openings.reports += 1;
            let slug = &town.services[tap.service as usize].slug;
            ear.hear(engine.handle(Event::Signal(post.signal(tap, slug))));
        }
        ear.hear(engine.handle(Event::Watermark(end)));
        start = end;
    }
    ear.openings.keys = engine.keys();
    ear.openings
}

/// Notes what opens.
struct Ear<'a> {
    town: &'a Town,
    places: BTreeMap<Text, usize>,
    /// The last opening of each service.
    open: BTreeMap<usize, usize>,
    openings: Openings,
}

impl Ear<'_> {
    fn hear(&mut self, actions: Vec<Action>) {
        for action in actions {
            if let Action::Incident(change, incident) = action {
                self.note(change, &incident);
            }
        }
    }

    fn note(&mut self, change: Change, incident: &Incident) {
        let (Some(&service), Some(surge)) =
            (self.places.get(&incident.service), incident.surges.last())
        else {
            return;
        };
        let last = self.open.get(&service).copied();
        let known = last.is_some_and(|last| self.openings.all[last].at == surge.opened_at);
        if !known && matches!(change, Change::Opened | Change::Reopened) {
            self.open.insert(service, self.openings.all.len());
            self.openings.all.push(Opening {
                service,
                rank: self.town.services[service].rank,
                at: surge.opened_at,
                closed_at: None,
                severity: incident.severity,
                why: format!(
                    "{:?} {} in 15 min, usually {:.2}, e-value {:.1e}, {} prefixes",
                    surge.opening.slice,
                    surge.opening.count,
                    surge.opening.usual,
                    surge.opening.e_value,
                    surge.opening.prefixes
                ),
            });
        } else if let Some(last) = last {
            let opening = &mut self.openings.all[last];
            opening.closed_at = surge.closed_at;
            opening.severity = opening.severity.max(incident.severity);
        }
    }
}

/// Tells false alarms from outages that were found.
pub fn judge(plan: &Plan, town: &Town, bursts: &[Burst], heard: Openings) -> Outcome {
    let mut by_service: Vec<Vec<&Burst>> = vec![Vec::new(); town.services.len()];
    for burst in bursts {
        by_service[burst.service as usize].push(burst);
    }
    let mut opened: Vec<Vec<&Opening>> = vec![Vec::new(); town.services.len()];
    for opening in &heard.all {
        opened[opening.service].push(opening);
    }
    let mut outcome = Outcome { reports: heard.reports, keys: heard.keys, ..Outcome::default() };
    for (index, profile) in town.services.iter().enumerate() {
        let days = plan.scored_days as f64 - days_of(plan, &by_service[index]);
        *outcome.calm_days.entry(profile.rank).or_default() += days.max(0.0);
        for burst in by_service[index].iter().filter(|burst| burst.onset >= SCORED_FROM) {
            tell(burst, profile.rank, &opened[index], &mut outcome);
        }
        let scored = opened[index].iter().filter(|o| o.at >= SCORED_FROM && o.at < plan.until());
        for opening in scored {
            let explained =
                |burst: &&&Burst| burst.why != Why::Brigade && in_window(burst, opening.at);
            if !by_service[index].iter().any(|burst| explained(&burst)) {
                outcome.false_alarms.push((*opening).clone());
            }
        }
    }
    outcome
}

fn in_window(burst: &Burst, at: UnixMillis) -> bool {
    at >= burst.onset && at.since_ms(burst.until()) <= AFTER_MS
}

/// Days of the score that lie in the windows of outages and posts.
fn days_of(plan: &Plan, bursts: &[&Burst]) -> f64 {
    let (mut sum_ms, mut done) = (0, SCORED_FROM);
    for burst in bursts.iter().filter(|burst| burst.why != Why::Brigade) {
        let from = burst.onset.max(done);
        let until = burst.until().plus_ms(AFTER_MS).min(plan.until());
        sum_ms += until.since_ms(from).max(0);
        done = done.max(until);
    }
    sum_ms as f64 / DAY_MS as f64
}

/// Enters one burst of the scored days.
fn tell(burst: &Burst, rank: usize, opened: &[&Opening], outcome: &mut Outcome) {
    let last = burst.onset.plus_ms(burst.lasts_ms + FOUND_WITHIN_MS);
    let found = opened.iter().find(|o| o.at >= burst.onset && o.at <= last);
    match burst.why {
        Why::Outage => {
            let open = |o: &&&Opening| {
                o.at < burst.onset && o.closed_at.is_none_or(|closed| closed > burst.onset)
            };
            // What is open already cannot be opened again: nothing is measured.
            if found.is_some() || !opened.iter().any(|o| open(&o)) {
                let delay = found.map(|o| o.at.since_ms(burst.onset) as f64 / MINUTE_MS as f64);
                outcome.outages.push(Heard { rank, burst: *burst, delay_minutes: delay });
            }
        }
        Why::Post => {
            outcome.posts.0 += 1;
            outcome.posts.1 += u64::from(found.is_some());
        }
        Why::Brigade => {
            outcome.brigades.0 += 1;
            outcome.brigades.1 += u64::from(found.is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_that_is_leapt_over_is_silence_tick_by_tick() {
        let ranks = vec![3, 40, 200, 700, 3_000, 9_000];
        let plan = Plan { ranks, training_days: 7, clusters: 0.05, ..Plan::whole(4, 12_000 * 12) };
        let town = Town::new(plan.seed, &plan.ranks);
        let heard = [Pace::ByHour, Pace::ByTick]
            .map(|pace| listen(&plan, &town, &mut Traffic::new(&plan, &town), pace));
        assert!(heard[0].all.len() >= 3, "{:?}", heard[0]);
        assert_eq!(heard[0], heard[1]);
    }
}
