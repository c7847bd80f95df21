//! Pages and APIs: any method, heads and body, redirects when asked for, over HTTP/1.1.
//!
//! Without a condition on `[STATUS]`, 400 and above is a failure, except for the answers of a wall
//! (401, 403, 407, 429, 451, or a challenge): those are "blocked". The service stands; it turns
//! *us* away.
//!
//! Each redirect is resolved and filtered like the first address. What the operator wrote to be
//! sent (credentials, heads, body) goes to the origin it was written for and to no other.
//!
//! # What it cannot tell
//!
//! HTTP/2 and HTTP/3 are not spoken, so a failure of those alone is not seen. Scripts are not run.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::sync::Arc;

use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;

use crate::address::Url;
use crate::dial::TIMEOUT;
use crate::guard::Family;
use crate::phase::About;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::exchange;
use crate::probe::exchange::Message;
use crate::probe::exchange::Way;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::probe::outcome::Verdict;
use crate::probe::page::Judge;
use crate::probe::page::Judgement;
use crate::probe::page::Page;
use crate::soft::history::Mark;
use crate::soft::history::Memory;
use crate::tls::Tls;

/// Redirects that can be followed at most.
pub const REDIRECTS_MAX: u8 = 10;

/// A page or an API.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where.
    pub url: Url,
    /// Over which family.
    pub family: Family,
    /// For the probe as a whole, redirects included.
    pub timeout: std::time::Duration,
    /// What is sent.
    pub message: Message,
    /// Redirects that are followed, 0 for none; never more than [`REDIRECTS_MAX`].
    pub redirects_max: u8,
    /// Trust and a certificate of our own, where they differ from those of all.
    pub tls: Option<Tls>,
    /// What counts as a good status.
    pub status: StatusRule,
    /// Whether a page that answered well is looked at for soft failures.
    pub soft: Soft,
}

/// Whether pages are looked at for soft failures.
#[derive(Clone, Debug)]
pub enum Soft {
    /// The status is enough.
    Off,
    /// They are, and what is usual for this page is remembered.
    On(Arc<Memory>),
}

/// Who says what a good status is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusRule {
    /// The header of this file.
    Usual,
    /// The conditions.
    Conditions,
}

impl Target {
    /// GET, without redirects.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            family: Family::Any,
            timeout: TIMEOUT,
            message: Message::default(),
            redirects_max: 0,
            tls: None,
            status: StatusRule::Usual,
            soft: Soft::On(Arc::default()),
        }
    }
}

/// Basic authentication (RFC 7617), as the value of `Authorization`.
pub fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
    secret(&format!("Basic {pair}"))
}

/// A bearer token (RFC 6750), as the value of `Authorization`.
pub fn bearer(token: &str) -> Option<HeaderValue> {
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Looks once.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.timeout, async |sight: &mut Sight| look(target, context, sight).await)
        .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let tls = target.tls.as_ref().unwrap_or(&context.tls);
    let way = Way { url: &target.url, family: target.family, tls };
    exchange::fetch(way, &target.message, context, sight).await?;
    let mut last: Option<Url> = None;
    while sight.facts.redirects < target.redirects_max.min(REDIRECTS_MAX) {
        let from = last.as_ref().unwrap_or(&target.url);
        let Some(next) = redirect_of(from, sight)? else { break };
        let is_same = origin(&next) == origin(&target.url);
        let message = after_redirect(&target.message, sight.facts.status, is_same);
        // A certificate of our own is a credential too.
        let tls = if is_same { tls } else { &context.tls };
        sight.facts.redirects += 1;
        let way = Way { url: &next, family: target.family, tls };
        exchange::fetch(way, &message, context, sight).await?;
        last = Some(next);
    }
    let from = last.as_ref().unwrap_or(&target.url);
    if target.redirects_max > 0 && redirect_of(from, sight)?.is_some() {
        let count = sight.facts.redirects;
        return Err(sight.watch.fault(format!("more than {count} redirects")));
    }
    // What we think about it takes no time of the target's.
    sight.watch.enter(Phase::Condition);
    let usual = match &target.soft {
        Soft::On(memory) => memory.usual(),
        Soft::Off => None,
    };
    let page = Page {
        url: last.as_ref().unwrap_or(&target.url),
        redirects: sight.facts.redirects,
        status: sight.facts.status.unwrap_or_default(),
        headers: &sight.facts.headers,
        body: &sight.facts.body,
        is_cut: sight.facts.body_is_cut,
        usual: usual.as_ref(),
    };
    // A page that is byte for byte the last one that was well is read no second time.
    let known = match &target.soft {
        // The answer to HEAD has no body to be looked at.
        Soft::On(memory) if target.message.method != Method::HEAD => {
            Some((memory, Mark::of(&page)))
        }
        Soft::On(_) | Soft::Off => None,
    };
    let is_judged = known.is_some_and(|(memory, mark)| !memory.is_last(mark));
    if let Some((verdict, reason)) = weigh(&page, target.status, is_judged, context.judge) {
        let fault = Fault { phase: Phase::Processing, about: About::Target, reason: reason.into() };
        if verdict == Verdict::Failed {
            return Err(fault);
        }
        if let Some((memory, _)) = known {
            memory.doubt(&page);
        }
        sight.judgement = Some((verdict, fault));
    } else if let Some((memory, mark)) = known {
        memory.learn(&page, mark);
    }
    Ok(())
}

