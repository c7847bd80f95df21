//! The records of the log as this program writes them: a signal as it came in, or one that was
//! imported, with `imported ` before its line.
//!
//! An imported report is of its own time, long before that of its frame. It is counted for its own
//! minute and never given to the engine, so that a past that arrives today opens no incident today.

use outcry_core::engine::Event;
use outcry_core::signal::Body;
use outcry_core::signal::Problem;
use outcry_core::signal::Signal;
use outcry_core::signal::said::OperatorAct;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_store::import::Import;
use outcry_store::import::ImportKind;
use outcry_store::record::Batch;
use outcry_store::record::CommentState;
use outcry_store::record::NewComment;
use outcry_store::record::ProposalState;
use outcry_wire::signals::read_line;
use outcry_wire::signals::write_line;

/// A probe that is written down later than this after it ended opens and closes nothing: half of
/// the usual time between two rounds.
const PROBE_LATE_MS: i64 = 30_000;
/// The act that makes a claim of a proposed one.
pub const ACCEPTED: &str = "claim_accepted";
/// The act that makes none of it.
pub const REJECTED: &str = "claim_rejected";
/// What stands before the line of a signal that was imported.
const IMPORTED: &str = "imported ";
/// What stands before the id in every line of a report that we write.
const BEFORE_ID: &str = r#"{"v":1,"type":"report","id":""#;
/// Characters of an id.
const ID_CHARS: usize = 36;

/// What a record of the log holds.
#[derive(Debug)]
pub enum Record {
    /// A signal that came in when its frame was written.
    Told(Signal),
    /// A report of an earlier time.
    Imported(Signal),
}

/// Reads record `seq` of the log.
///
/// # Errors
///
/// What is wrong with it.
pub fn read(record: &[u8], seq: u64) -> Result<Record, String> {
    let line = std::str::from_utf8(record).map_err(|_| "not UTF-8".to_owned())?;
    match line.strip_prefix(IMPORTED) {
        None => read_line(line, seq).map(Record::Told).map_err(|error| error.to_string()),
        Some(line) => match read_line(line, seq).map_err(|error| error.to_string())? {
            signal if matches!(signal.body, Body::Report(_)) => Ok(Record::Imported(signal)),
            signal => Err(format!("a {} was imported as a report", signal.body.kind())),
        },
    }
}

/// Writes a report that is imported as a record of the log.
pub fn write_imported(signal: &Signal) -> Vec<u8> {
    format!("{IMPORTED}{}", write_line(signal)).into_bytes()
}

/// The id of the signal in record `seq`, without reading the rest of a report that we wrote.
pub fn id_of(record: &[u8], seq: u64) -> Option<u128> {
    let line = record.strip_prefix(IMPORTED.as_bytes()).unwrap_or(record);
    let id = line.strip_prefix(BEFORE_ID.as_bytes()).and_then(|rest| rest.get(..ID_CHARS));
    if let Some(id) = id.and_then(|id| uuid::Uuid::try_parse_ascii(id).ok()) {
        return Some(id.as_u128());
    }
    match read(record, seq).ok()? {
        Record::Told(signal) | Record::Imported(signal) => Some(signal.id),
    }
}

/// What a signal of a frame is to the engine: of its own time, if that lies from `earliest` to the
/// frame's, else of the nearer end. A probe that was resent long after is late, and says so.
pub fn event_of(mut signal: Signal, earliest_ms: i64, frame_ms: i64) -> Event {
    let age_ms = frame_ms.saturating_sub(signal.at.0);
    if matches!(signal.body, Body::Probe(_)) && age_ms > PROBE_LATE_MS {
        return Event::Late(signal);
    }
    signal.at = UnixMillis(signal.at.0.clamp(earliest_ms, frame_ms));
    Event::Signal(signal)
}

/// Counts an imported report for its own minute, and notes where it came from.
pub fn count_imported(signal: &Signal, batch: &mut Batch) {
    let Body::Report(report) = &signal.body else { return };
    let minute = signal.at.minute();
    // Whose reports count is decided on keys of one day, which left with that day: all do.
    batch.deltas.add_report(&signal.service, minute, report, true);
    let import = Import {
        service: signal.service.clone(),
        kind: ImportKind::Reports,
        source: signal.provenance.source.clone(),
        licence: signal.provenance.licence.clone(),
        synthetic: signal.provenance.synthetic,
        from: minute,
        until: UnixMinute(minute.0.saturating_add(1)),
    };
    if !batch.imports.last_mut().is_some_and(|last| last.widen(&import)) {
        batch.imports.push(import);
    }
}

/// The comment of a report, for an operator to decide on.
pub fn comment_of(signal: &Signal) -> Option<NewComment> {
    let Body::Report(report) = &signal.body else { return None };
    let problem = match &report.problem {
        Problem::Fails(name) => Some(name.clone()),
        Problem::Unspecified | Problem::Works => None,
    };
    Some(NewComment {
        id: signal.id,
        at: signal.at,
        service: signal.service.clone(),
        country: report.place.country,
        component: report.component.clone(),
        problem,
        text: report.comment.clone()?,
    })
}

/// What an operator's act decides about a comment, if it is about one.
pub fn decision(act: &OperatorAct) -> Option<(u128, CommentState)> {
    let state = match &*act.act {
        "comment_approved" => CommentState::Approved,
        "comment_rejected" => CommentState::Rejected,
        _ => return None,
    };
    Some((uuid::Uuid::parse_str(&act.subject).ok()?.as_u128(), state))
}

/// What an operator's act decides about a proposed claim, if it is about one.
pub fn decision_on_proposal(act: &OperatorAct) -> Option<(u128, ProposalState)> {
    let state = match &*act.act {
        ACCEPTED => ProposalState::Accepted,
        REJECTED => ProposalState::Rejected,
        _ => return None,
    };
    Some((uuid::Uuid::parse_str(&act.subject).ok()?.as_u128(), state))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"v":1,"type":"report","id":"01957f3a-0c22-7d10-9a4e-5b6c7d8e9fa0",
        "at":"2025-03-10T09:46:01Z","service":"x","source":"form"}"#;

    #[test]
    fn an_imported_report_is_told_from_one_that_came_in() {
        let Ok(Record::Told(signal)) = read(LINE.as_bytes(), 0) else { panic!("told") };
        let record = write_imported(&signal);
        let Ok(Record::Imported(again)) = read(&record, 7) else { panic!("imported") };
        assert_eq!(again, signal);
        assert_eq!(id_of(&record, 7), Some(signal.id));
        assert_eq!(id_of(LINE.as_bytes(), 0), Some(signal.id));
    }

    #[test]
    fn the_id_of_an_odd_line_is_read_the_long_way() {
        let odd = LINE.replace(r#""v":1,"#, "").replace("\"service\"", "\"v\":1,\"service\"");
        assert_eq!(id_of(odd.as_bytes(), 0), id_of(LINE.as_bytes(), 0));
        assert_eq!(id_of(b"imported nonsense", 0), None);
    }

    #[test]
    fn an_imported_report_counts_in_its_own_minute() {
        let Ok(Record::Told(signal)) = read(LINE.as_bytes(), 0) else { panic!("told") };
        let mut batch = Batch::default();
        count_imported(&signal, &mut batch);
        count_imported(&signal, &mut batch);
        assert!(batch.deltas.cells.keys().all(|cell| cell.minute == signal.at.minute()));
        assert_eq!(batch.imports.len(), 1, "one origin of one day");
        assert_eq!(&*batch.imports[0].source, "form");
    }
}
