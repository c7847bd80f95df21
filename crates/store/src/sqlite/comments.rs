//! Comments: held when they come in, shown when somebody approved them.

use outcry_core::time::UnixMillis;
use outcry_core::units::Country;
use outcry_core::units::Text;
use rusqlite::Connection;
use rusqlite::Row;

use super::fault::execute;
use super::fault::rows;
use crate::StoreError;
use crate::record::Comment;
use crate::record::CommentState;
use crate::record::NewComment;

/// Enters comments as held; known ids are ignored. Index: the unique one on `id`.
pub(super) fn add(on: &Connection, comments: &[NewComment]) -> Result<(), StoreError> {
    let sql = "INSERT INTO comment (id, at, service, country, component, problem, text, state)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (id) DO NOTHING";
    for comment in comments {
        let values = (
            comment.id.to_be_bytes(),
            comment.at.0,
            &*comment.service,
            comment.country.as_ref().map(Country::code),
            comment.component.as_deref(),
            comment.problem.as_deref(),
            &*comment.text,
            number(CommentState::Held),
        );
        execute(on, "enter a comment", sql, values)?;
    }
    Ok(())
}

/// Decides on a comment. Index: the unique one on `id`.
pub(super) fn decide(on: &Connection, id: u128, state: CommentState) -> Result<(), StoreError> {
    let sql = "UPDATE comment SET state = ?2 WHERE id = ?1";
    match execute(on, "decide on a comment", sql, (id.to_be_bytes(), number(state)))? {
        0 => Err(StoreError::CommentNotFound),
        _ => Ok(()),
    }
}

/// Comments in a state, newest first. Index: `comment_by_state`, or `comment_by_service`.
pub(super) fn list(
    on: &Connection,
    state: CommentState,
    service: Option<&str>,
    limit: u32,
) -> Result<Vec<Comment>, StoreError> {
    let operation = "list comments";
    let of_all = "SELECT id, at, service, country, component, problem, text FROM comment
                  WHERE state = ?1
                  ORDER BY at DESC, id DESC LIMIT ?2";
    let of_one = "SELECT id, at, service, country, component, problem, text FROM comment
                  WHERE state = ?1 AND service = ?3
                  ORDER BY at DESC, id DESC LIMIT ?2";
    let read = |row: &Row<'_>| read(row, state);
    match service {
        None => rows(on, operation, of_all, (number(state), limit), read),
        Some(service) => rows(on, operation, of_one, (number(state), limit, service), read),
    }
}

fn read(row: &Row<'_>, state: CommentState) -> rusqlite::Result<Comment> {
    Ok(Comment {
        id: u128::from_be_bytes(row.get(0)?),
        at: UnixMillis(row.get(1)?),
        service: row.get(2)?,
        country: row.get::<_, Option<Text>>(3)?.as_deref().and_then(Country::parse),
        component: row.get(4)?,
        problem: row.get(5)?,
        text: row.get(6)?,
        state,
    })
}

/// A state as the column holds it.
fn number(state: CommentState) -> i64 {
    match state {
        CommentState::Held => 0,
        CommentState::Approved => 1,
        CommentState::Rejected => 2,
    }
}
