//! docs/reference/scenario.md, held to what the code reads and does.

use std::collections::BTreeSet;
use std::sync::Arc;

use outcry_core::catalog::Catalog;
use outcry_sim::replay;
use outcry_sim::scenario::Scenario;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::proptest;

const REFERENCE: &str = include_str!("../../../docs/reference/scenario.md");
const READERS: [&str; 3] = [
    include_str!("../src/scenario/read.rs"),
    include_str!("../src/scenario/told.rs"),
    include_str!("../src/scenario/judge.rs"),
];

fn text() -> &'static str {
    let (_, rest) = REFERENCE.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0
}

fn example() -> Scenario {
    Scenario::parse("scenario.md", text()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

#[test]
fn the_example_ends_as_its_page_says() {
    let scenario = example();
    let catalog = Arc::new(scenario.catalog(&Catalog::default()));
    assert_eq!(scenario.check("scenario.md", &catalog), []);
    let history = scenario.history(scenario.seed, &catalog);
    let engine = replay::learn(catalog.clone(), history, 100.0);
    let signals = scenario.signals(scenario.seed, &catalog);
    let onset = scenario.truth.as_ref().map(|truth| truth.onset);
    let outcome = replay::run(engine, signals, Some(scenario.until), onset);
    let incidents = outcome.incidents();
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    let (incident, after_s) = incidents[0];
    let expect = &scenario.expect[0];
    let after_s = after_s.expect("an onset");
    assert!(after_s <= expect.opened_within_s.expect("a bar"), "{after_s} s");
    let app = &incident.components[0];
    assert_eq!(Some(&app.name), expect.mostly.as_ref());
    let told = format!(
        "The replay finds one incident, {after_s:.0} s after the onset, with {:.0} % of reports \
         naming the mobile app.",
        app.share * 100.0
    );
    assert!(REFERENCE.contains(&told), "the page does not say: {told}");
}

/// Keys that the code asks for: the texts after `table.…(`, `mix(table, ` and `blocks(`.
fn keys_read() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for source in READERS {
        let (code, _) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
        let pieces: Vec<&str> = code.split('"').collect();
        for pair in pieces.chunks(2) {
            let [before, key] = pair else { continue };
            let before: String = before.split_whitespace().collect();
            let (call, with) = before.rsplit_once('(').unwrap_or_default();
            let (of, method) = call.rsplit_once(['.', ';', '}']).unwrap_or_default();
            let asks = of.ends_with("table") && method != "mistake" && with.is_empty();
            if asks || with == "table," || method == "blocks" {
                keys.insert((*key).to_owned());
            }
        }
    }
    keys
}

/// Keys that the page names: the first cell of its rows, and its headings.
fn keys_told() -> BTreeSet<String> {
    let lines = REFERENCE.lines().filter(|line| line.starts_with("| `") || line.starts_with('#'));
    let cells = lines.map(|line| line.split('|').nth(1).unwrap_or(line));
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names
        .map(|name| name.trim_matches(['[', ']']).rsplit('.').next().unwrap_or("").to_owned())
        .collect()
}

#[test]
fn the_page_names_every_field_and_no_other() {
    let (read, told) = (keys_read(), keys_told());
    assert!(read.len() > 90, "the reading of the code has been lost: {read:?}");
    let untold: Vec<_> = read.difference(&told).collect();
    let unread: Vec<_> = told.difference(&read).collect();
    assert!(untold.is_empty() && unread.is_empty(), "untold {untold:?}, unread {unread:?}");
}

proptest! {
    #[test]
    fn lines_lost_or_moved_never_panic(moves in vec(any::<(u8, u8)>(), 1..9)) {
        let mut lines: Vec<&str> = text().lines().filter(|line| !line.is_empty()).collect();
        for (from, to) in moves {
            let line = lines.remove(usize::from(from) % lines.len());
            if to % 3 > 0 {
                lines.insert(usize::from(to) % lines.len(), line);
            }
        }
        match Scenario::parse("moved.toml", &lines.join("\n")) {
            Ok(scenario) => {
                let catalog = scenario.catalog(&Catalog::default());
                scenario.check("moved.toml", &catalog);
                let signals = scenario.signals(1, &catalog);
                assert!(signals.iter().all(|s| s.at >= scenario.from && s.at <= scenario.until));
            }
            Err(mistakes) => assert!(!mistakes.is_empty()),
        }
    }
}
