//! Strips of cells under a chart over time: what each vantage point saw, on the same axis.
//!
//! A cell is a stretch of time, its colour the part of rounds that failed in it. Where nobody
//! looked, or nobody could judge, it is hatched: missing is not the same as well.
//!
//! # What it cannot tell
//!
//! What failed; a strip shows that something did. The words beside it say what.

use maud::Markup;
use maud::html;
use outcry_core::time::UnixMinute;

use crate::chart::hatch;
use crate::chart::percent;

/// Parts of rounds that failed, from which a cell has the next colour.
const LEVELS: [f64; 3] = [0.1, 0.3, 0.6];
/// Units left free between two cells.
const GAP: i64 = 1;

/// One strip.
pub struct Strip<'a> {
    /// Whose it is.
    pub label: &'a str,
    /// What it says now, in a few words.
    pub says: &'a str,
    /// Its cells, in order of time.
    pub cells: Vec<Cell>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its first minute.
    pub from: i64,
    /// The minute after its last.
    pub until: i64,
    /// Rounds that judged.
    pub asked: u32,
    /// Of those, how many failed.
    pub failed: u32,
}

/// Where strips lie in time.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// The minute at the left edge.
    pub left: UnixMinute,
    /// The minute at the right edge.
    pub right: UnixMinute,
    /// Where time begins to be shown; what lies left of it is room for numbers.
    pub start: UnixMinute,
    /// The present minute: what lies right of it has not happened.
    pub now: UnixMinute,
}

/// Draws strips as a list; what they show stands in words beside them and in a table near.
pub fn strips(axis: &Axis, id: &str, list: &[Strip<'_>]) -> Markup {
    html! {
        ul class="strip fig" {
            @for (index, strip) in list.iter().enumerate() {
                li {
                    p class="row" { b { (strip.label) } span { (strip.says) } }
                    (draw(axis, &format!("{id}{index}"), &strip.cells))
                }
            }
        }
    }
}

/// What the colours mean: a patch and its words, for each level and for what is missing.
pub fn key(title: &str, levels: &[String; 5], missing: &str) -> Markup {
    html! {
        p class="key" {
            span { (title) }
            @for (level, words) in levels.iter().enumerate() {
                i { svg aria-hidden="true" { rect class={ "c" (level) } width="20" height="11" {} }
                    (words) }
            }
            i {
                svg aria-hidden="true" {
                    (hatch("key-h"))
                    rect width="20" height="11" fill="url(#key-h)" {}
                }
                (missing)
            }
        }
    }
}

fn draw(axis: &Axis, id: &str, cells: &[Cell]) -> Markup {
    let span = (axis.right.0 - axis.left.0).max(1);
    let across = |minute: i64| percent((minute - axis.left.0) as f64 / span as f64);
    let shown: Vec<Cell> = cells.iter().filter_map(|cell| clip(axis, cell)).collect();
    let missing = missing(axis, &shown);
    let paths: Vec<(usize, String)> = (0..=LEVELS.len() + 1)
        .map(|level| (level, path(axis, shown.iter().filter(|cell| cell.level() == level))))
        .filter(|(_, path)| !path.is_empty())
        .collect();
    html! {
        svg class="cells" aria-hidden="true" {
            @if !missing.is_empty() { (hatch(id)) }
            @for (from, until) in missing {
                rect x=(across(from)) width=(percent((until - from) as f64 / span as f64))
                    height="100%" fill={ "url(#" (id) ")" } {}
            }
            svg width="100%" height="100%" preserveAspectRatio="none"
                viewBox={ "0 0 " (span) " 1" } {
                @for (level, path) in &paths { path class={ "c" (level) } d=(path) {} }
            }
        }
    }
}

/// The part of a cell that is shown, if it judged anything.
fn clip(axis: &Axis, cell: &Cell) -> Option<Cell> {
    let (from, until) = (cell.from.max(axis.start.0), cell.until.min(axis.now.0));
    (cell.asked > 0 && from < until).then_some(Cell { from, until, ..*cell })
}

/// Stretches of the shown time that no cell covers.
fn missing(axis: &Axis, shown: &[Cell]) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    let mut at = axis.start.0;
    for cell in shown {
        if cell.from > at {
            gaps.push((at, cell.from));
        }
        at = at.max(cell.until);
    }
    if at < axis.now.0 {
        gaps.push((at, axis.now.0));
    }
    gaps
}

/// Cells as one path of relative moves: equal steps are equal text, which packs well.
fn path<'a>(axis: &Axis, cells: impl Iterator<Item = &'a Cell>) -> String {
    let mut path = String::new();
    let mut pen = axis.left.0;
    for cell in cells {
        let width = (cell.until - cell.from - GAP).max(1);
        path.push_str(&format!("m{} 0h{width}v1h-{width}z", cell.from - pen));
        pen = cell.from;
    }
    path
}

impl Cell {
    /// 0 where nothing failed, up to 4.
    fn level(&self) -> usize {
        if self.failed == 0 {
            return 0;
        }
        let part = f64::from(self.failed) / f64::from(self.asked.max(1));
        1 + LEVELS.iter().filter(|level| part >= **level).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis() -> Axis {
        let minute = UnixMinute;
        Axis { left: minute(100), right: minute(200), start: minute(110), now: minute(180) }
    }

    fn cell(from: i64, asked: u32, failed: u32) -> Cell {
        Cell { from, until: from + 10, asked, failed }
    }

    #[test]
    fn colours_follow_the_part_that_failed() {
        let cases = [(10, 0, 0), (20, 1, 1), (10, 1, 2), (10, 3, 3), (10, 6, 4), (1, 1, 4)];
        for (asked, failed, want) in cases {
            assert_eq!(cell(0, asked, failed).level(), want, "{failed} of {asked}");
        }
    }

    #[test]
    fn what_nobody_judged_is_missing_and_never_well() {
        let cells = [cell(105, 5, 0), cell(115, 0, 0), cell(125, 5, 5), cell(175, 5, 0)];
        let shown: Vec<Cell> = cells.iter().filter_map(|cell| clip(&axis(), cell)).collect();
        assert_eq!(missing(&axis(), &shown), [(115, 125), (135, 175)]);
        assert_eq!(missing(&axis(), &[]), [(110, 180)]);
        assert_eq!(shown[0].from, 110, "clipped to what is shown");
        let svg = draw(&axis(), "s", &cells).into_string();
        assert!(svg.contains("viewBox=\"0 0 100 1\""), "{svg}");
        assert!(svg.contains("class=\"c4\" d=\"m25 0h9v1h-9z\""), "{svg}");
        assert_eq!(svg.matches("url(#s)").count(), 2, "{svg}");
    }

    #[test]
    fn a_path_returns_to_where_each_cell_began() {
        let cells = [cell(110, 1, 0), cell(120, 1, 0), cell(150, 1, 0)];
        assert_eq!(path(&axis(), cells.iter()), "m10 0h9v1h-9zm10 0h9v1h-9zm30 0h9v1h-9z");
    }
}
