//! The case file as JSON: everything a verdict may use, for people to read and for anyone to run
//! the verdict again.
//!
//! What follows from the rest (`missing`, `reconstruction`, `named`, `note`) is written for the
//! reader and not read back: it is worked out again.
//!
//! # What it cannot tell
//!
//! Rulings beyond a claim's assertions: there is one for each, and no room for more. And why a
//! service failed: `named` is `null` in every case file of this version, and `note` says so.

mod layout;

use std::collections::BTreeMap;

use outcry_core::claim::ClaimRecord;
use outcry_core::evidence::CASE_FILE_VERSION;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::evidence::MinutePoint;
use outcry_core::incident::Incident;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::IgnoredAny;

use crate::case_file::layout::Layout;
use crate::incident::FormError;
use crate::incident::claim::ClaimRow;
use crate::incident::row::IncidentRow;
use crate::incident::scalar::Iso;
use crate::incident::scalar::Number;

/// What every case file says about its own reach.
const NOTE: &str = "Reports alone cannot show why a service fails: they say that it does, since \
                    when, with what and from where. No cause is named. Families under \"missing\" \
                    were not looked at, which does not mean that they were normal.";

/// Writes a case file as JSON over several lines, without the end of the last line.
pub fn write(case: &CaseFile) -> String {
    let row = CaseRow {
        version: case.version,
        note: NOTE,
        as_of: Iso(case.as_of),
        reconstruction: case.incident.reconstruction,
        named: None::<()>,
        incident: IncidentRow::from(&case.incident),
        looked: case.looked.iter().copied().map(FamilyRow).collect(),
        missing: case.missing().into_iter().map(FamilyRow).collect(),
        signals: case.signals.iter().map(|(kind, count)| (kind.to_string(), *count)).collect(),
        claims: case.claims.iter().map(ClaimRow::from).collect(),
        minutes: case.minutes.iter().map(MinuteRow::from).collect(),
    };
    let mut text = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut text, Layout::default());
    row.serialize(&mut writer).expect("a row has texts for keys");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Reads what [`write`] wrote.
