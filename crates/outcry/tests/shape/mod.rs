//! Answers against the shapes that the OpenAPI document gives them. A field that the document does
//! not have is as wrong as one that is missing.

use std::collections::BTreeMap;

use serde_json::Value;

/// Everything that is wrong with `value`, each with where.
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    look(document, schema, value, "$", &mut faults);
    faults
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => {
            let pointer = place.trim_start_matches('#');
            let found = document.pointer(pointer).unwrap_or_else(|| panic!("{place} is nowhere"));
            resolved(document, found)
        }
        None => schema,
    }
}

/// Fields that an object may have, and those it must have.
fn fields<'a>(
    document: &'a Value,
    schema: &'a Value,
    may: &mut BTreeMap<&'a str, &'a Value>,
    must: &mut Vec<&'a str>,
) {
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields(document, part, may, must);
    }
    let properties = schema["properties"].as_object();
    may.extend(properties.into_iter().flatten().map(|(name, it)| (name.as_str(), it)));
    must.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
}

fn look(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &Value| self::faults(document, choice, value);
        let tried: Vec<Vec<String>> = choices.iter().map(fits).collect();
        if tried.iter().all(|faults| !faults.is_empty()) {
            faults.push(format!("{at}: {:?}", tried.first()));
        }
        return;
    }
    let kind = schema["type"].as_str().or(schema["allOf"].is_array().then_some("object"));
    let fits = match kind {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => true,
    };
    if !fits {
        return faults.push(format!("{at}: {value} is no {kind:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        faults.push(format!("{at}: {value} is none of {words:?}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        look(document, &schema["items"], item, &format!("{at}[{index}]"), faults);
    }
    let Some(object) = value.as_object() else { return };
    if schema["additionalProperties"].is_object() {
        for (name, item) in object {
            look(document, &schema["additionalProperties"], item, &format!("{at}.{name}"), faults);
        }
        return;
    }
    let (mut may, mut must) = (BTreeMap::new(), Vec::new());
    fields(document, schema, &mut may, &mut must);
    if may.is_empty() {
        return;
    }
    for name in must.iter().filter(|name| !object.contains_key(**name)) {
        faults.push(format!("{at}.{name} is missing"));
    }
    for (name, item) in object {
        match may.get(name.as_str()) {
            Some(schema) => look(document, schema, item, &format!("{at}.{name}"), faults),
            None => faults.push(format!("{at}.{name} is in no shape")),
        }
    }
}
