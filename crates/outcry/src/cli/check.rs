//! `outcry check`: every mistake in a configuration and in what it names, at once.

use std::path::PathBuf;

use outcry_wire::document::Mistake;

use crate::cli::BadInput;
use crate::config::Config;
use crate::data;
use crate::places::Places;

/// Arguments of `outcry check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The configuration to look at; without one the built-in catalogue is checked.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A folder of catalogue files to check by itself.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Scenarios to check by themselves.
    #[arg(long)]
    scenario: Vec<String>,
}

/// Checks, and says what is in force when all is well.
pub fn run(arguments: &Check) -> anyhow::Result<()> {
    let mut wrong: Vec<String> = Vec::new();
    let mut config = Config::default();
    if let Some(path) = &arguments.config {
        let text = data::text_of(path)?;
        match Config::read(&path.display().to_string(), &text) {
            Ok(read) => config = read,
            Err(mistakes) => wrong.extend(lines(&mistakes)),
        }
    }
    let dir = arguments.catalog.as_deref().or(config.catalog_dir.as_deref());
    let read = match dir {
        Some(dir) => data::catalog_files(dir).map(|files| data::read_catalog(&files)),
        None => data::catalog(None).map(Ok),
    };
    let mut catalog = None;
    match read {
        Ok(Ok(read)) => catalog = Some(read),
        Ok(Err(mistakes)) => wrong.extend(lines(&mistakes)),
        Err(error) => wrong.push(format!("  {error:#}")),
    }
    let places = Places::open(config.places.country.as_deref(), config.places.asn.as_deref());
    if let Err(error) = &places {
        wrong.push(format!("  {error:#}"));
    }
    for name in &arguments.scenario {
        match (crate::stories::read(name), &catalog) {
            (Err(error), _) => wrong.push(format!("  {error:#}")),
            (Ok(Err(mistakes)), _) => wrong.extend(lines(&mistakes)),
            (Ok(Ok(scenario)), Some(catalog)) => {
                wrong.extend(lines(&scenario.check(name, &scenario.catalog(catalog))));
            }
            (Ok(Ok(_)), None) => {}
        }
    }
    let mut monitors = 0;
    if let Some(catalog) = &catalog {
        let (all, strangers) = crate::probing::monitors::of(&config.probes, catalog);
        monitors = if config.probes.enabled { all.len() } else { 0 };
        wrong.extend(strangers.into_iter().map(|what| format!("  {what}")));
        let strange = crate::alerts::rules::strangers(&config.alerts, catalog);
        wrong.extend(strange.into_iter().map(|what| format!("  {what}")));
        let strange = |slug: &&str| !catalog.services.contains_key(*slug);
        wrong.extend(crate::flows::config::named(&config).filter(strange).map(|slug| {
            format!("  [flows] or [logs] names {slug:?}, which the catalogue does not have")
        }));
    }
    if let Err(error) = crate::probing::context::of(&config.probes, "") {
        wrong.push(format!("  {error:#}"));
    }
    if !wrong.is_empty() {
        anyhow::bail!(BadInput(format!("mistakes in what was given:\n{}", wrong.join("\n"))));
    }
    let catalog = catalog.unwrap_or_default();
    say!(
        "no mistake: {} services in {} categories",
        catalog.services.len(),
        catalog.categories.len()
    )?;
    say!("listens on {}", config.http.listen)?;
    say!("keeps its data in {}", config.store.dir.display())?;
    match monitors {
        0 => say!("probes nothing")?,
        count => {
            let contact =
                crate::probing::context::agent_of(&config.probes.contact, &config.http.public_url);
            let noun = if count == 1 { "monitor" } else { "monitors" };
            say!("probes {count} {noun} from one place, as {contact:?}")?;
        }
    }
    match places.map(|places| places.names()).unwrap_or_default().as_slice() {
        [] => say!("knows no places: every report's place will be unknown")?,
        names => say!("knows places from {}", names.join(" and "))?,
    }
    for what in config.lacks_address() {
        say!("{what}")?;
    }
    if config.http.trusted_proxies.is_empty() && !config.http.listen.ip().is_loopback() {
        say!("trusts no proxy: behind one, everybody would be one reporter")?;
    }
    Ok(())
}

fn lines(mistakes: &[Mistake]) -> impl Iterator<Item = String> {
    mistakes.iter().map(|mistake| format!("  {mistake}"))
}
