//! The OpenAPI 3.1 document, made from the table of routes and the shapes of answers.
//!
//! It stands in `docs/reference/openapi.json` too, where a change of the interface is seen in
//! review; a test holds the two together.

mod shape;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::limit::REPORT_BODY_BYTES_MAX;
use crate::limit::TOKEN_CHARS_MAX;
use crate::open::Kind;
use crate::route::Answer;
use crate::route::Gives;
use crate::route::Route;
use crate::route::parameter::Parameter;
use crate::route::table::ROUTES;
use crate::site::Site;
use crate::words::Words;

/// The document as it is served and committed.
pub fn text(site: &Site) -> String {
    let mut text = serde_json::to_string_pretty(&document(&site.words)).expect("JSON");
    text.push('\n');
    text
}

/// The document.
pub fn document(words: &Words) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES.iter().filter(|route| route.is_open()) {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method().to_lowercase()] = operation(words, route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": words.say("openapi-title"),
            "version": "1",
            "description": words.say("openapi-description"),
            "license": { "name": "Apache 2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": shape::all() },
    })
}

fn operation(words: &Words, route: &Route) -> Value {
    let in_path = route.in_path().map(|it| parameter(words, it, "path"));
    let in_query = route.in_query().map(|it| parameter(words, it, "query"));
    let mut responses = json!({
        "404": problem(words, "openapi-missing"),
        "431": { "description": words.say("openapi-head") },
        "503": problem(words, "openapi-unavailable"),
    });
    let status = if route.answer == Answer::Report { "202" } else { "200" };
    responses[status] = json!({
        "description": words.say("openapi-ok"), "content": content(route),
    });
    let kept = matches!(route.answer, Answer::Open(_) | Answer::Page);
    if kept {
        responses["304"] = json!({ "description": words.say("openapi-not-modified") });
        responses["400"] = problem(words, "openapi-unreadable");
        responses["429"] = problem(words, "openapi-too-many");
    }
    if route.answer == Answer::Live {
        responses["204"] = json!({ "description": words.say("openapi-full") });
    }
    if route.answer == Answer::Health {
        // A server that is not well says so in the same words.
        responses["503"] = json!({
            "description": words.say("openapi-unwell"), "content": content(route),
        });
    }
    let mut operation = json!({
        "operationId": route.name,
        "summary": words.say(&format!("api-{}", route.name)),
        "tags": [tag(route)],
        "responses": responses,
    });
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if route.answer == Answer::Report {
        operation["requestBody"] = json!({
            "required": true, "content": { "application/json": {
                "schema": report(),
                "example": { "service": "x", "affected": "mobile_app", "problem": "not_loading" },
            } },
        });
        for (status, id) in [
            ("400", "openapi-unreadable"),
            ("403", "openapi-cross-site"),
            ("408", "openapi-slow"),
            ("413", "openapi-large"),
            ("415", "openapi-media"),
            ("422", "openapi-fields"),
            ("429", "openapi-too-many"),
        ] {
            operation["responses"][status] = problem(words, id);
        }
    }
    operation
}

/// The group an address stands in, as the data page shows them.
pub fn tag(route: &Route) -> &'static str {
    match route.answer {
        Answer::Open(Kind::Statuspage(_)) => "statuspage",
        Answer::Open(Kind::Feed(_)) => "feeds",
        Answer::Open(
            Kind::Badge(_) | Kind::Shield(_) | Kind::Card | Kind::Picture | Kind::OEmbed,
        ) => "embeds",
        _ => "numbers",
    }
}

fn parameter(words: &Words, parameter: &Parameter, place: &str) -> Value {
    let id = format!("param-{}", parameter.name.replace('_', "-"));
    let needed = place == "path" || parameter.name == "url";
    let mut value = json!({
        "name": parameter.name, "in": place, "required": needed,
        "description": words.say(&id), "schema": parameter.schema(),
    });
    if !parameter.example.is_empty() {
        value["example"] = match parameter.example.parse::<u32>() {
            Ok(number) if parameter.schema()["type"] == "integer" => number.into(),
            _ => parameter.example.into(),
        };
    }
    value
}

fn content(route: &Route) -> Value {
    let mut content: Map<String, Value> = Map::new();
    for media in route.gives.media() {
        let schema = match route.gives {
            Gives::Json(shape) => json!({ "$ref": format!("#/components/schemas/{shape}") }),
            Gives::AnyJson => json!({ "type": "object" }),
            Gives::Feed if *media == "application/feed+json" => json!({ "type": "object" }),
            Gives::Feed | Gives::Svg => json!({ "type": "string" }),
            _ => json!({}),
        };
        let value = if schema == json!({}) { json!({}) } else { json!({ "schema": schema }) };
        content.insert((*media).to_owned(), value);
    }
    content.into()
}

fn problem(words: &Words, id: &str) -> Value {
    json!({ "description": words.say(id), "content": { "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/Problem" },
    } } })
}

/// What a report holds; `docs/reference/api.md` says more.
fn report() -> Value {
    json!({
        "type": "object", "required": ["service"], "additionalProperties": false,
        "maxProperties": 6,
        "description": format!("{REPORT_BODY_BYTES_MAX} bytes at most"),
        "properties": {
            "service": { "type": "string" },
            // Null is the same as nothing.
            "affected": { "type": ["string", "null"] },
            "problem": { "type": ["string", "null"] },
            "works": { "type": ["boolean", "null"] },
            "comment": { "type": ["string", "null"], "maxLength": 500 },
            "token": { "type": ["string", "null"], "maxLength": TOKEN_CHARS_MAX },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");

    #[test]
    fn the_committed_document_is_that_of_the_routes() {
        let mut made = serde_json::to_string_pretty(&document(&Words::english())).expect("JSON");
        made.push('\n');
        if std::env::var_os("OUTCRY_WRITE_OPENAPI").is_some() {
            std::fs::write(COMMITTED, &made).expect("writable");
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(
            committed == made,
            "docs/reference/openapi.json is of other routes; run this test with \
             OUTCRY_WRITE_OPENAPI=1 and look at the difference"
        );
    }
}
