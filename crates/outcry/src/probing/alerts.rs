//! What Alertmanager sends: each of its alerts speaks as something that reports by itself.
//!
//! An alert is heard under the key of its label `outcry_heartbeat`, else of its `alertname`; a
//! probe of `heartbeat:KEY` then fails while it fires. Several alerts of one key are one voice, and
//! one that fires is enough.
//!
//! # What it cannot tell
//!
//! That all is well while Alertmanager is silent: it sends resolved alerts once. A probe that waits
//! for a heartbeat fails in silence, so let `Watchdog`, which always fires, speak under a key of
//! its own where that matters.
//!
//! Reference: Prometheus, "Alerting configuration", `webhook_config`, version 4.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Bytes of what is sent at once.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// The label that names a key.
const KEY: &str = "outcry_heartbeat";

/// What is sent; other fields are ignored.
#[derive(Debug, Deserialize)]
struct Message {
    version: String,
    alerts: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
struct Alert {
    status: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// What is heard under each key: what went wrong, or `None` when that is over.
///
/// # Errors
///
/// What is wrong with it, and what to send instead.
pub fn read(body: &[u8]) -> Result<BTreeMap<String, Option<String>>, String> {
    let message: Message = serde_json::from_slice(body)
        .map_err(|error| format!("{error}; send what Alertmanager sends to a webhook_config\n"))?;
    if message.version != "4" {
        return Err(format!("version {:?} is not known; version 4 is\n", message.version));
    }
    let mut heard: BTreeMap<String, Option<String>> = BTreeMap::new();
    for alert in message.alerts {
        let Some(key) = alert.labels.get(KEY).or(alert.labels.get("alertname")) else {
            return Err(format!("an alert has no label {KEY} and no alertname\n"));
        };
        let says = || {
            let annotation = |name: &str| alert.annotations.get(name).cloned();
            annotation("summary")
                .or(annotation("description"))
                .unwrap_or_else(|| "the alert fires".into())
        };
        let error = (alert.status != "resolved").then(says);
        let voice = heard.entry(key.clone()).or_default();
        if voice.is_none() {
            *voice = error;
        }
    }
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fires_is_enough() {
        let body = r#"{"version":"4","status":"firing","receiver":"wh","groupKey":"{}","alerts":[
            {"status":"resolved","labels":{"alertname":"Down","instance":"a"},"annotations":{}},
            {"status":"firing","labels":{"alertname":"Down","instance":"b"},
             "annotations":{"summary":"b is down"},"startsAt":"2026-11-23T13:56:01.632Z"},
            {"status":"resolved","labels":{"alertname":"Down","outcry_heartbeat":"disk"}}]}"#;
        let heard = read(body.as_bytes()).expect("a message");
        assert_eq!(heard["Down"].as_deref(), Some("b is down"));
        assert_eq!(heard["disk"], None);
    }

    #[test]
    fn what_is_something_else_is_told() {
        for (body, says) in [
            ("", "webhook_config"),
            ("{\"version\":\"3\",\"alerts\":[]}", "version 4"),
            ("{\"version\":\"4\",\"alerts\":[{\"status\":\"firing\"}]}", "alertname"),
        ] {
            let error = read(body.as_bytes()).expect_err("no message");
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn what_alertmanager_sent_is_read() {
        let root = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("../../../shared/data/feeds/webhooks/alertmanager_0.25_firing.json");
        let Ok(text) = std::fs::read_to_string(file) else {
            return println!("the recording is absent here: not tested");
        };
        let recorded: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let heard = read(recorded["body"].to_string().as_bytes()).expect("a message");
        assert_eq!(heard["Down"].as_deref(), Some("the alert fires"));
    }
}
