//! Prints a page with every chart in several shapes of data, to be looked at.
//!
//! `cargo run -p outcry-server --example chart_gallery > gallery.html`; an argument `dark` or
//! `light` fixes the colours. Every number in it is made up.

use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;
use outcry_core::series::MinuteRow;
use outcry_core::time::UnixMinute;
use outcry_server::chart::places::PlaceRow;
use outcry_server::chart::places::PlaceWords;
use outcry_server::chart::places::places;
use outcry_server::chart::share::ShareRow;
use outcry_server::chart::share::shares;
use outcry_server::chart::spark::spark;
use outcry_server::chart::surge::Mark;
use outcry_server::chart::surge::MarkKind;
use outcry_server::chart::surge::SurgeChart;
use outcry_server::chart::surge::Words;
use outcry_server::chart::surge::step_minutes;
use outcry_server::chart::surge::surge;
use outcry_server::chart::surge::table;

const CHART_CSS: &str = include_str!("../../../web/chart.css");
const LIGHT: &str = "color-scheme:light;--paper:#faf9f6;--surface:#fff;--ink:#15171c;\
    --ink-2:#474c56;--ink-3:#666b74;--line:#e4e1d9;--line-2:#c8c4b9;--signal:#b92a17;\
    --signal-soft:#f7ddd6;--signal-fill:#e2644f;--blue:#1c5c9c;--blue-fill:#5b93c9;\
    --ochre:#835600;--ochre-fill:#b27f1a;--teal-fill:#3d8b82;--hatch:#b9b5aa;--q0:#e9e6de;\
    --q1:#f6d3c9;--q2:#ee9f8c;--q3:#dc634c;--q4:#a82413";
const DARK: &str = "color-scheme:dark;--paper:#111316;--surface:#181b20;--ink:#eeece6;\
    --ink-2:#b9bbbf;--ink-3:#93979e;--line:#272b31;--line-2:#3d424b;--signal:#ff8468;\
    --signal-soft:#3d1f19;--signal-fill:#e0614a;--blue:#86b8ea;--blue-fill:#4f86bd;\
    --ochre:#e6b555;--ochre-fill:#b98a2e;--teal-fill:#3f8a81;--hatch:#4a4f58;--q0:#25292f;\
    --q1:#4a2a24;--q2:#86402f;--q3:#c95a43;--q4:#ff9279";
const PAGE: &str = "@font-face{font-family:\"Inter O\";src:url(inter-400-700.woff2);\
    font-weight:400 700}*{box-sizing:border-box}body{margin:0;background:var(--paper);\
    color:var(--ink);font:16px/1.5 var(--sans);--sans:\"Inter O\",sans-serif;\
    font-feature-settings:\"tnum\"}.wrap{max-width:1128px;margin:auto;padding:24px}\
    @media(max-width:720px){.wrap{padding:18px}}h2{font-size:19px;margin:56px 0 2px}\
    figure{margin:16px 0 0}table{width:100%;border-collapse:collapse;font-size:15px}\
    th{font-weight:400;text-align:start}td{text-align:end}.sub{color:var(--ink-3);font-size:14px}\
    .three{display:grid;gap:0 48px;\
    grid-template-columns:repeat(auto-fit,minmax(300px,1fr))}details{font-size:14px}";
/// 10 March 2025, 00:00 UTC, in minutes since 1970.
const MONDAY: i64 = 29_026_080;

fn main() {
    let colours = match std::env::args().nth(1).as_deref() {
        Some("dark") => format!(":root{{{DARK}}}"),
        Some("light") => format!(":root{{{LIGHT}}}"),
        _ => format!(":root{{{LIGHT}}}@media(prefers-color-scheme:dark){{:root{{{DARK}}}}}"),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { "Charts" }
                style { (PreEscaped(format!("{colours}{PAGE}{CHART_CSS}"))) }
            }
            body { div.wrap { (surges()) (sparks()) (bars()) } }
        }
    };
    println!("{}", page.into_string());
}

