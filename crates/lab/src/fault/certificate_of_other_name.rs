//! A certificate of another name, as after a hasty change of the edge.

use serde_json::Value;

use crate::edge::Shown;
use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "certificate_of_other_name",
    what: "the edge shows a certificate of another name",
    phases: &["tls"],
    accept: &["bad_change"],
    notice: None,
    begin: |platform, _| platform.certificate(Shown::OtherName).map(|()| Value::Null),
    end: |platform| platform.certificate(Shown::Good),
};
