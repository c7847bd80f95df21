//! Shares: what people say is affected, each bar beside the share that is usual.
//!
//! A table whose cells hold the bars: the words are the content, the bars only repeat them. Colour
//! goes to what is clearly above its usual share.
//!
//! # What it cannot tell
//!
//! How many reports there are: half of ten looks like half of ten thousand.

use maud::Markup;
use maud::html;

use crate::chart::percent;

/// A share this much above its usual is in colour.
const CLEARLY_ABOVE: f64 = 0.05;
/// The bars are measured against the largest share, but never against less than this: three small
/// shares are not to look like large ones.
const SCALE_MIN: f64 = 0.25;

/// One share.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow {
    /// What it is the share of.
    pub label: String,
    /// The share now, 0..=1.
    pub share: f64,
    /// The usual share, 0..=1; `None` when it is not known.
    pub usual: Option<f64>,
    /// Both in words, as "56 % · usually 47 %".
    pub text: String,
}

/// Draws the shares in the order given; `caption` says what they are shares of and since when.
pub fn shares(rows: &[ShareRow], caption: &str) -> Markup {
    let all = rows.iter().flat_map(|row| [row.share, row.usual.unwrap_or(0.0)]);
    let scale = all.fold(SCALE_MIN, f64::max).min(1.0);
    html! {
        table.bars {
            caption { (caption) }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (row.label) }
                        td.bar aria-hidden="true" { (bar(row, scale)) }
                        td.v { (row.text) }
                    }
                }
            }
        }
    }
}

/// The share now, and under it the usual one, thin and grey.
fn bar(row: &ShareRow, scale: f64) -> Markup {
    let above = row.usual.is_some_and(|usual| row.share >= usual + CLEARLY_ABOVE);
    html! {
        svg {
            rect class=(if above { "bs" } else { "b1" }) width=(percent(row.share / scale))
                height="7" {}
            @if let Some(usual) = row.usual {
                rect.b2 y="8" width=(percent(usual / scale)) height="4" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    use super::*;

    fn row(share: f64, usual: Option<f64>) -> ShareRow {
        ShareRow { label: "Mobile app".into(), share, usual, text: "56 % · usually 47 %".into() }
    }

    #[test]
    fn bars_share_one_scale_and_the_largest_fills_it() {
        let rows = [row(0.56, Some(0.47)), row(0.28, Some(0.29))];
        let html = shares(&rows, "What is affected").into_string();
        assert!(html.contains(r#"<rect class="bs" width="100%" height="7">"#), "{html}");
        assert!(html.contains(r#"<rect class="b1" width="50%" height="7">"#), "{html}");
    }

    #[test]
    fn a_share_without_a_usual_one_has_no_grey_bar_and_no_colour() {
        let html = shares(&[row(0.9, None)], "What is affected").into_string();
        assert!(!html.contains("b2") && !html.contains("bs"), "{html}");
    }

    #[test]
    fn small_shares_look_small() {
        let html = shares(&[row(0.05, None)], "What is affected").into_string();
        assert!(html.contains(r#"width="20%""#), "{html}");
    }

    proptest! {
        #[test]
        fn any_numbers_draw_inside_the_cell(share in any::<f64>(), usual in any::<Option<f64>>()) {
            let html = shares(&[row(share, usual), row(0.3, None)], "caption").into_string();
            assert!(!html.contains("NaN") && !html.contains("inf") && !html.contains("=\"-"));
        }
    }
}
