//! The place where the applications stand loses its power: the edge gets no answer from behind.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "app_without_power",
    what: "the hosts of the applications are gone from the network at once",
    phases: &["processing"],
    accept: &["infrastructure_failure"],
    notice: Some("We lost power in one of our data centres."),
    begin: |platform, _| platform.net.cable("app", "down").map(|()| Value::Null),
    end: |platform| platform.net.cable("app", "up"),
};
