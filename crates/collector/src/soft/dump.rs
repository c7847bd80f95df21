//! What programs print when they fall over: stack traces, warnings of the interpreter, errors of
//! the database, source that was meant to be run.
//!
//! These speak the language of the program, whatever the language of the page. On a page that
//! explains them they stand beside prose; where they are the page, they lead it.

mod marks;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::dump::marks::LOUD;
use crate::soft::dump::marks::MARKS;
use crate::soft::dump::marks::PHRASES;
use crate::soft::error_text::quote;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::Concepts;

/// Letters of other text beside which a dump is explained.
const PROSE_CHARS: usize = 260;

/// Bytes of the longest block that a program prints when it falls over.
const DUMP_BYTES_MAX: usize = 6_000;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let source = reading.source.trim_start();
    if reading.kind == Kind::Other {
        return None;
    }
    if source.starts_with("<?php") || source.starts_with("<%@") || source.starts_with("#!/") {
        return Finding::fails(0.85, "the source of the program is shown instead of its page");
    }
    if reading.kind == Kind::Json || reading.claimed == Kind::Json {
        let start = source.trim_start_matches('\u{feff}');
        let is_data = start.starts_with(['{', '[', '"', 't', 'f', 'n', '-'])
            || start.starts_with(|c: char| c.is_ascii_digit());
        let lower = source.to_lowercase();
        let is_dump = MARKS.iter().chain(PHRASES).any(|mark| lower.contains(mark));
        if is_dump && !is_data {
            return Finding::fails(0.85, "a message of the program stands before the JSON");
        }
        return None;
    }
    if !matches!(reading.kind, Kind::Html | Kind::Text) {
        return None;
    }
    if let Some(line) = unready(reading) {
        return Finding::fails(0.8, format!("a part is not ready: “{}”", quote(line)));
    }
    let title = reading.title.to_lowercase();
    let is_blank = reading.middle_chars() == 0 && MARKS.iter().any(|mark| title.contains(mark));
    if (is_blank || titles_report(&reading.title))
        && reading.links <= REPORT_LINKS
        && !context::is_written(reading)
    {
        return Finding::fails(
            0.8,
            format!("a report of the program: “{}”", quote(&reading.title)),
        );
    }
    let blocks: Vec<(&Block, bool)> =
        reading.middle().map(|block| (block, is_dump(block))).collect();
    let is_machines = blocks.iter().any(|(block, _)| self::is_machines(block));
    // What else is preformatted belongs to what only a program writes.
    let chars = |dumps: bool| -> usize {
        let is_dumped = |block: &Block, is: bool| is || (is_machines && block.is_code);
        let of = blocks.iter().filter(|(block, is)| is_dumped(block, *is) == dumps);
        of.map(|(block, _)| weight(&block.text)).sum()
    };
    // Plain text that begins with what only a program writes is that to its end.
    let is_whole = reading.kind == Kind::Text
        && blocks.first().is_some_and(|(block, _)| self::is_machines(block));
    let (dumped, prose) = match is_whole {
        true => (reading.middle_chars(), 0),
        false => (chars(true), chars(false)),
    };
    let first = blocks.iter().find(|(_, is)| *is)?.0;
    if is_report(reading, &blocks) {
        return Finding::fails(0.8, format!("a message of the program: “{}”", quote(&first.text)));
    }
    if context::is_written(reading) || is_lesson(reading) {
        return None;
    }
    let leads = blocks.iter().take(2).any(|(_, is)| *is);
    let share = dumped as f64 / (dumped + prose).max(1) as f64;
    let many = blocks.iter().filter(|(_, is)| *is).count();
    let title = reading.title.to_lowercase();
    let is_titled = MARKS.iter().any(|mark| title.contains(mark));
    let is_loud = is_titled
        || blocks.iter().filter(|(block, _)| is_query(block)).count() >= QUERIES_MIN
        || blocks.iter().any(|(block, _)| LOUD.iter().any(|mark| block.lower.contains(mark)));
    let sure = if share >= 0.7 || is_loud || (leads && prose < PROSE_CHARS) {
        0.85
    } else if prose < PROSE_CHARS || (leads && many >= 4 && share >= 0.5) {
        0.6
    } else {
        return None;
    };
    // Within a menu, in a frame of its own, below a title that fails at nothing: somebody shows it.
    let in_frame = blocks.iter().filter(|(_, is)| *is).all(|(block, _)| block.is_code);
    let fails = words::concepts_of(&title).has_any(Concepts::ERROR.with(Concepts::WRONG));
    let is_named = words::unquoted(&title) != title || PASTED.iter().any(|it| title.contains(it));
    let is_shown = in_frame && reading.links >= SHOWN_LINKS && !fails && !is_titled && is_named;
    if is_shown {
        return None;
    }
    let sure = if is_machines { sure } else { sure * context::in_their_words(reading) };
    Finding::fails(sure, format!("a message of the program: “{}”", quote(&first.text)))
}

