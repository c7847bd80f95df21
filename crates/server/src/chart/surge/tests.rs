//! What is drawn of a day.

use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;

use super::*;
use crate::chart::label::Label;

const MONDAY: i64 = 29_026_080;

fn chart(rows: &[MinuteRow], now: Option<i64>, marks: Vec<Mark>) -> SurgeChart<'_> {
    let words = Words {
        unit: "reports in 5 minutes",
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
        number: &|value| value.to_string(),
        value_at: &|value, time| format!("{value} at {time}"),
        day: &|minute| format!("{} March", 10 + (minute.0 - MONDAY).div_euclid(1440)),
    };
    let now = now.map(UnixMinute);
    SurgeChart { id: "c", title: "Two surges", description: "…", rows, now, marks, words }
}

/// A day like that of X: a surge at 05:50, quiet, a larger one from 09:30.
fn day(minutes: i64) -> Vec<MinuteRow> {
    let hump = |m: i64, at: i64, width: f64, height: f64| {
        height * (-((m - at) as f64 / width).powi(2)).exp()
    };
    let row = |m: i64| {
        let noise = ((m * 7919 + m * m * 31) % 13) as f64;
        let surges = hump(m, 350, 15.0, 500.0) + hump(m, 600, 40.0, 820.0);
        let counted = (noise + surges + hump(m, 720, 60.0, 600.0)).round() as u32;
        MinuteRow { minute: UnixMinute(MONDAY + m), received: counted, counted, usual: 6.0 }
    };
    (0..minutes).map(row).collect()
}

fn mark(from: i64, until: Option<i64>, kind: MarkKind) -> Mark {
    let (label, short) = ("Second surge of the day".to_owned(), "Second".to_owned());
    let until = until.map(UnixMinute);
    Mark { from: UnixMinute(from), until, label, short, kind }
}

fn marks() -> Vec<Mark> {
    let m = |minute| MONDAY + minute;
    vec![
        mark(m(338), Some(m(410)), MarkKind::Surge),
        mark(m(412), Some(m(540)), MarkKind::Quiet),
        mark(m(550), None, MarkKind::Surge),
        mark(m(805), None, MarkKind::Claim),
    ]
}

fn assert_labels_are_apart(chart: &SurgeChart) {
    Drawing::of(chart, |scene, wide, narrow| {
        for (layout, page) in [(wide, WIDE), (narrow, NARROW)] {
            let areas: Vec<_> = layout.labels.iter().map(|l| (l, l.area(&page))).collect();
            for (i, (label, area)) in areas.iter().enumerate() {
                assert!(area.is_inside(&page), "outside: {label:?}");
                let (from, until) = area.reach(&page);
                let below = scene.highest(from, until) * page.height;
                assert!(area.bottom <= below, "touches what is drawn at {below}: {label:?}");
                for (other, taken) in &areas[..i] {
                    assert!(!area.meets(taken, &page), "{label:?} meets {other:?}");
                }
            }
        }
    });
}

#[test]
fn labels_stay_inside_apart_and_off_the_area() {
    let rows = day(820);
    assert_labels_are_apart(&chart(&rows, Some(MONDAY + 820), marks()));
    assert_labels_are_apart(&chart(&rows, None, marks()));
    assert_labels_are_apart(&chart(&rows[550..], Some(MONDAY + 820), marks()));
    assert_labels_are_apart(&chart(&rows[..1], Some(MONDAY), vec![]));
    assert_labels_are_apart(&chart(&day(1440), Some(MONDAY + 1440), vec![]));
}

#[test]
fn the_largest_value_is_written_on_its_mark() {
    let rows = day(820);
    let chart = chart(&rows, Some(MONDAY + 820), marks());
    let fives = rows.chunks(5).map(|five| five.iter().map(|r| u64::from(r.counted)).sum());
    let largest: u64 = fives.max().expect("rows");
    let has = |layout: &Layout| {
        let begins = |label: &Label| {
            label.lines.iter().any(|(_, text)| text.starts_with(&format!("{largest} at ")))
        };
        layout.labels.iter().any(begins)
    };
    Drawing::of(&chart, |_, wide, narrow| assert!(has(wide) && has(narrow)));
    assert!(surge(&chart).into_string().contains(&format!(" {largest} ")), "and in the data");
}

