//! Several requests in a row, as a person makes them: open the page, log in, look at the basket.
//!
//! A step may capture values of its answer, and later steps write them as `{name}` in their path,
//! heads and body. Cookies that an answer sets go back to the host that set them. Between two
//! steps to one host there is a pause, so that a flow is as polite as single looks.
//!
//! Hosts cannot be captured: what is spoken to stands in the configuration and passes the filter
//! like any other.
//!
//! # What it cannot tell
//!
//! Scripts are not run: a flow speaks to what a page speaks to. Attributes of cookies are not
//! looked at; all of them end with the flow.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header;

use crate::address::Host;
use crate::address::Url;
use crate::condition::Condition;
use crate::condition::value::Path;
use crate::condition::value::Value;
use crate::dial;
use crate::guard::Family;
use crate::phase::About;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::exchange;
use crate::probe::exchange::Message;
use crate::probe::exchange::Way;
use crate::probe::http as web;
use crate::probe::http::StatusRule;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::probe::outcome::Verdict;
use crate::probe::page::Page;

/// Steps a flow may have.
pub const STEPS_MAX: usize = 16;
/// Values one step may capture.
pub const CAPTURES_MAX: usize = 16;
/// Bytes of one captured value.
pub const VALUE_BYTES_MAX: usize = 4_096;
/// Cookies that are kept.
const COOKIES_MAX: usize = 64;
/// Pause between two steps to one host, when nothing else is said.
pub const PAUSE: Duration = Duration::from_secs(1);
/// How long a flow may take, pauses included, when nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Several requests in a row.
#[derive(Clone, Debug)]
pub struct Target {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Over which family.
    pub family: Family,
    /// For the flow as a whole, pauses included.
    pub timeout: Duration,
    /// Between two steps to one host.
    pub pause: Duration,
    /// Whether answers are looked at for soft failures.
    pub is_judged: bool,
}

/// One request, what has to hold for its answer, and what is kept of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, for the reason.
    pub name: Box<str>,
    /// Where; `{name}` may stand in path and query.
    pub url: Url,
    /// GET, POST, …
    pub method: Method,
    /// Heads; `{name}` may stand in values.
    pub headers: Vec<(HeaderName, Box<str>)>,
    /// The body; `{name}` may stand in it.
    pub body: Box<str>,
    /// What is kept of the answer.
    pub captures: Vec<Capture>,
    /// What has to hold.
    pub conditions: Vec<Condition>,
}

/// A value that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Under which name.
    pub name: Box<str>,
    /// Where it is found.
    pub place: Place,
}

/// Where in an answer a value is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a path into a body of JSON: `[BODY].token`.
    Body(Path),
    /// In a head: `[HEADER].location`.
    Header(HeaderName),
    /// In the body after this text and before that: `name="csrf" value="…"`.
    Between(Box<str>, Box<str>),
}

impl Place {
    /// Reads `[BODY].path`, `[HEADER].name`, or text around `…` (or `...`).
    ///
    /// # Errors
    ///
    /// What to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("[BODY]") {
            let path = Path::parse(path).map_err(|(_, reason)| reason.to_owned())?;
            return Ok(Self::Body(path));
        }
        if let Some(name) = text.strip_prefix("[HEADER].") {
            let name = HeaderName::try_from(name);
            return name.map(Self::Header).map_err(|_| format!("{text:?} names no head"));
        }
        let around = text.split_once('…').or_else(|| text.split_once("..."));
        match around {
            Some((before, after)) if !before.is_empty() && !after.is_empty() => {
                Ok(Self::Between(before.into(), after.into()))
            }
            _ => Err("\"[BODY].token\", \"[HEADER].location\", or the text before and after \
                      the value with … between, as in 'name=\"csrf\" value=\"…\"'"
                .to_owned()),
        }
    }

    fn find(&self, sight: &Sight) -> Option<String> {
        let found = match self {
            Self::Body(path) => match path.find(&sight.facts.body) {
                Value::Missing => return None,
                value => value.to_string(),
            },
            Self::Header(name) => sight.facts.headers.get(name)?.to_str().ok()?.to_owned(),
            Self::Between(before, after) => {
                let text = String::from_utf8_lossy(&sight.facts.body);
                let from = text.find(&**before)? + before.len();
                let until = text[from..].find(&**after)? + from;
                text[from..until].to_owned()
            }
        };
        (found.len() <= VALUE_BYTES_MAX).then_some(found)
    }
}

