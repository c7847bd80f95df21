//! Reports as they were told, without the keys of their senders and without comments.
//!
//! A country or a network of a service with fewer than ten reports in the log is left out of the
//! rows: an exported file is a published one. So the log is read twice, with a server writing to
//! it or without one, and as it stood when it was looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use outcry_core::signal::Body;
use outcry_core::signal::Problem;
use outcry_core::signal::Report;
use outcry_core::signal::Signal;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Text;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_table::format::Format;
use outcry_table::value::Value;

use crate::cli::BadInput;
use crate::cli::export::sink;
use crate::cli::export::sink::Wanted;
use crate::config::Config;
use crate::station::LOG;
use crate::tables;
use crate::tables::PLACE_REPORTS_MIN;
use crate::written;
use crate::written::Record;

/// Places of services that are counted; what comes after is taken for rare, and left out.
const PLACES_MAX: usize = 2_000_000;

/// Writes every report of the log.
pub fn reports(config: &Config, service: Option<&str>, wanted: &Wanted) -> anyhow::Result<()> {
    let folder = config.store.dir.join(LOG);
    if !folder.is_dir() {
        anyhow::bail!(BadInput(format!("{} holds no log of reports", folder.display())));
    }
    let look = Look::at(Arc::new(ReadDisk::open(&folder)?))?;
    let end = look.next_seq();
    let mut places = Places::default();
    each(&look, end, service, |signal, report| {
        places.add(&signal.service, report);
        Ok(())
    })?;
    let (sink, mut table) = wanted.table(Format::Jsonl, tables::reports())?;
    each(&look, end, service, |signal, report| {
        let origin = (&*signal.provenance.source, signal.provenance.licence.as_deref());
        sink::write(wanted, &mut table, origin, &row(signal, report, &places))
    })?;
    sink.keep(table.finish()?)
}

/// Calls `take` with every report before record `end`.
fn each(
    look: &Look,
    end: u64,
    service: Option<&str>,
    mut take: impl FnMut(&Signal, &Report) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = look.reader(0);
    while let Some(frame) = reader.next(Duration::ZERO)? {
        for (seq, record) in (frame.first_seq..end).zip(&frame.records) {
            // What cannot be read is named by the server whenever it reads the log.
            let Ok(Record::Told(signal) | Record::Imported(signal)) = written::read(record, seq)
            else {
                continue;
            };
            let Body::Report(report) = &signal.body else { continue };
            if service.is_none_or(|slug| *signal.service == *slug) {
                take(&signal, report)?;
            }
        }
    }
    Ok(())
}

fn row(signal: &Signal, report: &Report, places: &Places) -> Vec<Value> {
    let problem = match &report.problem {
        Problem::Fails(name) => Some(&**name),
        Problem::Unspecified | Problem::Works => None,
    };
    let (country, asn) = places.shown(&signal.service, report);
    let network = match report.place.network {
        NetworkKind::Access => Some("access"),
        NetworkKind::Hosting => Some("hosting"),
        NetworkKind::Unknown => None,
    };
    vec![
        Value::Text(uuid::Uuid::from_u128(signal.id).to_string()),
        Value::Time(signal.at.0),
        Value::Text(signal.service.to_string()),
        tables::text(report.component.as_deref()),
        tables::text(problem),
        Value::Flag(report.problem == Problem::Works),
        tables::text(country.as_ref().map(Country::code)),
        asn.map_or(Value::None, |asn| Value::Integer(asn.0.into())),
        tables::text(network),
        tables::text(Some(&signal.provenance.source)),
        tables::text(signal.provenance.licence.as_deref()),
        Value::Flag(signal.provenance.synthetic),
    ]
}

/// How many reports came from each place of a service.
#[derive(Default)]
struct Places {
    services: HashMap<Text, u32>,
    countries: HashMap<(u32, Country), u64>,
    networks: HashMap<(u32, Asn), u64>,
}

impl Places {
    fn add(&mut self, service: &Text, report: &Report) {
        let next = u32::try_from(self.services.len()).unwrap_or(u32::MAX);
        let id = match self.services.get(service) {
            Some(id) => *id,
            None => *self.services.entry(service.clone()).or_insert(next),
        };
        if let Some(country) = report.place.country {
            count(&mut self.countries, (id, country));
        }
        if let Some(asn) = report.place.asn {
            count(&mut self.networks, (id, asn));
        }
    }

    /// The place of a report, as far as enough others came from there.
    fn shown(&self, service: &Text, report: &Report) -> (Option<Country>, Option<Asn>) {
        let Some(&id) = self.services.get(service) else { return (None, None) };
        let enough = |n: Option<&u64>| n.is_some_and(|n| *n >= PLACE_REPORTS_MIN);
        let country = report.place.country;
        let asn = report.place.asn;
        (
            country.filter(|country| enough(self.countries.get(&(id, *country)))),
            asn.filter(|asn| enough(self.networks.get(&(id, *asn)))),
        )
    }
}

fn count<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u64>, key: K) {
    if counts.len() < PLACES_MAX || counts.contains_key(&key) {
        *counts.entry(key).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use outcry_core::units::Place;

    use super::*;

    #[test]
    fn a_place_with_few_reports_is_not_told_apart() {
        let from = |code: &str| Report {
            place: Place { country: Country::parse(code), ..Place::default() },
            ..Report::default()
        };
        let (service, mut places) = (Text::from("x"), Places::default());
        for _ in 0..PLACE_REPORTS_MIN {
            places.add(&service, &from("GB"));
        }
        places.add(&service, &from("LI"));
        assert_eq!(places.shown(&service, &from("GB")).0, Country::parse("GB"));
        assert_eq!(places.shown(&service, &from("LI")).0, None);
    }
}
