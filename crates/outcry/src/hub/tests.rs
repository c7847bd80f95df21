//! A hub and what an agent would send, without the network between: a day offline, results that
//! come twice, and results of somebody else.

use std::sync::Arc;

use outcry_collector::relay::RESULTS_PER_UPLOAD_MAX;
use outcry_collector::relay::buffer::Buffer;
use outcry_collector::relay::identity::Key;
use outcry_collector::relay::message::Receipt;
use outcry_collector::relay::message::Seen;
use outcry_collector::relay::message::Signed;
use outcry_collector::relay::message::Upload;
use outcry_collector::relay::message::hex;
use outcry_collector::relay::message::result_of;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Action;
use outcry_core::engine::Engine;
use outcry_core::engine::EngineConfig;
use outcry_core::engine::Event;
use outcry_core::time::UnixMillis;
use outcry_core::units::Place;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::SystemClock;
use outcry_store::log::disk::OsDisk;

use crate::hub::intake::IntakeError;
use crate::hub::intake::Taken;
use crate::hub::registry::Agent;
use crate::written;
use crate::written::Record;

const DAY_MINUTES: u64 = 24 * 60;

struct House {
    folder: tempfile::TempDir,
    log: Log,
    taken: Taken,
    key: Key,
    agent: Agent,
}

fn open_log(folder: &std::path::Path) -> Log {
    let disk = Arc::new(OsDisk::open(&folder.join("log")).expect("a folder"));
    Log::open(disk, Arc::new(SystemClock), Limits::default()).expect("a log").0
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("log")).expect("a folder");
        let log = open_log(folder.path());
        let taken = Taken::open(folder.path(), &log).expect("readable");
        let key = Key::generate().expect("a key");
        let agent = Agent {
            id: uuid::Uuid::now_v7().to_string(),
            name: "fra-1".into(),
            public_key: hex(&key.public()),
            country: Some("DE".into()),
            asn: None,
            enrolled_ms: 0,
        };
        Self { folder, log, taken, key, agent }
    }

    fn signed(&self, line: String) -> Signed {
        let signature = self.key.sign(&result_of(&self.agent.id, &line));
        Signed { seen: line, signature: hex(&signature) }
    }

    async fn send(&self, upload: Upload) -> Result<Receipt, IntakeError> {
        let now = UnixMillis(jiff::Timestamp::now().as_millisecond());
        self.taken.take(&self.log, &self.agent, (Place::default(), None), upload, now).await
    }

    /// All records of the log, as the pipeline hands them to an engine.
    fn events(&self) -> Vec<Event> {
        let (mut reader, mut events) = (self.log.reader(0), Vec::new());
        while events.len() < usize::try_from(self.log.next_seq()).expect("few") {
            let frame = reader.next(std::time::Duration::from_secs(5)).expect("readable");
            let frame = frame.expect("all that was appended is there");
            for record in &frame.records {
                let Ok(Record::Told(signal)) = written::read(record, 0) else { panic!("a signal") };
                events.push(written::event_of(signal, frame.at_ms - 250, frame.at_ms));
            }
        }
        events
    }
}

/// A failed look of some minutes ago, by the monotonic clock of an agent that is a day up.
fn failed(sequence: u64, minutes_ago: u64) -> Seen {
    Seen {
        sequence,
        boot: 1,
        mono_ms: (2 * DAY_MINUTES - minutes_ago) * 60_000,
        // Its clock is wrong by years, and it does not matter.
        wall_ms: 0,
        revision: "r".into(),
        monitor: "x/https://x.example/".into(),
        service: "x".into(),
        component: None,
        kind: "http".into(),
        outcome: "failed".into(),
        phase: Some("connect".into()),
        detail: Some("timed out".into()),
        phases_ms: vec![("connect".into(), 10_000.0)],
        interval_s: 60.0,
        lag_ms: 0.5,
        references_ok: Some(true),
    }
}

fn upload(results: Vec<Signed>) -> Upload {
    Upload { boot: 1, mono_ms: 2 * DAY_MINUTES * 60_000, wall_ms: 7, lost: 0, results }
}

