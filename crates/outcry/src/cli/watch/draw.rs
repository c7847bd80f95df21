//! Drawing: a picture as lines of text, for any size of terminal. Nothing here knows a terminal, so
//! that every size can be looked at in a test.

use unicode_width::UnicodeWidthStr;

use crate::ask::freshness::moment;
use crate::ask::shape::State;
use crate::cli::paint::Paint;
use crate::cli::paint::cut;
use crate::cli::paint::fitted;
use crate::cli::paint::fitted_right;
use crate::cli::paint::wrapped;
use crate::cli::watch::picture::Picture;
use crate::cli::watch::picture::Row;

/// Heights of a column of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of the mark of a state.
const MARK: usize = 3;
/// Columns of reports a minute.
const RATE: usize = 10;
/// Columns of the multiple of the usual.
const TIMES: usize = 9;
/// Columns of since when and for how long.
const SINCE: usize = 20;
/// Columns of for whom, where there is room.
const WHOM: usize = 24;
/// From how many columns on it is told for whom.
const WIDE: usize = 110;
/// From how many columns on there is a sparkline, and reports a minute.
const NARROW: usize = 64;
/// Columns of the name of a service.
const NAME: std::ops::RangeInclusive<usize> = 12..=26;
/// From how many lines on the foot is told in full.
const TALL: usize = 20;
/// What stands between two details.
const SEPARATOR: &str = " · ";
/// Columns at the edges.
const EDGE: usize = 1;

/// How much fits.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Lines.
    pub lines: u16,
    /// Whether the foot stands at the bottom.
    pub fill: Fill,
}

/// Where the foot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// At the bottom of all lines there are.
    Whole,
    /// Below what there is to tell.
    Needed,
}

/// A picture as lines, no wider and no more than fit.
pub fn picture(picture: &Picture, size: Size, paint: Paint) -> Vec<String> {
    let columns = usize::from(size.columns).saturating_sub(2 * EDGE).max(1);
    let lines = usize::from(size.lines);
    let mut foot = footer(picture, columns, lines, paint);
    let mut out = head(picture, columns, paint);
    let room = lines.saturating_sub(out.len() + foot.len());
    out.extend(body(picture, columns, room, paint));
    if size.fill == Fill::Whole {
        out.resize(lines.saturating_sub(foot.len()).max(out.len()), String::new());
    }
    out.append(&mut foot);
    out.truncate(lines);
    let edge = " ".repeat(EDGE);
    out.into_iter().map(|line| format!("{edge}{line}").trim_end().to_owned()).collect()
}

fn head(picture: &Picture, columns: usize, paint: Paint) -> Vec<String> {
    let right = moment(&picture.as_of);
    let left = format!("Outcry  {}", picture.server);
    let left_columns = columns.saturating_sub(right.chars().count() + 2);
    let left = fitted(&left, left_columns);
    let (name, server) = left.split_at_checked(6).unwrap_or((&left, ""));
    let first = format!("{}{}  {}", paint.bold(name), paint.dim(server), right);
    let (n, watched) = (picture.in_trouble, picture.watched);
    let state = match n {
        0 => {
            let text = format!("No trouble is seen at any of {watched} services.");
            format!("{} Silence is not health.", paint.state(State::Usual, &text))
        }
        1 => paint.bold(&format!("One of {watched} services is in trouble.")),
        n => paint.bold(&format!("{n} of {watched} services are in trouble.")),
    };
    vec![first, state, String::new()]
}

/// Widths of the columns: of names, of sparklines, and whether for whom is told.
struct Widths {
    name: usize,
    spark: usize,
    whom: usize,
}

impl Widths {
    fn of(columns: usize, rows: &[Row]) -> Self {
        let longest = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let whom = if columns >= WIDE { WHOM } else { 0 };
        let others = if columns >= NARROW { MARK + RATE + TIMES + SINCE } else { MARK + SINCE };
        let left = columns.saturating_sub(others + whom);
        if columns < NARROW {
            return Self { name: left, spark: 0, whom };
        }
        let name = longest.clamp(*NAME.start(), *NAME.end()).min(left / 2);
        Self { name, spark: left.saturating_sub(name + 2), whom }
    }
}

