//! What a service says of its own state in fields of their own.

use serde_json::Map;
use serde_json::Value;

use crate::soft::error_text::quote;

/// {"maintenance": {"active": true, …}}: what an app is told that is to stay closed.
pub(super) fn in_upkeep(object: &Map<String, Value>) -> Option<String> {
    let (key, value) = object.iter().find(|(key, _)| {
        let key = key.to_lowercase();
        key.starts_with("maintenance") || key.starts_with("in_maintenance") || key == "wartung"
    })?;
    let on = |it: &Value| it.as_bool().unwrap_or_default();
    let is_on = match value {
        Value::Object(of) => ["active", "enabled", "on", "is_active", "mode"]
            .iter()
            .any(|flag| of.get(*flag).is_some_and(on)),
        _ => on(value),
    };
    // A machine, a monitor, an item of a list is looked after too.
    let is_thing = ["id", "name", "serial", "host"].iter().any(|it| object.contains_key(*it));
    (is_on && !is_thing).then(|| format!("the JSON says: “{}”", quote(key)))
}

/// A search of which every part failed.
pub(super) fn no_shards(object: &Map<String, Value>) -> Option<String> {
    let of = |key: &str| object.get("_shards")?.get(key)?.as_u64();
    (of("successful")? == 0 && of("total")? > 0).then(|| "every part of the search failed".into())
}