fn surges() -> Markup {
    let x = x_day();
    let late: Vec<MinuteRow> = x.iter().map(|r| shifted(r, -480)).collect();
    let quiet = day(1440, |m| wave(m, 9.0), noise);
    let small = day(1440, |_| 0.05, |m, _| f64::from(u8::from(m % 311 == 0)));
    let mut gap = x.clone();
    gap.retain(|row| !(400..520).contains(&(row.minute.0 - MONDAY)));
    let all_day = day(1440, |m| wave(m, 12.0), |m, usual| usual * 14.0 + noise(m, usual * 9.0));
    let huge = day(900, |_| 4e4, |m, u| if (300..420).contains(&m) { 4e9 } else { u });
    let three_days = day(
        4320,
        |m| wave(m, 20.0),
        |m, usual| {
            let hit = (2900..3400).contains(&m) || (1000..1100).contains(&m);
            noise(m, usual * if hit { 9.0 } else { 1.0 })
        },
    );
    let x_marks = vec![
        mark(338, Some(410), "First surge", "First", MarkKind::Surge),
        mark(412, Some(560), "Usual level for 2 h 36 min", "Quiet", MarkKind::Quiet),
        mark(566, None, "Second surge", "Second", MarkKind::Surge),
        mark(805, None, "Owner claims an attack", "Claim", MarkKind::Claim),
    ];
    html! {
        (shape("x", "The day of X: two surges and quiet hours", &x, Some(820), x_marks.clone()))
        (shape("over", "The same, over", &x, None, x_marks))
        (shape("late", "A window across midnight", &late, Some(340), vec![
            mark(338 - 480, Some(410 - 480), "First surge", "First", MarkKind::Surge),
            mark(566 - 480, None, "Second surge", "Second", MarkKind::Surge),
        ]))
        (shape("quiet", "A quiet day", &quiet, Some(1439), vec![]))
        (shape("small", "A small service: five reports", &small, Some(1439), vec![]))
        (shape("gap", "Two hours were not measured", &gap, Some(820), vec![
            mark(566, None, "Second surge", "Second", MarkKind::Surge),
        ]))
        (shape("all", "In trouble all day", &all_day, Some(1439), vec![
            mark(0, None, "Surge", "Surge", MarkKind::Surge),
            mark(700, None, "Provider: we are investigating", "Notice", MarkKind::Notice),
        ]))
        (shape("huge", "Huge", &huge, None, vec![
            mark(300, Some(420), "Surge", "Surge", MarkKind::Surge),
        ]))
        (shape("three", "Three days", &three_days, Some(4319), vec![
            mark(1000, Some(1100), "First surge", "First", MarkKind::Surge),
            mark(2900, Some(3400), "Second surge", "Second", MarkKind::Surge),
        ]))
        (shape("one", "One row", &x[..1], Some(0), vec![]))
        (shape("none", "No row", &[], Some(0), vec![]))
    }
}

fn shape(id: &str, title: &str, rows: &[MinuteRow], now: Option<i64>, marks: Vec<Mark>) -> Markup {
    let now = now.map(|now| UnixMinute(MONDAY + now));
    let unit = match step_minutes(rows, now) {
        1 => "reports a minute".to_owned(),
        step => format!("reports in {step} minutes"),
    };
    let words = Words {
        unit: &unit,
        usual: "Usual Monday level",
        usual_short: "Usual",
        now: "now, 13:40",
        now_short: "now",
        zone: "UTC",
        missing: "no data",
        partly: "partly measured",
        table: "Reports by hour",
        time: "Hour",
        counted: "Reports",
        usually: "Usually",
        number: &grouped,
        value_at: &|value, time| format!("{value} at {time}"),
        day: &|minute| format!("{} March", 10 + (minute.0 - MONDAY).div_euclid(1440)),
    };
    let chart = SurgeChart { id, title, description: title, rows, now, marks, words };
    html! {
        h2 { (title) }
        (surge(&chart))
        details { summary { "Read the chart as a table" } (table(&chart)) }
    }
}

fn sparks() -> Markup {
    let quiet: Vec<Option<f64>> = (0..96).map(|i| Some(noise(i, 50.0) / 50.0)).collect();
    let x: Vec<Option<f64>> = x_day()
        .chunks(15)
        .map(|c| Some(sum(c, |r| f64::from(r.counted)) / sum(c, |r| r.usual)))
        .collect();
    let mut gap = x.clone();
    gap[20..30].fill(None);
    let noisy: Vec<Option<f64>> = (0..96).map(|i| Some(noise(i, 2.0))).collect();
    let now: Vec<Option<f64>> =
        (0..96).map(|i| Some(if i > 88 { 19.0 } else { noise(i, 30.0) / 30.0 })).collect();
    html! {
        h2 { "Sparklines" }
        div.three {
            @for (name, day) in
                [("quiet", quiet), ("X", x), ("gap", gap), ("few reports", noisy), ("now", now)]
            {
                div { (name) (spark(&day, name)) }
            }
        }
    }
}

