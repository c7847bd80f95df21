//! Monitors as people write them: plain words, read into a [`Check`] with every mistake told.
//!
//! The scheme of the target says the kind, unless `kind` does: `https://…`, `tcp://host:port`,
//! `tls://host`, `dns://server/name`, `dns:name`, `icmp://host`, `wss://…`, `grpcs://host/service`,
//! `ssh://host`, `heartbeat:key`. A bare name is a page over HTTPS. HLS and flows look like pages
//! and have to be named.
//!
//! A [`Definition`] may take what it does not say from another ([`Definition::or`]): so modules
//! work.

mod build;

use crate::probe::Check;

/// A monitor as it was written. What is `None` was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// What is looked at.
    pub target: String,
    /// Its kind, where the target does not say it.
    pub kind: Option<String>,
    /// Slug of the service.
    pub service: Option<String>,
    /// The component of the service.
    pub component: Option<String>,
    /// Seconds between two looks.
    pub interval_s: Option<u32>,
    /// Milliseconds a look may take.
    pub timeout_ms: Option<u32>,
    /// What has to hold, one line each.
    pub conditions: Vec<String>,
    /// `GET`, `POST`, …
    pub method: Option<String>,
    /// Heads.
    pub headers: Vec<(String, String)>,
    /// What is sent as the body.
    pub body: Option<String>,
    /// `user:password` of basic authentication.
    pub basic: Option<String>,
    /// A bearer token.
    pub bearer: Option<String>,
    /// Redirects that are followed.
    pub redirects: Option<u8>,
    /// `any`, `v4` or `v6`.
    pub family: Option<String>,
    /// `on` or `off`: whether pages are looked at for soft failures.
    pub soft: Option<String>,
    /// What is said to a port or a WebSocket.
    pub send: Option<String>,
    /// What has to come back.
    pub expect: Option<String>,
    /// `smtp`, `imap`, `pop3`, `ftp` or `postgres`: TLS begins after a greeting.
    pub starttls: Option<String>,
    /// Type of the records that are asked for.
    pub record: Option<String>,
    /// Steps of a flow.
    pub steps: Vec<StepDefinition>,
}

/// A step of a flow as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepDefinition {
    /// Its name.
    pub name: String,
    /// Where, with `{name}` for what was captured.
    pub url: String,
    /// `GET`, `POST`, …
    pub method: Option<String>,
    /// Heads.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// What has to hold.
    pub conditions: Vec<String>,
    /// Names and places of what is kept.
    pub capture: Vec<(String, String)>,
}

/// Something wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field it stands in.
    pub field: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub instead: String,
}

/// Shortest time a look may get, milliseconds.
pub const TIMEOUT_MS_MIN: u32 = 50;
/// Longest time a look may get, milliseconds.
pub const TIMEOUT_MS_MAX: u32 = 120_000;

/// Kinds of probes by the names that signals and configurations use.
pub const KINDS: [&str; 11] =
    ["http", "tcp", "tls", "dns", "icmp", "websocket", "grpc", "hls", "ssh", "heartbeat", "flow"];

impl Definition {
    /// A page, or whatever the scheme says.
    pub fn new(target: impl Into<String>) -> Self {
        Self { target: target.into(), ..Self::default() }
    }

    /// What this does not say is taken from `other`. Conditions of both hold.
    pub fn or(self, other: &Self) -> Self {
        let pick = |own: Option<String>, theirs: &Option<String>| own.or_else(|| theirs.clone());
        let both = |own: Vec<(String, String)>, theirs: &[(String, String)]| {
            let known = |name: &str| own.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
            let more = theirs.iter().filter(|(name, _)| !known(name)).cloned();
            let more: Vec<_> = more.collect();
            own.into_iter().chain(more).collect()
        };
        Self {
            target: if self.target.is_empty() { other.target.clone() } else { self.target },
            kind: pick(self.kind, &other.kind),
            service: pick(self.service, &other.service),
            component: pick(self.component, &other.component),
            interval_s: self.interval_s.or(other.interval_s),
            timeout_ms: self.timeout_ms.or(other.timeout_ms),
            conditions: other.conditions.iter().cloned().chain(self.conditions).collect(),
            method: pick(self.method, &other.method),
            headers: both(self.headers, &other.headers),
            body: pick(self.body, &other.body),
            basic: pick(self.basic, &other.basic),
            bearer: pick(self.bearer, &other.bearer),
            redirects: self.redirects.or(other.redirects),
            family: pick(self.family, &other.family),
            soft: pick(self.soft, &other.soft),
            send: pick(self.send, &other.send),
            expect: pick(self.expect, &other.expect),
            starttls: pick(self.starttls, &other.starttls),
            record: pick(self.record, &other.record),
            steps: if self.steps.is_empty() { other.steps.clone() } else { self.steps },
        }
    }

