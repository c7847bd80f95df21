//! From a row to a signal: what a line means, or nothing when any part of it is wrong.
//!
//! Nothing is explained here, so that good lines are read fast; `mistake` explains the others, and
//! refuses for the same reasons.

use outcry_core::signal::Body;
use outcry_core::signal::COMMENT_CHARS_MAX;
use outcry_core::signal::Flow;
use outcry_core::signal::Log;
use outcry_core::signal::Mention;
use outcry_core::signal::Notice;
use outcry_core::signal::PrefixKey;
use outcry_core::signal::Problem;
use outcry_core::signal::Provenance;
use outcry_core::signal::Report;
use outcry_core::signal::ReporterKey;
use outcry_core::signal::Route;
use outcry_core::signal::RouteChange;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::signal::probe::Relayed;
use outcry_core::signal::said::Assertion;
use outcry_core::signal::said::Claim;
use outcry_core::signal::said::OperatorAct;
use outcry_core::signal::said::Testimony;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use outcry_core::units::Country;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;

use crate::signals::SIGNALS_VERSION;
use crate::signals::key::derive_id;
use crate::signals::key::derive_key;
use crate::signals::key::read_id;
use crate::signals::key::read_key;
use crate::signals::row::Origin;
use crate::signals::row::Row;
use crate::signals::row::Words;

/// Takes a signal out of a row; `None` when something is missing, wrong or left over.
pub(super) fn take_signal(mut row: Row<'_>, line: &str, number: u64) -> Option<Signal> {
    if row.v.take()? != SIGNALS_VERSION {
        return None;
    }
    let kind = row.kind_of_signal.take()?;
    let id = match row.id.take() {
        Some(id) => read_id(&id.0)?,
        None => derive_id(line, number),
    };
    let at = UnixMillis::parse(&row.at.take()?.0)?;
    let service = own(row.service.take()?);
    let provenance = Provenance {
        source: row.source.take().map(own).unwrap_or_default(),
        licence: row.licence.take().map(own),
        synthetic: row.synthetic.take().unwrap_or_default(),
    };
    let body = match &*kind.0 {
        "report" => Body::Report(take_report(&mut row, id)?),
        "probe" => Body::Probe(take_probe(&mut row)?),
        "notice" => Body::Notice(take_notice(&mut row)?),
        "route" => Body::Route(take_route(&mut row)?),
        "flow" => Body::Flow(take_flow(&mut row)?),
        "log" => Body::Log(take_log(&mut row)?),
        "mention" => Body::Mention(take_mention(&mut row)?),
        "testimony" => Body::Testimony(take_testimony(&mut row)?),
        "claim" => match row.proposed.take() {
            Some(true) => Body::Proposal(take_claim(&mut row)?),
            _ => Body::Claim(take_claim(&mut row)?),
        },
        "operator" => Body::Operator(take_act(&mut row)?),
        _ => return None,
    };
    let nothing_left = row == Row::default();
    nothing_left.then_some(Signal { id, at, service, provenance, body })
}

fn take_report(row: &mut Row<'_>, id: u128) -> Option<Report> {
    let works = row.works.take().unwrap_or_default();
    let problem = match (row.problem.take(), works) {
        (Some(name), false) => Problem::Fails(own(name)),
        (None, false) => Problem::Unspecified,
        (None, true) => Problem::Works,
        (Some(_), true) => return None,
    };
    let key = |words: Option<Words<'_>>, purpose| match words {
        Some(words) => read_key(&words.0),
        None => Some(derive_key(id, purpose)),
    };
    let comment = row.comment.take();
    if comment.as_ref().is_some_and(|comment| is_too_long(&comment.0)) {
        return None;
    }
    Some(Report {
        component: row.component.take().map(own),
        problem,
        place: take_place(row)?,
        reporter: ReporterKey(key(row.reporter.take(), "reporter")?),
        prefix: PrefixKey(key(row.prefix.take(), "prefix")?),
        comment: comment.map(own),
    })
}

