//! `outcry assess`: a verdict worked out again from its case file.

use std::io::Read;

use outcry_core::claim::publish::Finding;
use outcry_core::claim::publish::Publication;
use outcry_core::claim::publish::publication;
use outcry_core::claim::rule::rule;
use outcry_core::verdict::assess;
use outcry_sim::replay::describe_verdict;
use outcry_wire::case_file;
use outcry_wire::likelihood;
use outcry_wire::verdict::verdict_line;

use crate::cli::BadInput;

/// Bytes a case file may have.
const CASE_BYTES_MAX: u64 = 64 << 20;

/// Arguments of `outcry assess`.
#[derive(Debug, clap::Args)]
pub struct Assess {
    /// A case file, as a site gives it at /i/ID/case.json; `-` reads it from the pipe.
    file: String,
    /// The verdict as one JSON line instead of words.
    #[arg(long)]
    json: bool,
}

/// Weighs a case file and prints the verdict.
pub fn run(arguments: &Assess) -> anyhow::Result<()> {
    let wrong = |error: &dyn std::fmt::Display| {
        BadInput(format!("cannot read {}: {error}", arguments.file))
    };
    let mut text = String::new();
    if arguments.file == "-" {
        let read = std::io::stdin().take(CASE_BYTES_MAX).read_to_string(&mut text);
        read.map_err(|error| wrong(&error))?;
    } else {
        let file = std::fs::File::open(&arguments.file).map_err(|error| wrong(&error))?;
        let read = file.take(CASE_BYTES_MAX).read_to_string(&mut text);
        read.map_err(|error| wrong(&error))?;
    }
    let case = case_file::read(&text).map_err(|error| wrong(&chained(&error)))?;
    let table = likelihood::built_in();
    let assessment = assess(&case, table);
    if arguments.json {
        say!("{}", verdict_line(&assessment, table))?;
        return Ok(());
    }
    say!("{}, revision {}, as of {}", case.incident.id.0, assessment.revision, case.as_of)?;
    let mut words = String::new();
    describe_verdict(&mut words, &assessment);
    let ledger = rule(&case, &assessment);
    words.push_str(&waiting(&publication(&case, assessment.named, &ledger)));
    for record in &ledger {
        let rulings: Vec<String> =
            record.rulings.iter().map(|it| it.ruling.name().replace('_', " ")).collect();
        words.push_str(&format!("  claim     {}: {}\n", record.claim.claim, rulings.join(", ")));
    }
    say!("{}", words.trim_end())?;
    Ok(())
}

/// What the pages do not show yet, though anybody can work it out: it waits for two persons.
fn waiting(publication: &Publication) -> String {
    if let Some(person) = &publication.held_by {
        return format!("  review    the page is held by {person}: names and rulings wait\n");
    }
    let waits = publication.findings.iter().filter(|finding| !finding.is_approved());
    let line = |it: &Finding| format!("  review    {} waits for two persons\n", it.name);
    waits.map(line).collect()
}

/// An error with its causes, in one line.
fn chained(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told.push_str(&format!(": {next}"));
        cause = next.source();
    }
    told
}