fn body(picture: &Picture, columns: usize, room: usize, paint: Paint) -> Vec<String> {
    if picture.rows.is_empty() || room == 0 {
        return Vec::new();
    }
    let widths = Widths::of(columns, &picture.rows);
    let mut out = vec![paint.dim(titles(&widths).trim_end())];
    let count = picture.rows.len();
    let with_details = count * 3 < room;
    let fits = count < room;
    let shown = if fits { count } else { room.saturating_sub(2) };
    for row in picture.rows.iter().take(shown) {
        out.push(drawn(row, &widths, paint));
        if with_details {
            let detail = detail(row, &widths, columns.saturating_sub(MARK));
            out.push(paint.dim(&cut(&format!("{}{detail}", " ".repeat(MARK)), columns)));
            out.push(String::new());
        }
    }
    if !fits {
        let rest = picture.rows.len() - shown;
        out.push(paint.dim(&cut(&format!("   … and {rest} more"), columns)));
    }
    out
}

fn titles(widths: &Widths) -> String {
    let mut line = format!("{}{}", " ".repeat(MARK), fitted("SERVICE", widths.name));
    if widths.spark > 0 {
        line.push_str("  ");
        line.push_str(&fitted("REPORTS, 2 HOURS", widths.spark));
        line.push_str(&fitted_right("A MINUTE", RATE));
        line.push_str(&fitted_right("× USUAL", TIMES));
    }
    line.push_str("  ");
    line.push_str(&fitted("SINCE", SINCE - 2));
    if widths.whom > 0 {
        line.push_str("FOR WHOM");
    }
    line
}

fn drawn(row: &Row, widths: &Widths, paint: Paint) -> String {
    let mut line = format!(" {} ", paint.state(row.state, mark(row.state)));
    line.push_str(&paint.bold(&fitted(&row.name, widths.name)));
    if widths.spark > 0 {
        line.push_str("  ");
        line.push_str(&paint.state(row.state, &spark(&row.minutes, widths.spark)));
        let rate = row.per_minute().map_or_else(|| "?".to_owned(), number);
        line.push_str(&fitted_right(&rate, RATE));
        let times = row.times_usual.map_or_else(|| "?".to_owned(), |it| format!("{}×", number(it)));
        line.push_str(&fitted_right(&times, TIMES));
    }
    line.push_str("  ");
    let clock = row.since.as_deref().and_then(|since| since.get(11..16));
    let since = match clock {
        Some(clock) => format!("{clock}, {}", row.lasts),
        None if row.state == State::Unknown => "not known yet".to_owned(),
        None => "as usual".to_owned(),
    };
    line.push_str(&fitted(&since, SINCE - 2));
    if widths.whom > 0 {
        line.push_str(&cut(&row.whom, widths.whom));
    }
    line
}

/// What there is to tell about a service where there is room.
fn detail(row: &Row, widths: &Widths, columns: usize) -> String {
    let mut parts = Vec::new();
    if !row.what.is_empty() {
        parts.push(row.what.clone());
    }
    if widths.whom == 0 && !row.whom.is_empty() {
        parts.push(row.whom.clone());
    }
    let highest = row.minutes.iter().max().copied().unwrap_or(0);
    if widths.spark > 0 && highest > 0 {
        parts.push(format!("at most {} a minute", grouped(highest)));
    }
    // What does not fit as a whole is left out, but for the first.
    while parts.len() > 1 && parts.join(SEPARATOR).width() > columns {
        parts.pop();
    }
    parts.join(SEPARATOR)
}

fn footer(picture: &Picture, columns: usize, lines: usize, paint: Paint) -> Vec<String> {
    let mut out = vec![String::new()];
    let fitting = |text: &str| {
        // Where there are few lines, they belong to the services.
        let parts = if lines < TALL { vec![text.to_owned()] } else { wrapped(text, columns) };
        parts.iter().map(|line| cut(line, columns)).collect::<Vec<String>>()
    };
    for (index, text) in picture.freshness.lines().iter().enumerate() {
        // The first says how old this is; what follows is out of the ordinary.
        let painted = |line: String| if index > 0 { paint.alarm(&line) } else { paint.dim(&line) };
        out.extend(fitting(text).into_iter().map(painted));
    }
    out.extend(fitting(&picture.caution).iter().map(|line| paint.dim(line)));
    out
}