impl Target {
    /// The host of the first step.
    pub fn first_host(&self) -> Option<&Host> {
        self.steps.first().map(|step| &step.url.host)
    }
}

/// What a flow carries from step to step.
#[derive(Debug, Default)]
struct Bag {
    values: BTreeMap<Box<str>, String>,
    cookies: Vec<(Host, String, String)>,
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.timeout, async |sight: &mut Sight| {
        let mut bag = Bag::default();
        let mut seen: Vec<&Host> = Vec::new();
        for (number, step) in target.steps.iter().take(STEPS_MAX).enumerate() {
            if seen.contains(&&step.url.host) {
                sight.watch.enter(Phase::Condition);
                tokio::time::sleep(target.pause).await;
            }
            seen.push(&step.url.host);
            let done = take_step(step, target, context, sight, &mut bag).await;
            let named = |reason: &str| format!("step {} ({}): {reason}", number + 1, step.name);
            if let Err(mut fault) = done {
                fault.reason = named(&fault.reason).into();
                return Err(fault);
            }
            if let Some((_, fault)) = &mut sight.judgement {
                fault.reason = named(&fault.reason).into();
                return Ok(());
            }
        }
        Ok(())
    })
    .await
}

async fn take_step(
    step: &Step,
    target: &Target,
    context: &Context,
    sight: &mut Sight,
    bag: &mut Bag,
) -> Result<(), Fault> {
    let url = Url { path: path_of(&step.url.path, &bag.values).into(), ..step.url.clone() };
    let message = compose(step, bag).map_err(dial::refuse)?;
    let way = Way { url: &url, family: target.family, tls: &context.tls };
    let began = std::time::Instant::now();
    exchange::fetch(way, &message, context, sight).await?;
    sight.facts.took = began.elapsed();
    sight.watch.enter(Phase::Condition);
    keep_cookies(&url.host, &sight.facts.headers, &mut bag.cookies);
    let page = Page {
        url: &url,
        redirects: 0,
        status: sight.facts.status.unwrap_or_default(),
        headers: &sight.facts.headers,
        body: &sight.facts.body,
        is_cut: sight.facts.body_is_cut,
        usual: None,
    };
    let by_conditions = step.conditions.iter().any(Condition::reads_status);
    let rule = if by_conditions { StatusRule::Conditions } else { StatusRule::Usual };
    let is_judged = target.is_judged && step.method != Method::HEAD;
    if let Some((verdict, reason)) = web::weigh(&page, rule, is_judged, context.judge) {
        let fault = Fault { phase: Phase::Processing, about: About::Target, reason: reason.into() };
        if verdict == Verdict::Failed {
            return Err(fault);
        }
        sight.judgement = Some((verdict, fault));
        return Ok(());
    }
    let refuse = |reason: String| Fault {
        phase: Phase::Condition,
        about: About::Target,
        reason: reason.into(),
    };
    for condition in &step.conditions {
        let ruling = condition.rule(&sight.facts, sight.address, super::now_unix_s());
        if !ruling.holds {
            return Err(refuse(ruling.shown.into()));
        }
    }
    for capture in step.captures.iter().take(CAPTURES_MAX) {
        let found = capture.place.find(sight);
        let found = found.ok_or_else(|| refuse(format!("{:?} is not there", &*capture.name)))?;
        bag.values.insert(capture.name.clone(), found);
    }
    Ok(())
}

fn compose(step: &Step, bag: &Bag) -> Result<Message, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &step.headers {
        let value = HeaderValue::try_from(fill(value, &bag.values))
            .map_err(|_| format!("the head {name} has a value that cannot be sent"))?;
        headers.insert(name.clone(), value);
    }
    let of_host = bag.cookies.iter().filter(|(host, _, _)| *host == step.url.host);
    let cookies: Vec<String> = of_host.map(|(_, name, value)| format!("{name}={value}")).collect();
    if !cookies.is_empty()
        && let Ok(value) = HeaderValue::try_from(cookies.join("; "))
    {
        headers.insert(header::COOKIE, value);
    }
    let body = Bytes::from(fill(&step.body, &bag.values));
    Ok(Message { method: step.method.clone(), headers, body })
}

