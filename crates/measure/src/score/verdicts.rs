//! `score verdicts`: how right verdicts are, each figure beside its bar.
//!
//! Every scenario with a truth is replayed in full, in its variants, with other seeds and damaged
//! signals, and with families of evidence taken away at random. The headline figures leave one case
//! out: what the table was told with that case alone in mind counts as nothing when it is judged.
//!
//! # What it cannot tell
//!
//! How the engine does on outages nobody wrote down. The signals behind a truth are synthetic.

mod expect;
mod measure;
mod runs;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use outcry_core::hypothesis::Cause;

use crate::score::verdicts::measure::Score;
use crate::score::verdicts::measure::Tally;
use crate::score::verdicts::measure::upper_bound;
use crate::score::verdicts::runs::Judged;

/// Share of full cases in which the right or an accepted cause must lead.
const LEAD_MIN: f64 = 0.85;
/// By how much Brier and log score must be better than the prior's own.
const BETTER_MIN: f64 = 0.5;

/// What can be set.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Seeds of noise, and of missing families, for each case.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Only scenarios whose path holds this text.
    #[arg(long)]
    only: Option<String>,
    /// Print what each family said in each case.
    #[arg(long)]
    explain: bool,
}

/// Replays, prints the tables, and says whether all bars hold.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let began = Instant::now();
    let cases = runs::all(arguments.only.as_deref(), arguments.seeds)?;
    anyhow::ensure!(!cases.is_empty(), "there is no scenario with a truth");
    println!("{:38} {:24} {:30} {:>5}  named", "case", "truth", "leads", "share");
    for case in &cases {
        print_case(case, arguments.explain);
    }
    let holds = print_all(&cases, began.elapsed().as_secs_f64());
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_case(case: &Judged, explain: bool) {
    let Some(full) = &case.full else {
        println!("{:38} {:24} nothing opened, as it should be", case.id, case.truth);
        return;
    };
    let lead = full.assessment.as_ref().map(|it| it.leading());
    let share = full.assessment.as_ref().zip(lead).map(|(it, lead)| it.share(lead).p);
    let named = full.named.map_or("-", Cause::name);
    let verdict = match (full.leads_right, full.wrong_name) {
        (_, true) => "WRONG NAME",
        (true, _) => "",
        (false, _) => "does not lead",
    };
    println!(
        "{:38} {:24} {:30} {:>5.2}  {named} {verdict}",
        case.id,
        case.truth,
        lead.map_or("no incident", |it| it.name()),
        share.unwrap_or(0.0),
    );
    if explain && let Some(assessment) = &full.assessment {
        let said: Vec<String> = assessment
            .evidence
            .iter()
            .map(|it| format!("{}={}", it.item.family.name(), it.item.state.name()))
            .collect();
        let why: Vec<&str> = assessment.refusals.iter().map(|it| it.name()).collect();
        println!("      {} | {}", said.join(" "), why.join(" "));
    }
    for failure in &case.failures {
        println!("      expected otherwise: {failure}");
    }
}

fn print_all(cases: &[Judged], seconds: f64) -> bool {
    let n = cases.len();
    let of = |pick: fn(&Judged) -> &[Score]| -> Tally { Tally::of(cases.iter().map(pick)) };
    let full = of(|case| case.full.as_slice());
    let left_out = of(|case| case.left_out.as_slice());
    let judged = cases.iter().filter(|case| case.full.is_some());
    let prior = Tally::of(judged.map(|case| std::slice::from_ref(&case.prior)));
    let by_variant: Vec<Vec<Score>> = cases
        .iter()
        .map(|case| case.variants.iter().map(|(_, score)| score.clone()).collect())
        .collect();
    let variants = Tally::of(by_variant.iter().map(Vec::as_slice));
    let (noise, families) = (of(|case| &case.noise), of(|case| &case.families));
    println!(
        "\n{:34} {:>6} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>6}",
        "", "runs", "leads", "exact", "named", "wrong", "Brier", "log", "ECE"
    );
    let rows = [
        ("the prior alone", &prior),
        ("full evidence", &full),
        ("full evidence, case left out", &left_out),
        ("variants of the scenarios", &variants),
        ("other seeds, damaged signals", &noise),
        ("families missing at random", &families),
    ];
    for (name, tally) in rows {
        println!(
            "{name:34} {:>6} {:>6.1}% {:>6.1}% {:>7} {:>7} {:>6.3} {:>6.3} {:>6.3}",
            tally.runs,
            100.0 * tally.leads(),
            100.0 * tally.exact(),
            tally.named,
            tally.wrong,
            tally.brier(),
            tally.log(),
            tally.ece(),
        );
    }
    let (low, high) = measure::ece_range(cases);
    println!("\nECE of full evidence, 90 % by bootstrap over cases: {low:.3} to {high:.3}");
    let wrong: Vec<Vec<String>> = cases.iter().map(Judged::wrong_names).collect();
    let wrong_cases = wrong.iter().filter(|runs| !runs.is_empty()).count();
    let wrong_runs: usize = wrong.iter().map(Vec::len).sum();
    let quiet = n - full.runs;
    println!("cases in which nothing may open, and nothing did: {quiet}; they are in no row above");
    println!(
        "wrong names: {wrong_runs} runs in {wrong_cases} of {n} cases; the rate is below {:.1} % \
         of cases with 95 %",
        100.0 * upper_bound(wrong_cases, n),
    );
    wrong.iter().flatten().for_each(|run| println!("  wrong name: {run}"));
    let other: usize = cases.iter().map(|case| case.other_names).sum();
    println!("names that change to another when one family is taken away: {other}");
    let failures: usize = cases.iter().map(|case| case.failures.len()).sum();
    println!("expectations of scenarios that do not hold: {failures}");
    let brier = 1.0 - left_out.brier() / prior.brier();
    let log = 1.0 - left_out.log() / prior.log();
    println!("took {seconds:.0} s");
    let bars = [
        ("leads", full.leads() >= LEAD_MIN),
        ("wrong names", wrong_runs == 0),
        ("Brier", brier >= BETTER_MIN),
        ("log", log >= BETTER_MIN),
        ("names by family", other == 0),
    ];
    let failed: Vec<&str> = bars.iter().filter(|(_, held)| !held).map(|(name, _)| *name).collect();
    println!(
        "verdicts: leads {:.1} % (bar 85 %), wrong names {wrong_runs} (bar 0), leaving one case \
         out Brier {:.0} % and log {:.0} % better than the prior's (bar 50 %): {}",
        100.0 * full.leads(),
        100.0 * brier,
        100.0 * log,
        if failed.is_empty() {
            "holds".to_owned()
        } else {
            format!("does not hold ({})", failed.join(", "))
        },
    );
    failed.is_empty()
}
