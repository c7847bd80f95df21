//! Reading the likelihood table, which is data in one file beside the method that uses it.
//!
//! Everything that must hold of it is checked here, with lines: bases that sum to 1, states exactly
//! as the extractors find them, known causes, a reason for each factor.
//!
//! # What it cannot tell
//!
//! Whether a factor is right.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use outcry_core::evidence::Family;
use outcry_core::evidence::facts::ServiceKind;
use outcry_core::evidence::testimony::Voice;
use outcry_core::hypothesis::HYPOTHESES;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::units::Text;
use outcry_core::verdict::table::Entry;
use outcry_core::verdict::table::FamilyRows;
use outcry_core::verdict::table::Prior;
use outcry_core::verdict::table::StateRow;
use outcry_core::verdict::table::Table;
use outcry_core::verdict::table::VoiceEntry;

use crate::document;
use crate::document::Mistake;

/// The text of the table in force.
pub const BUILT_IN: &str = include_str!("../../core/src/verdict/table.toml");

/// How far a sum of shares may be from 1.
const SUM_TOLERANCE: f64 = 1e-6;
/// What a factor may be: more would let one family decide alone.
const FACTOR: std::ops::RangeInclusive<f64> = 0.02..=50.0;
/// What an uncertainty may be.
const SPREAD: std::ops::RangeInclusive<f64> = 1.05..=5.0;

/// The table in force.
pub fn built_in() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        read("table.toml", BUILT_IN).expect("the table in the binary is checked by a test")
    });
    &TABLE
}

/// Reads a table.
///
/// # Errors
///
/// Every mistake, with its line and what to write instead.
pub fn read(file: &str, text: &str) -> Result<Table, Vec<Mistake>> {
    document::read(file, text, |table| {
        let read = Table {
            version: table.required_text("version").into(),
            priors: table.tables("prior", prior),
            families: table.tables("family", family),
            voices: table.tables("voice", voice),
        };
        if !read.priors.iter().any(|prior| prior.kind == ServiceKind::Site) {
            table.mistake("prior", "there is no prior for sites", "[[prior]] with kind = \"site\"");
        }
        for family in Family::ALL.into_iter().filter(|family| *family != Family::Testimony) {
            let n = read.families.iter().filter(|rows| rows.family == family).count();
            if n != 1 {
                let what = format!("the family {:?} stands here {n} times", family.name());
                table.mistake("family", what, "each family once, testimony apart");
            }
        }
        for voice in Voice::ALL {
            if read.voices.iter().filter(|entry| entry.voice == voice).count() != 1 {
                let what = format!("the voice {:?} does not stand here once", voice.name());
                table.mistake("voice", what, "each voice once");
            }
        }
        read
    })
}

fn prior(table: &mut document::Table<'_>) -> Prior {
    let kinds = ServiceKind::ALL.map(|kind| (kind.name(), kind));
    let mut shares = [0.0; HYPOTHESES];
    let given: BTreeMap<String, f64> = table.number_map("shares", 0.0..=1.0).into_iter().collect();
    for (name, share) in &given {
        match Hypothesis::parse(name) {
            Some(hypothesis) => shares[hypothesis.index()] = *share,
            None => no_cause(table, "shares", name),
        }
    }
    for hypothesis in Hypothesis::ALL {
        if shares[hypothesis.index()] <= 0.0 {
            let what = format!("{} has no share", hypothesis.name());
            table.mistake("shares", what, "a share above 0: nothing is impossible before looking");
        }
    }
    sums_to_one(table, "shares", shares.iter().sum());
    Prior {
        kind: table.choice("kind", &kinds).unwrap_or_default(),
        source: table.required_text("source").into(),
        shares,
    }
}

fn family(table: &mut document::Table<'_>) -> FamilyRows {
    let families = Family::ALL.map(|family| (family.name(), family));
    let family = table.choice("name", &families).unwrap_or(Family::Shape);
    let states = table.tables("state", state);
    sums_to_one(table, "state", states.iter().map(|state| state.base).sum());
    let names: Vec<&str> = states.iter().map(|state| &*state.name).collect();
    if names != family.states() {
        let what = format!("the states of {:?} are {names:?}", family.name());
        let instead = format!("those its extractor finds, in order: {:?}", family.states());
        table.mistake("state", what, instead);
    }
    FamilyRows { family, coverage: table.required_text("coverage").into(), states }
}

