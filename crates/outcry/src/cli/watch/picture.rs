//! The picture: what is to be drawn, gathered from the public interface.

use std::collections::BTreeMap;

use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_server::words::Words;

use crate::ask::find;
use crate::ask::freshness::Freshness;
use crate::ask::freshness::caution;
use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::reader::encoded;
use crate::ask::shape::Incident;
use crate::ask::shape::Incidents;
use crate::ask::shape::Line;
use crate::ask::shape::Scope;
use crate::ask::shape::Series;
use crate::ask::shape::Share;
use crate::ask::shape::State;
use crate::cli::paint::tame;

/// Minutes that a sparkline tells of.
pub const MINUTES: usize = 120;
/// Minutes over which reports a minute are counted.
const RATE_MINUTES: usize = 5;
/// Services whose reports are asked for.
const ROWS_MAX: usize = 40;
/// Services whose reports are asked for at every look; of more, at every third, so that a network
/// stays within what it may ask for.
const ROWS_AT_ONCE: usize = 10;

/// Components that are told of a service.
const AFFECTED_MAX: usize = 2;
/// Problems that are told of a service.
const PROBLEMS_MAX: usize = 1;

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Who was asked.
    pub server: String,
    /// When it was.
    pub as_of: String,
    /// How fresh it is.
    pub freshness: Freshness,
    /// The caution of the pages.
    pub caution: String,
    /// Services there are.
    pub watched: usize,
    /// Services in trouble.
    pub in_trouble: usize,
    /// Services to be drawn, the worst first.
    pub rows: Vec<Row>,
}

/// One service.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: State,
    /// Reports of 15 minutes over the usual.
    pub times_usual: Option<f64>,
    /// When its incident opened.
    pub since: Option<String>,
    /// How long it has been open, in words.
    pub lasts: String,
    /// For whom, in short.
    pub whom: String,
    /// What is affected and goes wrong most, in short.
    pub what: String,
    /// Counted reports by minute, the newest last; empty when nobody knows.
    pub minutes: Vec<u64>,
}

impl Row {
    /// Counted reports a minute, of the last few.
    pub fn per_minute(&self) -> Option<f64> {
        let last: Vec<u64> = self.minutes.iter().rev().take(RATE_MINUTES).copied().collect();
        (!last.is_empty()).then(|| last.iter().sum::<u64>() as f64 / last.len() as f64)
    }
}

/// What looks, again and again.
pub struct Observer {
    reader: Reader,
    named: Vec<String>,
    words: Words,
    looks: usize,
    known: BTreeMap<String, Vec<u64>>,
}

impl Observer {
    /// Looks at these services, or at all in trouble when there are none.
    pub fn new(reader: Reader, named: Vec<String>, words: Words) -> Self {
        Self { reader, named, words, looks: 0, known: BTreeMap::new() }
    }

    /// Looks once.
    ///
    /// # Errors
    ///
    /// When the server cannot be asked.
    pub async fn look(&mut self) -> Result<Picture, AskError> {
        let all = find::all(&self.reader).await?;
        let trouble = find::worst_first(&all.services);
        let chosen: Vec<&Line> = if self.named.is_empty() {
            trouble.clone()
        } else {
            let is_named = |line: &&Line| self.named.contains(&line.slug);
            let calm = all.services.iter().filter(|line| !line.state.is_trouble());
            trouble.iter().copied().chain(calm).filter(is_named).collect()
        };
        let open: Incidents = if trouble.is_empty() {
            Incidents { incidents: Vec::new() }
        } else {
            self.reader.read("/api/v1/incidents?state=open&limit=1000").await?
        };
        let anew = chosen.len() <= ROWS_AT_ONCE || self.looks.is_multiple_of(3);
        self.looks += 1;
        let mut known = BTreeMap::new();
        for line in chosen.iter().take(ROWS_MAX) {
            let minutes = match self.known.remove(&line.slug) {
                Some(minutes) if !anew => minutes,
                _ => self.minutes(&line.slug, &all.as_of).await?,
            };
            known.insert(line.slug.clone(), minutes);
        }
        self.known = known;
        let of = |slug: &str| open.incidents.iter().find(|incident| incident.service == slug);
        let rows = chosen.iter().map(|line| self.row(line, of(&line.slug), &all.as_of)).collect();
        Ok(Picture {
            server: self.reader.server().to_owned(),
            freshness: Freshness::of(&all.as_of, &all.freshness),
            as_of: all.as_of,
            caution: caution(&self.words),
            watched: all.services.len(),
            in_trouble: trouble.len(),
            rows,
        })
    }

