//! The name server cannot answer.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "names_servfail",
    what: "the name server answers SERVFAIL for both brands",
    phases: &["resolve"],
    accept: &["upstream_failure", "infrastructure_failure", "bad_change"],
    notice: Some("Our name servers fail; we are working on it."),
    begin: |platform, _| platform.mode("dns", "servfail").map(|()| Value::Null),
    end: |platform| platform.mode("dns", ""),
};