/// A mark that tells without its colour too.
fn mark(state: State) -> &'static str {
    match state {
        State::Danger => "▲",
        State::Warning => "△",
        State::Usual => "·",
        State::Unknown => "?",
    }
}

/// Counts in so many columns, each the mean of its minutes, the highest as high as can be. What is
/// nothing is drawn as nothing.
fn spark(minutes: &[u64], columns: usize) -> String {
    if minutes.is_empty() || columns == 0 {
        return " ".repeat(columns);
    }
    let columns_drawn = columns.min(minutes.len());
    let mean = |column: usize| {
        let from = column * minutes.len() / columns_drawn;
        let until = ((column + 1) * minutes.len() / columns_drawn).max(from + 1);
        let part = &minutes[from..until.min(minutes.len())];
        part.iter().sum::<u64>() as f64 / part.len().max(1) as f64
    };
    let means: Vec<f64> = (0..columns_drawn).map(mean).collect();
    let highest = means.iter().copied().fold(0.0, f64::max);
    let bar = |mean: &f64| {
        if *mean <= 0.0 {
            return ' ';
        }
        let step = (mean / highest * (BARS.len() - 1) as f64).round() as usize;
        BARS[step.min(BARS.len() - 1)]
    };
    let drawn: String = means.iter().map(bar).collect();
    format!("{}{drawn}", " ".repeat(columns - columns_drawn))
}

