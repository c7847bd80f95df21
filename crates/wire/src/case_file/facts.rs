//! The rows of a case file's facts: the catalogue, the crowd, the peers, acts of operators.

use outcry_core::evidence::Act;
use outcry_core::evidence::facts::CrowdFacts;
use outcry_core::evidence::facts::NetworkCount;
use outcry_core::evidence::facts::Peer;
use outcry_core::evidence::facts::PeerFacts;
use outcry_core::evidence::facts::ProviderState;
use outcry_core::evidence::facts::Relation;
use outcry_core::evidence::facts::ServiceFacts;
use outcry_core::evidence::facts::ServiceKind;
use outcry_core::evidence::facts::SilentNetwork;
use outcry_core::signal::said::OperatorAct;
use outcry_core::units::Asn;
use outcry_core::units::Text;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;

use crate::incident::scalar::Code;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Number;
use crate::incident::scalar::Word;

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceRow {
    category: String,
    kind: KindRow,
    asns: Vec<u32>,
    depends_on: Vec<Word>,
    countries: Vec<Code>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct CrowdRow {
    hosting: u64,
    works: u64,
    networks_known: u64,
    networks: Vec<NetworkRow>,
    silent: Vec<SilentRow>,
    largest_prefix: u64,
    texts: u64,
    same_text: u64,
    evenness: Option<Number>,
    home_share: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkRow {
    asn: u32,
    count: u64,
    usual: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SilentRow {
    asn: u32,
    usual: Number,
    expected: Number,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct PeersRow {
    listened: u64,
    surging: Vec<PeerRow>,
    providers: Vec<ProviderRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerRow {
    service: Word,
    category: Word,
    kind: KindRow,
    relation: RelationRow,
    shared: Vec<Word>,
    opened_at: Iso,
    peak: u64,
    usual: Number,
    countries: Vec<Code>,
    failing_share: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderRow {
    service: Word,
    surging: bool,
    notice: bool,
    failing_share: Option<Number>,
    synthetic: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActRow {
    at: Iso,
    act: Word,
    subject: Word,
    actor: Word,
    reason: Option<Word>,
}

/// A kind of service by its stable name.
#[derive(Default)]
struct KindRow(ServiceKind);

/// A relation by its stable name.
struct RelationRow(Relation);

macro_rules! by_name {
    ($row:ident, $domain:ident, $what:literal) => {
        impl Serialize for $row {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.0.name())
            }
        }

        impl<'de> Deserialize<'de> for $row {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = String::deserialize(from)?;
                let known = $domain::ALL.into_iter().find(|one| one.name() == name);
                known
                    .map(Self)
                    .ok_or_else(|| D::Error::custom(format!(concat!("{:?} is no ", $what), name)))
            }
        }
    };
}

by_name!(KindRow, ServiceKind, "kind of service");
by_name!(RelationRow, Relation, "relation between services");

fn words(texts: &[Text]) -> Vec<Word> {
    texts.iter().cloned().map(Word).collect()
}

fn texts(words: Vec<Word>) -> Vec<Text> {
    words.into_iter().map(|word| word.0).collect()
}

impl From<&ServiceFacts> for ServiceRow {
    fn from(facts: &ServiceFacts) -> Self {
        Self {
            category: facts.category.to_string(),
            kind: KindRow(facts.kind),
            asns: facts.asns.iter().map(|asn| asn.0).collect(),
            depends_on: words(&facts.depends_on),
            countries: facts.countries.iter().copied().map(Code).collect(),
        }
    }
}

impl From<ServiceRow> for ServiceFacts {
    fn from(row: ServiceRow) -> Self {
        Self {
            category: row.category.into(),
            kind: row.kind.0,
            asns: row.asns.into_iter().map(Asn).collect(),
            depends_on: texts(row.depends_on),
            countries: row.countries.into_iter().map(|code| code.0).collect(),
        }
    }
}

impl From<&CrowdFacts> for CrowdRow {
    fn from(facts: &CrowdFacts) -> Self {
        let network = |it: &NetworkCount| NetworkRow {
            asn: it.asn.0,
            count: it.count,
            usual: it.usual.map(Number),
        };
        let silent = |it: &SilentNetwork| SilentRow {
            asn: it.asn.0,
            usual: Number(it.usual),
            expected: Number(it.expected),
        };
        Self {
            hosting: facts.hosting,
            works: facts.works,
            networks_known: facts.networks_known,
            networks: facts.networks.iter().map(network).collect(),
            silent: facts.silent.iter().map(silent).collect(),
            largest_prefix: facts.largest_prefix,
            texts: facts.texts,
            same_text: facts.same_text,
            evenness: facts.evenness.map(Number),
            home_share: facts.home_share.map(Number),
        }
    }
}

impl From<CrowdRow> for CrowdFacts {
    fn from(row: CrowdRow) -> Self {
        let network = |it: NetworkRow| NetworkCount {
            asn: Asn(it.asn),
            count: it.count,
            usual: it.usual.map(|usual| usual.0),
        };
        let silent = |it: SilentRow| SilentNetwork {
            asn: Asn(it.asn),
            usual: it.usual.0,
            expected: it.expected.0,
        };
        Self {
            hosting: row.hosting,
            works: row.works,
            networks_known: row.networks_known,
            networks: row.networks.into_iter().map(network).collect(),
            silent: row.silent.into_iter().map(silent).collect(),
            largest_prefix: row.largest_prefix,
            texts: row.texts,
            same_text: row.same_text,
            evenness: row.evenness.map(|it| it.0),
            home_share: row.home_share.map(|it| it.0),
        }
    }
}

impl From<&PeerFacts> for PeersRow {
    fn from(facts: &PeerFacts) -> Self {
        let peer = |it: &Peer| PeerRow {
            service: Word(it.service.clone()),
            category: Word(it.category.clone()),
            kind: KindRow(it.kind),
            relation: RelationRow(it.relation),
            shared: words(&it.shared),
            opened_at: Iso(it.opened_at),
            peak: it.peak,
            usual: Number(it.usual),
            countries: it.countries.iter().copied().map(Code).collect(),
            failing_share: it.failing_share.map(Number),
        };
        let provider = |it: &ProviderState| ProviderRow {
            service: Word(it.service.clone()),
            surging: it.surging,
            notice: it.notice,
            failing_share: it.failing_share.map(Number),
            synthetic: it.synthetic,
        };
        Self {
            listened: facts.listened,
            surging: facts.surging.iter().map(peer).collect(),
            providers: facts.providers.iter().map(provider).collect(),
        }
    }
}

impl From<PeersRow> for PeerFacts {
    fn from(row: PeersRow) -> Self {
        let peer = |it: PeerRow| Peer {
            service: it.service.0,
            category: it.category.0,
            kind: it.kind.0,
            relation: it.relation.0,
            shared: texts(it.shared),
            opened_at: it.opened_at.0,
            peak: it.peak,
            usual: it.usual.0,
            countries: it.countries.into_iter().map(|code| code.0).collect(),
            failing_share: it.failing_share.map(|share| share.0),
        };
        let provider = |it: ProviderRow| ProviderState {
            service: it.service.0,
            surging: it.surging,
            notice: it.notice,
            failing_share: it.failing_share.map(|share| share.0),
            synthetic: it.synthetic,
        };
        Self {
            listened: row.listened,
            surging: row.surging.into_iter().map(peer).collect(),
            providers: row.providers.into_iter().map(provider).collect(),
        }
    }
}

impl From<&Act> for ActRow {
    fn from(act: &Act) -> Self {
        Self {
            at: Iso(act.at),
            act: Word(act.act.act.clone()),
            subject: Word(act.act.subject.clone()),
            actor: Word(act.act.actor.clone()),
            reason: act.act.reason.clone().map(Word),
        }
    }
}

impl From<ActRow> for Act {
    fn from(row: ActRow) -> Self {
        Self {
            at: row.at.0,
            act: OperatorAct {
                act: row.act.0,
                subject: row.subject.0,
                actor: row.actor.0,
                reason: row.reason.map(|reason| reason.0),
            },
        }
    }
}
