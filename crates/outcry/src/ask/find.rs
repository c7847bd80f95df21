//! Finding a service by what people call it: its slug, its name or an alias.
//!
//! What is not exactly one of these is not guessed at: whoever asks about a service must not be
//! told of another one. What they may have meant is offered instead.

use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::shape::Line;
use crate::ask::shape::Service;
use crate::ask::shape::Services;
use crate::ask::shape::State;

/// Names that are offered for one that nobody knows.
const OFFERED_MAX: usize = 5;
/// Pages of the list of services that are read, of 1,000 each.
const PAGES_MAX: usize = 20;
/// How alike two names are, from 0 to 1, for one to be offered for the other.
const ALIKE: f64 = 0.75;
/// Characters of a name that are compared.
const NAME_CHARS_MAX: usize = 80;

/// What became of a name.
pub enum Found {
    /// The service.
    Service(Box<Service>),
    /// Nobody is called so; these are called alike.
    Unknown(Vec<Line>),
}

/// Looks for a service.
///
/// # Errors
///
/// When the server cannot be asked.
pub async fn find(reader: &Reader, name: &str) -> Result<Found, AskError> {
    let name = name.trim();
    let slug = name.to_lowercase();
    if outcry_core::catalog::is_slug(&slug) {
        match by_slug(reader, &slug).await {
            Err(AskError::NotFound(_)) => {}
            other => return other.map(|it| Found::Service(Box::new(it))),
        }
    }
    let all = all(reader).await?.services;
    match all.iter().find(|line| names(line).any(|it| it.to_lowercase() == slug)) {
        Some(line) => by_slug(reader, &line.slug).await.map(|it| Found::Service(Box::new(it))),
        None => Ok(Found::Unknown(alike(&all, &slug))),
    }
}

/// What to tell somebody whose service is unknown.
pub fn unknown(server: &str, name: &str, offered: &[Line]) -> String {
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    let list: Vec<String> =
        offered.iter().map(|line| format!("{} ({})", line.slug, line.name)).collect();
    match list.split_last() {
        None => format!("{server} watches no service {name:?}, and none that is called alike"),
        Some((only, [])) => format!("{server} watches no service {name:?}; did you mean {only}?"),
        Some((last, others)) => format!(
            "{server} watches no service {name:?}; did you mean {} or {last}?",
            others.join(", ")
        ),
    }
}

async fn by_slug(reader: &Reader, slug: &str) -> Result<Service, AskError> {
    reader.read(&format!("/api/v1/services/{slug}")).await
}

/// All services, over the pages of the list.
///
/// # Errors
///
/// When the server cannot be asked.
pub async fn all(reader: &Reader) -> Result<Services, AskError> {
    let mut first: Services = reader.read("/api/v1/services").await?;
    for _ in 1..PAGES_MAX {
        let Some(next) = first.next.take() else { break };
        let more: Services = reader.read(&next).await?;
        first.services.extend(more.services);
        first.next = more.next;
    }
    Ok(first)
}

/// Services in trouble, worst first.
pub fn worst_first(all: &[Line]) -> Vec<&Line> {
    let mut list: Vec<&Line> = all.iter().filter(|line| line.state.is_trouble()).collect();
    list.sort_by(|a, b| {
        let grave = |line: &Line| line.state == State::Danger;
        let times = |line: &Line| line.times_usual.unwrap_or(0.0);
        grave(b)
            .cmp(&grave(a))
            .then(times(b).total_cmp(&times(a)))
            .then(b.counted_15min.cmp(&a.counted_15min))
            .then(a.slug.cmp(&b.slug))
    });
    list
}

fn names(line: &Line) -> impl Iterator<Item = &str> {
    [&line.slug, &line.name].into_iter().chain(&line.aliases).map(String::as_str)
}

/// Those that hold the name or are written alike, the most alike first.
pub fn alike(all: &[Line], name: &str) -> Vec<Line> {
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    let likeness = |line: &Line| {
        let of = |it: &str| {
            let it = it.to_lowercase();
            let holds = name.chars().count() > 1 && (it.contains(&name) || name == it);
            let alike = strsim::jaro_winkler(&it, &name);
            if holds { 1.0 + alike } else { alike }
        };
        names(line).map(of).fold(0.0, f64::max)
    };
    let mut found: Vec<(f64, &Line)> =
        all.iter().map(|line| (likeness(line), line)).filter(|(it, _)| *it >= ALIKE).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.slug.cmp(&b.1.slug)));
    found.into_iter().take(OFFERED_MAX).map(|(_, line)| line.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slug: &str, name: &str, aliases: &[&str]) -> Line {
        Line {
            slug: slug.into(),
            name: name.into(),
            aliases: aliases.iter().map(|&it| it.into()).collect(),
            state: State::Usual,
            times_usual: None,
            counted_15min: 0,
            incident: None,
        }
    }

    #[test]
    fn who_errs_is_offered_what_they_may_have_meant() {
        let all = [
            line("x", "X", &["Twitter"]),
            line("youtube", "YouTube", &[]),
            line("youtube-music", "YouTube Music", &[]),
            line("zoom", "Zoom", &[]),
        ];
        let offered = |name: &str| -> Vec<String> {
            alike(&all, name).into_iter().map(|it| it.slug).collect()
        };
        assert_eq!(offered("twiter"), ["x"]);
        assert_eq!(offered("youtub"), ["youtube", "youtube-music"]);
        assert_eq!(offered("qqqq"), [""; 0]);
        let said = unknown("here", "youtub", &alike(&all, "youtub"));
        assert_eq!(
            said,
            "here watches no service \"youtub\"; did you mean youtube (YouTube) or youtube-music \
             (YouTube Music)?"
        );
    }
}
