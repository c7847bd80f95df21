//! Proposals: claims that people sent in, held until somebody decides on them.
//!
//! # What it cannot tell
//!
//! What became of one that was accepted: the claim an operator made of it is a signal of its own.

use outcry_core::signal::Signal;
use outcry_wire::signals::read_line;
use outcry_wire::signals::write_line;
use rusqlite::Connection;

use super::fault::execute;
use super::fault::rows;
use crate::StoreError;
use crate::record::Proposal;
use crate::record::ProposalState;

/// Enters proposals as held; known ids are ignored. Index: the unique one on `id`.
pub(super) fn add(on: &Connection, proposals: &[Signal]) -> Result<(), StoreError> {
    let sql = "INSERT INTO proposal (id, at, line, state) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (id) DO NOTHING";
    for signal in proposals {
        let id = signal.id.to_be_bytes();
        let values = (id, signal.at.0, write_line(signal), number(ProposalState::Held));
        execute(on, "enter a proposal", sql, values)?;
    }
    Ok(())
}

/// Decides on those that are there and held. Index: the unique one on `id`.
pub(super) fn decide(on: &Connection, decided: &[(u128, ProposalState)]) -> Result<(), StoreError> {
    let sql = "UPDATE proposal SET state = ?2 WHERE id = ?1 AND state = ?3";
    for (id, state) in decided {
        let values = (id.to_be_bytes(), number(*state), number(ProposalState::Held));
        execute(on, "decide on a proposal", sql, values)?;
    }
    Ok(())
}

/// The proposal of an id. Index: the unique one on `id`.
pub(super) fn one(on: &Connection, id: u128) -> Result<Option<Proposal>, StoreError> {
    let sql = "SELECT line, state FROM proposal WHERE id = ?1 LIMIT 1";
    let mut found: Vec<(String, i64)> =
        rows(on, "read a proposal", sql, [id.to_be_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.pop().map(|(line, state)| read(&line, state_of(state))).transpose()
}

/// Proposals in a state, newest first. Index: `proposal_by_state`.
pub(super) fn list(
    on: &Connection,
    state: ProposalState,
    limit: u32,
) -> Result<Vec<Proposal>, StoreError> {
    let sql = "SELECT line FROM proposal WHERE state = ?1 ORDER BY at DESC, id DESC LIMIT ?2";
    let lines: Vec<String> =
        rows(on, "list proposals", sql, (number(state), limit), |row| row.get(0))?;
    lines.iter().map(|line| read(line, state)).collect()
}

fn read(line: &str, state: ProposalState) -> Result<Proposal, StoreError> {
    match read_line(line, 0) {
        Ok(signal) => Ok(Proposal { signal, state }),
        Err(error) => Err(StoreError::Corrupt { what: format!("a proposal: {error}") }),
    }
}

/// A state as the column holds it.
fn number(state: ProposalState) -> i64 {
    match state {
        ProposalState::Held => 0,
        ProposalState::Accepted => 1,
        ProposalState::Rejected => 2,
    }
}

fn state_of(number: i64) -> ProposalState {
    match number {
        0 => ProposalState::Held,
        1 => ProposalState::Accepted,
        _ => ProposalState::Rejected,
    }
}
