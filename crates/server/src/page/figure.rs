//! Figures: the charts of the pages, with their words.
//!
//! The title of a chart is its finding. What is drawn is counted reports; what was received and
//! not counted stands in the numbers beside it.

use maud::Markup;
use maud::html;
use outcry_core::claim::ClaimRecord;
use outcry_core::evidence::CaseFile;
use outcry_core::incident::Incident;
use outcry_core::incident::PlaceCount;
use outcry_core::series::MinuteRow;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::UnixMinute;

use crate::chart::places::PlaceRow;
use crate::chart::places::PlaceWords;
use crate::chart::places::places;
use crate::chart::surge::Mark;
use crate::chart::surge::MarkKind;
use crate::chart::surge::SurgeChart;
use crate::chart::surge::Words;
use crate::chart::surge::surge;
use crate::chart::surge::table;
use crate::site::Site;

/// Minutes of quiet between two surges that are worth a remark on the chart.
const QUIET_MINUTES_MIN: i64 = 60;
/// Countries that are drawn.
const PLACES_SHOWN_MAX: usize = 12;

/// What the chart shows, in one sentence.
pub fn finding(site: &Site, in_trouble: bool, incident: Option<&Incident>) -> String {
    let words = &site.words;
    let Some(incident) = incident.filter(|incident| !incident.surges.is_empty()) else {
        return words.say("finding-calm");
    };
    let quiet_ms = incident
        .surges
        .windows(2)
        .filter_map(|pair| Some(pair[1].opened_at.since_ms(pair[0].closed_at?)))
        .max();
    let surges = incident.surges.len().into();
    match quiet_ms {
        Some(quiet_ms) => words
            .with("finding-surges", &[("surges", surges), ("quiet", words.span(quiet_ms).into())]),
        None if in_trouble && incident.surge().is_some() => words.say("finding-surge-open"),
        None => words.say("finding-surge-over"),
    }
}

/// The last 24 hours of a service, and the minutes at its edges for what shares its axis.
pub fn of_service(
    site: &Site,
    title: &str,
    snapshot: &ServiceSnapshot,
) -> (Markup, (UnixMinute, UnixMinute)) {
    let marks = marks(site, snapshot.incident.as_ref(), &snapshot.claims);
    let now = Some(snapshot.as_of.minute());
    draw(site, title, (&snapshot.minutes, snapshot.knows_usual()), now, marks)
}

/// The whole of an incident, as its case file holds it.
pub fn of_case(site: &Site, title: &str, case: &CaseFile) -> Markup {
    let rows: Vec<MinuteRow> = case
        .minutes
        .iter()
        .map(|point| MinuteRow {
            minute: point.minute,
            received: point.counted,
            counted: point.counted,
            usual: point.usual,
        })
        .collect();
    let now = case.incident.is_open().then(|| case.as_of.minute());
    let claims: Vec<ClaimRecord> = case.claims.iter().cloned().map(ClaimRecord::unruled).collect();
    draw(site, title, (&rows, true), now, marks(site, Some(&case.incident), &claims)).0
}

