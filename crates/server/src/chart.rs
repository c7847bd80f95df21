//! Charts: pure functions from typed data to SVG and tables, written by our own hand.
//!
//! Every word comes in as an argument, geometry is in attributes and colour in classes, so a page
//! needs no inline style. A number that is drawn is also there as text.

pub mod axis;
pub mod frame;
pub mod hours;
pub mod label;
pub mod layout;
pub mod path;
pub mod places;
pub mod points;
pub mod rate;
pub mod scene;
pub mod share;
pub mod spark;
pub mod strip;
pub mod surge;
pub mod wanted;

use maud::Markup;
use maud::html;

/// A fraction 0..=1 as an SVG percentage with at most two decimals; what is not a number is zero.
pub(crate) fn percent(fraction: f64) -> String {
    let hundredths = (fraction.clamp(0.0, 1.0) * 10_000.0).round() as i64;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match (rest % 10, rest) {
        (_, 0) => format!("{whole}%"),
        (0, _) => format!("{whole}.{}%", rest / 10),
        _ => format!("{whole}.{rest:02}%"),
    }
}

/// The pattern of what is not known; it is in pixels, so it belongs in an unstretched drawing.
fn hatch(id: &str) -> Markup {
    html! {
        pattern id=(id) width="6" height="6" patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)" { path.hx d="M1.5 0v6" {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_short_and_never_outside_the_frame() {
        let cases = [
            (0.0, "0%"),
            (0.5, "50%"),
            (0.6198, "61.98%"),
            (0.005, "0.5%"),
            (0.0005, "0.05%"),
            (7.0, "100%"),
            (-1.0, "0%"),
            (f64::NAN, "0%"),
            (f64::INFINITY, "100%"),
        ];
        for (fraction, want) in cases {
            assert_eq!(percent(fraction), want, "{fraction}");
        }
    }
}
