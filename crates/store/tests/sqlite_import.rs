//! Imports into a database: counts lie beside those that were counted, never on them, and fold and
//! add up like any others.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its own files has failed")]

use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::import::ImportedIncident;
use outcry_store::import::SeriesRow;
use outcry_store::import::Step;
use outcry_store::record::Batch;
use outcry_store::record::Retention;
use outcry_store::record::Sums;
use outcry_store::sqlite::SqliteStore;

const DAY: i64 = 1_440;

fn row(step: Step, from: i64, n: u64) -> SeriesRow {
    SeriesRow {
        service: "x".into(),
        dimension: Dimension::All,
        step,
        from: UnixMinute(from),
        sums: Sums { received: n, counted: n },
    }
}

fn origin(from: i64, until: i64) -> Import {
    Import {
        service: "x".into(),
        kind: ImportKind::Series,
        source: "there".into(),
        licence: None,
        synthetic: false,
        from: UnixMinute(from),
        until: UnixMinute(until),
    }
}

fn bring(store: &mut SqliteStore, rows: &[SeriesRow]) -> Result<(), StoreError> {
    let ends = rows.iter().map(|row| (row.from.0, row.from.0 + row.step.minutes()));
    let origins: Vec<Import> = ends.map(|(from, until)| origin(from, until)).collect();
    store.import_series(&origins, |add| rows.iter().try_for_each(add))
}

fn count(store: &mut SqliteStore, minute: i64) {
    let from_seq = store.offset().unwrap();
    let mut deltas = Deltas::default();
    let cell = Cell { service: "x".into(), minute: UnixMinute(minute), dimension: Dimension::All };
    deltas.add(cell, Counts { received: 1, counted: 1 });
    store.apply(&Batch { from_seq, to_seq: from_seq + 1, deltas, ..Batch::default() }).unwrap();
}

fn fold(store: &mut SqliteStore, day: i64) {
    let now = UnixMinute((day + 10) * DAY);
    while store.tend(now, &Retention::default()).unwrap().more {}
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
}

fn days(store: &SqliteStore) -> Vec<(i64, u64)> {
    let days = store.series_days("x", &Dimension::All, 0, 1_000, 100).unwrap();
    days.into_iter().map(|(day, sums)| (day, sums.received)).collect()
}

#[test]
fn counts_of_every_step_add_up_with_those_that_come_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    bring(&mut store, &[row(Step::Day, 100 * DAY, 5)]).unwrap();
    bring(&mut store, &[row(Step::Hour, 101 * DAY, 3), row(Step::Hour, 101 * DAY + 60, 4)])
        .unwrap();
    bring(&mut store, &[row(Step::Minute, 102 * DAY + 7, 2)]).unwrap();
    assert_eq!(days(&store), [(100, 5), (101, 7), (102, 2)]);
    // The day on which this installation begins has hours of another before its own.
    count(&mut store, 101 * DAY + 300);
    count(&mut store, 102 * DAY + 300);
    let want = [(100, 5), (101, 8), (102, 3)];
    assert_eq!(days(&store), want);
    fold(&mut store, 102);
    assert_eq!(days(&store), want);
    let hours = store.hour_totals(0, i64::MAX, 100).unwrap();
    assert_eq!(hours.iter().map(|hour| hour.total).sum::<u64>(), 11, "days teach no hour");
}

#[test]
fn what_overlaps_is_known_folded_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    let span =
        |from: i64, until: i64| (UnixMinute(100 * DAY + from), UnixMinute(100 * DAY + until));
    assert!(!store.overlaps("x", Step::Minute, span(0, DAY)).unwrap());
    count(&mut store, 100 * DAY + 600);
    for _ in 0..2 {
        assert!(store.overlaps("x", Step::Minute, span(0, 601)).unwrap());
        assert!(store.overlaps("x", Step::Hour, span(600, 660)).unwrap());
        assert!(store.overlaps("x", Step::Day, span(-DAY, DAY)).unwrap());
        assert!(!store.overlaps("x", Step::Minute, span(0, 600)).unwrap());
        assert!(!store.overlaps("x", Step::Minute, span(601, 2 * DAY)).unwrap());
        assert!(!store.overlaps("y", Step::Minute, span(0, DAY)).unwrap());
        fold(&mut store, 100);
    }
    assert!(store.overlaps("x", Step::Hour, span(0, 60)).unwrap(), "hours of a folded day");
    // Minutes before those of a folded day are folded into it.
    bring(&mut store, &[row(Step::Minute, 100 * DAY, 2)]).unwrap();
    let path = folder.path().join("a.sqlite");
    drop(store);
    let mut store = SqliteStore::open(&path).unwrap();
    fold(&mut store, 100);
    assert_eq!(days(&store), [(100, 3)]);
}

#[test]
fn a_stretch_that_is_there_twice_takes_all_of_the_import_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("a.sqlite")).unwrap();
    for step in Step::ALL {
        let twice = [row(step, 100 * DAY, 1), row(step, 101 * DAY, 1), row(step, 100 * DAY, 1)];
        let error = bring(&mut store, &twice).unwrap_err();
        assert!(matches!(error, StoreError::BadBatch { .. }), "{error}");
        assert_eq!(days(&store), []);
        let span = (UnixMinute(0), UnixMinute(1_000 * DAY));
        assert_eq!(store.imports("x", span.0, span.1).unwrap(), []);
    }
    // Names that were learnt in what was taken back are learnt again.
    bring(&mut store, &[row(Step::Day, 100 * DAY, 1)]).unwrap();
    assert_eq!(days(&store), [(100, 1)]);
}

#[test]
fn origins_and_incidents_are_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.sqlite");
    let mut store = SqliteStore::open(&old).unwrap();
    bring(&mut store, &[row(Step::Hour, 100 * DAY, 1)]).unwrap();
    let incident = |revision, body: &str| ImportedIncident {
        source: "there".into(),
        id: "x-2025-03-10-1".into(),
        service: "x".into(),
        opened_at: UnixMillis(1),
        revision,
        body: body.into(),
    };
    assert_eq!(store.import_incidents(&[incident(2, "{\"b\":1}")]).unwrap(), 1);
    assert_eq!(store.import_incidents(&[incident(1, "{\"a\":1}")]).unwrap(), 0, "older");
    drop(store);
    let mut new = SqliteStore::open(&folder.path().join("new.sqlite")).unwrap();
    new.carry_from(&old, UnixMinute(200 * DAY)).unwrap();
    let origins = new.imports("x", UnixMinute(100 * DAY), UnixMinute(101 * DAY)).unwrap();
    assert_eq!(origins, [origin(100 * DAY, 100 * DAY + 60)]);
    assert_eq!(new.imported_incidents(None, 10).unwrap(), [incident(2, "{\"b\":1}")]);
    let last = incident(2, "");
    assert_eq!(new.imported_incidents(Some(&last), 10).unwrap(), [], "paged to the end");
    assert_eq!(new.extent("x").unwrap(), Some((UnixMinute(100 * DAY), UnixMinute(101 * DAY))));
    assert_eq!(new.dimensions("x").unwrap(), [Dimension::All]);
}