/// A number as short as it is clear: `0.4`, `12`, `1,432`.
fn number(value: f64) -> String {
    if value < 9.95 {
        return format!("{value:.1}");
    }
    grouped(value.round() as u64)
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A service in one line, for files and pipes.
pub fn line(as_of: &str, row: &Row) -> String {
    let state = match row.state {
        State::Danger => "danger",
        State::Warning => "warning",
        State::Usual => "usual",
        State::Unknown => "unknown",
    };
    let mut line = format!("{as_of} {} {state}", row.slug);
    if let Some(times) = row.times_usual {
        line.push_str(&format!(", {times:.1} times usual"));
    }
    if let Some(rate) = row.per_minute() {
        line.push_str(&format!(", {rate:.1} reports a minute"));
    }
    if let Some(since) = &row.since {
        line.push_str(&format!(", since {since}"));
    }
    line
}

/// What changed between two pictures, in lines.
pub fn changes(before: &Picture, now: &Picture) -> Vec<String> {
    let of = |picture: &Picture, slug: &str| {
        let row = picture.rows.iter().find(|row| row.slug == slug)?;
        Some((row.state, row.since.clone()))
    };
    let mut out: Vec<String> = now
        .rows
        .iter()
        .filter(|row| of(before, &row.slug) != of(now, &row.slug))
        .map(|row| line(&now.as_of, row))
        .collect();
    let gone = before.rows.iter().filter(|row| of(now, &row.slug).is_none());
    out.extend(gone.map(|row| format!("{} {} no longer in trouble", now.as_of, row.slug)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::freshness::Freshness;

    fn row(slug: &str, name: &str, state: State) -> Row {
        Row {
            slug: slug.into(),
            name: name.into(),
            state,
            times_usual: Some(21.4),
            since: state.is_trouble().then(|| "2025-03-10T13:45:00Z".into()),
            lasts: "1 h 15 min".into(),
            whom: "US, GB".into(),
            what: "Mobile app 56%".into(),
            minutes: (0..120).map(|n| if n < 60 { 0 } else { n * 20 }).collect(),
        }
    }

    fn sample(rows: Vec<Row>) -> Picture {
        Picture {
            server: "http://127.0.0.1:8080".into(),
            as_of: "2025-03-10T15:00:12Z".into(),
            freshness: Freshness {
                as_of: "2025-03-10T15:00:12Z".into(),
                decided_until: None,
                vantages: 3,
                reliable: true,
                reconstruction: true,
            },
            caution: "A report is not a user.".into(),
            watched: 765,
            in_trouble: rows.iter().filter(|row| row.state.is_trouble()).count(),
            rows,
        }
    }

    fn all() -> Picture {
        let mut rows =
            vec![row("x", "X", State::Danger), row("y", "日本のサービス", State::Warning)];
        let long = "A service with a name that is longer than any column for it";
        rows.extend((0..30).map(|n| row(&format!("s{n}"), long, State::Warning)));
        sample(rows)
    }

    #[test]
    fn it_fits_every_terminal() {
        for columns in [1, 20, 40, 63, 64, 80, 120, 300] {
            for lines in [1, 2, 5, 8, 24, 60] {
                let drawn =
                    picture(&all(), Size { columns, lines, fill: Fill::Whole }, Paint::Plain);
                assert!(drawn.len() <= usize::from(lines), "{columns} × {lines}");
                for line in &drawn {
                    let fits = line.width() <= usize::from(columns).max(3);
                    assert!(columns < 40 || fits, "{columns} × {lines}: {line:?}");
                }
            }
        }
    }

    #[test]
    fn the_worst_is_told_whatever_else_fits() {
        let drawn =
            picture(&all(), Size { columns: 80, lines: 24, fill: Fill::Whole }, Paint::Plain)
                .join("\n");
        for part in ["32 of 765 services are in trouble.", "▲ X ", "2,340", "21×", "13:45, 1 h 15"]
        {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
        assert!(drawn.contains("more"), "what is left out is counted: {drawn}");
        assert!(drawn.contains("A reconstruction"), "{drawn}");
        assert!(!drawn.contains("FOR WHOM"));
        let few = sample(vec![row("x", "X", State::Danger)]);
        let few = picture(&few, Size { columns: 80, lines: 24, fill: Fill::Whole }, Paint::Plain);
        assert_eq!(few.len(), 24, "the foot stands at the bottom");
        let detail = "    Mobile app 56% · US, GB · at most 2,380 a minute";
        assert!(few.iter().any(|line| line == detail), "{few:#?}");
        let wide =
            picture(&all(), Size { columns: 120, lines: 24, fill: Fill::Whole }, Paint::Plain)
                .join("\n");
        assert!(wide.contains("US, GB"), "{wide}");
    }

    #[test]
    fn a_low_terminal_shows_services_first() {
        let few = sample(vec![row("x", "X", State::Danger), row("y", "Y", State::Warning)]);
        let size = Size { columns: 60, lines: 11, fill: Fill::Whole };
        let drawn = picture(&few, size, Paint::Plain).join("\n");
        assert!(drawn.contains("▲ X") && drawn.contains("△ Y"), "{drawn}");
        assert!(drawn.contains("A reconstruction"), "{drawn}");
    }

    #[test]
    fn silence_is_not_drawn_as_health() {
        let drawn = picture(
            &sample(Vec::new()),
            Size { columns: 80, lines: 24, fill: Fill::Whole },
            Paint::Plain,
        );
        assert!(drawn.join("\n").contains("Silence is not health."), "{drawn:?}");
    }

    #[test]
    fn a_sparkline_is_as_wide_as_asked_and_nothing_is_nothing() {
        assert_eq!(spark(&[0, 0, 1, 2, 4, 8], 6), "  ▂▃▅█");
        assert_eq!(spark(&[0, 8, 0, 8], 2), "██");
        assert_eq!(spark(&[1], 3), "  █");
        assert_eq!(spark(&[0, 0], 2), "  ");
        assert_eq!(spark(&[], 2), "  ");
    }

    #[test]
    fn only_changes_make_lines() {
        let before = sample(vec![row("x", "X", State::Danger), row("y", "Y", State::Warning)]);
        let mut same = before.clone();
        same.rows[0].times_usual = Some(30.0);
        assert_eq!(changes(&before, &same), [""; 0]);
        let now = sample(vec![row("x", "X", State::Warning), row("z", "Z", State::Danger)]);
        let lines = changes(&before, &now);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains(" x warning, 21.4 times usual"), "{lines:?}");
        assert!(lines[2].ends_with(" y no longer in trouble"), "{lines:?}");
    }
}
