//! A fixed array of flows that is filled column by column and given on.
//!
//! Filling one field of all records of a set at a time keeps each loop tight: the layout of a
//! template is looked at once a set, not once a record.

use crate::record::Flow;

/// Flows in a batch: 64 records of 128 bytes lie in the first-level cache.
pub const BATCH_FLOWS: usize = 64;

/// Flows on their way to the sink.
#[derive(Debug)]
pub(crate) struct Batch {
    flows: Box<[Flow; BATCH_FLOWS]>,
    given: u64,
}

impl Default for Batch {
    fn default() -> Self {
        Self { flows: Box::new([Flow::default(); BATCH_FLOWS]), given: 0 }
    }
}

impl Batch {
    /// The first `length` flows, each set to `base`.
    #[inline]
    pub(crate) fn begin(&mut self, length: usize, base: &Flow) -> &mut [Flow] {
        let flows = &mut self.flows[..length.min(BATCH_FLOWS)];
        flows.fill(*base);
        flows
    }

    /// Gives the first `length` flows on.
    #[inline]
    pub(crate) fn give(&mut self, length: usize, sink: &mut impl FnMut(&[Flow])) {
        let flows = &self.flows[..length.min(BATCH_FLOWS)];
        self.given += flows.len() as u64;
        sink(flows);
    }

    /// Gives one flow on.
    #[inline]
    pub(crate) fn give_one(&mut self, flow: &Flow, sink: &mut impl FnMut(&[Flow])) {
        self.given += 1;
        sink(std::slice::from_ref(flow));
    }

    /// Flows given since the last call.
    #[inline]
    pub(crate) fn take_given(&mut self) -> u64 {
        std::mem::take(&mut self.given)
    }
}
