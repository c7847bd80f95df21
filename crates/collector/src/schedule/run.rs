//! The loop that looks: one thread, which wakes when something is due, and hands on what was seen.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use tokio::sync::mpsc;

use crate::phase::About;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::schedule::Looked;
use crate::schedule::Monitor;
use crate::schedule::Round;
use crate::schedule::Settings;
use crate::schedule::Standing;
use crate::schedule::health::Pulse;
use crate::schedule::network;
use crate::schedule::network::CALM_EVERY;
use crate::schedule::network::DOUBT_EVERY;
use crate::schedule::network::Network;
use crate::schedule::plan::Counts;
use crate::schedule::plan::Plan;

/// Orders that may wait. More are refused.
const ORDERS_MAX: usize = 1_024;
/// Ended looks that may wait for their verdict.
const ENDED_MAX: usize = 16_384;
/// How long the loop sleeps at most, so that its pulse is felt.
const SLEEP_MAX: Duration = Duration::from_millis(500);
/// Looks that are due within this begin together, at its end: the loop wakes once for all of them.
const GRAIN: Duration = Duration::from_millis(20);
/// What was seen is handed on this often, so that a log syncs once for many.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// Takes what was seen, on the thread of the loop. Must not wait.
pub type Sink = Box<dyn FnMut(Looked) + Send>;

/// The handle of a loop that runs. The loop ends with [`Scheduler::stop`], or when the last handle
/// is dropped.
#[derive(Clone, Debug)]
pub struct Scheduler {
    orders: mpsc::Sender<Order>,
    state: Arc<Mutex<State>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// How a loop fares.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Monitors there are.
    pub monitors: usize,
    /// Looks that run now.
    pub running: usize,
    /// What was done and left out.
    pub counts: Counts,
    /// How late looks began.
    pub pulse: Pulse,
    /// Failures that did not count because we were late.
    pub vetoed_late: u64,
    /// Failures that did not count because our network was down.
    pub vetoed_offline: u64,
    /// Our own network is down.
    pub is_offline: bool,
    /// We are late, and give no verdict.
    pub is_late: bool,
}

#[derive(Debug)]
enum Order {
    Set(Vec<Monitor>),
    Surge(Box<str>),
    Recheck(Box<str>),
    Stop,
}

