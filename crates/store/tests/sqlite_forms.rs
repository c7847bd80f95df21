//! Forms: a database that any released version left behind opens, and says what it said.
//!
//! The files in `testdata/` were written by the program of their form, each from [`history`], and
//! are never made anew. What they must say is worked out here, from plain maps. (The second was
//! written by the third, which only has two tables more; they were taken out again. Two of its
//! three days are folded. Of the third form's and later ones, one day is kept in minutes, one in
//! hours and one as a sum: [`SHORT`]. The seventh is the sixth after the step that the
//! seventh program takes with it.)

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::MinutePoint;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::incident::PlaceCount;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::incident::Surge;
use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::series::Slice;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::conformance::model::Model;
use outcry_store::record::Batch;
use outcry_store::record::CommentState;
use outcry_store::record::NewComment;
use outcry_store::record::ProposalState;
use outcry_store::record::Retention;
use outcry_store::record::Tended;
use outcry_store::sqlite::SqliteStore;

/// 2025-03-10T00:00Z.
const FIRST_DAY: i64 = 20_157;
const MINUTES_PER_DAY: i64 = 1_440;
/// Databases of which not every minute was kept.
const SHORTENED: [&str; 5] =
    ["form-3.sqlite", "form-4.sqlite", "form-5.sqlite", "form-6.sqlite", "form-7.sqlite"];
/// What was kept when those were written, and when that was.
const SHORT: Retention = Retention { fold_after_days: 1, minutes_days: 2, hours_days: 3 };
const SHORT_AT: UnixMinute = UnixMinute((FIRST_DAY + 4) * MINUTES_PER_DAY);
const SERVICES: [&str; 3] = ["bank", "x", "žlutý-kůň"];

/// Three days of counts, an incident with its case file, three comments and a checkpoint.
fn history() -> Vec<Batch> {
    let mut batches: Vec<Batch> = (0..3).map(day).collect();
    batches[1].incidents = vec![incident()];
    batches[1].cases = vec![case_file()];
    batches[2].comments = (1..=3).map(comment).collect();
    batches[2].checkpoint = Some((0..3_000_u16).map(|i| i.to_le_bytes()[0] / 3).collect());
    batches
}

fn day(index: i64) -> Batch {
    let mut deltas = Deltas::default();
    let czechia = Country::parse("CZ");
    for (s, service) in (0_i64..).zip(SERVICES) {
        for i in 0..40 {
            let minute = (FIRST_DAY + index) * MINUTES_PER_DAY + s * 7 + i * (31 + index);
            let dimensions = [
                Dimension::All,
                Dimension::Works,
                Dimension::Component("app".into()),
                Dimension::Problem("přihlášení".into()),
                Dimension::Country(if i % 2 == 0 { czechia } else { None }),
            ];
            let dimension = dimensions[usize::try_from(i % 5).unwrap()].clone();
            let received = u32::try_from(1 + i * i + s).unwrap();
            let counts = Counts { received, counted: received.div_ceil(2) };
            let cell =
                |dimension| Cell { service: service.into(), minute: UnixMinute(minute), dimension };
            deltas.add(cell(dimension), counts);
            deltas.add(cell(Dimension::All), counts);
        }
    }
    let from_seq = u64::try_from(index).unwrap() * 1_000;
    Batch { from_seq, to_seq: from_seq + 1_000, deltas, ..Batch::default() }
}

fn moment(minute: i64) -> UnixMillis {
    UnixMinute(FIRST_DAY * MINUTES_PER_DAY + minute).start()
}

fn incident() -> Incident {
    let opening = Opening {
        count: 42,
        usual: 1.5,
        // Forms before the doubt was written down read as none.
        doubt: 0.0,
        e_value: 2e6,
        threshold: 1e6,
        reporters: 40,
        networks: 9,
        prefixes: 38,
        slice: Slice::Component("app".into()),
    };
    let surge = Surge {
        opened_at: moment(1_500),
        peak_at: moment(1_515),
        closed_at: Some(moment(1_600)),
        ending: None,
        peak: 300,
        usual: 1.5,
        counted: 1_200,
        excess: 1_190.5,
        opening,
    };
    Incident {
        id: IncidentId("bank-2025-03-11-1".into()),
        service: "bank".into(),
        severity: Severity::Danger,
        opened_at: moment(1_500),
        closed_at: Some(moment(1_600)),
        surges: vec![surge],
        outages: vec![],
        components: vec![Share { name: "app".into(), count: 900, share: 0.75, usual: Some(0.5) }],
        problems: Vec::new(),
        places: vec![PlaceCount { country: Country::parse("CZ"), count: 1_000, times_usual: None }],
        scope: Scope::Countries(Country::parse("CZ").into_iter().collect()),
        peers: outcry_core::detect::together::Peers::default(),
        reports_counted: 1_200,
        reports_received: 1_500,
        reconstruction: true,
        revision: 3,
    }
}