pub fn read(text: &str) -> Result<CaseFile, FormError> {
    const FORM: &str = "case file";
    let unreadable = |source| FormError::Unreadable { form: FORM, source };
    let version: Version = serde_json::from_str(text).map_err(unreadable)?;
    if version.version != CASE_FILE_VERSION {
        let (found, known) = (version.version, CASE_FILE_VERSION);
        return Err(FormError::Version { form: FORM, found, known });
    }
    let row: CaseRow<IgnoredAny, IgnoredAny> = serde_json::from_str(text).map_err(unreadable)?;
    Ok(CaseFile {
        version: row.version,
        as_of: row.as_of.0,
        incident: Incident::from(row.incident),
        minutes: row.minutes.into_iter().map(MinutePoint::from).collect(),
        looked: row.looked.into_iter().map(|family| family.0).collect(),
        signals: row.signals.into_iter().map(|(kind, count)| (kind.into(), count)).collect(),
        claims: row.claims.into_iter().map(ClaimRecord::from).collect(),
    })
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A case file, in the order people read it: what it is, what is known, and the numbers last.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseRow<Note, Named> {
    version: u32,
    note: Note,
    as_of: Iso,
    reconstruction: bool,
    named: Named,
    incident: IncidentRow<Iso>,
    looked: Vec<FamilyRow>,
    missing: Vec<FamilyRow>,
    signals: BTreeMap<String, u64>,
    claims: Vec<ClaimRow>,
    minutes: Vec<MinuteRow>,
}

/// A minute as `[time, counted, usual]`.
#[derive(Serialize, Deserialize)]
struct MinuteRow(Iso, u32, Number);

/// A family by its stable name.
struct FamilyRow(Family);

impl From<&MinutePoint> for MinuteRow {
    fn from(point: &MinutePoint) -> Self {
        Self(Iso(point.minute.start()), point.counted, Number(point.usual))
    }
}

impl From<MinuteRow> for MinutePoint {
    fn from(row: MinuteRow) -> Self {
        Self { minute: row.0.0.minute(), counted: row.1, usual: row.2.0 }
    }
}

impl Serialize for FamilyRow {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for FamilyRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Family::ALL
            .into_iter()
            .find(|family| family.name() == name)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{name:?} is no family of evidence")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use outcry_core::time::UnixMillis;
    use outcry_core::time::UnixMinute;
    use proptest::prelude::any;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    use super::*;
    use crate::incident::tests::claim;
    use crate::incident::tests::incident;

    fn case() -> CaseFile {
        let first = UnixMillis::parse("2025-03-10T08:46:00Z").unwrap().minute();
        let minutes = (0..3).map(|n| MinutePoint {
            minute: UnixMinute(first.0 + i64::from(n)),
            counted: n * 100,
            usual: 1.0 / 3.0,
        });
        CaseFile {
            version: CASE_FILE_VERSION,
            as_of: UnixMillis::parse("2025-03-10T18:00:00.001Z").unwrap(),
            incident: incident(),
            minutes: minutes.collect(),
            looked: vec![Family::Places, Family::Shape],
            signals: BTreeMap::from([("report".into(), 4500), ("claim".into(), 1)]),
            claims: vec![claim()],
        }
    }

    #[test]
    fn a_case_file_comes_back_exactly_and_is_written_the_same_again() {
        let mut empty = case();
        empty.minutes.clear();
        empty.claims.clear();
        empty.looked.clear();
        empty.signals.clear();
        for case in [case(), empty] {
            let text = write(&case);
            let back = read(&text).unwrap();
            assert_eq!(back, case);
            assert_eq!(write(&back), text);
        }
    }

    #[test]
    fn a_reader_sees_what_is_missing_and_that_no_cause_is_named() {
        let text = write(&case());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(value.get("named").is_some_and(serde_json::Value::is_null), "{text}");
        assert_eq!(value["reconstruction"], true);
        assert_eq!(value["missing"].as_array().unwrap().len(), 7);
        assert!(value["note"].as_str().unwrap().starts_with("Reports alone cannot show why"));
        assert_eq!(value["claims"][0]["assertions"][0]["ruling"], "not_shown");
        assert_eq!(value["claims"][0]["assertions"][0]["reason"], "reports_only");
        assert!(text.contains("\n    [\"2025-03-10T08:47:00Z\",100,0.3333333333333333],\n"));
        assert!(text.contains("\"opened_at\": \"2025-03-10T09:46:40Z\""), "{text}");
    }

    #[test]
    fn a_case_file_of_another_form_is_refused() {
        let text = write(&case());
        let newer = text.replace("\"version\": 1,", "\"version\": 2,");
        assert_eq!(
            read(&newer).unwrap_err().to_string(),
            "case file of version 2, 1 is known; read it with the outcry that wrote it"
        );
        for bad in ["", "{}", "[1]", &text.replace("\"shape\"", "\"shap\""), &text[..99]] {
            let error = read(bad).unwrap_err();
            assert!(matches!(error, FormError::Unreadable { .. }), "{bad}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_numbers_come_back_exactly(
            usual in any::<f64>(),
            counted in any::<u32>(),
            kind in any::<String>(),
            count in any::<u64>(),
        ) {
            let mut case = case();
            case.minutes[1].usual = if usual.is_nan() { f64::INFINITY } else { usual };
            case.minutes[2].counted = counted;
            case.signals.insert(kind.into(), count);
            prop_assert_eq!(read(&write(&case)).unwrap(), case);
        }

        #[test]
        fn no_text_makes_reading_panic(text in any::<String>(), cut in any::<usize>()) {
            let _ = read(&text);
            let whole = write(&case());
            let cut = cut % whole.len();
            if whole.is_char_boundary(cut) {
                let _ = read(&whole[..cut]);
            }
        }
    }
}
