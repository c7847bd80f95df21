//! What vantage points are to look at: a monitor for each service that has a domain, and those that
//! the operator added.

use outcry_collector::relay::message::MonitorRow;
use outcry_collector::relay::message::Monitors;
use outcry_collector::relay::message::hex;
use outcry_core::catalog::Catalog;
use sha2::Digest;
use sha2::Sha256;

use crate::hub::Extra;

/// Seconds between two rounds of a monitor that the catalogue brings.
const INTERVAL_S: f64 = 60.0;
/// Bytes of a revision that are told.
const REVISION_BYTES: usize = 8;

/// The monitors in force.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// As agents get them.
    pub monitors: Monitors,
}

impl Fleet {
    /// The main domain of each service, and what was added.
    pub fn of(catalog: &Catalog, extra: &[Extra]) -> Self {
        let own = extra.iter().map(|extra| MonitorRow {
            id: format!("{}/{}", extra.service, extra.url),
            service: extra.service.clone(),
            component: None,
            url: extra.url.clone(),
            interval_s: f64::from(extra.interval_s),
        });
        let of_domains = catalog.services.values().filter_map(|service| {
            let domain = service.domains.first()?;
            Some(MonitorRow {
                id: format!("{}/https://{domain}/", service.slug),
                service: service.slug.to_string(),
                component: None,
                url: format!("https://{domain}/"),
                interval_s: INTERVAL_S,
            })
        });
        let monitors: Vec<MonitorRow> = own.chain(of_domains).collect();
        let text = serde_json::to_vec(&monitors).unwrap_or_default();
        let revision = hex(&Sha256::digest(&text)[..REVISION_BYTES]);
        Self { monitors: Monitors { revision, monitors } }
    }

    /// Monitors of one service.
    pub fn count_of(&self, service: &str) -> usize {
        self.monitors.monitors.iter().filter(|row| row.service == service).count()
    }
}
