//! Sentences: what a text states, without what it asks, supposes or quotes.
//!
//! "If something went wrong, try again" is advice, "Is the boiler not working?" is an offer, and
//! what stands in quotes was said by another. A page that fails states it.
//!
//! # What it cannot tell
//!
//! Grammar. A supposition is known by the word that it begins with, or by an ending.

use crate::soft::words::unquoted;

/// Words with which a supposition begins, a blank at the end where the word ends there.
const SUPPOSING: &[&str] = &[
    "if ",
    "when ",
    "whenever ",
    "in case ",
    "should you ",
    "should the ",
    "once ",
    "wenn ",
    "falls ",
    "sollte ",
    "sollten sie",
    "im fall",
    "si le ",
    "si la ",
    "si les ",
    "si vous ",
    "si l'",
    "si ce ",
    "si un",
    "si el ",
    "si los ",
    "si no ",
    "si al ",
    "si tu ",
    "si usted ",
    "si su ",
    "si cree ",
    "si ves ",
    "si ve ",
    "en cas ",
    "en caso ",
    "em caso ",
    "caso ",
    "in caso ",
    "lorsque ",
    "quand ",
    "cuando ",
    "quando ",
    "se o ",
    "se a ",
    "se os ",
    "se você ",
    "se il ",
    "se lo ",
    "se non ",
    "se vedi ",
    "se hai ",
    "se não ",
    "als u ",
    "als je ",
    "als de ",
    "als het ",
    "wanneer ",
    "indien ",
    "om du ",
    "om problemet ",
    "om sidan ",
    "när ",
    "hvis ",
    "når ",
    "jos ",
    "kui ",
    "jeśli ",
    "jeżeli ",
    "gdy ",
    "kiedy ",
    "pokud ",
    "když ",
    "ak ",
    "keď ",
    "ako ",
    "če ",
    "amennyiben ",
    "ha a ",
    "ha az ",
    "ha nem ",
    "dacă ",
    "când ",
    "jei ",
    "nëse ",
    "якщо ",
    "коли ",
    "если ",
    "когда ",
    "ако ",
    "у разі ",
    "в случае ",
    "αν ",
    "εάν ",
    "όταν ",
    "eğer ",
    "إذا ",
    "في حال",
    "عند ",
    "אם ",
    "במקרה ",
    "اگر ",
    "यदि ",
    "अगर ",
    "যদি ",
    "如果",
    "若",
    "如需",
    "如有",
    "当您",
    "當您",
    "もし",
    "万一",
    "만약",
    "만일",
    "nếu ",
    "khi ",
    "jika ",
    "bila ",
    "apabila ",
    "หาก",
    "ถ้า",
    "เมื่อ",
];
/// Endings and particles that suppose, anywhere in the sentence.
const SUPPOSED: &[&str] =
    &["場合", "ときは", "경우", "나요", "rsanız", "rseniz", "rsaniz", "yorsa ", "的话", "的話"];

/// The sentences of a text, each with its mark at the end.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let mut letters = rest.char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, letter)) = letters.next() {
            let follows = letters.peek().map(|(_, next)| *next);
            let is_end = match letter {
                '。' | '！' | '？' | '।' | '؟' | '۔' => true,
                '.' | '!' | '?' | '…' => follows.is_none_or(char::is_whitespace),
                _ => false,
            };
            if is_end {
                end = at + letter.len_utf8();
                break;
            }
        }
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence)
    })
}

/// What a text in small letters states: without quotes, questions and suppositions.
pub fn stated(lower: &str) -> String {
    let plain = unquoted(lower);
    let mut kept = String::with_capacity(plain.len());
    for sentence in sentences(&plain) {
        if !is_question(sentence) && !is_supposed(sentence) {
            kept.push_str(sentence);
            kept.push(' ');
        }
    }
    kept
}

fn is_question(sentence: &str) -> bool {
    sentence.trim_end().ends_with(['?', '？', '؟'])
}

/// Whether a sentence only supposes.
pub fn is_supposed(sentence: &str) -> bool {
    let plain = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
    SUPPOSING.iter().any(|word| plain.starts_with(word))
        || SUPPOSED.iter().any(|mark| sentence.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_supposed_or_quoted_is_not_stated() {
        for (text, kept) in [
            ("something went wrong. try again.", "something went wrong. try again. "),
            ("if something went wrong, try again. open daily.", "open daily. "),
            ("telefon nie działa? naprawiamy od ręki.", "naprawiamy od ręki. "),
            ("エラーが出た場合は電話を。毎日営業。", "毎日営業。 "),
            ("si è verificato un errore.", "si è verificato un errore. "),
            ("se ha producido un error.", "se ha producido un error. "),
            ("ha ocurrido un error.", "ha ocurrido un error. "),
            ("version 2.5 of example.com runs.", "version 2.5 of example.com runs. "),
            ("“service is unavailable now”, she read aloud.", ", she read aloud. "),
            ("", ""),
        ] {
            assert_eq!(stated(text), kept, "{text}");
        }
    }
}
