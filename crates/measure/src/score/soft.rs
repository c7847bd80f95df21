//! `cargo xtask score soft`: labelled pages through the judge of soft failures.
//!
//! Test, apart and unseen are there to believe; rules were made on all others (held, kept and blind
//! were believed until they were read). Misjudged pages are listed of those; of the believed only
//! their number, so that nobody makes rules on them by reading the score.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use anyhow::Result;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use outcry_collector::address::Url;
use outcry_collector::probe::http::StatusRule;
use outcry_collector::probe::http::weigh;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::probe::page::Page;
use outcry_collector::soft;
use outcry_collector::soft::history::Usual;
use serde_json::Value;

/// Share of failing pages that must be found.
const CAUGHT_MIN: f64 = 0.95;
/// Share of healthy pages that may be called failing.
const FALSE_MAX: f64 = 0.01;
/// Where the pages of the repository lie, those that were written first and those that followed.
const PAGES: [&str; 11] = [
    "crates/collector/testdata/soft",
    "crates/collector/testdata/soft/more",
    "crates/collector/testdata/soft/fresh",
    "crates/collector/testdata/soft/blind",
    "crates/collector/testdata/soft/apart",
    "crates/collector/testdata/soft/wide",
    "crates/collector/testdata/soft/unseen",
    "crates/collector/testdata/soft/angles",
    "crates/collector/testdata/soft/opened",
    "crates/collector/testdata/soft/further",
    "crates/collector/testdata/soft/sealed",
];
/// Short pages, one a line.
const VOICES: &str = "crates/collector/testdata/soft/voices.txt";
/// The split that the bar is for. The others that are believed are by other hands, and harder.
const JUDGED: &str = "test";
/// Splits that rules are made on: their pages are listed, and their figures are no proof.
const OPEN: [&str; 9] =
    ["train", "fresh", "held", "kept", "blind", "wide", "angles", "opened", "further"];

/// Arguments of the score.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// A folder of other pages with an index.jsonl in the same form.
    #[arg(long, default_values = PAGES)]
    pages: Vec<PathBuf>,
    /// List misjudged pages of every split.
    #[arg(long)]
    all: bool,
}

#[derive(Default)]
struct Tally {
    failing: usize,
    caught: usize,
    exact: usize,
    healthy: usize,
    alarms: usize,
}

