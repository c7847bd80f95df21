//! A bad release of the API: it answers 500 while the page stays green.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "bad_release",
    what: "a release of the API answers 500; the page does not need it and stays green",
    phases: &["processing", "content"],
    accept: &["bad_change"],
    notice: Some("Elevated errors of the API after a release; we are rolling back."),
    begin: |platform, _| platform.mode("app", "api500").map(|()| Value::Null),
    end: |platform| platform.mode("app", ""),
};
