//! The rows of what was observed besides reports: spells, and what was told.

use outcry_core::observe::NoticeTold;
use outcry_core::observe::Observed;
use outcry_core::observe::ProbeSpell;
use outcry_core::observe::RouteSpell;
use outcry_core::observe::TestimonyTold;
use outcry_core::observe::symptom::Symptom;
use outcry_core::observe::traffic::FlowSpell;
use outcry_core::observe::traffic::LogSpell;
use outcry_core::signal::RouteChange;
use outcry_core::units::Asn;
use outcry_core::units::NetworkKind;
use outcry_core::units::Place;
use outcry_core::units::Text;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;

use crate::case_file::told::NoticeRow;
use crate::case_file::told::TestimonyRow;
use crate::incident::scalar::Code;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Number;
use crate::incident::scalar::Word;

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ObservedRow {
    probes: Vec<ProbeRow>,
    routes: Vec<RouteRow>,
    flows: Vec<FlowRow>,
    logs: Vec<LogRow>,
    notices: Vec<NoticeRow>,
    testimony: Vec<TestimonyRow>,
    dropped: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeRow {
    from: Iso,
    until: Iso,
    count: u32,
    vantage: Word,
    country: Option<Code>,
    asn: Option<u32>,
    network: NetworkRow,
    component: Option<Word>,
    kind: Word,
    symptom: SymptomRow,
    detail: Option<Word>,
    synthetic: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NetworkRow {
    Access,
    Hosting,
    Unknown,
}

struct SymptomRow(Symptom);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeRow {
    Announce,
    Withdraw,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteRow {
    from: Iso,
    until: Iso,
    count: u32,
    prefix: Word,
    change: ChangeRow,
    origin: Option<u32>,
    path: Vec<u32>,
    visibility: Option<Number>,
    synthetic: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowRow {
    from: Iso,
    until: Iso,
    count: u32,
    vectors: Vec<Word>,
    sources: Word,
    exporter: Word,
    bps_in: Number,
    bps_in_max: Number,
    pps_in_max: Number,
    bps_out: Option<Number>,
    sources_distinct: Option<u64>,
    synthetic: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogRow {
    from: Iso,
    until: Iso,
    count: u32,
    vectors: Vec<Word>,
    rps: Number,
    errors_share: Number,
    clients_distinct: Option<u64>,
    top_path_share: Option<Number>,
    returning_share: Option<Number>,
    synthetic: bool,
}

impl Serialize for SymptomRow {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for SymptomRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let known = Symptom::ALL.into_iter().find(|symptom| symptom.name() == name);
        known.map(Self).ok_or_else(|| D::Error::custom(format!("{name:?} is no symptom")))
    }
}

fn words(texts: &[Text]) -> Vec<Word> {
    texts.iter().cloned().map(Word).collect()
}

fn texts(words: Vec<Word>) -> Vec<Text> {
    words.into_iter().map(|word| word.0).collect()
}

fn word(text: &Option<Text>) -> Option<Word> {
    text.clone().map(Word)
}

fn text(word: Option<Word>) -> Option<Text> {
    word.map(|word| word.0)
}

fn number(number: Option<Number>) -> Option<f64> {
    number.map(|number| number.0)
}

impl From<&Observed> for ObservedRow {
    fn from(observed: &Observed) -> Self {
        Self {
            probes: observed.probes.iter().map(ProbeRow::from).collect(),
            routes: observed.routes.iter().map(RouteRow::from).collect(),
            flows: observed.flows.iter().map(FlowRow::from).collect(),
            logs: observed.logs.iter().map(LogRow::from).collect(),
            notices: observed.notices.iter().map(NoticeRow::from).collect(),
            testimony: observed.testimony.iter().map(TestimonyRow::from).collect(),
            dropped: observed.dropped,
        }
    }
}

impl From<ObservedRow> for Observed {
    fn from(row: ObservedRow) -> Self {
        Self {
            probes: row.probes.into_iter().map(ProbeSpell::from).collect(),
            routes: row.routes.into_iter().map(RouteSpell::from).collect(),
            flows: row.flows.into_iter().map(FlowSpell::from).collect(),
            logs: row.logs.into_iter().map(LogSpell::from).collect(),
            notices: row.notices.into_iter().map(NoticeTold::from).collect(),
            testimony: row.testimony.into_iter().map(TestimonyTold::from).collect(),
            dropped: row.dropped,
        }
    }
}

impl From<&ProbeSpell> for ProbeRow {
    fn from(spell: &ProbeSpell) -> Self {
        Self {
            from: Iso(spell.from),
            until: Iso(spell.until),
            count: spell.count,
            vantage: Word(spell.vantage.clone()),
            country: spell.place.country.map(Code),
            asn: spell.place.asn.map(|asn| asn.0),
            network: match spell.place.network {
                NetworkKind::Access => NetworkRow::Access,
                NetworkKind::Hosting => NetworkRow::Hosting,
                NetworkKind::Unknown => NetworkRow::Unknown,
            },
            component: word(&spell.component),
            kind: Word(spell.kind.clone()),
            symptom: SymptomRow(spell.symptom),
            detail: word(&spell.detail),
            synthetic: spell.synthetic,
        }
    }
}

impl From<ProbeRow> for ProbeSpell {
    fn from(row: ProbeRow) -> Self {
        Self {
            from: row.from.0,
            until: row.until.0,
            count: row.count,
            vantage: row.vantage.0,
            place: Place {
                country: row.country.map(|code| code.0),
                asn: row.asn.map(Asn),
                network: match row.network {
                    NetworkRow::Access => NetworkKind::Access,
                    NetworkRow::Hosting => NetworkKind::Hosting,
                    NetworkRow::Unknown => NetworkKind::Unknown,
                },
            },
            component: text(row.component),
            kind: row.kind.0,
            symptom: row.symptom.0,
            detail: text(row.detail),
            synthetic: row.synthetic,
        }
    }
}

impl From<&RouteSpell> for RouteRow {
    fn from(spell: &RouteSpell) -> Self {
        Self {
            from: Iso(spell.from),
            until: Iso(spell.until),
            count: spell.count,
            prefix: Word(spell.prefix.clone()),
            change: match spell.change {
                RouteChange::Announce => ChangeRow::Announce,
                RouteChange::Withdraw => ChangeRow::Withdraw,
            },
            origin: spell.origin.map(|asn| asn.0),
            path: spell.path.iter().map(|asn| asn.0).collect(),
            visibility: spell.visibility.map(Number),
            synthetic: spell.synthetic,
        }
    }
}

impl From<RouteRow> for RouteSpell {
    fn from(row: RouteRow) -> Self {
        Self {
            from: row.from.0,
            until: row.until.0,
            count: row.count,
            prefix: row.prefix.0,
            change: match row.change {
                ChangeRow::Announce => RouteChange::Announce,
                ChangeRow::Withdraw => RouteChange::Withdraw,
            },
            origin: row.origin.map(Asn),
            path: row.path.into_iter().map(Asn).collect(),
            visibility: number(row.visibility),
            synthetic: row.synthetic,
        }
    }
}

impl From<&FlowSpell> for FlowRow {
    fn from(spell: &FlowSpell) -> Self {
        Self {
            from: Iso(spell.from),
            until: Iso(spell.until),
            count: spell.count,
            vectors: words(&spell.vectors),
            sources: Word(spell.sources.clone()),
            exporter: Word(spell.exporter.clone()),
            bps_in: Number(spell.bps_in),
            bps_in_max: Number(spell.bps_in_max),
            pps_in_max: Number(spell.pps_in_max),
            bps_out: spell.bps_out.map(Number),
            sources_distinct: spell.sources_distinct,
            synthetic: spell.synthetic,
        }
    }
}

impl From<FlowRow> for FlowSpell {
    fn from(row: FlowRow) -> Self {
        Self {
            from: row.from.0,
            until: row.until.0,
            count: row.count,
            vectors: texts(row.vectors),
            sources: row.sources.0,
            exporter: row.exporter.0,
            bps_in: row.bps_in.0,
            bps_in_max: row.bps_in_max.0,
            pps_in_max: row.pps_in_max.0,
            bps_out: number(row.bps_out),
            sources_distinct: row.sources_distinct,
            synthetic: row.synthetic,
        }
    }
}

impl From<&LogSpell> for LogRow {
    fn from(spell: &LogSpell) -> Self {
        Self {
            from: Iso(spell.from),
            until: Iso(spell.until),
            count: spell.count,
            vectors: words(&spell.vectors),
            rps: Number(spell.rps),
            errors_share: Number(spell.errors_share),
            clients_distinct: spell.clients_distinct,
            top_path_share: spell.top_path_share.map(Number),
            returning_share: spell.returning_share.map(Number),
            synthetic: spell.synthetic,
        }
    }
}

impl From<LogRow> for LogSpell {
    fn from(row: LogRow) -> Self {
        Self {
            from: row.from.0,
            until: row.until.0,
            count: row.count,
            vectors: texts(row.vectors),
            rps: row.rps.0,
            errors_share: row.errors_share.0,
            clients_distinct: row.clients_distinct,
            top_path_share: number(row.top_path_share),
            returning_share: number(row.returning_share),
            synthetic: row.synthetic,
        }
    }
}
