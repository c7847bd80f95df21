//! What probes of one service say: rounds by check and vantage point, and a strip of cells for
//! each vantage point to be drawn.
//!
//! A round that began late, since the vantage point had too much to do, is passed over: what it
//! measured may be its own slowness. A round of a vantage point that is cut off is kept and says
//! nothing. Both are vetoes, and both are counted.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::detect::failure::Agreement;
use crate::detect::failure::Finding;
use crate::detect::failure::Rounds;
use crate::detect::failure::Stance;
use crate::detect::failure::Vote;
use crate::detect::failure::agree;
use crate::signal::probe::AddressFamily;
use crate::signal::probe::Probe;
use crate::signal::probe::ProbeOutcome;
use crate::signal::probe::References;
use crate::time::HOUR_MS;
use crate::time::MINUTE_MS;
use crate::time::UnixMillis;
use crate::units::Place;
use crate::units::Text;

/// Checks of one service that are weighed. Rounds of further ones are counted and passed over.
pub const CHECKS_PER_SERVICE_MAX: usize = 64;
/// Vantage points that are weighed in one check.
pub const VANTAGES_PER_CHECK_MAX: usize = 256;
/// A round that began later than planned by more than this tells nothing.
pub const LAG_MS_MAX: f64 = 1_000.0;
/// Rounds of one interval after which a vantage point that says nothing more is not asked.
const FRESH_ROUNDS: i64 = 3;
/// The least and the most time for which a round counts.
const FRESH_MS_MIN: i64 = 3 * MINUTE_MS;
const FRESH_MS_MAX: i64 = HOUR_MS;
/// One place alone opens an incident only after this many failures without a break …
const ALONE_FAILURES_MIN: u32 = 4;
/// … over at least this time.
const ALONE_MS_MIN: i64 = 3 * MINUTE_MS;
/// Length of a cell of a strip.
pub const CELL_MS: i64 = 10 * MINUTE_MS;
/// Cells of a strip: 24 hours, and the one that is not over.
const CELLS_MAX: usize = 145;

/// All that is known from probes of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Probing {
    pub(crate) checks: BTreeMap<CheckKey, BTreeMap<Text, Eye>>,
    /// By vantage point, over all checks.
    pub(crate) strips: BTreeMap<Text, Strip>,
    pub(crate) outage: Option<OpenOutage>,
    /// Since when some places fail that have nothing in common, while no more do.
    pub(crate) partial_since: Option<UnixMillis>,
    /// When rounds were last asked for out of turn.
    pub(crate) rechecked_at: Option<UnixMillis>,
}

/// What is tried: rounds of one check are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CheckKey {
    pub(crate) component: Option<Text>,
    pub(crate) kind: Text,
    pub(crate) monitor: Option<Text>,
    pub(crate) family: Option<AddressFamily>,
}

/// What one vantage point saw of one check.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eye {
    pub(crate) place: Place,
    pub(crate) prefix: Option<Text>,
    pub(crate) rounds: Rounds,
    /// When it last looked.
    pub(crate) at: UnixMillis,
    /// Time between two rounds, as told or as seen.
    pub(crate) gap_ms: i64,
    pub(crate) outcome: ProbeOutcome,
    pub(crate) references: Option<References>,
    pub(crate) phase: Option<Text>,
    pub(crate) detail: Option<Text>,
    /// Failures since the last round that passed, and when the first of them was.
    pub(crate) run: u32,
    pub(crate) run_since: UnixMillis,
    /// Whether it ever passed from here.
    pub(crate) passed: bool,
}

/// An outage that is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OpenOutage {
    /// Since when it works again.
    pub(crate) calm_since: Option<UnixMillis>,
    /// Since when nobody can judge.
    pub(crate) unseen_since: Option<UnixMillis>,
}

/// Rounds of one vantage point over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Strip {
    pub(crate) place: Place,
    /// Rounds that judged, and those of them that failed; the newest last.
    pub(crate) cells: VecDeque<(u8, u8)>,
    /// The number of the newest cell since 1970.
    pub(crate) last: i64,
    /// The newest round.
    pub(crate) at: UnixMillis,
}

/// What a round was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It says what was known.
    Same,
    /// It may change what is decided.
    Changed,
    /// The same, and it is the first that failed: others are to look at once.
    FirstFailure,
    /// The vantage point cannot be believed now.
    Vetoed,
    /// There is no room for it.
    NoRoom,
}

/// The gravest of the checks, and what is seen there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weighed<'a> {
    pub(crate) finding: Finding,
    pub(crate) check: Option<&'a CheckKey>,
    /// How most vantage points fail: the phase, and what they see.
    pub(crate) seen: (Option<&'a Text>, Option<&'a Text>),
    /// Most failures are answers that say they are fine.
    pub(crate) soft: bool,
    /// One place is enough, by the stricter rule.
    pub(crate) stands_alone: bool,
}

