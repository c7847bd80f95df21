//! Results of agents on their way into the log: checked, recognised when they come again, dated by
//! the hub's clock, and acknowledged when the log has them.
//!
//! What the hub has of each agent is learnt from the log itself. A note of how far that was read
//! spares reading all of it at each start; where the note is missing, all is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use outcry_collector::relay::message::Receipt;
use outcry_collector::relay::message::Seen;
use outcry_collector::relay::message::Upload;
use outcry_collector::relay::message::result_of;
use outcry_collector::relay::message::unhex;
use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::signal::probe::Relayed;
use outcry_core::time::UnixMillis;
use outcry_core::units::Place;
use outcry_store::log::Log;
use outcry_wire::signals::write_line;
use ring::signature::ED25519;
use ring::signature::UnparsedPublicKey;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::hub::registry::Agent;
use crate::written;
use crate::written::Record;

const NOTE: &str = "taken.json";
/// How provenance begins for what an agent saw.
const SOURCE: &str = "vantage:";
/// How long the log is waited for at the end of it, when it is read at a start.
const READ_WAIT: Duration = Duration::from_millis(50);
/// Characters of any text of a result.
const TEXT_CHARS_MAX: usize = 200;
/// Phases of a result.
const PHASES_MAX: usize = 16;

/// Why results were not taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// It is not what it should be; sending it again does not help.
    #[error("result {sequence} {what}")]
    Wrong {
        /// The number of the result, or 0.
        sequence: u64,
        /// What is wrong, as the end of a sentence.
        what: &'static str,
    },
    /// The log takes nothing now.
    #[error("the log takes nothing now")]
    Busy,
}

/// What has been taken of each agent.
#[derive(Debug)]
pub struct Taken {
    note: PathBuf,
    agents: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<u64>>>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Note {
    /// Records of the log before this are in `through`.
    log_seq: u64,
    /// The highest number of each agent.
    through: BTreeMap<String, u64>,
}

impl Taken {
    /// Learns from the log what there is.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn open(folder: &Path, log: &Log) -> anyhow::Result<Self> {
        let path = folder.join(NOTE);
        let noted = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut note: Note = noted.unwrap_or_default();
        let end = log.next_seq();
        if note.log_seq > end {
            note = Note::default();
        }
        let mut reader = log.reader(note.log_seq);
        while note.log_seq < end {
            let Some(frame) = reader.next(READ_WAIT)? else { break };
            for (index, record) in frame.records.iter().enumerate() {
                if let Some((agent, sequence)) = agent_of(record, frame.first_seq + index as u64) {
                    let through = note.through.entry(agent).or_default();
                    *through = sequence.max(*through);
                }
            }
            note.log_seq = frame.first_seq + frame.records.len() as u64;
        }
        let agents = note
            .through
            .into_iter()
            .map(|(agent, through)| (agent, Arc::new(tokio::sync::Mutex::new(through))))
            .collect();
        Ok(Self { note: path, agents: Mutex::new(agents) })
    }

    /// Notes how far this is. `log_seq` was the end of the log before any of it was looked at.
    ///
    /// # Errors
    ///
    /// When it cannot be written; then the next start reads more of the log.
    pub fn save(&self, log_seq: u64) -> std::io::Result<()> {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut note = Note { log_seq, through: BTreeMap::new() };
        for (agent, through) in agents {
            // One that is being written to is read again from the log at the next start.
            let Ok(through) = through.try_lock() else { return Ok(()) };
            note.through.insert(agent, *through);
        }
        let part = self.note.with_extension("part");
        fs::write(&part, serde_json::to_vec(&note)?)?;
        fs::rename(&part, &self.note)
    }

    /// Takes an upload into the log; answers once it is there.
    ///
    /// # Errors
    ///
    /// See [`IntakeError`]. What was written before it stays, and is known when it comes again.
    pub async fn take(
        &self,
        log: &Log,
        agent: &Agent,
        place: (Place, Option<String>),
        upload: Upload,
        received: UnixMillis,
    ) -> Result<Receipt, IntakeError> {
        let skew_ms = upload.wall_ms.saturating_sub(received.0);
        let through = {
            let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
            agents.entry(agent.id.clone()).or_default().clone()
        };
        let mut through = through.lock().await;
        let mut records = Vec::new();
        let mut last = *through;
        let key = unhex(&agent.public_key).unwrap_or_default();
        for signed in &upload.results {
            let seen: Seen = serde_json::from_str(&signed.seen)
                .map_err(|_| wrong(0, "cannot be read; is the agent of another version?"))?;
            if seen.sequence <= last {
                continue;
            }
            let signature = unhex(&signed.signature).unwrap_or_default();
            UnparsedPublicKey::new(&ED25519, &key)
                .verify(&result_of(&agent.id, &signed.seen), &signature)
                .map_err(|_| wrong(seen.sequence, "is not signed by this agent"))?;
            last = seen.sequence;
            let at = received.plus_ms(-age_ms(&upload, &seen));
            let signal = signal(agent, &place, seen, at, skew_ms)?;
            records.push((last, write_line(&signal).into_bytes()));
        }
        let kept = append(log, records).await;
        *through = kept.map_or(*through, |kept| kept.max(*through));
        if *through < last {
            return Err(IntakeError::Busy);
        }
        Ok(Receipt { through: *through, skew_ms })
    }
}

