//! From words to a check.

mod details;
mod sense;

use bytes::Bytes;
use std::time::Duration;

use crate::address::Host;
use crate::address::Url;
use crate::condition::Condition;
use crate::define::Definition;
use crate::define::KINDS;
use crate::define::TIMEOUT_MS_MAX;
use crate::define::TIMEOUT_MS_MIN;
use crate::define::Wrong;
use crate::dial::Aim;
use crate::dial::TIMEOUT;
use crate::dns::code::Kind;
use crate::dns::message::Question;
use crate::guard::Family;
use crate::probe::Check;
use crate::probe::Target;
use crate::probe::dns;
use crate::probe::grpc;
use crate::probe::heartbeat;
use crate::probe::hls;
use crate::probe::http as web;
use crate::probe::icmp;
use crate::probe::ssh;
use crate::probe::tcp;
use crate::probe::tls;
use crate::probe::websocket;

/// Reads a definition.
pub(super) fn check(it: &Definition) -> Result<(&'static str, Check), Vec<Wrong>> {
    let mut reader = Reader { it, wrong: Vec::new() };
    let timeout = reader.timeout();
    let family = reader.family();
    let conditions = reader.conditions("conditions", &it.conditions);
    let built = reader.target(timeout, family, &conditions);
    match built {
        Some((kind, target)) if reader.wrong.is_empty() => Ok((kind, Check { target, conditions })),
        _ => Err(reader.wrong),
    }
}

struct Reader<'a> {
    it: &'a Definition,
    wrong: Vec<Wrong>,
}

