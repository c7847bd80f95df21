//! What probes of this program share, as the configuration says.

use anyhow::Context as _;
use http::HeaderValue;
use outcry_collector::define::Definition;
use outcry_collector::dns::resolver::Resolver;
use outcry_collector::guard::Guard;
use outcry_collector::guard::Ports;
use outcry_collector::guard::Reach;
use outcry_collector::probe::Context;
use outcry_collector::schedule::Settings;
use outcry_collector::soft;
use outcry_collector::tls::Tls;

use crate::cli::BadInput;
use crate::probing::config::Probes;

/// Milliseconds a reference may take: whoever is that slow is as good as gone.
const REFERENCE_MS: u32 = 3_000;

/// Filter, names, trust and who we are.
///
/// # Errors
///
/// [`BadInput`] when the file of roots cannot be used.
pub fn of(probes: &Probes, public_url: &str) -> anyhow::Result<Context> {
    let guard =
        if probes.allow_private { Guard::new(Reach::Private, Ports::Any) } else { Guard::public() };
    let resolver = match probes.resolvers.as_slice() {
        [] => Resolver::of_system(),
        servers => Resolver::new(servers.to_vec()),
    };
    let tls = match &probes.roots {
        None => Tls::of_system(),
        Some(file) => Tls::of_file(file).map_err(|reason| {
            BadInput(format!("the trusted roots in {} cannot be used: {reason}", file.display()))
        })?,
    };
    let agent = HeaderValue::try_from(agent_of(&probes.contact, public_url));
    Ok(Context {
        guard,
        resolver,
        tls,
        agent: agent.context("the contact cannot be sent in a head")?,
        judge: soft::judge,
        heartbeats: Default::default(),
    })
}

/// Who we say we are, with the place to write to.
pub fn agent_of(contact: &str, public_url: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let contact = if contact.is_empty() { public_url } else { contact };
    if contact.is_empty() {
        format!("Outcry/{version} (availability probe; its operator has named no contact)")
    } else {
        format!("Outcry/{version} (availability probe; +{contact})")
    }
}

/// How the loop looks.
pub fn settings(probes: &Probes) -> Settings {
    let references = probes.references.iter().filter_map(|target| {
        let definition = Definition {
            target: target.clone(),
            timeout_ms: Some(REFERENCE_MS),
            soft: Some("off".into()),
            ..Definition::default()
        };
        definition.check().ok().map(|(_, check)| check)
    });
    Settings {
        running_max: probes.running_max,
        references: references.collect(),
        ..Settings::default()
    }
}
