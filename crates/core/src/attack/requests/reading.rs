//! Which stretches of a log are looked at, and what is said of them.
//!
//! First what stands far out, then what stands out at all, then what is above the quiet quarter of
//! the log, since a flood that lasts for most of it is its own middle; last the whole log. Within
//! a stretch that is none, its loudest minutes are looked at again against the rest of it: a flood
//! may stand within a crowd. Only what stands far out is called a crowd.
//!
//! # What it cannot tell
//!
//! A flood that adds less than its own share of the usual.

use crate::attack::requests::ABOVE_USUAL_MIN;
use crate::attack::requests::Kind;
use crate::attack::requests::LOOKED_AT_MIN;
use crate::attack::requests::REQUESTS_MIN;
use crate::attack::requests::RPS_MIN;
use crate::attack::requests::Requests;
use crate::attack::requests::Stretch;
use crate::attack::requests::WINDOW_MS;
use crate::attack::requests::before::Before;
use crate::attack::requests::before::Known;
use crate::attack::requests::facts::Facts;
use crate::attack::requests::judge::Verdict;
use crate::attack::requests::judge::judge;
use crate::attack::requests::rps;
use crate::attack::requests::window::Window;
use crate::attack::vector::Vector;
use crate::traffic::sketch::sample::Distinct;
use crate::traffic::sketch::sample::KEPT_MANY;

/// Windows that a stretch needs before its loudest part is looked at by itself.
const PARTED_MIN: i64 = 12;
/// Such parts of one stretch.
const PARTS_MAX: usize = 4;
/// Requests that were never finished, for each client of a slowloris.
const UNFINISHED_EACH: f64 = 4.0;
/// Requests of each client in a window that went away after ten seconds: at least two at once.
const STALLED_EACH: f64 = 2.0;
/// Requests of one client in one window, at least, where streams are reset as fast as they open.
const RESETS_EACH: f64 = 50.0;

/// One look at a log.
pub(super) struct Reading<'r> {
    requests: &'r Requests,
    /// Requests in a second, of the middle window and of the quiet quarter.
    usual: Option<(f64, f64)>,
    found: Vec<Stretch>,
    /// Windows of attacks so far.
    attacks: Vec<(i64, i64)>,
}

impl<'r> Reading<'r> {
    pub(super) fn of(requests: &'r Requests) -> Self {
        let usual = requests.usual_rps();
        Self { requests, usual, found: Vec::new(), attacks: Vec::new() }
    }

    /// All that has a name, in order.
    pub(super) fn stretches(mut self) -> Vec<Stretch> {
        let Some(all) = self.all() else { return Vec::new() };
        self.unfinished(all);
        let mut floors = match self.usual {
            Some((middle, low)) => {
                vec![middle * ABOVE_USUAL_MIN, middle * LOOKED_AT_MIN, low * LOOKED_AT_MIN]
            }
            None => vec![0.0],
        };
        floors.iter_mut().for_each(|floor| *floor = floor.max(RPS_MIN));
        floors.dedup();
        let stands_out = self.usual.map(|(middle, _)| (middle * ABOVE_USUAL_MIN).max(RPS_MIN));
        for floor in floors {
            self.level(all, floor, stands_out == Some(floor));
        }
        if self.attacks.is_empty() && self.usual.is_some_and(|(_, low)| low >= RPS_MIN) {
            let verdict = self.judged(all, None, &Known::default(), false);
            self.note_attack(all, verdict);
        }
        self.scans(all);
        self.found.sort_by_key(|stretch| stretch.span_ms.0);
        self.found
    }

    fn all(&self) -> Option<(i64, i64)> {
        let windows = &self.requests.windows;
        Some((*windows.first_key_value()?.0, *windows.last_key_value()?.0))
    }

    /// Looks at what is above a floor.
    fn level(&mut self, all: (i64, i64), floor: f64, stands_out: bool) {
        let Requests { key, windows, .. } = self.requests;
        let runs = self.requests.runs(all, |window| rps(window.requests) >= floor);
        if runs.is_empty() {
            return;
        }
        let before = Before::of(*key, windows, &runs);
        let mut known = Known::default();
        for run in runs {
            if self.is_found(run) {
                continue;
            }
            known.advance(windows, run.0, &self.attacks);
            let verdict = self.judged(run, before.as_ref(), &known, stands_out);
            let is_attack =
                |verdict: &Verdict| matches!(verdict.kind, Kind::Attack(_) | Kind::RedirectLoop);
            if verdict.as_ref().is_some_and(is_attack) {
                self.note_attack(run, verdict);
                continue;
            }
            if self.parts(run, floor, &known) {
                continue;
            }
            if let Some(verdict) = verdict.filter(|_| stands_out || self.usual.is_none()) {
                self.note(run, verdict);
            }
        }
    }

