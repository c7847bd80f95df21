//! The sender: a thread that takes messages out of the outbox and sends them, each until it was
//! taken or given up.
//!
//! Messages are sent beside each other; those of one incident to one receiver one after the other.
//! E-mail of one channel goes over one connection. What a killed program was sending is sent again
//! at the next start, with the same id.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use outcry_core::time::UnixMillis;
use outcry_herald::channel::Kind;
use outcry_herald::channel::Outgoing;
use outcry_herald::letter::Parcel;
use outcry_herald::post;
use outcry_herald::post::Answer;
use outcry_herald::retry;
use outcry_server::contract::Clock;
use outcry_store::StoreError;
use outcry_store::alerts::ChannelOff;
use outcry_store::alerts::Due;
use outcry_store::alerts::Fate;
use outcry_store::alerts::PUSH;
use outcry_store::sqlite::outbox::Outbox;
use tokio::task::JoinSet;

use crate::alerts::InForce;
use crate::alerts::Reading;
use crate::alerts::people::number_of;
use crate::alerts::ways::Ways;
use crate::shared::Shared;

/// Messages that are being sent at the same time.
const RUNNING_MAX: usize = 256;
/// How often it is asked whether the outbox grew, while nothing ends.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often the outbox is looked at in any case: tries become due, and other programs write too.
const READ_EVERY: Duration = Duration::from_millis(500);
/// How often the configuration is looked at.
const FILES_EVERY: Duration = Duration::from_secs(1);
/// How often old messages are removed.
const TEND_EVERY: Duration = Duration::from_secs(600);
/// How long the thread waits after the database refused.
const RETRY: Duration = Duration::from_millis(500);

/// What sends.
pub struct Sender {
    /// The outbox.
    pub outbox: Outbox,
    /// The settings in force.
    pub in_force: InForce,
    /// What reads them again.
    pub reading: Reading,
    /// What tells the thread to end, and how the station is doing.
    pub shared: Arc<Shared>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What every try shares.
    pub ways: Arc<Ways>,
}

/// A try that ended.
struct Ended {
    number: i64,
    id: String,
    channel: String,
    mark: String,
    attempts: u32,
    refused: u32,
    answer: Answer,
}

impl Sender {
    /// Runs until the program ends.
    pub fn run(mut self) {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match built {
            Ok(runtime) => runtime.block_on(self.send_all()),
            Err(error) => tracing::error!(%error, "alerts are not sent"),
        }
    }

