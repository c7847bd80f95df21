//! Reading a scenario: the frame, the facts, and the curves of reports.

use std::collections::BTreeSet;

use outcry_core::catalog::Service;
use outcry_core::catalog::is_slug;
use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_wire::document::Table;

use crate::scenario::Everyday;
use crate::scenario::Expect;
use crate::scenario::Fact;
use crate::scenario::Mix;
use crate::scenario::Reports;
use crate::scenario::Scenario;
use crate::scenario::Silence;
use crate::scenario::Usual;
use crate::scenario::judge;
use crate::scenario::told;

/// Days a scenario may last.
const DAYS_MAX: i64 = 31;
/// Weeks of history when nothing is said.
const HISTORY_WEEKS: u32 = 6;
/// Weeks of history a scenario may ask for.
const HISTORY_WEEKS_MAX: i64 = 52;
/// What a slug is, for mistakes.
const SLUG: &str = "lower-case letters and digits, joined by single hyphens";
/// Reports a minute a curve may reach.
const PER_MINUTE_MAX: f64 = 1_000_000.0;
/// Named networks a mix may have.
const ASNS_MAX: usize = 200;
/// Traffic by hour of the day when none is given: least at night in the Atlantic, most at 18 UTC.
const DAY: [f64; 24] = [
    0.95, 0.85, 0.75, 0.65, 0.55, 0.55, 0.6, 0.7, 0.85, 0.95, 1.0, 1.05, 1.1, 1.15, 1.25, 1.3,
    1.35, 1.4, 1.4, 1.35, 1.3, 1.25, 1.15, 1.05,
];
/// Where everyday reports come from when nothing is given.
const COUNTRIES: [(&str, f64); 12] = [
    ("US", 0.34),
    ("GB", 0.11),
    ("DE", 0.08),
    ("FR", 0.07),
    ("BR", 0.07),
    ("JP", 0.06),
    ("IN", 0.06),
    ("CA", 0.05),
    ("ES", 0.05),
    ("IT", 0.04),
    ("MX", 0.04),
    ("AU", 0.03),
];

/// Reads the root table.
pub fn scenario(table: &mut Table<'_>) -> Scenario {
    let (from, until) = (table.required_time("from"), table.required_time("until"));
    if until <= from || until.since_ms(from) > DAYS_MAX * DAY_MS {
        table.mistake(
            "until",
            "the end does not lie after the beginning, or more than 31 days after it",
            "a later time, such as the next midnight",
        );
    }
    let id: Text = table.required_text("id").into();
    if !id.is_empty() && !is_slug(&id) {
        table.mistake("id", format!("{id:?} is no slug"), SLUG);
    }
    let mut told = Vec::new();
    told::read(table, (from, until), &mut told);
    let scenario = Scenario {
        id,
        title: table.required_text("title").into(),
        summary: table.text("summary").unwrap_or_default().into(),
        from,
        until,
        seed: table.integer("seed", 0..=i64::MAX).map_or(1, i64::unsigned_abs),
        history_weeks: table
            .integer("history_weeks", 0..=HISTORY_WEEKS_MAX)
            .and_then(|weeks| u32::try_from(weeks).ok())
            .unwrap_or(HISTORY_WEEKS),
        facts: table.tables("fact", fact),
        truth: table.table("truth", |truth| judge::truth(truth, (from, until))),
        expect: table.tables("expect", expect),
        expect_verdict: table
            .tables("expect_verdict", |verdict| judge::verdict(verdict, (from, until))),
        expect_ruling: table.tables("expect_ruling", judge::ruling),
        services: table.tables("service", service),
        everyday: table.table("everyday", everyday).unwrap_or_else(nothing_everyday),
        usual: table.tables("usual", usual),
        reports: table.tables("reports", |reports| curve(reports, from, until)),
        told,
        silences: table.tables("silence", silence),
        variants: table.tables("variant", judge::variant),
    };
    let scenario = judge::settled(scenario, table);
    let owners = scenario.usual.iter().map(|usual| &usual.service);
    for slug in twice(owners).into_iter().chain(twice(scenario.everyday.ranked.iter())) {
        let what = format!("{slug:?} has usual traffic twice");
        table.mistake("usual", what, "one [[usual]], or one place in ranked, for each service");
    }
    let timed = scenario.expect.iter().any(|expect| expect.opened_within_s.is_some());
    if timed && scenario.truth.is_none() {
        let what = "opened_within_s counts from an onset, and there is none";
        table.mistake("expect", what, "a [truth] with its onset");
    }
    scenario
}

