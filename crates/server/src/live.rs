//! Live numbers of a service, as server-sent events.
//!
//! One broadcast a service: a tick is encoded once and sent to all who follow. There is a cap on
//! followers; beyond it a client gets 204, which ends the stream for good, and the page's own
//! refresh goes on.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http::HeaderValue;
use http::StatusCode;
use http::header;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::units::Text;
use tokio::sync::broadcast;

use crate::limit::LIVE_CLIENTS_MAX;
use crate::words::Words;

/// Ticks a slow client may lag behind before it misses some.
const LAG_TICKS_MAX: usize = 16;
/// Milliseconds after which a client that lost its connection comes back, at least.
const RETRY_MS: u32 = 3_000;

/// Everyone who follows a service.
#[derive(Clone, Default)]
pub struct Live {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    channels: Mutex<HashMap<Text, Channel>>,
    clients: AtomicUsize,
}

struct Channel {
    sender: broadcast::Sender<Bytes>,
    last: Bytes,
}

/// Counts one follower for as long as it lives.
struct Follower(Arc<Inner>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Live {
    /// Services that somebody follows.
    pub fn followed(&self) -> Vec<Text> {
        let mut channels = self.inner.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|_, channel| channel.sender.receiver_count() > 0);
        channels.keys().cloned().collect()
    }

    /// Sends the numbers of a snapshot to all who follow its service.
    pub fn tell(&self, words: &Words, snapshot: &ServiceSnapshot) {
        let mut channels = self.inner.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(channel) = channels.get_mut(&snapshot.service) else { return };
        let tick = tick(words, snapshot);
        if channel.last != tick {
            channel.last = tick.clone();
            // An error means that nobody follows any more.
            let _ = channel.sender.send(tick);
        }
    }

    /// A stream of ticks, beginning with `first`.
    pub fn follow(&self, words: &Words, first: &ServiceSnapshot) -> Response {
        if self.inner.clients.fetch_add(1, Ordering::Relaxed) >= LIVE_CLIENTS_MAX {
            self.inner.clients.fetch_sub(1, Ordering::Relaxed);
            return StatusCode::NO_CONTENT.into_response();
        }
        let follower = Follower(self.inner.clone());
        let receiver = {
            let mut channels = self.inner.channels.lock().unwrap_or_else(PoisonError::into_inner);
            channels
                .entry(first.service.clone())
                .or_insert_with(|| Channel {
                    sender: broadcast::channel(LAG_TICKS_MAX).0,
                    last: Bytes::new(),
                })
                .sender
                .subscribe()
        };
        // Clients come back at different moments, or a restart would be met by all at once.
        let jitter = u32::try_from(first.as_of.0.rem_euclid(2_000)).unwrap_or(0);
        let greeting = format!("retry: {}\n\n", RETRY_MS + jitter);
        let begin = [Bytes::from(greeting), tick(words, first)];
        let ticks = stream::unfold((receiver, follower), |(mut receiver, follower)| async move {
            loop {
                match receiver.recv().await {
                    Ok(tick) => return Some((tick, (receiver, follower))),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        let all = stream::iter(begin).chain(ticks).map(Ok::<_, Infallible>);
        let mut response = Response::new(Body::from_stream(all));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("text/event-stream");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// One event: the texts of the marked places of the page.
fn tick(words: &Words, snapshot: &ServiceSnapshot) -> Bytes {
    let numbers = serde_json::json!({
        "received": words.count(snapshot.received_5min),
        "counted": words.count(snapshot.counted_5min),
        "times": words.multiple(snapshot.times_usual()),
        "works": words.count(snapshot.works_15min),
        "state": if snapshot.in_trouble() { "trouble" } else { "calm" },
    });
    Bytes::from(format!("event: tick\nid: {}\ndata: {numbers}\n\n", snapshot.as_of.0))
}