    async fn send_all(&mut self) {
        if let Err(error) = self.outbox.take_back(self.clock.now()) {
            tracing::error!(%error, "what was being sent waits until it is looked at again");
        }
        let mut running: JoinSet<Vec<Ended>> = JoinSet::new();
        let mut ended: Vec<Ended> = Vec::new();
        let (mut files_at, mut tended_at) = (Instant::now(), None::<Instant>);
        let (mut beat_at, mut is_whole) = (None::<Instant>, true);
        let mut read_at = None::<Instant>;
        while !self.shared.stop.load(Ordering::Relaxed) {
            if files_at.elapsed() >= FILES_EVERY {
                files_at = Instant::now();
                self.reading.look();
                self.beat(&mut beat_at);
            }
            let turn = match is_whole {
                true => self.turn(&mut running, &mut ended, &mut read_at),
                false => self.mend(&running, &mut ended).map(|mended| is_whole = mended),
            };
            let turn = turn.and_then(|()| self.tend(&mut tended_at));
            if let Err(error) = turn {
                tracing::error!(%error, "the outbox cannot be used now");
                tokio::time::sleep(RETRY).await;
            }
            tokio::select! {
                Some(done) = running.join_next(), if !running.is_empty() => {
                    is_whole &= done.is_ok();
                    ended.extend(done.unwrap_or_default());
                    while let Some(done) = running.try_join_next() {
                        is_whole &= done.is_ok();
                        ended.extend(done.unwrap_or_default());
                    }
                }
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// After a try that broke off in the middle and told nothing: begins nothing until all others
    /// have ended, and then takes back what it had. Whether that is done.
    fn mend(
        &mut self,
        running: &JoinSet<Vec<Ended>>,
        ended: &mut Vec<Ended>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.note(ended, now)?;
        ended.clear();
        if running.is_empty() {
            self.outbox.take_back(now)?;
        }
        Ok(running.is_empty())
    }

    /// Notes what ended, and begins what is due.
    fn turn(
        &mut self,
        running: &mut JoinSet<Vec<Ended>>,
        ended: &mut Vec<Ended>,
        read_at: &mut Option<Instant>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !ended.is_empty() {
            self.note(ended, now)?;
            ended.clear();
            // What comes after them may be sent, and there is room for more.
            *read_at = None;
        }
        let free = RUNNING_MAX.saturating_sub(running.len());
        let limit = u32::try_from(free).unwrap_or(0);
        if limit == 0 {
            return Ok(());
        }
        let grew = self.shared.outbox_grew.swap(false, Ordering::Relaxed);
        if !grew && read_at.is_some_and(|at| at.elapsed() < READ_EVERY) {
            return Ok(());
        }
        *read_at = None;
        let claimed = self.outbox.claim(now, limit)?;
        *read_at = Some(Instant::now());
        if claimed.is_empty() {
            return Ok(());
        }
        let config = self.in_force.load_full();
        let off = self.outbox.channels_off()?;
        let mut mails: BTreeMap<String, Vec<Due>> = BTreeMap::new();
        for due in claimed {
            if due.channel == PUSH {
                let (ways, config) = (self.ways.clone(), config.clone());
                running.spawn(async move {
                    let answer = match ways.parcel(&due, now) {
                        Some(parcel) => ways.push(&parcel, &config).await,
                        None => Answer::Never("the letter cannot be read".into()),
                    };
                    vec![end(due, String::new(), answer)]
                });
                continue;
            }
            let Some(channel) = config.channels.get(&due.channel) else {
                ended.push(never(due, "", "there is no such channel any more"));
                continue;
            };
            let mark = channel.mark();
            if off.iter().any(|off| off.channel == due.channel && off.mark == mark) {
                ended.push(never(due, &mark, "the channel was switched off: it said it is gone"));
                continue;
            }
            if channel.kind == Kind::Email {
                mails.entry(due.channel.clone()).or_default().push(due);
                continue;
            }
            let (ways, channel, private) =
                (self.ways.clone(), channel.clone(), config.allow_private);
            running.spawn(async move {
                let answer = match ways.parcel(&due, now) {
                    Some(parcel) => ways.post(&channel, &parcel, private).await,
                    None => Answer::Never("the letter cannot be read".into()),
                };
                vec![end(due, mark, answer)]
            });
        }
        for (name, dues) in mails {
            let Some(channel) = config.channels.get(&name).cloned() else { continue };
            let ways = self.ways.clone();
            running.spawn(async move {
                let parcels: Vec<Parcel> =
                    dues.iter().filter_map(|due| ways.parcel(due, now)).collect();
                let answers = ways.mail(&channel, &parcels).await;
                let ids = parcels.into_iter().map(|parcel| parcel.id);
                let mut told: BTreeMap<String, Answer> = ids.zip(answers).collect();
                let ended = dues.into_iter().map(|due| {
                    let unread = || Answer::Never("the letter cannot be read".into());
                    let answer = told.remove(&due.id).unwrap_or_else(unread);
                    end(due, channel.mark(), answer)
                });
                ended.collect()
            });
        }
        if !ended.is_empty() {
            self.note(ended, now)?;
            ended.clear();
        }
        Ok(())
    }

    /// Notes how tries ended. A channel that is gone is switched off.
    fn note(&mut self, ended: &[Ended], now: UnixMillis) -> Result<(), StoreError> {
        let mut fates = Vec::with_capacity(ended.len());
        for it in ended {
            let said = it.answer.said().to_owned();
            let fate = match &it.answer {
                Answer::Taken(_) => Fate::Delivered,
                Answer::Later(_, asked_s) => {
                    let wait = retry::wait_ms(&it.id, it.refused + 1, *asked_s);
                    tracing::warn!(message.id = it.id, it.attempts, said, "not taken yet");
                    Fate::Again(now.plus_ms(wait))
                }
                // A browser that took its yes back, or is no more.
                Answer::Gone(_) if it.channel == PUSH => {
                    if let Some(number) = number_of(&it.id) {
                        self.outbox.leave(number)?;
                    }
                    Fate::Dead
                }
                Answer::Gone(_) => {
                    tracing::error!(channel = it.channel, said, "the channel is switched off");
                    self.outbox.switch_off(&ChannelOff {
                        channel: it.channel.clone(),
                        mark: it.mark.clone(),
                        at: now,
                        said: said.clone(),
                    })?;
                    Fate::Dead
                }
                Answer::Never(_) => {
                    tracing::error!(message.id = it.id, said, "never taken: a dead letter");
                    Fate::Dead
                }
            };
            fates.push((it.number, fate, said));
        }
        self.outbox.finish(&fates, now)
    }

    fn tend(&mut self, tended_at: &mut Option<Instant>) -> Result<(), StoreError> {
        if tended_at.is_some_and(|at| at.elapsed() < TEND_EVERY) {
            return Ok(());
        }
        *tended_at = Some(Instant::now());
        self.outbox.tend(self.clock.now())
    }

    /// A sign of life, as long as the station is well: whoever listens hears when it ends.
    fn beat(&self, beat_at: &mut Option<Instant>) {
        let config = self.in_force.load();
        let every = Duration::from_secs(config.heartbeat_every_s);
        let is_due = beat_at.is_none_or(|at| at.elapsed() >= every);
        let failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if config.heartbeat_url.is_empty() || !is_due || failure.is_some() {
            return;
        }
        drop(failure);
        *beat_at = Some(Instant::now());
        let (ways, private) = (self.ways.clone(), config.allow_private);
        let beat = Outgoing {
            method: "GET",
            url: config.heartbeat_url.clone(),
            headers: Vec::new(),
            body: Bytes::new(),
        };
        tokio::spawn(async move {
            let answer = post::send(&beat, ways.context(private)).await;
            if !matches!(answer, Answer::Taken(_)) {
                tracing::warn!(said = answer.said(), "the sign of life was not heard");
            }
        });
    }
}

fn end(due: Due, mark: String, answer: Answer) -> Ended {
    let Due { number, id, channel, attempts, refused, .. } = due;
    Ended { number, id, channel, mark, attempts, refused, answer }
}

fn never(due: Due, mark: &str, why: &str) -> Ended {
    end(due, mark.to_owned(), Answer::Never(why.to_owned()))
}
