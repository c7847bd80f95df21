//! Schema: which columns a table has, in which order, of which kind, and which may be left empty.

use std::fmt;

use crate::COLUMNS_MAX;
use crate::NAME_BYTES_MAX;
use crate::error::TableError;
use crate::error::quoted;

/// The columns of one table, in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The table's name, such as `reports`. Parquet files carry it.
    pub name: &'static str,
    /// The columns. A row has one value for each, in this order.
    pub columns: Vec<Column>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What the header, the key or the Parquet field is called, such as `started_at`.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether every row has a value.
    pub required: bool,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text without NUL characters.
    Text,
    /// A whole number, signed, of 64 bits.
    Integer,
    /// A finite floating-point number of 64 bits.
    Number,
    /// A moment: milliseconds since 1970 in UTC.
    Time,
    /// True or false.
    Flag,
}

impl Schema {
    /// Refuses a schema that not all three formats could carry.
    pub fn check(&self) -> Result<(), TableError> {
        let refuse = |what: String| Err(TableError::BadSchema { table: self.name, what });
        if !is_name(self.name) {
            return refuse(format!("its name is no name: {NAME_RULE}"));
        }
        if self.columns.is_empty() {
            return refuse("it has no columns: give it at least one".into());
        }
        if self.columns.len() > COLUMNS_MAX {
            return refuse(format!("it has more than {COLUMNS_MAX} columns: split it in two"));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if !is_name(column.name) {
                return refuse(format!("{:?} is no name of a column: {NAME_RULE}", column.name));
            }
            if self.columns[..at].iter().any(|other| other.name == column.name) {
                return refuse(format!("two columns are called {}: rename one", column.name));
            }
        }
        Ok(())
    }

    /// The place of the column called `name`, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The names of all columns, for a message: `at, service, weight`.
    pub(crate) fn names_by(&self, between: &str) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(between)
    }

    /// For each of the names that a file has, in the file's order, the place of its column.
    pub(crate) fn columns_of<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<usize>, String> {
        let mut places = Vec::new();
        for name in names.iter().map(AsRef::as_ref) {
            let known = self.names_by(", ");
            let Some(at) = self.position(name) else {
                return Err(format!("the column {} is unknown: write {known}", quoted(name)));
            };
            if places.contains(&at) {
                return Err(format!("the column {name} is there twice: write it once"));
            }
            places.push(at);
        }
        let left_out = |at: usize| self.columns[at].required && !places.contains(&at);
        match (0..self.columns.len()).find(|at| left_out(*at)) {
            Some(at) => {
                let (name, kind) = (self.columns[at].name, self.columns[at].kind);
                Err(format!("the column {name} is missing: write it, with {kind} in each row"))
            }
            None => Ok(places),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Kind::Text => "a text",
            Kind::Integer => "a whole number",
            Kind::Number => "a number",
            Kind::Time => "a time",
            Kind::Flag => "true or false",
        })
    }
}

/// What a name looks like: safe as a header of a spreadsheet, a JSON key and a Parquet field.
const NAME_RULE: &str = "write a to z, 0 to 9 and _, a letter first, at most 64 characters";

fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&'static str]) -> Schema {
        let column = |name: &&'static str| Column { name, kind: Kind::Text, required: true };
        Schema { name: "reports", columns: names.iter().map(column).collect() }
    }

    #[test]
    fn a_plain_schema_is_taken() {
        of(&["at", "service_2"]).check().expect("a plain schema");
    }

    #[test]
    fn a_schema_that_some_format_cannot_carry_is_refused() {
        for names in [&[][..], &["at", "at"], &["=cmd"], &["Größe"], &[""], &["a,b"]] {
            of(names).check().expect_err("not to be carried");
        }
        let long: &'static str = "a".repeat(NAME_BYTES_MAX + 1).leak();
        of(&[long]).check().expect_err("a name too long");
    }

    #[test]
    fn a_column_is_found_by_its_name() {
        assert_eq!(of(&["at", "service"]).position("service"), Some(1));
        assert_eq!(of(&["at", "service"]).position("Service"), None);
    }

    #[test]
    fn columns_are_found_in_any_order_and_odd_ones_are_named() {
        let schema = of(&["at", "service"]);
        assert_eq!(schema.columns_of(&["service", "at"]), Ok(vec![1, 0]));
        let wrong = |names: &[&str]| schema.columns_of(names).expect_err("odd");
        assert_eq!(
            wrong(&["at", "Service"]),
            "the column \"Service\" is unknown: write at, service"
        );
        assert_eq!(wrong(&["at", "at"]), "the column at is there twice: write it once");
        assert_eq!(
            wrong(&["at"]),
            "the column service is missing: write it, with a text in each row"
        );
    }
}
