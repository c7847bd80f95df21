//! What judges a verdict: the truth, what may be named, and the same with less to go on.
//!
//! Read for scoring and by people, never by the engine. Names of causes, groups and rulings are
//! checked, so that a slip of the pen is no wrong verdict.

use outcry_core::claim::Ruling;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::hypothesis::PLACES;
use outcry_core::hypothesis::names;
use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_wire::document::Table;
use outcry_wire::document::spelling::nearest;

use crate::scenario::Scenario;
use crate::scenario::read::texts;

/// Kinds of assertion, as in the reference of signals.
const ASSERTIONS: [&str; 7] =
    ["cause", "origin", "actor", "scale", "duration", "denial", "attribution_of_words"];

/// The span a scenario covers.
type Span = (UnixMillis, UnixMillis);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The first minute of synthetic excess.
    pub onset: UnixMillis,
    /// The service it is about; that of the first `expect` when nothing is said.
    pub service: Text,
    /// The cause, by its name in the reference; empty when none is known.
    pub cause: Text,
    /// Causes and groups that count as right.
    pub accept: Vec<Text>,
    /// Where it failed: one of [`PLACES`]; empty when it cannot be said.
    pub place: Text,
    /// What went wrong there, as a cause; empty when it cannot be said.
    pub mechanism: Text,
    /// Whether those who know best disagree.
    pub contested: bool,
    /// Causes in order, where there was more than one.
    pub parts: Vec<Part>,
}

/// One cause of several, and how long it was at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The cause.
    pub hypothesis: Text,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// What or who brought it about, in a few words.
    pub by: Text,
}

/// What a verdict must come to.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectVerdict {
    /// Slug of the service.
    pub service: Text,
    /// With what to go on: the name of a variant; empty for everything.
    pub variant: Text,
    /// As of when.
    pub at: UnixMillis,
    /// What may be named: nothing (an empty list), or one of these or nothing; `None` where naming
    /// is held only to the rule that a name is never wrong.
    pub named: Option<Vec<Text>>,
    /// Which causes may have the largest share; empty when this is not asked.
    pub leads: Vec<Text>,
    /// Shares that causes and groups must have: from and to.
    pub range: Vec<(Text, f64, f64)>,
    /// The line it stands in.
    pub line: usize,
}

/// What a ruling on a claim must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectRuling {
    /// Name of the claim.
    pub claim: Text,
    /// Kind of the assertion; every assertion of that kind is meant.
    pub kind: Text,
    /// With what to go on: the name of a variant; empty for everything.
    pub variant: Text,
    /// Rulings that count as right.
    pub ruling: Vec<Ruling>,
    /// The line it stands in.
    pub line: usize,
}

/// The same scenario with less to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name, such as `reports-only`.
    pub name: Text,
    /// Kinds of signals that are left out.
    pub drop: Vec<Text>,
    /// Whether of all other kinds only what is documented is kept: the public record. Reports
    /// stay, though their shapes are made up: without them there is no incident.
    pub documented_only: bool,
}

impl Variant {
    /// Leaves out what this variant leaves out.
    pub fn select(&self, mut signals: Vec<Signal>) -> Vec<Signal> {
        signals.retain(|signal| {
            let kind = signal.body.kind();
            let kept = kind == "report" || !self.documented_only || !signal.provenance.synthetic;
            kept && !self.drop.iter().any(|dropped| **dropped == *kind)
        });
        signals
    }
}

impl Scenario {
    /// The variant of this name.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| *variant.name == *name)
    }
}

pub fn truth(table: &mut Table<'_>, (from, until): Span) -> Truth {
    let onset = table.required_time("onset");
    if onset < from || onset > until {
        table.mistake("onset", "the onset does not lie within the scenario", "a time inside it");
    }
    let place = PLACES.map(|name| (name, name));
    let accept = table.texts("accept");
    for name in &accept {
        known(table, "accept", name, true);
    }
    Truth {
        onset,
        service: table.text("service").unwrap_or_default().into(),
        cause: cause(table, "cause"),
        accept: texts(accept),
        place: table.choice("where", &place).unwrap_or_default().into(),
        mechanism: cause(table, "mechanism"),
        contested: table.flag("contested").unwrap_or(false),
        parts: table.tables("part", part),
    }
}

fn part(table: &mut Table<'_>) -> Part {
    let hypothesis = table.required_text("hypothesis");
    known(table, "hypothesis", &hypothesis, false);
    let part = Part {
        hypothesis: hypothesis.into(),
        from: table.required_time("from"),
        until: table.required_time("until"),
        by: table.text("by").unwrap_or_default().into(),
    };
    if part.until <= part.from {
        table.mistake("until", "the part ends before it begins", "a later time");
    }
    part
}