/// What the status and the judge of pages say. A wall may come with any status: where the status
/// says "failed", the page may still say that it only turns us away.
pub fn weigh(
    page: &Page<'_>,
    rule: StatusRule,
    is_judged: bool,
    judge: Judge,
) -> Option<(Verdict, String)> {
    let by_status = (rule == StatusRule::Usual).then(|| weigh_status(page)).flatten();
    // Nobody reads the body of an answer that sends them on.
    let is_sent_on = (300..400).contains(&page.status);
    // Who asks for a status of failure gets its page.
    let is_asked_for = rule == StatusRule::Conditions && page.status >= 400;
    let is_read = is_judged && !is_sent_on && !is_asked_for;
    if matches!(by_status, Some((Verdict::Blocked, _))) || !is_read {
        return by_status;
    }
    let by_page = match judge(page) {
        Judgement::Healthy => None,
        Judgement::Soft(reason) => Some((Verdict::SoftFailure, reason)),
        Judgement::Blocked(reason) => Some((Verdict::Blocked, reason)),
    };
    match by_page {
        Some((Verdict::Blocked, _)) => by_page,
        _ => by_status.or(by_page),
    }
}

/// What the status says by itself.
fn weigh_status(page: &Page<'_>) -> Option<(Verdict, String)> {
    if is_challenge(page.headers) {
        let reason = format!("status {}: a challenge for browsers stands before it", page.status);
        return Some((Verdict::Blocked, reason));
    }
    let wall = match page.status {
        401 => "it asks for credentials",
        403 => "it forbids us to look",
        407 => "a proxy asks for credentials",
        429 => "it says that we ask too often",
        451 => "it is withheld here for legal reasons",
        status if redirects(status) && !page.headers.contains_key(header::LOCATION) => {
            let reason = format!("status {status}: it does not say where to (no Location)");
            return Some((Verdict::Failed, reason));
        }
        ..=399 => return None,
        status => {
            let known = StatusCode::from_u16(status).ok();
            let words = known.and_then(|known| known.canonical_reason()).unwrap_or("unknown");
            return Some((Verdict::Failed, format!("status {status} ({words})")));
        }
    };
    Some((Verdict::Blocked, format!("status {}: {wall}", page.status)))
}

/// Walls that name themselves: Cloudflare's `cf-mitigated`, AWS WAF's `x-amzn-waf-action`.
fn is_challenge(headers: &HeaderMap) -> bool {
    let says = |name: &str, words: &[&str]| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| words.contains(&value))
    };
    says("cf-mitigated", &["challenge"]) || says("x-amzn-waf-action", &["challenge", "captcha"])
}

/// Where an answer sends us, if it does.
fn redirect_of(from: &Url, sight: &Sight) -> Result<Option<Url>, Fault> {
    if !sight.facts.status.is_some_and(redirects) {
        return Ok(None);
    }
    let Some(location) = sight.facts.headers.get(header::LOCATION) else { return Ok(None) };
    let read = location.to_str().ok().map(|location| from.join(location));
    match read {
        Some(Ok(next)) => Ok(Some(next)),
        Some(Err(error)) => Err(sight.watch.fault(format!("it redirects to no address: {error}"))),
        None => Err(sight.watch.fault("it redirects to no address")),
    }
}

fn redirects(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn origin(url: &Url) -> (&str, &crate::address::Host, Option<u16>) {
    let usual = if &*url.scheme == "https" { 443 } else { 80 };
    (&url.scheme, &url.host, Some(url.port.unwrap_or(usual)))
}

/// RFC 9110, section 15.4: 307 and 308 keep method and body, the others become a GET.
fn after_redirect(first: &Message, status: Option<u16>, is_same: bool) -> Message {
    let keeps = matches!(status, Some(307 | 308));
    let headers = if is_same { first.headers.clone() } else { HeaderMap::new() };
    if keeps && is_same {
        return Message { headers, ..first.clone() };
    }
    let method = if first.method == Method::HEAD { Method::HEAD } else { Method::GET };
    Message { method, headers, ..Message::default() }
}
