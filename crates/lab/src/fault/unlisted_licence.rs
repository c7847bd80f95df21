//! A kind that no list has: a licence ran out, and the API refuses its own users. No cause of
//! Outcry's is right for it, so none may be named.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "unlisted_licence",
    what: "a licence of the API ran out: it turns everybody away with 402, politely",
    phases: &["processing", "content"],
    accept: &[],
    notice: None,
    begin: |platform, _| platform.mode("app", "licence").map(|()| Value::Null),
    end: |platform| platform.mode("app", ""),
};
