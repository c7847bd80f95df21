//! `outcry manual`: the manual page, made from the command line itself.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Arguments;
use crate::cli::BadInput;

/// Arguments of `outcry manual`.
#[derive(Debug, clap::Args)]
pub struct Manual {
    /// A folder to write a page for each command into, such as /usr/local/share/man/man1; without
    /// it the page of the whole program is printed.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints or writes it.
pub fn run(arguments: &Manual) -> anyhow::Result<()> {
    let command = Arguments::command();
    let Some(folder) = &arguments.out else {
        let mut text = Vec::new();
        Man::new(command).render(&mut text)?;
        std::io::stdout().write_all(&text)?;
        return Ok(());
    };
    write_pages(command, folder).map_err(|error| {
        let folder = folder.display();
        BadInput(format!("cannot write to {folder}: {error}; name a folder that exists")).into()
    })
}

fn write_pages(command: clap::Command, folder: &Path) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Err(std::io::ErrorKind::NotADirectory.into());
    }
    clap_mangen::generate_to(command, folder)
}
