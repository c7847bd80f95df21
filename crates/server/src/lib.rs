//! The public face: pages, charts, report intake and the API.
//!
//! Pages are rendered when the state changes and served from memory; no viewer costs a query. A
//! report is acknowledged after the journal has it on disk, never before. What the server needs
//! from the application are the four narrow traits in [`contract`]; it sees no SQL, no engine and
//! no clock.

pub mod api;
pub mod asset;
pub mod board;
pub mod body;
pub mod chart;
pub mod choice;
pub mod client;
pub mod contract;
#[cfg(test)]
mod fixture;
pub mod ids;
pub mod intake;
pub mod legible;
pub mod limit;
pub mod live;
pub mod open;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod proposal;
pub mod rate;
pub mod route;
pub mod router;
pub mod serve;
pub mod site;
pub mod subscription;
pub mod summary;
pub mod view;
pub mod words;
