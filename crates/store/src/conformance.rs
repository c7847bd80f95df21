//! Conformance: the suite that every database behind Outcry passes, in the same words.
//!
//! A store and a [`Model`] of plain maps are driven with the same seeded batches, good ones and
//! bad ones, and must answer alike at every step, also after the store was closed and opened.
//!
//! # What it cannot tell
//!
//! What a power cut leaves: each back end has its own test of that. Nor how fast a store is.

pub mod chance;
pub mod model;

use std::fmt::Debug;
use std::mem::discriminant;

use outcry_core::incident::Incident;
use outcry_core::time::UnixMinute;

use crate::Store;
use crate::StoreError;
use crate::conformance::chance::Chance;
use crate::conformance::chance::SERVICES;
use crate::conformance::model::Model;
use crate::record::Batch;
use crate::record::CommentState;
use crate::record::IncidentFilter;
use crate::record::Openness;
use crate::record::ProposalState;
use crate::record::Retention;
use crate::record::Tended;

/// Batches a store is driven with.
pub const BATCHES: u32 = 400;

/// Pieces of work it may take to tend a store of some thousand counts.
const PIECES_MAX: u32 = 10_000;
const SEED: u64 = 20_250_310;
const ALL: u32 = u32::MAX >> 1;
const LIMITS: [u32; 4] = [0, 1, 3, ALL];
/// Never drawn.
const ABSENT_COMMENT: u128 = 1 << 100;
const EVER: (i64, i64) = (i64::MIN, i64::MAX);

/// Runs the suite. The first call of `open` gives an empty store, each later one the same store
/// opened anew; the one before is closed by then.
///
/// # Panics
///
/// When the store answers otherwise than the model.
pub fn run(open: &mut dyn FnMut() -> Box<dyn Store>) {
    let mut store = open();
    let mut model = Model::default();
    let mut chance = Chance::new(SEED);
    compare(&*store, &model, &mut chance);
    for _ in 0..BATCHES {
        let batch = chance.batch(offset(&model));
        assert_alike("apply", &store.apply(&batch), &model.apply(&batch));
        refuse_bad_batches(&mut *store, &mut model, &batch, &mut chance);
        if chance.one_in(2) {
            let (id, state) = (chance.comment_id(), *chance.pick(&CommentState::ALL));
            let decided = store.decide_comment(id, state);
            assert_alike("decide_comment", &decided, &model.decide_comment(id, state));
        }
        if chance.one_in(3) {
            let (now, keep) = (chance.now(), chance.retention());
            tend(&mut *store, now, &keep);
            assert!(model.tend(now, &keep).is_ok(), "the model never fails");
        }
        compare_some(&*store, &model, &mut chance);
        if chance.one_in(20) {
            drop(store);
            store = open();
            compare(&*store, &model, &mut chance);
        }
    }
    compare(&*store, &model, &mut chance);
}

/// Tends a store until there is no more to do.
///
/// # Panics
///
/// When it fails, or never ends.
pub fn tend(store: &mut dyn Store, now: UnixMinute, keep: &Retention) {
    for _ in 0..PIECES_MAX {
        if !store.tend(now, keep).expect("a store can be tended at any time").more {
            let again = store.tend(now, keep).expect("a store can be tended at any time");
            assert_eq!(again, Tended::default(), "nothing is left to do");
            return;
        }
    }
    panic!("after {PIECES_MAX} pieces of work there is still more");
}

/// Asserts that a store answers every read as the model does.
///
/// # Panics
///
/// When it does not.
pub fn compare(store: &dyn Store, model: &Model, chance: &mut Chance) {
    assert_alike("offset", &store.offset(), &model.offset());
    assert_alike("checkpoint", &store.checkpoint(), &model.checkpoint());
    assert_alike("counts", &store.counts(), &model.counts());
    assert_alike("services", &store.services(), &model.services());
    for service in SERVICES {
        let cells =
            |store: &dyn Store| store.cells(service, UnixMinute(EVER.0), UnixMinute(EVER.1));
        assert_alike("cells", &cells(store), &cells(model));
    }
    let hours = |store: &dyn Store| store.hour_totals(EVER.0, EVER.1, ALL);
    assert_alike("hour_totals", &hours(store), &hours(model));
    for _ in 0..40 {
        compare_some(store, model, chance);
    }
    for (state, limit) in ProposalState::ALL.iter().flat_map(|s| LIMITS.map(|l| (*s, l))) {
        let listed = |store: &dyn Store| store.proposals(state, limit);
        assert_alike("proposals", &listed(store), &listed(model));
    }
    for service in [None, Some(SERVICES[0]), Some(SERVICES[4]), Some("nobody")] {
        compare_incidents(store, model, service);
        for (state, limit) in CommentState::ALL.iter().flat_map(|s| LIMITS.map(|l| (*s, l))) {
            let listed = |store: &dyn Store| store.comments(state, service, limit);
            assert_alike("comments", &listed(store), &listed(model));
        }
    }
}

