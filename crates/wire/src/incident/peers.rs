//! The rows of what is known from other services: findings and spillover.

use outcry_core::detect::together::Factor;
use outcry_core::detect::together::Finding;
use outcry_core::detect::together::Peers;
use outcry_core::detect::together::Spillover;
use outcry_core::detect::together::Standing;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use serde::Deserialize;
use serde::Serialize;

use crate::incident::scalar::Code;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Number;
use crate::incident::scalar::Word;

/// What is known about an incident from other services. Absent from rows of before it was known.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeersRow<T> {
    findings: Vec<FindingRow<T>>,
    spillover: Option<SpilloverRow<T>>,
}

impl<T> Default for PeersRow<T> {
    fn default() -> Self {
        Self { findings: Vec::new(), spillover: None }
    }
}

/// One finding, in a row or in a line of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingRow<T> {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    line_type: Option<Word>,
    factor: FactorRow,
    named: bool,
    opened_at: T,
    as_of: T,
    closed_at: Option<T>,
    e_value: Number,
    threshold: Number,
    members: u32,
    up: u32,
    others: u32,
    others_up: u32,
    p_value: Number,
    services: Vec<Word>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpilloverRow<T> {
    in_danger: Word,
    relation: FactorRow,
    since: T,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum FactorRow {
    Provider { service: Word },
    Category { category: Word },
    Country { country: Code },
    Network { asn: u32 },
    Client { component: Word },
}

/// Writes a finding as one line of `replay --json`, without the end of the line.
pub fn finding_line(finding: &Finding) -> String {
    let row: FindingRow<Iso> = finding.into();
    let row = FindingRow { line_type: Some(Word("finding".into())), ..row };
    serde_json::to_string(&row).expect("a line has texts for keys")
}

impl<T: From<UnixMillis>> From<&Peers> for PeersRow<T> {
    fn from(peers: &Peers) -> Self {
        Self {
            findings: peers.findings.iter().map(FindingRow::from).collect(),
            spillover: peers.spillover.as_ref().map(SpilloverRow::from),
        }
    }
}

impl<T: Into<UnixMillis>> From<PeersRow<T>> for Peers {
    fn from(row: PeersRow<T>) -> Self {
        Self {
            findings: row.findings.into_iter().map(Finding::from).collect(),
            spillover: row.spillover.map(Spillover::from),
        }
    }
}

impl<T: From<UnixMillis>> From<&Finding> for FindingRow<T> {
    fn from(finding: &Finding) -> Self {
        Self {
            line_type: None,
            factor: (&finding.factor).into(),
            named: finding.standing == Standing::Named,
            opened_at: finding.opened_at.into(),
            as_of: finding.as_of.into(),
            closed_at: finding.closed_at.map(T::from),
            e_value: Number(finding.e_value),
            threshold: Number(finding.threshold),
            members: finding.members,
            up: finding.up,
            others: finding.others,
            others_up: finding.others_up,
            p_value: Number(finding.p_value),
            services: finding.services.iter().cloned().map(Word).collect(),
        }
    }
}

impl<T: Into<UnixMillis>> From<FindingRow<T>> for Finding {
    fn from(row: FindingRow<T>) -> Self {
        Self {
            factor: row.factor.into(),
            standing: if row.named { Standing::Named } else { Standing::Unnamed },
            opened_at: row.opened_at.into(),
            as_of: row.as_of.into(),
            closed_at: row.closed_at.map(T::into),
            e_value: row.e_value.0,
            threshold: row.threshold.0,
            members: row.members,
            up: row.up,
            others: row.others,
            others_up: row.others_up,
            p_value: row.p_value.0,
            services: row.services.into_iter().map(|service| service.0).collect(),
        }
    }
}

impl<T: From<UnixMillis>> From<&Spillover> for SpilloverRow<T> {
    fn from(spillover: &Spillover) -> Self {
        Self {
            in_danger: Word(spillover.in_danger.clone()),
            relation: (&spillover.relation).into(),
            since: spillover.since.into(),
        }
    }
}

impl<T: Into<UnixMillis>> From<SpilloverRow<T>> for Spillover {
    fn from(row: SpilloverRow<T>) -> Self {
        Self { in_danger: row.in_danger.0, relation: row.relation.into(), since: row.since.into() }
    }
}

impl From<&Factor> for FactorRow {
    fn from(factor: &Factor) -> Self {
        match factor {
            Factor::Provider(slug) => Self::Provider { service: Word(slug.clone()) },
            Factor::Category(slug) => Self::Category { category: Word(slug.clone()) },
            Factor::Country(country) => Self::Country { country: Code(*country) },
            Factor::Network(asn) => Self::Network { asn: asn.0 },
            Factor::Client(name) => Self::Client { component: Word(name.clone()) },
        }
    }
}

impl From<FactorRow> for Factor {
    fn from(row: FactorRow) -> Self {
        match row {
            FactorRow::Provider { service } => Self::Provider(service.0),
            FactorRow::Category { category } => Self::Category(category.0),
            FactorRow::Country { country } => Self::Country(country.0),
            FactorRow::Network { asn } => Self::Network(Asn(asn)),
            FactorRow::Client { component } => Self::Client(component.0),
        }
    }
}
