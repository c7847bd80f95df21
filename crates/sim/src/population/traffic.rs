//! Traffic: all reports of all services, an hour at a time and in order.
//!
//! Each service has its own stream of chance. Its rate follows the week and wanders around it: the
//! logarithm is a first-order autoregression with a standard deviation of 0.25 that forgets in two
//! hours. Arrivals are drawn by thinning, so that an hour of a service with a report a day costs a
//! few throws.
//!
//! Reference: P. A. W. Lewis, G. S. Shedler, "Simulation of Nonhomogeneous Poisson Processes by
//! Thinning", Naval Research Logistics Quarterly 26 (1979).

use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;

use crate::dice::Dice;
use crate::population::outage::Burst;
use crate::population::outage::Why;
use crate::population::outage::draw;
use crate::population::people::Origin;
use crate::population::people::PROBLEMS;
use crate::population::people::Tap;
use crate::population::people::follow;
use crate::population::plan::Plan;
use crate::population::town::Town;

/// Standard deviation of the logarithm of a rate around its week.
const WANDER_SD: f64 = 0.25;
/// Time in which a rate forgets where it was, minutes.
const WANDER_MINUTES: f64 = 120.0;
/// Points of an hour at which the rate is drawn; straight lines between them.
const POINTS: usize = 12;
/// Part of people who follow a post and find that it works.
const POST_WORKS_SHARE: f64 = 0.4;

/// All reports of a plan.
#[derive(Clone, Debug)]
pub struct Traffic<'a> {
    plan: &'a Plan,
    town: &'a Town,
    /// By onset.
    bursts: Vec<Burst>,
    services: Vec<Stream>,
    hour: Vec<Tap>,
    later: Vec<Tap>,
}

/// The chance of one service and where its rate has wandered.
#[derive(Clone, Debug)]
struct Stream {
    dice: Dice,
    wander: f64,
}

impl<'a> Traffic<'a> {
    /// The traffic of a plan with the bursts that it draws.
    pub fn new(plan: &'a Plan, town: &'a Town) -> Self {
        Self::with(plan, town, draw(plan, town))
    }

    /// The same with these bursts, by onset.
    pub fn with(plan: &'a Plan, town: &'a Town, bursts: Vec<Burst>) -> Self {
        let stream = |slug: &str| {
            let mut dice = Dice::new(plan.seed, &["traffic", slug]);
            let wander = WANDER_SD * dice.normal();
            Stream { dice, wander }
        };
        let services = town.services.iter().map(|profile| stream(&profile.slug)).collect();
        Self { plan, town, bursts, services, hour: Vec::new(), later: Vec::new() }
    }

    /// The bursts, by onset.
    pub fn bursts(&self) -> &[Burst] {
        &self.bursts
    }

    /// The reports of the hour that begins at `start`, in order. Hours must follow each other.
    pub fn hour(&mut self, start: UnixMillis) -> &[Tap] {
        let end = start.plus_ms(HOUR_MS);
        let waiting = std::mem::take(&mut self.later);
        self.hour.clear();
        self.hour.extend(waiting);
        for index in 0..self.services.len() {
            self.everyday(index, start);
        }
        self.burst(start, end);
        self.hour.sort_unstable_by_key(|tap| (tap.at, tap.service, tap.reporter));
        let next = self.hour.partition_point(|tap| tap.at < end);
        self.later.extend(self.hour.drain(next..));
        &self.hour
    }

