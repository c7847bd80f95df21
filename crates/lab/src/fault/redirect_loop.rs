//! A configuration of the edge that leads every request to itself.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "redirect_loop",
    what: "a configuration of the edge leads every request back to itself",
    phases: &["processing", "transfer"],
    accept: &["bad_change", "upstream_failure"],
    notice: Some("A change of our edge went wrong and is being undone."),
    begin: |platform, _| platform.configure_edge(true).map(|()| Value::Null),
    end: |platform| platform.configure_edge(false),
};
