//! Whatever ends a run, its namespaces go: with it when it is told to stop, with the next one when
//! it is killed. A machine that cannot make namespaces says what it lacks.

use std::io::Read;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How long a run may take to make its namespaces, and to remove them.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Between two looks.
const STEP: Duration = Duration::from_millis(20);

fn lab() -> Command {
    Command::new(env!("CARGO_BIN_EXE_outcry-lab"))
}

fn begin(name: &str) -> Child {
    let out: PathBuf = [env!("CARGO_TARGET_TMPDIR"), name].iter().collect();
    // What looks is not needed here: `true` sees nothing.
    lab()
        .args(["run", "--seeds", "1", "--outcry", "/bin/true", "--out"])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the laboratory starts")
}

fn namespaces(pid: u32) -> usize {
    let prefix = format!("outcry-lab-{pid}-");
    let Ok(entries) = std::fs::read_dir("/run/netns") else { return 0 };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&prefix)).count()
}

/// Waits for namespaces; false when the machine cannot make any, after it has said why.
fn are_made(run: &mut Child) -> bool {
    let until = Instant::now() + WAIT_MAX;
    while Instant::now() < until {
        if let Some(status) = run.try_wait().expect("a child") {
            let mut said = String::new();
            run.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
            assert_eq!(status.code(), Some(2), "{said}");
            let is_told = said.contains("missing: ") || said.contains("cannot make network");
            assert!(is_told, "{said}");
            return false;
        }
        // The router and twelve hosts at least.
        if namespaces(run.id()) > 12 {
            return true;
        }
        std::thread::sleep(STEP);
    }
    panic!("no namespaces, and no word why");
}

#[test]
fn a_run_that_is_told_to_stop_takes_its_namespaces_along() {
    let mut run = begin("stopped");
    if are_made(&mut run) {
        let told = Command::new("kill").args(["-TERM", &run.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        assert_eq!(run.wait().expect("a child").code(), Some(2));
        assert_eq!(namespaces(run.id()), 0);
    }
}

#[test]
fn what_a_killed_run_leaves_the_next_one_removes() {
    let mut run = begin("killed");
    if are_made(&mut run) {
        run.kill().expect("a child");
        run.wait().expect("a child");
        assert!(namespaces(run.id()) > 0, "a killed run cannot clean");
        assert!(lab().arg("clean").status().expect("the laboratory starts").success());
        assert_eq!(namespaces(run.id()), 0);
    }
}
