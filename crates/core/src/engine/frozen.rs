//! How many case files a tick may cost: when everything fails at once, some wait for the next.
//!
//! An incident is told at once; its case file follows with the same tick unless
//! [`CASES_PER_TICK_MAX`] were frozen in it already. What waits is frozen at the end of the ticks
//! that follow, in order of the services, as of then.
//!
//! # What it cannot tell
//!
//! What an incident looked like in the moments between: a case that waits is frozen once, as it is
//! when its turn comes.

use std::collections::BTreeSet;

use crate::engine::Action;
use crate::engine::Engine;
use crate::time::UnixMillis;

/// Case files that are frozen in one tick: some tenths of a second.
pub const CASES_PER_TICK_MAX: usize = 1_000;

/// What was frozen in this tick, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// Case files of this tick.
    pub(crate) spent: u64,
    /// Services whose newest incident waits for its case file.
    pub(crate) waiting: BTreeSet<usize>,
}

impl Engine {
    /// Freezes the newest incident of a service now, or with one of the ticks that follow.
    pub(super) fn freeze_soon(&mut self, index: usize, at: UnixMillis, actions: &mut Vec<Action>) {
        if self.frozen.spent >= CASES_PER_TICK_MAX as u64 {
            self.frozen.waiting.insert(index);
            return;
        }
        self.frozen.spent += 1;
        self.frozen.waiting.remove(&index);
        actions.extend(self.case_of(index, at).map(Action::Case));
    }

    /// A tick begins: what waits is frozen first.
    pub(super) fn freeze_waiting(&mut self, end: UnixMillis, actions: &mut Vec<Action>) {
        self.frozen.spent = 0;
        let turn: Vec<usize> =
            self.frozen.waiting.iter().copied().take(CASES_PER_TICK_MAX).collect();
        turn.into_iter().for_each(|index| self.freeze_soon(index, end, actions));
    }
}
