//! The zone leads to an address where nobody lives.

use serde_json::json;

use crate::fault::Fault;

pub const FAULT: Fault = Fault {
    name: "names_wrong",
    what: "the names of both brands lead to an address that is nobody's",
    phases: &["resolve"],
    accept: &["bad_change", "upstream_failure"],
    notice: None,
    begin: |platform, dice| {
        let address = format!("10.99.{}.{}", dice.below(250), 1 + dice.below(250));
        platform.mode("dns", &format!("wrong {address}"))?;
        Ok(json!({"address": address}))
    },
    end: |platform| platform.mode("dns", ""),
};
