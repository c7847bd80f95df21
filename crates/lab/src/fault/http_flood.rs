//! A flood of requests by machines that complete their handshakes and want one page only.

use serde_json::json;

use crate::fault::Fault;

/// Requests a second, against some thirty questions that the database answers.
const RATE: (f64, f64) = (60.0, 90.0);
/// How many machines.
const MACHINES: u16 = 400;

pub const FAULT: Fault = Fault {
    name: "http_flood",
    what: "machines ask for one page as fast as they may, with ever new queries",
    phases: &["processing", "content"],
    accept: &["application_attack"],
    notice: Some("We are investigating increased error rates."),
    begin: |platform, dice| {
        let rate = dice.log_uniform(RATE.0, RATE.1);
        let more = ["--life-s", "60", "--hostile"];
        platform.people("http-flood", "flood", MACHINES, rate, &more)?;
        Ok(json!({"requests_per_s": rate, "machines": MACHINES}))
    },
    end: |platform| {
        platform.net.stop("http-flood");
        Ok(())
    },
};