#[test]
fn a_day_is_at_most_9_kb_and_compresses_to_two_and_a_half() {
    let rows = day(1440);
    let svg = surge(&chart(&rows, Some(MONDAY + 1440), marks())).into_string();
    let mut small = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut svg.as_bytes(), &mut small, &settings).expect("memory");
    assert!(svg.len() <= 9_000, "{} bytes", svg.len());
    assert!(small.len() <= 2_500, "{} bytes compressed", small.len());
}

#[test]
fn the_chart_names_itself_and_needs_no_style() {
    let rows = day(820);
    let svg = surge(&chart(&rows, Some(MONDAY + 820), marks())).into_string();
    assert!(svg.contains(r#"role="img" aria-labelledby="c-t c-d""#), "{svg}");
    assert!(svg.contains("<title id=\"c-t\">Two surges</title>"));
    assert!(!svg.contains("style="));
}

#[test]
fn minutes_without_data_are_hatched_and_never_zero() {
    let mut rows = day(820);
    rows.retain(|row| !(400..520).contains(&(row.minute.0 - MONDAY)));
    let chart = chart(&rows, None, vec![]);
    let svg = surge(&chart).into_string();
    assert!(svg.contains("fill=\"url(#c-h)\"") && svg.contains(" - - - "));
    let table = table(&chart).into_string();
    assert!(table.contains("<th scope=\"row\">07:00</th><td colspan=\"2\">no data</td>"));
    assert!(table.contains("(partly measured)"));
}

#[test]
fn the_table_has_the_same_sum_as_the_rows() {
    let rows = day(120);
    let sum: u32 = rows[60..].iter().map(|row| row.counted).sum();
    let table = table(&chart(&rows, None, vec![])).into_string();
    let want = format!("<th scope=\"row\">01:00</th><td>{sum}</td><td>360</td>");
    assert!(table.contains(&want), "{table}");
}

fn rows() -> impl Strategy<Value = Vec<MinuteRow>> {
    let count = prop_oneof![0..40_u32, any::<u32>(), proptest::strategy::Just(u32::MAX)];
    let usual = prop_oneof![0.0..50.0, any::<f64>()];
    let row = (prop::bool::weighted(0.95), count, usual);
    let start = prop_oneof![MONDAY - 3000..MONDAY, any::<i64>()];
    (start, prop::collection::vec(row, 0..2000)).prop_map(|(start, rows)| {
        let minutes = rows.into_iter().enumerate().filter(|(_, (there, _, _))| *there);
        let row = |(i, (_, counted, usual)): (usize, (bool, u32, f64))| {
            let minute = UnixMinute(start.saturating_add(i as i64));
            MinuteRow { minute, received: counted, counted, usual }
        };
        minutes.map(row).collect()
    })
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_rows_draw(
        rows in rows(),
        now in prop_oneof![(MONDAY - 3000..MONDAY + 3000).prop_map(Some), any::<Option<i64>>()],
        marks in prop::collection::vec(
            (MONDAY - 3000..MONDAY + 100, any::<Option<i64>>(), 0..4_usize), 0..6),
    ) {
        let kinds = [MarkKind::Surge, MarkKind::Quiet, MarkKind::Claim, MarkKind::Notice];
        let marks = marks.into_iter().map(|(from, until, kind)| mark(from, until, kinds[kind]));
        let mut chart = chart(&rows, now, marks.collect());
        chart.words.day = &|_| "10 March".to_owned();
        let html = surge(&chart).into_string() + &table(&chart).into_string();
        let sizes = ["width=\"-", "height=\"-", "viewBox=\"0 0 -", "viewBox=\"0 0 0"];
        for bad in sizes.into_iter().chain(["NaN", "inf"]) {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        assert_labels_are_apart(&chart);
    }
}
