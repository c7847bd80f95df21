//! What the operator's console shows of traffic: one moment, copied out of the thread that counts.

use outcry_collector::flow::Health;
use outcry_collector::flow::Listener;
use outcry_collector::flow::exporter::Exporter;
use outcry_collector::flow::exporter::ExporterKey;
use outcry_core::attack::Attack;
use outcry_core::traffic::slot::Slot;
use outcry_core::traffic::slot::Volume;
use outcry_decode::address::Address;

/// Targets that are listed.
pub const TARGETS_SHOWN: usize = 20;
/// Exporters that are listed.
pub const EXPORTERS_SHOWN: usize = 200;

/// One moment of traffic.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// When, milliseconds since 1970; 0 before the first slot.
    pub at_ms: i64,
    /// Attacks that are going on, the largest first.
    pub open: Vec<Attack>,
    /// Attacks that are over, the newest first.
    pub closed: Vec<Attack>,
    /// All traffic by second since 1970.
    pub seconds: Vec<(i64, Volume)>,
    /// Targets of the last slot, those with most octets first.
    pub targets: Vec<(Address, Volume, f64)>,
    /// Exporters with what each sent and lost.
    pub exporters: Vec<(ExporterKey, Exporter)>,
    /// What went wrong since the beginning.
    pub health: Health,
    /// Slots of targets that found no room in the tables.
    pub beyond: u64,
}

impl View {
    /// Copies what is shown.
    pub fn of(
        at_ms: i64,
        (open, closed): (Vec<Attack>, Vec<Attack>),
        seconds: Vec<(i64, Volume)>,
        slot: &Slot,
        (listener, beyond): (&Listener, u64),
    ) -> Self {
        let mut targets: Vec<_> = slot
            .targets()
            .iter()
            .map(|target| (target.address, target.received(), slot.sources(target)))
            .collect();
        targets.sort_by_key(|(address, volume, _)| (std::cmp::Reverse(volume.octets), *address));
        targets.truncate(TARGETS_SHOWN);
        let exporters = listener.exporters().iter().take(EXPORTERS_SHOWN);
        let exporters = exporters.map(|(key, exporter)| (*key, *exporter)).collect();
        let health = listener.health();
        Self { at_ms, open, closed, seconds, targets, exporters, health, beyond }
    }
}