impl Weighed<'_> {
    /// Whether this opens an outage.
    pub(crate) fn opens(&self) -> bool {
        self.finding.agreement.is_failure() || self.stands_alone
    }

    fn rank(&self) -> (bool, Agreement, u32, bool) {
        let v6 = self.check.is_some_and(CheckKey::is_v6);
        (self.opens(), self.finding.agreement, self.finding.failing, !v6)
    }
}

impl CheckKey {
    fn of(probe: &Probe) -> Self {
        Self {
            component: probe.component.clone(),
            kind: probe.kind.clone(),
            monitor: probe.monitor.clone(),
            family: probe.family,
        }
    }

    pub(crate) fn is_v6(&self) -> bool {
        self.family == Some(AddressFamily::V6)
    }
}

impl Probing {
    /// Takes one round in order of time.
    pub(crate) fn note(&mut self, at: UnixMillis, probe: &Probe) -> Noted {
        if probe.lag_ms.is_some_and(|lag_ms| lag_ms > LAG_MS_MAX) {
            return Noted::Vetoed;
        }
        self.draw(at, probe);
        let key = CheckKey::of(probe);
        let room = self.checks.len() < CHECKS_PER_SERVICE_MAX;
        let eyes = match self.checks.get_mut(&key) {
            Some(eyes) => eyes,
            None if room => self.checks.entry(key).or_default(),
            None => return Noted::NoRoom,
        };
        if !eyes.contains_key(&probe.vantage) {
            // Who has not looked for long makes room for who does.
            if eyes.len() >= VANTAGES_PER_CHECK_MAX {
                eyes.retain(|_, eye| eye.is_fresh(at));
            }
            if eyes.len() >= VANTAGES_PER_CHECK_MAX {
                return Noted::NoRoom;
            }
            eyes.insert(probe.vantage.clone(), Eye::new(at, probe));
        }
        let eye = eyes.get_mut(&probe.vantage).expect("it was there or has been inserted");
        let before = eye.stance(at);
        eye.look(at, probe);
        if probe.references == Some(References::Failed) {
            return if before == Some(Stance::CutOff) { Noted::Vetoed } else { Noted::Changed };
        }
        match eye.stance(at) {
            _ if eye.run == 1 => Noted::FirstFailure,
            Some(Stance::Fails) => Noted::Changed,
            after if after != before => Noted::Changed,
            _ => Noted::Same,
        }
    }

    /// Draws a round in its cell. What judges nothing leaves the cell as it is.
    pub(crate) fn draw(&mut self, at: UnixMillis, probe: &Probe) {
        let room = self.strips.len() < VANTAGES_PER_CHECK_MAX;
        let strip = match self.strips.get_mut(&probe.vantage) {
            Some(strip) => strip,
            None if room => self.strips.entry(probe.vantage.clone()).or_insert_with(|| Strip {
                place: probe.place,
                cells: VecDeque::new(),
                last: at.0.div_euclid(CELL_MS),
                at,
            }),
            None => return,
        };
        (strip.place, strip.at) = (probe.place, strip.at.max(at));
        let cut_off = probe.references == Some(References::Failed);
        if !cut_off && probe.outcome != ProbeOutcome::Blocked {
            strip.note(at, probe.outcome != ProbeOutcome::Ok);
        }
    }

    /// The gravest of all checks at `now`.
    pub(crate) fn weigh(&self, now: UnixMillis) -> Weighed<'_> {
        let mut gravest = Weighed::default();
        for (check, eyes) in &self.checks {
            let weighed = weigh_check(check, eyes, now);
            if gravest.check.is_none() || weighed.rank() > gravest.rank() {
                gravest = weighed;
            }
        }
        gravest
    }

    /// The newest round of any vantage point.
    pub(crate) fn newest(&self) -> Option<UnixMillis> {
        self.strips.values().map(|strip| strip.at).max()
    }
}