/// "[-]etcd failed", as the health of Kubernetes and its kin is written: a sign a line.
fn unready(reading: &Reading) -> Option<&str> {
    let mut lines = reading.source.lines().filter(|line| !line.trim().is_empty());
    let is_listed = |line: &&str| line.starts_with("[+]") || line.starts_with("[-]");
    let is_list = reading.kind == Kind::Text && lines.clone().take(2).all(|it| is_listed(&it));
    lines.find(|line| is_list && line.starts_with("[-]"))
}

/// Code, a sentence on it, and code again, within a menu.
fn is_lesson(reading: &Reading) -> bool {
    let is_code: Vec<bool> = reading.middle().map(|block| block.is_code).collect();
    let ends = is_code.windows(2).filter(|pair| matches!(pair, [true, false])).count();
    ends >= LESSON_PARTS && reading.links >= SHOWN_LINKS && context::shows_code(reading)
}

/// So many pieces of code with something said below them are a lesson.
const LESSON_PARTS: usize = 2;

/// What a framework shows of its own failure: no menu around it, an error in the title, and what
/// only a program writes below.
fn is_report(reading: &Reading, blocks: &[(&Block, bool)]) -> bool {
    let lead = blocks.iter().take(REPORT_BLOCKS).map(|(block, _)| block.lower.as_str());
    let title = reading.title.to_lowercase();
    let fails = |text: &str| {
        let said = words::concepts_of(text);
        said.has_any(Concepts::ERROR.with(Concepts::WRONG).with(Concepts::CANNOT))
    };
    // Somebody's own sentences, about something else: a lesson, an advisory.
    let is_told = |block: &Block| {
        let chars = weight(&block.text);
        let known = words::concepts_of(&block.lower).has_any(context::TOPICS);
        chars > TOLD_CHARS_MIN && !known && !is_dump(block) && !block.is_code
    };
    let told: usize =
        blocks.iter().filter(|(it, _)| is_told(it)).map(|(it, _)| weight(&it.text)).sum();
    let tells = words::concepts_of(&title).has_any(Concepts::GUIDE.with(Concepts::TOLD));
    reading.links <= REPORT_LINKS
        && reading.article_chars == 0
        && !tells
        && blocks.iter().any(|(block, _)| self::is_machines(block))
        && fails(&title)
        && (reading.links == 0 || lead.filter(|text| fails(text)).count() >= 1)
        && (reading.links == 0 || told <= TOLD_CHARS && !context::is_written(reading))
}

/// What those call it who keep what others paste.
const PASTED: &[&str] = &["paste", "snippet", "gist"];
/// Links of a site around what somebody shows.
const SHOWN_LINKS: usize = 3;
/// Blocks at the beginning in which such a report names an error.
const REPORT_BLOCKS: usize = 3;
/// Letters of the shortest sentence of somebody, …
const TOLD_CHARS_MIN: usize = 25;
/// … and of all that may stand in such a report.
const TOLD_CHARS: usize = 240;
/// Links of a page without a menu.
const REPORT_LINKS: usize = 1;

/// A query that was sent to a database, or what it said to one: no visitor is to see it.
fn is_query(block: &Block) -> bool {
    let lower = &block.lower;
    let asks = lower.starts_with("select ") && lower.contains(" from ");
    let misses = lower.contains("table '") && lower.contains("doesn't exist");
    asks || misses || lower.contains("sql error") || lower.contains("sqlstate")
}

/// So many of them are a page that fell over in each of its parts.
const QUERIES_MIN: usize = 3;