/// Replaces each `{name}` that is known.
fn fill(text: &str, values: &BTreeMap<Box<str>, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let name = from.find('}').map(|close| &from[1..close]);
        match name.and_then(|name| values.get(name)) {
            Some(value) => {
                filled.push_str(value);
                rest = &from[name.map_or(0, str::len) + 2..];
            }
            None => {
                filled.push('{');
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The names in braces that a text asks for.
pub fn named(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
    inner.filter(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    })
}

/// The path to ask for. The reader of addresses encoded the braces of names, and encodes those that
/// are none.
fn path_of(path: &str, values: &BTreeMap<Box<str>, String>) -> String {
    let written = path.replace("%7B", "{").replace("%7D", "}");
    fill_path(&written, values).replace('{', "%7B").replace('}', "%7D")
}

/// The same in a path, where values are percent-encoded: none can become another part of it.
fn fill_path(text: &str, values: &BTreeMap<Box<str>, String>) -> String {
    let encoded = values.iter().map(|(name, value)| {
        let mut safe = String::new();
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    safe.push(char::from(byte));
                }
                _ => safe.push_str(&format!("%{byte:02X}")),
            }
        }
        (name.clone(), safe)
    });
    fill(text, &encoded.collect())
}

fn keep_cookies(host: &Host, headers: &HeaderMap, cookies: &mut Vec<(Host, String, String)>) {
    for set in headers.get_all(header::SET_COOKIE) {
        let Some((name, rest)) = set.to_str().ok().and_then(|text| text.split_once('=')) else {
            continue;
        };
        let value = rest.split(';').next().unwrap_or_default().trim();
        cookies.retain(|(at, known, _)| !(at == host && known == name));
        if cookies.len() < COOKIES_MAX {
            cookies.push((host.clone(), name.trim().to_owned(), value.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captured_values_are_written_where_they_are_named() {
        let values = BTreeMap::from([("id".into(), "a/b?c".to_owned())]);
        assert_eq!(fill("{\"id\":\"{id}\",\"x\":{y}}", &values), "{\"id\":\"a/b?c\",\"x\":{y}}");
        assert_eq!(fill_path("/u/{id}?q={id}", &values), "/u/a%2Fb%3Fc?q=a%2Fb%3Fc");
        let url = Url::parse("https://a.example/u/{id}?q={id}&r={x}").unwrap();
        assert_eq!(path_of(&url.path, &values), "/u/a%2Fb%3Fc?q=a%2Fb%3Fc&r=%7Bx%7D");
        assert_eq!(fill("{", &values), "{");
        assert_eq!(fill("{id", &values), "{id");
    }

    #[test]
    fn places_are_read_and_others_are_told_what_to_write() {
        assert!(matches!(Place::parse("[BODY].a[0]"), Ok(Place::Body(_))));
        assert!(matches!(Place::parse("[HEADER].location"), Ok(Place::Header(_))));
        let between = Place::parse("value=\"…\"");
        assert_eq!(between, Ok(Place::Between("value=\"".into(), "\"".into())));
        assert!(Place::parse("token").unwrap_err().contains("[BODY].token"));
    }

    #[test]
    fn cookies_go_back_to_the_host_that_set_them_and_no_other() {
        let (host, other) = (Host::Name("a.example".into()), Host::Name("b.example".into()));
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("sid=1; Path=/; HttpOnly"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("theme=dark"));
        let mut bag = Bag::default();
        keep_cookies(&host, &headers, &mut bag.cookies);
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("sid=2"));
        keep_cookies(&host, &headers, &mut bag.cookies);
        let step = |host: &Host| Step {
            name: "s".into(),
            url: Url::parse(&format!("https://{host}/")).unwrap(),
            method: Method::GET,
            headers: Vec::new(),
            body: "".into(),
            captures: Vec::new(),
            conditions: Vec::new(),
        };
        let message = compose(&step(&host), &bag).unwrap();
        assert_eq!(message.headers[header::COOKIE], "theme=dark; sid=2");
        assert!(compose(&step(&other), &bag).unwrap().headers.is_empty());
    }
}
