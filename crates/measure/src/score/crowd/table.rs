//! The table of `score crowd`: each figure with its 95 % limits, beside its bar.

use outcry_core::incident::Severity;
use outcry_sim::population::measure::Figure;
use outcry_sim::population::measure::Stratum;
use outcry_sim::population::measure::quantile;
use outcry_sim::population::measure::rate_per_1000;
use outcry_sim::population::measure::share;
use outcry_sim::population::outage::FORMS;
use outcry_sim::population::outage::SIZES_PER_MINUTE;
use outcry_sim::population::plan::SERVICES;
use outcry_sim::population::trial::Heard;
use outcry_sim::population::trial::Opening;
use outcry_sim::population::trial::Outcome;

use crate::score::crowd::Arguments;
use crate::score::crowd::Results;

/// First and last rank of each tier.
const TIERS: [(usize, usize); 4] = [(1, 10), (11, 100), (101, 1_000), (1_001, SERVICES)];
/// False alarms in 1000 service-days: the upper limit over all must not be more.
const WARNING_BAR: f64 = 1.0;
/// The rate of no tier may be more.
const TIER_BAR: f64 = 5.0;
/// The upper limit for `danger`.
const DANGER_BAR: f64 = 0.05;
/// The upper limit with clusters.
const CLUSTERS_BAR: f64 = 5.0;
/// Median delays, minutes, by class of size.
const DELAY_BARS_MINUTES: [f64; 4] = [5.5, 2.5, 1.5, 0.8];
/// What would be better still; these are shown and fail nothing.
const WARNING_GOAL: f64 = 0.1;
const TIER_GOAL: f64 = 1.0;
const DANGER_GOAL: f64 = 0.01;
const CLUSTERS_GOAL: f64 = 1.0;
const DELAY_GOALS_MINUTES: [f64; 4] = [4.5, 2.0, 1.2, 0.6];
const FOUND_GOAL: f64 = 1.0;
const CARRIER_GOAL_MINUTES: f64 = 3.0;
/// Part of outages that must be found.
const FOUND_BAR: f64 = 0.99;
/// Minutes in which a national outage behind one carrier opens.
const CARRIER_BAR_MINUTES: f64 = 5.0;

/// Prints the table; true when every bar holds.
pub fn print(arguments: &Arguments, results: &Results, seconds: f64) -> bool {
    let worlds = [&results.whole, &results.busy];
    let days = results.whole.calm_days.values().sum::<f64>();
    let reports = results.whole.reports + results.busy.reports + results.clusters.reports;
    println!(
        "seed {}: {days:.0} service-days without an outage, {:.1} million reports, \
         {seconds:.0} s\n",
        arguments.seed,
        reports as f64 / 1e6,
    );
    let mut table = Table { holds: true };
    table.head("false alarms in 1000 service-days");
    let all = |_: &Opening| true;
    let danger = |alarm: &Opening| alarm.severity == Severity::Danger;
    table.below("all, upper limit", rate(&worlds, all), (WARNING_BAR, WARNING_GOAL), Judged::High);
    for (first, last) in TIERS {
        let tier = rate_per_1000(&[stratum(&worlds, first, last, 1.0, all)]);
        table.below(&format!("  ranks {first}-{last}"), tier, (TIER_BAR, TIER_GOAL), Judged::Value);
    }
    table.below(
        "danger, upper limit",
        rate(&worlds, danger),
        (DANGER_BAR, DANGER_GOAL),
        Judged::High,
    );
    let name = format!("{:.1} % clusters, upper limit", 100.0 * arguments.clusters);
    let clusters = rate(&[&results.clusters], all);
    table.below(&name, clusters, (CLUSTERS_BAR, CLUSTERS_GOAL), Judged::High);
    for (first, last) in TIERS {
        let tier = rate_per_1000(&[stratum(&[&results.clusters], first, last, 1.0, all)]);
        table.figure(&format!("  ranks {first}-{last}"), tier);
    }
    delays(&mut table, results);
    rest(&mut table, results);
    println!("\n{}", if table.holds { "every bar holds" } else { "a bar does NOT hold" });
    table.holds
}

fn delays(table: &mut Table, results: &Results) {
    let outages = &results.whole.outages;
    table.head("\nmedian minutes to the opening");
    let bars = DELAY_BARS_MINUTES.into_iter().zip(DELAY_GOALS_MINUTES);
    for (size, bars) in SIZES_PER_MINUTE.iter().zip(bars).rev() {
        let class = of_size(outages, *size);
        let name = format!("peak {}-{} a minute, all forms", size.0, size.1);
        table.below(&name, median(&class), bars, Judged::Value);
        for (form, name, _) in FORMS {
            let of_form: Vec<&Heard> =
                class.iter().copied().filter(|heard| heard.burst.form == form).collect();
            table.figure(&format!("  {name}"), median(&of_form));
        }
    }
    table.head("\noutages of 1 a minute and more, found");
    let all = found(&outages.iter().collect::<Vec<_>>());
    table.above("all", all, (FOUND_BAR, FOUND_GOAL));
    for (form, name, _) in FORMS {
        let of_form: Vec<&Heard> = outages.iter().filter(|h| h.burst.form == form).collect();
        table.figure(&format!("  {name}"), found(&of_form));
    }
    let busy: Vec<&Heard> = results.busy.outages.iter().collect();
    table.figure("  ranks 1-100", found(&busy));
}