fn weigh_check<'a>(
    check: &'a CheckKey,
    eyes: &'a BTreeMap<Text, Eye>,
    now: UnixMillis,
) -> Weighed<'a> {
    let votes: Vec<Vote<'_>> = eyes
        .values()
        .filter_map(|eye| {
            let stance = eye.stance(now)?;
            Some(Vote { place: eye.place, prefix: eye.prefix.as_ref(), stance })
        })
        .collect();
    let finding = agree(&votes);
    let failing = || eyes.values().filter(|eye| eye.stance(now) == Some(Stance::Fails));
    let mut ways: BTreeMap<(Option<&Text>, Option<&Text>), u32> = BTreeMap::new();
    let mut soft = 0_i64;
    for eye in failing() {
        *ways.entry((eye.phase.as_ref(), eye.detail.as_ref())).or_default() += 1;
        soft += if eye.outcome == ProbeOutcome::SoftFailure { 1 } else { -1 };
    }
    let seen = ways.into_iter().max_by_key(|(_, n)| *n).map(|(way, _)| way).unwrap_or_default();
    let stands_alone =
        finding.agreement == Agreement::OnePlace && failing().any(|eye| eye.stands_alone(now));
    Weighed { finding, check: Some(check), seen, soft: soft > 0, stands_alone }
}

impl Eye {
    fn new(at: UnixMillis, probe: &Probe) -> Self {
        Self {
            place: probe.place,
            prefix: probe.prefix.clone(),
            rounds: Rounds::default(),
            at,
            gap_ms: MINUTE_MS,
            outcome: probe.outcome,
            references: probe.references,
            phase: None,
            detail: None,
            run: 0,
            run_since: at,
            passed: false,
        }
    }

    fn look(&mut self, at: UnixMillis, probe: &Probe) {
        if !self.is_fresh(at) {
            // What was seen before a long silence is not a part of what is seen now.
            (self.rounds, self.run) = (Rounds::default(), 0);
        }
        // Rounds out of turn follow each other fast and are not the usual step.
        let seen_ms = at.since_ms(self.at).max(self.gap_ms / 2).min(FRESH_MS_MAX / FRESH_ROUNDS);
        self.gap_ms = probe.interval_s.map_or(seen_ms, |interval_s| (interval_s * 1e3) as i64);
        (self.at, self.place, self.prefix) = (at, probe.place, probe.prefix.clone());
        (self.outcome, self.references) = (probe.outcome, probe.references);
        let cut_off = probe.references == Some(References::Failed);
        if cut_off || probe.outcome == ProbeOutcome::Blocked {
            return;
        }
        let failed = probe.outcome != ProbeOutcome::Ok;
        self.rounds.note(failed);
        if failed {
            self.run = self.run.saturating_add(1);
            (self.phase, self.detail) = (probe.phase.clone(), probe.detail.clone());
            if self.run == 1 {
                self.run_since = at;
            }
        } else {
            (self.run, self.passed) = (0, true);
            (self.phase, self.detail) = (None, None);
        }
    }

    fn is_fresh(&self, now: UnixMillis) -> bool {
        let fresh_ms = self.gap_ms.saturating_mul(FRESH_ROUNDS).clamp(FRESH_MS_MIN, FRESH_MS_MAX);
        now.since_ms(self.at) <= fresh_ms
    }

    /// What it says at `now`; `None` when it has not looked of late, or not often enough.
    pub(crate) fn stance(&self, now: UnixMillis) -> Option<Stance> {
        if !self.is_fresh(now) {
            return None;
        }
        if self.references == Some(References::Failed) {
            return Some(Stance::CutOff);
        }
        if self.outcome == ProbeOutcome::Blocked {
            return Some(Stance::Blocked);
        }
        self.rounds.fails().map(|fails| if fails { Stance::Fails } else { Stance::Passes })
    }

    /// Whether it is believed with nobody beside it: it passed before, it has failed for some time
    /// without a break, and the targets that hardly ever fail answer it.
    fn stands_alone(&self, now: UnixMillis) -> bool {
        self.passed
            && self.references == Some(References::Ok)
            && self.run >= ALONE_FAILURES_MIN
            && now.since_ms(self.run_since) >= ALONE_MS_MIN
    }
}

impl Strip {
    fn note(&mut self, at: UnixMillis, failed: bool) {
        let cell = at.0.div_euclid(CELL_MS);
        if self.cells.is_empty() || cell - self.last > CELLS_MAX as i64 {
            self.cells.clear();
            self.cells.push_back((0, 0));
            self.last = cell;
        }
        while self.last < cell {
            self.cells.push_back((0, 0));
            self.last += 1;
        }
        // What comes late goes where it belongs, as far back as cells are kept.
        while self.first() > cell && self.cells.len() < CELLS_MAX {
            self.cells.push_front((0, 0));
        }
        while self.cells.len() > CELLS_MAX {
            self.cells.pop_front();
        }
        let Ok(index) = usize::try_from(cell - self.first()) else { return };
        if let Some((asked, failures)) = self.cells.get_mut(index)
            && *asked < u8::MAX
        {
            *asked += 1;
            *failures += u8::from(failed);
        }
    }

    /// The number of the oldest cell.
    pub(crate) fn first(&self) -> i64 {
        self.last - self.cells.len() as i64 + 1
    }
}
