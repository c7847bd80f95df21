//! The names of causes and of their groups: one list for verdicts, claims and scenarios.
//!
//! A cause says what failed. A group holds causes that ask the same of a reader, and may be named
//! when its members cannot be told apart. `overload` and `unknown` are groups of one.
//!
//! # What it cannot tell
//!
//! Where something failed: "by a bad change at the provider" is a place and a mechanism.

/// Every cause with its group, in the order of the method.
pub const CAUSES: [(&str, &str); 15] = [
    ("volumetric_attack", "attack"),
    ("application_attack", "attack"),
    ("bad_change", "internal"),
    ("infrastructure_failure", "internal"),
    ("overload", "overload"),
    ("upstream_failure", "outside"),
    ("routing_failure", "outside"),
    ("access_network_failure", "outside"),
    ("access_blocked", "outside"),
    ("client_failure", "client"),
    ("planned_work", "planned"),
    ("precautionary_shutdown", "planned"),
    ("spillover", "not_here"),
    ("brigading", "not_here"),
    ("unknown", "unknown"),
];

/// Every group once, in the order of the method.
pub const GROUPS: [&str; 8] =
    ["attack", "internal", "overload", "outside", "client", "planned", "not_here", "unknown"];

/// Where something failed, from the point of view of the service that is reported.
pub const PLACES: [&str; 5] = ["service", "provider", "network", "client", "none"];

/// The group of a cause, or a group itself; `None` for what is neither.
pub fn group_of(name: &str) -> Option<&'static str> {
    let cause = CAUSES.iter().find(|(cause, _)| *cause == name).map(|(_, group)| *group);
    cause.or_else(|| GROUPS.into_iter().find(|group| *group == name))
}

/// Whether `name` is a cause.
pub fn is_cause(name: &str) -> bool {
    CAUSES.iter().any(|(cause, _)| *cause == name)
}

/// Causes, then the groups that are no cause: everything that may be named.
pub fn names() -> impl Iterator<Item = &'static str> {
    let groups = GROUPS.into_iter().filter(|group| !is_cause(group));
    CAUSES.iter().map(|(cause, _)| *cause).chain(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_group_and_every_group_a_cause() {
        assert!(CAUSES.iter().all(|(_, group)| GROUPS.contains(group)));
        for group in GROUPS {
            assert!(CAUSES.iter().any(|(_, of)| *of == group), "{group}");
            assert_eq!(group_of(group), Some(group));
        }
        assert_eq!(group_of("application_attack"), Some("attack"));
        assert_eq!(group_of("ddos"), None);
        assert_eq!(names().count(), 15 + 8 - 2);
    }
}
