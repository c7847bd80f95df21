//! The process of the edge is gone: connections are refused, for both brands.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "edge_dead",
    what: "the edge's process is dead; both brands refuse connections",
    phases: &["connect"],
    accept: &["upstream_failure", "infrastructure_failure", "bad_change"],
    notice: Some("We are investigating errors at our edge."),
    begin: |platform, _| {
        platform.net.stop("edge");
        Ok(Value::Null)
    },
    end: |platform| platform.start_edge(),
};