fn fact(table: &mut Table<'_>) -> Fact {
    let among = ["documented", "inferred", "doubtful"].map(|name| (name, name));
    Fact {
        what: table.required_text("what").into(),
        figure: table.required_text("figure").into(),
        source: table.required_text("source").into(),
        certainty: table.choice("certainty", &among).unwrap_or("documented").into(),
    }
}

fn expect(table: &mut Table<'_>) -> Expect {
    let count = |n: Option<i64>| n.map(i64::unsigned_abs);
    Expect {
        service: table.required_text("service").into(),
        incidents: count(table.integer("incidents", 0..=1_000)).unwrap_or(0),
        surges_min: count(table.integer("surges_min", 0..=1_000)).unwrap_or(0),
        opened_within_s: table.number("opened_within_s", 0.0..=86_400.0),
        quiet_hours_min: table.number("quiet_hours_min", 0.0..=1_000.0),
        mostly: table.text("mostly").map(Text::from),
        line: table.line("service"),
    }
}

/// A service that only this scenario has.
fn service(table: &mut Table<'_>) -> Service {
    let slug: Text = table.required_text("slug").into();
    if !slug.is_empty() && !is_slug(&slug) {
        table.mistake("slug", format!("{slug:?} is no slug"), SLUG);
    }
    Service {
        name: table.text("name").map_or_else(|| slug.clone(), Text::from),
        slug,
        aliases: texts(table.texts("aliases")),
        category: table.text("category").unwrap_or_else(|| "scenario".into()).into(),
        countries: Vec::new(),
        domains: texts(table.texts("domains")),
        components: texts(table.required_texts("components")),
        problems: texts(table.required_texts("problems")),
        notices: None,
        asns: Vec::new(),
        depends_on: texts(table.texts("depends_on")),
    }
}

fn everyday(table: &mut Table<'_>) -> Everyday {
    let day = table.numbers("day", 0.0..=10.0);
    if !day.is_empty() && day.len() != 24 {
        table.mistake("day", format!("there are {} hours", day.len()), "24 numbers around 1");
    }
    let mut everyday = nothing_everyday();
    everyday.per_minute = table.required_number("per_minute", 0.0..=100_000.0);
    everyday.ranked = texts(table.texts("ranked"));
    let countries = countries(table);
    if !countries.is_empty() {
        everyday.countries = countries;
    }
    if day.len() == 24 {
        everyday.day = day;
    }
    everyday.weekend = table.number("weekend", 0.0..=10.0).unwrap_or(everyday.weekend);
    everyday.repeat_share = table.number("repeat_share", 0.0..=0.9).unwrap_or(0.0);
    everyday.line = table.line("ranked");
    everyday
}

fn nothing_everyday() -> Everyday {
    Everyday {
        per_minute: 0.0,
        ranked: Vec::new(),
        countries: COUNTRIES.map(|(code, part)| (code.into(), part)).to_vec(),
        day: DAY.to_vec(),
        weekend: 0.9,
        repeat_share: 0.0,
        line: 1,
    }
}

fn usual(table: &mut Table<'_>) -> Usual {
    Usual {
        service: table.required_text("service").into(),
        per_minute: table.required_number("per_minute", 0.0..=100_000.0),
        components: mix(table, "components"),
        problems: mix(table, "problems"),
        countries: countries(table),
        asns: networks(table),
        line: table.line("service"),
    }
}

