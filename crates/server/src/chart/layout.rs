//! Layout: which labels a surge chart carries on a page of some width, and where.
//!
//! A label stands on its mark, touches nothing that is drawn, meets no other and stays inside the
//! frame; the tallest surge and the newest value come first. One that finds no place is left out:
//! its words are in the description and its numbers in the table.

use crate::chart::label::Anchor;
use crate::chart::label::Area;
use crate::chart::label::LINE_PX;
use crate::chart::label::Label;
use crate::chart::label::Page;
use crate::chart::label::Tone;
use crate::chart::label::height;
use crate::chart::label::text_width;
use crate::chart::scene::HEIGHT_PX_MIN;
use crate::chart::scene::Scene;

/// A plot on a wide page: the breakpoint is 720 px, the content at most 1128 px, less gutters.
pub const WIDE: Page = Page { width_min: 672.0, width_max: 1080.0, height: 372.0, text: 13.0 };
/// A plot on a narrow page, from 320 px.
pub const NARROW: Page =
    Page { width_min: 284.0, width_max: 684.0, height: HEIGHT_PX_MIN, text: 12.0 };
/// Pixels between a label and what is drawn below it.
const CLEAR_PX: f64 = 8.0;
/// Pixels between a mark and a label beside it.
const BESIDE_PX: f64 = 12.0;
/// Pixels between the line of a mark and its label.
const STEM_PX: f64 = 5.0;
/// How far a label may be lifted off its mark, in lines.
const LIFT_LINES_MAX: i32 = 3;
/// How far an event's label may be lifted off what is drawn, in lines.
const EVENT_LIFT_LINES_MAX: i32 = 16;
/// Marks that are labelled at most.
const MARKS_MAX: usize = 40;

/// A line of text and how it looks.
pub type Line = (Tone, String);

/// What has to be said about one place in the chart.
pub struct Spot {
    /// Its minute.
    pub minute: i64,
    /// How high it stands, in reports a window.
    pub count: f64,
    /// Its label, and then with fewer words; the first that fits is taken.
    pub labels: Vec<Vec<Line>>,
}

/// Everything to be labelled, in the words of one page width.
pub struct Wanted {
    /// Numbers of the gridlines, from the lowest.
    pub numbers: Vec<(u64, String)>,
    /// The unit, for the top gridline.
    pub unit: String,
    /// Peaks, tallest first.
    pub peaks: Vec<Spot>,
    /// The newest value.
    pub now: Option<Spot>,
    /// The word for the usual level.
    pub usual: Option<Spot>,
    /// Claims and notices, in order of time.
    pub events: Vec<Spot>,
    /// Quiet stretches: first and last minute, and words.
    pub quiets: Vec<(i64, i64, String)>,
}

/// A line under or over a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Where it begins, 0..=1 across.
    pub x0: f64,
    /// Where it ends, 0..=1 across.
    pub x1: f64,
    /// Its upper end, in pixels from the top of the frame.
    pub top: f64,
    /// Its lower end.
    pub bottom: f64,
}

/// Labels with their places.
pub struct Layout<'a> {
    /// Text.
    pub labels: Vec<Label>,
    /// Lines from an event's label down to the axis.
    pub stems: Vec<Rule>,
    /// Level lines over quiet stretches.
    pub brackets: Vec<Rule>,
    /// Labels that found no place, or only with fewer words; the tallest peak and the newest value
    /// weigh more than all others.
    pub lost: usize,
    scene: &'a Scene,
    page: Page,
    taken: Vec<Area>,
}

impl<'a> Layout<'a> {
    /// Places what is wanted; the unit stands left unless more finds room with it at the right.
    pub fn of(scene: &'a Scene, page: Page, wanted: &Wanted) -> Self {
        let left = Self::with_unit(scene, page, wanted, Anchor::Start);
        if left.lost == 0 {
            return left;
        }
        let right = Self::with_unit(scene, page, wanted, Anchor::End);
        if right.lost < left.lost { right } else { left }
    }

    /// The widest of the numbers on the gridlines, as a part of the narrowest frame.
    pub fn lead(page: Page, wanted: &Wanted) -> f64 {
        let widths = wanted.numbers.iter().map(|(_, text)| text_width(text, page.text));
        (widths.fold(0.0, f64::max) + CLEAR_PX) / page.width_min
    }

    /// Whether a number on a gridline touches what is drawn.
    pub fn numbers_touch(scene: &Scene, page: Page, wanted: &Wanted) -> bool {
        let numbers = wanted.numbers.iter().map(|(count, text)| number(scene, &page, *count, text));
        numbers.into_iter().any(|label| {
            let area = label.area(&page);
            let (from, until) = area.reach(&page);
            let touches = scene.highest(from, until) * page.height < area.bottom + 1.0;
            touches || scene.is_missing(from, until)
        })
    }

