//! What reports by itself: a job that says it has run, a device behind a router. The probe looks
//! at when it was last heard.
//!
//! # What it cannot tell
//!
//! Silence has two causes, and from here they look alike: the job did not run, or its report did
//! not get through.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::repeated::repeated;

/// Keys that are known at most.
pub const KEYS_MAX: usize = 100_000;
/// Characters that are kept of a reported error.
const ERROR_CHARS_MAX: usize = 200;

/// Something that reports by itself.
#[derive(Clone, Debug)]
pub struct Target {
    /// Under which key.
    pub key: Box<str>,
    /// How long it may be silent.
    pub within: Duration,
}

/// What was heard from whom.
#[derive(Debug)]
pub struct Heartbeats {
    since: Instant,
    last: Mutex<BTreeMap<Box<str>, Option<Beat>>>,
}

/// The last report under a key.
#[derive(Clone, Debug)]
pub struct Beat {
    /// When, on the clock of this process.
    pub at: Instant,
    /// What went wrong, if it says so.
    pub error: Option<String>,
    /// How long it took, as it says.
    pub took: Option<Duration>,
}

impl Heartbeats {
    /// Nothing was heard yet. Silence counts from now on.
    pub fn new() -> Self {
        Self { since: Instant::now(), last: Mutex::new(BTreeMap::new()) }
    }

    /// The keys that monitors wait for, [`KEYS_MAX`] at most. What was heard under another is
    /// forgotten, and what was heard under one of them is kept.
    pub fn expect<'a>(&self, keys: impl Iterator<Item = &'a str>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut heard = std::mem::take(&mut *last);
        *last = keys.take(KEYS_MAX).map(|key| (key.into(), heard.remove(key).flatten())).collect();
    }

    /// Takes a report. `false` when no monitor waits for its key.
    pub fn hear(&self, key: &str, mut beat: Beat) -> bool {
        if let Some(error) = &mut beat.error {
            *error = repeated(error, ERROR_CHARS_MAX);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = last.get_mut(key) else { return false };
        *slot = Some(beat);
        true
    }

    fn last(&self, key: &str) -> Option<Beat> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned().flatten()
    }
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self::new()
    }
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    let look = async |sight: &mut Sight| look(target, context, sight, Instant::now());
    Outcome::observe(target.within, look).await
}

fn look(target: &Target, context: &Context, sight: &mut Sight, now: Instant) -> Result<(), Fault> {
    sight.watch.enter(Phase::Processing);
    let beat = context.heartbeats.last(&target.key);
    let heard_at = beat.as_ref().map_or(context.heartbeats.since, |beat| beat.at);
    let silent = now.saturating_duration_since(heard_at);
    if silent > target.within {
        let whole = crate::tls::span_words(silent.as_secs() as i64);
        let reason = match beat {
            Some(_) => format!("silent for {whole}"),
            None => format!("never heard in {whole}"),
        };
        return Err(sight.watch.fault(reason));
    }
    sight.facts.connected = beat.is_some();
    match beat.and_then(|beat| beat.error) {
        Some(error) => Err(sight.watch.fault(format!("it reports: {error}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::guard::Guard;

    use super::*;

    #[test]
    fn silence_and_reported_errors_are_failures() {
        let heartbeats = Arc::new(Heartbeats::new());
        let context = Context {
            guard: Guard::public(),
            resolver: crate::dns::resolver::Resolver::default(),
            tls: crate::tls::Tls::new(rustls::RootCertStore::empty()),
            agent: http::HeaderValue::from_static("outcry"),
            judge: crate::probe::page::trust,
            heartbeats: heartbeats.clone(),
        };
        let target = Target { key: "job".into(), within: Duration::from_secs(60) };
        let early = Beat { at: Instant::now(), error: None, took: None };
        assert!(!heartbeats.hear("job", early.clone()), "nobody waits for it");
        heartbeats.expect(["job", "other"].into_iter());
        assert!(!heartbeats.hear("jobs", early));
        let began = heartbeats.since;
        let look_at = |after_s: u64| {
            let mut sight = Sight {
                watch: crate::phase::Stopwatch::start(),
                address: None,
                facts: crate::probe::outcome::Facts::default(),
                judgement: None,
            };
            look(&target, &context, &mut sight, began + Duration::from_secs(after_s))
                .map_err(|fault| fault.to_string())
        };
        assert_eq!(look_at(59), Ok(()), "the first report may take as long as any");
        assert_eq!(look_at(61), Err("processing: never heard in 61 seconds".into()));
        let at = began + Duration::from_secs(100);
        assert!(heartbeats.hear("job", Beat { at, error: None, took: None }));
        assert_eq!(look_at(150), Ok(()));
        assert_eq!(look_at(170), Err("processing: silent for 70 seconds".into()));
        heartbeats.expect(["job"].into_iter());
        assert_eq!(look_at(150), Ok(()), "what was heard stays");
        let error = Some("disk\nfull".into());
        assert!(heartbeats.hear("job", Beat { at, error, took: None }));
        assert_eq!(look_at(150), Err("processing: it reports: diskfull".into()));
    }
}
