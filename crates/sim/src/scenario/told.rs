//! Reading the signals that are not reports: a block a kind, at one time or over a window.
//!
//! A block with `at` is one signal; one with `from`, `until` and `every_s` is one signal each
//! time. Values that change over time are several blocks.

use outcry_core::signal::Body;
use outcry_core::signal::Flow;
use outcry_core::signal::Log;
use outcry_core::signal::Mention;
use outcry_core::signal::Notice;
use outcry_core::signal::Route;
use outcry_core::signal::RouteChange;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::signal::probe::Probe;
use outcry_core::signal::probe::ProbeOutcome;
use outcry_core::signal::probe::References;
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
use outcry_wire::document::Table;

use crate::scenario::Told;
use crate::scenario::judge::known;
use crate::scenario::read::texts;

/// Signals one block may expand to.
const SIGNALS_PER_BLOCK_MAX: i64 = 200_000;
/// A count that no signal exceeds.
const COUNT_MAX: i64 = 1 << 50;
/// A rate that no signal exceeds.
const RATE_MAX: f64 = 1e18;

/// The span a scenario covers.
type Span = (UnixMillis, UnixMillis);

/// Reads all blocks of all kinds.
pub fn read(table: &mut Table<'_>, span: Span, told: &mut Vec<Told>) {
    let mut blocks = |key: &str, kind: fn(&mut Table<'_>) -> Vec<Body>| {
        for list in table.tables(key, |block| block_of(block, span, kind)) {
            told.extend(list);
        }
    };
    blocks("probe", probes);
    blocks("notice", |table| vec![Body::Notice(notice(table))]);
    blocks("route", |table| vec![Body::Route(route(table))]);
    blocks("flow", |table| vec![Body::Flow(flow(table))]);
    blocks("log", |table| vec![Body::Log(log(table))]);
    blocks("mention", |table| vec![Body::Mention(mention(table))]);
    blocks("testimony", |table| vec![Body::Testimony(testimony(table))]);
    blocks("claim", |table| vec![Body::Claim(claim(table))]);
    blocks("operator", |table| vec![Body::Operator(operator(table))]);
}

/// One block: when, about what, by whom, and the bodies of its kind.
fn block_of(table: &mut Table<'_>, span: Span, kind: fn(&mut Table<'_>) -> Vec<Body>) -> Vec<Told> {
    let times = times(table, span);
    let service: Text = table.required_text("service").into();
    let line = table.line("service");
    let source: Text = table.text("source").unwrap_or_default().into();
    let synthetic = table.flag("synthetic").unwrap_or(true);
    let bodies = kind(table);
    let mut told = Vec::new();
    for at in times {
        for body in &bodies {
            told.push(Told {
                at,
                service: service.clone(),
                source: source.clone(),
                synthetic,
                body: body.clone(),
                line,
            });
        }
    }
    told
}

/// The moments of a block.
fn times(table: &mut Table<'_>, (begin, end): Span) -> Vec<UnixMillis> {
    if !table.has("from") {
        let at = table.required_time("at");
        if at < begin || at > end {
            let what = format!("{at} lies outside the scenario");
            table.mistake("at", what, format!("a time from {begin} to {end}"));
        }
        return vec![at];
    }
    let (from, until) = (table.required_time("from"), table.required_time("until"));
    let every_s = table.required_number("every_s", 1.0..=86_400.0);
    let step_ms = (every_s * 1_000.0) as i64;
    if until < from || from < begin || until > end {
        let instead = format!("times from {begin} to {end}");
        table.mistake("from", "the window does not lie within the scenario", instead);
        return Vec::new();
    }
    let count = until.since_ms(from) / step_ms.max(1);
    if count > SIGNALS_PER_BLOCK_MAX {
        let what = format!("this would be {count} signals; at most {SIGNALS_PER_BLOCK_MAX}");
        table.mistake("every_s", what, "a longer step, or a shorter window");
        return Vec::new();
    }
    (0..count).map(|n| from.plus_ms(n * step_ms)).collect()
}

/// A probe from each of `vantages`, `["fra:DE", "iad:US:701"]`.
fn probes(table: &mut Table<'_>) -> Vec<Body> {
    let outcomes = [
        ("ok", ProbeOutcome::Ok),
        ("soft_failure", ProbeOutcome::SoftFailure),
        ("blocked", ProbeOutcome::Blocked),
        ("failed", ProbeOutcome::Failed),
    ];
    let outcome = table.choice("outcome", &outcomes).unwrap_or(ProbeOutcome::Ok);
    let phases_ms = table
        .number_map("phases_ms", 0.0..=1e7)
        .into_iter()
        .map(|(n, ms)| (n.into(), ms))
        .collect();
    let kind = table.text("kind").unwrap_or_else(|| "http".into());
    let references = [("ok", References::Ok), ("failed", References::Failed)];
    let families = [("v4", AddressFamily::V4), ("v6", AddressFamily::V6)];
    let probe = Probe {
        component: table.text("component").map(Text::from),
        phase: table.text("phase").map(Text::from),
        detail: table.text("detail").map(Text::from),
        phases_ms,
        references: table.choice("references", &references),
        family: table.choice("family", &families),
        monitor: table.text("monitor").map(Text::from),
        interval_s: table.number("interval_s", 0.0..=86_400.0),
        ..Probe::new("".into(), kind.into(), outcome)
    };
    let networks = [("hosting", NetworkKind::Hosting), ("access", NetworkKind::Access)];
    let network = table.choice("network", &networks).unwrap_or(NetworkKind::Hosting);
    let vantages = table.required_texts("vantages");
    let mut bodies = Vec::new();
    for vantage in vantages {
        let mut parts = vantage.split(':');
        let name = parts.next().unwrap_or_default();
        let country = parts.next().and_then(Country::parse);
        if country.is_none() {
            let what = format!("{vantage:?} names no country");
            table.mistake("vantages", what, "a name and a country, such as \"fra:DE\"");
        }
        let asn = parts.next().map(|number| number.parse::<u32>().map(Asn));
        if matches!(asn, Some(Err(_))) || parts.next().is_some() {
            let what = format!("{vantage:?} does not end in the number of a network");
            table.mistake("vantages", what, "such as \"fra:DE\" or \"fra:DE:3320\"");
        }
        let asn = asn.and_then(Result::ok);
        let place = Place { country, asn, network };
        bodies.push(Body::Probe(Probe { vantage: name.into(), place, ..probe.clone() }));
    }
    bodies
}