    fn with_unit(scene: &'a Scene, page: Page, wanted: &Wanted, side: Anchor) -> Self {
        let (labels, stems, brackets) = (Vec::new(), Vec::new(), Vec::new());
        let mut layout = Self { labels, stems, brackets, lost: 0, scene, page, taken: Vec::new() };
        layout.place_scale(wanted, side);
        let mut peaks = wanted.peaks.iter().take(MARKS_MAX);
        let tallest = peaks.next().map_or(0, |spot| layout.place(spot, Self::place_over));
        let now = wanted.now.as_ref().map_or(0, |spot| layout.place(spot, Self::place_beside));
        if let Some(usual) = &wanted.usual {
            layout.place(usual, Self::place_usual);
        }
        layout.lost += (tallest + now) * 2 * MARKS_MAX;
        for spot in peaks {
            layout.lost += layout.place(spot, Self::place_over);
        }
        for spot in wanted.events.iter().take(MARKS_MAX) {
            let lost = layout.place(spot, Self::place_event);
            if lost == spot.labels.len() {
                layout.place_tick(spot);
            }
            layout.lost += lost;
        }
        for (from, until, text) in wanted.quiets.iter().take(MARKS_MAX) {
            layout.place_quiet(*from, *until, text);
        }
        layout
    }

    /// Tries the labels of a spot in turn; how many had no place before one had.
    fn place(&mut self, spot: &Spot, how: fn(&mut Self, &Spot, &[Line]) -> bool) -> usize {
        spot.labels.iter().take_while(|lines| !how(self, spot, lines)).count()
    }

    /// A short line at the axis for an event whose label has no room.
    fn place_tick(&mut self, spot: &Spot) {
        let x = self.scene.frame.x(spot.minute);
        let (top, bottom) = (self.page.height - LINE_PX, self.page.height);
        self.stems.push(Rule { x0: x, x1: x, top, bottom });
    }

    /// The numbers at the left, the unit after the topmost or at the right edge.
    fn place_scale(&mut self, wanted: &Wanted, side: Anchor) {
        let top = wanted.numbers.len().saturating_sub(1);
        for (i, (count, text)) in wanted.numbers.iter().enumerate() {
            let mut label = number(self.scene, &self.page, *count, text);
            if i == top && side == Anchor::Start {
                label.lines[0].1 = format!("{text} {}", wanted.unit);
            } else if i == top {
                let lines = vec![(Tone::Faint, wanted.unit.clone())];
                self.keep(Label { x: 1.0, anchor: side, lines, ..label.clone() });
            }
            self.keep(label);
        }
    }

    /// A label over its mark or beside its top.
    fn place_over(&mut self, spot: &Spot, lines: &[Line]) -> bool {
        let hang = height(lines.len()) - 6.0;
        self.place_at(spot, lines, [Anchor::Middle, Anchor::Start, Anchor::End], hang)
    }

    /// A label level with its mark, at its right when it can be.
    fn place_beside(&mut self, spot: &Spot, lines: &[Line]) -> bool {
        let hang = height(lines.len()) / 2.0;
        self.place_at(spot, lines, [Anchor::Start, Anchor::Middle, Anchor::End], hang)
    }

    /// Tries the anchors in order, then all of them a line higher; `hang` is how far below its mark
    /// a label beside it may reach.
    fn place_at(&mut self, spot: &Spot, lines: &[Line], anchors: [Anchor; 3], hang: f64) -> bool {
        let x = self.scene.frame.x(spot.minute);
        let y = self.scene.frame.y(spot.count) * self.page.height;
        let highest = y - CLEAR_PX - LINE_PX * f64::from(LIFT_LINES_MAX) - 1.0;
        for lift in 0..=LIFT_LINES_MAX {
            for anchor in anchors {
                let (dx, lowest) = match anchor {
                    Anchor::Start => (BESIDE_PX, y + hang),
                    Anchor::Middle => (0.0, y - CLEAR_PX),
                    Anchor::End => (-BESIDE_PX, y + hang),
                };
                let bottom = lowest - LINE_PX * f64::from(lift);
                let mut label = Label { x, dx, bottom, anchor, lines: lines.to_vec() };
                label.bottom = bottom.min(self.clear_above(&label));
                if label.bottom > highest && self.keep_if_free(label) {
                    return true;
                }
            }
        }
        false
    }

