//! A certificate that nobody renewed.

use serde_json::Value;

use crate::edge::Shown;
use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "certificate_expired",
    what: "the edge shows a certificate that ran out",
    phases: &["tls"],
    accept: &["bad_change"],
    notice: None,
    begin: |platform, _| platform.certificate(Shown::Expired).map(|()| Value::Null),
    end: |platform| platform.certificate(Shown::Good),
};
