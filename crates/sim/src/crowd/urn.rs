//! Urns: a mix of names with their parts, drawn from.

use crate::dice::Dice;

/// A mix ready to be drawn from.
#[derive(Clone, Debug, Default)]
pub(super) struct Urn<T> {
    /// Upper edges of the parts, adding up to one.
    parts: Vec<(f64, T)>,
}

impl<T: Clone> Urn<T> {
    pub(super) fn new(parts: impl Iterator<Item = (T, f64)>) -> Self {
        let parts: Vec<(T, f64)> = parts.filter(|(_, part)| *part > 0.0).collect();
        let whole: f64 = parts.iter().map(|(_, part)| part).sum();
        let mut edge = 0.0;
        let edges = parts.into_iter().map(|(name, part)| {
            edge += part / whole;
            (edge, name)
        });
        Self { parts: edges.collect() }
    }

    /// Draws a part by its number; `None` where there are none.
    pub(super) fn draw(&self, dice: &mut Dice) -> Option<u16> {
        if self.parts.is_empty() {
            return None;
        }
        let place = self.place(dice);
        (place < self.parts.len()).then(|| u16::try_from(place).expect("a mix is short"))
    }

    pub(super) fn part(&self, place: Option<u16>) -> Option<&T> {
        self.parts.get(usize::from(place?)).map(|(_, name)| name)
    }

    fn place(&self, dice: &mut Dice) -> usize {
        let at = dice.unit();
        let found = self.parts.iter().position(|(edge, _)| at < *edge);
        found.unwrap_or(self.parts.len().saturating_sub(1))
    }

    /// Draws `total` times and counts; names without a count are left out.
    pub(super) fn shared_out(&self, total: u64, dice: &mut Dice) -> Vec<(T, u64)> {
        if total == 0 || self.parts.is_empty() {
            return Vec::new();
        }
        let mut counts = vec![0; self.parts.len()];
        (0..total).for_each(|_| counts[self.place(dice)] += 1);
        let named = self.parts.iter().zip(counts).filter(|(_, n)| *n > 0);
        named.map(|((_, name), n)| (name.clone(), n)).collect()
    }
}
