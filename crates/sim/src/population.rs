//! A population of services and the people who report on them, for measuring the detector.
//!
//! 12,000 services whose traffic falls with their rank (Zipf), in eight categories with a day and a
//! week of their own; rates that wander; people with phones, families, carriers that share one
//! address among thousands; brigades, posts that go round; and outages of all sizes and forms, in
//! the weeks that are learnt from as well as in the days that are scored. Reports go through
//! [`outcry_core::engine::Engine`], the same code that a server runs, report by report.
//!
//! # What it cannot tell
//!
//! How people really behave. The shapes are plausible and the numbers are the ones that
//! `DETECTION.md` fixed before any of this was run; what holds here need not hold out there. It can
//! tell two versions of the detector apart, and show where one breaks.

pub mod measure;
pub mod outage;
pub mod people;
pub mod plan;
pub mod rare;
pub mod town;
pub mod traffic;
pub mod trial;
