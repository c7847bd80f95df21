//! Telling a house what monitors saw, and reading what its receivers were told.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::house::House;
use crate::load::pause_ms;
use crate::receivers::Heard;
use crate::receivers::Web;
use crate::receivers::now_ms;

/// What signs messages.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A house of services `s0`, `s1`, …, with these channels and rules.
pub fn house_of(services: u64, alerts: &str) -> House {
    let house = House::new();
    house.catalog(services);
    house.configure(&format!("[store]\ndir = \"data\"\n[catalog]\ndir = \"catalog\"\n{alerts}"));
    house
}

pub fn webhook(name: &str, web: &Web) -> String {
    format!(
        "[[channel]]\nname = \"{name}\"\nkind = \"webhook\"\nsecret = \"{SECRET}\"\n\
         url = \"http://{}/{name}\"\n",
        web.address
    )
}

pub fn rule(channels: &[String]) -> String {
    format!("[[alert]]\nname = \"all\"\nchannels = {channels:?}\n")
}

/// Hands over what `monitors` monitors at three places saw, round after round.
pub fn tell(house: &House, service: &str, outcomes: &[&str], monitors: u64) {
    let mut lines = Vec::new();
    // What happened long ago is no news, and nobody is told.
    let at = outcry_core::time::UnixMillis(now_ms());
    for outcome in outcomes {
        for (vantage, country, asn) in [("fra", "DE", 3320), ("nyc", "US", 7018), ("gru", "BR", 1)]
        {
            for monitor in 0..monitors {
                lines.push(format!(
                    r#"{{"v":1,"type":"probe","at":"{at}","service":"{service}","vantage":"{vantage}","country":"{country}","asn":{asn},"component":"web-{monitor}","kind":"http","outcome":"{outcome}","phase":"connect","source":"api"}}"#
                ));
            }
        }
    }
    let inbox = house.path("data/inbox");
    fs::create_dir_all(&inbox).expect("writable");
    let name = format!("{service}-{}", now_ms());
    fs::write(inbox.join(format!("{name}.part")), lines.join("\n")).expect("writable");
    fs::rename(inbox.join(format!("{name}.part")), inbox.join(format!("{name}.jsonl")))
        .expect("writable");
}

pub fn wait_for(what: &str, is_so: impl FnMut() -> bool) {
    wait_up_to(PATIENCE, what, is_so);
}

pub fn wait_up_to(patience: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < patience, "{what} within {patience:?}");
        pause_ms(50);
    }
}

/// Like [`wait_for`]; says what is in the outbox when it does not come.
pub fn wait_told(house: &House, what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        pause_ms(50);
        if began.elapsed() > PATIENCE {
            let mut messages = listed(house);
            let all = messages.len();
            messages.retain(|_, it| it["state"] != "delivered");
            panic!("{what} within {PATIENCE:?}; of {all} messages not delivered: {messages:#?}");
        }
    }
}

pub fn kind(heard: &Heard) -> String {
    let body: Value = serde_json::from_str(&heard.body).expect("JSON");
    body["type"].as_str().expect("a type").to_owned()
}

/// Messages as an operator sees them, by id.
pub fn listed(house: &House) -> BTreeMap<String, Value> {
    let text = house.done(&["admin", "alerts", "list", "--json", "--limit", "100000"]);
    let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    messages.map(|it| (it["id"].as_str().expect("an id").to_owned(), it)).collect()
}
