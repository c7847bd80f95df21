//! How single values and collections stand in the saved memory: little-endian numbers, lengths
//! first.
//!
//! Reading is total: bytes that cannot be such a value give `None`, and a length that cannot be
//! true is refused instead of allocated.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;

use crate::units::Country;
use crate::units::Text;

/// Items a saved list may claim to have.
const ITEMS_MAX: u64 = 50_000_000;

/// Writes itself to bytes and reads itself back.
pub(super) trait Saved: Sized {
    fn save(&self, out: &mut Vec<u8>);
    fn load(input: &mut &[u8]) -> Option<Self>;
}

/// Takes the first `N` bytes.
fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*head)
}

macro_rules! number {
    ($($type:ty),*) => { $(
        impl Saved for $type {
            fn save(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn load(input: &mut &[u8]) -> Option<Self> {
                take(input).map(Self::from_le_bytes)
            }
        }
    )* };
}

number!(u8, u32, u64, i64, f32, f64);

impl Saved for bool {
    fn save(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        match u8::load(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Saved for usize {
    fn save(&self, out: &mut Vec<u8>) {
        (*self as u64).save(out);
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        u64::load(input)?.try_into().ok()
    }
}

impl Saved for Text {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        out.extend_from_slice(self.as_bytes());
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        let length = usize::load(input)?;
        let (head, rest) = input.split_at_checked(length)?;
        *input = rest;
        std::str::from_utf8(head).ok().map(Text::from)
    }
}

impl Saved for Country {
    fn save(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.code().as_bytes());
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Country::parse(std::str::from_utf8(&take::<2>(input)?).ok()?)
    }
}

impl<T: Saved> Saved for Option<T> {
    fn save(&self, out: &mut Vec<u8>) {
        self.is_some().save(out);
        if let Some(value) = self {
            value.save(out);
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        if bool::load(input)? { T::load(input).map(Some) } else { Some(None) }
    }
}

impl<A: Saved, B: Saved> Saved for (A, B) {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
        self.1.save(out);
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?))
    }
}

impl<A: Saved, B: Saved, C: Saved> Saved for (A, B, C) {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
        self.1.save(out);
        self.2.save(out);
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?, C::load(input)?))
    }
}

impl<T: Saved, const N: usize> Saved for [T; N] {
    fn save(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.save(out));
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        let items: Vec<T> = (0..N).map(|_| T::load(input)).collect::<Option<_>>()?;
        items.try_into().ok()
    }
}

/// A collection: its length, then its items in order.
macro_rules! collection {
    ($($type:ty, $item:ty, [$($bound:tt)*];)*) => { $(
        impl<$($bound)*> Saved for $type {
            fn save(&self, out: &mut Vec<u8>) {
                self.len().save(out);
                self.iter().for_each(|item| item.save(out));
            }
            fn load(input: &mut &[u8]) -> Option<Self> {
                let length = u64::load(input).filter(|length| *length <= ITEMS_MAX)?;
                (0..length).map(|_| <$item>::load(input)).collect()
            }
        }
    )* };
}

collection! {
    Vec<T>, T, [T: Saved];
    VecDeque<T>, T, [T: Saved];
    BTreeSet<T>, T, [T: Saved + Ord];
}

impl<K: Saved + Ord, V: Saved> Saved for BTreeMap<K, V> {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        for (key, value) in self {
            key.save(out);
            value.save(out);
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        let length = u64::load(input).filter(|length| *length <= ITEMS_MAX)?;
        (0..length).map(|_| Some((K::load(input)?, V::load(input)?))).collect()
    }
}