fn curve(table: &mut Table<'_>, from: UnixMillis, until: UnixMillis) -> Reports {
    let points = points(table, from, until);
    let count = |n: Option<i64>, or: u64| n.map_or(or, i64::unsigned_abs);
    let most = 1_000_000_000;
    Reports {
        service: table.required_text("service").into(),
        points,
        components: mix(table, "components"),
        problems: mix(table, "problems"),
        countries: countries(table),
        asns: networks(table),
        networks: count(table.integer("networks", 1..=32), 12),
        prefixes: count(table.integer("prefixes", 1..=most), 1_000_000),
        reporters: count(table.integer("reporters", 0..=most), 0),
        repeat_share: table.number("repeat_share", 0.0..=0.9).unwrap_or(0.0),
        hosting_share: table.number("hosting_share", 0.0..=1.0).unwrap_or(0.0),
        works_share: table.number("works_share", 0.0..=1.0).unwrap_or(0.0),
        comments: texts(table.texts("comments")),
        comment_every: count(table.integer("comment_every", 1..=most), 1_000),
        line: table.line("service"),
    }
}

/// `points = { "09:43" = 0, "10:00" = 1500 }` of the first day, or full times; in order.
fn points(table: &mut Table<'_>, from: UnixMillis, until: UnixMillis) -> Vec<(UnixMillis, f64)> {
    let mut points: Vec<(UnixMillis, f64)> = Vec::new();
    for (time, per_minute) in table.number_map("points", 0.0..=PER_MINUTE_MAX) {
        let short = format!("{}T{time}:00Z", from.date());
        match UnixMillis::parse(&time).or_else(|| UnixMillis::parse(&short)) {
            Some(at) if at >= from && at <= until => points.push((at, per_minute)),
            Some(_) => {
                let what = format!("{time:?} lies outside the scenario");
                table.mistake("points", what, format!("a time from {from} to {until}"));
            }
            None => table.mistake(
                "points",
                format!("{time:?} is no time"),
                "\"09:43\" (UTC, of the first day) or \"2025-03-10T09:43:00Z\"",
            ),
        }
    }
    points.sort_by_key(|(at, _)| *at);
    if points.len() < 2 {
        table.mistake(
            "points",
            "a curve has at least two points",
            "{ \"09:43\" = 0, \"10:00\" = 90 }",
        );
    }
    points
}

/// A mix by name.
fn mix(table: &mut Table<'_>, key: &str) -> Mix {
    table.number_map(key, 0.0..=1_000_000.0).into_iter().map(|(n, part)| (n.into(), part)).collect()
}

/// A mix by country.
fn countries(table: &mut Table<'_>) -> Mix {
    let mix = mix(table, "countries");
    for (code, _) in &mix {
        if Country::parse(code).is_none() {
            table.mistake(
                "countries",
                format!("{code:?} is no country"),
                "two letters, such as US",
            );
        }
    }
    mix
}

/// A mix by AS number.
fn networks(table: &mut Table<'_>) -> Vec<(Asn, f64)> {
    let mut parts = Vec::new();
    for (number, part) in table.number_map("asns", 0.0..=1_000_000.0) {
        match number.parse() {
            Ok(asn) => parts.push((Asn(asn), part)),
            Err(_) => {
                let what = format!("{number:?} is no AS number");
                table.mistake("asns", what, "digits in quotes, such as { \"2856\" = 1 }");
            }
        }
    }
    if parts.len() > ASNS_MAX {
        let what = format!("there are {} networks; at most {ASNS_MAX}", parts.len());
        table.mistake("asns", what, "the largest of them");
        parts.truncate(ASNS_MAX);
    }
    parts
}

