//! Politeness towards targets: one look at a time, so that no crowd of false reports can turn
//! vantage points into a weapon.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::address::Host;
use crate::probe::Target;
use crate::probe::dns;

/// Targets after which those that may be looked at again are forgotten.
const TARGETS_KEPT: usize = 20_000;
/// Names an opt-out list may have.
pub const OPT_OUT_MAX: usize = 100_000;

/// When each target was looked at last.
#[derive(Clone, Debug)]
pub struct Polite {
    gap: Duration,
    last: BTreeMap<Box<str>, Duration>,
}

impl Polite {
    /// At most one look in `gap`.
    pub fn new(gap: Duration) -> Self {
        Self { gap, last: BTreeMap::new() }
    }

    /// Takes the turn of a target now, or says when it comes. Times are spans since one moment.
    ///
    /// # Errors
    ///
    /// The earliest time of the next look.
    pub fn admit(&mut self, target: &str, now: Duration) -> Result<(), Duration> {
        if let Some(last) = self.last.get_mut(target) {
            let free = *last + self.gap;
            if now < free {
                return Err(free);
            }
            *last = now;
            return Ok(());
        }
        if self.last.len() >= TARGETS_KEPT {
            let gap = self.gap;
            self.last.retain(|_, last| now < *last + gap);
        }
        self.last.insert(target.into(), now);
        Ok(())
    }
}

/// Those who asked not to be looked at: names, and all names below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptOut(Vec<Box<str>>);

impl OptOut {
    /// Reads a list of names; whatever stands beyond [`OPT_OUT_MAX`] is left out.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let clean = |name: &str| name.trim().trim_start_matches("*.").to_ascii_lowercase();
        let names = names.into_iter().map(clean).filter(|name| !name.is_empty());
        Self(names.take(OPT_OUT_MAX).map(Into::into).collect())
    }

    /// Whether a target is on the list.
    pub fn holds(&self, target: &str) -> bool {
        self.0.iter().any(|name| {
            let before = target.strip_suffix(&**name);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    }
}

/// Who is bothered by a look: the host that is spoken to, or whose name is asked for. `None` for
/// what reports by itself.
pub fn target_of(target: &Target) -> Option<String> {
    let host = |host: &Host| Some(host.to_string());
    match target {
        Target::Http(it) => host(&it.url.host),
        Target::Flow(it) => it.first_host().map(ToString::to_string),
        Target::Tcp(it) => host(&it.aim.host),
        Target::Tls(it) => host(&it.aim.host),
        Target::Dns(it) => dns::name_of(&it.server)
            .map(ToString::to_string)
            .or_else(|| Some(it.question.name().to_string())),
        Target::Icmp(it) => host(&it.aim.host),
        Target::WebSocket(it) => host(&it.url.host),
        Target::Grpc(it) => host(&it.url.host),
        Target::Hls(it) => host(&it.url.host),
        Target::Ssh(it) => host(&it.aim.host),
        Target::Heartbeat(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_target_gets_one_look_in_the_gap_and_others_do_not_wait_for_it() {
        let mut polite = Polite::new(S);
        assert_eq!(polite.admit("a", S), Ok(()));
        assert_eq!(polite.admit("a", S + S / 2), Err(S * 2));
        assert_eq!(polite.admit("b", S + S / 2), Ok(()));
        assert_eq!(polite.admit("a", S * 2), Ok(()));
    }

    #[test]
    fn who_opted_out_did_so_for_all_names_below() {
        let out = OptOut::new(["Example.org", " *.example.net ", ""]);
        for (name, holds) in [
            ("example.org", true),
            ("www.example.org", true),
            ("an-example.org", false),
            ("a.b.example.net", true),
            ("example.com", false),
        ] {
            assert_eq!(out.holds(name), holds, "{name}");
        }
    }
}
