//! From a signal to its row: what a line says.

use outcry_core::signal::Body;
use outcry_core::signal::Flow;
use outcry_core::signal::Log;
use outcry_core::signal::Mention;
use outcry_core::signal::Notice;
use outcry_core::signal::Problem;
use outcry_core::signal::Report;
use outcry_core::signal::Route;
use outcry_core::signal::RouteChange;
use outcry_core::signal::Signal;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
use outcry_core::signal::said::Claim;
use outcry_core::signal::said::OperatorAct;
use outcry_core::signal::said::Testimony;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;

use crate::signals::SIGNALS_VERSION;
use crate::signals::key::id_text;
use crate::signals::key::key_text;
use crate::signals::row::AssertionRow;
use crate::signals::row::Origin;
use crate::signals::row::Row;
use crate::signals::row::Words;

impl<'a> From<&'a Signal> for Row<'a> {
    fn from(signal: &'a Signal) -> Self {
        let mut row = Self {
            v: Some(SIGNALS_VERSION),
            kind_of_signal: Some(signal.body.kind().into()),
            id: Some(id_text(signal.id).into()),
            at: Some(signal.at.to_string().into()),
            service: some(&signal.service),
            source: some(&signal.provenance.source).filter(|source| !source.0.is_empty()),
            licence: maybe(&signal.provenance.licence),
            synthetic: set(signal.provenance.synthetic),
            ..Self::default()
        };
        match &signal.body {
            Body::Report(report) => row.tell_report(report),
            Body::Probe(probe) => row.tell_probe(probe),
            Body::Notice(notice) => row.tell_notice(notice),
            Body::Route(route) => row.tell_route(route),
            Body::Flow(flow) => row.tell_flow(flow),
            Body::Log(log) => row.tell_log(log),
            Body::Mention(mention) => row.tell_mention(mention),
            Body::Testimony(testimony) => row.tell_testimony(testimony),
            Body::Claim(claim) => row.tell_claim(claim),
            Body::Proposal(claim) => {
                row.tell_claim(claim);
                row.proposed = Some(true);
            }
            Body::Operator(act) => row.tell_act(act),
        }
        row
    }
}

impl<'a> Row<'a> {
    fn tell_report(&mut self, report: &'a Report) {
        self.component = maybe(&report.component);
        match &report.problem {
            Problem::Fails(name) => self.problem = some(name),
            Problem::Unspecified => {}
            Problem::Works => self.works = Some(true),
        }
        self.tell_place(&report.place);
        self.reporter = Some(key_text(report.reporter.0).into());
        self.prefix = Some(key_text(report.prefix.0).into());
        self.comment = maybe(&report.comment);
    }

    fn tell_place(&mut self, place: &'a Place) {
        self.country = place.country.as_ref().map(|country| country.code().into());
        self.asn = place.asn.map(|asn| asn.0);
        self.network = match place.network {
            NetworkKind::Access => Some("access".into()),
            NetworkKind::Hosting => Some("hosting".into()),
            NetworkKind::Unknown => None,
        };
    }

    fn tell_probe(&mut self, probe: &'a Probe) {
        self.vantage = some(&probe.vantage);
        self.tell_place(&probe.place);
        self.component = maybe(&probe.component);
        self.kind = some(&probe.kind);
        let outcome = match probe.outcome {
            ProbeOutcome::Ok => "ok",
            ProbeOutcome::SoftFailure => "soft_failure",
            ProbeOutcome::Blocked => "blocked",
            ProbeOutcome::Failed => "failed",
        };
        self.outcome = Some(outcome.into());
        self.phase = maybe(&probe.phase);
        self.detail = maybe(&probe.detail);
        let phases = probe.phases_ms.iter().map(|(name, ms)| ((&**name).into(), *ms));
        self.phases_ms = filled(phases.collect());
        self.prefix = maybe(&probe.prefix);
        self.family = probe.family.map(|family| match family {
            AddressFamily::V4 => "v4".into(),
            AddressFamily::V6 => "v6".into(),
        });
        self.monitor = maybe(&probe.monitor);
        self.interval_s = probe.interval_s;
        self.lag_ms = probe.lag_ms;
        self.references = probe.references.map(|references| match references {
            References::Ok => "ok".into(),
            References::Failed => "failed".into(),
        });
        if let Some(relayed) = &probe.relayed {
            self.sequence = Some(relayed.sequence);
            self.revision = some(&relayed.revision);
            self.skew_ms = Some(relayed.skew_ms);
        }
    }

