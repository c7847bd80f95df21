//! What a page is by its form, whatever it says: a song, a quiz, a page of reference.

use crate::soft::reading::Block;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;

/// Whether its form is that of something else than an apology.
pub(super) fn is_another(reading: &Reading) -> bool {
    is_solved(reading)
        || counts(reading)
        || has_references(reading)
        || is_verse(reading)
        || lists_tracks(reading)
        || shows_answer(reading)
}

/// Numbers its paragraphs: a quiz, rules, a list of questions.
fn counts(reading: &Reading) -> bool {
    let mut next = 1;
    for block in reading.middle().filter(|block| weight(&block.text) > NUMBERED_CHARS) {
        let rest = block.text.strip_prefix(&format!("{next}."));
        next += usize::from(rest.is_some_and(|it| it.starts_with(' ')));
    }
    next > NUMBERED_MIN
}

/// So many numbered paragraphs …
const NUMBERED_MIN: usize = 5;
/// … of so many letters.
const NUMBERED_CHARS: usize = 12;

/// A heading that only pages of reference have.
fn has_references(reading: &Reading) -> bool {
    reading.middle().any(|block| block.is_heading && REFERENCES.contains(&block.lower.as_str()))
}

/// How such headings are worded.
const REFERENCES: &[&str] = &[
    "see also",
    "syntax",
    "specifications",
    "specification",
    "browser compatibility",
    "references",
    "etymology",
    "siehe auch",
    "einzelnachweise",
    "voir aussi",
    "véase también",
    "ver también",
    "ver também",
    "vedi anche",
    "zie ook",
    "se även",
    "se også",
    "katso myös",
    "zobacz też",
    "související",
    "lásd még",
    "vezi și",
    "ayrıca bakınız",
    "см. также",
    "див. також",
    "関連項目",
    "参见",
    "另见",
    "參見",
    "같이 보기",
    "xem thêm",
    "lihat juga",
];

/// How the title of a thread says that it came to an end.
const SOLVED: &[&str] = &[
    "[solved]",
    "[résolu]",
    "[gelöst]",
    "[решено]",
    "[вирішено]",
    "[solucionado]",
    "[resuelto]",
    "[resolvido]",
    "[risolto]",
    "[zgjidhur]",
    "[çözüldü]",
    "[opgelost]",
    "[rozwiązany]",
    "[rozwiązane]",
    "[vyřešeno]",
    "[megoldva]",
    "[已解决]",
    "[解決済み]",
];

/// Lines of a song or a poem: one after the other of a like length, and no full stop.
fn is_verse(reading: &Reading) -> bool {
    let mut lines = 0;
    reading.middle().any(|block| {
        let text = block.text.trim_end();
        let is_line = (VERSE_CHARS.0..=VERSE_CHARS.1).contains(&weight(text))
            && !block.is_heading
            && !block.is_code
            && text.contains(' ')
            && !text.contains(|c: char| c.is_numeric() || ":|/@=_{}<>()".contains(c))
            && !text.ends_with(['.', '!', '?', '。', '！', '？', '।', '۔', '…']);
        lines = if is_line { lines + 1 } else { 0 };
        lines >= VERSE_LINES
    })
}

/// Letters of a line of verse, at least and at most.
const VERSE_CHARS: (usize, usize) = (14, 64);
/// So many lines in a row.
const VERSE_LINES: usize = 5;

/// Songs with how long they take: "Service unavailable 3:41".
fn lists_tracks(reading: &Reading) -> bool {
    let is_track = |block: &&Block| {
        let last = block.text.rsplit(' ').next().unwrap_or_default();
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        last.split_once(':').is_some_and(|(minutes, seconds)| {
            minutes.len() <= 2 && seconds.len() == 2 && is_digits(minutes) && is_digits(seconds)
        })
    };
    reading.middle().filter(is_track).count() >= TRACKS
}

/// So many songs.
const TRACKS: usize = 4;

/// Shows what a server answers: `HTTP/1.1 503 …`. A page that fails does not.
fn shows_answer(reading: &Reading) -> bool {
    let is_answer = |lower: &str| lower.starts_with("http/1.") || lower.starts_with("http/2 ");
    reading.middle().count() > 2 && reading.middle().any(|block| is_answer(&block.lower))
}

/// A thread that says in its title that it came to an end.
fn is_solved(reading: &Reading) -> bool {
    let title = reading.title.to_lowercase();
    SOLVED.iter().any(|mark| title.contains(mark))
}
