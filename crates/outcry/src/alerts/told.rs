//! Telling: a story as a letter, with facts for programs and words for people.
//!
//! A letter says what the page says and no more: a cause only where one is named there, reports as
//! reports, and as of when. The words are those of `web/words/en.ftl`.

use outcry_core::alert::Kind;
use outcry_core::alert::Story;
use outcry_core::alert::Weighed;
use outcry_core::alert::choice::About;
use outcry_core::alert::choice::Choice;
use outcry_core::claim::Ruling;
use outcry_core::incident::Incident;
use outcry_core::incident::PEAK_WINDOW_MS;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::series::Slice;
use outcry_core::time::MINUTE_MS;
use outcry_herald::letter::Letter;
use outcry_herald::letter::Opening;
use outcry_server::choice::said;
use outcry_server::choice::said_about;
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
        opening: incident.surge().map(|surge| opening(&surge.opening)),
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
        opening: None,
        probes: None,
        countries: Vec::new(),
        reconstruction: false,
        url: String::new(),
        title: words.with("alert-title-test", &[("channel", channel.to_owned().into())]),
        lines: vec![words.say("alert-test")],
    }
}

/// The question to somebody who wants to be told by e-mail.
pub fn question(words: &Words, name: &str, choice: &Choice, url: &str, now: &str) -> Letter {
    let named = [("name", name.to_owned().into())];
    let mut lines = vec![words.with("alert-confirm", &named)];
    lines.extend(said(words, choice));
    lines.push(words.say("alert-confirm-not"));
    Letter {
        kind: "confirm".into(),
        title: words.with("alert-title-confirm", &named),
        lines,
        url: url.to_owned(),
        ..test_letter(words, "", now)
    }
}

/// The line that tells why somebody gets a letter; `None` for those who chose all incidents.
pub fn chosen(words: &Words, about: &About) -> Option<String> {
    let said = said_about(words, about).join(" ");
    (!said.is_empty()).then(|| words.with("alert-chosen", &[("chosen", said.into())]))
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

/// What opened a surge, for programs. Tenths are enough for what is usual.
fn opening(opening: &outcry_core::incident::Opening) -> Opening {
    Opening {
        minutes: (PEAK_WINDOW_MS / MINUTE_MS) as u32,
        reports: opening.count,
        usual: (opening.usual * 10.0).round() / 10.0,
        of: match &opening.slice {
            Slice::All => "all".to_owned(),
            Slice::Country(country) => format!("country:{country}"),
            Slice::Network(asn) => format!("network:{}", asn.0),
            Slice::Component(name) => format!("component:{name}"),
            Slice::Problem(name) => format!("problem:{name}"),
        },
    }
}

fn evidence(words: &Words, incident: &Incident) -> String {
    let mut said = Vec::new();
    if let Some(surge) = incident.surge() {
        let opening = &surge.opening;
        let (slice, of) = words.slice(&opening.slice);
        let values = [
            ("count", words.count(opening.count).into()),
            ("slice", slice.into()),
            ("of", of.into()),
            ("usual", words.level(opening.usual).into()),
        ];
        said.push(words.with("alert-opening", &values));
    }
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
        Scope::Everywhere if !incident.knows_places() => words.say("scope-unknown"),
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

#[cfg(test)]
mod tests {
    use outcry_core::detect::together::Peers;
    use outcry_core::incident::IncidentId;
    use outcry_core::incident::PlaceCount;
    use outcry_core::incident::Surge;
    use outcry_core::time::UnixMillis;
    use outcry_core::units::Country;

    use super::*;

    const GERMANY: &str = "DE";
    const OPENED: UnixMillis = UnixMillis(1_741_600_000_000);

    fn in_germany(closed_at: Option<UnixMillis>) -> Story {
        let country = Country::parse(GERMANY).expect("two letters");
        let incident = Incident {
            id: IncidentId("x-2025-03-10-1".into()),
            service: "x".into(),
            severity: Severity::Danger,
            opened_at: OPENED,
            closed_at,
            surges: Vec::new(),
            outages: Vec::new(),
            components: Vec::new(),
            problems: Vec::new(),
            places: vec![PlaceCount { country: Some(country), count: 40, times_usual: None }],
            scope: Scope::Countries(vec![country]),
            peers: Peers::default(),
            reports_counted: 40,
            reports_received: 44,
            reconstruction: false,
            revision: 2,
        };
        Story { incident, as_of: OPENED.plus_ms(60_000), weighed: None }
    }

    fn said(story: &Story, kind: Kind, site: &str) -> Letter {
        letter(&Words::english(), story, &Weighed::default(), kind, ("X", site))
    }

    #[test]
    fn where_it_fails_is_told_while_it_does_and_not_when_it_is_over() {
        let open = said(&in_germany(None), Kind::Opened, "").lines.join(" ");
        assert!(open.contains("Germany"), "{open}");
        let closed = in_germany(Some(OPENED.plus_ms(60_000)));
        for kind in [Kind::Resolved, Kind::Settled] {
            let over = said(&closed, kind, "").lines.join(" ");
            assert!(!over.contains("Germany"), "{over}");
            assert!(over.contains("until"), "since when and until when: {over}");
        }
    }

    #[test]
    fn the_first_letter_says_how_many_reports_opened_it_and_whose() {
        let mut story = in_germany(None);
        story.incident.reports_counted = 0;
        let country = Country::parse(GERMANY).expect("two letters");
        story.incident.surges = vec![Surge {
            opened_at: OPENED,
            peak_at: OPENED,
            closed_at: None,
            ending: None,
            peak: 1_200,
            usual: 3.12,
            counted: 0,
            excess: 0.0,
            opening: outcry_core::incident::Opening {
                count: 1_200,
                usual: 3.12,
                doubt: 0.1,
                e_value: 1e9,
                threshold: 1e6,
                reporters: 1_100,
                networks: 4,
                prefixes: 300,
                slice: Slice::Country(country),
            },
        }];
        let first = said(&story, Kind::Opened, "");
        let whole = first.lines.join(" ");
        assert!(whole.contains("1,200 counted reports from Germany"), "{whole}");
        assert!(whole.contains("where 3.1 are usual"), "{whole}");
        let opening = first.opening.expect("a surge is open");
        assert_eq!((opening.reports, opening.minutes, &*opening.of), (1_200, 15, "country:DE"));
        story.incident.surges[0].closed_at = Some(OPENED.plus_ms(60_000));
        assert_eq!(said(&story, Kind::Resolved, "").opening, None);
    }

    #[test]
    fn a_letter_has_a_whole_address_or_none() {
        let story = in_germany(None);
        assert_eq!(said(&story, Kind::Opened, "").url, "");
        let url = said(&story, Kind::Opened, "https://o.example").url;
        assert_eq!(url, "https://o.example/i/x-2025-03-10-1");
    }
}
