//! Walls in JSON: a message about robots, or where to solve a riddle.

use serde_json::Map;
use serde_json::Value;

use crate::soft::envelope::WALL_KEYS_MAX;
use crate::soft::error_text::quote;
use crate::soft::words;
use crate::soft::words::Concepts;

/// What a wall says in JSON: a message about robots, and nothing that was asked for.
pub(super) fn turns_away(object: &Map<String, Value>) -> Option<String> {
    let texts = object.values().filter_map(Value::as_str);
    let said = texts.into_iter().find(|text| {
        let concepts = words::concepts_of(&text.to_lowercase());
        concepts.has(Concepts::HUMAN) && concepts.has_any(Concepts::DENIED.with(Concepts::CANNOT))
    });
    // DataDome and its like: where to solve the riddle, and nothing else.
    let riddle = object.values().filter_map(Value::as_str).find(|text| {
        text.starts_with("http") && (text.contains("captcha") || text.contains("challenge"))
    });
    if let Some(riddle) = riddle.filter(|_| object.len() <= RIDDLE_KEYS_MAX) {
        return Some(format!("“{}”", quote(riddle)));
    }
    let is_flat = object.values().all(|value| !value.is_array() && !value.is_object());
    said.filter(|_| is_flat && object.len() <= WALL_KEYS_MAX)
        .map(|text| format!("“{}”", quote(text)))
}

/// Keys beside the address of a riddle, at most.
const RIDDLE_KEYS_MAX: usize = 2;
