//! Bursts: outages of all sizes and forms, brigades, and posts that go round.
//!
//! An outage brings at least three times as many more reports as the affected people usually send
//! at that hour: below that nobody would call it one, and no count could tell. Its size is drawn
//! evenly from four classes, 1–3, 3–10, 10–30 and 30–300 reports a minute at its peak.

use outcry_core::time::DAY_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;

use crate::dice::Dice;
use crate::population::people::NETWORKS;
use crate::population::people::Origin;
use crate::population::people::PROBLEMS;
use crate::population::plan::BRIGADES_PER_DAY;
use crate::population::plan::OUTAGES_PER_DAY;
use crate::population::plan::POSTS_PER_DAY;
use crate::population::plan::Plan;
use crate::population::plan::SCORED_FROM;
use crate::population::plan::TRAINING_OUTAGE_SHARE;
use crate::population::town::COUNTRIES;
use crate::population::town::HOME_SHARE;
use crate::population::town::Profile;
use crate::population::town::Town;
use crate::population::town::country;
use crate::population::town::zipf;

/// Classes of size: excess at the peak, reports a minute.
pub const SIZES_PER_MINUTE: [(f64, f64); 4] =
    [(1.0, 3.0), (3.0, 10.0), (10.0, 30.0), (30.0, 300.0)];
/// Least excess at the peak, in multiples of what is usual for the affected.
const TIMES_USUAL_MIN: f64 = 3.0;
/// How long an outage lasts, minutes.
const LASTS_MINUTES: (f64, f64) = (20.0, 120.0);
/// How long a ramp takes to the peak.
const RAMP_MS: i64 = 3 * MINUTE_MS;
/// How long a slow leak takes to the peak.
const LEAK_MS: i64 = 45 * MINUTE_MS;
/// A flapping outage is on and off for this long in turn.
const FLAP_MS: i64 = 6 * MINUTE_MS;
/// After the end reports die down within this time.
const TAIL_MS: i64 = 10 * MINUTE_MS;

/// How reports of a burst come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// At once.
    Step,
    /// Within three minutes.
    Ramp,
    /// Within 45 minutes.
    Leak,
    /// Within three minutes, then off and on every six minutes.
    Flapping,
    /// Within three minutes, in one country.
    Country,
    /// Within three minutes, in one network of one country.
    Network,
}

/// All forms of outages, with how often each is drawn.
pub const FORMS: [(Form, &str, f64); 6] = [
    (Form::Step, "step", 0.25),
    (Form::Ramp, "ramp", 0.35),
    (Form::Leak, "slow leak", 0.1),
    (Form::Flapping, "flapping", 0.1),
    (Form::Country, "one country", 0.1),
    (Form::Network, "one network", 0.1),
];

/// Why there are more reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The service fails.
    Outage,
    /// A few people with many names.
    Brigade,
    /// Many people who read that it fails.
    Post,
}

/// Reports beyond the usual, for one reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Place in the list of services.
    pub service: u32,
    /// Why.
    pub why: Why,
    /// How it comes and goes.
    pub form: Form,
    /// The first moment.
    pub onset: UnixMillis,
    /// How long it lasts, the last reports aside.
    pub lasts_ms: i64,
    /// Reports a minute at its peak.
    pub peak_per_minute: f64,
    /// Who sends them.
    pub origin: Origin,
}

impl Burst {
    /// The part of the peak at a moment, 0..=1.
    pub fn level(&self, at: UnixMillis) -> f64 {
        let since = at.since_ms(self.onset);
        let left = self.until().since_ms(at);
        if since < 0 || left <= 0 {
            return 0.0;
        }
        let rise_ms = match self.form {
            Form::Step => 1,
            Form::Leak => LEAK_MS,
            _ => RAMP_MS,
        };
        let rise = (since as f64 / rise_ms as f64).min(1.0);
        let fall = (left as f64 / self.tail_ms() as f64).min(1.0);
        let off = self.form == Form::Flapping && (since / FLAP_MS) % 2 == 1;
        if off { 0.0 } else { rise * fall }
    }

    /// When the last report comes.
    pub fn until(&self) -> UnixMillis {
        self.onset.plus_ms(self.lasts_ms + self.tail_ms())
    }

    fn tail_ms(&self) -> i64 {
        if self.why == Why::Brigade { 1 } else { TAIL_MS }
    }
}

/// All bursts of a plan, by onset.
pub fn draw(plan: &Plan, town: &Town) -> Vec<Burst> {
    let mut bursts = Vec::new();
    for (index, profile) in town.services.iter().enumerate() {
        let mut dice = Dice::new(plan.seed, &["bursts", &profile.slug]);
        let service = index as u32;
        if dice.unit() < TRAINING_OUTAGE_SHARE && plan.training_days > 0 {
            let onset = moment(plan.from(), plan.training_days, &mut dice);
            bursts.push(outage(service, profile, town, onset, &mut dice));
        }
        let days = plan.scored_days;
        for _ in 0..dice.poisson(OUTAGES_PER_DAY * days as f64) {
            let onset = moment(SCORED_FROM, days, &mut dice);
            bursts.push(outage(service, profile, town, onset, &mut dice));
        }
        for _ in 0..dice.poisson(BRIGADES_PER_DAY * days as f64) {
            let onset = moment(SCORED_FROM, days, &mut dice);
            let origin = if dice.unit() < 0.5 { Origin::OnePrefix } else { Origin::Hosting };
            bursts.push(brigade(service, origin, onset));
        }
        for _ in 0..dice.poisson(POSTS_PER_DAY * days as f64) {
            let onset = moment(SCORED_FROM, days, &mut dice);
            bursts.push(post(service, onset, &mut dice));
        }
    }
    bursts.sort_by_key(|burst| (burst.onset, burst.service));
    bursts
}

