//! Error envelopes: an API that answers 200 and says in JSON or XML that it failed.
//!
//! An envelope is an object that says "error" about itself and carries no data. Lists of errors,
//! counters at zero and texts about errors are data.

use serde_json::Map;
use serde_json::Value;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::envelope::keys::BESIDE_KEYS;
use crate::soft::envelope::keys::CODE_KEYS;
use crate::soft::envelope::keys::COUNT_KEYS;
use crate::soft::envelope::keys::DATA_KEYS;
use crate::soft::envelope::keys::ERROR_KEYS;
use crate::soft::envelope::keys::FOREIGN_ERRORS;
use crate::soft::envelope::keys::HEALTH_KEYS;
use crate::soft::envelope::keys::MESSAGE_KEYS;
use crate::soft::envelope::keys::SUCCESS_KEYS;
use crate::soft::envelope::keys::VERDICT_KEYS;
use crate::soft::envelope::keys::WRAPPERS;
use crate::soft::envelope::keys::ZERO_KEYS;
use crate::soft::envelope::values::BAD_CODES;
use crate::soft::envelope::values::GOOD_WORDS;
use crate::soft::envelope::values::NOTHING;
use crate::soft::envelope::values::denies;
use crate::soft::envelope::values::is_bad_word;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::Concepts;

mod keys;
mod state;
mod values;
mod wall;
mod xml;

/// An object with more keys than this is data that has an error among it.
const KEYS_MAX: usize = 14;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    match reading.kind {
        Kind::Json => {
            let value = serde_json::from_str::<Value>(reading.source.trim()).ok()?;
            // A batch of calls is answered by a list; where all of them failed, so did it.
            if let Value::Array(batch) = &value {
                // What has more to say of itself is an entry of a list: of incidents, of jobs.
                let is_call = |it: &&Map<String, Value>| it.len() <= CALL_KEYS_MAX;
                let said = batch.iter().map(|it| it.as_object().filter(is_call).and_then(judge));
                let said: Option<Vec<String>> = said.take(BATCH_MAX).collect();
                let first = said?.into_iter().next()?;
                return Finding::fails(0.8, format!("the JSON says: {first}"));
            }
            // A sentence as JSON, and nothing else.
            if let Value::String(text) = &value {
                let is_short = text.chars().count() <= SENTENCE_CHARS && !denies(text);
                let fails = words::failing(words::concepts_of(&text.to_lowercase())) >= 1.5;
                let what = || format!("the JSON says: “{}”", quote(text));
                return (is_short && fails).then(|| Finding::fails(0.7, what()))?;
            }
            let object = value.as_object()?;
            if let Some(what) = state::in_upkeep(object).or_else(|| state::no_shards(object)) {
                return Finding::fails(0.8, what);
            }
            if let Some(said) = wall::turns_away(object) {
                return Finding::blocks(
                    0.85,
                    format!("the JSON asks whether we are human: {said}"),
                );
            }
            judge(object).map(|what| Finding::fails(0.85, format!("the JSON says: {what}")))?
        }
        Kind::Xml => xml::look(&reading.source),
        _ => None,
    }
}

/// Keys of one answer of a batch: its number, its version, its error.
const CALL_KEYS_MAX: usize = 4;
/// Answers of a batch that are looked at.
const BATCH_MAX: usize = 64;
/// Keys that a wall has at most.
const WALL_KEYS_MAX: usize = 8;