fn is_dump(block: &Block) -> bool {
    // What is longer is a listing.
    if block.text.len() > DUMP_BYTES_MAX {
        return false;
    }
    PHRASES.iter().any(|mark| block.lower.contains(mark)) || is_machines(block)
}

/// Only a program writes this line.
pub fn is_machines_line(line: &str) -> bool {
    let lower = line.to_lowercase();
    MARKS.iter().any(|mark| lower.contains(mark)) || names_line(&lower) || names_exception(line)
}

/// Only a program writes this.
pub fn is_machines(block: &Block) -> bool {
    let marked = MARKS.iter().any(|mark| block.lower.contains(mark));
    marked
        || names_line(&block.lower)
        || has_frame(&block.lower)
        || is_place(&block.lower)
        || frames(&block.lower) >= 2
        || names_exception(&block.text)
}

/// The whole name of an exception: `javax.faces.FacesException`, `Npgsql.Data.PgException`.
fn names_exception(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "._$\\".contains(c))).any(|word| {
        let mut parts = word.trim_end_matches('.').split(['.', '\\']);
        let last = parts.next_back().unwrap_or_default();
        let is_class = last.starts_with(|c: char| c.is_ascii_uppercase());
        let is_name = last.len() > "Exception".len() || last.len() > "XError".len();
        is_class
            && is_name
            && (last.ends_with("Exception") || last.ends_with("Error"))
            && parts.clone().count() >= PACKAGES_MIN
            && parts.all(|part| !part.is_empty())
    })
}

/// Names of packages before that of an exception.
const PACKAGES_MIN: usize = 2;

/// "In file.php on line 21", "at /srv/cgi/list.pl line 74."
fn names_line(lower: &str) -> bool {
    let is_number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let of_path = |from: &str| from.split(' ').next().is_some_and(|it| it.contains(['/', '\\']));
    let mut perls = lower.split(" line ").zip(lower.split(" line ").skip(1));
    lower.split(" on line ").nth(1).is_some_and(is_number)
        || perls.any(|(before, rest)| {
            let path = before.rsplit(" at ").next().unwrap_or_default();
            is_number(rest) && before.contains(" at ") && of_path(path) && !path.contains(' ')
        })
}

/// "KeyError at GET /list", as frameworks title what they show to who writes the program.
fn titles_report(title: &str) -> bool {
    let mut words = title.split_whitespace();
    let name = words.next().unwrap_or_default();
    let is_name = name.ends_with("Error") || name.ends_with("Exception") || name.contains("::");
    let is_at = matches!(words.next(), Some("at" | "in"));
    let place = words.find(|word| !word.chars().all(|c| c.is_ascii_uppercase()));
    is_name && is_at && place.is_some_and(|it| it.starts_with('/') || it.contains('#'))
}

/// One line that can only be a frame of a stack.
fn has_frame(lower: &str) -> bool {
    let starts =
        lower.starts_with("at ") || lower.starts_with("#0 ") || lower.starts_with("file \"");
    starts && (lower.contains("(") || lower.contains(":")) && lower.contains(['.', '/', '\\'])
}

/// "lib/shop/list.ex:31", and nothing else.
fn is_place(lower: &str) -> bool {
    let Some((path, line)) = lower.rsplit_once(':') else { return false };
    let Some((name, ending)) = path.rsplit_once('.') else { return false };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-/\\".contains(c);
    ENDINGS.contains(&ending)
        && name.contains(['/', '\\'])
        && path.chars().all(is_name)
        && line.parse::<u32>().is_ok()
}

/// Endings of files that programs are written in.
const ENDINGS: &[&str] =
    &["ex", "exs", "erl", "rb", "py", "php", "js", "ts", "java", "go", "cs", "kt", "rs", "pl"];

fn frames(lower: &str) -> usize {
    lower.matches(".java:").count()
        + lower.matches(".php:").count()
        + lower.matches(".php(").count()
        + lower.matches(".py\", line ").count()
        + lower.matches(".rb:").count()
        + lower.matches(".js:").count()
        + lower.matches(".go:").count()
        + lower.matches(".cs:line").count()
        + lower.matches(".lua:").count()
        + lower.matches(".ex:").count()
        + lower.matches(".erl:").count()
        + lower.matches(".kt:").count()
        + lower.matches(".scala:").count()
}
