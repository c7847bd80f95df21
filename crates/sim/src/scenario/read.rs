//! Reading a scenario: the frame, the facts, and the curves of reports.

use outcry_core::catalog::Service;
use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_wire::document::Table;

use crate::scenario::Everyday;
use crate::scenario::Expect;
use crate::scenario::Fact;
use crate::scenario::Mix;
use crate::scenario::Reports;
use crate::scenario::Scenario;
use crate::scenario::Truth;
use crate::scenario::Usual;
use crate::scenario::told;

/// Days a scenario may last.
const DAYS_MAX: i64 = 31;
/// Reports a minute a curve may reach.
const PER_MINUTE_MAX: f64 = 1_000_000.0;
/// Traffic by hour of the day when none is given: least at night in the Atlantic, most at 18 UTC.
const DAY: [f64; 24] = [
    0.95, 0.85, 0.75, 0.65, 0.55, 0.55, 0.6, 0.7, 0.85, 0.95, 1.0, 1.05, 1.1, 1.15, 1.25, 1.3, 1.35,
    1.4, 1.4, 1.35, 1.3, 1.25, 1.15, 1.05,
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
    if until <= from || until.since_ms(from) > DAYS_MAX * 86_400_000 {
        table.mistake(
            "until",
            "the end does not lie after the beginning, or more than 31 days after it",
            "a later time, such as the next midnight",
        );
    }
    let seed = table.integer("seed", 0..=i64::MAX).unwrap_or(1).unsigned_abs();
    let weeks = table.integer("history_weeks", 0..=52).unwrap_or(4);
    let mut told = Vec::new();
    let scenario = Scenario {
        id: table.required_text("id").into(),
        title: table.required_text("title").into(),
        summary: table.text("summary").unwrap_or_default().into(),
        from,
        until,
        seed,
        history_weeks: u32::try_from(weeks).unwrap_or(0),
        facts: table.tables("fact", fact),
        truth: table.table("truth", truth),
        expect: table.tables("expect", expect),
        services: table.tables("service", service),
        everyday: table.table("everyday", everyday).unwrap_or_else(nothing_everyday),
        usual: table.tables("usual", usual),
        reports: table.tables("reports", |reports| curve(reports, from, until)),
        told: Vec::new(),
    };
    told::read(table, (from, until), &mut told);
    Scenario { told, ..scenario }
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

fn truth(table: &mut Table<'_>) -> Truth {
    Truth {
        onset: table.required_time("onset"),
        cause: table.text("cause").unwrap_or_default().into(),
        accept: texts(table.texts("accept")),
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
    }
}

/// A service that only this scenario has.
fn service(table: &mut Table<'_>) -> Service {
    let slug: Text = table.required_text("slug").into();
    if !outcry_core::catalog::is_slug(&slug) {
        table.mistake("slug", format!("{slug:?} is no slug"), "lower-case letters and hyphens");
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
    }
}

fn usual(table: &mut Table<'_>) -> Usual {
    Usual {
        service: table.required_text("service").into(),
        per_minute: table.required_number("per_minute", 0.0..=100_000.0),
        components: mix(table, "components"),
        problems: mix(table, "problems"),
        countries: countries(table),
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
        networks: count(table.integer("networks", 1..=32), 12),
        prefixes: count(table.integer("prefixes", 1..=most), 1_000_000),
        reporters: count(table.integer("reporters", 0..=most), 0),
        repeat_share: table.number("repeat_share", 0.0..=0.9).unwrap_or(0.0),
        hosting_share: table.number("hosting_share", 0.0..=1.0).unwrap_or(0.0),
        works_share: table.number("works_share", 0.0..=1.0).unwrap_or(0.0),
        comments: texts(table.texts("comments")),
        comment_every: count(table.integer("comment_every", 1..=most), 1_000),
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
                table.mistake("points", format!("{time:?} lies outside the scenario"), "")
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
        table.mistake("points", "a curve has at least two points", "{ \"09:43\" = 0, \"10:00\" = 90 }");
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
            table.mistake("countries", format!("{code:?} is no country"), "two letters, such as US");
        }
    }
    mix
}

/// Shared texts.
pub fn texts(list: Vec<String>) -> Vec<Text> {
    list.into_iter().map(Text::from).collect()
}
