//! `outcry status`: one answer in the terminal. Is it down, since when, for whom, what is said, and
//! what does the evidence say.
//!
//! # Exit codes
//!
//! 0 no trouble is seen, 1 the server could not be asked, 2 what was given is wrong, 3 trouble,
//! 4 nobody knows: the service has been watched for less than a day, or the observatory is not
//! well.

use std::io::IsTerminal;
use std::process::ExitCode;

use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::down::Down;
use crate::ask::evidence::Evidence;
use crate::ask::find;
use crate::ask::find::Found;
use crate::ask::freshness::Freshness;
use crate::ask::freshness::caution;
use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::said::Said;
use crate::ask::shape::Service;
use crate::ask::shape::State;
use crate::ask::since::Since;
use crate::ask::whom::Whom;
use crate::cli::BadInput;
use crate::cli::paint::Paint;
use crate::cli::paint::tame;
use crate::cli::paint::wrapped;
use crate::cli::server::ServerChoice;
use crate::cli::server::told;

/// Exit code when there is trouble.
const TROUBLE: u8 = 3;
/// Exit code when nobody knows.
const UNKNOWN: u8 = 4;
/// Columns of the names of the parts.
const NAME_COLUMNS: usize = 10;
/// Columns that are read with ease.
const COLUMNS_MAX: usize = 96;

/// Arguments of `outcry status`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no trouble is seen, 1 the server could not be asked, 2 wrong \
                        input, 3 trouble, 4 nobody knows."
)]
pub struct Status {
    /// The service: its slug, its name or what else people call it.
    service: String,
    #[command(flatten)]
    server: ServerChoice,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// All answers about one service: the contract of `outcry status --json`.
#[derive(Debug, Serialize)]
struct Answers {
    service: String,
    name: String,
    page: String,
    is_it_down: Down,
    since_when: Option<Since>,
    for_whom: Whom,
    what_is_said: Said,
    evidence: Option<Evidence>,
    freshness: Freshness,
    caution: String,
    exit_code: u8,
}

/// Asks, and says what was answered.
pub fn run(arguments: &Status) -> anyhow::Result<ExitCode> {
    let reader = arguments.server.reader()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let words = Words::english();
    let found = runtime.block_on(async {
        match find::find(&reader, &arguments.service).await? {
            Found::Service(service) => {
                answers(&reader, &service, &words).await.map(|it| (Some(it), Vec::new()))
            }
            Found::Unknown(offered) => Ok((None, offered)),
        }
    });
    let (answers, offered) = found.map_err(told)?;
    let Some(answers) = answers else {
        let what = find::unknown(reader.server(), &arguments.service, &offered);
        anyhow::bail!(BadInput(tame(&what)));
    };
    if arguments.json {
        say!("{}", serde_json::to_string(&answers)?)?;
    } else {
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let is_terminal = std::io::stdout().is_terminal();
        // What goes into a file or a pipe is not broken into lines.
        let columns = if is_terminal { columns.min(COLUMNS_MAX) } else { usize::MAX };
        say!("{}", in_words(&answers, &words, Paint::of_stdout(), columns).join("\n"))?;
    }
    Ok(ExitCode::from(answers.exit_code))
}

async fn answers(reader: &Reader, service: &Service, words: &Words) -> Result<Answers, AskError> {
    let freshness = Freshness::of(&service.as_of, &service.freshness);
    let (said, evidence) = match &service.incident {
        Some(incident) => (
            Said::about(reader, &incident.id).await?,
            Some(Evidence::about(reader, &incident.id).await?),
        ),
        None => (Said::default(), None),
    };
    Ok(Answers {
        service: service.slug.clone(),
        name: service.name.clone(),
        page: format!("{}/s/{}", reader.server(), service.slug),
        is_it_down: Down::of(service),
        since_when: Since::of(service),
        for_whom: Whom::of(service),
        what_is_said: said,
        evidence,
        exit_code: code(service.state, freshness.reliable),
        freshness,
        caution: caution(words),
    })
}

/// Trouble that is seen is trouble, however old; that nothing is seen says nothing when nobody
/// looks.
fn code(state: State, reliable: bool) -> u8 {
    match (state, reliable) {
        (State::Warning | State::Danger, _) => TROUBLE,
        (State::Unknown, _) | (State::Usual, false) => UNKNOWN,
        (State::Usual, true) => 0,
    }
}

fn in_words(answers: &Answers, words: &Words, paint: Paint, columns: usize) -> Vec<String> {
    let mut out = Vec::new();
    let down = &answers.is_it_down;
    for line in wrapped(&tame(&down.headline()), columns) {
        out.push(paint.bold(&paint.state(down.state, &line)));
    }
    let mut part = |name: &str, lines: Vec<String>| {
        let room = columns.saturating_sub(NAME_COLUMNS);
        let lines: Vec<String> = lines.iter().flat_map(|it| wrapped(&tame(it), room)).collect();
        for (index, line) in lines.iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let name = paint.dim(&crate::cli::paint::fitted(name, NAME_COLUMNS));
            out.push(format!("{name}{line}").trim_end().to_owned());
        }
    };
    part("", down.lines(words));
    if let Some(since) = &answers.since_when {
        part("When", since.lines(words));
    }
    part("For whom", answers.for_whom.lines(words));
    if let Some(evidence) = &answers.evidence {
        part("Said", answers.what_is_said.lines(words));
        part("Evidence", evidence.lines(words));
    }
    part("Fresh", answers.freshness.lines());
    part("", vec![answers.caution.clone()]);
    part("More", vec![answers.page.clone()]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looks_at_is_never_usual() {
        for (state, reliable, want) in [
            (State::Usual, true, 0),
            (State::Usual, false, UNKNOWN),
            (State::Unknown, true, UNKNOWN),
            (State::Warning, true, TROUBLE),
            (State::Danger, false, TROUBLE),
        ] {
            assert_eq!(code(state, reliable), want, "{state:?}, {reliable}");
        }
    }
}
