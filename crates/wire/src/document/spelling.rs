//! "Did you mean": the known word nearest to one that is not known.

/// Characters beyond which words are not compared.
const WORD_CHARS_MAX: usize = 64;

/// The word nearest to `word`, if it is near enough to be what was meant: one slip in three
/// characters, at least one. A slip is a character added, lost, replaced, or two swapped.
pub fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(word)?;
    let allowed = (plain.len() / 3).max(1);
    among
        .into_iter()
        .filter_map(|known| {
            let other = self::plain(known)?;
            let apart = plain.len().abs_diff(other.len());
            let slips = if apart > allowed { apart } else { slips(&plain, &other) };
            (slips <= allowed && slips < other.len()).then_some((slips, known))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}

/// Lower case, with `-` and `_` alike; `None` when too long or empty.
fn plain(word: &str) -> Option<Vec<char>> {
    if word.len() > WORD_CHARS_MAX {
        return None;
    }
    let plain: Vec<char> =
        word.to_lowercase().chars().map(|c| if c == '-' { '_' } else { c }).collect();
    (!plain.is_empty()).then_some(plain)
}

/// The optimal string alignment distance.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        let known = ["mobile_app", "web", "login", "notices", "name"];
        for (word, meant) in [
            ("mobile-app", Some("mobile_app")),
            ("MobileApp", Some("mobile_app")),
            ("lgoin", Some("login")),
            ("notice", Some("notices")),
            ("nmae", Some("name")),
            ("wbe", Some("web")),
            ("x", None),
            ("", None),
            ("telegraph", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word:?}");
        }
    }
}