#[tokio::test]
async fn a_day_offline_loses_nothing_and_opens_nothing() {
    let house = House::new();
    // Five agents' worth of failures would be global; here one agent after the other comes back.
    let mut buffer = Buffer::open(&house.folder.path().join("buffer"), 1 << 30).expect("a buffer");
    for minute in 0..DAY_MINUTES {
        let line = serde_json::to_string(&failed(minute + 1, DAY_MINUTES - minute)).expect("JSON");
        buffer.push(minute + 1, &line).expect("room");
    }
    loop {
        let oldest = buffer.oldest(RESULTS_PER_UPLOAD_MAX).expect("readable");
        if oldest.is_empty() {
            break;
        }
        let results: Vec<Signed> = oldest.into_iter().map(|(_, line)| house.signed(line)).collect();
        let receipt = house.send(upload(results.clone())).await.expect("taken");
        // The answer got lost: all of it comes again.
        assert_eq!(house.send(upload(results)).await.expect("known").through, receipt.through);
        buffer.acknowledge(receipt.through);
    }
    assert_eq!(buffer.lost(), 0);
    let events = house.events();
    assert_eq!(events.len() as u64, DAY_MINUTES, "each is there once");
    let late = events.iter().filter(|event| matches!(event, Event::Late(_))).count();
    assert_eq!(late as u64, DAY_MINUTES, "all of it is history");
    let mut catalog = Catalog::default();
    let base = crate::data::catalog(None).expect("the one that is built in");
    catalog.services.insert("x".into(), base.service("x").expect("there").clone());
    let mut engine = Engine::new(EngineConfig { run_length_days: 100.0 }, Arc::new(catalog));
    let now = UnixMillis(jiff::Timestamp::now().as_millisecond());
    let mut actions = engine.handle(Event::Watermark(now));
    for event in events {
        actions.extend(engine.handle(event));
    }
    actions.extend(engine.handle(Event::Watermark(now.plus_ms(3_600_000))));
    let opened = actions.iter().filter(|action| matches!(action, Action::Incident(..))).count();
    assert_eq!(opened, 0);
    let probes = engine.snapshot("x", now).expect("there").probes.expect("shown as history");
    let failures: u32 = probes.vantages[0].cells.iter().map(|cell| cell.failed).sum();
    assert!(failures as u64 > DAY_MINUTES - 20, "{failures} in the strip of 24 hours");
}

#[tokio::test]
async fn a_restarted_hub_knows_what_it_has_with_its_note_and_without() {
    let house = House::new();
    let line = |n| serde_json::to_string(&failed(n, 1)).expect("JSON");
    let all = |house: &House| upload((1..=20).map(|n| house.signed(line(n))).collect());
    house.send(all(&house)).await.expect("taken");
    for note in [false, true] {
        if note {
            house.taken.save(house.log.next_seq()).expect("writable");
        }
        let taken = Taken::open(house.folder.path(), &house.log).expect("readable");
        let now = UnixMillis(0);
        let place = (Place::default(), None);
        let receipt = taken.take(&house.log, &house.agent, place, all(&house), now).await;
        assert_eq!(receipt.expect("known").through, 20);
        assert_eq!(house.log.next_seq(), 20, "nothing was written twice");
    }
}

#[tokio::test]
async fn what_the_agent_did_not_sign_is_refused() {
    let house = House::new();
    let line = serde_json::to_string(&failed(1, 1)).expect("JSON");
    let stranger = Key::generate().expect("a key");
    let forged = hex(&stranger.sign(&result_of(&house.agent.id, &line)));
    let mut changed = house.signed(line.clone());
    changed.seen = changed.seen.replace("failed", "ok");
    let wrong = [Signed { seen: line, signature: forged }, changed];
    for signed in wrong {
        let refused = house.send(upload(vec![signed])).await;
        assert!(matches!(refused, Err(IntakeError::Wrong { sequence: 1, .. })));
    }
    let nonsense = house.signed("{}".into());
    assert!(house.send(upload(vec![nonsense])).await.is_err());
    assert_eq!(house.log.next_seq(), 0);
}
