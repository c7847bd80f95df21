//! What strangers wrote, as a reason repeats it: one line, cut, and without signs that change how
//! what stands around them is read.

/// The beginning of a text.
pub fn repeated(text: &str, chars_max: usize) -> String {
    let clean = text.chars().filter(|c| !is_unseen(*c));
    let cut: String = clean.clone().take(chars_max).collect();
    if clean.count() > chars_max { format!("{}…", cut.trim_end()) } else { cut }
}

/// Control characters, and those that turn the direction of writing around (Unicode UAX 9,
/// explicit formatting): `"a\u{202e}b"` shows what it does not say.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unseen_is_repeated() {
        for (text, want) in [
            ("a\u{202e}b\u{2066}c\u{1b}[31m", "abc[31m"),
            ("ends here and goes on", "ends here…"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(repeated(text, 10), want);
        }
    }
}
