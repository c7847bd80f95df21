//! Telling: a story as a letter, with facts for programs and words for people.
//!
//! A letter says what the page says and no more: a cause only where one is named there, reports as
//! reports, and as of when. The words are those of `web/words/en.ftl`.

use outcry_core::alert::Kind;
use outcry_core::alert::Story;
use outcry_core::alert::Weighed;
use outcry_core::claim::Ruling;
use outcry_core::incident::Incident;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_herald::letter::Letter;
use outcry_server::words::Words;

/// Claims one letter tells of.
const CLAIMS_MAX: usize = 5;
/// Countries one sentence lists.
const COUNTRIES_MAX: usize = 12;

/// A letter about a story. `weighed` is what its page says about why.
pub fn letter(
    words: &Words,
    story: &Story,
    weighed: &Weighed,
    kind: Kind,
    (name, public_url): (&str, &str),
) -> Letter {
    let incident = &story.incident;
    let url = match public_url {
        "" => String::new(),
        site => format!("{site}/i/{}", incident.id.0),
    };
    Letter {
        kind: kind.name().to_owned(),
        service: incident.service.to_string(),
        name: name.to_owned(),
        incident: incident.id.0.to_string(),
        revision: incident.revision,
        severity: match incident.severity {
            Severity::Warning => "warning".into(),
            Severity::Danger => "danger".into(),
        },
        open: incident.is_open(),
        opened_at: incident.opened_at.to_string(),
        closed_at: incident.closed_at.map(|at| at.to_string()),
        as_of: story.as_of.to_string(),
        cause: weighed.cause.map(|cause| cause.name().to_owned()),
        reports: incident.reports_counted,
        probes: incident.outages.last().map(|outage| (outage.failing, outage.asked)),
        countries: match &incident.scope {
            Scope::Countries(countries) => countries.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        },
        reconstruction: incident.reconstruction,
        url,
        title: title(words, incident, kind, name),
        lines: lines(words, story, weighed, kind),
    }
}

/// A letter that says that a channel works.
pub fn test_letter(words: &Words, channel: &str, now: &str) -> Letter {
    Letter {
        kind: "test".into(),
        service: String::new(),
        name: "Outcry".into(),
        incident: String::new(),
        revision: 0,
        severity: "warning".into(),
        open: false,
        opened_at: now.to_owned(),
        closed_at: Some(now.to_owned()),
        as_of: now.to_owned(),
        cause: None,
        reports: 0,
        probes: None,
        countries: Vec::new(),
        reconstruction: false,
        url: String::new(),
        title: words.with("alert-title-test", &[("channel", channel.to_owned().into())]),
        lines: vec![words.say("alert-test")],
    }
}

/// The question to somebody who wants to be told by e-mail.
pub fn question(words: &Words, name: &str, url: &str, now: &str) -> Letter {
    let named = [("name", name.to_owned().into())];
    Letter {
        kind: "confirm".into(),
        title: words.with("alert-title-confirm", &named),
        lines: vec![words.with("alert-confirm", &named), words.say("alert-confirm-not")],
        url: url.to_owned(),
        ..test_letter(words, "", now)
    }
}

fn title(words: &Words, incident: &Incident, kind: Kind, name: &str) -> String {
    let what = match incident.severity {
        _ if incident.surges.is_empty() => "alert-what-probes",
        Severity::Danger => "alert-what-danger",
        Severity::Warning => "alert-what-warning",
    };
    let state = if incident.is_open() { "open" } else { "over" };
    let values = [
        ("name", name.to_owned().into()),
        ("what", words.say(what).into()),
        ("state", state.into()),
    ];
    words.with(&format!("alert-title-{}", kind.name()), &values)
}

fn lines(words: &Words, story: &Story, weighed: &Weighed, kind: Kind) -> Vec<String> {
    let incident = &story.incident;
    let mut lines = vec![span(words, incident), evidence(words, incident)];
    // Where it fails is told while it does.
    if incident.is_open() {
        lines.push(scope(words, incident));
    }
    lines.push(match weighed.cause {
        Some(cause) => {
            let cause = words.term("cause", cause.name());
            words.with("alert-cause", &[("cause", cause.into())])
        }
        None => words.say("alert-cause-none"),
    });
    for (claim, rulings) in weighed.ruled.iter().take(CLAIMS_MAX) {
        let rulings: Vec<String> =
            rulings.iter().map(|ruling: &Ruling| words.term("ruling", ruling.name())).collect();
        let values = [("claim", claim.to_string().into()), ("rulings", rulings.join(", ").into())];
        lines.push(words.with("alert-claim", &values));
    }
    if kind == Kind::Flapping {
        lines.push(words.say("alert-flapping"));
    }
    if incident.reconstruction {
        lines.push(words.say("alert-reconstruction"));
    }
    let as_of = format!("{} {}", words.date(story.as_of), words.clock(story.as_of));
    lines.push(words.with("alert-as-of", &[("at", as_of.into())]));
    lines.retain(|line| !line.is_empty());
    lines
}

fn span(words: &Words, incident: &Incident) -> String {
    let moment = |at| format!("{} {}", words.date(at), words.clock(at));
    let opened = ("opened", moment(incident.opened_at).into());
    match incident.closed_at {
        None => words.with("alert-since", &[opened]),
        Some(at) => words.with("alert-span", &[opened, ("closed", moment(at).into())]),
    }
}

fn evidence(words: &Words, incident: &Incident) -> String {
    let mut said = Vec::new();
    if incident.reports_counted > 0 {
        said.push(words.with("alert-reports", &[("n", incident.reports_counted.into())]));
    }
    if let Some(outage) = incident.outages.last() {
        let values = [("failing", outage.failing.into()), ("asked", outage.asked.into())];
        said.push(words.with("alert-probes", &values));
    }
    said.join(" ")
}

fn scope(words: &Words, incident: &Incident) -> String {
    match &incident.scope {
        Scope::Everywhere if !incident.knows_places() => words.say("scope-places-unknown"),
        Scope::Everywhere => words.say("scope-everywhere"),
        Scope::Countries(countries) => {
            let names: Vec<String> =
                countries.iter().take(COUNTRIES_MAX).map(|it| words.country(*it)).collect();
            words.with("scope-countries", &[("countries", names.join(", ").into())])
        }
        // A number of a network has no thousands.
        Scope::Network(asn) => words.with("scope-network", &[("asn", asn.0.to_string().into())]),
        Scope::Partial => words.say("scope-partial"),
        Scope::OnePlace => words.say("scope-one-place"),
    }
}
