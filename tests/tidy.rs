//! The house rules that a tool can check, checked by a tool.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Lines a file may have, tests and tables aside.
const LINES_MAX: usize = 400;
/// Characters a line may have.
const COLUMNS_MAX: usize = 100;
/// Files over [`LINES_MAX`] that are one table.
const TABLES: &[&str] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_owned()
}

/// Rust sources below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("readable folder").path()) {
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn all_sources() -> Vec<(String, String)> {
    let root = root();
    ["crates", "xtask", "tests"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below the root").display().to_string();
            (name, fs::read_to_string(&path).expect("readable source"))
        })
        .collect()
}

/// The text before the tests of a file.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().expect("split gives one part at least")
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_file_begins_with_its_idea() {
    let complaints: Vec<String> = all_sources()
        .iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(name, _)| format!("{name}: begin with //! and say what this is"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let complaints: Vec<String> = all_sources()
        .iter()
        .filter(|(name, _)| !TABLES.contains(&name.as_str()) && !name.contains("/tests"))
        .map(|(name, text)| (name, without_tests(text).lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(name, lines)| format!("{name}: {lines} lines; split by meaning"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn no_line_is_wider_than_the_page() {
    let mut complaints = Vec::new();
    for (name, text) in all_sources() {
        for (index, line) in text.lines().enumerate() {
            // A line of JSON is one line by its format, and cannot be broken inside a raw text.
            let is_sample = line.trim_start().starts_with("r#\"");
            let is_wide = line.chars().count() > COLUMNS_MAX;
            if is_wide && !is_sample && !line.contains("https://") {
                complaints.push(format!("{name}:{}: wider than {COLUMNS_MAX}", index + 1));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_core_flows_one_way() {
    let source = root().join("crates/core/src");
    let lib = fs::read_to_string(source.join("lib.rs")).expect("the core has a lib.rs");
    let order: BTreeMap<&str, usize> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .enumerate()
        .map(|(place, name)| (name, place))
        .collect();
    assert!(order.len() > 10, "the modules of lib.rs are read: {order:?}");
    let mut complaints = Vec::new();
    for path in sources(&source) {
        let inside = path.strip_prefix(&source).expect("below the core");
        let first = inside.components().next().expect("a file").as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let Some(own) = order.get(module.as_str()) else { continue };
        let text = fs::read_to_string(&path).expect("readable source");
        for part in text.split("crate::").skip(1) {
            let used: String =
                part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if order.get(used.as_str()).is_some_and(|place| place > own) {
                complaints.push(format!("{}: {module} uses {used}, below it", inside.display()));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn nothing_in_the_core_is_serialisable() {
    let complaints: Vec<String> = all_sources()
        .iter()
        .filter(|(name, text)| name.starts_with("crates/core/") && text.contains("serde"))
        .map(|(name, _)| format!("{name}: rows and views are serialisable, the domain is not"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn nothing_is_left_for_later() {
    let words =
        ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "thread::sleep(Duration::from_secs"];
    let mut complaints = Vec::new();
    for (name, text) in all_sources().iter().filter(|(name, _)| name != "tests/tidy.rs") {
        for word in words.iter().filter(|word| text.contains(**word)) {
            complaints.push(format!("{name}: {word}"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn versions_are_pinned_in_the_workspace_only() {
    let mut complaints = Vec::new();
    let root = root();
    let crates = fs::read_dir(root.join("crates")).expect("crates").map(|e| e.expect("one").path());
    for folder in crates.chain([root.join("xtask")]) {
        let path = folder.join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let dependencies = text.split("dependencies]").skip(1).flat_map(str::lines);
        for line in dependencies.filter(|line| line.contains('=') && !line.contains("workspace")) {
            if !line.starts_with(['#', '[']) && !line.contains("path =") && !line.contains("name =")
            {
                complaints.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn one_import_a_line() {
    let mut complaints = Vec::new();
    for (name, text) in all_sources() {
        for (index, line) in text.lines().enumerate() {
            if line.starts_with("use ") && line.contains('{') {
                complaints.push(format!("{name}:{}: one path a line", index + 1));
            }
        }
    }
    assert_none(&complaints);
}
