//! The same in bursts, with as much quiet between them.

use serde_json::json;

use crate::fault::Fault;

/// Packets a second of some ten kilobits, against a cable of four megabits a second.
const RATE: (f64, f64) = (1_800.0, 2_500.0);
/// Milliseconds of a burst, and of the quiet after it.
const PULSE_MS: &str = "3000";

pub const FAULT: Fault = Fault {
    name: "pulse_wave",
    what: "bursts of datagrams from invented addresses fill the edge's cable, with quiet between",
    phases: &["connect", "tls", "processing"],
    accept: &["volumetric_attack"],
    notice: None,
    begin: |platform, dice| {
        let rate = dice.log_uniform(RATE.0, RATE.1).round();
        let how = ["--kind", "udp", "--rate", &rate.to_string(), "--life-s", "30"];
        platform.flood(&[&how[..], &["--pulse-ms", PULSE_MS]].concat())?;
        Ok(json!({"packets_per_s": rate, "pulse_ms": PULSE_MS}))
    },
    end: |platform| {
        platform.net.stop("flood");
        Ok(())
    },
};
