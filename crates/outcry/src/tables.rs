//! The tables that leave and enter: their columns, and what an export was asked to leave out.
//! `docs/reference/exports.md` is the reference for people.

use outcry_core::series::Dimension;
use outcry_core::units::Country;
use outcry_store::import::Step;
use outcry_table::schema::Column;
use outcry_table::schema::Kind;
use outcry_table::schema::Schema;
use outcry_table::value::Value;

use crate::config::Config;

/// Reports of a place under which it is not told apart in what is published.
pub const PLACE_REPORTS_MIN: u64 = 10;
/// What stands for a country that is not known, or merged.
const COUNTRY_UNKNOWN: &str = "unknown";
/// What stands for this installation where `public_url` is not set.
const OWN_SOURCE: &str = "this installation";

/// Columns of reports.
pub fn reports() -> Schema {
    schema(
        "reports",
        &[
            ("id", Kind::Text, Needed::No),
            ("at", Kind::Time, Needed::Yes),
            ("service", Kind::Text, Needed::Yes),
            ("affected", Kind::Text, Needed::No),
            ("problem", Kind::Text, Needed::No),
            ("works", Kind::Flag, Needed::No),
            ("country", Kind::Text, Needed::No),
            ("asn", Kind::Integer, Needed::No),
            ("network", Kind::Text, Needed::No),
            ("source", Kind::Text, Needed::No),
            ("licence", Kind::Text, Needed::No),
            ("synthetic", Kind::Flag, Needed::No),
        ],
    )
}

/// Columns of series.
pub fn series() -> Schema {
    schema(
        "series",
        &[
            ("service", Kind::Text, Needed::Yes),
            ("dimension", Kind::Text, Needed::Yes),
            ("step", Kind::Text, Needed::Yes),
            ("at", Kind::Time, Needed::Yes),
            ("received", Kind::Integer, Needed::Yes),
            ("counted", Kind::Integer, Needed::Yes),
            ("source", Kind::Text, Needed::No),
            ("licence", Kind::Text, Needed::No),
            ("synthetic", Kind::Flag, Needed::No),
        ],
    )
}

/// Columns of incidents.
pub fn incidents() -> Schema {
    schema(
        "incidents",
        &[
            ("id", Kind::Text, Needed::Yes),
            ("service", Kind::Text, Needed::Yes),
            ("severity", Kind::Text, Needed::Yes),
            ("opened_at", Kind::Time, Needed::Yes),
            ("closed_at", Kind::Time, Needed::No),
            ("surges", Kind::Integer, Needed::Yes),
            ("peak", Kind::Integer, Needed::Yes),
            ("reports_counted", Kind::Integer, Needed::Yes),
            ("reports_received", Kind::Integer, Needed::Yes),
            ("reconstruction", Kind::Flag, Needed::Yes),
            ("revision", Kind::Integer, Needed::Yes),
            ("source", Kind::Text, Needed::No),
            ("licence", Kind::Text, Needed::No),
        ],
    )
}

/// Whether a column has a value in every row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}

fn schema(name: &'static str, columns: &[(&'static str, Kind, Needed)]) -> Schema {
    let column = |&(name, kind, needed): &_| Column { name, kind, required: needed == Needed::Yes };
    Schema { name, columns: columns.iter().map(column).collect() }
}

/// Who gives what was counted here: the address of the site.
pub fn own_source(config: &Config) -> String {
    let url = &config.http.public_url;
    if url.is_empty() { OWN_SOURCE.to_owned() } else { url.clone() }
}

/// A text, or no value.
pub fn text(text: Option<&str>) -> Value {
    text.map_or(Value::None, |text| Value::Text(text.to_owned()))
}

/// A whole number; saturates.
pub fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A dimension as it is written.
pub fn write_dimension(dimension: &Dimension) -> String {
    match dimension {
        Dimension::All => "all".to_owned(),
        Dimension::Works => "works".to_owned(),
        Dimension::Component(name) => format!("component:{name}"),
        Dimension::Problem(name) => format!("problem:{name}"),
        Dimension::Country(country) => {
            format!("country:{}", country.as_ref().map_or(COUNTRY_UNKNOWN, Country::code))
        }
    }
}

/// Reads what [`write_dimension`] wrote.
pub fn read_dimension(text: &str) -> Option<Dimension> {
    match text.split_once(':') {
        None if text == "all" => Some(Dimension::All),
        None if text == "works" => Some(Dimension::Works),
        Some((_, "")) => None,
        Some(("component", name)) => Some(Dimension::Component(name.into())),
        Some(("problem", name)) => Some(Dimension::Problem(name.into())),
        Some(("country", COUNTRY_UNKNOWN)) => Some(Dimension::Country(None)),
        Some(("country", code)) => Some(Dimension::Country(Some(Country::parse(code)?))),
        _ => None,
    }
}

/// Reads the name of a step.
pub fn read_step(text: &str) -> Option<Step> {
    Step::ALL.into_iter().find(|step| step.name() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_carried_by_every_format() {
        for schema in [reports(), series(), incidents()] {
            schema.check().expect("plain names");
        }
    }

    #[test]
    fn a_dimension_is_read_as_it_is_written() {
        let dimensions = [
            Dimension::All,
            Dimension::Works,
            Dimension::Component("mobile_app".into()),
            Dimension::Problem("a:b".into()),
            Dimension::Country(Country::parse("GB")),
            Dimension::Country(None),
        ];
        for dimension in dimensions {
            assert_eq!(read_dimension(&write_dimension(&dimension)), Some(dimension));
        }
        for wrong in ["", "everything", "country:", "country:Britain", "network:1"] {
            assert_eq!(read_dimension(wrong), None, "{wrong}");
        }
    }
}
