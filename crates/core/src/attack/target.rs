//! The traffic towards one target, or towards one prefix, by component.

use std::collections::BTreeMap;

use crate::attack::part::Class;
use crate::attack::part::Part;
use crate::attack::seen::Seen;

/// Things seen of a target before it gets a room of its own.
pub const FEW: usize = 16;

/// All that is measured of one target.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// By component.
    pub parts: BTreeMap<Class, Part>,
}

impl Target {
    /// Takes one thing seen.
    pub fn add(&mut self, key: u64, seen: &Seen, class: Class, asked: bool) {
        self.parts.entry(class).or_insert_with(|| Part::new(seen.at_ms)).add(key, seen, asked);
    }

    /// Packets of some components.
    pub fn packets(&self, which: impl Fn(Class) -> bool) -> f64 {
        self.some(which).map(|part| part.packets).sum()
    }

    fn some(&self, which: impl Fn(Class) -> bool) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |(class, _)| which(**class)).map(|(_, part)| part)
    }
}

/// A table of targets, bounded.
#[derive(Clone, Debug)]
pub struct Table {
    slots: BTreeMap<u128, Slot>,
    most: usize,
    /// Things seen of targets that had no place any more.
    pub beyond: u64,
}

#[derive(Clone, Debug)]
enum Slot {
    Few(Vec<(Seen, Class, bool)>),
    Many(Box<Target>),
}

impl Table {
    /// With room for `most` targets.
    pub fn new(most: usize) -> Self {
        Self { slots: BTreeMap::new(), most, beyond: 0 }
    }

    /// Takes one thing seen of a target.
    pub fn add(&mut self, target: u128, key: u64, seen: &Seen, class: Class, asked: bool) {
        let is_full = self.slots.len() >= self.most;
        let slot = match self.slots.get_mut(&target) {
            Some(slot) => slot,
            None if is_full => {
                self.beyond += 1;
                return;
            }
            None => self.slots.entry(target).or_insert_with(|| Slot::Few(Vec::new())),
        };
        match slot {
            Slot::Many(known) => known.add(key, seen, class, asked),
            Slot::Few(few) => {
                few.push((*seen, class, asked));
                if few.len() >= FEW {
                    let mut known = Box::new(Target::default());
                    for (seen, class, asked) in few.iter() {
                        known.add(key, seen, *class, *asked);
                    }
                    *slot = Slot::Many(known);
                }
            }
        }
    }

    /// Targets of which enough was seen, in order of address.
    pub fn known(&self) -> impl Iterator<Item = (u128, &Target)> {
        self.slots.iter().filter_map(|(address, slot)| match slot {
            Slot::Many(target) => Some((*address, &**target)),
            Slot::Few(_) => None,
        })
    }

    /// One target, if enough was seen of it.
    pub fn get(&self, target: u128) -> Option<&Target> {
        match self.slots.get(&target)? {
            Slot::Many(known) => Some(known),
            Slot::Few(_) => None,
        }
    }
}
