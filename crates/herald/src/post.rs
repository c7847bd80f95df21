//! Sending: one request to a checked address, and what came of it.
//!
//! Every dial passes the filter of the collector and goes to the address that was checked, so a
//! name that answers differently a moment later finds nobody who asks again. Redirects are not
//! followed: a receiver that moved is to be told to us by its owner.

use std::time::Duration;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use outcry_collector::address::Url;
use outcry_collector::guard::Family;
use outcry_collector::probe::Context;
use outcry_collector::probe::exchange;
use outcry_collector::probe::exchange::Message;
use outcry_collector::probe::exchange::Way;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Sight;

use crate::channel::Outgoing;

/// How long a receiver may take.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes a body of ours may have. Standard Webhooks asks for less than 20 kB.
pub const BODY_BYTES_MAX: usize = 20_000;
/// Characters of an answer that are told to an operator.
const ANSWER_CHARS_MAX: usize = 120;

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Taken(String),
    /// It was not, and may be later; the seconds the receiver asked us to wait.
    Later(String, Option<i64>),
    /// The receiver wants nothing more, ever.
    Gone(String),
    /// It will never be taken as it is.
    Never(String),
}

impl Answer {
    /// What was said.
    pub fn said(&self) -> &str {
        match self {
            Self::Taken(said) | Self::Later(said, _) | Self::Gone(said) | Self::Never(said) => said,
        }
    }
}

/// Sends a request.
pub async fn send(outgoing: &Outgoing, context: &Context) -> Answer {
    if outgoing.body.len() > BODY_BYTES_MAX {
        return Answer::Never(format!("the body has {} bytes", outgoing.body.len()));
    }
    let url = match Url::parse(&outgoing.url) {
        Ok(url) => url,
        Err(error) => return Answer::Never(format!("the address cannot be used: {error}")),
    };
    let Some(message) = message_of(outgoing) else {
        return Answer::Never("a head has letters that cannot be sent".into());
    };
    let way = Way { url: &url, family: Family::Any, tls: &context.tls };
    let outcome = Outcome::observe(TIMEOUT, async |sight: &mut Sight| {
        exchange::fetch(way, &message, context, sight).await
    })
    .await;
    judge(&outcome)
}

fn message_of(outgoing: &Outgoing) -> Option<Message> {
    let mut headers = HeaderMap::new();
    for (name, value) in &outgoing.headers {
        let value = HeaderValue::try_from(value.as_str()).ok()?;
        headers.append(HeaderName::from_static(name), value);
    }
    let method = Method::from_bytes(outgoing.method.as_bytes()).ok()?;
    Some(Message { method, headers, body: outgoing.body.clone() })
}

/// A status decides as soon as it is known, whatever became of the body.
fn judge(outcome: &Outcome) -> Answer {
    let Some(status) = outcome.facts.status else {
        let why = outcome.fault.as_ref().map_or("nothing came back".into(), |it| it.reason.clone());
        return Answer::Later(why.into_owned(), None);
    };
    let said = format!("{status} {}", words_of(&outcome.facts.body));
    let said = said.trim().to_owned();
    match status {
        200..=299 => Answer::Taken(said),
        300..=399 => Answer::Later(format!("{status}: it wants us elsewhere, and we stay"), None),
        410 => Answer::Gone(said),
        _ => Answer::Later(said, asked_s(&outcome.facts.headers)),
    }
}

/// The seconds of `Retry-After`, where it says seconds.
fn asked_s(headers: &HeaderMap) -> Option<i64> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn words_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().filter(|c| !c.is_control()).take(ANSWER_CHARS_MAX).collect()
}
