//! Shapes of answers, from a short text to JSON Schema (the dialect of OpenAPI 3.1).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const SHAPES: &str = include_str!("shapes.txt");

/// All shapes, as the components of an OpenAPI document.
pub fn all() -> Map<String, Value> {
    let mut schemas: Map<String, Value> = Map::new();
    let mut last = String::new();
    for line in SHAPES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(field) = line.strip_prefix("  ") {
            let (name, kind) = field.split_once(' ').unwrap_or((field, "any"));
            let shape = schemas.entry(last.clone()).or_insert_with(object);
            add(shape, name, kind);
            continue;
        }
        let (head, same) = match line.split_once(" = ") {
            Some((head, same)) => (head, Some(same)),
            None => (line, None),
        };
        let name = head.trim_end_matches('+');
        last = name.to_owned();
        let mut shape = same.map_or_else(object, schema);
        if head.ends_with('+') && same.is_some() {
            shape = json!({ "allOf": [shape, reference("Fresh")] });
        } else if head.ends_with('+') {
            add(&mut shape, "as_of", "time");
            add(&mut shape, "freshness", "Freshness");
        }
        schemas.insert(name.to_owned(), shape);
    }
    let mut fresh = object();
    add(&mut fresh, "as_of", "time");
    add(&mut fresh, "freshness", "Freshness");
    schemas.insert("Fresh".to_owned(), fresh);
    schemas
}

fn object() -> Value {
    json!({ "type": "object", "properties": {}, "required": [] })
}

/// Adds a field; one whose type ends with `~` may be left out.
fn add(shape: &mut Value, name: &str, kind: &str) {
    let required = !kind.ends_with('~');
    shape["properties"][name] = schema(kind.trim_end_matches('~'));
    if required && let Some(list) = shape["required"].as_array_mut() {
        list.push(name.into());
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schema(kind: &str) -> Value {
    if let Some(kind) = kind.strip_suffix('?') {
        let inner = schema(kind);
        return json!({ "anyOf": [inner, { "type": "null" }] });
    }
    if let Some(item) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        return json!({ "type": "array", "items": schema(item) });
    }
    if let Some(item) = kind.strip_prefix('{').and_then(|kind| kind.strip_suffix('}')) {
        return json!({ "type": "object", "additionalProperties": schema(item) });
    }
    if kind.contains('|') {
        return json!({ "type": "string", "enum": kind.split('|').collect::<Vec<_>>() });
    }
    match kind {
        "text" => json!({ "type": "string" }),
        "time" => json!({ "type": "string", "format": "date-time" }),
        "day" => json!({ "type": "string", "format": "date" }),
        "count" => json!({ "type": "integer", "minimum": 0 }),
        "number" => json!({ "type": "number" }),
        "flag" => json!({ "type": "boolean" }),
        "any" => json!({}),
        name => reference(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_there() {
        let schemas = all();
        let text = serde_json::to_string(&schemas).expect("JSON");
        for name in text.split("#/components/schemas/").skip(1) {
            let name = name.split('"').next().unwrap_or_default();
            assert!(schemas.contains_key(name), "{name} is no shape");
        }
        assert_eq!(schemas["Scope"]["required"], json!(["kind"]));
    }
}
