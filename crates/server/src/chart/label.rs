//! Labels that keep their place: text at a percentage of the frame and some pixels beside it.
//!
//! A page has any width between two, so whether labels meet is decided at both: what is left of
//! another at the narrowest and at the widest is left of it at every width between.
//!
//! # What it cannot tell
//!
//! The width of a text in the reader's font. It is estimated, on the wide side, from the widths of
//! Inter with tabular figures.

use maud::Markup;
use maud::html;

use crate::chart::percent;

/// Pixels from one line of a label to the next.
pub const LINE_PX: f64 = 17.0;
/// Pixels from the top of a line to its baseline.
const ASCENT_PX: f64 = 12.0;
/// Pixels below a baseline.
const DESCENT_PX: f64 = 4.0;
/// Pixels kept free between two labels.
const GAP_PX: f64 = 4.0;

/// Which side of its place a text lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Secondary text.
    Plain,
    /// A figure or a name that counts.
    Strong,
    /// The name of a surge.
    Signal,
    /// An axis or a remark.
    Faint,
}

/// A few lines of text at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its place across the frame, 0..=1.
    pub x: f64,
    /// Pixels from there to the anchor, to the right.
    pub dx: f64,
    /// Its lower edge, in pixels from the top of the frame.
    pub bottom: f64,
    /// The side.
    pub anchor: Anchor,
    /// The lines, from the top.
    pub lines: Vec<(Tone, String)>,
}

/// What a label or a line covers: a place across the frame and pixels around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its place across the frame, 0..=1.
    pub x: f64,
    /// Pixels from there to the left edge, negative when it lies to the left.
    pub left: f64,
    /// Pixels from there to the right edge.
    pub right: f64,
    /// Pixels from the top of the frame to the upper edge.
    pub top: f64,
    /// Pixels from the top of the frame to the lower edge.
    pub bottom: f64,
}

/// The sizes a page gives the frame, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Page {
    /// The narrowest frame.
    pub width_min: f64,
    /// The widest frame.
    pub width_max: f64,
    /// The height of the frame.
    pub height: f64,
    /// The size of text.
    pub text: f64,
}

impl Label {
    /// What it covers on a page.
    pub fn area(&self, page: &Page) -> Area {
        let width = self.lines.iter().map(|(_, text)| text_width(text, page.text));
        let width = width.fold(0.0, f64::max);
        let left = match self.anchor {
            Anchor::Start => self.dx,
            Anchor::Middle => self.dx - width / 2.0,
            Anchor::End => self.dx - width,
        };
        let top = self.bottom - height(self.lines.len());
        Area { x: self.x, left, right: left + width, top, bottom: self.bottom }
    }

    /// Draws it in a frame of this height.
    pub fn draw(&self, page: &Page) -> Markup {
        let last = self.lines.len().saturating_sub(1);
        let baseline = |i: usize| self.bottom - DESCENT_PX - LINE_PX * (last - i) as f64;
        let anchor = match self.anchor {
            Anchor::Start => None,
            Anchor::Middle => Some("middle"),
            Anchor::End => Some("end"),
        };
        let dx = (self.dx != 0.0).then(|| self.dx.round() as i64);
        html! {
            @for (i, (tone, text)) in self.lines.iter().enumerate() {
                text class=[tone.class()] x=(percent(self.x)) dx=[dx]
                    y=(percent(baseline(i) / page.height)) text-anchor=[anchor] { (text) }
            }
        }
    }
}

impl Tone {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("h"),
            Self::Signal => Some("sg"),
            Self::Faint => Some("m"),
        }
    }
}

impl Area {
    /// Whether it stays inside the frame at every width of the page.
    pub fn is_inside(&self, page: &Page) -> bool {
        let across = |width: f64| {
            let at = self.x * width;
            at + self.left >= -0.5 && at + self.right <= width + 0.5
        };
        let down = self.top >= 0.0 && self.bottom <= page.height;
        across(page.width_min) && across(page.width_max) && down
    }

    /// Whether two meet at some width of the page.
    pub fn meets(&self, other: &Self, page: &Page) -> bool {
        if self.bottom <= other.top || other.bottom <= self.top {
            return false;
        }
        let before =
            |a: &Self, b: &Self, width: f64| a.x * width + a.right + GAP_PX <= b.x * width + b.left;
        let apart = |a, b| before(a, b, page.width_min) && before(a, b, page.width_max);
        !(apart(self, other) || apart(other, self))
    }

    /// The part of the frame it can cover, over all widths of the page, as fractions across.
    pub fn reach(&self, page: &Page) -> (f64, f64) {
        let left = |width: f64| self.x + self.left / width;
        let right = |width: f64| self.x + self.right / width;
        (
            left(page.width_min).min(left(page.width_max)),
            right(page.width_min).max(right(page.width_max)),
        )
    }
}

/// Height of some lines of text, in pixels.
pub fn height(lines: usize) -> f64 {
    LINE_PX * (lines.max(1) - 1) as f64 + ASCENT_PX + DESCENT_PX
}

/// Width of a text in pixels, estimated on the wide side.
pub fn text_width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | 'i' | 'j' | 'l' | 'I' | '|' | '!' => 0.32,
        'f' | 't' | 'r' | '(' | ')' | '-' | '\u{a0}' | '\u{202f}' => 0.42,
        'm' | 'w' | 'M' | 'W' | '—' | '%' | '@' => 0.95,
        'A'..='Z' => 0.74,
        '\0'..='\u{24f}' => 0.63,
        '\u{250}'..='\u{10ff}' => 0.75,
        _ => 1.05,
    };
    text.chars().map(em).sum::<f64>() * size
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page { width_min: 300.0, width_max: 700.0, height: 330.0, text: 12.0 };

    fn label(x: f64, anchor: Anchor, text: &str) -> Area {
        let lines = vec![(Tone::Plain, text.to_owned())];
        Label { x, dx: 0.0, bottom: 100.0, anchor, lines }.area(&PAGE)
    }

    #[test]
    fn labels_that_cross_as_the_page_grows_are_seen_to_meet() {
        // At 300 px the first lies right of the second, at 700 px left of it.
        let first = Area { left: 30.0, right: 60.0, ..label(0.50, Anchor::Start, "a") };
        let second = Area { left: -30.0, right: -5.0, ..label(0.60, Anchor::Start, "b") };
        assert!(first.meets(&second, &PAGE) && second.meets(&first, &PAGE));
    }

    #[test]
    fn a_label_near_the_edge_leaves_the_frame_unless_it_ends_there() {
        assert!(!label(0.98, Anchor::Middle, "4,100 at 09:55").is_inside(&PAGE));
        assert!(label(0.98, Anchor::End, "4,100 at 09:55").is_inside(&PAGE));
    }

    #[test]
    fn what_a_label_reaches_holds_it_at_every_width() {
        let area = label(0.5, Anchor::Start, "4,100 at 09:55");
        let (left, right) = area.reach(&PAGE);
        for width in [300.0, 421.0, 700.0] {
            assert!(left <= 0.5 + area.left / width && 0.5 + area.right / width <= right);
        }
    }
}
