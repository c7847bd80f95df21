//! Letters that are one to who reads them: folded in stems and in texts alike, so that they meet.
//!
//! # What it cannot tell
//!
//! Letters with their marks apart (NFD), as few systems write them: they stay as they are.

use std::borrow::Cow;

/// Letters as capitals leave them: typographic quotes become plain ones, so that "can’t" is
/// "can't", Greek loses its accents and the Turkish dotless i its difference. Arabic letters that
/// languages write with signs of their own are one, and marks that most leave out are gone.
pub fn fold(text: &str) -> Cow<'_, str> {
    if !text.contains(is_folded) {
        return text.into();
    }
    let plain = text.chars().filter(|c| !is_mark(*c));
    let plain = plain.map(|c| match c {
        '’' | '‘' | 'ʼ' => '\'',
        '\u{a0}' | '\u{202f}' | '\u{3000}' => ' ',
        '‐' | '‑' => '-',
        'ё' => 'е',
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        'أ' | 'إ' | 'آ' => 'ا',
        'ة' => 'ه',
        'ı' => 'i',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        other => other,
    });
    plain.collect::<String>().into()
}

fn is_folded(c: char) -> bool {
    is_mark(c)
        || matches!(c, '’' | '‘' | 'ʼ' | '\u{a0}' | '\u{202f}' | '\u{3000}' | '‐' | '‑' | 'ё' | 'ı')
        || matches!(c, 'ς' | 'ΐ'..='ώ' | 'ي' | 'ى' | 'ك' | 'أ' | 'إ' | 'آ' | 'ة')
}

/// What most leave out: where a word may be parted, how Arabic is read aloud, joints.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{307}' | '\u{640}' | '\u{64b}'..='\u{652}')
}