fn bars() -> Markup {
    let share = |label: &str, share: f64, usual: Option<f64>| {
        let usually = usual.map_or(String::new(), |u| format!(" · usually {:.0} %", u * 100.0));
        let text = format!("{:.0} %{usually}", share * 100.0);
        ShareRow { label: label.to_owned(), share, usual, text }
    };
    let place = |label: &str, times: Option<f64>| {
        let text = times.map_or("14 reports".to_owned(), |times| format!("{times} times"));
        PlaceRow { label: label.to_owned(), times, text }
    };
    let shown = [
        share("Mobile app", 0.56, Some(0.47)),
        share("Feed or timeline", 0.18, Some(0.22)),
        share("Website", 0.14, Some(0.21)),
        share("Direct messages", 0.07, None),
        share("Logging in", 0.03, Some(0.05)),
    ];
    let rows = [
        place("United Kingdom", Some(71.0)),
        place("United States", Some(64.0)),
        place("Netherlands", Some(48.0)),
        place("Japan", Some(37.0)),
        place("India", Some(1.8)),
        place("Brazil", Some(0.9)),
        place("Iceland", None),
    ];
    let words = PlaceWords {
        caption: "Reports in the last hour as a multiple of each country’s own usual level",
        country: "Country",
        scale: "Each step doubles",
        times: "Times usual",
        usual: "usual",
        step: &|times| format!("{times}×"),
        small: "Fewer than 10 reports, so not compared: Malta, Fiji and 11 other countries.",
    };
    html! {
        div.three {
            div {
                h2 { "Mostly the mobile app" }
                (shares(&shown, "What people chose when reporting, last hour"))
            }
            div {
                h2 { "Hardest in Britain and North America" }
                (places("places", &rows, &words))
            }
        }
    }
}

fn sum(rows: &[MinuteRow], of: fn(&MinuteRow) -> f64) -> f64 {
    rows.iter().map(of).sum()
}

fn mark(from: i64, until: Option<i64>, label: &str, short: &str, kind: MarkKind) -> Mark {
    let minute = |m: i64| UnixMinute(MONDAY + m);
    let (from, until) = (minute(from), until.map(minute));
    Mark { from, until, label: label.to_owned(), short: short.to_owned(), kind }
}

fn x_day() -> Vec<MinuteRow> {
    let hump = |m: i64, at: i64, rise: f64, fall: f64, height: f64| {
        let t = (m - at) as f64;
        if t < -rise * 2.0 {
            return 0.0;
        }
        height * (-(t / if t < 0.0 { rise } else { fall }).abs().powf(1.4)).exp()
    };
    day(
        821,
        |m| wave(m, 8.0),
        |m, usual| {
            let surges = hump(m, 350, 6.0, 16.0, 500.0)
                + hump(m, 595, 14.0, 36.0, 820.0)
                + hump(m, 695, 14.0, 60.0, 650.0)
                + hump(m, 760, 14.0, 60.0, 320.0);
            noise(m, usual + surges)
        },
    )
}

fn day(
    minutes: i64,
    usual: impl Fn(i64) -> f64,
    counted: impl Fn(i64, f64) -> f64,
) -> Vec<MinuteRow> {
    let row = |m: i64| {
        let usual = usual(m);
        let counted = counted(m, usual).max(0.0).round() as u32;
        MinuteRow { minute: UnixMinute(MONDAY + m), received: counted, counted, usual }
    };
    (0..minutes).map(row).collect()
}

fn shifted(row: &MinuteRow, by: i64) -> MinuteRow {
    MinuteRow { minute: UnixMinute(row.minute.0 + by), ..*row }
}

/// A usual level over the hours of a day.
fn wave(minute: i64, level: f64) -> f64 {
    level * (1.0 - 0.6 * (minute as f64 / 1440.0 * std::f64::consts::TAU).cos())
}

/// A mean with noise about as large as that of counts, the same on every run.
fn noise(minute: i64, mean: f64) -> f64 {
    let parts = [7919, 104_729, 1_299_709, 15_485_863];
    let unit = |p: i64| ((minute * p + p / 3) % 1009) as f64 / 1009.0 - 0.5;
    let normal: f64 = parts.into_iter().map(unit).sum::<f64>() * 1.7;
    (mean + normal * mean.sqrt()).max(0.0)
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
