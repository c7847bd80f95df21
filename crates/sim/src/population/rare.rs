//! What is too rare to wait for: brigades, and a country behind one carrier.
//!
//! Both are played often, against services of all ranks, on top of everyday traffic.

use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;

use crate::dice::Dice;
use crate::population::measure::Figure;
use crate::population::measure::quantile;
use crate::population::outage::Burst;
use crate::population::outage::Form;
use crate::population::outage::Why;
use crate::population::outage::brigade;
use crate::population::people::Origin;
use crate::population::people::PROBLEMS;
use crate::population::plan::Plan;
use crate::population::plan::SCORED_FROM;
use crate::population::plan::SERVICES;
use crate::population::town::COUNTRIES;
use crate::population::town::Town;
use crate::population::traffic::Traffic;
use crate::population::trial::Outcome;
use crate::population::trial::Pace;
use crate::population::trial::judge;
use crate::population::trial::listen;

/// Services of each play, their ranks evenly spread on a logarithmic scale.
const SERVICES_PLAYED: usize = 40;
/// Hours between two plays against a service.
const APART_HOURS: i64 = 24;
/// Plays against each service.
const PLAYS: i64 = 5;
/// Reports a minute that a national outage brings through one carrier.
const CARRIER_PER_MINUTE: (f64, f64) = (10.0, 100.0);
/// Countries from this place in the list on are small.
const SMALL_FROM: u64 = 13;

/// Brigades, and those that opened a surge.
pub fn brigades(seed: u64, origin: Origin) -> (u64, u64) {
    play(seed, |service, onset, _| brigade(service, origin, onset)).brigades
}

/// Minutes from the onset of a national outage that comes through one carrier with eight prefixes:
/// the median, and what nineteen in twenty do not exceed.
pub fn carriers(seed: u64) -> (Figure, Figure) {
    let outcome = play(seed, |service, onset, dice| Burst {
        service,
        why: Why::Outage,
        form: Form::Network,
        onset,
        lasts_ms: 60 * MINUTE_MS,
        peak_per_minute: dice.log_uniform(CARRIER_PER_MINUTE.0, CARRIER_PER_MINUTE.1),
        origin: Origin::Network {
            country: (SMALL_FROM + dice.below(COUNTRIES.len() as u64 - SMALL_FROM)) as u8,
            network: 0,
            problem: dice.below(PROBLEMS.len() as u64) as u8,
        },
    });
    let delay = |delay: Option<f64>| delay.unwrap_or(f64::INFINITY);
    let mut delays: Vec<f64> = outcome.outages.iter().map(|o| delay(o.delay_minutes)).collect();
    (quantile(&mut delays, 0.5), quantile(&mut delays, 0.95))
}

/// Plays a burst against each service, every other day.
fn play(
    seed: u64,
    mut burst: impl FnMut(u32, outcry_core::time::UnixMillis, &mut Dice) -> Burst,
) -> Outcome {
    let spread = (SERVICES as f64).powf(1.0 / SERVICES_PLAYED as f64);
    let mut ranks: Vec<usize> =
        (1..=SERVICES_PLAYED).map(|n| spread.powi(n as i32) as usize).collect();
    ranks.dedup();
    let plan = Plan { ranks, scored_days: PLAYS + 1, ..Plan::whole(seed, 1) };
    let town = Town::new(seed, &plan.ranks);
    let mut dice = Dice::new(seed, &["rare"]);
    let mut bursts = Vec::new();
    for play in 0..PLAYS {
        for service in 0..plan.ranks.len() {
            let shift_ms = dice.below(12 * HOUR_MS as u64) as i64;
            let onset = SCORED_FROM.plus_ms(play * APART_HOURS * HOUR_MS + shift_ms);
            bursts.push(burst(service as u32, onset, &mut dice));
        }
    }
    bursts.sort_by_key(|burst| (burst.onset, burst.service));
    let mut traffic = Traffic::with(&plan, &town, bursts);
    let heard = listen(&plan, &town, &mut traffic, Pace::ByHour);
    judge(&plan, &town, traffic.bursts(), heard)
}