    fn tell_notice(&mut self, notice: &'a Notice) {
        self.notice = some(&notice.notice);
        self.title = some(&notice.title);
        self.state = some(&notice.state);
        self.impact = some(&notice.impact);
        self.text = some(&notice.text);
        self.starts = notice.starts.map(|at| at.to_string().into());
        self.ends = notice.ends.map(|at| at.to_string().into());
    }

    fn tell_route(&mut self, route: &'a Route) {
        let change = match route.change {
            RouteChange::Announce => "announce",
            RouteChange::Withdraw => "withdraw",
        };
        self.change = Some(change.into());
        self.prefix = some(&route.prefix);
        self.origin = route.origin.map(|asn| Origin::Network(asn.0));
        self.path = filled(route.path.iter().map(|asn| asn.0).collect());
        self.visibility = route.visibility;
    }

    fn tell_flow(&mut self, flow: &'a Flow) {
        self.window_s = Some(flow.window_s);
        self.bps_in = Some(flow.bps_in);
        self.pps_in = Some(flow.pps_in);
        self.bps_out = flow.bps_out;
        self.vectors = texts(&flow.vectors);
        self.sources = some(&flow.sources);
        self.sources_distinct = flow.sources_distinct;
        self.exporter = some(&flow.exporter);
    }

    fn tell_log(&mut self, log: &'a Log) {
        self.window_s = Some(log.window_s);
        self.rps = Some(log.rps);
        self.errors_share = Some(log.errors_share);
        self.clients_distinct = log.clients_distinct;
        self.top_path_share = log.top_path_share;
        self.returning_share = log.returning_share;
        self.vectors = texts(&log.vectors);
    }

    fn tell_mention(&mut self, mention: &'a Mention) {
        self.window_s = Some(mention.window_s);
        self.authors = Some(mention.authors);
        self.network = some(&mention.network);
    }

    fn tell_testimony(&mut self, testimony: &'a Testimony) {
        self.class = some(&testimony.class);
        self.speaker_role = some(&testimony.speaker_role);
        self.text = some(&testimony.text);
        self.supports = maybe(&testimony.supports);
        self.denies = maybe(&testimony.denies);
        self.origin = maybe(&testimony.origin).map(Origin::Name);
    }

    fn tell_claim(&mut self, claim: &'a Claim) {
        self.claim = some(&claim.claim);
        self.quote = some(&claim.quote);
        self.speaker = maybe(&claim.speaker);
        self.speaker_role = some(&claim.speaker_role);
        self.medium = some(&claim.medium);
        self.said_at_words = maybe(&claim.said_at_words);
        self.evidence_offered = maybe(&claim.evidence_offered);
        self.about = maybe(&claim.about);
        self.earlier = set(claim.earlier);
        let assertions = claim.assertions.iter().map(|assertion| AssertionRow {
            kind: (&*assertion.kind).into(),
            what: (&*assertion.what).into(),
            cause: maybe(&assertion.cause),
            would_settle: maybe(&assertion.would_settle),
        });
        self.assertions = filled(assertions.collect());
    }

    fn tell_act(&mut self, act: &'a OperatorAct) {
        self.act = some(&act.act);
        self.subject = some(&act.subject);
        self.actor = some(&act.actor);
        self.reason = maybe(&act.reason);
    }
}

fn some(text: &Text) -> Option<Words<'_>> {
    Some((&**text).into())
}

fn maybe(text: &Option<Text>) -> Option<Words<'_>> {
    text.as_deref().map(Words::from)
}

fn texts(list: &[Text]) -> Option<Vec<Words<'_>>> {
    filled(list.iter().map(|text| (&**text).into()).collect())
}

/// A list, unless it is empty.
fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// A flag, unless it is false.
fn set(flag: bool) -> Option<bool> {
    flag.then_some(true)
}