pub fn verdict(table: &mut Table<'_>, (from, until): Span) -> ExpectVerdict {
    let named = table.has("named").then(|| table.texts("named"));
    for name in named.iter().flatten() {
        known(table, "named", name, true);
    }
    let leads = table.texts("leads");
    for name in &leads {
        known(table, "leads", name, false);
    }
    let at = table.time("at").unwrap_or(until);
    if at < from || at > until {
        table.mistake("at", format!("{at} lies outside the scenario"), "a time inside it");
    }
    ExpectVerdict {
        service: table.text("service").unwrap_or_default().into(),
        variant: table.text("variant").unwrap_or_default().into(),
        at,
        named: named.map(texts),
        leads: texts(leads),
        range: table.table("range", ranges).unwrap_or_default(),
        line: table.line("variant"),
    }
}

/// `{ overload = [0.4, 0.85] }`.
fn ranges(table: &mut Table<'_>) -> Vec<(Text, f64, f64)> {
    let mut ranges = Vec::new();
    for name in names() {
        if !table.has(name) {
            continue;
        }
        match table.numbers(name, 0.0..=1.0)[..] {
            [low, high] if low <= high => ranges.push((name.into(), low, high)),
            _ => table.mistake(name, "a range is a low and a high share", "[0.4, 0.85]"),
        }
    }
    ranges
}

pub fn ruling(table: &mut Table<'_>) -> ExpectRuling {
    let kinds = ASSERTIONS.map(|name| (name, name));
    let all: Vec<&str> = Ruling::ALL.iter().map(|ruling| ruling.name()).collect();
    let wanted = table.required_texts("ruling");
    let ruling: Vec<Ruling> = wanted
        .iter()
        .filter_map(|name| Ruling::ALL.into_iter().find(|ruling| ruling.name() == name))
        .collect();
    if ruling.len() < wanted.len() {
        table.mistake("ruling", "one of them is no ruling", format!("one of {}", all.join(", ")));
    }
    ExpectRuling {
        claim: table.required_text("claim").into(),
        kind: table.choice("kind", &kinds).unwrap_or("cause").into(),
        variant: table.text("variant").unwrap_or_default().into(),
        ruling,
        line: table.line("claim"),
    }
}

pub fn variant(table: &mut Table<'_>) -> Variant {
    let drop = texts(table.texts("drop"));
    for kind in drop.iter().filter(|kind| !Body::KINDS.contains(&&***kind)) {
        let instead = format!("one of {}", Body::KINDS.join(", "));
        table.mistake("drop", format!("{kind:?} is no kind of signal"), instead);
    }
    let documented_only = table.flag("documented_only").unwrap_or(false);
    if drop.is_empty() && !documented_only {
        let instead = "drop = [\"probe\"], or documented_only = true";
        table.mistake("drop", "the variant leaves nothing out", instead);
    }
    Variant { name: table.required_text("name").into(), drop, documented_only }
}

/// Fills in whom the truth and its verdicts are about, and checks that what they name is there.
pub fn settled(mut scenario: Scenario, table: &mut Table<'_>) -> Scenario {
    let first = scenario.expect.first().map(|expect| expect.service.clone()).unwrap_or_default();
    if let Some(truth) = &mut scenario.truth
        && truth.service.is_empty()
    {
        truth.service = first.clone();
    }
    let about = scenario.truth.as_ref().map_or(first, |truth| truth.service.clone());
    let mut variants: Vec<&Text> = scenario.expect_verdict.iter().map(|it| &it.variant).collect();
    variants.extend(scenario.expect_ruling.iter().map(|it| &it.variant));
    for name in variants.into_iter().filter(|name| !name.is_empty()) {
        if scenario.variant(name).is_none() {
            let what = format!("there is no variant {name:?}");
            table.mistake("variant", what, "the name of a [[variant]] of this file");
        }
    }
    for expect in &scenario.expect_ruling {
        let said = scenario.told.iter().any(|told| match &told.body {
            Body::Claim(claim) => {
                claim.claim == expect.claim
                    && claim.assertions.iter().any(|assertion| assertion.kind == expect.kind)
            }
            _ => false,
        });
        if !said {
            let what = format!("no claim {:?} asserts a {}", expect.claim, expect.kind);
            table.mistake("expect_ruling", what, "the name of a [[claim]] and a kind it asserts");
        }
    }
    for expect in &mut scenario.expect_verdict {
        if expect.service.is_empty() {
            expect.service = about.clone();
        }
    }
    scenario
}

/// A cause, or nothing.
pub fn cause(table: &mut Table<'_>, key: &str) -> Text {
    let name = table.text(key).unwrap_or_default();
    if !name.is_empty() {
        known(table, key, &name, false);
    }
    name.into()
}