/// What an envelope says, if it is one.
fn judge(object: &Map<String, Value>) -> Option<String> {
    if object.len() > KEYS_MAX || is_catalogue(object) {
        return None;
    }
    let lower: Vec<(String, &Value)> =
        object.iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
    let find = |keys: &[&str], ends: &[&str]| {
        lower.iter().find(|(key, value)| {
            let is_key = keys.contains(&key.as_str()) || ends.iter().any(|end| key.ends_with(end));
            is_key && is_something(value)
        })
    };
    let has_data = lower.iter().any(|(key, value)| {
        DATA_KEYS.contains(&key.as_str())
            && matches!(value, Value::Array(_) | Value::Object(_))
            && is_something(value)
            && !is_hollow(value)
    });
    // A page of a list whose entries are errors: an encyclopedia, a log.
    let is_counted = lower.iter().any(|(key, value)| {
        COUNT_KEYS.contains(&key.as_str()) && matches!(value, Value::Number(_))
    });
    let is_list =
        |value: &Value| matches!(value, Value::Array(items) if is_counted && !items.is_empty());
    let has_data = has_data || lower.iter().any(|(_, value)| is_list(value));
    let fails = |text: &str| {
        if denies(text) {
            return false;
        }
        let concepts = words::concepts_of(&text.to_lowercase());
        words::failing(concepts) >= 1.0 || concepts.has_any(TROUBLE)
    };
    let messages = || {
        let of = lower.iter().filter(|(key, _)| is_message(key));
        of.filter_map(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
    };
    // A title, a message and a hint: the one that fails is the one that matters.
    let message = messages().find(|text| fails(text)).or_else(|| messages().next());
    // "failure_message" is of the thing that failed, and "message" of the call.
    let is_told = find(MESSAGE_KEYS, &[]).is_some();
    let message_fails = message.is_some_and(fails);
    let said = |what: &Value| {
        let own = what.get("message").or_else(|| what.get(0).and_then(|it| it.get("message")));
        let text = message.map(str::to_owned).or(own.and_then(Value::as_str).map(str::to_owned));
        format!("“{}”", quote(&text.unwrap_or_else(|| what.to_string())))
    };
    // What names things besides is about them: the "code" of weather, the "title" of an article.
    let strangers = lower.iter().filter(|(key, it)| !is_of_envelopes(key) && is_something(it));
    let strangers = strangers.count();
    // {"number": …, "valid": false, "errors": […]}: a verdict on what was asked about.
    let is_verdict = strangers > 0
        && lower
            .iter()
            .any(|(key, value)| VERDICT_KEYS.contains(&key.as_str()) && value.is_boolean());
    if is_verdict {
        return None;
    }
    // The errors that a thing may show, in its manual.
    let is_manual = |value: &Value| {
        let is_many = match value {
            Value::Array(list) => strangers >= MANUAL_KEYS_MIN && list.len() > 1,
            Value::Object(texts) => is_catalogue(texts) || strangers > 0 && lists_errors(texts),
            _ => false,
        };
        is_many && message.is_none()
    };
    let is_named =
        |(key, it): &&(String, &Value)| names_error(key) && !it.is_number() && is_something(it);
    let named = lower.iter().find(is_named);
    if let Some((key, value)) =
        find(ERROR_KEYS, &["errorcode", "errortype", "error_code"]).or(named)
        && !has_data
        && !is_manual(value)
        && !matches!(value, Value::Number(_) if !key.contains("code") && !message_fails)
    {
        return Some(said(value));
    }
    // GraphQL answers in part: what is missing failed.
    if let (Some(Value::Array(errors)), true) = (object.get("errors"), object.contains_key("data"))
        && !errors.is_empty()
    {
        return Some(said(&Value::Array(errors.clone())));
    }
    if has_data {
        return None;
    }
    // {"error_code": 0, …}: whatever the thing is that was asked for, the call went well.
    let is_zero = |(key, value): &(String, &Value)| {
        ZERO_KEYS.contains(&key.as_str()) && value.as_i64() == Some(0)
    };
    if strangers > 0 && lower.iter().any(is_zero) {
        return None;
    }
    let bad = lower.iter().find(|(key, value)| match value {
        Value::Bool(false) => {
            SUCCESS_KEYS.contains(&key.as_str())
                || HEALTH_KEYS.contains(&key.as_str()) && strangers <= STATE_KEYS_MAX
        }
        Value::String(text) => {
            let is_code = is_code_key(key) && !matches!(text.trim_matches('0'), "" | "2");
            // What has names of its own has a state of its own: an order, a parcel, a build.
            (SUCCESS_KEYS.contains(&key.as_str())
                && is_bad_word(&text.to_lowercase())
                && (strangers <= STATE_KEYS_MAX || is_told))
                || (is_code && message_fails && (strangers <= STATE_KEYS_MAX || is_told))
                || (is_named_code(key, text) && message.is_some())
        }
        Value::Number(number) => {
            let code = number.as_i64().unwrap_or(0);
            (CODE_KEYS.contains(&key.as_str()) || is_code_key(key))
                && (((400..=599).contains(&code)
                    && (strangers == 0 || message_fails && strangers == 1))
                    || (code != 0 && code != 200 && message_fails && strangers <= 1))
        }
        _ => false,
    });
    if let Some((_, value)) = bad {
        return Some(said(value));
    }
    // It says itself that all is well; what else it says is what was asked for.
    let is_well = lower.iter().any(|(key, value)| match value {
        Value::Null => ERROR_KEYS.contains(&key.as_str()),
        Value::Bool(well) => *well && SUCCESS_KEYS.contains(&key.as_str()),
        Value::String(word) => {
            let is_state = SUCCESS_KEYS.contains(&key.as_str());
            is_state && GOOD_WORDS.contains(&word.to_lowercase().as_str())
        }
        _ => false,
    });
    // {"title": "How to mend it", "body": …}: something to read.
    let is_text = ["title", "headline"].iter().any(|key| object.contains_key(*key))
        && ["body", "content", "html", "excerpt"].iter().any(|key| object.contains_key(*key));
    if is_well || is_text {
        return None;
    }
    let strong = message.is_some_and(|text| {
        !denies(text) && words::failing(words::concepts_of(&text.to_lowercase())) >= 2.0
    });
    // What is described, and has a name, is something that was asked for.
    let names = |(key, value): &(String, &Value)| {
        matches!(&**key, "name" | "slug" | "sku") && value.is_string()
    };
    let speaks =
        |(key, _): &(String, &Value)| matches!(&**key, "message" | "msg" | "detail" | "details");
    if lower.iter().any(names) && !lower.iter().any(speaks) {
        return None;
    }
    if (strong && object.len() <= 5 && strangers <= 1) || (message_fails && object.len() <= 2) {
        return Some(said(&Value::Null));
    }
    // {"detail": [{"msg": …}]}, and nothing else.
    let details = lower.iter().filter(|(key, _)| MESSAGE_KEYS.contains(&key.as_str()));
    let lists = |value: &Value| {
        let of = |it: &Value| it.get("msg").or_else(|| it.get("message")).is_some();
        value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(of))
    };
    if object.len() <= 2
        && let Some((_, list)) = details.into_iter().find(|(_, value)| lists(value))
    {
        return Some(said(list));
    }
    if let Some(text) = apologises(object) {
        return Some(format!("“{}”", quote(text)));
    }
    // Some put the envelope into another: {"response": {"error": …}}.
    // One of many names for it, and nothing beside it that is not empty.
    let is_alone = lower.iter().filter(|(_, value)| is_something(value)).count() == 1;
    // {"meta": {"status": 503, …}, …}: of the call itself, whatever stands beside it.
    let failed = lower.iter().filter(|(key, _)| WRAPPERS.contains(&key.as_str())).find_map(|it| {
        let codes = it.1.as_object()?.iter();
        let mut codes = codes.filter(|(key, _)| CODE_KEYS.contains(&key.to_lowercase().as_str()));
        codes.find_map(|(_, code)| code.as_i64().filter(|code| (500..600).contains(code)))
    });
    if let Some(code) = failed {
        return Some(format!("“{code}”"));
    }
    let inner = lower.iter().filter(|(key, _)| is_alone || WRAPPERS.contains(&key.as_str()));
    inner.filter_map(|(_, value)| value.as_object()).find_map(judge)
}

