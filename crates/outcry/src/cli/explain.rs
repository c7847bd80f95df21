//! `outcry explain`: why an incident opened, as a person would say it, with the figures behind it.
//!
//! From the data folder of a site, or from what `outcry replay --json` wrote.
//!
//! # What it cannot tell
//!
//! Why the service failed. It says why the count was called unusual.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use outcry_core::detect::together::Factor;
use outcry_core::detect::together::Finding;
use outcry_core::detect::together::Spillover;
use outcry_core::detect::together::Standing;
use outcry_core::incident::Ending;
use outcry_core::incident::Opening;
use outcry_core::series::Slice;
use outcry_core::time::UnixMillis;
use outcry_store::Store;
use outcry_store::sqlite::SqliteStore;
use outcry_wire::incident::told::Told;
use outcry_wire::incident::told::read_told;
use serde_json::json;

use crate::cli::BadInput;
use crate::cli::serve::read_config;
use crate::station::DATABASE;

/// Incidents of a file that are named when the one asked for is not there.
const NAMED_MAX: usize = 12;

/// Arguments of `outcry explain`.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The incident, such as x-2025-03-10-1.
    incident: String,
    /// What `outcry replay --json` wrote, instead of a data folder.
    #[arg(long, conflicts_with = "data")]
    replay: Option<PathBuf>,
    /// The data folder, instead of the one that the configuration names.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The configuration of the site.
    #[arg(long, default_value = "outcry.toml")]
    config: PathBuf,
    /// One JSON object for each opening instead of text.
    #[arg(long)]
    json: bool,
}

/// Explains and prints.
///
/// # Errors
///
/// [`BadInput`] when there is no such incident or the file cannot be read.
pub fn run(arguments: &Explain) -> anyhow::Result<()> {
    let told = match &arguments.replay {
        Some(path) => from_replay(path, &arguments.incident)?,
        None => from_store(arguments)?,
    };
    if arguments.json {
        for (number, (at, opening, _)) in told.surges.iter().enumerate() {
            say!("{}", line(&told, number + 1, *at, opening))?;
        }
        return Ok(());
    }
    let text = text(&told);
    say!("{}", text.trim_end())?;
    Ok(())
}

fn from_store(arguments: &Explain) -> anyhow::Result<Told> {
    let folder = match &arguments.data {
        Some(folder) => folder.clone(),
        None => read_config(&arguments.config)?.store.dir,
    };
    let path = folder.join(DATABASE);
    if !path.exists() {
        let folder = folder.display();
        anyhow::bail!(BadInput(format!(
            "{folder} holds no {DATABASE}; write --data FOLDER of a site, or --replay FILE of \
             what `outcry replay --json` wrote"
        )));
    }
    let store = SqliteStore::open_reader(&path).context("the database")?;
    let incident = store.incident(&arguments.incident)?;
    let incident = incident.ok_or_else(|| {
        BadInput(format!(
            "no incident {}; `outcry export incidents` lists those there are",
            arguments.incident
        ))
    })?;
    Ok(Told::from(&incident))
}

/// The last line about an incident is its final state.
fn from_replay(path: &std::path::Path, id: &str) -> anyhow::Result<Told> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadInput(format!("cannot read {}: {error}", path.display())))?;
    let (mut found, mut others) = (None, Vec::new());
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let told = read_told(line).map_err(|error| {
            let place = format!("{}:{}", path.display(), number + 1);
            BadInput(format!("{place}: {error}; write what `outcry replay --json` wrote"))
        })?;
        match told {
            Some(told) if *told.id.0 == *id => found = Some(told),
            Some(told) if !others.contains(&told.id.0) => others.push(told.id.0),
            _ => {}
        }
    }
    found.ok_or_else(|| {
        let named = others.iter().take(NAMED_MAX).map(|id| &**id).collect::<Vec<_>>().join(", ");
        let there = if named.is_empty() { "no incident".into() } else { format!("only {named}") };
        BadInput(format!("no incident {id} in {}: there is {there}", path.display())).into()
    })
}

fn line(told: &Told, surge: usize, at: UnixMillis, opening: &Opening) -> serde_json::Value {
    json!({
        "type": "opening",
        "incident": &*told.id.0,
        "surge": surge,
        "opened_at": at.to_string(),
        "slice": slice(&opening.slice),
        "count": opening.count,
        "usual": opening.usual,
        "doubt": opening.doubt,
        "e_value": opening.e_value,
        "threshold": opening.threshold,
        "reporters": opening.reporters,
        "networks": opening.networks,
        "prefixes": opening.prefixes,
        "sentence": sentence(opening),
    })
}