/// Whether a comment is longer than is kept.
pub(super) fn is_too_long(comment: &str) -> bool {
    comment.len() > COMMENT_CHARS_MAX && comment.chars().count() > COMMENT_CHARS_MAX
}

fn take_place(row: &mut Row<'_>) -> Option<Place> {
    let country = match row.country.take() {
        Some(code) => Some(Country::parse(&code.0)?),
        None => None,
    };
    let network = match row.network.take().as_ref().map(|network| &*network.0) {
        Some("access") => NetworkKind::Access,
        Some("hosting") => NetworkKind::Hosting,
        Some("unknown") | None => NetworkKind::Unknown,
        Some(_) => return None,
    };
    Some(Place { country, asn: row.asn.take().map(Asn), network })
}

fn take_probe(row: &mut Row<'_>) -> Option<Probe> {
    let outcome = match &*row.outcome.take()?.0 {
        "ok" => ProbeOutcome::Ok,
        "soft_failure" => ProbeOutcome::SoftFailure,
        "blocked" => ProbeOutcome::Blocked,
        "failed" => ProbeOutcome::Failed,
        _ => return None,
    };
    let family = match row.family.take().as_ref().map(|family| &*family.0) {
        Some("v4") => Some(AddressFamily::V4),
        Some("v6") => Some(AddressFamily::V6),
        None => None,
        Some(_) => return None,
    };
    let references = match row.references.take().as_ref().map(|state| &*state.0) {
        Some("ok") => Some(References::Ok),
        Some("failed") => Some(References::Failed),
        None => None,
        Some(_) => return None,
    };
    let (revision, skew_ms) = (row.revision.take(), row.skew_ms.take());
    let relayed = match row.sequence.take() {
        Some(sequence) => Some(Relayed {
            sequence,
            revision: revision.map(own).unwrap_or_default(),
            skew_ms: skew_ms.unwrap_or_default(),
        }),
        None if revision.is_some() || skew_ms.is_some() => return None,
        None => None,
    };
    let phases = row.phases_ms.take().unwrap_or_default();
    Some(Probe {
        vantage: own(row.vantage.take()?),
        place: take_place(row)?,
        component: row.component.take().map(own),
        kind: own(row.kind.take()?),
        outcome,
        phase: row.phase.take().map(own),
        detail: row.detail.take().map(own),
        phases_ms: phases
            .into_iter()
            .map(|(name, ms)| Some((own(name), amount(ms)?)))
            .collect::<Option<_>>()?,
        prefix: row.prefix.take().map(own),
        family,
        monitor: row.monitor.take().map(own),
        interval_s: optional(row.interval_s.take(), amount)?,
        lag_ms: optional(row.lag_ms.take(), amount)?,
        references,
        relayed,
    })
}

fn take_notice(row: &mut Row<'_>) -> Option<Notice> {
    Some(Notice {
        notice: own(row.notice.take()?),
        title: own(row.title.take()?),
        state: own(row.state.take()?),
        impact: own(row.impact.take()?),
        text: own(row.text.take()?),
        starts: moment(row.starts.take())?,
        ends: moment(row.ends.take())?,
    })
}

/// A time that may be left out; `None` for one that is wrong.
fn moment(words: Option<Words<'_>>) -> Option<Option<UnixMillis>> {
    words.map_or(Some(None), |words| UnixMillis::parse(&words.0).map(Some))
}

fn take_route(row: &mut Row<'_>) -> Option<Route> {
    let change = match &*row.change.take()?.0 {
        "announce" => RouteChange::Announce,
        "withdraw" => RouteChange::Withdraw,
        _ => return None,
    };
    let origin = match row.origin.take() {
        Some(Origin::Network(asn)) => Some(Asn(asn)),
        Some(Origin::Name(_)) => return None,
        None => None,
    };
    Some(Route {
        change,
        prefix: own(row.prefix.take()?),
        origin,
        path: row.path.take().unwrap_or_default().into_iter().map(Asn).collect(),
        visibility: optional(row.visibility.take(), share)?,
    })
}

