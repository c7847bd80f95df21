//! What the log never had: counts that were imported as series, and incidents of other
//! installations.

use std::collections::BTreeMap;

use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::SeriesRow;
use outcry_store::import::Step;
use outcry_store::record::Sums;
use outcry_store::sqlite::SqliteStore;

use crate::recount::counts_of;
use crate::recount::finest;

/// Imported incidents that are read at once.
const INCIDENTS_PAGE: u32 = 500;

/// Copies them from one database into another that is new.
///
/// # Errors
///
/// When one cannot be read or the other not be written.
pub fn series_and_incidents(old: &SqliteStore, new: &mut SqliteStore) -> anyhow::Result<()> {
    for service in old.services()? {
        let (from, until) = (UnixMinute(i64::MIN), UnixMinute(i64::MAX));
        let mut origins = old.imports(&service, from, until)?;
        origins.retain(|import| import.kind == ImportKind::Series);
        let rows = rows_of(old, &service, &origins)?;
        new.import_series(&origins, |add| rows.iter().try_for_each(add))?;
    }
    let mut after = None;
    loop {
        let page = old.imported_incidents(after.as_ref(), INCIDENTS_PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        new.import_incidents(&page)?;
        after = Some(last.clone());
    }
}

/// Counts of one service in the stretches that were imported, in the finest step there is.
fn rows_of(
    old: &SqliteStore,
    service: &Text,
    origins: &[Import],
) -> Result<Vec<SeriesRow>, StoreError> {
    let mut days: BTreeMap<i64, Vec<&Import>> = BTreeMap::new();
    for import in origins {
        days.entry(import.day()).or_default().push(import);
    }
    let mut rows = Vec::new();
    for (day, imports) in days {
        let step = finest(old, service, day)?;
        for ((slot, dimension), sums) in counts_of(old, service, day, step)? {
            let at = slot * step.minutes();
            let inside = |it: &&Import| it.from.0 < at + step.minutes() && at < it.until.0;
            if imports.iter().any(inside) {
                rows.push(row(service, (step, at), dimension, sums));
            }
        }
    }
    Ok(rows)
}

fn row(service: &Text, (step, at): (Step, i64), dimension: Dimension, sums: Sums) -> SeriesRow {
    SeriesRow { service: service.clone(), dimension, step, from: UnixMinute(at), sums }
}
