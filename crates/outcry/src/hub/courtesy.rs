//! Who is asked to look out of turn, and how many: a target gets at most [`LOOKS_PER_MINUTE_MAX`]
//! looks in a minute over all vantage points, whatever asks for them.
//!
//! Its usual rounds come first; what is left is shared out, three looks to each vantage point that
//! is asked. Who is asked goes round, so that each has its turn.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Notify;

/// One a second.
pub const LOOKS_PER_MINUTE_MAX: usize = 60;
/// Looks that one vantage point takes when it is asked.
const LOOKS_WHEN_ASKED: usize = 3;
/// An agent that has not asked for orders for this long is not there to be asked.
const AWAY_AFTER: Duration = Duration::from_secs(60);
/// Services one agent may be asked to look at that it has not taken yet.
const WAITING_MAX: usize = 1_000;

/// What agents are asked to do.
#[derive(Debug, Default)]
pub struct Courtesy {
    asked: Mutex<Asked>,
    /// Told when there is something new for anybody.
    pub news: Notify,
}

#[derive(Debug, Default)]
struct Asked {
    /// Agents, when each was there last, and what it has to look at.
    waiting: BTreeMap<String, (Instant, Vec<String>)>,
    /// Where the next round begins.
    next: usize,
}

impl Courtesy {
    /// An agent is there to be asked.
    pub fn arrived(&self, agent: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        asked.waiting.entry(agent.to_owned()).or_insert_with(|| (now, Vec::new())).0 = now;
    }

    /// Asks as many agents as is polite to look at a service of so many monitors. Says how many.
    pub fn ask(&self, service: &str, monitors: usize) -> usize {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.waiting.retain(|_, (at, _)| at.elapsed() < AWAY_AFTER);
        let agents: Vec<String> = asked.waiting.keys().cloned().collect();
        let count = share(agents.len(), monitors);
        for n in 0..count {
            let agent = &agents[(asked.next.wrapping_add(n)) % agents.len()];
            let Some((_, list)) = asked.waiting.get_mut(agent) else { continue };
            if list.len() < WAITING_MAX && !list.iter().any(|one| one == service) {
                list.push(service.to_owned());
            }
        }
        asked.next = asked.next.wrapping_add(count);
        drop(asked);
        self.news.notify_waiters();
        count
    }

    /// What an agent is to look at now.
    pub fn take(&self, agent: &str) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.waiting.get_mut(agent).map(|(_, list)| std::mem::take(list)).unwrap_or_default()
    }
}

/// How many of so many agents may be asked: what their usual rounds and ours leave over.
fn share(agents: usize, monitors: usize) -> usize {
    let usual = (agents + 1) * monitors.max(1);
    let left = LOOKS_PER_MINUTE_MAX.saturating_sub(usual + LOOKS_WHEN_ASKED * monitors.max(1));
    (left / (LOOKS_WHEN_ASKED * monitors.max(1))).min(agents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_never_gets_more_than_one_look_a_second() {
        for agents in 0..200 {
            for monitors in 1..10 {
                let asked = share(agents, monitors);
                // Ours and theirs, as usual; then ours, which saw it fail, and those who are asked.
                let looks = (agents + 1) * monitors + LOOKS_WHEN_ASKED * monitors * (asked + 1);
                assert!(asked == 0 || looks <= LOOKS_PER_MINUTE_MAX, "{agents} {monitors}");
            }
        }
        assert_eq!(share(5, 1), 5, "a handful are all asked");
        assert_eq!(share(42, 1), 4);
    }

    #[test]
    fn each_has_its_turn() {
        let courtesy = Courtesy::default();
        (0..42).for_each(|n| courtesy.arrived(&format!("{n:02}")));
        for round in 0..11 {
            assert_eq!(courtesy.ask(&format!("s{round}"), 1), 4);
        }
        let counts: Vec<usize> = (0..42).map(|n| courtesy.take(&format!("{n:02}")).len()).collect();
        assert!(counts.iter().all(|n| (1..=2).contains(n)), "{counts:?}");
        assert!(courtesy.take("00").is_empty());
    }
}