/// The whole answer for people.
fn text(told: &Told) -> String {
    let mut text = format!("{}\n", told.id.0);
    // Writing to a String cannot fail.
    for (number, (at, opening, ending)) in told.surges.iter().enumerate() {
        let _ = writeln!(text, "\nsurge {} opened at {at}", number + 1);
        let _ = writeln!(text, "  {}", sentence(opening));
        let _ = writeln!(
            text,
            "  count      {} in 15 minutes, of {}",
            opening.count,
            slice(&opening.slice)
        );
        let _ = writeln!(
            text,
            "  usual      {:.2}, known to within {:.2}",
            opening.usual, opening.doubt
        );
        let _ = writeln!(
            text,
            "  e-value    {:.1e}, needed {:.1e}",
            opening.e_value, opening.threshold
        );
        let _ = writeln!(
            text,
            "  voices     {} reporters, {} prefixes, {} known networks",
            opening.reporters, opening.prefixes, opening.networks
        );
        if *ending == Some(Ending::NewUsual) {
            let _ = writeln!(
                text,
                "  It ended as a new usual level: it held for a day while probes found nothing \
             wrong."
            );
        }
    }
    if told.surges.is_empty() {
        text.push_str("\nIt has no surge of reports: probes opened it.\n");
    }
    for finding in &told.peers.findings {
        let _ = writeln!(text, "\n{}", together(finding));
    }
    if let Some(spillover) = &told.peers.spillover {
        let _ = writeln!(text, "\n{}", belongs_elsewhere(spillover));
    }
    text
}

/// What a person would say about an opening.
fn sentence(opening: &Opening) -> String {
    let people = match opening.reporters {
        1 => "One person".to_owned(),
        n => format!("{n} people"),
    };
    let whose = match &opening.slice {
        Slice::All => String::new(),
        Slice::Country(country) => format!(" from {country}"),
        Slice::Component(name) => format!(" about {name}"),
        Slice::Problem(name) => format!(" with the problem {name}"),
        Slice::Network(asn) => format!(" from network AS{}", asn.0),
    };
    let (usual, most) = (opening.usual, opening.usual + opening.doubt);
    let usual = if opening.doubt > usual.max(1.0) {
        format!("little is known yet, and up to {most:.0} would not have been surprising")
    } else {
        format!("{} would have been usual", few(usual))
    };
    let voices = match opening.networks {
        0 => format!("{} network prefixes", opening.prefixes),
        1 => format!("one network, {} prefixes", opening.prefixes),
        n => format!("{n} networks"),
    };
    format!(
        "{people}{whose} reported trouble within 15 minutes, from {voices}, where {usual}. \
         That is more than chance explains."
    )
}

/// A count as it is said.
fn few(count: f64) -> String {
    match count {
        c if c < 0.5 => "hardly any".into(),
        c if c < 1.5 => "one".into(),
        c => format!("{c:.0}"),
    }
}

/// What a person would say about a finding across services.
fn together(finding: &Finding) -> String {
    let Finding { up, members, others, others_up, .. } = finding;
    let what = factor(&finding.factor);
    match finding.standing {
        Standing::Named => format!(
            "{up} of {members} services {what} have trouble at the same time (since {}), and \
             {others_up} of {others} others.",
            finding.opened_at
        ),
        Standing::Unnamed => format!(
            "{up} of {members} services {what} have trouble at the same time, and so have \
             {others_up} of {others} others: that sets nothing apart."
        ),
    }
}

fn belongs_elsewhere(spillover: &Spillover) -> String {
    format!(
        "Its probes are green, and {} is in danger ({}): these reports may belong there.",
        spillover.in_danger,
        factor(&spillover.relation)
    )
}

fn factor(factor: &Factor) -> String {
    match factor {
        Factor::Provider(slug) => format!("that depend on {slug}"),
        Factor::Category(slug) => format!("of the category {slug}"),
        Factor::Country(country) => format!("as seen from {country}"),
        Factor::Network(asn) => format!("as seen from network AS{}", asn.0),
        Factor::Client(name) => format!("as used through {name}"),
    }
}

fn slice(slice: &Slice) -> String {
    match slice {
        Slice::All => "all reports".into(),
        Slice::Country(country) => format!("reports from {country}"),
        Slice::Component(name) => format!("reports about {name}"),
        Slice::Problem(name) => format!("reports with the problem {name}"),
        Slice::Network(asn) => format!("reports from network AS{}", asn.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening() -> Opening {
        Opening {
            count: 12,
            usual: 3.1,
            doubt: 0.4,
            e_value: 4.2e7,
            threshold: 1.7e6,
            reporters: 12,
            networks: 6,
            prefixes: 11,
            slice: Slice::All,
        }
    }

    #[test]
    fn a_sentence_says_how_many_from_where_and_what_is_usual() {
        assert_eq!(
            sentence(&opening()),
            "12 people reported trouble within 15 minutes, from 6 networks, where 3 would have \
             been usual. That is more than chance explains."
        );
    }

    #[test]
    fn a_new_service_is_spoken_of_with_its_doubt() {
        let young = Opening { usual: 0.4, doubt: 9.0, ..opening() };
        assert!(sentence(&young).contains("little is known yet, and up to 9"));
    }

    #[test]
    fn a_file_without_the_incident_names_those_it_has() {
        let folder = std::env::temp_dir().join(format!("outcry-explain-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let path = folder.join("replay.jsonl");
        std::fs::write(&path, "{\"type\":\"incident\",\"id\":\"y-1\",\"surges\":[]}\n")
            .expect("ok");
        let error = from_replay(&path, "x-1").expect_err("it is not there").to_string();
        assert!(error.contains("no incident x-1") && error.contains("only y-1"), "{error}");
        assert!(from_replay(&path, "y-1").is_ok());
        std::fs::write(&path, "[1,2\n").expect("ok");
        let error = from_replay(&path, "x-1").expect_err("no JSON").to_string();
        assert!(error.contains("replay.jsonl:1"), "{error}");
    }
}
