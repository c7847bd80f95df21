//! What was lost on the way: the numbers that exporters give to their datagrams.
//!
//! A [`Span`] remembers from where to where the numbers went and how much of that arrived. Spans of
//! several receivers of one exporter add up, and those of later seconds are appended, so datagrams
//! that overtake each other are not losses.
//!
//! What it cannot tell: where something was lost (the exporter, the network, or our socket; the
//! socket's own count is kept apart). Loss before the first and after the last datagram.

/// A jump of the number that is a restart of the exporter, and no loss.
pub const RESTART: u32 = 1 << 20;

/// Part of the numbering of one exporter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    first: u32,
    next: u32,
    /// What arrived: datagrams, or flows, as the exporter numbers.
    received: u64,
    /// What is known to be missing in parts before a restart; negative when something came late.
    before: i64,
    begun: bool,
}

impl Span {
    /// Nothing arrived yet.
    pub const EMPTY: Self = Self { first: 0, next: 0, received: 0, before: 0, begun: false };

    /// Notes a datagram. Without an `advance` the numbering begins anew behind it.
    #[inline]
    pub fn add(&mut self, sequence: u32, advance: Option<u32>) {
        let Some(advance) = advance else {
            self.close();
            return;
        };
        let next = sequence.wrapping_add(advance);
        if self.begun && is_restart(self.next, sequence) {
            self.close();
        }
        if !self.begun {
            (self.first, self.next, self.begun) = (sequence, next, true);
        }
        if is_before(sequence, self.first) {
            self.first = sequence;
        }
        if is_before(self.next, next) {
            self.next = next;
        }
        self.received += u64::from(advance);
    }

    /// Adds what another receiver of the same exporter saw at the same time.
    pub fn merge(&mut self, other: &Self) {
        self.before += other.before;
        if !other.begun {
            return;
        }
        if self.begun && is_restart(self.next, other.first) {
            self.close();
        }
        if !self.begun {
            (self.first, self.next, self.begun) = (other.first, other.next, true);
        }
        if is_before(other.first, self.first) {
            self.first = other.first;
        }
        if is_before(self.next, other.next) {
            self.next = other.next;
        }
        self.received += other.received;
    }

    /// What is missing, in the unit of the exporter's numbers.
    pub fn lost(&self) -> u64 {
        let inside = i64::from(self.next.wrapping_sub(self.first)) - self.received as i64;
        (self.before + if self.begun { inside } else { 0 }).max(0) as u64
    }

    fn close(&mut self) {
        if self.begun {
            self.before += i64::from(self.next.wrapping_sub(self.first)) - self.received as i64;
        }
        *self = Self { before: self.before, ..Self::EMPTY };
    }
}

fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

fn is_restart(expected: u32, sequence: u32) -> bool {
    (sequence.wrapping_sub(expected) as i32).unsigned_abs() > RESTART
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(numbers: &[(u32, u32)]) -> Span {
        let mut span = Span::EMPTY;
        for &(sequence, advance) in numbers {
            span.add(sequence, Some(advance));
        }
        span
    }

    #[test]
    fn gaps_are_losses_and_disorder_is_not() {
        type Case = (&'static str, &'static [(u32, u32)], u64);
        let table: &[Case] = &[
            ("in order", &[(1, 1), (2, 1), (3, 1)], 0),
            ("a gap", &[(1, 1), (2, 1), (5, 1)], 2),
            ("disorder", &[(2, 1), (1, 1), (4, 1), (3, 1)], 0),
            ("around the end", &[(u32::MAX, 1), (0, 1), (2, 1)], 1),
            ("flows", &[(0, 30), (30, 30), (90, 30)], 30),
            ("a restart", &[(5_000_000, 1), (5_000_002, 1), (0, 1), (1, 1)], 1),
            ("doubles", &[(1, 1), (1, 1), (2, 1)], 0),
            ("empty datagrams", &[(7, 0), (7, 0), (7, 3)], 0),
        ];
        for (name, numbers, lost) in table {
            assert_eq!(span(numbers).lost(), *lost, "{name}");
        }
    }

    #[test]
    fn receivers_that_share_an_exporter_add_up() {
        let mut even = span(&[(0, 1), (2, 1), (4, 1)]);
        let odd = span(&[(1, 1), (5, 1), (6, 1)]);
        even.merge(&odd);
        assert_eq!(even.lost(), 1);
        even.merge(&span(&[(8, 1)]));
        assert_eq!(even.lost(), 2);
        even.merge(&Span::EMPTY);
        assert_eq!(even.lost(), 2);
    }

    #[test]
    fn an_unknown_advance_claims_no_loss() {
        let mut span = span(&[(0, 30), (60, 30)]);
        span.add(90, None);
        span.add(200, Some(1));
        assert_eq!(span.lost(), 30);
    }
}