/// From where nobody can report for a while.
fn silence(table: &mut Table<'_>) -> Silence {
    let countries = table.texts("countries");
    let known: Vec<Country> = countries.iter().filter_map(|code| Country::parse(code)).collect();
    if known.len() < countries.len() {
        let instead = "two letters each, such as [\"US\"]";
        table.mistake("countries", "one of them is no country", instead);
    }
    let asns = table.numbers("asns", 1.0..=f64::from(u32::MAX));
    if known.is_empty() && asns.is_empty() {
        let instead = "countries = [\"ES\"], or asns = [4804]";
        table.mistake("countries", "nobody is silent", instead);
    }
    Silence {
        from: table.required_time("from"),
        until: table.required_time("until"),
        countries: known,
        asns: asns.into_iter().map(|number| Asn(number as u32)).collect(),
        part: table.number("part", 0.0..=1.0).unwrap_or(1.0),
    }
}

/// What is named more than once.
fn twice<'a>(names: impl Iterator<Item = &'a Text>) -> BTreeSet<&'a Text> {
    let mut known = BTreeSet::new();
    names.filter(|name| !known.insert(*name)).collect()
}

/// Shared texts.
pub fn texts(list: Vec<String>) -> Vec<Text> {
    list.into_iter().map(Text::from).collect()
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    const HEAD: &str = "id = \"s\"\ntitle = \"S\"\nfrom = 2025-03-10T00:00:00Z\n\
                        until = 2025-03-11T00:00:00Z\n";

    /// The first mistake in what follows the head; its own first line is 5.
    fn mistake(text: &str) -> String {
        let mistakes = Scenario::parse("s", &format!("{HEAD}{text}")).expect_err("a mistake");
        mistakes[0].to_string()
    }

    #[test]
    fn four_lines_are_a_scenario() {
        let scenario = Scenario::parse("s", HEAD).expect("well formed");
        assert_eq!((scenario.seed, scenario.history_weeks), (1, 6));
        assert_eq!(scenario.everyday.per_minute, 0.0);
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_write_instead() {
        let points = |points: &str| format!("[[reports]]\nservice = \"x\"\npoints = {points}\n");
        let cases = [
            ("seeds = 3\n".to_owned(), "s:5: "),
            ("[truth]\nonset = 2025-03-12T00:00:00Z\n".to_owned(), "s:6: the onset does not lie"),
            (points("{ \"09:00\" = 0 }"), "s:7: a curve has at least two points; write { "),
            (points("{ \"9\" = 0, \"10:00\" = 1 }"), "s:7: \"9\" is no time; write \"09:43\""),
            (
                points("{ \"2025-03-12T09:00:00Z\" = 0, \"09:00\" = 1, \"10:00\" = 1 }"),
                "s:7: \"2025-03-12T09:00:00Z\" lies outside the scenario; write a time from 2025",
            ),
            (
                "[everyday]\nper_minute = 1\nranked = [\"x\", \"y\", \"x\"]\n".to_owned(),
                "s:1: \"x\" has usual traffic twice; write one [[usual]]",
            ),
            ("[everyday]\nper_minute = 1\nday = [1, 1]\n".to_owned(), "s:7: there are 2 hours"),
            (
                "[[expect]]\nservice = \"x\"\nopened_within_s = 60\n".to_owned(),
                "s:5: opened_within_s counts from an onset",
            ),
            (
                "[[variant]]\nname = \"r\"\ndrop = [\"probes\"]\n".to_owned(),
                "s:7: \"probes\" is no kind of signal; write one of report, probe, ",
            ),
            ("[[claim]]\nservice = \"x\"\n".to_owned(), "s:5: "),
            (
                "[[probe]]\nservice = \"x\"\nat = 2025-03-12T00:00:00Z\nvantages = [\"fra:DE\"]\n"
                    .to_owned(),
                "s:7: 2025-03-12T00:00:00Z lies outside the scenario",
            ),
            (
                "[[probe]]\nservice = \"x\"\nat = 2025-03-10T01:00:00Z\nvantages = [\"fra\"]\n"
                    .to_owned(),
                "s:8: \"fra\" names no country; write a name and a country",
            ),
        ];
        for (text, want) in cases {
            let told = mistake(&text);
            assert!(told.starts_with(want), "{text}: {told}");
        }
    }
}
