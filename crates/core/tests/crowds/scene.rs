//! A made-up log: lines, the site they are of, and what is true of them.

use outcry_core::attack::requests::Request;
use outcry_core::attack::requests::Requests;
use outcry_core::attack::requests::Stretch;
use outcry_core::attack::vector::Vector;

use crate::crowds::dice::Dice;
use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::site::Site;

/// Lines beyond which a log is cut, so that the whole judgement stays quick.
pub const LINES_MAX: usize = 300_000;
/// Requests of ordinary traffic that a log has at most.
const USUAL_MAX: f64 = 11_000.0;
/// Requests of an event that a log has at most.
const EVENT_MAX: f64 = 35_000.0;

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub at_ms: i64,
    pub client: u128,
    pub path: u32,
    pub agent: u32,
    pub status: u16,
    pub octets: u32,
    pub took_ms: u32,
    pub referred: bool,
    pub is_http2: bool,
}

/// Which fields the form of the log has.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    pub referrer: bool,
    pub agent: bool,
    pub took: bool,
    /// Whether times are whole seconds, as in the common form.
    pub whole_s: bool,
}

/// A kind of log: its name, and what writes one.
pub type Kind = (&'static str, fn(&mut Scene));

/// A log in the making.
pub struct Scene {
    pub dice: Dice,
    pub lines: Vec<Line>,
    pub names: Vec<String>,
    pub site: Site,
    pub fields: Fields,
    /// Agents that people have, drawn in the shares of the market.
    pub browsers: Vec<u32>,
    /// Those who come again and again.
    pub known: Vec<Who>,
    /// Share of visits by those.
    pub returning: f64,
    /// Seconds of ordinary traffic before the event, and after it.
    pub history_s: f64,
    pub after_s: f64,
    /// Requests in a second on an ordinary day.
    pub usual_rps: f64,
    pub start_ms: i64,
    pub end_ms: i64,
    /// What must be found, and when it happens; nothing for a harmless log.
    pub hostile: Option<(Vector, i64, i64)>,
}

impl Scene {
    /// A site of pages with a random past and form of log.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let history_s = dice.skewed(2_400.0, 0.8).clamp(300.0, 12_000.0).round();
        let usual_rps = dice.skewed(2.5, 1.2).clamp(0.2, 40.0).min(USUAL_MAX / history_s);
        let has_fields = dice.chance(0.85);
        let fields = Fields {
            referrer: has_fields,
            agent: has_fields || dice.chance(0.3),
            took: dice.chance(0.4),
            whole_s: dice.chance(0.7),
        };
        let mut names = vec![String::new()];
        let browsers = (0..400)
            .map(|_| {
                names.push(people::browser(&mut dice));
                names.len() as u32 - 1
            })
            .collect();
        let site = Site::of_pages(&mut dice, &mut names);
        let start_ms = 1_717_200_000_000 + dice.whole(0, 86_400 * 200) as i64 * 1_000;
        Self {
            returning: dice.between(0.25, 0.7),
            after_s: dice.between(120.0, 900.0).round(),
            dice,
            lines: Vec::new(),
            names,
            site,
            fields,
            browsers,
            known: Vec::new(),
            history_s,
            usual_rps,
            start_ms,
            end_ms: start_ms,
            hostile: None,
        }
    }

    /// Keeps a path or an agent.
    pub fn name(&mut self, text: impl Into<String>) -> u32 {
        self.names.push(text.into());
        self.names.len() as u32 - 1
    }

    /// Keeps several.
    pub fn named(&mut self, texts: &[&str]) -> Vec<u32> {
        texts.iter().map(|text| self.name(*text)).collect()
    }

    /// The log tells what it can: assets, referrers and agents. For attacks that nobody could
    /// tell from a crowd otherwise.
    pub fn evident(&mut self) {
        self.fields.referrer = true;
        self.fields.agent = true;
        self.site.show_assets();
    }

    /// Somebody who was never here before.
    pub fn newcomer(&mut self) -> Who {
        Who {
            client: people::person(&mut self.dice),
            agent: if self.site.agents.is_empty() {
                self.dice.pick(&self.browsers)
            } else {
                let place = self.dice.popular(self.site.agents.len());
                self.site.agents[place]
            },
            is_http2: self.dice.chance(self.site.http2_share),
        }
    }

    /// Somebody who comes often, in this share of cases, or a newcomer.
    pub fn visitor(&mut self, returning: f64) -> Who {
        if !self.known.is_empty() && self.dice.chance(returning) {
            self.dice.pick(&self.known)
        } else {
            self.newcomer()
        }
    }

    /// A machine in a data centre.
    pub fn machine(&mut self, network: u64, agent: u32) -> Who {
        Who { client: people::hosted(&mut self.dice, network), agent, is_http2: false }
    }

    /// Captured devices, each with one of these agents.
    pub fn botnet(&mut self, count: usize, agents: &[u32]) -> Vec<Who> {
        let is_http2 = self.dice.chance(0.3);
        (0..count)
            .map(|_| Who {
                client: people::captured(&mut self.dice),
                agent: self.dice.pick(agents),
                is_http2,
            })
            .collect()
    }

    /// Writes one line and returns it for what is special about it.
    pub fn ask(&mut self, at_ms: i64, who: &Who, path: u32, status: u16) -> &mut Line {
        let octets = match status {
            200 => self.dice.whole(900, 60_000) as u32,
            206 => self.dice.whole(60_000, 2_000_000) as u32,
            0 | 204 | 304 | 408 | 499 => 0,
            _ => self.dice.whole(150, 700) as u32,
        };
        self.lines.push(Line {
            at_ms,
            client: who.client,
            path,
            agent: who.agent,
            status,
            octets,
            took_ms: self.dice.wait(self.site.took_ms) as u32,
            referred: false,
            is_http2: who.is_http2,
        });
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// Lays out the log around an event of this length and fills it with ordinary traffic.
    /// Returns when the event begins.
    pub fn usual(&mut self, event_s: f64) -> i64 {
        let span_s = self.history_s + event_s + self.after_s;
        self.usual_rps = self.usual_rps.min(2.0 * USUAL_MAX / span_s);
        self.end_ms = self.start_ms + (span_s * 1_000.0) as i64;
        let known = self.dice.size(100, 3_000);
        while self.known.len() < known {
            let who = self.newcomer();
            self.known.push(who);
        }
        self.ordinary(self.start_ms, self.end_ms, self.usual_rps, self.returning);
        self.start_ms + (self.history_s * 1_000.0) as i64
    }

    /// Nothing but the event: the log has neither history nor an end in peace.
    pub fn only(&mut self, event_s: f64) -> i64 {
        self.history_s = 0.0;
        self.after_s = 0.0;
        self.usual(event_s)
    }

    /// Requests in a second of an event, as a multiple of the usual, at least 40 and no more than
    /// a log holds.
    pub fn peak(&mut self, low: f64, high: f64, event_s: f64) -> f64 {
        let least = self.dice.between(40.0, 120.0);
        let wanted = (self.usual_rps * self.dice.between(low, high)).max(least);
        wanted.min(EVENT_MAX / event_s).max((self.usual_rps * low).max(30.0))
    }

    /// Marks what must be found.
    pub fn hostile(&mut self, vector: Vector, from_ms: i64, secs: f64) {
        self.hostile = Some((vector, from_ms, from_ms + (secs * 1_000.0) as i64));
    }

    /// Puts the lines in order and cuts what lies outside of the log.
    pub fn finish(&mut self) {
        let (start_ms, end_ms) = (self.start_ms, self.end_ms);
        self.lines.retain(|line| line.at_ms >= start_ms && line.at_ms < end_ms);
        if self.fields.whole_s {
            for line in &mut self.lines {
                line.at_ms -= line.at_ms.rem_euclid(1_000);
            }
        }
        self.lines.sort_by_key(|line| line.at_ms);
        self.lines.truncate(LINES_MAX);
    }

    /// What the rules say of it.
    pub fn report(&self) -> Vec<Stretch> {
        let mut requests = Requests::new(0x5eed);
        for line in &self.lines {
            requests.take(&Request {
                at_ms: line.at_ms,
                client: Some(line.client),
                path: &self.names[line.path as usize],
                status: line.status,
                octets: Some(u64::from(line.octets)),
                has_referrer: self.fields.referrer.then_some(line.referred),
                agent: self.fields.agent.then(|| self.names[line.agent as usize].as_str()),
                is_http2: line.is_http2,
                took_ms: self.fields.took.then(|| u64::from(line.took_ms)),
                ..Request::default()
            });
        }
        requests.report()
    }
}
