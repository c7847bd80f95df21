//! Faults: each is one file below, and one line here.
//!
//! A fault says how it begins, how it ends, in which phase a probe should see it, and which causes
//! are right for it. Outcry never reads any of that.

macro_rules! faults {
    ($($file:ident),* $(,)?) => {
        $(mod $file;)*
        /// All faults, in order of their names.
        pub const ALL: &[&Fault] = &[$(&$file::FAULT),*];
    };
}

use anyhow::Result;
use outcry_sim::dice::Dice;
use serde_json::Value;

use crate::platform::Platform;

/// A way to break the platform.
#[derive(Debug)]
pub struct Fault {
    /// Its name, that of its file.
    pub name: &'static str,
    /// What happens, in words.
    pub what: &'static str,
    /// Phases of which a probe should name one.
    pub phases: &'static [&'static str],
    /// Causes that are right; empty when the cause is none that Outcry lists.
    pub accept: &'static [&'static str],
    /// What the provider's status page says about it, if it tells at all.
    pub notice: Option<&'static str>,
    /// Breaks the platform; gives what chance decided, such as how severe it is.
    pub begin: fn(&mut Platform, &mut Dice) -> Result<Value>,
    /// Repairs it.
    pub end: fn(&mut Platform) -> Result<()>,
}

faults! {
    app_without_power,
    bad_release,
    certificate_expired,
    certificate_of_other_name,
    database_dead,
    edge_dead,
    edge_unreachable_from_region,
    flash_crowd,
    http_flood,
    identity_provider_down,
    names_servfail,
    names_wrong,
    pulse_wave,
    redirect_loop,
    region_without_power,
    slow_database,
    soft_page,
    syn_flood,
    udp_flood,
    unlisted_licence,
}

/// The fault of a name.
pub fn named(name: &str) -> Option<&'static Fault> {
    ALL.iter().find(|fault| fault.name == name).copied()
}

#[cfg(test)]
mod tests {
    use outcry_core::hypothesis::Cause;

    use super::*;
    use crate::score::WAY;

    #[test]
    fn every_fault_names_causes_and_phases_that_exist() {
        assert!(ALL.len() >= 12, "the laboratory has {} kinds", ALL.len());
        for fault in ALL {
            assert_eq!(named(fault.name).map(|found| found.what), Some(fault.what));
            assert!(fault.phases.iter().all(|phase| WAY.contains(phase)), "{}", fault.name);
            let is_strange = |name: &&&str| Cause::parse(name).is_none();
            assert_eq!(fault.accept.iter().find(is_strange), None, "{}", fault.name);
        }
        assert!(ALL.iter().any(|fault| fault.accept.is_empty()), "one is on no list");
    }
}
