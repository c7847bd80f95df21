//! The whole site as static files, rendered by the same code that serves it.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use arc_swap::ArcSwap;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use outcry_core::engine::Engine;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_server::board::Board;
use outcry_server::contract::Clock;
use outcry_server::limit::Limits;
use outcry_server::site::Site;
use outcry_server::words::Words;
use outcry_store::Store;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::cli::export::incidents::each_own;
use crate::config::Config;
use crate::data;
use crate::places::Places;
use crate::records::Known;
use crate::shared::Shared;

/// The file that says a folder is ours to write to.
const SITE_MARKER: &str = ".outcry-site";

/// A clock that stands still: an export shows one moment.
struct Still(UnixMillis);

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        self.0
    }
}

/// Writes the site into the folder `out`.
pub fn site(config: &Config, store: SqliteStore, out: &Path) -> anyhow::Result<()> {
    let catalog = Arc::new(data::catalog(config.catalog_dir.as_deref())?);
    let saved = store.checkpoint()?;
    let engine = saved
        .and_then(|(_, bytes)| Engine::load(config.engine, catalog.clone(), &bytes))
        .unwrap_or_else(|| Engine::new(config.engine, catalog.clone()));
    let now = engine.now().unwrap_or_default();
    let mut ids: Vec<Text> = Vec::new();
    each_own(&store, None, |incident| {
        ids.push(incident.id.0.clone());
        Ok(())
    })?;
    let clock: Arc<dyn Clock> = Arc::new(Still(now));
    let known = Arc::new(Known {
        shared: Arc::new(Shared::new(engine)),
        store: Mutex::new(Box::new(store)),
        catalog: ArcSwap::new(catalog.clone()),
        clock: clock.clone(),
        log: None,
    });
    let places = Places::open(config.places.country.as_deref(), config.places.asn.as_deref())?;
    let board = Board::new(
        Arc::new(Site {
            words: Words::english(),
            records: known,
            places: Arc::new(places),
            clock,
            public_url: config.http.public_url.clone(),
            tells_by_mail: false,
            push_key: None,
            limits: Limits::default(),
            reconstruction: None,
        }),
        config.engine,
    );
    let mut addresses: Vec<String> =
        ["/", "/services", "/incidents", "/methods", "/data", "/api/v1/services"]
            .map(str::to_owned)
            .to_vec();
    addresses.extend(catalog.services.keys().map(|slug| format!("/s/{slug}")));
    for id in &ids {
        addresses.extend([format!("/i/{id}"), format!("/i/{id}/case.json")]);
    }
    write_site(&board, &addresses, &ids, out)
}

fn write_site(board: &Board, addresses: &[String], ids: &[Text], out: &Path) -> anyhow::Result<()> {
    let marker = out.join(SITE_MARKER);
    let others = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if others && !marker.exists() {
        anyhow::bail!(BadInput(format!(
            "{} holds files that are not of an earlier export; name an empty folder",
            out.display()
        )));
    }
    write(out, SITE_MARKER, b"made by outcry export site; the next export writes over it\n")?;
    let style = ProgressStyle::with_template("writing {bar:40} {pos}/{len} pages, {eta}");
    let bar = ProgressBar::new(addresses.len() as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    for address in addresses {
        let Ok(page) = board.page(address) else {
            tracing::warn!(address, "the page cannot be rendered");
            continue;
        };
        write(out, &file_of(address), &page.plain)?;
        bar.inc(1);
    }
    for (name, bytes) in outcry_server::asset::ALL {
        write(out, &format!("assets/{name}"), bytes)?;
    }
    bar.finish_and_clear();
    say!("{}: {} pages, {} incidents", out.display(), addresses.len(), ids.len())?;
    Ok(())
}

/// A web server finds `s/x/index.html` at `/s/x/`, and the links of the pages lead there.
fn file_of(address: &str) -> String {
    let path = address.trim_start_matches('/');
    if path.ends_with(".json") {
        return path.to_owned();
    }
    if path.starts_with("api/") {
        return format!("{path}.json");
    }
    if path.is_empty() { "index.html".into() } else { format!("{path}/index.html") }
}

fn write(out: &Path, file: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = out.join(file);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, bytes)
        .map_err(|error| BadInput(format!("cannot write {}: {error}", path.display())))?;
    Ok(())
}