/// Starts a loop on a thread of its own.
///
/// # Errors
///
/// When the system has no thread, or no descriptor, to give.
pub fn spawn(settings: Settings, context: Context, sink: Sink) -> io::Result<Scheduler> {
    let (orders, inbox) = mpsc::channel(ORDERS_MAX);
    let state = Arc::new(Mutex::new(State::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let shown = state.clone();
    let thread = std::thread::Builder::new().name("probe".into()).spawn(move || {
        runtime.block_on(go(settings, Arc::new(context), sink, inbox, shown));
    })?;
    Ok(Scheduler { orders, state, thread: Arc::new(Mutex::new(Some(thread))) })
}

impl Scheduler {
    /// Replaces the monitors. `false` when the loop is gone or does not keep up.
    pub fn set(&self, monitors: Vec<Monitor>) -> bool {
        self.orders.try_send(Order::Set(monitors)).is_ok()
    }

    /// Reports say that a service fails; see [`Plan::surge`].
    pub fn surge(&self, service: &str) -> bool {
        self.orders.try_send(Order::Surge(service.into())).is_ok()
    }

    /// Another vantage point saw a monitor fail; see [`Plan::recheck`].
    pub fn recheck(&self, id: &str) -> bool {
        self.orders.try_send(Order::Recheck(id.into())).is_ok()
    }

    /// How it fares.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the loop and waits for it. Looks that run are given up.
    pub fn stop(&self) {
        while matches!(self.orders.try_send(Order::Stop), Err(mpsc::error::TrySendError::Full(_))) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A loop that panicked has said so already.
            let _ = thread.join();
        }
    }
}

/// A look that has ended.
struct Ended {
    round: Round,
    began: Duration,
    at_unix_ms: i64,
    outcome: Outcome,
}

/// What a job has said itself was heard, whatever our own network does.
fn is_reported(ended: &Ended) -> bool {
    ended.round.monitor.key().is_some() && ended.outcome.facts.connected
}

struct Loop {
    settings: Arc<Settings>,
    context: Arc<Context>,
    sink: Sink,
    start: Instant,
    plan: Plan,
    pulse: Pulse,
    network: Network,
    running: usize,
    is_asking: bool,
    /// Failures that wait for what the references say.
    doubted: Vec<Ended>,
    /// What waits to be handed on, and when it is.
    told: Vec<Looked>,
    told_at: Duration,
    vetoed_late: u64,
    vetoed_offline: u64,
    ended: mpsc::Sender<Ended>,
    answered: mpsc::Sender<bool>,
}

async fn go(
    settings: Settings,
    context: Arc<Context>,
    sink: Sink,
    mut inbox: mpsc::Receiver<Order>,
    shown: Arc<Mutex<State>>,
) {
    let (ended, mut endings) = mpsc::channel(ENDED_MAX);
    let (answered, mut answers) = mpsc::channel(1);
    let plan = Plan::new(settings.gap, settings.share);
    let mut this = Loop {
        settings: Arc::new(settings),
        context,
        sink,
        start: Instant::now(),
        plan,
        pulse: Pulse::default(),
        network: Network::default(),
        running: 0,
        is_asking: false,
        doubted: Vec::new(),
        told: Vec::new(),
        told_at: Duration::ZERO,
        vetoed_late: 0,
        vetoed_offline: 0,
        ended,
        answered,
    };
    loop {
        let now = this.start.elapsed();
        this.begin_due(now);
        if !this.plan.is_empty() && this.network.is_stale(CALM_EVERY, now) {
            this.ask_references();
        }
        this.hand_on(now);
        this.show(&shown, now);
        let wake_at = this.wake_at(now);
        let sleep = tokio::time::sleep_until((this.start + wake_at).into());
        tokio::select! {
            () = sleep => {
                let now = this.start.elapsed();
                this.pulse.woke(now.saturating_sub(wake_at), now);
            }
            Some(ended) = endings.recv() => {
                this.take(ended);
                while let Ok(ended) = endings.try_recv() {
                    this.take(ended);
                }
            }
            Some(is_down) = answers.recv() => this.learn(is_down),
            order = inbox.recv() => match order {
                Some(Order::Set(monitors)) => {
                    this.context.heartbeats.expect(monitors.iter().filter_map(Monitor::key));
                    this.plan.set(monitors, this.start.elapsed());
                }
                Some(Order::Surge(service)) => {
                    this.plan.surge(&service, this.start.elapsed());
                }
                Some(Order::Recheck(id)) => {
                    this.plan.recheck(&id, this.start.elapsed());
                }
                Some(Order::Stop) | None => return this.hand_on(Duration::MAX),
            },
        }
    }
}

impl Loop {
    /// When there is something to do again.
    fn wake_at(&self, now: Duration) -> Duration {
        let full = self.running >= self.settings.running_max;
        let next = if full { None } else { self.plan.next_at() };
        let next = next.map_or(Duration::MAX, grain_after);
        let told = if self.told.is_empty() { Duration::MAX } else { self.told_at };
        next.min(told).min(now + SLEEP_MAX)
    }

    /// Hands on what was seen, once it is time.
    fn hand_on(&mut self, now: Duration) {
        if now >= self.told_at {
            self.told.drain(..).for_each(&mut self.sink);
        }
    }

    fn begin_due(&mut self, now: Duration) {
        while self.running < self.settings.running_max
            && let Some(round) = self.plan.take(now)
        {
            self.pulse.began(round.late, now);
            self.running += 1;
            let (context, ended) = (self.context.clone(), self.ended.clone());
            let at_unix_ms = now_unix_ms();
            tokio::spawn(async move {
                let outcome = round.monitor.check.run(&context).await;
                // Nobody is left to be told only when the loop ends.
                let _ = ended.send(Ended { round, began: now, at_unix_ms, outcome }).await;
            });
        }
    }

    fn take(&mut self, ended: Ended) {
        self.running -= 1;
        let now = self.start.elapsed();
        self.plan.ended(ended.round.ticket, &ended.outcome, now);
        let fails = ended.outcome.fault.as_ref().is_some_and(|it| it.about == About::Target);
        if !fails || is_reported(&ended) || self.settings.references.is_empty() {
            return self.tell(ended);
        }
        // Whether the failure is ours is known when the references have been looked at after it.
        if self.network.is_stale(DOUBT_EVERY, now) {
            self.ask_references();
        }
        if self.is_asking && self.doubted.len() < ENDED_MAX {
            self.doubted.push(ended);
        } else {
            self.tell(ended);
        }
    }

    fn tell(&mut self, ended: Ended) {
        let standing = if self.pulse.was_late(ended.began) {
            Standing::Late
        } else if self.network.is_down && !is_reported(&ended) {
            Standing::Offline
        } else {
            Standing::Sound
        };
        let Ended { round, at_unix_ms, outcome, .. } = ended;
        if outcome.fault.as_ref().is_some_and(|fault| fault.about == About::Target) {
            self.vetoed_late += u64::from(standing == Standing::Late);
            self.vetoed_offline += u64::from(standing == Standing::Offline);
        }
        let Round { monitor, cause, late, .. } = round;
        if self.told.is_empty() {
            self.told_at = self.start.elapsed() + TOLD_EVERY;
        }
        self.told.push(Looked { monitor, cause, at_unix_ms, late, standing, outcome });
    }

    fn ask_references(&mut self) {
        if self.is_asking || self.settings.references.is_empty() {
            return;
        }
        self.is_asking = true;
        let (settings, context) = (self.settings.clone(), self.context.clone());
        let answered = self.answered.clone();
        tokio::spawn(async move {
            let is_down = network::is_down(&settings.references, &context).await;
            let _ = answered.send(is_down).await;
        });
    }

    fn learn(&mut self, is_down: bool) {
        self.is_asking = false;
        self.network.learn(is_down, self.start.elapsed());
        for ended in std::mem::take(&mut self.doubted) {
            self.tell(ended);
        }
    }

    fn show(&self, shown: &Mutex<State>, now: Duration) {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        *shown = State {
            monitors: self.plan.len(),
            running: self.running,
            counts: self.plan.counts,
            pulse: self.pulse.clone(),
            vetoed_late: self.vetoed_late,
            vetoed_offline: self.vetoed_offline,
            is_offline: self.network.is_down,
            is_late: self.pulse.was_late(now),
        };
    }
}

/// The end of the grain that a moment lies in.
fn grain_after(at: Duration) -> Duration {
    let grains = at.as_nanos().div_ceil(GRAIN.as_nanos());
    Duration::from_nanos(u64::try_from(grains * GRAIN.as_nanos()).unwrap_or(u64::MAX))
}

fn now_unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_of_one_grain_begin_at_its_end() {
        let ms = Duration::from_millis;
        for (due, begins) in [(0, 0), (1, 20), (19, 20), (20, 20), (21, 40), (60_003, 60_020)] {
            assert_eq!(grain_after(ms(due)), ms(begins), "due at {due} ms");
        }
        assert!(grain_after(Duration::MAX) > Duration::from_secs(1 << 33), "never is never");
    }
}