fn draw(
    site: &Site,
    title: &str,
    (rows, knows_usual): (&[MinuteRow], bool),
    now: Option<UnixMinute>,
    marks: Vec<Mark>,
) -> (Markup, (UnixMinute, UnixMinute)) {
    let words = &site.words;
    let say = |id| words.say(id);
    let peak = rows.iter().max_by_key(|row| row.counted);
    let description = peak.map_or_else(String::new, |row| {
        words.with(
            if knows_usual { "chart-description" } else { "chart-description-young" },
            &[
                ("peak", words.count(u64::from(row.counted)).into()),
                ("time", words.clock(row.minute.start()).into()),
                ("usual", words.level(row.usual).into()),
            ],
        )
    });
    let now_at = now.map(|now| words.clock(now.start())).unwrap_or_default();
    let now_long = words.with("chart-now-at", &[("time", now_at.into())]);
    let number = |n| words.count(n);
    let value_at = |n: &str, time: &str| {
        words.with("chart-peak", &[("n", n.to_owned().into()), ("time", time.to_owned().into())])
    };
    let day = |minute: UnixMinute| words.date(minute.start());
    let texts = [
        say("chart-usual"),
        say("chart-usual-short"),
        say("chart-now"),
        say("utc"),
        say("chart-missing"),
        say("chart-partly"),
        say("chart-table-caption"),
        say("chart-time"),
        say("chart-counted"),
        say("chart-usual-column"),
    ];
    let [usual, usual_short, now_short, zone, missing, partly, caption, time, counted, usually] =
        &texts;
    let mut chart = SurgeChart {
        id: "day",
        title,
        description: &description,
        rows,
        now,
        marks,
        words: Words {
            unit: "",
            usual,
            usual_short,
            now: &now_long,
            now_short,
            zone,
            missing,
            partly,
            table: caption,
            time,
            counted,
            usually,
            number: &number,
            value_at: &value_at,
            day: &day,
        },
    };
    let step = chart.step_minutes();
    let unit = words.with("chart-unit", &[("n", step.into())]);
    chart.words.unit = &unit;
    let markup = html! {
        (surge(&chart))
        details {
            summary { (words.say("chart-table")) }
            (table(&chart))
        }
    };
    (markup, chart.edges())
}

fn marks(site: &Site, incident: Option<&Incident>, claims: &[ClaimRecord]) -> Vec<Mark> {
    let words = &site.words;
    let mut marks = Vec::new();
    let surges = incident.map_or(&[][..], |incident| &incident.surges);
    for (index, surge) in surges.iter().enumerate() {
        let n = ("n", (index + 1).into());
        marks.push(Mark {
            from: surge.opened_at.minute(),
            until: surge.closed_at.map(|at| at.minute()),
            label: words.with("chart-surge", std::slice::from_ref(&n)),
            short: words.with("chart-surge", &[n]),
            kind: MarkKind::Surge,
        });
    }
    for pair in surges.windows(2) {
        let Some(closed) = pair[0].closed_at else { continue };
        let (from, until) = (closed.minute(), pair[1].opened_at.minute());
        if until.0 - from.0 >= QUIET_MINUTES_MIN {
            let span = words.span(pair[1].opened_at.since_ms(closed));
            let label = words.with("chart-quiet", &[("span", span.clone().into())]);
            let kind = MarkKind::Quiet;
            marks.push(Mark { from, until: Some(until), label, short: span, kind });
        }
    }
    // Where only words say when it was said, a line at a minute would claim too much.
    let dated =
        |record: &&ClaimRecord| !record.claim.earlier && record.claim.said_at_words.is_none();
    for record in claims.iter().filter(dated) {
        marks.push(Mark {
            from: record.said_at.minute(),
            until: None,
            label: words
                .with("chart-claim", &[("role", record.claim.speaker_role.to_string().into())]),
            short: words.say("chart-claim-short"),
            kind: MarkKind::Claim,
        });
    }
    marks.sort_by_key(|mark| mark.from);
    marks
}

/// Where reports come from; `what` says in which time.
pub fn of_places(site: &Site, list: &[PlaceCount], what: &str) -> Markup {
    let words = &site.words;
    let row = |place: &PlaceCount| {
        let label = match place.country {
            Some(country) => words.country(country),
            None => words.say("places-unknown"),
        };
        let text = match place.times_usual {
            Some(times) => words.with("places-times", &[("times", words.multiple(times).into())]),
            None => words.with("places-reports", &[("n", place.count.into())]),
        };
        PlaceRow { label, times: place.times_usual, text }
    };
    let rows: Vec<PlaceRow> = list.iter().take(PLACES_SHOWN_MAX).map(row).collect();
    let step = |times: u64| words.with("places-times", &[("times", words.count(times).into())]);
    let texts = ["places-country", "places-scale", "places-multiple", "places-usual"];
    let [country, scale, times, usual] = texts.map(|id| words.say(id));
    let place_words = PlaceWords {
        caption: what,
        country: &country,
        scale: &scale,
        times: &times,
        usual: &usual,
        step: &step,
        small: "",
    };
    places("countries", &rows, &place_words)
}
