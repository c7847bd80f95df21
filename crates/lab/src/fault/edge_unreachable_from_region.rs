//! The route from one country to the edge is withdrawn: packets vanish on the way.

use serde_json::json;

use crate::fault::Fault;
use crate::place::REGIONS;

/// The country that loses it: the only one with two regions.
const COUNTRY: &str = "DE";

pub const FAULT: Fault = Fault {
    name: "edge_unreachable_from_region",
    what: "packets of one country to the edge vanish: its way there is withdrawn",
    phases: &["connect"],
    accept: &["routing_failure", "access_network_failure", "access_blocked"],
    notice: None,
    begin: |platform, _| {
        for region in REGIONS.iter().filter(|region| region.country == COUNTRY) {
            // What the edge answers finds no way back.
            let route = ["add", "blackhole", &region.host.prefix()];
            platform.net.way.run_in("edge", "ip", &[&["route"][..], &route].concat())?;
        }
        Ok(json!({"country": COUNTRY}))
    },
    end: |platform| {
        for region in REGIONS.iter().filter(|region| region.country == COUNTRY) {
            let route = ["del", "blackhole", &region.host.prefix()];
            platform.net.way.run_in("edge", "ip", &[&["route"][..], &route].concat())?;
        }
        Ok(())
    },
};
