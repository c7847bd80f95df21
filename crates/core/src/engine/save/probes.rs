//! The memory of probes, and of where something fails, as bytes.

use crate::detect::failure::Agreement;
use crate::detect::failure::Rounds;
use crate::engine::probing::CheckKey;
use crate::engine::probing::Eye;
use crate::engine::probing::OpenOutage;
use crate::engine::probing::Probing;
use crate::engine::probing::Strip;
use crate::engine::save::form::Saved;
use crate::incident::Outage;
use crate::incident::Scope;
use crate::signal::probe::AddressFamily;
use crate::signal::probe::ProbeOutcome;
use crate::signal::probe::References;

choice! {
    AddressFamily [V4, V6]
    ProbeOutcome [Ok, SoftFailure, Blocked, Failed]
    References [Ok, Failed]
    Agreement [Unknown, Blocked, Passing, Local, OnePlace, Partial, Regional, Global]
}

fields! {
    Rounds { failed, known }
    CheckKey { component, kind, monitor, family }
    Eye {
        place, prefix, rounds, at, gap_ms, outcome, references, phase, detail, run, run_since,
        passed,
    }
    OpenOutage { calm_since, unseen_since }
    Strip { place, cells, last, at }
    Probing { checks, strips, outage, partial_since, rechecked_at }
    Outage {
        opened_at, closed_at, agreement, failing, asked, countries, networks, kind, component,
        family, phase, detail, soft,
    }
}

impl Saved for Scope {
    fn save(&self, out: &mut Vec<u8>) {
        match self {
            Self::Everywhere => out.push(0),
            Self::Countries(countries) => (1_u8, countries.clone()).save(out),
            Self::Network(asn) => (2_u8, *asn).save(out),
            Self::Partial => out.push(3),
            Self::OnePlace => out.push(4),
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some(match u8::load(input)? {
            0 => Self::Everywhere,
            1 => Self::Countries(Saved::load(input)?),
            2 => Self::Network(Saved::load(input)?),
            3 => Self::Partial,
            4 => Self::OnePlace,
            _ => return None,
        })
    }
}
