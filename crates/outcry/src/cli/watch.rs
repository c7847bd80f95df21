//! `outcry watch`: a view that stays in the terminal. Services in trouble, the worst first, with
//! their reports of two hours, since when, for whom.
//!
//! One thread asks the server and makes a [`picture`]; the other draws it and listens for keys.
//! Where standard output is no terminal, lines are printed instead, one for each change.

pub mod draw;
pub mod picture;
pub mod screen;

use std::io::IsTerminal;
use std::sync::mpsc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use outcry_server::words::Words;

use crate::ask::find;
use crate::ask::find::Found;
use crate::ask::reader::Reader;
use crate::cli::BadInput;
use crate::cli::paint::Paint;
use crate::cli::paint::tame;
use crate::cli::server::ServerChoice;
use crate::cli::server::told;
use crate::cli::watch::draw::Fill;
use crate::cli::watch::draw::Size;
use crate::cli::watch::picture::Observer;
use crate::cli::watch::picture::Picture;

/// Seconds between two looks when nothing is said: what a server keeps in memory for as long.
const INTERVAL_S: u64 = 5;
/// Columns of a picture that goes into a file or a pipe.
const COLUMNS: u16 = 100;
/// Lines of such a picture.
const LINES: u16 = 60;
/// Services that may be named.
const NAMED_MAX: usize = 40;

/// Arguments of `outcry watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "q, Esc or Ctrl-C leaves. NO_COLOR is honoured. Where standard output is no \
                        terminal, a line is printed for each change."
)]
pub struct Watch {
    /// Services to watch whether or not they are in trouble, by slug, name or alias; all that are
    /// in trouble when none is named.
    services: Vec<String>,
    #[command(flatten)]
    server: ServerChoice,
    /// Seconds between two looks.
    #[arg(
        long,
        default_value_t = INTERVAL_S,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    interval: u64,
    /// Draw one picture and end.
    #[arg(long)]
    once: bool,
}

/// Watches until told to leave.
pub fn run(arguments: &Watch) -> anyhow::Result<()> {
    let reader = arguments.server.reader()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let named = runtime.block_on(named(&reader, &arguments.services))?;
    let mut observer = Observer::new(reader, named, Words::english());
    // What cannot be asked at the start is told at once; later it is waited for.
    let first = runtime.block_on(observer.look()).map_err(told)?;
    let paint = Paint::of_stdout();
    let is_terminal = std::io::stdout().is_terminal();
    if arguments.once {
        let size = crossterm::terminal::size().ok().filter(|_| is_terminal);
        let columns = size.map_or(COLUMNS, |(columns, _)| columns);
        let lines =
            draw::picture(&first, Size { columns, lines: LINES, fill: Fill::Needed }, paint);
        say!("{}", lines.join("\n").trim_end())?;
        return Ok(());
    }
    let interval = Duration::from_secs(arguments.interval);
    let (sender, pictures) = mpsc::sync_channel(1);
    // It ends with the program, or when nobody wants its pictures.
    std::thread::Builder::new()
        .name("ask".into())
        .spawn(move || look_again(&runtime, &mut observer, interval, &sender))?;
    if is_terminal {
        screen::show(first, &pictures, paint)
    } else {
        print_changes(first, &pictures)
    }
}

/// The services that were named, by their slugs.
async fn named(reader: &Reader, names: &[String]) -> anyhow::Result<Vec<String>> {
    if names.len() > NAMED_MAX {
        anyhow::bail!(BadInput(format!("{} services; name {NAMED_MAX} or fewer", names.len())));
    }
    let mut slugs = Vec::new();
    for name in names {
        match find::find(reader, name).await.map_err(told)? {
            Found::Service(service) => slugs.push(service.slug.clone()),
            Found::Unknown(offered) => {
                let what = find::unknown(reader.server(), name, &offered);
                anyhow::bail!(BadInput(tame(&what)));
            }
        }
    }
    Ok(slugs)
}

fn look_again(
    runtime: &tokio::runtime::Runtime,
    observer: &mut Observer,
    interval: Duration,
    sender: &SyncSender<Result<Picture, String>>,
) {
    loop {
        std::thread::sleep(interval);
        let seen = runtime.block_on(observer.look()).map_err(|error| tame(&error.to_string()));
        if sender.send(seen).is_err() {
            break;
        }
    }
}

/// A line for each service at the start, and for each change.
fn print_changes(
    first: Picture,
    pictures: &mpsc::Receiver<Result<Picture, String>>,
) -> anyhow::Result<()> {
    for row in &first.rows {
        say!("{}", draw::line(&first.as_of, row))?;
    }
    if first.rows.is_empty() {
        say!("{} no trouble is seen at any of {} services", first.as_of, first.watched)?;
    }
    let (mut last, mut fault) = (first, None);
    while let Ok(seen) = pictures.recv() {
        match seen {
            Ok(picture) => {
                for line in draw::changes(&last, &picture) {
                    say!("{line}")?;
                }
                (last, fault) = (picture, None);
            }
            Err(error) if fault.as_ref() != Some(&error) => {
                eprintln!("outcry: {error}; asking again");
                fault = Some(error);
            }
            Err(_) => {}
        }
    }
    Ok(())
}
