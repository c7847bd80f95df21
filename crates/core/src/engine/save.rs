//! The engine's memory as bytes, so that a restart need not replay the whole log.
//!
//! A saved state belongs to one build: it begins with [`FORMAT`], and a build that does not know
//! the number refuses it and replays the log instead. It is a shortcut, never the record. The
//! catalogue is not in it; services are found again by slug.

mod form;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::baseline::Baseline;
use crate::baseline::Dispersion;
use crate::baseline::Learnt;
use crate::baseline::Mix;
use crate::baseline::Shape;
use crate::baseline::breakdown::Breakdown;
use crate::baseline::drift::Drift;
use crate::catalog::Catalog;
use crate::detect::count::CountDetector;
use crate::detect::gate::Voice;
use crate::detect::gate::Voices;
use crate::detect::together::Factor;
use crate::detect::together::Finding;
use crate::detect::together::Peers;
use crate::detect::together::Spillover;
use crate::detect::together::Standing;
use crate::engine::Counters;
use crate::engine::Engine;
use crate::engine::EngineConfig;
use crate::engine::frozen::Frozen;
use crate::engine::key::Key;
use crate::engine::key::Level;
use crate::engine::openings::Openings;
use crate::engine::peers::SliceCount;
use crate::engine::peers::Together;
use crate::engine::peers::WindowCounts;
use crate::engine::save::form::Saved;
use crate::engine::settled::Held;
use crate::engine::surge::OpenSurge;
use crate::engine::surge::Tally;
use crate::engine::watch::Minute;
use crate::engine::watch::Watch;
use crate::incident::Ending;
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
use crate::units::NetworkKind;
use crate::units::Place;
use crate::units::Text;

/// Number of this form of the state; any change of a saved type makes a new one.
const FORMAT: u32 = 9;

impl Engine {
    /// The whole memory, without signals that still wait for the watermark: save when none does.
    pub fn save(&self) -> Vec<u8> {
        let mut out = Vec::new();
        FORMAT.save(&mut out);
        self.now.save(&mut out);
        self.shapes.save(&mut out);
        self.categories.save(&mut out);
        self.watches.save(&mut out);
        self.together.save(&mut out);
        self.frozen.save(&mut out);
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
        let together = Together::load(input)?;
        let frozen = Frozen::load(input)?;
        let numbers = together.units.values().flat_map(|units| units.keys());
        let known = numbers
            .chain(&together.touched)
            .chain(&frozen.waiting)
            .all(|index| *index < watches.len());
        let whole = input.is_empty()
            && known
            && categories.values().all(|category| *category < shapes.len())
            && watches.iter().all(|watch| watch.category < shapes.len() && !watch.keys.is_empty());
        let index = watches.iter().enumerate().map(|(i, w)| (w.service.clone(), i)).collect();
        let surging = (0..watches.len()).filter(|index| watches[*index].is_busy()).collect();
        let mut openings = Openings::default();
        for (index, watch) in watches.iter().enumerate() {
            let surges = watch.incidents.iter().flat_map(|incident| &incident.surges);
            surges.for_each(|surge| openings.note(surge.opened_at, index));
        }
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
            together,
            groups: Default::default(),
            openings,
            listened: BTreeMap::new(),
            frozen,
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
    Ending [Calm, NewUsual]
    Standing [Named, Unnamed]
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
    Key { slice, level, detector, tick, hour_count, ring, ring_minute }
    Minute { minute, received, counted, works, components, problems, countries }
    OpenSurge { keys, calm_since, held }
    Held { hours, by_key }
    WindowCounts { number, counts }
    SliceCount { slice, count, fresh }
    Frozen { spent, waiting }
    Together { window, touched, units, open }
    Breakdown { told, untold }
    Drift { seen, usual, until }
    Tally { components, problems, countries }
    Opening { count, usual, doubt, e_value, threshold, reporters, networks, prefixes, slice }
    Surge { opened_at, peak_at, closed_at, ending, peak, usual, counted, excess, opening }
    Finding {
        factor, standing, opened_at, as_of, closed_at, e_value, threshold, members, up, others,
        others_up, p_value, services,
    }
    Spillover { in_danger, relation, since }
    Peers { findings, spillover }
    Share { name, count, share, usual }
    PlaceCount { country, count, times_usual }
    Incident {
        id, service, severity, opened_at, closed_at, surges, outages, components, problems, places,
        scope, peers, reports_counted, reports_received, reconstruction, revision,
    }
    Watch {
        service, category, rule, voices, learnt, dispersion, drift, keys, key_of, parts_sum,
        by_country, by_problem, components_usual, problems_usual, hour_components, hour_problems,
        networks_usual, hour_networks, frozen, minute_ticks, minute, window, recent, surge,
        probing, tally, crowd, incidents, claims, observed, acts, frozen_revision, kinds, synthetic,
        changed,
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

impl Saved for Level {
    fn save(&self, out: &mut Vec<u8>) {
        match self {
            Self::Own(baseline) => {
                out.push(0);
                baseline.save(out);
            }
            Self::Part(sum) => (1_u8, *sum).save(out),
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some(match u8::load(input)? {
            0 => Self::Own(Box::new(Baseline::load(input)?)),
            1 => Self::Part(Saved::load(input)?),
            _ => return None,
        })
    }
}

impl Saved for Factor {
    fn save(&self, out: &mut Vec<u8>) {
        match self {
            Self::Provider(slug) => (0_u8, slug.clone()).save(out),
            Self::Category(slug) => (1_u8, slug.clone()).save(out),
            Self::Country(country) => (2_u8, *country).save(out),
            Self::Network(asn) => (3_u8, *asn).save(out),
            Self::Client(name) => (4_u8, name.clone()).save(out),
        }
    }
    fn load(input: &mut &[u8]) -> Option<Self> {
        Some(match u8::load(input)? {
            0 => Self::Provider(Saved::load(input)?),
            1 => Self::Category(Saved::load(input)?),
            2 => Self::Country(Saved::load(input)?),
            3 => Self::Network(Saved::load(input)?),
            4 => Self::Client(Saved::load(input)?),
            _ => return None,
        })
    }
}
