//! What a check says besides its target: the message that is sent, its heads, and the steps of a
//! flow.

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header;
use std::time::Duration;

use crate::address::Url;
use crate::define::StepDefinition;
use crate::define::build::Reader;
use crate::guard::Family;
use crate::probe::exchange::Message;
use crate::probe::flow;
use crate::probe::http as web;
use crate::probe::tcp;

/// Heads that say how a message is carried, which is the probe's to say.
const OURS: [&str; 7] =
    ["connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"];

/// What a probe may send. `CONNECT` and `TRACE` are for proxies.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

fn is_credential((name, _): &(String, String)) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

impl Reader<'_> {
    pub(super) fn is_judged(&mut self) -> Option<bool> {
        match self.it.soft.as_deref() {
            None | Some("on") => Some(true),
            Some("off") => Some(false),
            Some(other) => {
                self.wrong("soft", format!("{other:?} is neither"), "\"on\" or \"off\"");
                None
            }
        }
    }

    pub(super) fn security(&mut self) -> Option<tcp::Security> {
        let Some(name) = &self.it.starttls else { return Some(tcp::Security::Plain) };
        let greeting = tcp::Greeting::parse(name);
        if greeting.is_none() {
            let instead = "\"smtp\", \"imap\", \"pop3\", \"ftp\" or \"postgres\"";
            self.wrong("starttls", format!("{name:?} is no such protocol"), instead);
        }
        greeting.map(tcp::Security::StartTls)
    }

    pub(super) fn steps_of_port(&self) -> Vec<tcp::Step> {
        let (send, expect) = (&self.it.send, &self.it.expect);
        if send.is_none() && expect.is_none() {
            return Vec::new();
        }
        let bytes = |text: &Option<String>| Bytes::from(text.clone().unwrap_or_default());
        vec![tcp::Step { send: bytes(send), expect: bytes(expect) }]
    }

    pub(super) fn message(&mut self) -> Option<Message> {
        let it = self.it;
        let method = self.method("method", it.method.as_deref());
        let given = self.headers("headers", &it.headers);
        let mut headers = HeaderMap::new();
        for (name, value) in given? {
            let Ok(value) = HeaderValue::try_from(&*value) else {
                self.wrong("headers", format!("the value of {name} cannot be sent"), "plain text");
                return None;
            };
            headers.insert(name, value);
        }
        let pair = it.basic.as_ref().map(|pair| pair.split_once(':'));
        if pair == Some(None) {
            let what = "basic authentication needs a name and a password";
            self.wrong("basic", what, "\"name:password\", best as \"$VARIABLE\"");
        }
        let ways = [it.basic.is_some(), it.bearer.is_some(), it.headers.iter().any(is_credential)];
        if ways.into_iter().filter(|is_given| *is_given).count() > 1 {
            let what = "only one of `basic`, `bearer` and the head authorization can be sent";
            self.wrong("headers", what, "one of them");
        }
        if method == Some(Method::HEAD) {
            if it.body.is_some() {
                self.wrong("body", "HEAD sends no body", "method = \"POST\", or no `body`");
            }
            if it.conditions.iter().any(|line| line.contains("[BODY]")) {
                let what = "the answer to HEAD has no body";
                self.wrong("conditions", what, "method = \"GET\", or another condition");
            }
        }
        let basic = pair.flatten().map(|(user, password)| web::basic(user, password));
        for secret in [basic, it.bearer.as_deref().map(web::bearer)].into_iter().flatten() {
            match secret {
                Some(value) => {
                    headers.insert(header::AUTHORIZATION, value);
                }
                None => self.wrong("bearer", "a secret has letters that cannot be sent", "ASCII"),
            }
        }
        Some(Message {
            method: method?,
            headers,
            body: Bytes::from(it.body.clone().unwrap_or_default()),
        })
    }

    pub(super) fn method(&mut self, field: &'static str, name: Option<&str>) -> Option<Method> {
        let name = name.unwrap_or("GET");
        let upper = name.to_ascii_uppercase();
        let read = METHODS.into_iter().find(|method| method.as_str() == upper);
        if read.is_none() {
            let known = METHODS.map(|method| method.to_string()).join(", ");
            self.wrong(
                field,
                format!("{name:?} is no method of a probe"),
                format!("one of {known}"),
            );
        }
        read
    }

    pub(super) fn headers(
        &mut self,
        field: &'static str,
        given: &[(String, String)],
    ) -> Option<Vec<(HeaderName, Box<str>)>> {
        let mut read = Vec::new();
        for (name, value) in given {
            let Ok(name) = HeaderName::try_from(name.as_str()) else {
                self.wrong(field, format!("{name:?} is no name of a head"), "such as \"accept\"");
                return None;
            };
            if OURS.contains(&name.as_str()) {
                let what = format!("the head {name} is set by the probe itself");
                self.wrong(field, what, "the others, and `body` for what is sent");
            }
            if name == header::HOST && flow::named(value).next().is_some() {
                let what = "a host is never captured";
                self.wrong(field, what, "the host itself");
            }
            if read.iter().any(|(known, _)| *known == name) {
                self.wrong(field, format!("the head {name} is there twice"), "one of them");
            }
            read.push((name, value.as_str().into()));
        }
        Some(read)
    }

    pub(super) fn flow(
        &mut self,
        timeout: Option<Duration>,
        family: Family,
    ) -> Option<flow::Target> {
        let count = self.it.steps.len();
        if !(1..=flow::STEPS_MAX).contains(&count) {
            let what = format!("a flow of {count} steps");
            self.wrong("step", what, format!("1 to {} [[probe.step]]", flow::STEPS_MAX));
            return None;
        }
        let it = self.it;
        self.hang_together();
        let steps: Vec<_> = it.steps.iter().filter_map(|step| self.step(step)).collect();
        Some(flow::Target {
            steps,
            family,
            timeout: timeout.unwrap_or(flow::TIMEOUT),
            pause: flow::PAUSE,
            is_judged: self.is_judged()?,
        })
    }

    /// Each step has a name of its own, and names only what an earlier one has kept.
    fn hang_together(&mut self) {
        let mut names: Vec<&str> = Vec::new();
        let mut kept: Vec<&str> = Vec::new();
        for step in &self.it.steps {
            if names.contains(&step.name.as_str()) {
                let what = format!("two steps are called {:?}", step.name);
                self.wrong("step", what, "a name of its own for each");
            }
            names.push(&step.name);
            let heads = step.headers.iter().map(|(_, value)| value.as_str());
            for name in heads.chain([step.url.as_str()]).flat_map(flow::named) {
                if !kept.contains(&name) {
                    let what = format!("step {:?}: nothing before it keeps {name:?}", step.name);
                    let instead =
                        format!("capture = {{ {name} = \"[BODY].…\" }} in an earlier step");
                    self.wrong("step", what, instead);
                }
            }
            kept.extend(step.capture.iter().map(|(name, _)| name.as_str()));
        }
    }

    pub(super) fn step(&mut self, step: &StepDefinition) -> Option<flow::Step> {
        let url = match Url::parse(&step.url) {
            Ok(url) if matches!(&*url.scheme, "http" | "https") => url,
            Ok(_) | Err(_) => {
                let what = format!("step {:?}: {:?} is no page", step.name, step.url);
                self.wrong("step", what, "\"https://example.org/login\"");
                return None;
            }
        };
        let mut captures = Vec::new();
        for (name, place) in &step.capture {
            match flow::Place::parse(place) {
                Ok(place) => captures.push(flow::Capture { name: name.as_str().into(), place }),
                Err(instead) => {
                    let what = format!("step {:?}: {place:?} is no place in an answer", step.name);
                    self.wrong("step", what, instead);
                }
            }
        }
        let conditions = self.conditions("step", &step.conditions);
        self.sees("flow", "step", &conditions);
        Some(flow::Step {
            name: step.name.as_str().into(),
            url,
            method: self.method("step", step.method.as_deref())?,
            headers: self.headers("step", &step.headers)?,
            body: step.body.clone().unwrap_or_default().into(),
            captures,
            conditions,
        })
    }
}