/// Compares a few reads drawn by chance.
fn compare_some(store: &dyn Store, model: &Model, chance: &mut Chance) {
    let (service, dimension) = (chance.service(), chance.dimension());
    let (from, until, limit) = (chance.minute(), chance.minute(), *chance.pick(&LIMITS));
    for (from, until) in [(from, until), (UnixMinute(EVER.0), UnixMinute(EVER.1))] {
        let range =
            |store: &dyn Store| store.series_range(&service, &dimension, from, until, limit);
        assert_alike("series_range", &range(store), &range(model));
        let cells = |store: &dyn Store| store.cells(&service, from, until);
        assert_alike("cells", &cells(store), &cells(model));
        let (from, until) = (from.0.div_euclid(60), until.0.div_euclid(60));
        let hours = |store: &dyn Store| store.hour_totals(from, until, limit);
        assert_alike("hour_totals", &hours(store), &hours(model));
        let hours =
            |store: &dyn Store| store.series_hours(&service, &dimension, from, until, limit);
        assert_alike("series_hours", &hours(store), &hours(model));
        let (from, until) = (from.div_euclid(24), until.div_euclid(24));
        let days = |store: &dyn Store| store.series_days(&service, &dimension, from, until, limit);
        assert_alike("series_days", &days(store), &days(model));
    }
    let id = chance.comment_id();
    assert_alike("proposal", &store.proposal(id), &model.proposal(id));
    let id = chance.incident_id().0;
    assert_alike("incident", &store.incident(&id), &model.incident(&id));
    let revisions = |store: &dyn Store| store.case_revisions(&id, limit);
    assert_alike("case_revisions", &revisions(store), &revisions(model));
    for revision in [None, Some(1), Some(3), Some(u32::MAX)] {
        let case = |store: &dyn Store| store.case_file(&id, revision);
        assert_alike("case_file", &case(store), &case(model));
    }
}

/// Walks through the incidents page by page, with pages of every size.
fn compare_incidents(store: &dyn Store, model: &Model, service: Option<&str>) {
    for openness in [Openness::Any, Openness::Open] {
        for limit in LIMITS {
            let mut filter =
                IncidentFilter { service: service.map(Into::into), openness, before: None };
            loop {
                let page = |store: &dyn Store| store.incidents(&filter, limit);
                let (found, wanted) = (page(store), page(model));
                assert_alike("incidents", &found, &wanted);
                let key = |last: Incident| (last.opened_at, last.id);
                match found.expect("the model found them").pop().map(key) {
                    Some(last) => filter.before = Some(last),
                    None => break,
                }
            }
        }
    }
}

/// Offers batches that must be refused, and leave no trace.
fn refuse_bad_batches(
    store: &mut dyn Store,
    model: &mut Model,
    stored: &Batch,
    chance: &mut Chance,
) {
    let at = offset(model);
    let mut bad = Vec::new();
    if stored.to_seq > stored.from_seq {
        bad.push(stored.clone());
    }
    let ahead = at + 1 + chance.below(3);
    bad.push(chance.batch(ahead));
    let backwards = Batch { to_seq: at.saturating_sub(1), ..chance.batch(at + 1) };
    bad.push(backwards);
    let endless = Batch { to_seq: u64::MAX, ..chance.batch(at) };
    bad.push(endless);
    let mut counts_of_nothing = chance.batch(at);
    counts_of_nothing.to_seq = at;
    if !counts_of_nothing.deltas.is_empty() {
        bad.push(counts_of_nothing);
    }
    for batch in &bad {
        let refused = store.apply(batch);
        assert!(refused.is_err(), "a bad batch was stored: {batch:?}");
        assert_alike("apply", &refused, &model.apply(batch));
    }
    assert_alike("offset", &store.offset(), &model.offset());
    assert_alike("checkpoint", &store.checkpoint(), &model.checkpoint());
    assert_alike("counts", &store.counts(), &model.counts());
    let decided = store.decide_comment(ABSENT_COMMENT, CommentState::Approved);
    assert!(matches!(decided, Err(StoreError::CommentNotFound)), "{decided:?}");
}

fn offset(model: &Model) -> u64 {
    model.offset().expect("the model never fails")
}

/// Asserts that two answers are the same, or the same error.
fn assert_alike<T: PartialEq + Debug>(
    what: &str,
    found: &Result<T, StoreError>,
    wanted: &Result<T, StoreError>,
) {
    match (found, wanted) {
        (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{what}"),
        (
            Err(StoreError::OffsetMoved { expected, found }),
            Err(StoreError::OffsetMoved { expected: wanted_expected, found: wanted_found }),
        ) => assert_eq!((expected, found), (wanted_expected, wanted_found), "{what}"),
        (Err(found), Err(wanted)) => {
            assert_eq!(discriminant(found), discriminant(wanted), "{what}: {found}, {wanted}");
        }
        _ => panic!("{what}: found {found:?}, wanted {wanted:?}"),
    }
}
