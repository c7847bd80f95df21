//! What an exporter says of itself: how it samples, and when its clock began.
//!
//! References: RFC 5477 §8.2 (elements 305 to 311), Cisco's fields 34 and 50.

use crate::export::sampling::Scope;
use crate::netflow::columns::number;
use crate::netflow::element::Slot;
use crate::netflow::template::Columns;
use crate::record::Sampling;
use crate::record::SamplingOrigin;

/// What one record of options says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) scope: Scope,
    pub(crate) sampling: Sampling,
    pub(crate) booted_ms: Option<u64>,
}

/// Reads one record of options.
pub(crate) fn read(columns: &Columns, row: &[u8]) -> Told {
    let value = |slot: Slot| columns.get(slot).map(|column| number(row, column));
    let scope = match (value(Slot::Sampler), value(Slot::InInterface)) {
        (Some(id), _) => Scope::Sampler(id),
        (None, Some(interface)) if interface != 0 => Scope::Interface(interface as u32),
        _ => Scope::Domain,
    };
    Told {
        scope,
        sampling: rate(columns, row, SamplingOrigin::Table),
        booted_ms: value(Slot::BootedAt).filter(|ms| *ms != 0),
    }
}

/// Whether a layout has fields that say a rate.
pub(crate) fn has_own_rate(columns: &Columns) -> bool {
    let says = [
        Slot::SamplerInterval,
        Slot::SamplingInterval,
        Slot::TakenInRow,
        Slot::TakenOf,
        Slot::Probability,
    ];
    says.into_iter().any(|slot| columns.has(slot))
}

/// The rate that a record says, unknown if it says none.
pub(crate) fn rate(columns: &Columns, row: &[u8], origin: SamplingOrigin) -> Sampling {
    let value = |slot: Slot| {
        let number = number(row, columns.get(slot)?);
        u32::try_from(number).ok().filter(|number| *number != 0)
    };
    if let (Some(taken), Some(column)) = (value(Slot::TakenInRow), columns.get(Slot::LeftBetween)) {
        let left = u32::try_from(number(row, column)).unwrap_or(u32::MAX);
        return Sampling::ratio(taken, taken.saturating_add(left), origin);
    }
    if let (Some(taken), Some(population)) = (value(Slot::TakenOf), value(Slot::Population)) {
        return Sampling::ratio(taken, population, origin);
    }
    if let Some(column) = columns.get(Slot::Probability) {
        let bits = number(row, column);
        let probability = match column.length {
            4 => f64::from(f32::from_bits(bits as u32)),
            _ => f64::from_bits(bits),
        };
        if probability > 0.0 && probability <= 1.0 {
            return Sampling::one_in((1.0 / probability).round() as u32, origin);
        }
    }
    let interval = value(Slot::SamplerInterval).or_else(|| value(Slot::SamplingInterval));
    Sampling::one_in(interval.unwrap_or_default(), origin)
}
