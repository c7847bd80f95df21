//! What says nothing to a kind of probe, or can never hold: told where it is written.

use crate::condition::Condition;
use crate::define::build::Reader;

impl Reader<'_> {
    pub(super) fn conditions(&mut self, field: &'static str, lines: &[String]) -> Vec<Condition> {
        let mut read: Vec<Condition> = Vec::new();
        for line in lines {
            match Condition::parse(line) {
                Ok(condition) => {
                    if let Some(other) = read.iter().find(|it| condition.excludes(it)) {
                        let what = format!("\"{other}\" and \"{condition}\" never hold together");
                        self.wrong(field, what, "one of them");
                    }
                    read.push(condition);
                }
                Err(error) => {
                    let what = format!("{line:?}, character {}: {}", error.column, error.reason);
                    self.wrong(field, what, format!("a line such as {:?}", example_of(line)));
                }
            }
        }
        read
    }

    /// What a kind of probe never sees cannot be asked of it.
    pub(super) fn sees(
        &mut self,
        kind: &'static str,
        field: &'static str,
        conditions: &[Condition],
    ) {
        let unseen: &[&str] = match kind {
            "grpc" => &["[BODY]", "[DNS_RCODE]"],
            "tcp" => &["[STATUS]", "[DNS_RCODE]"],
            "tls" => &["[STATUS]", "[BODY]", "[DNS_RCODE]"],
            "dns" => &["[STATUS]"],
            "icmp" => &["[STATUS]", "[BODY]", "[CERTIFICATE_EXPIRATION]", "[DNS_RCODE]"],
            "ssh" => &["[STATUS]", "[CERTIFICATE_EXPIRATION]", "[DNS_RCODE]"],
            "heartbeat" => {
                const UNHEARD: &[&str] = &[
                    "[STATUS]",
                    "[BODY]",
                    "[IP]",
                    "[CERTIFICATE_EXPIRATION]",
                    "[DNS_RCODE]",
                    "[RESPONSE_TIME]",
                ];
                UNHEARD
            }
            _ => &["[DNS_RCODE]"],
        };
        for condition in conditions {
            if let Some(fact) = condition.facts().find(|fact| unseen.contains(fact)) {
                let what = format!("\"{condition}\": {} never sees {fact}", named(kind));
                self.wrong(field, what, "a condition on what it sees, or another kind");
            }
        }
    }

    /// Where nothing is encrypted there is no certificate.
    pub(super) fn is_encrypted(
        &mut self,
        kind: &'static str,
        scheme: &str,
        conditions: &[Condition],
    ) {
        let is_plain = match kind {
            "http" => scheme.eq_ignore_ascii_case("http") && self.it.redirects.unwrap_or(0) == 0,
            "websocket" => scheme.eq_ignore_ascii_case("ws"),
            "grpc" => matches!(&*scheme.to_ascii_lowercase(), "grpc" | "http"),
            "tcp" => self.it.starttls.is_none(),
            "dns" => !scheme.eq_ignore_ascii_case("dot"),
            _ => false,
        };
        let asks = |it: &&Condition| it.facts().any(|fact| fact == "[CERTIFICATE_EXPIRATION]");
        if let Some(condition) = conditions.iter().find(asks).filter(|_| is_plain) {
            let what = format!("\"{condition}\": nothing is encrypted there");
            self.wrong("conditions", what, "a target such as tls://example.org, or no such line");
        }
    }

    /// What says nothing to a kind of probe is a slip.
    pub(super) fn fits(&mut self, kind: &'static str, conditions: &[Condition]) {
        self.sees(kind, "conditions", conditions);
        let it = self.it;
        let (messages, walled) = (&["http", "flow"][..], &["http", "websocket", "flow"][..]);
        for (field, is_given, kinds) in [
            ("record", it.record.is_some(), &["dns"][..]),
            ("starttls", it.starttls.is_some(), &["tcp"]),
            ("send", it.send.is_some(), &["tcp", "websocket"]),
            ("expect", it.expect.is_some(), &["tcp", "websocket"]),
            ("method", it.method.is_some(), messages),
            ("body", it.body.is_some(), messages),
            ("headers", !it.headers.is_empty(), walled),
            ("basic", it.basic.is_some(), walled),
            ("bearer", it.bearer.is_some(), walled),
            ("redirects", it.redirects.is_some(), &["http"]),
            ("soft", it.soft.is_some(), messages),
        ] {
            if is_given && !kinds.contains(&kind) {
                let what = format!("`{field}` says nothing to {}", named(kind));
                self.wrong(field, what, format!("it for {} only", kinds.join(" and ")));
            }
        }
        let is_flow = kind == "flow";
        if is_flow && !self.it.target.trim().is_empty() {
            let what = "a flow has no target besides those of its steps";
            self.wrong("target", what, "[[probe.step]] alone, or `target` alone");
        }
        let of_steps = [
            ("method", it.method.is_some()),
            ("headers", !it.headers.is_empty()),
            ("body", it.body.is_some()),
            ("basic", it.basic.is_some()),
            ("bearer", it.bearer.is_some()),
        ];
        for (field, _) in of_steps.into_iter().filter(|(_, is_given)| is_flow && *is_given) {
            let what = format!("`{field}` says nothing to a flow as a whole");
            self.wrong(field, what, "it in a [[probe.step]]");
        }
        if !is_flow && !self.it.steps.is_empty() {
            let what = format!("{} has no steps", named(kind));
            self.wrong("step", what, "kind = \"flow\", or no [[probe.step]]");
        }
    }
}

/// "A tcp probe", "an http probe".
fn named(kind: &str) -> String {
    let article = if matches!(kind, "http" | "hls" | "icmp" | "ssh") { "an" } else { "a" };
    format!("{article} {kind} probe")
}

/// A condition on what the line was about.
fn example_of(line: &str) -> &'static str {
    const EXAMPLES: [&str; 7] = [
        "[BODY] == pat(*ok*)",
        "[RESPONSE_TIME] < 300ms",
        "[CERTIFICATE_EXPIRATION] > 48h",
        "[CONNECTED] == true",
        "[DNS_RCODE] == NOERROR",
        "[IP] == 192.0.2.1",
        "[STATUS] == 200",
    ];
    let names = |it: &&str| it.split(']').next().is_some_and(|fact| line.contains(fact));
    EXAMPLES.into_iter().find(names).unwrap_or("[STATUS] == 200")
}
