//! The engine's memory as bytes, so that a restart need not replay the whole log.
//!
//! A saved state belongs to one build: it begins with [`FORMAT`], and a build that does not know
//! the number refuses it and replays the log instead. It is a shortcut, never the record. The
//! catalogue is not in it; services are found again by slug.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::baseline::Baseline;
use crate::baseline::Dispersion;
use crate::baseline::Learnt;
use crate::baseline::Mix;
use crate::baseline::Shape;
use crate::catalog::Catalog;
use crate::detect::count::CountDetector;
use crate::detect::gate::Voice;
use crate::detect::gate::Voices;
use crate::engine::Counters;
use crate::engine::Engine;
use crate::engine::EngineConfig;
use crate::engine::key::Key;
use crate::engine::surge::OpenSurge;
use crate::engine::surge::Tally;
use crate::engine::watch::Minute;
use crate::engine::watch::Watch;
use crate::incident::Incident;
use crate::incident::IncidentId;
use crate::incident::Opening;
use crate::incident::PlaceCount;
use crate::incident::Severity;
use crate::incident::Share;
use crate::incident::Surge;
use crate::series::Slice;
use crate::signal::PrefixKey;
use crate::signal::ReporterKey;
use crate::time::Tick;
use crate::time::UnixMillis;
use crate::time::UnixMinute;
use crate::trust::ReporterRule;
use crate::trust::Seen;
use crate::units::Asn;
use crate::units::Country;
use crate::units::NetworkKind;
use crate::units::Place;
use crate::units::Text;

/// Number of this form of the state; any change of a saved type makes a new one.
const FORMAT: u32 = 5;
/// Items a saved list may claim to have; a damaged length is refused instead of allocated.
const ITEMS_MAX: u64 = 50_000_000;

impl Engine {
    /// The whole memory, without signals that still wait for the watermark: save when none does.
    pub fn save(&self) -> Vec<u8> {
        let mut out = Vec::new();
        FORMAT.save(&mut out);
        self.now.save(&mut out);
        self.shapes.save(&mut out);
        self.categories.save(&mut out);
        self.watches.save(&mut out);
        out
    }

    /// An engine with this memory, or `None` when it is damaged or of another build.
    pub fn load(config: EngineConfig, catalog: Arc<Catalog>, bytes: &[u8]) -> Option<Self> {
        let input = &mut { bytes };
        if u32::load(input)? != FORMAT {
            return None;
        }
        let now = Option::<UnixMillis>::load(input)?;
        let shapes = Vec::<Shape>::load(input)?;
        let categories = BTreeMap::<Text, usize>::load(input)?;
        let watches = Vec::<Watch>::load(input)?;
        let whole = input.is_empty()
            && categories.values().all(|category| *category < shapes.len())
            && watches.iter().all(|watch| watch.category < shapes.len() && !watch.keys.is_empty());
        let index = watches.iter().enumerate().map(|(i, w)| (w.service.clone(), i)).collect();
        let surging = (0..watches.len()).filter(|index| watches[*index].is_busy()).collect();
        let mut engine = whole.then_some(Self {
            config,
            catalog: Arc::default(),
            index,
            watches,
            surging,
            categories,
            shapes,
            listed: Vec::new(),
            waiting: BTreeMap::new(),
            now,
            ledger: Default::default(),
            last: None,
            counters: Counters::default(),
        })?;
        engine.set_catalog(catalog);
        Some(engine)
    }

    /// Signals that wait for the watermark.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// Writes itself to bytes and reads itself back.
trait Saved: Sized {
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

/// A struct, field by field; the literal in `load` makes the compiler find a forgotten one.
macro_rules! fields {
    ($($type:ident { $($field:ident),* $(,)? })*) => { $(
        impl Saved for $type {
            fn save(&self, out: &mut Vec<u8>) {
                $( self.$field.save(out); )*
            }
            fn load(input: &mut &[u8]) -> Option<Self> {
                Some(Self { $( $field: Saved::load(input)? ),* })
            }
        }
    )* };
}

macro_rules! newtype {
    ($($type:ident),*) => { $(
        impl Saved for $type {
            fn save(&self, out: &mut Vec<u8>) {
                self.0.save(out);
            }
            fn load(input: &mut &[u8]) -> Option<Self> {
                Saved::load(input).map(Self)
            }
        }
    )* };
}

/// An enum without data, by its place in the list.
macro_rules! choice {
    ($($type:ident [ $($variant:ident),* ])*) => { $(
        impl Saved for $type {
            fn save(&self, out: &mut Vec<u8>) {
                const ALL: &[$type] = &[$( $type::$variant ),*];
                let place = ALL.iter().position(|one| one == self).expect("all are listed");
                out.push(place as u8);
            }
            fn load(input: &mut &[u8]) -> Option<Self> {
                const ALL: &[$type] = &[$( $type::$variant ),*];
                ALL.get(usize::from(u8::load(input)?)).copied()
            }
        }
    )* };
}

mod probes;

newtype!(UnixMillis, UnixMinute, Tick, Asn, ReporterKey, PrefixKey, IncidentId, Voices);

choice! {
    Severity [Warning, Danger]
    NetworkKind [Access, Hosting, Unknown]
}

fields! {
    Baseline { slots, sum }
    Learnt { weeks, hours, began }
    Shape { sums, hours, sum, hour }
    Dispersion { observed, expected }
    Mix { counts }
    CountDetector { sums, ratios, size, steps, count }
    Voice { at, reporter, prefix, place, component, problem }
    Place { country, asn, network }
    Seen { at, reporter, prefix, counted }
    Key { slice, baseline, detector, tick, hour_count, ring, ring_minute }
    Minute { minute, received, counted, works, components, problems, countries }
    OpenSurge { keys, calm_since }
    Tally { components, problems, countries }
    Opening { count, usual, e_value, threshold, reporters, networks, prefixes, slice }
    Surge { opened_at, peak_at, closed_at, peak, usual, counted, excess, opening }
    Share { name, count, share, usual }
    PlaceCount { country, count, times_usual }
    Incident {
        id, service, severity, opened_at, closed_at, surges, outages, components, problems, places,
        scope, reports_counted, reports_received, reconstruction, revision,
    }
    Watch {
        service, category, rule, voices, learnt, dispersion, keys, key_of, components_usual,
        problems_usual, hour_components, hour_problems, networks_usual, hour_networks, frozen,
        minute_ticks, minute, recent, surge, probing, tally, crowd, incidents, claims, observed, acts,
        frozen_revision, kinds, synthetic, changed,
    }
}

mod told;

/// What it remembers besides is made from the order.
impl Saved for ReporterRule {
    fn save(&self, out: &mut Vec<u8>) {
        self.order.save(out);
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Saved::load(input).map(Self::after)
    }
}

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

impl Saved for Slice {
    fn save(&self, out: &mut Vec<u8>) {
        match self {
            Self::All => out.push(0),
            Self::Country(country) => (1_u8, *country).save(out),
            Self::Component(name) => (2_u8, name.clone()).save(out),
            Self::Problem(name) => (3_u8, name.clone()).save(out),
            Self::Network(asn) => (4_u8, *asn).save(out),
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some(match u8::load(input)? {
            0 => Self::All,
            1 => Self::Country(Saved::load(input)?),
            2 => Self::Component(Saved::load(input)?),
            3 => Self::Problem(Saved::load(input)?),
            4 => Self::Network(Saved::load(input)?),
            _ => return None,
        })
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