fn notice(table: &mut Table<'_>) -> Notice {
    Notice {
        notice: table.required_text("notice").into(),
        title: table.required_text("title").into(),
        state: table.required_text("state").into(),
        impact: table.text("impact").unwrap_or_else(|| "none".into()).into(),
        text: table.text("text").unwrap_or_default().into(),
        starts: table.time("starts"),
        ends: table.time("ends"),
    }
}

fn route(table: &mut Table<'_>) -> Route {
    let changes = [("announce", RouteChange::Announce), ("withdraw", RouteChange::Withdraw)];
    let asn = |n: i64| u32::try_from(n).map(Asn).ok();
    Route {
        change: table.choice("change", &changes).unwrap_or(RouteChange::Announce),
        prefix: table.required_text("prefix").into(),
        origin: table.integer("origin", 1..=i64::from(u32::MAX)).and_then(asn),
        path: table
            .numbers("path", 1.0..=f64::from(u32::MAX))
            .into_iter()
            .filter_map(|n| asn(n as i64))
            .collect(),
        visibility: table.number("visibility", 0.0..=1.0),
    }
}

fn flow(table: &mut Table<'_>) -> Flow {
    let among = ["spoofed", "reflected", "handshake", "unknown"].map(|name| (name, name));
    Flow {
        window_s: table.required_number("window_s", 0.001..=86_400.0),
        bps_in: table.required_number("bps_in", 0.0..=RATE_MAX),
        pps_in: table.required_number("pps_in", 0.0..=RATE_MAX),
        bps_out: table.number("bps_out", 0.0..=RATE_MAX),
        vectors: texts(table.texts("vectors")),
        sources: table.choice("sources", &among).unwrap_or("unknown").into(),
        sources_distinct: table.integer("sources_distinct", 0..=COUNT_MAX).map(i64::unsigned_abs),
        exporter: table.required_text("exporter").into(),
    }
}

fn log(table: &mut Table<'_>) -> Log {
    Log {
        window_s: table.required_number("window_s", 0.001..=86_400.0),
        rps: table.required_number("rps", 0.0..=RATE_MAX),
        errors_share: table.required_number("errors_share", 0.0..=1.0),
        clients_distinct: table.integer("clients_distinct", 0..=COUNT_MAX).map(i64::unsigned_abs),
        top_path_share: table.number("top_path_share", 0.0..=1.0),
        returning_share: table.number("returning_share", 0.0..=1.0),
        vectors: texts(table.texts("vectors")),
    }
}

fn mention(table: &mut Table<'_>) -> Mention {
    Mention {
        window_s: table.required_number("window_s", 0.001..=86_400.0),
        authors: table.required_integer("authors", 0..=COUNT_MAX).unsigned_abs(),
        network: table.required_text("network").into(),
    }
}

fn testimony(table: &mut Table<'_>) -> Testimony {
    let among = [
        "third_party_measurement",
        "named_expert",
        "anonymous_insider",
        "interested_claimant",
        "operator",
    ]
    .map(|name| (name, name));
    Testimony {
        class: table.choice("class", &among).unwrap_or("interested_claimant").into(),
        speaker_role: table.required_text("speaker_role").into(),
        text: table.required_text("text").into(),
        supports: cause(table, "supports"),
        denies: cause(table, "denies"),
        origin: table.text("origin").map(Text::from),
    }
}

fn claim(table: &mut Table<'_>) -> Claim {
    let claim = Claim {
        claim: table.required_text("claim").into(),
        quote: table.required_text("quote").into(),
        speaker: table.text("speaker").map(Text::from),
        speaker_role: table.required_text("speaker_role").into(),
        medium: table.required_text("medium").into(),
        said_at_words: table.text("said_at_words").map(Text::from),
        evidence_offered: table.text("evidence_offered").map(Text::from),
        about: table.text("about").map(Text::from),
        earlier: table.flag("earlier").unwrap_or(false),
        assertions: table.tables("assertion", assertion),
    };
    if claim.assertions.is_empty() {
        table.mistake("assertion", "a claim asserts something", "[[claim.assertion]]");
    }
    claim
}

fn assertion(table: &mut Table<'_>) -> Assertion {
    Assertion {
        kind: table.required_text("kind").into(),
        what: table.required_text("what").into(),
        cause: cause(table, "cause"),
        would_settle: table.text("would_settle").map(Text::from),
    }
}

/// A cause or a group by its name, if any.
fn cause(table: &mut Table<'_>, key: &str) -> Option<Text> {
    let name = table.text(key)?;
    known(table, key, &name, true);
    Some(name.into())
}

fn operator(table: &mut Table<'_>) -> OperatorAct {
    OperatorAct {
        act: table.required_text("act").into(),
        subject: table.required_text("subject").into(),
        actor: table.required_text("actor").into(),
        reason: table.text("reason").map(Text::from),
    }
}
