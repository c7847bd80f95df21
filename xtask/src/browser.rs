//! What the browser scripts need: Chromium, Node.js, and two packages in `target/browser`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use xtask::run;

/// What drives the browser, and what looks for barriers in a page.
const PACKAGES: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];

/// Installs what is missing.
pub fn set_up() -> Result<()> {
    run::need("chromium", &["chromium"])?;
    run::need("node", &["nodejs"])?;
    let folder = folder();
    let all_there = PACKAGES.iter().all(|package| {
        let (name, version) = package.split_once('@').expect("each has its version");
        let about = folder.join("node_modules").join(name).join("package.json");
        std::fs::read_to_string(about)
            .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    });
    if all_there {
        return Ok(());
    }
    run::need("npm", &["npm"])?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let place = folder.to_str().context("the target folder has no plain name")?;
    let mut arguments = vec!["install", "--no-save", "--no-audit", "--no-fund", "--silent"];
    arguments.extend(["--prefix", place]);
    arguments.extend(PACKAGES);
    run::run("npm", &arguments)
}

/// A script of `tests/browser`, ready to start against the binary.
pub fn script(name: &str, binary: &std::path::Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg(run::root().join("tests/browser").join(name))
        .current_dir(run::root())
        .env("OUTCRY_BINARY", binary)
        .env("OUTCRY_MODULES", folder().join("node_modules"));
    command
}

/// Writes a picture of every page kind into `shots/`.
pub fn shots() -> Result<()> {
    set_up()?;
    let binary = run::release_binary()?;
    let status = script("shots.mjs", &binary).status().context("cannot start node")?;
    if !status.success() {
        bail!("not every picture could be taken");
    }
    Ok(())
}

fn folder() -> PathBuf {
    run::target().join("browser")
}