    /// Reads it: the name of its kind, and the check.
    ///
    /// # Errors
    ///
    /// Every mistake.
    pub fn check(&self) -> Result<(&'static str, Check), Vec<Wrong>> {
        build::check(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::probe::Target;

    use super::*;

    fn kind_of(target: &str) -> Result<&'static str, Vec<Wrong>> {
        Definition::new(target).check().map(|(kind, _)| kind)
    }

    #[test]
    fn the_scheme_says_the_kind() {
        for (target, kind) in [
            ("example.org", "http"),
            ("https://example.org/a?b", "http"),
            ("http://127.0.0.1:8080/", "http"),
            ("tcp://example.org:25", "tcp"),
            ("tls://example.org", "tls"),
            ("dns:example.org", "dns"),
            ("dns://192.0.2.1/example.org", "dns"),
            ("dot://dns.example/example.org", "dns"),
            ("icmp://example.org", "icmp"),
            ("wss://example.org/feed", "websocket"),
            ("grpcs://example.org/my.Service", "grpc"),
            ("ssh://example.org", "ssh"),
            ("heartbeat:backup", "heartbeat"),
        ] {
            assert_eq!(kind_of(target), Ok(kind), "{target}");
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_field() {
        let wrong = Definition {
            target: "tcp://example.org".into(),
            kind: Some("tcpp".into()),
            timeout_ms: Some(1),
            conditions: vec!["[STATUS] = 200".into()],
            family: Some("v5".into()),
            ..Definition::default()
        };
        let mistakes = wrong.check().expect_err("four mistakes");
        let fields: Vec<&str> = mistakes.iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["timeout_ms", "family", "conditions", "kind"], "{mistakes:?}");
        assert!(mistakes[3].instead.contains("\"tcp\""), "{mistakes:?}");
        let mistakes = Definition::new("tcp://example.org").check().expect_err("no port");
        assert!(mistakes[0].what.contains("port"), "{mistakes:?}");
        let mistakes = Definition::new("gopher://example.org").check().expect_err("no kind");
        assert_eq!(mistakes[0].field, "target");
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        let page = |change: fn(&mut Definition)| {
            let mut it = Definition::new("https://example.org/");
            change(&mut it);
            it
        };
        let step = |name: &str, url: &str| StepDefinition {
            name: name.into(),
            url: url.into(),
            ..StepDefinition::default()
        };
        let steps = vec![step("in", "https://a.example/"), step("in", "https://a.example/{t}")];
        let cases = [
            (page(|it| it.method = Some("FLY".into())), vec!["method"]),
            (page(|it| it.basic = Some("alice".into())), vec!["basic"]),
            (
                page(|it| {
                    it.method = Some("HEAD".into());
                    it.body = Some("x".into());
                    it.conditions = vec!["[BODY] == pat(*ok*)".into()];
                }),
                vec!["body", "conditions"],
            ),
            (
                page(|it| {
                    it.headers = vec![("Content-Length".into(), "5".into())];
                    it.basic = Some("a:b".into());
                    it.bearer = Some("c".into());
                }),
                vec!["headers", "headers"],
            ),
            (page(|it| it.conditions = vec!["[DNS_RCODE] == NOERROR".into()]), vec!["conditions"]),
            (
                page(|it| {
                    it.soft = Some("maybe".into());
                    it.method = Some("FLY".into());
                    it.headers = vec![("a b".into(), "1".into())];
                }),
                vec!["method", "headers", "soft"],
            ),
            (
                Definition {
                    conditions: vec!["[STATUS] == 200".into()],
                    ..Definition::new("dns:example.org")
                },
                vec!["conditions"],
            ),
            (
                page(|it| {
                    it.conditions = vec!["[STATUS] == 200".into(), "[STATUS] > 300".into()];
                }),
                vec!["conditions"],
            ),
            (
                Definition {
                    method: Some("POST".into()),
                    headers: vec![("a".into(), "b".into())],
                    redirects: Some(3),
                    soft: Some("off".into()),
                    ..Definition::new("tcp://example.org:25/mail")
                },
                vec!["method", "headers", "redirects", "soft", "target"],
            ),
            (
                Definition {
                    conditions: vec!["[CERTIFICATE_EXPIRATION] > 48h".into()],
                    ..Definition::new("http://example.org/")
                },
                vec!["conditions"],
            ),
            (Definition::new("heartbeat:"), vec!["target"]),
            (
                Definition {
                    kind: Some("heartbeat".into()),
                    ..Definition::new("https://a.example")
                },
                vec!["target"],
            ),
            (
                Definition { kind: Some("dns".into()), ..Definition::new("https://a.example/") },
                vec!["target"],
            ),
            (Definition::new("https//a.example"), vec!["target"]),
            (Definition::new("icmp://192.0.2.1:80"), vec!["target"]),
            (Definition::new("dns://192.0.2.1/"), vec!["target"]),
            (Definition::new("dns:192.0.2.1"), vec!["record"]),
            (
                Definition { record: Some("HINFO".into()), ..Definition::new("dns:a.example") },
                vec!["record"],
            ),
            (Definition::new("tls://2001:db8::1"), vec!["target"]),
            (
                Definition { steps: steps.clone(), ..Definition::new("https://a.example/") },
                vec!["target", "step", "step"],
            ),
            (
                Definition { steps, kind: Some("http".into()), ..Definition::new("a.example") },
                vec!["step"],
            ),
        ];
        for (definition, want) in cases {
            let wrong = definition.check().expect_err("a mistake");
            let fields: Vec<&str> = wrong.iter().map(|it| it.field).collect();
            assert_eq!(fields, want, "{wrong:?}");
        }
    }

    #[test]
    fn a_module_gives_what_the_monitor_does_not_say() {
        let module = Definition {
            timeout_ms: Some(3_000),
            conditions: vec!["[STATUS] == 200".into()],
            headers: vec![("Accept".into(), "text/html".into()), ("X-A".into(), "1".into())],
            soft: Some("off".into()),
            ..Definition::default()
        };
        let own = Definition {
            target: "example.org".into(),
            conditions: vec!["[RESPONSE_TIME] < 300".into()],
            headers: vec![("accept".into(), "*/*".into())],
            ..Definition::default()
        };
        let merged = own.or(&module);
        assert_eq!(merged.conditions.len(), 2);
        assert_eq!(merged.headers.len(), 2);
        let (_, check) = merged.check().expect("well written");
        let Target::Http(target) = check.target else { panic!("a page") };
        assert_eq!(target.timeout.as_millis(), 3_000);
        assert_eq!(target.message.headers["accept"], "*/*");
        assert!(matches!(target.soft, crate::probe::http::Soft::Off));
    }
}