/// Notes a name that is no cause and, where one will do, no group.
pub fn known(table: &mut Table<'_>, key: &str, name: &str, or_group: bool) {
    let fits = |known: &&str| or_group || Hypothesis::parse(known).is_some();
    if names().any(|known| known == name && fits(&known)) {
        return;
    }
    let lacks = if or_group { "no cause and no group" } else { "no cause" };
    let what = format!("{name:?} is {lacks}");
    let near = nearest(name, names().filter(fits));
    let instead = near.map_or_else(
        || {
            let all: Vec<&str> = Hypothesis::ALL.iter().map(|cause| cause.name()).collect();
            format!("one of {}", all.join(", "))
        },
        |near| format!("{near:?}"),
    );
    table.mistake(key, what, instead);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"s\"\ntitle = \"S\"\nfrom = 2025-03-10T00:00:00Z\n\
                        until = 2025-03-11T00:00:00Z\n[[expect]]\nservice = \"x\"\n";

    fn read(text: &str) -> Result<Scenario, String> {
        Scenario::parse("s", &format!("{HEAD}{text}")).map_err(|all| all[0].to_string())
    }

    #[test]
    fn what_judges_is_read() {
        let scenario = read(
            "[truth]\nonset = 2025-03-10T09:00:00Z\ncause = \"bad_change\"\nwhere = \"provider\"\n\
             accept = [\"internal\"]\nmechanism = \"bad_change\"\n\
             [[truth.part]]\nhypothesis = \"overload\"\nfrom = 2025-03-10T09:00:00Z\n\
             until = 2025-03-10T10:00:00Z\nby = \"retries\"\n\
             [[variant]]\nname = \"record\"\ndocumented_only = true\n\
             [[expect_verdict]]\nvariant = \"record\"\nnamed = []\n\
             [[expect_verdict]]\nleads = [\"overload\"]\nrange = { attack = [0.1, 1] }\n",
        )
        .expect("well formed");
        let truth = scenario.truth.as_ref().expect("a truth");
        assert_eq!((&*truth.service, &*truth.place), ("x", "provider"));
        assert_eq!(&*truth.parts[0].hypothesis, "overload");
        let [record, full] = &scenario.expect_verdict[..] else { panic!("two") };
        assert_eq!((&*record.service, &record.named), ("x", &Some(Vec::new())));
        assert_eq!((record.at, &full.named), (scenario.until, &None));
        assert_eq!(full.range, [("attack".into(), 0.1, 1.0)]);
        assert!(scenario.variant("record").expect("a variant").documented_only);
    }

    #[test]
    fn names_that_nobody_knows_are_refused() {
        let truth = |rest: &str| format!("[truth]\nonset = 2025-03-10T09:00:00Z\n{rest}");
        for (text, want) in [
            (truth("cause = \"bad_chnage\"\n"), "s:9: \"bad_chnage\" is no cause; write \"bad_ch"),
            (truth("cause = \"attack\"\n"), "s:9: \"attack\" is no cause"),
            (truth("accept = [\"ddos\"]\n"), "s:9: \"ddos\" is no cause and no group"),
            (truth("where = \"moon\"\n"), "s:9: `where` is \"moon\""),
            (
                "[[expect_verdict]]\nrange = { overload = [0.9, 0.1] }\n".to_owned(),
                "s:8: a range is a low and a high share",
            ),
            (
                "[[expect_verdict]]\nrange = { overlaod = [0, 1] }\n".to_owned(),
                "s:8: [expect_verdict.range] has no key `overlaod`",
            ),
            ("[[expect_verdict]]\nvariant = \"r\"\n".to_owned(), "s:1: there is no variant \"r\""),
            (
                "[[expect_ruling]]\nclaim = \"c\"\nkind = \"cause\"\nruling = [\"supported\"]\n"
                    .to_owned(),
                "s:7: no claim \"c\" asserts a cause",
            ),
            ("[[variant]]\nname = \"v\"\n".to_owned(), "s:7: the variant leaves nothing out"),
        ] {
            let told = read(&text).expect_err(want);
            assert!(told.starts_with(want), "{text}: {told}");
        }
    }

    #[test]
    fn the_public_record_keeps_reports_and_what_is_documented() {
        let scenario = read(
            "[[reports]]\nservice = \"x\"\npoints = { \"09:00\" = 9, \"09:30\" = 9 }\n\
             [[mention]]\nservice = \"x\"\nat = 2025-03-10T09:00:00Z\nwindow_s = 60\n\
             authors = 3\nnetwork = \"n\"\n\
             [[testimony]]\nservice = \"x\"\nat = 2025-03-10T09:00:00Z\nsynthetic = false\n\
             speaker_role = \"r\"\ntext = \"t\"\n\
             [[variant]]\nname = \"record\"\ndocumented_only = true\n\
             [[variant]]\nname = \"bare\"\ndocumented_only = true\ndrop = [\"testimony\"]\n",
        )
        .expect("well formed");
        let base = crate::scenario::Catalog::default();
        let mut catalog = base;
        let service = outcry_core::catalog::Service {
            slug: "x".into(),
            name: "X".into(),
            aliases: Vec::new(),
            category: "s".into(),
            countries: Vec::new(),
            domains: Vec::new(),
            components: vec!["web".into()],
            problems: vec!["slow".into()],
            notices: None,
            asns: Vec::new(),
            depends_on: Vec::new(),
        };
        catalog.services.insert("x".into(), service);
        let kinds = |name: &str| {
            let variant = scenario.variant(name).expect("a variant");
            let kept = variant.select(scenario.signals(1, &catalog));
            kept.iter().map(|s| s.body.kind()).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(kinds("record").into_iter().collect::<Vec<_>>(), ["report", "testimony"]);
        assert_eq!(kinds("bare").into_iter().collect::<Vec<_>>(), ["report"]);
    }
}