    fn everyday(&mut self, index: usize, start: UnixMillis) {
        let profile = &self.town.services[index];
        let Stream { dice, wander } = &mut self.services[index];
        let (keep, usual) = (
            (-60.0 / POINTS as f64 / WANDER_MINUTES).exp(),
            [start, start.plus_ms(HOUR_MS)].map(|at| self.town.usual_per_minute(profile, at)),
        );
        let mut rates = [0.0; POINTS + 1];
        for (point, rate) in rates.iter_mut().enumerate() {
            if point > 0 {
                *wander = keep * *wander + (1.0 - keep * keep).sqrt() * WANDER_SD * dice.normal();
            }
            let part = point as f64 / POINTS as f64;
            let mean = usual[0] + part * (usual[1] - usual[0]);
            *rate = mean * (*wander - WANDER_SD * WANDER_SD / 2.0).exp();
        }
        let most = rates.iter().copied().fold(0.0, f64::max);
        for _ in 0..dice.poisson(60.0 * most) {
            let place = dice.unit() * POINTS as f64;
            let (point, part) = (place as usize, place.fract());
            let rate = rates[point] + part * (rates[point + 1] - rates[point]);
            if dice.unit() * most >= rate {
                continue;
            }
            let at = start.plus_ms((place / POINTS as f64 * HOUR_MS as f64) as i64);
            let tap = Origin::Everyday.person(at, index as u32, profile, dice);
            self.hour.push(tap);
            follow(tap, self.plan.clusters, dice, &mut self.hour);
        }
    }

    fn burst(&mut self, start: UnixMillis, end: UnixMillis) {
        let begun = self.bursts.partition_point(|burst| burst.onset < end);
        for burst in self.bursts[..begun].iter().filter(|burst| burst.until() > start) {
            let profile = &self.town.services[burst.service as usize];
            let hour = start.hour().to_string();
            let onset = burst.onset.0.to_string();
            let names = ["burst", &profile.slug, &onset, &hour];
            let mut dice = Dice::new(self.plan.seed, &names);
            let (from, until) = (start.max(burst.onset), end.min(burst.until()));
            let span_ms = until.since_ms(from);
            let most = burst.peak_per_minute * span_ms as f64 / MINUTE_MS as f64;
            for _ in 0..dice.poisson(most) {
                let at = from.plus_ms(dice.below(span_ms as u64) as i64);
                if dice.unit() >= burst.level(at) {
                    continue;
                }
                let mut tap = burst.origin.person(at, burst.service, profile, &mut dice);
                if burst.why == Why::Post && dice.unit() < POST_WORKS_SHARE {
                    tap.problem = PROBLEMS.len() as u8;
                }
                self.hour.push(tap);
                follow(tap, self.plan.clusters, &mut dice, &mut self.hour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::plan::SCORED_FROM;

    #[test]
    fn hours_follow_each_other_in_order_and_hold_as_many_as_the_rate_says() {
        let plan = Plan { ranks: (1..=50).collect(), ..Plan::whole(1, 1) };
        let town = Town::new(plan.seed, &plan.ranks);
        let mut traffic = Traffic::with(&plan, &town, Vec::new());
        let (mut found, mut expected, mut last) = (0.0, 0.0, SCORED_FROM);
        for hour in 0..48 {
            let start = SCORED_FROM.plus_ms(hour * HOUR_MS);
            for tap in traffic.hour(start) {
                assert!(tap.at >= last && tap.at < start.plus_ms(HOUR_MS));
                last = tap.at;
                found += 1.0;
            }
            let middle = start.plus_ms(HOUR_MS / 2);
            let rates = town.services.iter().map(|s| town.rate_per_minute(s, middle));
            expected += 60.0 * rates.sum::<f64>() * 1.1;
        }
        assert!((found / expected - 1.0_f64).abs() < 0.06, "{found} of {expected}");
    }

    #[test]
    fn the_same_seed_gives_the_same_hour() {
        let plan = Plan { ranks: vec![1, 70], clusters: 0.1, ..Plan::whole(9, 1) };
        let town = Town::new(plan.seed, &plan.ranks);
        let hours = [0, 1].map(|_| Traffic::new(&plan, &town).hour(SCORED_FROM).to_vec());
        assert!(!hours[0].is_empty());
        assert_eq!(hours[0], hours[1]);
    }
}
