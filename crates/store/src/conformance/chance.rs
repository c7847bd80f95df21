//! Chance: numbers that look random and are the same in every run, and the batches drawn with them.
//!
//! Names are drawn from few, so that batches meet the same cells, incidents and comments again.
//!
//! # References
//!
//! Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014 (SplitMix64).

use std::collections::BTreeMap;

use outcry_core::detect::failure::Agreement;
use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::MinutePoint;
use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::incident::Outage;
use outcry_core::incident::PlaceCount;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::incident::Surge;
use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::series::Slice;
use outcry_core::signal::Body;
use outcry_core::signal::Provenance;
use outcry_core::signal::Signal;
use outcry_core::signal::said::Claim;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::Text;

use crate::alerts::Alerts;
use crate::record::Batch;
use crate::record::NewComment;
use crate::record::ProposalState;
use crate::record::Retention;

/// Services that are drawn from.
pub const SERVICES: [&str; 5] = ["bank", "bank-2", "x", "žlutý-kůň", "o'neill; --"];

/// Ids of comments are drawn from these and the numbers below [`COMMENTS`].
const COMMENT_IDS: [u128; 3] = [u128::MAX, 1 << 127, u64::MAX as u128];
/// Ids of comments that are small numbers.
const COMMENTS: u64 = 60;
const NAMES: [&str; 4] = ["app", "login", "přihlášení", ""];
const COUNTRIES: [&str; 3] = ["CZ", "US", "XK"];
const TEXTS: [&str; 4] =
    ["", "It is down.", "line\nline \"quoted\" \\", "🙂 '); DROP TABLE cell; --"];
/// Cells of a batch at most.
const CELLS_MAX: u64 = 25;
/// Minutes that are drawn: some before 1970, most on one day of 2025, some late ones of the weeks
/// before it, at midnight too.
const MINUTE_BASES: [i64; 7] =
    [-150, NEWEST, NEWEST, NEWEST, NEWEST - 1_440, NEWEST - 5 * 1_440 - 900, NEWEST - 60 * 1_440];
const NEWEST: i64 = 29_026_000;
const MINUTES: u64 = 300;
/// Days that tending may be ahead of the newest minute.
const DAYS_AHEAD: u64 = 12;

