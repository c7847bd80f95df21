//! A crowd of real people, more than the database can serve.

use serde_json::json;

use crate::fault::Fault;

/// Visits a second, against some thirty questions that the database answers.
const RATE: (f64, f64) = (40.0, 60.0);
/// How many people.
const PEOPLE: u16 = 3_000;

pub const FAULT: Fault = Fault {
    name: "flash_crowd",
    what: "a crowd of real people asks more than the database can answer",
    phases: &["processing", "content"],
    accept: &["overload"],
    notice: Some("Unusually many people are visiting; things may be slow."),
    begin: |platform, dice| {
        let rate = dice.log_uniform(RATE.0, RATE.1);
        platform.people("flash", "crowd", PEOPLE, rate, &["--life-s", "60"])?;
        Ok(json!({"visits_per_s": rate, "people": PEOPLE}))
    },
    end: |platform| {
        platform.net.stop("flash");
        Ok(())
    },
};
