//! Drafts: a whole day of reports in little memory, put in order once, and written out one by one.

use outcry_core::signal::Body;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;

use crate::crowd::Crowd;
use crate::crowd::HOSTING;

/// Number of no crowd.
const TOLD: u32 = u32::MAX;

/// A report that was drawn, without its words: a day of millions fits into memory, and is sorted
/// and written once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    pub(super) at: UnixMillis,
    pub(super) id: u128,
    pub(super) reporter: ReporterKey,
    pub(super) prefix: PrefixKey,
    /// Number of the crowd; [`TOLD`] for what is not a report, and `reporter` is then its number.
    pub(super) crowd: u32,
    pub(super) country: Option<u16>,
    pub(super) component: Option<u16>,
    pub(super) problem: Option<u16>,
    pub(super) comment: Option<u16>,
    pub(super) network: u8,
    pub(super) works: bool,
}

impl Crowd {
    /// Writes a draft out.
    fn signal(&self, draft: &Draft) -> Signal {
        let hosting = u64::from(draft.network) == HOSTING;
        let named = self.problems.part(draft.problem).cloned();
        let fails = named.map_or(Problem::Unspecified, Problem::Fails);
        Signal {
            id: draft.id,
            at: draft.at,
            service: self.service.clone(),
            provenance: Provenance { source: self.source.clone(), licence: None, synthetic: true },
            body: Body::Report(Report {
                component: self.components.part(draft.component).cloned(),
                problem: if draft.works { Problem::Works } else { fails },
                place: Place {
                    country: self.countries.part(draft.country).copied(),
                    asn: Some(self.network(draft.network)),
                    network: if hosting { NetworkKind::Hosting } else { NetworkKind::Access },
                },
                reporter: draft.reporter,
                prefix: draft.prefix,
                comment: draft.comment.and_then(|n| self.comments.get(usize::from(n)).cloned()),
            }),
        }
    }
}

/// Everything that was drawn, in no order.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) crowds: Vec<Crowd>,
    pub(super) drafts: Vec<Draft>,
    told: Vec<Signal>,
}

impl Drawn {
    /// Makes room for the reports of one more crowd and numbers it.
    pub(super) fn begin(&mut self, expected: usize) -> u32 {
        self.drafts.reserve(expected);
        u32::try_from(self.crowds.len()).expect("a crowd is a service or a curve")
    }

    /// Adds what is not a report.
    pub(super) fn tell(&mut self, signal: Signal) {
        self.drafts.push(Draft {
            at: signal.at,
            id: signal.id,
            reporter: ReporterKey(self.told.len() as u64),
            prefix: PrefixKey(0),
            crowd: TOLD,
            country: None,
            component: None,
            problem: None,
            comment: None,
            network: 0,
            works: false,
        });
        self.told.push(signal);
    }

    /// Puts everything in order of time and id.
    pub(super) fn in_order(self) -> InOrder {
        let Self { crowds, mut drafts, told } = self;
        drafts.sort_unstable_by_key(|draft| (draft.at, draft.id));
        InOrder { crowds, drafts: drafts.into_iter(), told }
    }
}

/// Signals in order of time and id, each written out when its turn comes.
pub struct InOrder {
    crowds: Vec<Crowd>,
    drafts: std::vec::IntoIter<Draft>,
    told: Vec<Signal>,
}

impl Iterator for InOrder {
    type Item = Signal;

    fn next(&mut self) -> Option<Signal> {
        let draft = self.drafts.next()?;
        match self.crowds.get(draft.crowd as usize) {
            Some(crowd) => Some(crowd.signal(&draft)),
            None => self.told.get(draft.reporter.0 as usize).cloned(),
        }
    }
}
