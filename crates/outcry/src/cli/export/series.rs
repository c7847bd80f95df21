//! Series: counts by minute, hour or day, with where they came from.
//!
//! A country with fewer than ten reports in a minute, hour or day of a row stands in the row of
//! unknown countries: an exported file is a published one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_store::Store;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::Step;
use outcry_store::record::Sums;
use outcry_store::sqlite::SqliteStore;
use outcry_table::format::Format;
use outcry_table::value::Value;

use crate::cli::BadInput;
use crate::cli::export::sink;
use crate::cli::export::sink::Wanted;
use crate::config::Config;
use crate::tables;
use crate::tables::PLACE_REPORTS_MIN;

/// Minutes, hours or days that are read at once: of each series of a service.
const CHUNK_STEPS: i64 = 1_440;
/// The name that stands for all dimensions.
const EVERY: &str = "every";
/// What is between two sources of one row.
const BETWEEN: &str = "; ";

/// Which series, and of when.
pub struct Asked<'a> {
    /// Only of this service.
    pub service: Option<&'a str>,
    /// The first minute and the first after the last; all there is without them.
    pub span: (Option<UnixMinute>, Option<UnixMinute>),
    /// How long a stretch is.
    pub step: Step,
    /// `all`, `works`, `component:X`, `problem:Y`, `country:Z`, or `every`.
    pub dimension: &'a str,
}

/// Rows of a stretch of one service: first minute, dimension, counts.
type Rows = BTreeMap<(i64, Dimension), Sums>;

/// Writes the series that are asked for.
pub fn series(
    config: &Config,
    store: &SqliteStore,
    asked: &Asked<'_>,
    wanted: &Wanted,
) -> anyhow::Result<()> {
    let only = match asked.dimension {
        EVERY => None,
        name => Some(tables::read_dimension(name).ok_or_else(|| {
            BadInput(format!(
                "{name:?} is no dimension: write all, works, component:NAME, problem:NAME, \
                 country:XX, country:unknown or every"
            ))
        })?),
    };
    let own = tables::own_source(config);
    let (sink, mut table) = wanted.table(Format::Csv, tables::series())?;
    let services = match asked.service {
        Some(slug) => vec![Text::from(slug)],
        None => store.services()?,
    };
    for service in services {
        let Some((first, last)) = store.extent(&service)? else { continue };
        let dimensions = dimensions(store, &service, only.as_ref())?;
        // Whole hours and days, so that no row is of a part of one.
        let length = asked.step.minutes();
        let begin = asked.span.0.map_or(first, |from| from.max(first)).0.div_euclid(length);
        let end = asked.span.1.map_or(last, |until| until.min(last)).0;
        let end = end.saturating_add(length - 1).div_euclid(length);
        let mut at = begin;
        while at < end {
            let next = at.saturating_add(CHUNK_STEPS).min(end);
            let span = (UnixMinute(at * length), UnixMinute(next * length));
            let mut rows = read(store, &service, &dimensions, (asked.step, at, next))?;
            merge_rare(&mut rows);
            let imports = store.imports(&service, span.0, span.1)?;
            for ((from, dimension), sums) in rows {
                if only.as_ref().is_some_and(|only| *only != dimension) {
                    continue;
                }
                let stretch = (UnixMinute(from), UnixMinute(from + length));
                let origin = Origin::of(&imports, stretch, &own);
                let licence = origin.licence.as_deref();
                let row = [
                    Value::Text(service.to_string()),
                    Value::Text(tables::write_dimension(&dimension)),
                    Value::Text(asked.step.name().to_owned()),
                    Value::Time(stretch.0.start().0),
                    tables::integer(sums.received),
                    tables::integer(sums.counted),
                    tables::text(Some(&origin.source)),
                    tables::text(licence),
                    Value::Flag(origin.synthetic),
                ];
                sink::write(wanted, &mut table, (&origin.source, licence), &row)?;
            }
            at = next;
        }
    }
    sink.keep(table.finish()?)
}

/// What is read: of countries all, where those with few reports are wanted together.
fn dimensions(
    store: &SqliteStore,
    service: &str,
    only: Option<&Dimension>,
) -> anyhow::Result<Vec<Dimension>> {
    match only {
        Some(Dimension::Country(None)) => {
            let all = store.dimensions(service)?.into_iter();
            Ok(all.filter(|it| matches!(it, Dimension::Country(_))).collect())
        }
        Some(one) => Ok(vec![one.clone()]),
        None => Ok(store.dimensions(service)?),
    }
}

