//! The layout of a case file: a field a line, but a list inside a list on one line, so that a
//! minute is a line and not five.

use std::io;

use serde_json::ser::CompactFormatter;
use serde_json::ser::Formatter;
use serde_json::ser::PrettyFormatter;

/// Lays JSON out with two spaces a level, and lists inside lists without any.
#[derive(Default)]
pub(super) struct Layout {
    pretty: PrettyFormatter<'static>,
    compact: CompactFormatter,
    /// What is open on several lines, outermost first.
    open: Vec<Open>,
    /// How deep we are in a list that stands on one line; 0 outside.
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    List,
    Object,
}

impl Layout {
    fn opens_on_one_line(&mut self, what: Open) -> bool {
        let inside_a_list = self.open.last() == Some(&Open::List);
        if self.depth > 0 || (what == Open::List && inside_a_list) {
            self.depth += 1;
            return true;
        }
        self.open.push(what);
        false
    }

    fn closes_on_one_line(&mut self) -> bool {
        if self.depth > 0 {
            self.depth -= 1;
            return true;
        }
        self.open.pop();
        false
    }
}

/// Hands one call to the formatter that is at work here.
macro_rules! hand_on {
    ($name:ident($($argument:ident: $form:ty),*)) => {
        fn $name<W: ?Sized + io::Write>(&mut self, to: &mut W $(, $argument: $form)*)
        -> io::Result<()> {
            match self.depth {
                0 => self.pretty.$name(to $(, $argument)*),
                _ => self.compact.$name(to $(, $argument)*),
            }
        }
    };
}

/// The same for a call that opens or closes a list or an object.
macro_rules! hand_on_if {
    ($name:ident, $on_one_line:ident($($what:expr)?)) => {
        fn $name<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
            match self.$on_one_line($($what)?) {
                true => self.compact.$name(to),
                false => self.pretty.$name(to),
            }
        }
    };
}

impl Formatter for Layout {
    hand_on_if!(begin_array, opens_on_one_line(Open::List));
    hand_on_if!(end_array, closes_on_one_line());
    hand_on_if!(begin_object, opens_on_one_line(Open::Object));
    hand_on_if!(end_object, closes_on_one_line());
    hand_on!(begin_array_value(first: bool));
    hand_on!(end_array_value());
    hand_on!(begin_object_key(first: bool));
    hand_on!(end_object_key());
    hand_on!(begin_object_value());
    hand_on!(end_object_value());
}
