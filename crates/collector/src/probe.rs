//! Probes: one file a kind, each with one signature, `async fn probe(&Target, &Context) ->
//! Outcome`.
//!
//! A probe opens a new connection each time and closes it: it sees what somebody sees who comes
//! along. What it comes to is ok, a soft failure, blocked or failed, and the reason names the
//! phase.
//!
//! # What it cannot tell
//!
//! One probe is one look from one place. Whether a service is down is decided elsewhere, over many.

pub mod body;
pub mod dns;
pub mod exchange;
pub mod flow;
pub mod grpc;
pub mod heartbeat;
pub mod hls;
pub mod http;
pub mod icmp;
pub mod outcome;
pub mod page;
pub mod ssh;
pub mod tcp;
pub mod tls;
pub mod websocket;

use std::sync::Arc;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use ::http::HeaderValue;

use crate::condition::Condition;
use crate::dns::resolver::Resolver;
use crate::guard::Guard;
use crate::probe::heartbeat::Heartbeats;
use crate::probe::outcome::Outcome;
use crate::probe::page::Judge;
use crate::tls::Tls;

/// What probes of one vantage point share.
#[derive(Clone, Debug)]
pub struct Context {
    /// What may be dialled.
    pub guard: Guard,
    /// Who is asked for names.
    pub resolver: Resolver,
    /// How handshakes are done and whom they trust.
    pub tls: Tls,
    /// Who we say we are, with an address where we can be told to stop.
    pub agent: HeaderValue,
    /// Who looks at pages that answered with a good status.
    pub judge: Judge,
    /// What has been heard from those who report by themselves.
    pub heartbeats: Arc<Heartbeats>,
}

/// What to look at, of any kind.
#[derive(Clone, Debug)]
pub enum Target {
    /// A page or an API.
    Http(http::Target),
    /// Several requests in a row.
    Flow(flow::Target),
    /// A port.
    Tcp(tcp::Target),
    /// A certificate.
    Tls(tls::Target),
    /// A name.
    Dns(dns::Target),
    /// A host.
    Icmp(icmp::Target),
    /// A WebSocket.
    WebSocket(websocket::Target),
    /// A gRPC service.
    Grpc(grpc::Target),
    /// A livestream.
    Hls(hls::Target),
    /// An SSH server.
    Ssh(ssh::Target),
    /// Something that reports by itself.
    Heartbeat(heartbeat::Target),
}

/// A target with the conditions that its answer has to meet.
#[derive(Clone, Debug)]
pub struct Check {
    /// What to look at.
    pub target: Target,
    /// What has to hold.
    pub conditions: Vec<Condition>,
}

impl Check {
    /// Looks once and weighs the conditions.
    pub async fn run(&self, context: &Context) -> Outcome {
        let mut outcome = self.target.probe(context).await;
        outcome.weigh(&self.conditions, now_unix_s());
        outcome
    }
}

impl Target {
    /// Looks once.
    pub async fn probe(&self, context: &Context) -> Outcome {
        match self {
            Self::Http(target) => http::probe(target, context).await,
            Self::Flow(target) => flow::probe(target, context).await,
            Self::Tcp(target) => tcp::probe(target, context).await,
            Self::Tls(target) => tls::probe(target, context).await,
            Self::Dns(target) => dns::probe(target, context).await,
            Self::Icmp(target) => icmp::probe(target, context).await,
            Self::WebSocket(target) => websocket::probe(target, context).await,
            Self::Grpc(target) => grpc::probe(target, context).await,
            Self::Hls(target) => hls::probe(target, context).await,
            Self::Ssh(target) => ssh::probe(target, context).await,
            Self::Heartbeat(target) => heartbeat::probe(target, context).await,
        }
    }
}

/// Now, in seconds since 1970; for certificates, never for spans.
fn now_unix_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
