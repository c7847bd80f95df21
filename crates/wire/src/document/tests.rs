//! Documents read, and their mistakes in words.

use proptest::prelude::*;

use super::*;

/// Reads one key of each kind, so that each kind of mistake can be made.
fn build(t: &mut Table<'_>) -> String {
    let name = t.required_text("name");
    t.integer("count", 1..=10);
    t.number("share", 0.0..=1.0);
    t.number("above", 0.0..=f64::INFINITY);
    t.flag("open");
    t.time("start");
    t.texts("words");
    t.numbers("weights", 0.0..=1.0);
    t.choice("shape", &[("circle", 1), ("square", 2)]);
    t.number_map("mix", 0.0..=1.0);
    t.text_map("labels");
    t.table("inner", |t| {
        t.required_integer("depth", 0..=3);
        t.tables("part", |t| t.required_time("at"));
    });
    t.tables("item", |t| (t.required_text("slug"), t.required_number("size", 0.5..=2.0)));
    name
}

fn told(text: &str) -> Vec<String> {
    match read("a.toml", text, build) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(Mistake::to_string).collect(),
    }
}

#[test]
fn each_mistake_has_its_line_and_what_to_write() {
    for (text, expected) in [
        ("", "a.toml:1: the document lacks `name`; write `name = \"…\"`"),
        ("name = 5", "a.toml:1: `name` is 5, not text in quotes; write `name = \"…\"`"),
        (
            "name = ''\ncount = \"11\"",
            "a.toml:2: `count` is the text \"11\", not a whole number from 1 to 10; \
             write `count = 1`",
        ),
        (
            "name = ''\ncount = 11",
            "a.toml:2: `count` is 11, not a whole number from 1 to 10; write `count = 10`",
        ),
        (
            "name = ''\n\nshare = nan",
            "a.toml:3: `share` is nan, not a number from 0 to 1; write `share = 0`",
        ),
        (
            "name = ''\nabove = -0.5",
            "a.toml:2: `above` is -0.5, not a number of at least 0; write `above = 0`",
        ),
        (
            "name = ''\nabove = 1e999",
            "a.toml:2: `above` is 1e999, not a number of at least 0; write `above = 0`",
        ),
        (
            "name = ''\nopen = 'yes'",
            "a.toml:2: `open` is the text \"yes\", not true or false; write `open = true`",
        ),
        (
            "name = ''\nstart = 2025-03-10T09:45:00",
            "a.toml:2: `start` is 2025-03-10T09:45:00, which has no offset, not a time with \
             its offset; write `start = 2025-03-10T09:45:00Z`",
        ),
        (
            "name = ''\nwords = [\n  'a',\n  2,\n]",
            "a.toml:4: `words` holds 2, not text in quotes; write `words = [\"…\"]`",
        ),
        (
            "name = ''\nwords = 'a'",
            "a.toml:2: `words` is the text \"a\", not a list; write `words = [\"…\"]`",
        ),
        (
            "name = ''\nweights = [0.5, 2]",
            "a.toml:2: `weights` holds 2, not a number from 0 to 1; write `weights = [0]`",
        ),
        (
            "name = ''\nshape = 'sqare'",
            "a.toml:2: `shape` is \"sqare\", not one of \"circle\", \"square\"; \
             write `shape = \"square\"`",
        ),
        (
            "name = ''\nshape = 'dot'",
            "a.toml:2: `shape` is \"dot\", not one of \"circle\", \"square\"; \
             write one of \"circle\", \"square\"",
        ),
        (
            "name = ''\nmix = { ios = 1.5 }",
            "a.toml:2: `ios` in `mix` is 1.5, not a number from 0 to 1; \
             write `mix = { name = 0 }`",
        ),
        (
            "name = ''\nlabels = [1]",
            "a.toml:2: `labels` is a list, not a table; write `labels = { name = \"…\" }`",
        ),
        ("name = ''\n[inner]", "a.toml:2: [inner] lacks `depth`; write `depth = 0`"),
        ("name = ''\ninner = true", "a.toml:2: `inner` is true, not a table; write `[inner]`"),
        (
            "name = ''\n[inner]\ndepth = 1\n[[inner.part]]",
            "a.toml:4: [[inner.part]] lacks `at`; write `at = 2025-03-10T09:45:00Z`",
        ),
        (
            "name = ''\n[item]\nslug = ''",
            "a.toml:2: `item` is a table, not a list of tables; write `[[item]]`",
        ),
        ("name = ''\nitem = [1]", "a.toml:2: `item` holds 1, not a table; write `[[item]]`"),
        ("name = ''\nshap = 'circle'", "a.toml:2: the document has no key `shap`; write `shape`"),
        (
            "name = ''\n[[item]]\nslug = ''\nsize = 1\nzzz = 1",
            "a.toml:5: [[item]] has no key `zzz`; write one of `slug`, `size`, or nothing",
        ),
        ("name = ''\nname = ''", "a.toml:2: `name` is given a second time; write it once"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}

#[test]
fn every_mistake_is_told_at_once_and_by_line() {
    let text = "[[item]]\nslug = 1\nsize = 1\ncolour = 2\n[[item]]\nsize = 3\n[inner]\ndeph = 1";
    let mistakes = read("b.toml", text, build).expect_err("many mistakes");
    let lines: Vec<usize> = mistakes.iter().map(|m| m.line).collect();
    assert_eq!(lines, [1, 2, 4, 5, 6, 7, 8], "{mistakes:#?}");
}

#[test]
fn text_that_is_not_toml_is_told_by_line_and_not_read_further() {
    for (text, line, words) in [
        ("name = ", 1, "not TOML"),
        ("name = 'a'\ncount = ten", 2, "not TOML"),
        ("name = 'a'\n[item", 2, "unclosed table"),
        ("name = 'a'\nshare = 0.5.5", 2, "not TOML"),
        ("name = \"a", 1, "not TOML"),
        ("a\u{0}b", 1, "not TOML"),
    ] {
        let mistakes = read("a.toml", text, build).expect_err(text);
        assert_eq!(mistakes[0].line, line, "{text:?}: {mistakes:?}");
        assert!(mistakes[0].what.contains(words), "{text:?}: {mistakes:?}");
        assert!(!mistakes.iter().any(|m| m.what.contains("lacks")), "{mistakes:?}");
    }
    let several = "name = \ncount = 3\nshare = oops\n";
    let lines: Vec<usize> =
        read("a.toml", several, build).expect_err("two").iter().map(|m| m.line).collect();
    assert_eq!(lines, [1, 3]);
}

#[test]
fn good_values_are_read_as_written() {
    let text = "count = 0x_a\nshare = 1\nopen = true\nstart = 2025-03-10 09:45:00Z\n\
                words = ['a', 'b']\nweights = [1, 0.5]\nshape = 'square'\n\
                mix = { web = 0.25, app = 1 }\nlabels.de = 'x'\n[inner]\n[[item]]\n[[item]]";
    let text = text.replace("0x_a", "0x0a");
    let read = read("c.toml", &text, |t| {
        assert_eq!(t.integer("count", 1..=10), Some(10));
        assert_eq!(t.number("share", 0.0..=1.0), Some(1.0));
        assert_eq!(t.flag("open"), Some(true));
        assert_eq!(t.time("start"), UnixMillis::parse("2025-03-10T09:45:00Z"));
        assert_eq!(t.texts("words"), ["a", "b"]);
        assert_eq!(t.numbers("weights", 0.0..=1.0), [1.0, 0.5]);
        assert_eq!(t.choice("shape", &[("circle", 1), ("square", 2)]), Some(2));
        let mix = t.number_map("mix", 0.0..=1.0);
        assert_eq!(mix, [("app".to_owned(), 1.0), ("web".to_owned(), 0.25)]);
        assert_eq!(t.text_map("labels"), [("de".to_owned(), "x".to_owned())]);
        assert_eq!(t.table("inner", |t| t.line("absent")), Some(10));
        assert_eq!(t.tables("item", |t| t.line("absent")), [11, 12]);
        assert_eq!((t.has("count"), t.has("absent")), (true, false));
        assert_eq!((t.text("absent"), t.line("share")), (None, 2));
    });
    assert_eq!(read, Ok(()));
}

#[test]
fn a_time_may_stand_in_quotes() {
    for text in ["'2025-03-10T09:45:00Z'", "2025-03-10T10:45:00+01:00", "2025-03-10T09:45:00z"] {
        let read = read("a", &format!("at = {text}"), |t| t.required_time("at"));
        assert_eq!(read.ok(), UnixMillis::parse("2025-03-10T09:45:00Z"), "{text}");
    }
}

#[test]
fn many_mistakes_are_cut_with_their_number() {
    let text: String = (0..1000).rev().map(|n| format!("k{n} = 1\n")).collect();
    let mistakes = read("d.toml", &text, |_| ()).expect_err("a thousand");
    assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
    assert!((1..=MISTAKES_MAX).eq(mistakes[..MISTAKES_MAX].iter().map(|m| m.line)));
    assert_eq!(mistakes[MISTAKES_MAX].to_string(), "d.toml:200: and 800 more mistakes");
}

#[test]
fn a_document_that_is_too_large_is_refused() {
    let text = " ".repeat(DOCUMENT_BYTES_MAX + 1);
    let mistakes = read("e.toml", &text, |_| ()).expect_err("too large");
    assert!(mistakes[0].what.contains("more than 4194304"), "{mistakes:?}");
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let dotted = ["a"; KEY_PARTS_MAX].join(".");
    let inline = |levels: usize, key: &str| {
        let head = format!("[{key}]\n{key} = ") + &format!("{{{key}=").repeat(levels);
        head + "1" + &"}".repeat(levels)
    };
    for text in [
        vec!["a"; 100_000].join(".") + " = 1",
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{a=".repeat(100_000),
        inline(79, &dotted),
        inline(1000, &dotted),
        inline(79, &["a"; 79].join(".")),
    ] {
        assert!(read("f.toml", &text, |_| ()).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = read("p", &text, build);
    }

    #[test]
    fn no_nearly_right_text_panics(
        parts in prop::collection::vec(prop::sample::select(vec![
            "name", "item", "inner", "part", "slug", "size", " = ", "=", "[", "]", "[[", "]]",
            "{", "}", ",", ".", "\n", "\n", "'a'", "\"", "\"\"\"", "1", "-9223372036854775809",
            "1e400", "inf", "true", "2025-03-10T09:45:00Z", "#", "\u{feff}", "é", "\r", "\t",
        ]), 0..40)
    ) {
        for mistake in read("p", &parts.concat(), build).err().unwrap_or_default() {
            prop_assert!(mistake.line >= 1);
            prop_assert!(!mistake.what.is_empty());
        }
    }
}