/// 200 reports in five minutes.
pub fn brigade(service: u32, origin: Origin, onset: UnixMillis) -> Burst {
    Burst {
        service,
        why: Why::Brigade,
        form: Form::Step,
        onset,
        lasts_ms: 5 * MINUTE_MS,
        peak_per_minute: 40.0,
        origin,
    }
}

/// Half an hour of people who ask whether it is down.
fn post(service: u32, onset: UnixMillis, dice: &mut Dice) -> Burst {
    Burst {
        service,
        why: Why::Post,
        form: Form::Ramp,
        onset,
        lasts_ms: 20 * MINUTE_MS,
        peak_per_minute: dice.log_uniform(0.2, 5.0),
        origin: Origin::Everyday,
    }
}

fn moment(from: UnixMillis, days: i64, dice: &mut Dice) -> UnixMillis {
    from.plus_ms(dice.below((days * DAY_MS) as u64) as i64)
}

fn outage(
    service: u32,
    profile: &Profile,
    town: &Town,
    onset: UnixMillis,
    dice: &mut Dice,
) -> Burst {
    let form = form(dice);
    let problem = dice.below(PROBLEMS.len() as u64) as u8;
    let usual = town.rate_per_minute(profile, onset);
    let (origin, affected) = match form {
        Form::Country => {
            let (country, share) = place(profile, dice);
            (Origin::Country { country: country as u8, problem }, share)
        }
        Form::Network => {
            let (country, share) = place(profile, dice);
            let network = 1 + zipf(dice, NETWORKS - 1);
            let origin =
                Origin::Network { country: country as u8, network: network as u16, problem };
            (origin, share * network_share(network))
        }
        _ => (Origin::Outage { problem }, 1.0),
    };
    let minutes = dice.log_uniform(LASTS_MINUTES.0, LASTS_MINUTES.1);
    let lasts_ms = (minutes * MINUTE_MS as f64) as i64;
    Burst {
        service,
        why: Why::Outage,
        form,
        onset,
        lasts_ms: if form == Form::Leak { lasts_ms.max(2 * LEAK_MS) } else { lasts_ms },
        peak_per_minute: peak(TIMES_USUAL_MIN * usual * affected, dice),
        origin,
    }
}

fn form(dice: &mut Dice) -> Form {
    let mut at = dice.unit();
    for (form, _, share) in FORMS {
        at -= share;
        if at < 0.0 {
            return form;
        }
    }
    Form::Ramp
}

/// A size of an even class, at least `least` reports a minute.
fn peak(least: f64, dice: &mut Dice) -> f64 {
    let from = dice.below(SIZES_PER_MINUTE.len() as u64) as usize;
    for (low, high) in &SIZES_PER_MINUTE[from..] {
        if least < 0.9 * high {
            return dice.log_uniform(low.max(least), *high);
        }
    }
    dice.log_uniform(least, 2.0 * least)
}

/// A country and its part of a service's reports.
fn place(profile: &Profile, dice: &mut Dice) -> (usize, f64) {
    let country = match profile.home {
        Some(home) => home,
        None => country(dice),
    };
    let whole: f64 = (1..=COUNTRIES.len()).map(|n| 1.0 / n as f64).sum();
    let share = 1.0 / (country + 1) as f64 / whole;
    (country, if profile.home.is_some() { HOME_SHARE + (1.0 - HOME_SHARE) * share } else { share })
}

/// The part of a country's reports that comes from one of its networks other than the carrier.
fn network_share(network: usize) -> f64 {
    let whole: f64 = (1..NETWORKS).map(|n| 1.0 / n as f64).sum();
    0.75 / network as f64 / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_has_a_size_a_form_and_an_end() {
        let plan = Plan { ranks: (1..=2_000).collect(), ..Plan::whole(3, 12_000 * 20) };
        let town = Town::new(plan.seed, &plan.ranks);
        let bursts = draw(&plan, &town);
        let outages: Vec<&Burst> = bursts.iter().filter(|b| b.why == Why::Outage).collect();
        assert!((1_700..2_400).contains(&outages.len()), "{}", outages.len());
        for burst in &outages {
            let end = burst.until();
            assert_eq!(burst.level(burst.onset.plus_ms(-1)), 0.0);
            assert_eq!(burst.level(end), 0.0);
            let levels = (0..500).map(|n| burst.level(burst.onset.plus_ms(n * MINUTE_MS)));
            let top = levels.fold(0.0, f64::max);
            assert!(top > 0.9, "{burst:?} reaches {top}");
            assert!(burst.peak_per_minute >= 1.0);
        }
        for (form, name, share) in FORMS {
            let found = outages.iter().filter(|burst| burst.form == form).count() as f64;
            let part = found / outages.len() as f64;
            assert!((part - share).abs() < 0.05, "{name}: {part}");
        }
    }

    #[test]
    fn a_brigade_is_two_hundred_reports_in_five_minutes() {
        let burst = brigade(0, Origin::OnePrefix, SCORED_FROM);
        let sum: f64 = (0..600)
            .map(|second| burst.level(SCORED_FROM.plus_ms(second * 1_000 + 500)))
            .map(|level| level * burst.peak_per_minute / 60.0)
            .sum();
        assert!((sum - 200.0).abs() < 1.0, "{sum}");
    }
}