fn case_file() -> CaseFile {
    let minute = moment(1_500).minute();
    CaseFile {
        version: CASE_FILE_VERSION,
        as_of: moment(1_600),
        incident: incident(),
        minutes: vec![MinutePoint { minute, counted: 42, usual: 0.1 }],
        parent: None,
        service: Default::default(),
        crowd: Default::default(),
        peers: Default::default(),
        observed: Default::default(),
        acts: Vec::new(),
        signals: BTreeMap::from([("report".into(), 1_500)]),
        claims: Vec::new(),
    }
}

fn comment(id: u8) -> NewComment {
    NewComment {
        id: u128::from(id) << 100,
        at: moment(1_500 + i64::from(id)),
        service: SERVICES[usize::from(id) - 1].into(),
        country: Country::parse("CZ").filter(|_| id != 1),
        component: (id == 2).then(|| "app".into()),
        problem: None,
        text: format!("\"{id}\" nejde '); DROP TABLE cell; --").into(),
    }
}

/// The last decision of each comment: one of each state.
fn decide(store: &mut dyn Store) {
    store.decide_comment(2 << 100, CommentState::Approved).unwrap();
    store.decide_comment(3 << 100, CommentState::Rejected).unwrap();
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

#[test]
fn a_database_of_every_released_form_opens_and_says_what_it_said() {
    let mut whole = Model::default();
    for batch in history() {
        whole.apply(&batch).unwrap();
    }
    decide(&mut whole);
    let mut short = whole.clone();
    short.tend(SHORT_AT, &SHORT).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut forms: Vec<String> = fs::read_dir(testdata(""))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("form-"))
        .collect();
    forms.sort();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let older = fs::read_dir(migrations).unwrap().count() - 1;
    assert_eq!(forms.len(), older, "each form but the present one has its database: {forms:?}");
    for form in &forms {
        let model = if SHORTENED.contains(&form.as_str()) { &short } else { &whole };
        let path = folder.path().join(form);
        fs::copy(testdata(form), &path).unwrap();
        let reader = SqliteStore::open_reader(&path);
        assert!(matches!(reader, Err(StoreError::Older { .. })), "a reader changes nothing");
        let mut store = SqliteStore::open(&path).unwrap();
        compare(&store, model, form);
        // Folded and read again, all is still there.
        let now = UnixMinute((FIRST_DAY + 30) * MINUTES_PER_DAY);
        while store.tend(now, &Retention::default()).unwrap().more {}
        assert_eq!(store.tend(now, &Retention::default()).unwrap(), Tended::default());
        compare(&store, model, form);
        assert_eq!(store.integrity().unwrap(), [""; 0]);
        drop(store);
        compare(&SqliteStore::open_reader(&path).unwrap(), model, form);
    }
}

/// Asserts that a store says what the model says.
fn compare(store: &dyn Store, model: &Model, form: &str) {
    let all = (UnixMinute(i64::MIN), UnixMinute(i64::MAX));
    assert_eq!(store.offset().unwrap(), model.offset().unwrap(), "{form}");
    assert_eq!(store.counts().unwrap(), model.counts().unwrap(), "{form}");
    assert_eq!(store.checkpoint().unwrap(), model.checkpoint().unwrap(), "{form}");
    assert_eq!(store.services().unwrap(), model.services().unwrap(), "{form}");
    for service in SERVICES {
        let cells = store.cells(service, all.0, all.1).unwrap();
        assert_eq!(cells, model.cells(service, all.0, all.1).unwrap(), "{form} {service}");
        assert!(cells.len() > 50, "{form} {service}: {}", cells.len());
        for dimension in [Dimension::All, Dimension::Works, Dimension::Country(None)] {
            let days = |store: &dyn Store| {
                store.series_days(service, &dimension, 0, i64::MAX, 10).unwrap()
            };
            assert_eq!(days(store), days(model), "{form} {service}");
            assert_eq!(days(store).len(), 3, "a sum is kept of every day");
        }
    }
    let hours = |store: &dyn Store| store.hour_totals(i64::MIN, i64::MAX, u32::MAX >> 1).unwrap();
    assert_eq!(hours(store), hours(model), "{form}");
    let id = &incident().id.0;
    assert_eq!(store.incident(id).unwrap(), model.incident(id).unwrap(), "{form}");
    assert_eq!(store.case_file(id, None).unwrap(), model.case_file(id, None).unwrap(), "{form}");
    for state in CommentState::ALL {
        let comments = store.comments(state, None, 10).unwrap();
        assert_eq!(comments, model.comments(state, None, 10).unwrap(), "{form}");
        assert_eq!(comments.len(), 1);
    }
    for state in ProposalState::ALL {
        let proposals = store.proposals(state, 10).unwrap();
        assert_eq!(proposals, model.proposals(state, 10).unwrap(), "{form}");
    }
}
