//! A region's people and vantage points lose power: nobody there can complain, and the platform is
//! well. Nothing should be named.

use serde_json::json;

use crate::fault::Fault;

/// The regions that go dark.
const DARK: [&str; 2] = ["de1", "de2"];

pub const FAULT: Fault = Fault {
    name: "region_without_power",
    what: "a country goes dark: its people and vantage points are cut off, the platform is well",
    phases: &[],
    accept: &[],
    notice: None,
    begin: |platform, _| {
        DARK.iter().try_for_each(|host| platform.net.cable(host, "down"))?;
        Ok(json!({"dark": DARK}))
    },
    end: |platform| DARK.iter().try_for_each(|host| platform.net.cable(host, "up")),
};