/// Judges all pages.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut lines = Vec::new();
    for folder in &arguments.pages {
        let index = folder.join("index.jsonl");
        let text = std::fs::read_to_string(&index)
            .with_context(|| format!("cannot read {}", index.display()))?;
        let rows = text.lines().filter(|line| !line.trim().is_empty());
        lines.extend(rows.map(|line| (folder, line.to_owned())));
    }
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut kinds: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for (folder, line) in &lines {
        let row: Value = serde_json::from_str(line).context("a line of the index is no JSON")?;
        let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let (split, label) = (of("split"), of("label"));
        let (verdict, reason) = judge(folder, &row)?;
        let tally = tallies.entry(split.clone()).or_default();
        let is_ok = verdict == Verdict::Ok;
        let right = if matches!(&*label, "ok" | "healthy") {
            tally.healthy += 1;
            tally.alarms += usize::from(!is_ok);
            is_ok
        } else {
            tally.failing += 1;
            tally.caught += usize::from(!is_ok);
            tally.exact += usize::from(verdict.name() == label);
            !is_ok
        };
        let kind = kinds.entry((of("kind"), split.clone())).or_default();
        kind.0 += 1;
        kind.1 += usize::from(right);
        let is_wrong_name = label != "ok" && verdict.name() != label;
        if (!right || is_wrong_name) && (is_open(&split) || arguments.all) {
            let reason = reason.unwrap_or_default();
            println!("  {split}: {} is {label}, judged {} {reason}", of("file"), verdict.name());
        }
    }
    println!("\n{:<44} {:>6} {:>6} {:>6}", "kind", "split", "pages", "right");
    for ((kind, split), (pages, right)) in &kinds {
        println!("{kind:<44} {split:>6} {pages:>6} {right:>6}");
    }
    // Pages of others are judged whatever their split is called.
    let is_ours = arguments.pages.iter().map(PathBuf::as_path).eq(PAGES.map(Path::new));
    let mut holds = true;
    let mut last = Vec::new();
    println!(
        "\n{:<6} {:>8} {:>8} {:>14} {:>8} {:>8}",
        "split", "failing", "caught", "right name", "healthy", "alarms"
    );
    for (split, tally) in &tallies {
        let Tally { failing, caught, exact, healthy, alarms } = tally;
        println!("{split:<6} {failing:>8} {caught:>8} {exact:>14} {healthy:>8} {alarms:>8}");
        if !is_ours || !is_open(split) {
            let share = *caught as f64 / (*failing).max(1) as f64;
            let alarm = *alarms as f64 / (*healthy).max(1) as f64;
            let (caught, alarms) = (share * 100.0, alarm * 100.0);
            last.push(if split == JUDGED || !is_ours {
                holds &= share >= CAUGHT_MIN && alarm <= FALSE_MAX;
                format!(
                    "soft failures, {split}: {caught:.1} % caught (bar {:.0} %), {alarms:.1} % \
                     false alarms (bar {:.0} %)",
                    CAUGHT_MIN * 100.0,
                    FALSE_MAX * 100.0,
                )
            } else {
                format!("soft failures, {split}: {caught:.1} % caught, {alarms:.1} % false alarms")
            });
        }
    }
    voices()?;
    println!("{}", last.join("\n"));
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Short pages in many voices: how many of the failing ones are found, and of the healthy ones
/// called failing. No bar is set on them.
fn voices() -> Result<()> {
    let text = std::fs::read_to_string(VOICES).with_context(|| format!("cannot read {VOICES}"))?;
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.splitn(5, '|').collect();
        let [split, kind, language, title, said] = fields[..] else {
            anyhow::bail!("{VOICES}: five fields and not {line:?}");
        };
        let said: String = said.split('¶').map(|it| format!("<p>{}</p>", it.trim())).collect();
        let body = format!(
            "<!DOCTYPE html><html lang=\"{language}\"><head><title>{title}</title></head><body>\
             <header><nav><a href=\"/\">A</a> <a href=\"/b\">B</a></nav></header><main>\
             <h1>{title}</h1>{said}</main><footer>© {title}</footer></body></html>"
        );
        let url = Url::parse("https://www.firm.example.com/").context("an address")?;
        let page = Page {
            url: &url,
            redirects: 0,
            status: 200,
            headers: &HeaderMap::new(),
            body: &Bytes::from(body),
            is_cut: false,
            usual: None,
        };
        let is_ok = weigh(&page, StatusRule::Usual, true, soft::judge).is_none();
        let tally = tallies.entry(split).or_default();
        if kind == "ok" {
            tally.healthy += 1;
            tally.alarms += usize::from(!is_ok);
        } else {
            tally.failing += 1;
            tally.caught += usize::from(!is_ok);
        }
    }
    for (split, Tally { failing, caught, healthy, alarms, .. }) in tallies {
        println!(
            "voices, {split}: {caught} of {failing} failing found, {alarms} of {healthy} healthy \
             called failing"
        );
    }
    Ok(())
}

fn is_open(split: &str) -> bool {
    OPEN.contains(&split)
}

fn judge(folder: &Path, row: &Value) -> Result<(Verdict, Option<String>)> {
    let file = row["file"].as_str().context("a line of the index names no file")?;
    let body = std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?;
    let mut headers = HeaderMap::new();
    let given = row["headers"].as_object().into_iter().flatten();
    let content_type = ("content-type".to_owned(), &row["content_type"]);
    let all = given.map(|(name, value)| (name.clone(), value)).chain([content_type]);
    for (name, value) in all {
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
            headers.insert(name, value);
        }
    }
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    // A key that is missing is none of a value, where a map of its own would have no entry.
    let history = &row["history"];
    let usual = history.is_object().then(|| Usual {
        bytes: number(&history["bytes_usual"]),
        tags: number(&history["tags_usual"]),
        spread: 1.0,
        title: history["title_usual"].as_str().unwrap_or_default().to_owned(),
    });
    let url = Url::parse(row["url"].as_str().unwrap_or("https://page.example/"))
        .with_context(|| format!("the address of {file} cannot be read"))?;
    let page = Page {
        url: &url,
        redirects: 0,
        status: row["status"].as_u64().and_then(|it| u16::try_from(it).ok()).unwrap_or(200),
        headers: &headers,
        body: &Bytes::from(body),
        is_cut: false,
        usual: usual.as_ref(),
    };
    Ok(match weigh(&page, StatusRule::Usual, true, soft::judge) {
        Some((verdict, reason)) => (verdict, Some(reason)),
        None => (Verdict::Ok, None),
    })
}
