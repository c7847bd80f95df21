//! What a command needs to look at somebody else's machine: the filter, names, trust and who we
//! are.

use std::sync::Arc;

use http::HeaderValue;
use outcry_collector::dns::resolver::Resolver;
use outcry_collector::guard::Guard;
use outcry_collector::guard::PORTS;
use outcry_collector::guard::Ports;
use outcry_collector::guard::Reach;
use outcry_collector::probe::Context;
use outcry_collector::probe::heartbeat::Heartbeats;
use outcry_collector::probe::page;
use outcry_collector::tls::Tls;

/// Who we say we are when no operator has set a contact.
pub const AGENT: &str = concat!("outcry/", env!("CARGO_PKG_VERSION"), " (run by hand)");

/// Who we say we are when a site is behind it.
pub fn agent_of(public_url: &str) -> HeaderValue {
    let version = env!("CARGO_PKG_VERSION");
    let named = format!("outcry/{version} (+{public_url})");
    let unnamed = || HeaderValue::from_static(concat!("outcry/", env!("CARGO_PKG_VERSION")));
    Some(named)
        .filter(|_| !public_url.is_empty())
        .and_then(|agent| HeaderValue::try_from(agent).ok())
        .unwrap_or_else(unnamed)
}

/// How far a command may reach.
pub fn reach(allow_private: bool) -> Reach {
    if allow_private { Reach::Private } else { Reach::Public }
}

/// Everything of this machine: its name servers and the roots it trusts.
pub fn context(agent: HeaderValue, reach: Reach) -> Context {
    let ports = match reach {
        Reach::Public => Ports::Listed(PORTS.to_vec()),
        Reach::Private => Ports::Any,
    };
    Context {
        guard: Guard::new(reach, ports),
        resolver: Resolver::of_system(),
        tls: Tls::of_system(),
        agent,
        judge: page::trust,
        heartbeats: Arc::new(Heartbeats::new()),
    }
}