    /// The usual level's word: at the right edge, where nothing else is drawn, else on its way.
    fn place_usual(&mut self, spot: &Spot, lines: &[Line]) -> bool {
        let y = self.scene.frame.y(spot.count) * self.page.height - 3.0;
        let start = self.scene.frame.x(self.scene.frame.start);
        let on_the_way = [0.25, 0.5, 0.75].map(|x| (x, Anchor::Middle));
        let places = [(1.0, Anchor::End), (start, Anchor::Start)].into_iter().chain(on_the_way);
        for (x, anchor) in places {
            for lift in 0..=1 {
                let bottom = y - LINE_PX * f64::from(lift) / 2.0;
                let mut label = Label { x, dx: 0.0, bottom, anchor, lines: lines.to_vec() };
                label.bottom = bottom.min(self.clear_above(&label) + CLEAR_PX - 3.0);
                if label.bottom > y - 2.0 * LINE_PX && self.keep_if_free(label) {
                    return true;
                }
            }
        }
        false
    }

    /// An event's label above everything drawn there, and a line from it to the axis.
    fn place_event(&mut self, spot: &Spot, lines: &[Line]) -> bool {
        let x = self.scene.frame.x(spot.minute);
        let foot = self.page.height;
        let sides = [(Anchor::Middle, 0.0), (Anchor::Start, STEM_PX), (Anchor::End, -STEM_PX)];
        for lift in 0..EVENT_LIFT_LINES_MAX {
            for (anchor, dx) in sides {
                let mut label = Label { x, dx, bottom: foot, anchor, lines: lines.to_vec() };
                label.bottom = self.clear_above(&label) - LINE_PX * f64::from(lift);
                let area = label.area(&self.page);
                let top = if anchor == Anchor::Middle { area.bottom } else { area.top };
                let stem = Area { x, left: -1.0, right: 1.0, top: top + 2.0, bottom: foot };
                if self.is_free(&stem) && self.keep_if_free(label) {
                    self.taken.push(stem);
                    self.stems.push(Rule { x0: x, x1: x, top: stem.top, bottom: foot });
                    return true;
                }
            }
        }
        false
    }

    /// Words over a quiet stretch, when they are not wider than it, in one line or two.
    fn place_quiet(&mut self, from: i64, until: i64, text: &str) {
        let (x0, x1) = (self.scene.frame.x(from), self.scene.frame.x(until));
        let x = (x0 + x1) / 2.0;
        let room = (x1 - x0) * self.page.width_min;
        for lines in [vec![text.to_owned()], halves(text)] {
            let lines: Vec<Line> = lines.into_iter().map(|l| (Tone::Faint, l)).collect();
            let mut label = Label { x, dx: 0.0, bottom: 0.0, anchor: Anchor::Middle, lines };
            label.bottom = self.page.height;
            let area = label.area(&self.page);
            let above = self.scene.highest(x0, x1) * self.page.height;
            label.bottom = above - 2.0 * CLEAR_PX;
            if area.right - area.left <= room && self.keep_if_free(label) {
                let y = above - CLEAR_PX;
                self.brackets.push(Rule { x0, x1, top: y, bottom: y });
                return;
            }
        }
    }

    /// The lowest place for the lower edge of a label that clears what is drawn below it.
    fn clear_above(&self, label: &Label) -> f64 {
        let (from, until) = label.area(&self.page).reach(&self.page);
        self.scene.highest(from, until) * self.page.height - CLEAR_PX
    }

    fn is_free(&self, area: &Area) -> bool {
        area.is_inside(&self.page) && !self.taken.iter().any(|t| t.meets(area, &self.page))
    }

    fn keep_if_free(&mut self, label: Label) -> bool {
        let free = self.is_free(&label.area(&self.page));
        if free {
            self.keep(label);
        }
        free
    }

    fn keep(&mut self, label: Label) {
        self.taken.push(label.area(&self.page));
        self.labels.push(label);
    }
}

/// The number of a gridline, standing on it at the left edge.
fn number(scene: &Scene, page: &Page, count: u64, text: &str) -> Label {
    let bottom = scene.frame.y(count as f64) * page.height - 2.0;
    let lines = vec![(Tone::Faint, text.to_owned())];
    Label { x: 0.0, dx: 0.0, bottom, anchor: Anchor::Start, lines }
}

/// A text cut in two at the space nearest its middle.
fn halves(text: &str) -> Vec<String> {
    let middle = text.len() / 2;
    let spaces = text.match_indices(' ').map(|(i, _)| i);
    match spaces.min_by_key(|i| i.abs_diff(middle)) {
        Some(i) => vec![text[..i].to_owned(), text[i + 1..].to_owned()],
        None => vec![text.to_owned()],
    }
}
