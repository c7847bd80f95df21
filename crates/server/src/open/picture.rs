//! The picture of a service, for previews in chats: 1200 × 630 points, as PNG.
//!
//! Chats show no SVG. The picture has a name, one sentence, the last 24 hours against the usual
//! level, and when it was made. Points are one of 33 colours, paper and sixteen steps of two inks,
//! so that a picture is some 15 kB.
//!
//! # What it cannot tell
//!
//! Names in letters that the face does not have: they are left out, and the preview beside the
//! picture has the name as text.
//!
//! Reference: "Portable Network Graphics", W3C, third edition.

mod png;

use ab_glyph::Font;
use ab_glyph::FontRef;
use ab_glyph::PxScale;
use ab_glyph::ScaleFont;
use outcry_core::catalog::Service;
use outcry_core::snapshot::ServiceSnapshot;

use crate::body::Page;
use crate::site::Site;
use crate::summary::multiples;

/// The face of headlines, as outlines that can be drawn.
const FACE: &[u8] = include_bytes!("../../../../web/fonts/newsreader-500.ttf");
const WIDTH: usize = 1_200;
const HEIGHT: usize = 630;
/// Free space at the sides.
const MARGIN: f32 = 80.0;
/// Steps of each ink.
const STEPS: u8 = 16;
/// Paper, ink and signal of the light tokens.
const PAPER: [u8; 3] = [0xfa, 0xf9, 0xf6];
const INK: [u8; 3] = [0x15, 0x17, 0x1c];
const SIGNAL: [u8; 3] = [0xb9, 0x2a, 0x17];
/// Where the bars of the day stand: bottom, and height of one doubling.
const BARS: (usize, f64) = (500, 20.0);
/// Doublings that are drawn: 2^7 is 128 times.
const DOUBLINGS_MAX: f64 = 7.0;

/// An ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ink {
    Plain,
    Signal,
}

struct Canvas {
    /// A place in the palette for each point, row by row.
    points: Vec<u8>,
}