    /// Looks at the loudest parts of a stretch; whether there is an attack in it.
    fn parts(&mut self, (first, last): (i64, i64), floor: f64, known: &Known) -> bool {
        if last - first + 1 < PARTED_MIN {
            return false;
        }
        let Requests { key, windows, .. } = self.requests;
        let range = || windows.range(first..=last).map(|(_, window)| window);
        let mut sizes: Vec<f64> = range().map(|window| rps(window.requests)).collect();
        sizes.sort_by(f64::total_cmp);
        let loud = (1.6 * sizes[sizes.len() / 4]).max(floor);
        let runs = self.requests.runs((first, last), |window| rps(window.requests) >= loud);
        let mut is_found = false;
        for run in runs.into_iter().filter(|run| *run != (first, last)).take(PARTS_MAX) {
            let rest = windows.range(first..=last).filter(|(at, _)| !(run.0..=run.1).contains(*at));
            let before = Before::around(*key, rest.map(|(_, window)| window));
            let verdict = self.judged(run, before.as_ref(), known, false);
            if before.is_some() && verdict.as_ref().is_some_and(Verdict::is_attack) {
                self.note_attack(run, verdict);
                is_found = true;
            }
        }
        is_found
    }

    fn judged(
        &self,
        (first, last): (i64, i64),
        before: Option<&Before>,
        known: &Known,
        stands_out: bool,
    ) -> Option<Verdict> {
        let sum = self.requests.sum(first, last);
        if sum.requests < REQUESTS_MIN {
            return None;
        }
        let length = (last - first + 1) as f64;
        if is_rapid_reset(&sum, length) {
            let kind = Kind::Attack(Vector::Http2RapidReset);
            return Some(Verdict { kind, signs: vec!["streams_reset"] });
        }
        let facts = Facts::of(self.requests.key, &sum, length, before, known);
        judge(&facts, stands_out)
    }

    /// Requests that are never finished.
    fn unfinished(&mut self, all: (i64, i64)) {
        let runs = self.requests.runs(all, Window::is_unfinished);
        if runs.is_empty() {
            return;
        }
        let before = Before::of(self.requests.key, &self.requests.windows, &runs);
        let usual = before.map_or(0.0, |before| before.unfinished_share());
        for run in runs {
            let sum = self.requests.sum(run.0, run.1);
            let held = sum.unfinished + sum.stalled;
            let each = held / sum.visitors.count().max(1.0);
            let length = (run.1 - run.0 + 1) as f64;
            // Who waits for an answer that does not come waits for one, or for a few.
            let waits = sum.stalled > sum.unfinished && each < STALLED_EACH * length;
            let is_usual = usual >= 0.2 || waits;
            if held >= REQUESTS_MIN / 4.0 && each >= UNFINISHED_EACH && !is_usual {
                let kind = Kind::Attack(Vector::Slowloris);
                let signs = vec!["requests_never_finished"];
                self.note_attack(run, Some(Verdict { kind, signs }));
            }
        }
    }

    fn scans(&mut self, all: (i64, i64)) {
        for run in self.requests.runs(all, Window::is_scanned) {
            if !self.is_found(run) {
                self.note(run, Verdict { kind: Kind::Scan, signs: vec!["not_found"] });
            }
        }
    }

    /// Whether something was said of a time already.
    fn is_found(&self, (first, last): (i64, i64)) -> bool {
        self.found.iter().any(|stretch| {
            stretch.span_ms.0 <= last * WINDOW_MS && first * WINDOW_MS < stretch.span_ms.1
        })
    }

    fn note_attack(&mut self, run: (i64, i64), verdict: Option<Verdict>) {
        let Some(verdict) = verdict else { return };
        if verdict.is_attack() {
            self.attacks.push(run);
        }
        self.note(run, verdict);
    }

    fn note(&mut self, (first, last): (i64, i64), Verdict { kind, signs }: Verdict) {
        let sum = self.requests.sum(first, last);
        let mut known = Known::default();
        known.advance(&self.requests.windows, first, &[]);
        let mut clients = Distinct::new(KEPT_MANY);
        sum.visitors.iter().for_each(|(client, _)| clients.add(self.requests.key, client));
        let windows = self.requests.windows.range(first..=last);
        self.found.push(Stretch {
            kind,
            span_ms: (first * WINDOW_MS, (last + 1) * WINDOW_MS),
            requests: sum.requests,
            peak_rps: windows.map(|(_, window)| rps(window.requests)).fold(0.0, f64::max),
            usual_rps: self.usual.map(|(middle, _)| middle),
            clients: sum.visitors.count(),
            errors_share: sum.errors / sum.requests.max(1.0),
            top_path_share: sum.top_path_share(),
            returning_share: self.usual.map(|_| known.share_of(&sum)),
            signs,
            sample: clients.sample().collect(),
        });
    }
}

impl Verdict {
    fn is_attack(&self) -> bool {
        matches!(self.kind, Kind::Attack(_))
    }
}

/// Streams that are opened and reset at once: more of each client than of any that gives up.
fn is_rapid_reset(sum: &Window, windows: f64) -> bool {
    let fast = sum.visitors.iter().any(|(_, visitor)| f64::from(visitor.peak) >= RESETS_EACH);
    let many = sum.visitors.count() == 0.0 && sum.requests / windows >= 100.0 * RPS_MIN;
    sum.http2 >= 0.8 * sum.requests && sum.aborted >= 0.6 * sum.requests && (fast || many)
}
