//! `cargo xtask test`: every test of every runner, and one closing line over all of them.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;

use crate::browser;
use xtask::run;

/// Which tests are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing is left out.
    All,
    /// No browser is started.
    WithoutBrowser,
}

/// How a runner closes; each is read in its own words only, since nextest repeats those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    Libtest,
    Nextest,
    Browser,
}

/// What a runner said of its tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// One step with its time.
struct Step {
    name: &'static str,
    seconds: f64,
    tally: Option<Tally>,
}

/// Installs what is missing and runs everything; one failed test is a failure of all.
pub fn run(extent: Extent) -> Result<ExitCode> {
    let mut steps = Vec::new();
    // Power cuts under the whole program are recorded with it.
    run::need("strace", &["strace"])?;
    if has_nextest() {
        let arguments = ["nextest", "run", "--workspace", "--no-fail-fast"];
        steps.push(tests("cargo nextest", Runner::Nextest, cargo(&arguments))?);
        let arguments = ["test", "--workspace", "--doc", "--no-fail-fast"];
        steps.push(tests("doc tests", Runner::Libtest, cargo(&arguments))?);
    } else {
        let arguments = ["test", "--workspace", "--no-fail-fast"];
        steps.push(tests("cargo test", Runner::Libtest, cargo(&arguments))?);
    }
    if extent == Extent::All {
        let began = Instant::now();
        browser::set_up()?;
        steps.push(Step { name: "browser set-up", seconds: since(began), tally: None });
        let began = Instant::now();
        let binary = run::binary_of_tests()?;
        steps.push(Step { name: "build", seconds: since(began), tally: None });
        steps.push(tests("browser", Runner::Browser, browser::script("run.mjs", &binary))?);
    }
    Ok(close(&steps))
}

fn has_nextest() -> bool {
    run::has("cargo-nextest")
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(run::root()).env("CARGO_TERM_COLOR", "never");
    command
}

fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}

/// Runs one runner to its end and counts what it says.
fn tests(name: &'static str, runner: Runner, mut command: Command) -> Result<Step> {
    println!("== {name}");
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let other = std::thread::spawn(move || count_lines(stderr, runner));
    let mut tally = count_lines(stdout, runner);
    let from_stderr = other.join().unwrap_or_default();
    tally.passed += from_stderr.passed;
    tally.failed += from_stderr.failed;
    let status = child.wait().with_context(|| format!("{name} did not end"))?;
    if !status.success() && tally.failed == 0 {
        println!("{name} ended with {status} and named no failed test: counted as one");
        tally.failed = 1;
    }
    if status.success() && tally == Tally::default() && name != "doc tests" {
        println!("{name} ran no test at all: counted as one failure");
        tally.failed = 1;
    }
    Ok(Step { name, seconds: since(began), tally: Some(tally) })
}

/// Passes lines on, and sums up those that close a run.
fn count_lines(stream: impl Read, runner: Runner) -> Tally {
    let mut sum = Tally::default();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("{line}");
        if let Some(tally) = closing(&line, runner) {
            sum.passed += tally.passed;
            sum.failed += tally.failed;
        }
    }
    sum
}

/// Reads the closing line of a runner.
fn closing(line: &str, runner: Runner) -> Option<Tally> {
    let (counts, between) = match runner {
        Runner::Libtest => (line.strip_prefix("test result: ")?.split_once(". ")?.1, ';'),
        Runner::Nextest => {
            (line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?.1, ',')
        }
        Runner::Browser => {
            let counts = line.ends_with(" failed") && line.contains(" passed, ");
            (counts.then_some(line)?, ',')
        }
    };
    let mut tally = Tally::default();
    for count in counts.split(between) {
        let mut words = count.split_whitespace();
        let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what {
            "passed" => tally.passed += number,
            "failed" | "timed" | "exec" => tally.failed += number,
            _ => {}
        }
    }
    Some(tally)
}

/// Lists the steps and says the one line that counts.
fn close(steps: &[Step]) -> ExitCode {
    println!();
    let mut sum = Tally::default();
    for step in steps {
        let said = step.tally.map_or_else(String::new, |tally| {
            sum.passed += tally.passed;
            sum.failed += tally.failed;
            format!("{} passed, {} failed", tally.passed, tally.failed)
        });
        println!("{:<16} {:>7.1} s  {said}", step.name, step.seconds);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_all_runners_are_read() {
        use Runner::Browser;
        use Runner::Libtest;
        use Runner::Nextest;
        let lines = [
            (Libtest, "test result: ok. 3 passed; 0 failed; 0 ignored; finished in 1s", (3, 0)),
            (Libtest, "test result: FAILED. 3 passed; 2 failed; 0 ignored", (3, 2)),
            (Nextest, "   Summary [  1.2s] 45 tests run: 45 passed (1 slow), 3 skipped", (45, 0)),
            (Nextest, "   Summary [  1.2s] 5 tests run: 3 passed, 1 failed, 1 timed out", (3, 2)),
            (Nextest, "   Summary [  1.2s] 1 test run: 1 passed, 0 skipped", (1, 0)),
            (Browser, "12 passed, 1 failed", (12, 1)),
        ];
        for (runner, line, want) in lines {
            let read = closing(line, runner).map(|tally| (tally.passed, tally.failed));
            assert_eq!(read, Some(want), "{line}");
            for other in [Browser, Libtest, Nextest].into_iter().filter(|other| *other != runner) {
                assert_eq!(closing(line, other), None, "{line}");
            }
        }
    }
}
