//! The page says that it fails, with status 200.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "soft_page",
    what: "the page says \"Something went wrong. Try reloading.\" with status 200",
    phases: &["content"],
    accept: &["bad_change", "infrastructure_failure"],
    notice: None,
    begin: |platform, _| platform.mode("app", "soft").map(|()| Value::Null),
    end: |platform| platform.mode("app", ""),
};