/// A seeded SplitMix64.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    #[expect(clippy::should_implement_trait, reason = "chance has no end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number below `bound` as an index.
    pub fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound as u64)).expect("below a usize")
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// A service.
    pub fn service(&mut self) -> Text {
        (*self.pick(&SERVICES)).into()
    }

    /// A dimension.
    pub fn dimension(&mut self) -> Dimension {
        match self.below(7) {
            0 | 1 => Dimension::All,
            2 => Dimension::Works,
            3 => Dimension::Component((*self.pick(&NAMES)).into()),
            4 => Dimension::Problem((*self.pick(&NAMES)).into()),
            _ => Dimension::Country(self.country()),
        }
    }

    /// A minute.
    pub fn minute(&mut self) -> UnixMinute {
        UnixMinute(self.pick(&MINUTE_BASES) + i64::try_from(self.below(MINUTES)).expect("small"))
    }

    /// A moment to tend a store at: mostly somewhat after the newest minutes, seldom far off.
    pub fn now(&mut self) -> UnixMinute {
        let days = i64::try_from(self.below(DAYS_AHEAD)).expect("small");
        match self.below(20) {
            0 => *self.pick(&[UnixMinute(i64::MIN), UnixMinute(0), UnixMinute(NEWEST + 99_999)]),
            _ => UnixMinute(NEWEST + days * 1_440 + self.minute().0.rem_euclid(1_440)),
        }
    }

    /// How long to keep what: all of it half of the time.
    pub fn retention(&mut self) -> Retention {
        let mut days = |most| u32::try_from(self.below(most)).expect("small");
        let (fold_after_days, minutes_days, hours_days) = (days(8), days(40), days(90));
        match self.one_in(2) {
            true => Retention { fold_after_days, minutes_days: u32::MAX, hours_days: u32::MAX },
            false => Retention { fold_after_days, minutes_days, hours_days },
        }
    }

    /// The id of an incident.
    pub fn incident_id(&mut self) -> IncidentId {
        IncidentId(format!("{}-2025-03-10-{}", self.pick(&SERVICES[..3]), self.below(5)).into())
    }

    /// The id of a comment.
    pub fn comment_id(&mut self) -> u128 {
        if self.one_in(10) { *self.pick(&COMMENT_IDS) } else { u128::from(self.below(COMMENTS)) }
    }

    /// A batch that begins at `from_seq`; one in four is about no record.
    pub fn batch(&mut self, from_seq: u64) -> Batch {
        let records = if self.one_in(4) { 0 } else { 1 + self.below(1_000) };
        let cells = if records == 0 { 0 } else { self.below(CELLS_MAX) };
        let mut deltas = Deltas::default();
        for _ in 0..cells {
            let (service, minute, dimension) = (self.service(), self.minute(), self.dimension());
            deltas.add(Cell { service, minute, dimension }, self.counts());
        }
        let several = |chance: &mut Self| chance.below(4);
        Batch {
            from_seq,
            to_seq: from_seq + records,
            deltas,
            imports: Vec::new(),
            incidents: (0..several(self)).map(|_| self.incident()).collect(),
            cases: (0..several(self)).map(|_| self.case_file()).collect(),
            comments: (0..several(self)).map(|_| self.comment()).collect(),
            proposals: (0..several(self)).map(|_| self.proposal()).collect(),
            decided: (0..several(self)).map(|_| self.decided()).collect(),
            alerts: Alerts::default(),
            checkpoint: self.one_in(5).then(|| self.bytes()),
        }
    }

    fn country(&mut self) -> Option<Country> {
        if self.one_in(4) { None } else { Country::parse(self.pick::<&str>(&COUNTRIES)) }
    }

    fn name(&mut self) -> Option<Text> {
        self.one_in(2).then(|| (*self.pick(&NAMES)).into())
    }

    fn counts(&mut self) -> Counts {
        let received = match self.below(40) {
            0 => u32::MAX,
            _ => 1 + u32::try_from(self.below(50)).expect("small"),
        };
        let counted = if self.one_in(5) { 0 } else { received.div_ceil(2) };
        Counts { received, counted }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.index(5_000);
        (0..length).map(|i| if i % 3 == 0 { 7 } else { self.next().to_le_bytes()[0] }).collect()
    }

    fn comment(&mut self) -> NewComment {
        NewComment {
            id: self.comment_id(),
            at: self.moment(),
            service: self.service(),
            country: self.country(),
            component: self.name(),
            problem: self.name(),
            text: (*self.pick(&TEXTS)).into(),
        }
    }

    /// A proposed claim; its id is drawn from those of comments.
    fn proposal(&mut self) -> Signal {
        let claim = Claim {
            claim: "owner-attack".into(),
            quote: (*self.pick(&TEXTS)).into(),
            speaker: self.name(),
            speaker_role: "owner".into(),
            medium: (*self.pick(&NAMES)).into(),
            said_at_words: self.name(),
            evidence_offered: self.name(),
            about: None,
            earlier: false,
            assertions: Vec::new(),
        };
        let source = (*self.pick(&TEXTS)).into();
        Signal {
            id: self.comment_id(),
            at: self.moment(),
            service: self.service(),
            provenance: Provenance { source, licence: None, synthetic: self.one_in(2) },
            body: Body::Proposal(claim),
        }
    }

    fn decided(&mut self) -> (u128, ProposalState) {
        (self.comment_id(), *self.pick(&ProposalState::ALL))
    }

    /// A moment; often the same one, to have ties.
    fn moment(&mut self) -> UnixMillis {
        UnixMillis(1_741_560_000_000 + 1_000 * i64::try_from(self.below(20)).expect("small"))
    }

    fn number(&mut self) -> f64 {
        match self.below(20) {
            0 => f64::MAX,
            1 => f64::MIN_POSITIVE,
            _ => self.below(1 << 40) as f64 / 7_000.0,
        }
    }

    fn incident(&mut self) -> Incident {
        let shares = |chance: &mut Self| -> Vec<Share> {
            let share = |chance: &mut Self| {
                let usual = chance.one_in(2).then(|| chance.number());
                let name = (*chance.pick(&NAMES)).into();
                Share { name, count: chance.below(99), share: chance.number(), usual }
            };
            (0..chance.below(3)).map(|_| share(chance)).collect()
        };
        let place =
            PlaceCount { country: self.country(), count: self.next() >> 12, times_usual: None };
        Incident {
            id: self.incident_id(),
            service: self.service(),
            severity: *self.pick(&[Severity::Warning, Severity::Danger]),
            opened_at: self.moment(),
            closed_at: self.one_in(2).then(|| self.moment()),
            surges: (0..=self.below(2)).map(|_| self.surge()).collect(),
            outages: (0..self.below(3)).map(|_| self.outage()).collect(),
            components: shares(self),
            problems: shares(self),
            places: vec![place],
            scope: self.scope(),
            peers: outcry_core::detect::together::Peers::default(),
            reports_counted: self.below(1 << 40),
            reports_received: self.below(1 << 40),
            reconstruction: self.one_in(2),
            revision: 1 + u32::try_from(self.below(6)).expect("small"),
        }
    }

    fn scope(&mut self) -> Scope {
        match self.below(5) {
            0 => Scope::Everywhere,
            3 => Scope::Partial,
            4 => Scope::OnePlace,
            1 => Scope::Countries(self.country().into_iter().collect()),
            _ => Scope::Network(Asn(u32::MAX)),
        }
    }

    fn outage(&mut self) -> Outage {
        Outage {
            opened_at: self.moment(),
            closed_at: self.one_in(2).then(|| self.moment()),
            agreement: *self.pick(&Agreement::ALL),
            failing: self.below(50) as u32,
            asked: self.below(50) as u32,
            countries: self.country().into_iter().collect(),
            networks: vec![Asn(u32::MAX)],
            kind: (*self.pick(&NAMES)).into(),
            component: self.one_in(2).then(|| (*self.pick(&NAMES)).into()),
            family: None,
            phase: self.one_in(2).then(|| (*self.pick(&NAMES)).into()),
            detail: None,
            soft: self.one_in(2),
        }
    }

    fn surge(&mut self) -> Surge {
        let slice = match self.below(3) {
            0 => Slice::All,
            1 => Slice::Component((*self.pick(&NAMES)).into()),
            _ => Slice::Network(Asn(64_500)),
        };
        Surge {
            opened_at: self.moment(),
            peak_at: self.moment(),
            closed_at: self.one_in(2).then(|| self.moment()),
            ending: None,
            peak: self.below(1_000),
            usual: self.number(),
            counted: self.below(1_000),
            excess: self.number(),
            opening: Opening {
                count: self.below(1_000),
                usual: self.number(),
                doubt: 0.5,
                e_value: self.number(),
                threshold: self.number(),
                reporters: self.below(1_000),
                networks: self.below(1_000),
                prefixes: self.below(1_000),
                slice,
            },
        }
    }

    fn case_file(&mut self) -> CaseFile {
        let (counted, usual) = (u32::MAX, self.number());
        CaseFile {
            version: CASE_FILE_VERSION,
            as_of: self.moment(),
            incident: self.incident(),
            minutes: vec![MinutePoint { minute: self.minute(), counted, usual }],
            parent: None,
            service: Default::default(),
            crowd: Default::default(),
            peers: Default::default(),
            observed: Default::default(),
            acts: Vec::new(),
            signals: BTreeMap::from([("report".into(), self.below(1 << 40))]),
            claims: Vec::new(),
        }
    }
}