fn take_flow(row: &mut Row<'_>) -> Option<Flow> {
    Some(Flow {
        window_s: amount(row.window_s.take()?)?,
        bps_in: amount(row.bps_in.take()?)?,
        pps_in: amount(row.pps_in.take()?)?,
        bps_out: optional(row.bps_out.take(), amount)?,
        vectors: own_all(row.vectors.take()),
        sources: own(row.sources.take()?),
        sources_distinct: row.sources_distinct.take(),
        exporter: own(row.exporter.take()?),
    })
}

fn take_log(row: &mut Row<'_>) -> Option<Log> {
    Some(Log {
        window_s: amount(row.window_s.take()?)?,
        rps: amount(row.rps.take()?)?,
        errors_share: share(row.errors_share.take()?)?,
        clients_distinct: row.clients_distinct.take(),
        top_path_share: optional(row.top_path_share.take(), share)?,
        returning_share: optional(row.returning_share.take(), share)?,
        vectors: own_all(row.vectors.take()),
    })
}

fn take_mention(row: &mut Row<'_>) -> Option<Mention> {
    Some(Mention {
        window_s: amount(row.window_s.take()?)?,
        authors: row.authors.take()?,
        network: own(row.network.take()?),
    })
}

fn take_testimony(row: &mut Row<'_>) -> Option<Testimony> {
    let origin = match row.origin.take() {
        Some(Origin::Name(name)) => Some(own(name)),
        Some(Origin::Network(_)) => return None,
        None => None,
    };
    Some(Testimony {
        class: own(row.class.take()?),
        speaker_role: own(row.speaker_role.take()?),
        text: own(row.text.take()?),
        supports: row.supports.take().map(own),
        denies: row.denies.take().map(own),
        origin,
    })
}

fn take_claim(row: &mut Row<'_>) -> Option<Claim> {
    let assertions = row.assertions.take().unwrap_or_default();
    Some(Claim {
        claim: own(row.claim.take()?),
        quote: own(row.quote.take()?),
        speaker: row.speaker.take().map(own),
        speaker_role: own(row.speaker_role.take()?),
        medium: own(row.medium.take()?),
        said_at_words: row.said_at_words.take().map(own),
        evidence_offered: row.evidence_offered.take().map(own),
        about: row.about.take().map(own),
        earlier: row.earlier.take().unwrap_or_default(),
        assertions: assertions
            .into_iter()
            .map(|assertion| Assertion {
                kind: own(assertion.kind),
                what: own(assertion.what),
                cause: assertion.cause.map(own),
                would_settle: assertion.would_settle.map(own),
            })
            .collect(),
    })
}

fn take_act(row: &mut Row<'_>) -> Option<OperatorAct> {
    Some(OperatorAct {
        act: own(row.act.take()?),
        subject: own(row.subject.take()?),
        actor: own(row.actor.take()?),
        reason: row.reason.take().map(own),
    })
}

fn own(words: Words<'_>) -> Text {
    words.0.as_ref().into()
}

fn own_all(words: Option<Vec<Words<'_>>>) -> Vec<Text> {
    words.unwrap_or_default().into_iter().map(own).collect()
}

/// `Some(None)` when absent, `None` when it is there and wrong.
fn optional(number: Option<f64>, check: fn(f64) -> Option<f64>) -> Option<Option<f64>> {
    match number {
        Some(number) => check(number).map(Some),
        None => Some(None),
    }
}

/// A number that cannot be negative.
pub(super) fn amount(number: f64) -> Option<f64> {
    (number >= 0.0).then_some(number)
}

/// A part of a whole.
pub(super) fn share(number: f64) -> Option<f64> {
    (0.0..=1.0).contains(&number).then_some(number)
}
