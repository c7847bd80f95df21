//! The written forms: signals and incidents as JSON lines, case files, and the TOML documents of
//! the catalogue. Read leniently where people write, exactly where programs do; no file is opened.
//!
//! Domain types are not serialisable: each form here has rows of its own, and converts.

pub mod alert;

pub mod catalog;
pub mod document;

pub mod case_file;

pub mod incident;

pub mod likelihood;

pub mod signals;

pub mod verdict;
