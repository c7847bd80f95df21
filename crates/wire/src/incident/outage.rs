//! The row of an outage: what probes saw, in a store, a case file and a line of `replay --json`.

use outcry_core::detect::failure::Agreement;
use outcry_core::incident::Outage;
use outcry_core::signal::probe::AddressFamily;
use outcry_core::time::UnixMillis;
use outcry_core::units::Asn;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;

use crate::incident::scalar::Code;
use crate::incident::scalar::Word;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutageRow<T> {
    opened_at: T,
    closed_at: Option<T>,
    agreement: AgreementRow,
    failing: u32,
    asked: u32,
    countries: Vec<Code>,
    networks: Vec<u32>,
    kind: Word,
    component: Option<Word>,
    family: Option<FamilyRow>,
    phase: Option<Word>,
    detail: Option<Word>,
    soft: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FamilyRow {
    V4,
    V6,
}

/// What vantage points said together, by its name.
#[derive(Clone, Copy, Debug)]
struct AgreementRow(Agreement);

impl Serialize for AgreementRow {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for AgreementRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Word::deserialize(from)?;
        Agreement::named(&name.0)
            .map(Self)
            .ok_or_else(|| D::Error::custom("an agreement such as \"regional\" is wanted"))
    }
}

impl<T: From<UnixMillis>> From<&Outage> for OutageRow<T> {
    fn from(outage: &Outage) -> Self {
        Self {
            opened_at: outage.opened_at.into(),
            closed_at: outage.closed_at.map(T::from),
            agreement: AgreementRow(outage.agreement),
            failing: outage.failing,
            asked: outage.asked,
            countries: outage.countries.iter().copied().map(Code).collect(),
            networks: outage.networks.iter().map(|asn| asn.0).collect(),
            kind: Word(outage.kind.clone()),
            component: outage.component.clone().map(Word),
            family: outage.family.map(|family| match family {
                AddressFamily::V4 => FamilyRow::V4,
                AddressFamily::V6 => FamilyRow::V6,
            }),
            phase: outage.phase.clone().map(Word),
            detail: outage.detail.clone().map(Word),
            soft: outage.soft,
        }
    }
}

impl<T: Into<UnixMillis>> From<OutageRow<T>> for Outage {
    fn from(row: OutageRow<T>) -> Self {
        Self {
            opened_at: row.opened_at.into(),
            closed_at: row.closed_at.map(T::into),
            agreement: row.agreement.0,
            failing: row.failing,
            asked: row.asked,
            countries: row.countries.into_iter().map(|code| code.0).collect(),
            networks: row.networks.into_iter().map(Asn).collect(),
            kind: row.kind.0,
            component: row.component.map(|word| word.0),
            family: row.family.map(|family| match family {
                FamilyRow::V4 => AddressFamily::V4,
                FamilyRow::V6 => AddressFamily::V6,
            }),
            phase: row.phase.map(|word| word.0),
            detail: row.detail.map(|word| word.0),
            soft: row.soft,
        }
    }
}
