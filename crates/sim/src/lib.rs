//! Scenarios and the simulated crowd: outages written down, turned into signals, and run through
//! the real engine.
//!
//! Pure: a scenario and a seed give the same signals every time, and replay drives the same engine
//! as a running server, with the watermark in its hand.
//!
//! # What it cannot tell
//!
//! What really happened. Facts of a scenario have sources; the shapes between them are made up,
//! and everything that follows from them says so.

pub mod crowd;
pub mod dice;
pub mod population;
pub mod replay;
pub mod scenario;
pub mod vantages;