/// Writes records in order; gives the number of the last one before the first that failed.
async fn append(log: &Log, records: Vec<(u64, Vec<u8>)>) -> Option<u64> {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut waiting = 0;
    for (sequence, record) in records {
        let tell = tell.clone();
        let done = Box::new(move |fate: Result<u64, _>| {
            // Who asked may have gone: then nobody is told, and it comes again.
            let _ = tell.send((sequence, fate.is_ok()));
        });
        if log.append(record, done).is_err() {
            break;
        }
        waiting += 1;
    }
    drop(tell);
    let mut fates = BTreeMap::new();
    while waiting > 0
        && let Some((sequence, is_kept)) = told.recv().await
    {
        fates.insert(sequence, is_kept);
        waiting -= 1;
    }
    fates.into_iter().take_while(|(_, is_kept)| *is_kept).last().map(|(sequence, _)| sequence)
}

fn wrong(sequence: u64, what: &'static str) -> IntakeError {
    IntakeError::Wrong { sequence, what }
}

/// How long ago a look was when it was sent: by the agent's monotonic clock within one start, else
/// by the difference of two of its own times. Its clock may be wrong; the age is not.
fn age_ms(upload: &Upload, seen: &Seen) -> i64 {
    let age_ms = if upload.boot == seen.boot {
        i64::try_from(upload.mono_ms.saturating_sub(seen.mono_ms)).unwrap_or(i64::MAX)
    } else {
        upload.wall_ms.saturating_sub(seen.wall_ms)
    };
    age_ms.max(0)
}

fn signal(
    agent: &Agent,
    (place, prefix): &(Place, Option<String>),
    seen: Seen,
    at: UnixMillis,
    skew_ms: i64,
) -> Result<Signal, IntakeError> {
    let sequence = seen.sequence;
    let outcome = match seen.outcome.as_str() {
        "ok" => ProbeOutcome::Ok,
        "soft_failure" => ProbeOutcome::SoftFailure,
        "blocked" => ProbeOutcome::Blocked,
        "failed" => ProbeOutcome::Failed,
        _ => return Err(wrong(sequence, "has an outcome that is not known")),
    };
    let number = |n: f64| n.is_finite() && n >= 0.0;
    let numbers = seen.phases_ms.iter().map(|(_, ms)| *ms).chain([seen.interval_s, seen.lag_ms]);
    if seen.phases_ms.len() > PHASES_MAX || !numbers.into_iter().all(number) {
        return Err(wrong(sequence, "has a number that cannot be"));
    }
    let short = |text: String| -> outcry_core::units::Text {
        text.chars().take(TEXT_CHARS_MAX).collect::<String>().into()
    };
    Ok(Signal {
        id: id_of(&agent.id, sequence),
        at,
        service: short(seen.service),
        provenance: Provenance {
            source: format!("{SOURCE}{}", agent.id).into(),
            licence: None,
            synthetic: false,
        },
        body: Body::Probe(Probe {
            place: *place,
            component: seen.component.map(short),
            phase: seen.phase.map(short),
            detail: seen.detail.map(short),
            phases_ms: seen.phases_ms.into_iter().map(|(name, ms)| (short(name), ms)).collect(),
            prefix: prefix.clone().map(Into::into),
            monitor: Some(short(seen.monitor)),
            interval_s: Some(seen.interval_s),
            lag_ms: Some(seen.lag_ms),
            references: seen
                .references_ok
                .map(|ok| if ok { References::Ok } else { References::Failed }),
            relayed: Some(Relayed { sequence, revision: short(seen.revision), skew_ms }),
            ..Probe::new(agent.name.as_str().into(), short(seen.kind), outcome)
        }),
    })
}

/// The id of a result: the same whenever it comes. A UUID of version 8.
fn id_of(agent: &str, sequence: u64) -> u128 {
    let mut hash = Sha256::new();
    hash.update(agent.as_bytes());
    hash.update(sequence.to_be_bytes());
    let bytes: [u8; 16] = hash.finalize()[..16].try_into().expect("SHA-256 has 32 bytes");
    uuid::Builder::from_custom_bytes(bytes).into_uuid().as_u128()
}

/// The agent and the number of a record, if it came from one.
fn agent_of(record: &[u8], seq: u64) -> Option<(String, u64)> {
    // Nearly all records are reports; they are passed over without being read.
    let is_probe = record.windows(14).take(60).any(|part| part == br#""type":"probe""#);
    let signal = match is_probe.then(|| written::read(record, seq))?.ok()? {
        Record::Told(signal) => signal,
        Record::Imported(_) => return None,
    };
    let Body::Probe(probe) = &signal.body else { return None };
    let agent = signal.provenance.source.strip_prefix(SOURCE)?;
    Some((agent.to_owned(), probe.relayed.as_ref()?.sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_right_however_wrong_the_clock() {
        let upload = Upload { boot: 3, mono_ms: 90_000, wall_ms: 1, lost: 0, results: vec![] };
        let seen = |boot, mono_ms, wall_ms| Seen {
            sequence: 1,
            boot,
            mono_ms,
            wall_ms,
            revision: String::new(),
            monitor: String::new(),
            service: String::new(),
            component: None,
            kind: String::new(),
            outcome: String::new(),
            phase: None,
            detail: None,
            phases_ms: vec![],
            interval_s: 60.0,
            lag_ms: 0.0,
            references_ok: None,
        };
        assert_eq!(age_ms(&upload, &seen(3, 60_000, 999_999)), 30_000, "by the monotonic clock");
        assert_eq!(age_ms(&upload, &seen(2, 0, -86_400_000)), 86_400_001, "by its own two times");
        assert_eq!(age_ms(&upload, &seen(2, 0, 5_000)), 0, "never in the future");
    }

    #[test]
    fn a_result_has_the_same_id_whenever_it_comes() {
        let id = id_of("a", 1);
        assert_eq!(id, id_of("a", 1));
        assert_ne!(id, id_of("a", 2));
        assert_ne!(id, id_of("b", 1));
        assert_eq!(id >> 76 & 0xf, 8, "a UUID of version 8");
    }
}
