//! What a scenario expects of its verdicts and rulings, held against what came out.

use outcry_core::claim::rule::rule;
use outcry_core::evidence::CaseFile;
use outcry_core::hypothesis::Cause;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::assess;
use outcry_core::verdict::posterior::total;
use outcry_sim::scenario::ExpectVerdict;
use outcry_sim::scenario::Scenario;
use outcry_wire::likelihood;

/// Expectations about the verdict of a variant that do not hold, in words.
pub fn verdicts(scenario: &Scenario, variant: &str, case: Option<&CaseFile>) -> Vec<String> {
    let assessment = case.map(|case| assess(case, likelihood::built_in()));
    let wanted = scenario.expect_verdict.iter().filter(|it| *it.variant == *variant);
    // What is expected at an earlier moment is not judged by the final verdict.
    let last = wanted.filter(|it| it.at >= scenario.until);
    last.flat_map(|wanted| match &assessment {
        Some(assessment) => one(wanted, assessment),
        None => vec![format!("{}: there is no incident to judge", place(wanted))],
    })
    .collect()
}

fn one(wanted: &ExpectVerdict, assessment: &Assessment) -> Vec<String> {
    let mut failures = Vec::new();
    let named = assessment.named.map(Cause::name);
    if let (Some(allowed), Some(named)) = (&wanted.named, named)
        && !allowed.iter().any(|name| covers(name, named))
    {
        failures.push(format!("{}: names {named}, may name {allowed:?}", place(wanted)));
    }
    let lead = assessment.leading();
    let leads = |name: &str| Cause::parse(name).is_some_and(|cause| cause.covers(lead));
    if !wanted.leads.is_empty() && !wanted.leads.iter().any(|name| leads(name)) {
        failures.push(format!(
            "{}: {} leads, not one of {:?}",
            place(wanted),
            lead.name(),
            wanted.leads
        ));
    }
    let shares = assessment.shares.map(|share| share.p);
    for (name, low, high) in &wanted.range {
        let Some(cause) = Cause::parse(name) else { continue };
        let share = total(&shares, cause);
        if !(*low..=*high).contains(&share) {
            failures.push(format!("{}: {name} has {share:.2}, not {low} to {high}", place(wanted)));
        }
    }
    failures
}

/// Whether a name that may be given covers the one that was.
fn covers(allowed: &str, named: &str) -> bool {
    let (Some(allowed), Some(named)) = (Cause::parse(allowed), Cause::parse(named)) else {
        return false;
    };
    allowed == named || allowed.group() == named.group()
}

fn place(wanted: &ExpectVerdict) -> String {
    let variant = if wanted.variant.is_empty() { "full" } else { &wanted.variant };
    format!("{variant}, line {}", wanted.line)
}

/// Expectations about rulings of a variant that do not hold, in words.
pub fn rulings(scenario: &Scenario, variant: &str, case: Option<&CaseFile>) -> Vec<String> {
    let Some(case) = case else { return Vec::new() };
    let assessment = assess(case, likelihood::built_in());
    let ledger = rule(case, &assessment);
    let mut failures = Vec::new();
    for wanted in scenario.expect_ruling.iter().filter(|it| *it.variant == *variant) {
        let record = ledger.iter().find(|record| record.claim.claim == wanted.claim);
        let Some(record) = record else { continue };
        // The ruling on what an origin is used for stands beside that on the origin itself.
        let also = |kind: &str| &*wanted.kind == "origin" && kind == "inference";
        let ruled: Vec<_> = record
            .rulings
            .iter()
            .filter(|it| it.assertion.kind == wanted.kind || also(&it.assertion.kind))
            .map(|it| it.ruling)
            .collect();
        if !ruled.iter().any(|ruling| wanted.ruling.contains(ruling)) {
            let names = |list: &[outcry_core::claim::Ruling]| {
                list.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ")
            };
            failures.push(format!(
                "line {}: {} of {} is {}, not {}",
                wanted.line,
                wanted.kind,
                wanted.claim,
                names(&ruled),
                names(&wanted.ruling)
            ));
        }
    }
    failures
}
