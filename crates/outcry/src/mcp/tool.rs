//! The tools: a line each in [`ALL`], a file each beside this one.

pub mod evidence;
pub mod find;
pub mod is_it_down;
pub mod said;
pub mod since;
pub mod troubles;
pub mod whom;

use std::future::Future;
use std::pin::Pin;

use outcry_server::words::Words;
use serde::Serialize;
use serde_json::Value;

use crate::ask::freshness::Freshness;
use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::ask::shape::Service;

/// Every tool, in the order in which they are listed.
pub const ALL: &[Tool] = &[
    is_it_down::TOOL,
    since::TOOL,
    whom::TOOL,
    said::TOOL,
    evidence::TOOL,
    troubles::TOOL,
    find::TOOL,
];

/// A tool.
pub struct Tool {
    /// Its name, for programs.
    pub name: &'static str,
    /// Its name, for people.
    pub title: &'static str,
    /// What it answers, for models.
    pub description: &'static str,
    /// What it asks for, and what answers.
    pub answers: Answers,
}

/// What a tool asks for, and what answers.
pub enum Answers {
    /// A service, which is found by what people call it.
    Service(for<'a> fn(Asking<'a>, &'a Service) -> Answering<'a>),
    /// Any name.
    Name(for<'a> fn(Asking<'a>, &'a str) -> Answering<'a>),
    /// Nothing.
    All(for<'a> fn(Asking<'a>) -> Answering<'a>),
}

/// What a tool has at hand.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Who is asked.
    pub reader: &'a Reader,
    /// The words of the pages.
    pub words: &'a Words,
}

/// An answer on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, AskError>> + Send + 'a>>;

/// An answer.
pub struct Answer {
    /// In words, a line for each thing.
    pub lines: Vec<String>,
    /// The same for programs.
    pub data: Value,
    /// How fresh it is.
    pub freshness: Freshness,
}

impl Answer {
    /// About a service.
    pub fn about(service: &Service, lines: Vec<String>, data: &impl Serialize) -> Self {
        let data = serde_json::json!({
            "service": service.slug,
            "name": service.name,
            "answer": data,
        });
        Self { lines, data, freshness: Freshness::of(&service.as_of, &service.freshness) }
    }
}
