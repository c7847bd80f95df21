//! The database's process is gone: the page says so with status 200, the API with 503.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "database_dead",
    what: "the database's process is dead; the page says so with status 200",
    phases: &["processing", "content"],
    accept: &["infrastructure_failure"],
    notice: Some("Our database is unavailable. We are restoring it."),
    begin: |platform, _| {
        platform.net.stop("db");
        Ok(Value::Null)
    },
    end: |platform| platform.start_part("db"),
};