fn state(table: &mut document::Table<'_>) -> StateRow {
    let row = StateRow {
        name: table.required_text("name").into(),
        what: table.required_text("what").into(),
        base: table.required_number("base", 0.0001..=1.0),
        entries: table.tables("factor", entry),
    };
    let mut seen = BTreeMap::new();
    for cause in row.entries.iter().flat_map(|entry| &entry.causes) {
        if seen.insert(*cause, ()).is_some() {
            let what = format!("{} has two factors in {:?}", cause.name(), row.name);
            table.mistake("factor", what, "one factor for each cause");
        }
    }
    row
}

fn entry(table: &mut document::Table<'_>) -> Entry {
    let mut causes = Vec::new();
    for name in table.required_texts("causes") {
        match Hypothesis::parse(&name) {
            Some(Hypothesis::Unknown) => table.mistake(
                "causes",
                "unknown is the reference and has no factor",
                "another base, if the state is as frequent as that without a cause",
            ),
            Some(hypothesis) => causes.push(hypothesis),
            None => no_cause(table, "causes", &name),
        }
    }
    Entry {
        causes,
        factor: table.required_number("factor", FACTOR),
        spread: table.required_number("spread", SPREAD),
        why: table.required_text("why").into(),
        from_cases: cases(table),
    }
}

fn voice(table: &mut document::Table<'_>) -> VoiceEntry {
    let voices = Voice::ALL.map(|voice| (voice.name(), voice));
    VoiceEntry {
        voice: table.choice("name", &voices).unwrap_or(Voice::Claimed),
        factor: table.required_number("factor", FACTOR),
        spread: table.required_number("spread", SPREAD),
        why: table.required_text("why").into(),
        from_cases: cases(table),
    }
}

fn cases(table: &mut document::Table<'_>) -> Vec<Text> {
    table.texts("from_cases").into_iter().map(Text::from).collect()
}

fn no_cause(table: &mut document::Table<'_>, key: &str, name: &str) {
    let names: Vec<&str> = Hypothesis::ALL.iter().map(|hypothesis| hypothesis.name()).collect();
    let instead = format!("one of {}", names.join(", "));
    table.mistake(key, format!("{name:?} is no cause"), instead);
}

fn sums_to_one(table: &mut document::Table<'_>, key: &str, sum: f64) {
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        table.mistake(key, format!("these sum to {sum}"), "shares that sum to 1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_force_is_whole() {
        let table = read("table.toml", BUILT_IN).unwrap_or_else(|mistakes| {
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            panic!("{}", told.join("\n"))
        });
        assert_eq!(table.families.len(), 8);
    }

    #[test]
    fn every_row_sums_to_one_for_every_hypothesis() {
        for family in &built_in().families {
            for hypothesis in Hypothesis::ALL {
                let sum: f64 = family.rows().iter().map(|row| row[hypothesis.index()]).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{} {}", family.family.name(), sum);
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_line() {
        let cases = [
            ("base = 0.34", "base = 0.44", "these sum to 1.0"),
            ("name = \"instant\"", "name = \"sudden\"", "those its extractor finds"),
            ("why = \"queues\"", "", "why"),
            ("unknown = 0.09", "unknown = 0.0", "unknown has no share"),
            ("\"routing_failure\"], factor = 0.45", "\"gremlins\"], factor = 0.45", "is no cause"),
            ("factor = 26.0", "factor = 2600.0", "2600"),
            ("name = \"whispered\"", "name = \"expert\"", "the voice"),
        ];
        for (from, to, want) in cases {
            let text = BUILT_IN.replacen(from, to, 1);
            assert_ne!(text, BUILT_IN, "{from}");
            let mistakes = read("t", &text).expect_err("a mistake");
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            assert!(told.iter().any(|mistake| mistake.contains(want)), "{want}: {told:?}");
        }
    }

    #[test]
    fn an_entry_that_rests_on_one_case_is_left_out_with_it() {
        let table = built_in();
        let without = table.without_case("azure-2024-07-30");
        let ratio = |table: &Table| {
            let rows = table.family(Family::Traffic).expect("it is there");
            let ratios = rows.ratios("flood_ended_before").expect("it is there");
            ratios[Hypothesis::BadChange.index()]
        };
        assert!(ratio(table) > 3.0);
        assert!(ratio(&without) < 1.2);
        assert_eq!(table.without_case("no-such-case"), *table);
    }
}