/// The apology of a small object that has nothing else to say, whatever its keys are called.
fn apologises(object: &Map<String, Value>) -> Option<&str> {
    let has_things = object.values().any(|value| {
        matches!(value, Value::Array(_) | Value::Object(_))
            && is_something(value)
            && !is_hollow(value)
    });
    let sentences = || object.values().filter_map(Value::as_str).filter(|it| it.contains(' '));
    let apologises = |text: &&str| {
        !denies(text) && words::failing(words::concepts_of(&text.to_lowercase())) >= APOLOGY
    };
    let apology = sentences().find(apologises)?;
    (!has_things && object.len() <= WALL_KEYS_MAX && sentences().count() <= SENTENCES_MAX)
        .then_some(apology)
}

/// Characters of a sentence that is the whole answer.
const SENTENCE_CHARS: usize = 160;
/// From this strength on a sentence is an apology.
const APOLOGY: f64 = 2.0;
/// Sentences that an envelope has at most: one, and it again in another language.
const SENTENCES_MAX: usize = 2;

const TROUBLE: Concepts = Concepts::BUSY.with(Concepts::UPKEEP).with(Concepts::DENIED);

/// A code, whatever it is a code of, in several languages.
fn is_code_key(key: &str) -> bool {
    ["code", "コード", "código", "codigo", "код", "kod"].iter().any(|end| key.ends_with(end))
}

