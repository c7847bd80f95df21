//! What a surge chart has to say, before anybody knows where there is room for it.

use outcry_core::time::UnixMinute;

use crate::chart::axis::clock;
use crate::chart::label::Page;
use crate::chart::label::Tone;
use crate::chart::layout::Spot;
use crate::chart::layout::WIDE;
use crate::chart::layout::Wanted;
use crate::chart::points::Point;
use crate::chart::scene::Scene;
use crate::chart::surge::Mark;
use crate::chart::surge::MarkKind;
use crate::chart::surge::SurgeChart;

/// What is to be labelled, in the words of a page.
pub fn wanted(chart: &SurgeChart, scene: &Scene, page: Page) -> Wanted {
    let words = &chart.words;
    let is_wide = page == WIDE;
    let pick = |wide: &str, narrow: &str| if is_wide { wide.to_owned() } else { narrow.to_owned() };
    let (step, lines) = scene.grid;
    let number = |i| (step * i, (words.number)(step * i));
    let now = scene.now.map(|point| Spot {
        minute: point.minute,
        count: point.counted.unwrap_or(0) as f64,
        labels: [pick(words.now, words.now_short), words.now_short.to_owned()]
            .map(|now| {
                let value = (words.number)(point.counted.unwrap_or(0));
                vec![(Tone::Strong, value), (Tone::Plain, now)]
            })
            .to_vec(),
    });
    let usual = scene.usual_at_end().map(|count| Spot {
        minute: scene.end,
        count,
        labels: [pick(words.usual, words.usual_short), words.usual_short.to_owned()]
            .map(|usual| vec![(Tone::Faint, usual)])
            .to_vec(),
    });
    let marks = |kinds: &'static [MarkKind]| {
        chart.marks.iter().filter(move |mark| kinds.contains(&mark.kind))
    };
    let inside = |mark: &&Mark| (0.0..=1.0).contains(&scene.frame.x(near(mark.from)));
    let events = marks(&[MarkKind::Claim, MarkKind::Notice]).filter(inside).map(|mark| Spot {
        minute: near(mark.from),
        count: 0.0,
        labels: [pick(&mark.label, &mark.short), mark.short.clone()]
            .map(|words| vec![(Tone::Strong, clock(mark.from.0)), (Tone::Plain, words)])
            .to_vec(),
    });
    let quiets = marks(&[MarkKind::Quiet]).filter(inside).filter_map(|mark| {
        let until = near(mark.until?).min(scene.end);
        (near(mark.from) < until).then(|| (near(mark.from), until, pick(&mark.label, &mark.short)))
    });
    Wanted {
        numbers: (1..=lines).map(number).collect(),
        unit: words.unit.to_owned(),
        peaks: peaks(chart, scene, is_wide),
        now,
        usual,
        events: events.collect(),
        quiets: quiets.collect(),
    }
}

/// The peak of each surge, tallest first, and the highest of all when no surge has it.
fn peaks(chart: &SurgeChart, scene: &Scene, is_wide: bool) -> Vec<Spot> {
    let points = &scene.points;
    let surges = chart.marks.iter().filter(|mark| mark.kind == MarkKind::Surge);
    let named = surges.filter_map(|mark| {
        let until = mark.until.map_or(i64::MAX, |until| until.0.saturating_add(points.step));
        let name = if is_wide { &mark.label } else { &mark.short };
        points.peak(mark.from.0..until.max(mark.from.0)).map(|peak| (peak, Some(name)))
    });
    let mut peaks: Vec<_> = named.collect();
    let highest = points.peak(i64::MIN..i64::MAX).filter(|p| p.counted > Some(0));
    let highest = highest.filter(|p| scene.now != Some(*p));
    if let Some(highest) = highest
        && peaks.iter().all(|(p, _)| p.counted < highest.counted)
    {
        peaks.push((highest, None));
    }
    peaks.sort_by_key(|(point, _)| (std::cmp::Reverse(point.counted), point.minute));
    peaks.dedup_by_key(|(point, _)| point.minute);
    let spot = |(point, name): (Point, Option<&String>)| {
        let name = name.filter(|name| !name.is_empty()).map(|name| (Tone::Signal, name.clone()));
        let named = |value: String| name.clone().into_iter().chain([(Tone::Plain, value)]);
        let value = (chart.words.number)(point.counted.unwrap_or(0));
        let labels = vec![
            named(chart.value_at(&point)).collect(),
            named(value).collect(),
            vec![(Tone::Plain, chart.value_at(&point))],
        ];
        Spot { minute: point.minute, count: point.counted.unwrap_or(0) as f64, labels }
    };
    peaks.into_iter().map(spot).collect()
}

/// A minute kept away from the ends of time, where differences would overflow.
fn near(minute: UnixMinute) -> i64 {
    minute.0.clamp(i64::MIN / 4, i64::MAX / 4)
}
