//! Floods: machines that ask without pause.

use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Scene;

/// What a flood asks for.
#[derive(Clone, Debug)]
pub enum Target {
    /// One of these, by chance; often there is one only.
    Of(Vec<u32>),
    /// This, and a fresh query each time.
    Query(String),
    /// This, and a fresh rest of the path each time.
    Fresh(String),
}

/// A flood.
#[derive(Clone, Debug)]
pub struct Flood {
    pub from_ms: i64,
    pub secs: f64,
    pub rps: f64,
    pub bots: Vec<Who>,
    pub target: Target,
    /// How the server answers.
    pub statuses: Vec<(u16, f64)>,
    /// Share that name a page they claim to come from.
    pub referred: f64,
    /// Agents of which each request takes another; empty: each bot keeps its own.
    pub rotating: Vec<u32>,
}

impl Scene {
    /// A flood on one path, answered by a server that begins to suffer.
    pub fn flood_on(&mut self, from_ms: i64, secs: f64, rps: f64, bots: Vec<Who>) -> Flood {
        let home = self.site.pages[0];
        let suffers = self.dice.between(0.0, 0.6);
        Flood {
            from_ms,
            secs,
            rps,
            bots,
            target: Target::Of(vec![home]),
            statuses: vec![(200, 1.0 - suffers), (503, suffers)],
            referred: 0.0,
            rotating: Vec::new(),
        }
    }

    /// Writes a flood.
    pub fn flood(&mut self, flood: &Flood) {
        let mut at_ms = flood.from_ms as f64;
        let end_ms = at_ms + flood.secs * 1_000.0;
        loop {
            at_ms += self.dice.wait(1_000.0 / flood.rps);
            if at_ms >= end_ms {
                return;
            }
            let mut who = self.dice.pick(&flood.bots);
            if !flood.rotating.is_empty() {
                who.agent = self.dice.pick(&flood.rotating);
            }
            let path = match &flood.target {
                Target::Of(paths) => self.dice.pick(paths),
                Target::Query(base) => {
                    let (key, value) = (self.dice.token(4), self.dice.token(8));
                    self.name(format!("{base}?{key}={value}"))
                }
                Target::Fresh(base) => {
                    let rest = self.dice.token(10);
                    self.name(format!("{base}{rest}"))
                }
            };
            let status = self.dice.weighted(&flood.statuses);
            let referred = self.dice.chance(flood.referred);
            self.ask(at_ms as i64, &who, path, status).referred = referred;
        }
    }

    /// Agents from the list that a flooding tool brings along.
    pub fn listed(&mut self) -> Vec<u32> {
        self.named(people::LISTED)
    }
}