fn rest(table: &mut Table, results: &Results) {
    table.head("\nbrigades, carriers, posts");
    table.none("200 reports from one /24, opened", results.prefix);
    table.none("200 from one hosting network, opened", results.hosting);
    if let Some((median, most)) = results.carriers {
        table.figure("a carrier with 8 prefixes, median minutes", median);
        let bars = (CARRIER_BAR_MINUTES, CARRIER_GOAL_MINUTES);
        table.below("  nineteen in twenty", most, bars, Judged::Value);
    }
    let (posts, opened) = results.whole.posts;
    table.figure("posts that go round, opened", share(opened, posts));
}

/// Outages with a peak of this size; the largest class has no end.
pub fn of_size(outages: &[Heard], (low, high): (f64, f64)) -> Vec<&Heard> {
    let largest = SIZES_PER_MINUTE.iter().all(|size| size.1 <= high);
    let inside = |heard: &&Heard| {
        let peak = heard.burst.peak_per_minute;
        peak >= low && (largest || peak < high)
    };
    outages.iter().filter(inside).collect()
}

/// The rate over the population, from strata that were watched for different lengths of time.
pub fn rate(worlds: &[&Outcome], counts: impl Fn(&Opening) -> bool) -> Figure {
    let strata = TIERS.map(|(first, last)| {
        stratum(worlds, first, last, (last + 1 - first) as f64 / SERVICES as f64, &counts)
    });
    rate_per_1000(&strata)
}

fn stratum(
    worlds: &[&Outcome],
    first: usize,
    last: usize,
    weight: f64,
    counts: impl Fn(&Opening) -> bool,
) -> Stratum {
    let mut stratum = Stratum { weight, ..Stratum::default() };
    for world in worlds {
        let alarms = world.false_alarms.iter().filter(|alarm| (first..=last).contains(&alarm.rank));
        stratum.events += alarms.filter(|alarm| counts(alarm)).count() as u64;
        stratum.days += world.calm_days.range(first..=last).map(|(_, days)| days).sum::<f64>();
    }
    stratum
}

/// The median delay of outages in minutes; a miss counts as infinite.
pub fn median(outages: &[&Heard]) -> Figure {
    let delay = |heard: &&Heard| heard.delay_minutes.unwrap_or(f64::INFINITY);
    let mut delays: Vec<f64> = outages.iter().map(delay).collect();
    quantile(&mut delays, 0.5)
}

fn found(outages: &[&Heard]) -> Figure {
    let hits = outages.iter().filter(|heard| heard.delay_minutes.is_some()).count();
    share(hits as u64, outages.len() as u64)
}

/// Which end of a figure has to keep to the bar.
#[derive(Clone, Copy)]
enum Judged {
    Value,
    High,
}

struct Table {
    holds: bool,
}

impl Table {
    fn head(&self, what: &str) {
        let lines = what.len() - what.trim_start().len();
        println!(
            "{}{:<42} {:>9}  {:>17} {:>8}  {:6} {:>9}",
            "\n".repeat(lines),
            what.trim_start(),
            "figure",
            "95 % limits",
            "bar",
            "",
            "goal"
        );
    }

    fn figure(&self, what: &str, figure: Figure) {
        let limits = format!("{:.3}-{:.3}", figure.low, figure.high);
        println!("{what:<42} {:>9.3}  {limits:>17}", figure.value);
    }

    fn below(&mut self, what: &str, figure: Figure, (bar, goal): (f64, f64), judged: Judged) {
        let value = match judged {
            Judged::Value => figure.value,
            Judged::High => figure.high,
        };
        self.judge(what, figure, &format!("<= {bar}"), value <= bar);
        println!("{}", reached(&format!("<= {goal}"), value <= goal));
    }

    fn above(&mut self, what: &str, figure: Figure, (bar, goal): (f64, f64)) {
        self.judge(what, figure, &format!(">= {bar}"), figure.value >= bar);
        println!("{}", reached(&format!(">= {goal}"), figure.value >= goal));
    }

    /// None of them may have opened.
    fn none(&mut self, what: &str, (all, opened): (u64, u64)) {
        self.judge(what, share(opened, all), "0", opened == 0 && all > 0);
        println!();
    }

    fn judge(&mut self, what: &str, figure: Figure, bar: &str, holds: bool) {
        self.holds &= holds;
        let limits = format!("{:.3}-{:.3}", figure.low, figure.high);
        let verdict = if holds { "holds" } else { "MISSED" };
        print!("{what:<42} {:>9.3}  {limits:>17} {bar:>8}  {verdict}", figure.value);
    }
}

/// The goal, and whether it is reached as well: never a failure.
fn reached(goal: &str, reached: bool) -> String {
    format!("  {goal:>8}  {}", if reached { "reached" } else { "not yet" })
}