/// A target in its parts, whatever its kind.
struct Parts<'a> {
    scheme: &'a str,
    /// What stands after the scheme and its colon.
    rest: &'a str,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &'static str, what: impl Into<String>, instead: impl Into<String>) {
        self.wrong.push(Wrong { field, what: what.into(), instead: instead.into() });
    }

    fn timeout(&mut self) -> Option<Duration> {
        let ms = self.it.timeout_ms?;
        if !(TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX).contains(&ms) {
            self.wrong(
                "timeout_ms",
                format!("{ms} ms is no time for a look"),
                format!("{TIMEOUT_MS_MIN} to {TIMEOUT_MS_MAX}"),
            );
        }
        Some(Duration::from_millis(u64::from(ms)))
    }

    fn family(&mut self) -> Family {
        match self.it.family.as_deref() {
            None | Some("any") => Family::Any,
            Some("v4") => Family::V4,
            Some("v6") => Family::V6,
            Some(other) => {
                self.wrong(
                    "family",
                    format!("{other:?} is no family"),
                    "\"any\", \"v4\" or \"v6\"",
                );
                Family::Any
            }
        }
    }

    fn kind(&mut self, parts: &Parts<'_>) -> Option<&'static str> {
        if let Some(named) = &self.it.kind {
            let known = KINDS.into_iter().find(|kind| kind == named);
            if known.is_none() {
                let names = KINDS.map(|kind| format!("{kind:?}")).join(", ");
                self.wrong("kind", format!("{named:?} is no kind"), format!("one of {names}"));
            }
            return known;
        }
        if !self.it.steps.is_empty() {
            return Some("flow");
        }
        let kind = match &*parts.scheme.to_ascii_lowercase() {
            "" | "http" | "https" => "http",
            "tcp" => "tcp",
            "tls" => "tls",
            "dns" | "dot" => "dns",
            "icmp" | "ping" => "icmp",
            "ws" | "wss" => "websocket",
            "grpc" | "grpcs" => "grpc",
            "ssh" => "ssh",
            "heartbeat" => "heartbeat",
            other => {
                let instead = "https://, tcp://, tls://, dns:, icmp://, wss://, grpcs://, ssh:// or \
                               heartbeat:";
                self.wrong("target", format!("{other:?} is no scheme that is probed"), instead);
                return None;
            }
        };
        Some(kind)
    }

    fn target(
        &mut self,
        timeout: Option<Duration>,
        family: Family,
        conditions: &[Condition],
    ) -> Option<(&'static str, Target)> {
        let it = self.it;
        let parts = split(&it.target);
        let kind = self.kind(&parts)?;
        self.fits(kind, conditions);
        self.is_encrypted(kind, parts.scheme, conditions);
        if it.target.trim().is_empty() && kind != "flow" {
            self.wrong("target", "there is no target", "\"https://example.org/\"");
            return None;
        }
        let within = timeout.unwrap_or(TIMEOUT);
        let by_conditions = conditions.iter().any(Condition::reads_status);
        let target = match kind {
            "http" => {
                // Each is asked before one is missed: every mistake is told.
                let (url, message) = (self.url("https", &["http", "https"]), self.message());
                let is_judged = self.is_judged()?;
                Target::Http(web::Target {
                    family,
                    timeout: within,
                    message: message?,
                    redirects_max: it.redirects.unwrap_or(0),
                    status: rule(by_conditions),
                    soft: if is_judged {
                        web::Soft::On(Default::default())
                    } else {
                        web::Soft::Off
                    },
                    ..web::Target::new(url?)
                })
            }
            "tcp" => Target::Tcp(tcp::Target {
                aim: self.aim(&parts, None, within, family)?,
                security: self.security()?,
                steps: self.steps_of_port(),
            }),
            "tls" => {
                let aim = self.aim(&parts, Some(443), within, family)?;
                Target::Tls(tls::Target { aim, tls: None })
            }
            "dns" => self.name(&parts, within, family, conditions)?,
            "icmp" => {
                Target::Icmp(icmp::Target { aim: self.aim(&parts, Some(0), within, family)? })
            }
            "websocket" => Target::WebSocket(websocket::Target {
                url: self.url("wss", &["ws", "wss", "http", "https"])?,
                family,
                timeout: within,
                message: self.message()?,
                send: Bytes::from(it.send.clone().unwrap_or_default()),
                expect: Bytes::from(it.expect.clone().unwrap_or_default()),
            }),
            "grpc" => {
                let url = self.url("https", &["grpc", "grpcs", "http", "https"])?;
                let service = url.path.trim_start_matches('/').into();
                let scheme = if matches!(&*url.scheme, "grpc" | "http") { "http" } else { "https" };
                let url = Url { scheme: scheme.into(), ..url };
                Target::Grpc(grpc::Target { url, family, timeout: within, service })
            }
            "hls" => Target::Hls(hls::Target {
                url: self.url("https", &["http", "https"])?,
                family,
                timeout: timeout.unwrap_or(hls::TIMEOUT),
            }),
            "ssh" => Target::Ssh(ssh::Target { aim: self.aim(&parts, Some(22), within, family)? }),
            "heartbeat" => Target::Heartbeat(heartbeat::Target {
                key: self.key(&parts)?.into(),
                within: timeout
                    .unwrap_or(Duration::from_secs(u64::from(it.interval_s.unwrap_or(60) * 2))),
            }),
            _ => Target::Flow(self.flow(timeout, family)?),
        };
        Some((kind, target))
    }

    /// The key of a heartbeat, as it stands in the address that it is reported to.
    fn key(&mut self, parts: &Parts<'_>) -> Option<String> {
        let key = parts.rest.trim_start_matches('/');
        let is_key = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        let is_named = matches!(parts.scheme, "heartbeat" | "");
        if is_named && !key.is_empty() && key.bytes().all(is_key) {
            return Some(key.to_owned());
        }
        let what = format!("{:?} names no key of a heartbeat", self.it.target);
        self.wrong("target", what, "\"heartbeat:\" and letters, digits, - _ . or ~");
        None
    }

    fn url(&mut self, usual: &str, schemes: &[&str]) -> Option<Url> {
        let text = self.it.target.trim();
        if ["http//", "https//", "http:/", "https:/"].iter().any(|it| text.starts_with(it))
            && !text.contains("://")
        {
            self.wrong("target", format!("{text:?} has no ://"), "\"https://example.org/\"");
            return None;
        }
        let whole =
            if text.contains("://") { text.to_owned() } else { format!("{usual}://{text}") };
        match Url::parse(&whole) {
            Ok(url) if schemes.contains(&&*url.scheme) => {
                self.of_family(&url.host);
                Some(url)
            }
            Ok(url) => {
                let what = format!("{}:// does not fit the kind", url.scheme);
                self.wrong("target", what, format!("{}://", schemes.join(":// or ")));
                None
            }
            Err(error) => {
                let what = format!("{text:?} cannot be read: {error}");
                self.wrong("target", what, "an address such as \"https://example.org/\"");
                None
            }
        }
    }

    /// An address has its family.
    fn of_family(&mut self, host: &Host) {
        let (Host::Address(address), Some(family)) = (host, self.it.family.as_deref()) else {
            return;
        };
        let other = match family {
            "v4" if address.is_ipv6() => "IPv4",
            "v6" if address.is_ipv4() => "IPv6",
            _ => return,
        };
        let what = format!("{address} is no {other} address");
        self.wrong("family", what, "a name that has one, or no `family`");
    }

    fn aim(
        &mut self,
        parts: &Parts<'_>,
        usual: Option<u16>,
        timeout: Duration,
        family: Family,
    ) -> Option<Aim> {
        let authority = parts.rest.trim_start_matches('/').split('/').next().unwrap_or_default();
        // The reader of addresses knows where a host ends.
        let read = Url::parse(&format!("tcp://{authority}"));
        let url = match read {
            Ok(url) => url,
            Err(error) => {
                let what = format!("{:?} cannot be read: {error}", self.it.target);
                self.wrong("target", what, "a host and a port, such as \"example.org:25\"");
                return None;
            }
        };
        self.of_family(&url.host);
        let path = parts.rest.trim_start_matches('/').strip_prefix(authority).unwrap_or_default();
        if !matches!(path, "" | "/") {
            let what = format!("{:?} has a path, and a port has none", self.it.target);
            self.wrong("target", what, format!("\"{}://{authority}\"", parts.scheme));
        }
        if usual == Some(0) && url.port.is_some() {
            let what = format!("{:?} has a port, and ICMP knows none", self.it.target);
            self.wrong("target", what, format!("\"icmp://{}\"", url.host));
        }
        let Some(port) = url.port.or(usual) else {
            let what = format!("{:?} names no port", self.it.target);
            self.wrong("target", what, format!("\"tcp://{authority}:25\""));
            return None;
        };
        Some(Aim { host: url.host, port, family, timeout })
    }

    fn name(
        &mut self,
        parts: &Parts<'_>,
        timeout: Duration,
        family: Family,
        conditions: &[Condition],
    ) -> Option<Target> {
        if !matches!(parts.scheme, "" | "dns" | "dot") {
            let what = format!("{}:// does not fit the kind", parts.scheme);
            self.wrong("target", what, "dns:example.org");
            return None;
        }
        let record = self.it.record.as_deref().unwrap_or("A");
        let Some(kind) = Kind::parse(record) else {
            let what = format!("{record:?} is no type of record");
            let names: Vec<String> = Kind::names().map(|it| format!("{it:?}")).collect();
            self.wrong("record", what, format!("one of {}", names.join(", ")));
            return None;
        };
        let (server, name) = match parts.rest.strip_prefix("//") {
            Some(rest) => match rest.split_once('/') {
                Some((server, name)) if !name.is_empty() => (Some(server), name),
                Some((server, _)) => {
                    let what =
                        format!("{:?} names a server, and no name to ask it for", self.it.target);
                    let scheme = parts.scheme;
                    self.wrong("target", what, format!("\"{scheme}://{server}/example.org\""));
                    return None;
                }
                None => (None, rest),
            },
            None => (None, parts.rest),
        };
        let host = match Host::parse(name) {
            Ok(host) => host,
            Err(error) => {
                self.wrong("target", error.to_string(), "\"dns:example.org\"");
                return None;
            }
        };
        if matches!(host, Host::Address(_)) && kind != Kind::PTR {
            let what = format!("{host} is an address, and has no {kind} record");
            self.wrong("record", what, "\"PTR\", or a name as the target");
        }
        let server = match server {
            None => dns::Server::System { timeout },
            Some(server) => {
                let carrier =
                    if parts.scheme == "dot" { dns::Carrier::Tls } else { dns::Carrier::Udp };
                let usual = Some(dns::usual_port(carrier));
                let aim = self.aim(&Parts { scheme: "", rest: server }, usual, timeout, family)?;
                dns::Server::Named { aim, carrier }
            }
        };
        let expect =
            if conditions.is_empty() { dns::Expect::Records } else { dns::Expect::Conditions };
        Some(Target::Dns(dns::Target { server, question: Question::new(&host, kind), expect }))
    }
}

fn rule(by_conditions: bool) -> web::StatusRule {
    if by_conditions { web::StatusRule::Conditions } else { web::StatusRule::Usual }
}

/// Splits off the scheme; a port after a bare name is none.
fn split(target: &str) -> Parts<'_> {
    let target = target.trim();
    match target.split_once(':') {
        Some((scheme, rest)) if rest.starts_with("//") => Parts { scheme, rest },
        Some((scheme @ ("dns" | "heartbeat"), rest)) => Parts { scheme, rest },
        _ => Parts { scheme: "", rest: target },
    }
}