/// Draws it.
pub fn render(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> Page {
    let words = &site.words;
    let mut canvas = Canvas::new();
    let font = FontRef::try_from_slice(FACE).expect("a face that a test draws with");
    let bad = snapshot.in_trouble();
    canvas.text(&font, 96.0, (MARGIN, 150.0), Ink::Plain, &service.name);
    let (says, ink) = match (bad, snapshot.knows_usual()) {
        (true, _) => (words.say("card-trouble"), Ink::Signal),
        (false, true) => (words.say("severity-none"), Ink::Plain),
        (false, false) => (words.say("badge-unknown"), Ink::Plain),
    };
    let times = [("times", words.multiple(snapshot.times_usual()).into())];
    let by_reports = snapshot.incident.as_ref().is_some_and(|it| it.surge().is_some());
    let says = match bad {
        true if by_reports => format!("{says}: {}", words.with("card-times", &times)),
        true => format!("{says}: {}", words.say("badge-probes")),
        false => says,
    };
    canvas.text(&font, 56.0, (MARGIN, 240.0), ink, &says);
    canvas.day(&multiples(&snapshot.minutes));
    let at = snapshot.as_of;
    let mut foot = format!(
        "{}, {}, {} {}",
        words.say("brand"),
        words.date(at),
        words.clock(at),
        words.say("utc")
    );
    if snapshot.reconstruction {
        foot = format!("{foot}. {}", words.say("reconstruction"));
    }
    canvas.text(&font, 36.0, (MARGIN, 580.0), Ink::Plain, &foot);
    Page::open("image/png", canvas.png())
}

impl Canvas {
    fn new() -> Self {
        Self { points: vec![0; WIDTH * HEIGHT] }
    }

    /// Lays ink on a point, 0..=1; the deeper of two stays.
    fn ink(&mut self, x: usize, y: usize, ink: Ink, depth: f32) {
        if x >= WIDTH || y >= HEIGHT {
            return;
        }
        let step = (depth.clamp(0.0, 1.0) * f32::from(STEPS)).round() as u8;
        if step == 0 {
            return;
        }
        let place = if ink == Ink::Signal { STEPS + step } else { step };
        let point = &mut self.points[y * WIDTH + x];
        let there = if *point > STEPS { *point - STEPS } else { *point };
        if step >= there {
            *point = place;
        }
    }

    /// Writes a line from its left end at the foot of its letters; what does not fit is left out.
    fn text(
        &mut self,
        font: &FontRef<'_>,
        size: f32,
        (left, foot): (f32, f32),
        ink: Ink,
        text: &str,
    ) {
        let scaled = font.as_scaled(PxScale::from(size));
        let mut x = left;
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            if id.0 == 0 {
                continue;
            }
            let wide = scaled.h_advance(id);
            if x + wide > WIDTH as f32 - MARGIN / 2.0 {
                break;
            }
            let glyph = id.with_scale_and_position(size, ab_glyph::point(x, foot));
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, depth| {
                    let (at_x, at_y) = (corner.x + dx as f32, corner.y + dy as f32);
                    if at_x >= 0.0 && at_y >= 0.0 {
                        self.ink(at_x as usize, at_y as usize, ink, depth);
                    }
                });
            }
            x += wide;
        }
    }

    /// The last 24 hours: each step of height doubles; what is not known is a dotted line.
    fn day(&mut self, multiples: &[Option<f64>]) {
        let (bottom, doubling) = BARS;
        let left = MARGIN as usize;
        let wide = (WIDTH - 2 * left) / multiples.len().max(1);
        for (index, multiple) in multiples.iter().enumerate() {
            let from = left + index * wide;
            let columns = from..from + wide.saturating_sub(2).max(1);
            match multiple {
                None => self.ink(from, bottom, Ink::Plain, 0.5),
                Some(times) => {
                    let doublings = times.max(1.0).log2().min(DOUBLINGS_MAX);
                    let high = (doublings * doubling).round() as usize;
                    let ink = if *times >= 2.0 { Ink::Signal } else { Ink::Plain };
                    for y in bottom.saturating_sub(high)..=bottom {
                        columns.clone().for_each(|x| self.ink(x, y, ink, 1.0));
                    }
                }
            }
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut palette = vec![PAPER];
        for ink in [INK, SIGNAL] {
            for step in 1..=STEPS {
                let part = f32::from(step) / f32::from(STEPS);
                let mixed = |place: usize| {
                    let (paper, ink) = (f32::from(PAPER[place]), f32::from(ink[place]));
                    (paper + (ink - paper) * part).round() as u8
                };
                palette.push([mixed(0), mixed(1), mixed(2)]);
            }
        }
        png::indexed(WIDTH, HEIGHT, &palette, &self.points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_and_not_left_out() {
        let font = FontRef::try_from_slice(FACE).expect("a face");
        for letter in "Outcry x-2025 Größe, 21 times the usual level: (3.4%)".chars() {
            assert_ne!(font.glyph_id(letter).0, 0, "{letter} is not in the face");
        }
        let mut canvas = Canvas::new();
        canvas.text(&font, 96.0, (MARGIN, 150.0), Ink::Plain, "X");
        let inked = canvas.points.iter().filter(|point| **point > 0).count();
        assert!(inked > 500, "{inked} points of a letter");
        canvas.text(&font, 96.0, (MARGIN, 150.0), Ink::Signal, &"M".repeat(100));
        let png = canvas.png();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() < 60_000, "{}", png.len());
    }

    #[test]
    fn a_day_is_drawn_whatever_is_known_of_it() {
        let mut canvas = Canvas::new();
        canvas.day(&[None, Some(0.0), Some(4.0), Some(1e9), Some(f64::INFINITY)]);
        assert!(canvas.points.iter().any(|point| *point > STEPS));
        Canvas::new().day(&[]);
    }
}
