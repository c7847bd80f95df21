//! Datagrams from invented addresses fill the edge's cable.

use serde_json::json;

use crate::fault::Fault;

/// Packets a second of some ten kilobits, against a cable of four megabits a second.
const RATE: (f64, f64) = (1_500.0, 2_500.0);

pub const FAULT: Fault = Fault {
    name: "udp_flood",
    what: "datagrams from invented addresses fill the edge's cable more than twice",
    phases: &["connect", "tls", "processing"],
    accept: &["volumetric_attack"],
    notice: Some("We are investigating connection problems."),
    begin: |platform, dice| {
        let rate = dice.log_uniform(RATE.0, RATE.1).round();
        platform.flood(&["--kind", "udp", "--rate", &rate.to_string(), "--life-s", "30"])?;
        Ok(json!({"packets_per_s": rate}))
    },
    end: |platform| {
        platform.net.stop("flood");
        Ok(())
    },
};
