//! The phases of a probe, timed apart with a monotonic clock, and the fault that ends one early.
//!
//! The names are those of blackbox_exporter. A probe is in one phase at a time: [`Stopwatch`]
//! knows which, so a timeout names the phase it struck in.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use std::time::Instant;

/// A part of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Our own filter, before anything is sent.
    Guard,
    /// From a name to addresses.
    Resolve,
    /// To an open connection.
    Connect,
    /// The handshake, and the check of the certificate.
    Tls,
    /// From the request to the first byte of the answer.
    Processing,
    /// The rest of the answer.
    Transfer,
    /// The answer is there; what it says is weighed.
    Condition,
}

impl Phase {
    /// Those that take time on the wire, in order.
    pub const TIMED: [Self; 5] =
        [Self::Resolve, Self::Connect, Self::Tls, Self::Processing, Self::Transfer];

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Processing => "processing",
            Self::Transfer => "transfer",
            Self::Condition => "condition",
        }
    }
}

/// Time spent in each phase. A phase that was not reached took no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([Duration; 7]);

impl Phases {
    /// Time spent in one phase; over all hops where redirects were followed.
    pub fn spent(&self, phase: Phase) -> Duration {
        self.0[phase as usize]
    }

    /// Time spent in all phases but the last: what we think about an answer, and how long we wait
    /// between two steps of a flow, is not the target's.
    pub fn total(&self) -> Duration {
        self.0.iter().sum::<Duration>() - self.spent(Phase::Condition)
    }
}

/// Measures one phase at a time.
#[derive(Debug)]
pub struct Stopwatch {
    phase: Phase,
    since: Instant,
    spent: Phases,
}

impl Stopwatch {
    /// Starts before the first phase.
    pub fn start() -> Self {
        Self { phase: Phase::Guard, since: Instant::now(), spent: Phases::default() }
    }

    /// Ends the phase before and begins this one.
    pub fn enter(&mut self, phase: Phase) {
        let now = Instant::now();
        self.spent.0[self.phase as usize] += now - self.since;
        self.phase = phase;
        self.since = now;
    }

    /// The phase that is running.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// A fault of the target in the running phase.
    pub fn fault(&self, reason: impl Into<Cow<'static, str>>) -> Fault {
        Fault { phase: self.phase, about: About::Target, reason: reason.into() }
    }

    /// A fault that a failed call of the system stands for.
    pub fn fault_of(&self, error: &std::io::Error) -> Fault {
        let about = if is_local(error) { About::Here } else { About::Target };
        Fault { phase: self.phase, about, reason: words_of(error) }
    }

    /// Ends the running phase and says what each took.
    pub fn stop(mut self) -> Phases {
        self.enter(Phase::Condition);
        self.spent
    }
}

/// Whom a fault speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The target.
    Target,
    /// This vantage point: no route, no free descriptor, no permission.
    Here,
    /// Our own filter: nothing was sent.
    Filter,
}

/// What ended a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it struck.
    pub phase: Phase,
    /// Whom it speaks about. Only [`About::Target`] is evidence.
    pub about: About,
    /// What happened, as a lower-case fragment.
    pub reason: Cow<'static, str>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.phase.name(), self.reason)
    }
}

impl From<crate::guard::Refusal> for Fault {
    fn from(refusal: crate::guard::Refusal) -> Self {
        Self { phase: Phase::Guard, about: About::Filter, reason: refusal.to_string().into() }
    }
}

/// Errors that this machine makes by itself, whatever the target does.
fn is_local(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    // EMFILE and ENFILE have no stable kind.
    matches!(error.raw_os_error(), Some(23 | 24))
        || matches!(
            error.kind(),
            Kind::AddrNotAvailable | Kind::NetworkDown | Kind::PermissionDenied | Kind::OutOfMemory
        )
        || (error.kind() == Kind::NetworkUnreachable)
}

fn words_of(error: &std::io::Error) -> Cow<'static, str> {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => "the connection was refused".into(),
        Kind::ConnectionReset => "the connection was reset".into(),
        Kind::ConnectionAborted => "the connection was aborted".into(),
        Kind::BrokenPipe => "the connection was closed while we sent".into(),
        Kind::UnexpectedEof => "the connection was closed early".into(),
        Kind::HostUnreachable => "the host cannot be reached".into(),
        Kind::NetworkUnreachable => "there is no route from here".into(),
        Kind::TimedOut => "timed out".into(),
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => "no free descriptor here".into(),
        _ => error.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_to_the_whole() {
        let mut watch = Stopwatch::start();
        for phase in Phase::TIMED {
            watch.enter(phase);
        }
        let began = watch.since;
        watch.since = began - Duration::from_millis(20);
        let phases = watch.stop();
        assert!(phases.spent(Phase::Transfer) >= Duration::from_millis(20));
        let sum: Duration = Phase::TIMED.iter().map(|phase| phases.spent(*phase)).sum();
        assert!(phases.total() >= sum && phases.total() - sum < Duration::from_millis(5));
    }

    #[test]
    fn a_full_table_of_descriptors_is_no_fault_of_the_target() {
        let watch = Stopwatch::start();
        assert_eq!(watch.fault_of(&std::io::Error::from_raw_os_error(24)).about, About::Here);
        assert_eq!(watch.fault_of(&std::io::Error::from_raw_os_error(111)).about, About::Target);
    }
}
