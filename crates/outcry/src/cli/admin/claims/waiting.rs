//! Proposals that wait, and what was decided about the others.
//!
//! The store follows the log, a moment behind it while a server runs and until the next start where
//! none does. So the end of the log is looked at too: nothing is decided twice.

use std::sync::Arc;
use std::time::Duration;

use outcry_core::signal::Body;
use outcry_core::signal::Signal;
use outcry_store::Store;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::record::Proposal;
use outcry_store::record::ProposalState;
use outcry_store::sqlite::SqliteStore;

use crate::cli::BadInput;
use crate::config::Config;
use crate::station::LOG;
use crate::written;
use crate::written::Record;

/// One that nobody decided on, not even a moment ago.
pub(super) fn held(config: &Config, store: &SqliteStore, id: &str) -> anyhow::Result<Signal> {
    let Proposal { signal, state } = find(config, store, id)?;
    match state {
        ProposalState::Held => Ok(signal),
        decided => anyhow::bail!(BadInput(format!(
            "{id} was {} already, and a decision is not taken back",
            decided.name()
        ))),
    }
}

/// A proposal with what was decided about it, be it stored already or only in the log.
pub(super) fn find(config: &Config, store: &SqliteStore, id: &str) -> anyhow::Result<Proposal> {
    let uuid = uuid::Uuid::parse_str(id)
        .map_err(|_| BadInput(format!("{id:?} is no id; `outcry admin claims list` has them")))?;
    let mut found = store.proposal(uuid.as_u128())?;
    for signal in unstored(config, store)? {
        match &signal.body {
            Body::Proposal(_) if signal.id == uuid.as_u128() => {
                found.get_or_insert(Proposal { signal, state: ProposalState::Held });
            }
            Body::Operator(act) => {
                let decided = written::decision_on_proposal(act);
                if let Some((_, state)) = decided.filter(|(about, _)| *about == uuid.as_u128())
                    && let Some(held) = found.as_mut().filter(|it| it.state == ProposalState::Held)
                {
                    held.state = state;
                }
            }
            _ => {}
        }
    }
    found.ok_or_else(|| BadInput(format!("there is no proposed claim {uuid}")).into())
}

/// What is said and done about claims in the part of the log that the store does not have yet.
pub(super) fn unstored(config: &Config, store: &SqliteStore) -> anyhow::Result<Vec<Signal>> {
    let look = Look::at(Arc::new(ReadDisk::open(&config.store.dir.join(LOG))?))?;
    let mut reader = look.reader(store.offset()?);
    let mut signals = Vec::new();
    while let Some(frame) = reader.next(Duration::ZERO)? {
        for (seq, record) in (frame.first_seq..).zip(&frame.records) {
            if let Ok(Record::Told(signal)) = written::read(record, seq)
                && matches!(signal.body, Body::Claim(_) | Body::Proposal(_) | Body::Operator(_))
            {
                signals.push(signal);
            }
        }
    }
    Ok(signals)
}
