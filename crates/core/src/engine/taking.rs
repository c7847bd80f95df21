//! One signal whose turn has come: where each kind goes.
//!
//! # What it cannot tell
//!
//! Whether it is true. Who may be counted is for [`crate::trust`] to say, and how much is unusual
//! for [`crate::detect`].

use crate::detect::count::threshold;
use crate::engine::Action;
use crate::engine::Engine;
use crate::evidence::facts::Said;
use crate::signal::Body;
use crate::signal::Problem;
use crate::signal::Report;
use crate::signal::Signal;
use crate::time::TICK_MS;
use crate::time::UnixMillis;

impl Engine {
    /// Takes one signal whose turn has come.
    pub(super) fn take(&mut self, index: usize, signal: Signal, actions: &mut Vec<Action>) {
        let watch = &mut self.watches[index];
        watch.note_kind(signal.at.hour(), signal.body.kind());
        watch.observed.take(&signal);
        let (at, source) = (signal.at, signal.provenance.source);
        match signal.body {
            Body::Report(report) => {
                watch.synthetic |= signal.provenance.synthetic;
                self.take_report(index, at, &report, actions);
            }
            Body::Claim(claim) => {
                self.take_claim(index, Said { said_at: at, claim, source }, actions);
            }
            Body::Operator(act) => self.take_act(index, at, act, actions),
            // What people say is weighed at once; what machines measure, with the next case file.
            Body::Notice(_) | Body::Testimony(_) => self.tell_again(index, at, actions),
            Body::Mention(_) => self.counters.not_weighed += 1,
            Body::Probe(probe) => {
                watch.synthetic |= signal.provenance.synthetic;
                self.take_probe(index, at, &probe, actions);
            }
            Body::Route(_) | Body::Flow(_) | Body::Log(_) | Body::Proposal(_) => {}
        }
    }

    fn take_report(
        &mut self,
        index: usize,
        at: UnixMillis,
        report: &Report,
        actions: &mut Vec<Action>,
    ) {
        let for_one = threshold(self.config.run_length_days, TICK_MS as f64 / 1_000.0, 1);
        let watch = &mut self.watches[index];
        let (counted, reached) = watch.report(at, report, &self.shapes, for_one);
        if counted {
            self.together.touched.insert(index);
            self.groups.touch(index);
        }
        if report.problem != Problem::Works {
            watch.follow(counted);
        }
        if watch.surge.is_some() {
            watch.crowd.add(at, report, counted);
        }
        let mut opened = None;
        for (key, e_value) in reached {
            let needed = watch.threshold_of(key, for_one);
            opened = watch.try_open(at, key, e_value, needed, &self.shapes).or(opened);
        }
        if let Some(change) = opened {
            self.surging.insert(index);
            watch.revise(at, &self.shapes);
            self.tell(index, change, at, actions);
            self.ask_again(index, at, actions);
        }
        self.ledger.add(index, at.minute(), report, counted);
    }

    /// Keeps a late report as history: it is shown and stored, and opens nothing.
    pub(super) fn take_late(&mut self, index: usize, signal: &Signal) {
        let watch = &mut self.watches[index];
        if let Body::Probe(probe) = &signal.body {
            watch.probing.draw(signal.at, probe);
            watch.changed = true;
        }
        let Body::Report(report) = &signal.body else { return };
        let row = watch.minute_at(signal.at.minute());
        if report.problem == Problem::Works {
            row.works = row.works.saturating_add(1);
        } else {
            row.received = row.received.saturating_add(1);
        }
        watch.changed = true;
        self.ledger.add(index, signal.at.minute(), report, false);
    }
}
