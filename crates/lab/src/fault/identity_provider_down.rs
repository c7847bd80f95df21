//! The identity provider that both brands ask is down: both fail, and neither is to blame.

use serde_json::Value;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "identity_provider_down",
    what: "the identity provider that both brands ask answers 503 to everybody",
    phases: &["processing", "content"],
    accept: &["upstream_failure"],
    notice: Some("A third party that we rely on has an incident."),
    begin: |platform, _| platform.mode("ident", "down").map(|()| Value::Null),
    end: |platform| platform.mode("ident", ""),
};
