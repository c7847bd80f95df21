//! The fields of each kind of line, as a table: what explains mistakes, and what the reference is
//! checked against.

use crate::signals::field::Shape::Amount;
use crate::signals::field::Shape::Asn;
use crate::signals::field::Shape::Asns;
use crate::signals::field::Shape::Assertions;
use crate::signals::field::Shape::Choice;
use crate::signals::field::Shape::Comment;
use crate::signals::field::Shape::Count;
use crate::signals::field::Shape::Country;
use crate::signals::field::Shape::Flag;
use crate::signals::field::Shape::Id;
use crate::signals::field::Shape::Key;
use crate::signals::field::Shape::Kind;
use crate::signals::field::Shape::Phases;
use crate::signals::field::Shape::Share;
use crate::signals::field::Shape::Signed;
use crate::signals::field::Shape::Text;
use crate::signals::field::Shape::Texts;
use crate::signals::field::Shape::Time;
use crate::signals::field::Shape::Version;

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Version,
    Kind,
    Id,
    Time,
    Text,
    Comment,
    Texts,
    Flag,
    Country,
    Choice(&'static [&'static str]),
    Key,
    Asn,
    Asns,
    Count,
    Amount,
    Signed,
    Share,
    Phases,
    Assertions,
}

/// One field of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

/// Fields of every line.
pub(super) const HEAD: &[Field] = &[
    need("v", Version),
    need("type", Kind),
    may("id", Id),
    need("at", Time),
    need("service", Text),
    may("source", Text),
    may("licence", Text),
    may("synthetic", Flag),
];

/// Fields of one assertion of a claim.
pub(super) const ASSERTION: &[Field] =
    &[need("kind", Text), need("what", Text), may("cause", Text), may("would_settle", Text)];

const PLACE_NETWORKS: Shape = Choice(&["access", "hosting", "unknown"]);

const REPORT: &[Field] = &[
    may("component", Text),
    may("problem", Text),
    may("works", Flag),
    may("country", Country),
    may("asn", Asn),
    may("network", PLACE_NETWORKS),
    may("reporter", Key),
    may("prefix", Key),
    may("comment", Comment),
];

const PROBE: &[Field] = &[
    need("vantage", Text),
    may("country", Country),
    may("asn", Asn),
    may("network", PLACE_NETWORKS),
    may("component", Text),
    need("kind", Text),
    need("outcome", Choice(&["ok", "soft_failure", "blocked", "failed"])),
    may("phase", Text),
    may("detail", Text),
    may("phases_ms", Phases),
    may("prefix", Text),
    may("family", Choice(&["v4", "v6"])),
    may("monitor", Text),
    may("interval_s", Amount),
    may("lag_ms", Amount),
    may("references", Choice(&["ok", "failed"])),
    may("sequence", Count),
    may("revision", Text),
    may("skew_ms", Signed),
];

const NOTICE: &[Field] = &[
    need("notice", Text),
    need("title", Text),
    need("state", Text),
    need("impact", Text),
    need("text", Text),
    may("starts", Time),
    may("ends", Time),
];

const ROUTE: &[Field] = &[
    need("change", Choice(&["announce", "withdraw"])),
    need("prefix", Text),
    may("origin", Asn),
    may("path", Asns),
    may("visibility", Share),
];

const FLOW: &[Field] = &[
    need("window_s", Amount),
    need("bps_in", Amount),
    need("pps_in", Amount),
    may("bps_out", Amount),
    may("vectors", Texts),
    need("sources", Text),
    may("sources_distinct", Count),
    need("exporter", Text),
];

const LOG: &[Field] = &[
    need("window_s", Amount),
    need("rps", Amount),
    need("errors_share", Share),
    may("clients_distinct", Count),
    may("top_path_share", Share),
    may("returning_share", Share),
    may("vectors", Texts),
];

const MENTION: &[Field] =
    &[need("window_s", Amount), need("authors", Count), need("network", Text)];

const TESTIMONY: &[Field] = &[
    need("class", Text),
    need("speaker_role", Text),
    need("text", Text),
    may("supports", Text),
    may("denies", Text),
    may("origin", Text),
];

const CLAIM: &[Field] = &[
    need("claim", Text),
    need("quote", Text),
    may("speaker", Text),
    need("speaker_role", Text),
    need("medium", Text),
    may("said_at_words", Text),
    may("evidence_offered", Text),
    may("about", Text),
    may("earlier", Flag),
    may("proposed", Flag),
    may("assertions", Assertions),
];

const OPERATOR: &[Field] =
    &[need("act", Text), need("subject", Text), need("actor", Text), may("reason", Text)];

/// The fields of a kind besides [`HEAD`]; `None` when there is no such kind.
pub(super) fn fields(kind: &str) -> Option<&'static [Field]> {
    Some(match kind {
        "report" => REPORT,
        "probe" => PROBE,
        "notice" => NOTICE,
        "route" => ROUTE,
        "flow" => FLOW,
        "log" => LOG,
        "mention" => MENTION,
        "testimony" => TESTIMONY,
        "claim" => CLAIM,
        "operator" => OPERATOR,
        _ => return None,
    })
}

const fn need(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true }
}

const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false }
}