fn read(
    store: &SqliteStore,
    service: &str,
    dimensions: &[Dimension],
    (step, from, until): (Step, i64, i64),
) -> anyhow::Result<Rows> {
    let limit = u32::try_from(CHUNK_STEPS).expect("a few thousand");
    let mut rows = Rows::new();
    for dimension in dimensions {
        let found: Vec<(i64, Sums)> = match step {
            Step::Minute => {
                let span = (UnixMinute(from), UnixMinute(until));
                let found = store.series_range(service, dimension, span.0, span.1, limit)?;
                found.into_iter().map(|(minute, counts)| (minute.0, counts.into())).collect()
            }
            Step::Hour => store.series_hours(service, dimension, from, until, limit)?,
            Step::Day => store.series_days(service, dimension, from, until, limit)?,
        };
        for (at, sums) in found {
            rows.insert((at * step.minutes(), dimension.clone()), sums);
        }
    }
    Ok(rows)
}

/// Puts countries with few reports to those that are not known.
fn merge_rare(rows: &mut Rows) {
    let rare: Vec<(i64, Dimension)> = rows
        .iter()
        .filter(|((_, of), sums)| {
            matches!(of, Dimension::Country(Some(_))) && sums.received < PLACE_REPORTS_MIN
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in rare {
        let sums = rows.remove(&key).unwrap_or_default();
        rows.entry((key.0, Dimension::Country(None))).or_default().add(sums);
    }
}

/// Where the counts of a row came from.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    source: String,
    licence: Option<String>,
    synthetic: bool,
}

impl Origin {
    /// Our own, and what was imported; only that where it is of the whole stretch.
    fn of(imports: &[Import], (from, until): (UnixMinute, UnixMinute), own: &str) -> Self {
        let met: Vec<&Import> =
            imports.iter().filter(|it| it.from < until && from < it.until).collect();
        let (mut sources, mut licences) = (BTreeSet::new(), BTreeSet::new());
        let whole =
            |it: &&Import| it.kind == ImportKind::Series && it.from <= from && until <= it.until;
        if !met.iter().any(whole) {
            sources.insert(own);
        }
        // What was imported may have had several itself.
        sources.extend(met.iter().flat_map(|it| it.source.split(BETWEEN)));
        let said = met.iter().filter_map(|it| it.licence.as_deref());
        licences.extend(said.flat_map(|licence| licence.split(BETWEEN)));
        let join = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(BETWEEN);
        Self {
            source: join(sources),
            licence: Some(join(licences)).filter(|licence| !licence.is_empty()),
            synthetic: met.iter().any(|it| it.synthetic),
        }
    }
}

#[cfg(test)]
mod tests {
    use outcry_core::units::Country;

    use super::*;

    #[test]
    fn a_country_with_few_reports_stands_with_the_unknown_ones() {
        let sums = |received| Sums { received, counted: received };
        let country = |code: &str| Dimension::Country(Country::parse(code));
        let mut rows = Rows::from([
            ((0, country("GB")), sums(10)),
            ((0, country("LI")), sums(9)),
            ((1, country("LI")), sums(12)),
            ((0, Dimension::Works), sums(1)),
        ]);
        merge_rare(&mut rows);
        let want = Rows::from([
            ((0, country("GB")), sums(10)),
            ((0, Dimension::Country(None)), sums(9)),
            ((1, country("LI")), sums(12)),
            ((0, Dimension::Works), sums(1)),
        ]);
        assert_eq!(rows, want);
    }

    #[test]
    fn a_row_names_all_it_came_from() {
        let import = |kind, from, until| Import {
            service: "x".into(),
            kind,
            source: "there".into(),
            licence: Some("CC0-1.0".into()),
            synthetic: true,
            from: UnixMinute(from),
            until: UnixMinute(until),
        };
        let of = |import: Import, from| {
            Origin::of(&[import], (UnixMinute(from), UnixMinute(from + 60)), "here")
        };
        assert_eq!(of(import(ImportKind::Series, 0, 60), 0).source, "there");
        assert_eq!(of(import(ImportKind::Series, 0, 59), 0).source, "here; there");
        assert_eq!(of(import(ImportKind::Reports, 0, 60), 0).source, "here; there");
        let own = Origin { source: "here".into(), licence: None, synthetic: false };
        assert_eq!(of(import(ImportKind::Reports, 0, 60), 60), own);
    }
}
