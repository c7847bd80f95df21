//! First packets of connections from invented addresses: the edge's table of half-open ones fills.

use serde_json::json;

use crate::fault::Fault;

/// Packets a second, against a table of some hundred.
const RATE: (f64, f64) = (700.0, 1_500.0);

pub const FAULT: Fault = Fault {
    name: "syn_flood",
    what: "first packets from invented addresses fill the edge's table of half-open connections",
    phases: &["connect"],
    accept: &["volumetric_attack"],
    notice: Some("We are investigating connection problems."),
    begin: |platform, dice| {
        let rate = dice.log_uniform(RATE.0, RATE.1).round();
        platform.flood(&["--kind", "syn", "--rate", &rate.to_string(), "--life-s", "30"])?;
        Ok(json!({"packets_per_s": rate}))
    },
    end: |platform| {
        platform.net.stop("flood");
        Ok(())
    },
};
