//! What one target received, and what it sent itself.

use outcry_decode::address::Address;
use outcry_decode::packet::protocol;
use outcry_decode::record::Flow;
use outcry_decode::record::Fragment;

use crate::traffic::class::Class;
use crate::traffic::sketch::distinct::Small;
use crate::traffic::sketch::top::Top;
use crate::traffic::slot::Volume;
use crate::traffic::slot::asks;
use crate::traffic::slot::detail::Details;

/// Ports that are kept of each kind.
pub const PORTS_KEPT: usize = 6;
/// Ports a target asked at that are kept.
pub const ASKED_KEPT: usize = 4;

/// The traffic of one target.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its address.
    pub address: Address,
    /// Flows to it.
    pub flows: u64,
    /// Of these, flows whose sampling nobody said: volumes are at least these.
    pub flows_of_unknown_sampling: u64,
    /// What it received, by class.
    pub classes: [Volume; Class::COUNT],
    /// Most packets by source port, UDP only: what service answers.
    pub udp_source_ports: Top<u16, PORTS_KEPT>,
    /// Most packets by target port, TCP and UDP.
    pub target_ports: Top<u16, PORTS_KEPT>,
    /// What it sent.
    pub sent: Volume,
    /// Packets of pure SYN that it sent.
    pub sent_syn: u64,
    /// Most packets that it sent by UDP, by target port: what it asked for.
    pub asked_ports: Top<u16, ASKED_KEPT>,
    pub(super) sources: Small,
    pub(super) detail: Option<u16>,
}

impl Target {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            flows: 0,
            flows_of_unknown_sampling: 0,
            classes: [Volume::default(); Class::COUNT],
            udp_source_ports: Top::default(),
            target_ports: Top::default(),
            sent: Volume::default(),
            sent_syn: 0,
            asked_ports: Top::default(),
            sources: Small::default(),
            detail: None,
        }
    }

    /// What it received of one class.
    pub fn of(&self, class: Class) -> Volume {
        self.classes[class as usize]
    }

    /// All that it received.
    pub fn received(&self) -> Volume {
        let mut all = Volume::default();
        for volume in self.classes {
            all.add(volume);
        }
        all
    }

    #[inline]
    pub(super) fn add(&mut self, flow: &Flow, class: Class, volume: Volume, known: bool) {
        self.flows += 1;
        self.flows_of_unknown_sampling += u64::from(!known);
        self.classes[class as usize].add(volume);
        // Later fragments have no ports, and 0 is not one.
        if flow.fragment == Fragment::Later {
            return;
        }
        match flow.protocol {
            protocol::UDP => {
                self.udp_source_ports.add(flow.source_port, volume.packets);
                self.target_ports.add(flow.target_port, volume.packets);
            }
            protocol::TCP => self.target_ports.add(flow.target_port, volume.packets),
            _ => {}
        }
    }

    #[inline]
    pub(super) fn sent(&mut self, flow: &Flow, class: Class, volume: Volume) {
        self.sent.add(volume);
        if class == Class::TcpSyn {
            self.sent_syn = self.sent_syn.saturating_add(volume.packets);
        }
        if asks(flow) {
            self.asked_ports.add(flow.target_port, volume.packets);
        }
    }

    pub(super) fn merge(&mut self, more: &Self) {
        self.flows += more.flows;
        self.flows_of_unknown_sampling += more.flows_of_unknown_sampling;
        for (own, volume) in self.classes.iter_mut().zip(more.classes) {
            own.add(volume);
        }
        self.udp_source_ports.merge(&more.udp_source_ports);
        self.target_ports.merge(&more.target_ports);
        self.sent.add(more.sent);
        self.sent_syn = self.sent_syn.saturating_add(more.sent_syn);
        self.asked_ports.merge(&more.asked_ports);
    }

    pub(super) fn pour_sources(&self, details: &mut Details, detail: u16) {
        if let Some(detail) = details.get_mut(detail) {
            self.sources.pour(&mut detail.sources);
        }
    }
}
