//! Carpets: one attack on a whole prefix.
//!
//! Judged like a target, over the sum of the prefix; it is a carpet when many targets share it and
//! none has much. Adjacent prefixes with the same vectors are one attack.

use crate::attack::Attack;
use crate::attack::BenignReport;
use crate::attack::Watch;
use crate::attack::classify;
use crate::attack::classify::Benign;
use crate::attack::seen::prefix;
use crate::attack::seen::v4;
use crate::attack::spoofing;
use crate::attack::vector::Vector;

/// Targets of a prefix from which on it may be a carpet.
pub const TARGETS_MIN: f64 = 32.0;
/// Share of the prefix's excess that none of its targets may have.
pub const TARGET_SHARE_MAX: f64 = 0.25;

impl Watch {
    /// Attacks on whole prefixes, merged where they lie side by side.
    pub(super) fn carpets(&self, benign: &mut Vec<BenignReport>) -> Vec<Attack> {
        let mut carpets: Vec<Attack> = Vec::new();
        for (network, sum) in self.prefixes.known() {
            let judged = classify::judge(sum);
            let over_many =
                |class: &Benign| matches!(class, Benign::HostScan | Benign::Backscatter);
            for class in judged.benign.iter().copied().filter(over_many) {
                benign.push(BenignReport { class, target: None });
            }
            let main = judged.found.first().map(|found| found.parts[0]);
            let targets = main.map_or(0.0, |part| part.targets.count());
            let all = sum.packets(|_| true);
            let largest = self.targets_of(network).fold(0.0, f64::max);
            if targets < TARGETS_MIN || largest > TARGET_SHARE_MAX * all {
                continue;
            }
            let Some(mut attack) = self.attack(network, sum, &judged.found) else { continue };
            attack.prefix_bits = Some(if v4(network).is_some() { 24 } else { 48 });
            attack.targets = targets;
            attack.carpet = attack.vectors.iter().any(|vector| vector.vector != Vector::Dhcp);
            join(&mut carpets, attack);
        }
        carpets
    }

    /// Packets of each target of a prefix that has a room of its own.
    fn targets_of(&self, network: u128) -> impl Iterator<Item = f64> + '_ {
        self.targets
            .known()
            .skip_while(move |(address, _)| *address < network)
            .take_while(move |(address, _)| prefix(*address) == network)
            .map(|(_, target)| target.packets(|_| true))
    }
}

/// Adds an attack on a prefix to those before it, in order of address: to the last one, if they lie
/// side by side.
pub fn join(carpets: &mut Vec<Attack>, attack: Attack) {
    match carpets.last_mut().filter(|last| are_one(last, &attack)) {
        Some(last) => merge(last, attack),
        None => carpets.push(attack),
    }
}

fn names(attack: &Attack) -> Vec<Vector> {
    let mut names: Vec<Vector> = attack.vectors.iter().map(|vector| vector.vector).collect();
    names.sort_unstable();
    names
}

/// Prefixes side by side, hit the same way at the same time, by what little may lie between.
fn are_one(last: &Attack, next: &Attack) -> bool {
    /// Prefixes between two that were hit which may have been spared.
    const SPARED_MAX: u128 = 7;
    let step = |attack: &Attack| if v4(attack.target).is_some() { 1_u128 << 8 } else { 1 << 80 };
    let end = last_address(last);
    let near = next.target.saturating_sub(end) <= step(next) * (SPARED_MAX + 1);
    let same_time = next.span_ms.0 <= last.span_ms.1 && last.span_ms.0 <= next.span_ms.1;
    near && same_time && step(last) == step(next) && names(last) == names(next)
}

fn last_address(attack: &Attack) -> u128 {
    let host_bits = host_bits(attack);
    attack.target | ((1_u128 << host_bits) - 1)
}

fn host_bits(attack: &Attack) -> u32 {
    let whole = if v4(attack.target).is_some() { 32 } else { 128 };
    whole - u32::from(attack.prefix_bits.unwrap_or(whole as u8))
}

/// The smallest prefix that holds both.
fn merge(last: &mut Attack, next: Attack) {
    let differs = last.target ^ last_address(&next);
    let host_bits = (128 - differs.leading_zeros()).max(host_bits(last));
    let whole = if v4(last.target).is_some() { 32 } else { 128 };
    last.target = last.target >> host_bits << host_bits;
    last.prefix_bits = u8::try_from(whole - host_bits.min(whole)).ok();
    last.targets += next.targets;
    last.span_ms = (last.span_ms.0.min(next.span_ms.0), last.span_ms.1.max(next.span_ms.1));
    let mut seconds: std::collections::BTreeMap<_, _> = last.seconds.drain(..).collect();
    for (at, second) in next.seconds {
        let sum: &mut crate::attack::part::Second = seconds.entry(at).or_default();
        sum.packets += second.packets;
        sum.octets += second.octets;
    }
    last.seconds = seconds.into_iter().collect();
    last.peak_bps = last.seconds.iter().map(|(_, s)| s.octets * 8.0).fold(0.0, f64::max);
    last.peak_pps = last.seconds.iter().map(|(_, s)| s.packets).fold(0.0, f64::max);
    last.sources = last.sources.max(next.sources);
    last.confidence = last.confidence.max(next.confidence);
    last.sampling_unknown |= next.sampling_unknown;
    for vector in next.vectors {
        if let Some(own) = last.vectors.iter_mut().find(|own| own.vector == vector.vector) {
            own.packets += vector.packets;
            own.octets += vector.octets;
            own.records += vector.records;
            own.sources = own.sources.max(vector.sources);
            own.span_ms =
                (own.span_ms.0.min(vector.span_ms.0), own.span_ms.1.max(vector.span_ms.1));
            let both = [(own.verdict, own.packets), (vector.verdict, vector.packets)];
            own.verdict = spoofing::agreed(&both);
        }
    }
    let all: f64 = last.vectors.iter().map(|vector| vector.packets).sum();
    last.vectors.iter_mut().for_each(|vector| vector.fraction = vector.packets / all);
    let verdicts: Vec<_> =
        last.vectors.iter().map(|vector| (vector.verdict, vector.packets)).collect();
    last.verdict = spoofing::agreed(&verdicts);
    last.sample.extend(next.sample);
}

/// Whether an attack on one target is part of an attack on a prefix.
pub fn covers(carpet: &Attack, attack: &Attack) -> bool {
    let host_bits = host_bits(carpet);
    let inside = host_bits >= 128 || attack.target >> host_bits == carpet.target >> host_bits;
    let ours = names(carpet);
    inside && names(attack).iter().all(|vector| ours.contains(vector))
}
