//! What is built into the binary: the catalogue. A file a category, a line here.

use std::path::Path;

use anyhow::Context;
use outcry_core::catalog::Catalog;
use outcry_wire::document::Mistake;

use crate::cli::BadInput;

/// Files a catalogue folder may hold.
const CATALOG_FILES_MAX: usize = 1_000;

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../", $folder, "/", $name)))),*]
    };
}

const CATALOG: &[(&str, &str)] = files!("catalog":
    "ai.toml"
    "banking.toml"
    "cdn-dns.toml"
    "cloud.toml"
    "developer-tools.toml"
    "education.toml"
    "finance-trading.toml"
    "fixed-networks.toml"
    "food-delivery.toml"
    "games.toml"
    "government.toml"
    "mail.toml"
    "messaging.toml"
    "mobile-networks.toml"
    "music.toml"
    "news.toml"
    "payments.toml"
    "satellite.toml"
    "search-and-browsers.toml"
    "security.toml"
    "shopping.toml"
    "smart-home.toml"
    "social.toml"
    "streaming.toml"
    "transit.toml"
    "travel.toml"
    "vocabulary.toml"
    "work.toml"
);

/// The catalogue of a folder, or the one built in.
///
/// # Errors
///
/// [`BadInput`] with every mistake.
pub fn catalog(dir: Option<&Path>) -> anyhow::Result<Catalog> {
    let files = match dir {
        Some(dir) => catalog_files(dir)?,
        None => CATALOG.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
    };
    read_catalog(&files).map_err(|mistakes| BadInput::mistakes(&mistakes).into())
}

/// Reads the files of a catalogue.
///
/// # Errors
///
/// Every mistake.
pub fn read_catalog(files: &[(String, String)]) -> Result<Catalog, Vec<Mistake>> {
    outcry_wire::catalog::read(files)
}

/// Name and text of every file of a catalogue folder, in order of name.
///
/// # Errors
///
/// [`BadInput`] when the folder cannot be read or holds no catalogue.
pub fn catalog_files(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let wrong = |error: &std::io::Error| {
        BadInput(format!("cannot read the catalogue folder {}: {error}", dir.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|error| wrong(&error))? {
        let path = entry.map_err(|error| wrong(&error))?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        if files.len() >= CATALOG_FILES_MAX {
            anyhow::bail!(BadInput(format!(
                "{} holds more than {CATALOG_FILES_MAX} files",
                dir.display()
            )));
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| BadInput(format!("cannot read {}: {error}", path.display())))?;
        files.push((path.display().to_string(), text));
    }
    if files.is_empty() {
        anyhow::bail!(BadInput(format!("{} holds no .toml file", dir.display())));
    }
    files.sort();
    Ok(files)
}

/// Reads a text file that was named on the command line.
///
/// # Errors
///
/// [`BadInput`] when it cannot be read.
pub fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| BadInput(format!("cannot read {}: {error}", path.display())))
        .context("an input file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_built_in_is_the_folder_whole_and_without_a_mistake() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let on_disk = catalog_files(&folder).expect("readable");
        assert_eq!(on_disk.len(), CATALOG.len(), "a category file is missing in the list");
        let built_in = catalog(None).expect("no mistake");
        assert!(built_in == catalog(Some(&folder)).expect("no mistake"));
        assert!(built_in.services.len() >= 200 && built_in.categories.len() >= 15);
    }

    #[test]
    fn a_folder_without_a_catalogue_is_named() {
        let empty = tempfile::tempdir().expect("a folder");
        let error = catalog(Some(empty.path())).expect_err("nothing in it");
        assert!(error.to_string().contains("holds no .toml file"), "{error}");
    }
}
