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
        let method = self.method("method", it.method.as_deref())?;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers("headers", &it.headers)? {
            let Ok(value) = HeaderValue::try_from(&*value) else {
                self.wrong("headers", format!("the value of {name} cannot be sent"), "plain text");
                return None;
            };
            headers.insert(name, value);
        }
        let basic = it.basic.as_ref().map(|pair| pair.split_once(':').unwrap_or((pair, "")));
        let basic = basic.map(|(user, password)| web::basic(user, password));
        for secret in [basic, it.bearer.as_deref().map(web::bearer)].into_iter().flatten() {
            match secret {
                Some(value) => {
                    headers.insert(header::AUTHORIZATION, value);
                }
                None => self.wrong("bearer", "a secret has letters that cannot be sent", "ASCII"),
            }
        }
        Some(Message { method, headers, body: Bytes::from(it.body.clone().unwrap_or_default()) })
    }

    pub(super) fn method(&mut self, field: &'static str, name: Option<&str>) -> Option<Method> {
        let name = name.unwrap_or("GET");
        let read = Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok();
        if read.is_none() {
            self.wrong(field, format!("{name:?} is no method"), "\"GET\", \"HEAD\" or \"POST\"");
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
        let steps: Vec<_> = it.steps.iter().filter_map(|step| self.step(step)).collect();
        Some(flow::Target {
            steps,
            family,
            timeout: timeout.unwrap_or(flow::TIMEOUT),
            pause: flow::PAUSE,
            is_judged: self.is_judged()?,
        })
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
        Some(flow::Step {
            name: step.name.as_str().into(),
            url,
            method: self.method("step", step.method.as_deref())?,
            headers: self.headers("step", &step.headers)?,
            body: step.body.clone().unwrap_or_default().into(),
            captures,
            conditions: self.conditions("step", &step.conditions),
        })
    }
}
