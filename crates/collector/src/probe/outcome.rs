//! What a probe saw, and what it comes to.
//!
//! While a probe runs it fills a [`Sight`]. When it ends, by itself or by its deadline, the sight
//! becomes an [`Outcome`]: whatever was seen until then is kept as evidence.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;

use crate::certificate::expiry_unix_s;
use crate::condition::Condition;
use crate::condition::Ruling;
use crate::dns::code::Rcode;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::phase::Phases;
use crate::phase::Stopwatch;

/// What a probe comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answered as it should.
    Ok,
    /// It answered, and the answer says that it does not work.
    SoftFailure,
    /// It turned us away: a wall against machines, a login, a limit. Not evidence of a failure.
    Blocked,
    /// It failed.
    Failed,
}

impl Verdict {
    /// Its name in `outcry probe --json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::SoftFailure => "soft_failure",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

/// What one probe saw and what it comes to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In a word.
    pub verdict: Verdict,
    /// Why it is not ok. Only a fault about the target is evidence.
    pub fault: Option<Fault>,
    /// Time spent in each phase.
    pub phases: Phases,
    /// The address that was dialled.
    pub address: Option<SocketAddr>,
    /// What was seen.
    pub facts: Facts,
    /// What the conditions say, in the order they were given.
    pub rulings: Vec<Ruling>,
}

/// What was seen of a target, as far as the probe came.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// A connection was opened, or a datagram answered.
    pub connected: bool,
    /// The status of an HTTP answer, or the state a gRPC service says it is in.
    pub status: Option<u16>,
    /// The heads of the last HTTP answer.
    pub headers: HeaderMap,
    /// The body, decompressed; of other kinds the text that came back.
    pub body: Bytes,
    /// The body is longer than what was read.
    pub body_is_cut: bool,
    /// The certificates the server showed, its own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// How a name server answered.
    pub rcode: Option<Rcode>,
    /// Redirects that were followed.
    pub redirects: u8,
    /// How long the probe took until now, set once it has ended.
    pub took: Duration,
}

impl Facts {
    /// When the first certificate of the chain expires, in seconds since 1970.
    pub fn earliest_expiry_unix_s(&self) -> Option<i64> {
        self.chain.iter().filter_map(|der| expiry_unix_s(der)).min()
    }
}

/// A probe that is running.
#[derive(Debug)]
pub struct Sight {
    /// Its clock.
    pub watch: Stopwatch,
    /// The address that was dialled last.
    pub address: Option<SocketAddr>,
    /// What was seen so far.
    pub facts: Facts,
    /// Blocked or soft, and why, if that is what the answer is.
    pub judgement: Option<(Verdict, Fault)>,
}

impl Outcome {
    /// Runs a probe until it ends or its time is up.
    pub async fn observe<F>(within: Duration, look: F) -> Self
    where
        F: AsyncFnOnce(&mut Sight) -> Result<(), Fault>,
    {
        let mut sight = Sight {
            watch: Stopwatch::start(),
            address: None,
            facts: Facts::default(),
            judgement: None,
        };
        let ended = timeout(within, look(&mut sight)).await;
        let fault = match ended {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some(fault),
            Err(_) => Some(sight.watch.fault(format!("timed out after {}", limit_words(within)))),
        };
        let Sight { watch, address, mut facts, judgement } = sight;
        let phases = watch.stop();
        facts.took = phases.total();
        let (verdict, fault) = match (fault, judgement) {
            (Some(fault), _) => (Verdict::Failed, Some(fault)),
            (None, Some((verdict, fault))) => (verdict, Some(fault)),
            (None, None) => (Verdict::Ok, None),
        };
        Self { verdict, fault, phases, address, facts, rulings: Vec::new() }
    }

    /// Weighs the conditions. One that does not hold makes an ok probe a failed one; what was not
    /// ok stays what it is, with the rulings beside it.
    pub fn weigh(&mut self, conditions: &[Condition], now_unix_s: i64) {
        if conditions.is_empty() {
            return;
        }
        self.rulings = conditions
            .iter()
            .map(|condition| condition.rule(&self.facts, self.address, now_unix_s))
            .collect();
        let broken = self.rulings.iter().find(|ruling| !ruling.holds);
        if self.verdict == Verdict::Ok
            && let Some(broken) = broken
        {
            self.verdict = Verdict::Failed;
            self.fault = Some(Fault {
                phase: Phase::Condition,
                about: crate::phase::About::Target,
                reason: broken.shown.to_string().into(),
            });
        }
    }

    /// Why it is not ok, beginning with the phase.
    pub fn reason(&self) -> Option<String> {
        self.fault.as_ref().map(Fault::to_string)
    }
}

fn limit_words(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}