fn is_message(key: &str) -> bool {
    MESSAGE_KEYS.contains(&key) || key.ends_with("msg") || key.ends_with("message")
}

/// A key that names an error in another language: "описаниеошибки", "felmeddelande".
fn names_error(key: &str) -> bool {
    let is_short = key.chars().count() <= KEY_CHARS_MAX;
    is_short
        && FOREIGN_ERRORS.iter().any(|it| match it.is_ascii() {
            true => key.starts_with(it),
            false => key.contains(it),
        })
}

/// Characters of a name of an error.
const KEY_CHARS_MAX: usize = 24;

fn is_named_code(key: &str, text: &str) -> bool {
    let name = text.to_lowercase();
    matches!(key, "code" | "status" | "error_code") && BAD_CODES.contains(&name.as_str())
}

/// Texts of an app, by their keys: "retry" is "Retry" in one of them, or most keys are no words of
/// envelopes.
fn is_catalogue(object: &Map<String, Value>) -> bool {
    let Some(texts) = texts_of(object) else { return false };
    if object.values().any(Value::is_object) {
        return texts >= CATALOGUE_TEXTS_MIN;
    }
    if object.len() < CATALOGUE_KEYS_MIN {
        return false;
    }
    let is_own_name = |(key, value): (&String, &Value)| {
        value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(key))
    };
    let known = object.keys().filter(|key| is_of_envelopes(&key.to_lowercase())).count();
    object.iter().any(is_own_name) || known * 2 < object.len()
}

/// What an app shows for each of several errors: {"E401": {…}, "E429": {…}}.
fn lists_errors(texts: &Map<String, Value>) -> bool {
    texts.len() > 1 && texts.values().all(Value::is_object)
}

/// Whether a key belongs to envelopes; others name what was asked for.
fn is_of_envelopes(key: &str) -> bool {
    [ERROR_KEYS, SUCCESS_KEYS, CODE_KEYS, MESSAGE_KEYS, DATA_KEYS, COUNT_KEYS, WRAPPERS]
        .iter()
        .chain([&BESIDE_KEYS])
        .any(|keys| keys.contains(&key))
        || key.ends_with("id")
        || key.ends_with("code")
        || key.ends_with("message")
}

/// How many texts an object and those within it have; `None` where anything else stands in them.
fn texts_of(object: &Map<String, Value>) -> Option<usize> {
    object.values().try_fold(0, |sum, value| match value {
        Value::String(_) => Some(sum + 1),
        Value::Object(inner) => Some(sum + texts_of(inner)?),
        _ => None,
    })
}

/// Fewer texts in parts are no catalogue.
const CATALOGUE_TEXTS_MIN: usize = 8;
/// Names of its own that a failed answer has at most.
const STATE_KEYS_MAX: usize = 2;
/// So many names beside a list of errors, and it is about what bears them.
const MANUAL_KEYS_MIN: usize = 2;
/// Fewer texts are no catalogue.
const CATALOGUE_KEYS_MIN: usize = 5;
fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            let lower = text.to_lowercase();
            !NOTHING.contains(&lower.as_str()) && !denies(text)
        }
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// An object all of whose fields are null.
fn is_hollow(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| fields.values().all(|field| !is_something(field)))
}