    /// Counted reports of whole minutes before now; what is not told had none.
    async fn minutes(&self, slug: &str, as_of: &str) -> Result<Vec<u64>, AskError> {
        let Some(now) = UnixMillis::parse(as_of) else { return Ok(Vec::new()) };
        let until = now.0.div_euclid(MINUTE_MS) * MINUTE_MS;
        let from = until - MINUTE_MS * MINUTES as i64;
        let path = format!(
            "/api/v1/services/{}/series.json?from={}&until={}&step=1m",
            encoded(slug),
            encoded(&UnixMillis(from).to_string()),
            encoded(&UnixMillis(until).to_string())
        );
        let series: Series = self.reader.read(&path).await?;
        let mut minutes = vec![0; MINUTES];
        for point in &series.points {
            let Some(at) = UnixMillis::parse(&point.at) else { continue };
            let index = usize::try_from((at.0 - from).div_euclid(MINUTE_MS)).ok();
            if let Some(minute) = index.and_then(|index| minutes.get_mut(index)) {
                *minute = point.counted;
            }
        }
        Ok(minutes)
    }

    fn row(&self, line: &Line, incident: Option<&Incident>, as_of: &str) -> Row {
        let opened = incident.map(|incident| incident.opened_at.clone());
        let span_ms = || {
            let opened = UnixMillis::parse(opened.as_deref()?)?;
            Some(UnixMillis::parse(as_of)?.0 - opened.0)
        };
        Row {
            slug: tame(&line.slug),
            name: tame(&line.name),
            state: line.state,
            times_usual: line.times_usual,
            lasts: span_ms().map(|ms| self.words.span(ms)).unwrap_or_default(),
            since: opened,
            whom: incident.map(|incident| in_short(&incident.scope)).unwrap_or_default(),
            what: incident.map(|incident| self.most(incident)).unwrap_or_default(),
            minutes: self.known.get(&line.slug).cloned().unwrap_or_default(),
        }
    }

    /// The parts most reports are about: `Mobile app 56%, Website 33%; Error message 47%`.
    fn most(&self, incident: &Incident) -> String {
        let parts = |kind: &str, of: &BTreeMap<String, Share>, most: usize| {
            let mut parts: Vec<(&String, &Share)> = of.iter().collect();
            parts.sort_by(|a, b| b.1.share.total_cmp(&a.1.share));
            let told = parts.into_iter().filter(|(_, it)| it.count > 0).take(most);
            let told = told.map(|(name, it)| {
                format!("{} {}", self.words.term(kind, name), self.words.percent(it.share))
            });
            told.collect::<Vec<String>>().join(", ")
        };
        let affected = parts("component", &incident.affected, AFFECTED_MAX);
        let problems = parts("problem", &incident.problems, PROBLEMS_MAX);
        let both = [affected, problems].into_iter().filter(|it| !it.is_empty());
        tame(&both.collect::<Vec<String>>().join("; "))
    }
}

/// For whom, in a few words.
fn in_short(scope: &Scope) -> String {
    match &*scope.kind {
        "everywhere" => "no country stands out".to_owned(),
        "countries" => tame(&scope.countries.join(", ")),
        "network" => format!("AS{}", scope.asn.unwrap_or_default()),
        "partial" => "some places".to_owned(),
        "one_place" => "one place".to_owned(),
        "unknown" => "nobody knows where".to_owned(),
        other => tame(&other.replace('_', " ")),
    }
}
