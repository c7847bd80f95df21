//! Is it down? What the state of a service means, in words that claim no more than reports and
//! probes hold.

use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::shape::Probes;
use crate::ask::shape::Service;
use crate::ask::shape::State;

/// Whether a service is in trouble.
#[derive(Clone, Debug, Serialize)]
pub struct Down {
    /// How it is.
    pub state: State,
    /// Whether an incident is open.
    pub trouble: bool,
    /// Counted reports of 15 minutes over what is usual; null while nobody knows what is.
    pub times_usual: Option<f64>,
    /// Counted reports of 15 minutes.
    pub counted_15min: u64,
    /// What is usual in 15 minutes.
    pub usual_15min: Option<f64>,
    /// People who say that it works for them.
    pub works_15min: u64,
    /// What vantage points see, if any looked.
    pub probes: Option<Probes>,
    #[serde(skip)]
    name: String,
}

impl Down {
    /// Of a service.
    pub fn of(service: &Service) -> Self {
        Self {
            state: service.state,
            trouble: service.state.is_trouble(),
            times_usual: service.times_usual,
            counted_15min: service.counted_15min,
            usual_15min: service.usual_15min,
            works_15min: service.works_15min,
            probes: service.probes.clone(),
            name: service.name.clone(),
        }
    }

    /// The answer in one sentence.
    pub fn headline(&self) -> String {
        let name = &self.name;
        match self.state {
            State::Danger => format!("{name} is in grave trouble."),
            State::Warning => format!("{name} is in trouble."),
            State::Usual => format!("No trouble is seen at {name}. Silence is not health."),
            State::Unknown => {
                format!("Nobody knows yet: {name} has been watched for less than a day.")
            }
        }
    }

    /// What it rests on.
    pub fn lines(&self, words: &Words) -> Vec<String> {
        let counted = words.count(self.counted_15min);
        let reports = if self.counted_15min == 1 { "report" } else { "reports" };
        let mut text = format!("{counted} {reports} of problems in 15 minutes");
        match (self.usual_15min, self.times_usual) {
            (Some(usual), Some(times)) if times >= 1.5 => text.push_str(&format!(
                ", {} times the usual {}",
                words.multiple(times),
                words.level(usual)
            )),
            (Some(usual), _) => {
                text.push_str(&format!("; {} are usual at this hour", words.level(usual)));
            }
            _ => text.push_str("; what is usual is not known yet"),
        }
        if self.works_15min > 0 {
            text.push_str(&format!(". {} say that it works", words.count(self.works_15min)));
        }
        text.push('.');
        let mut lines = vec![text];
        if let Some(probes) = &self.probes {
            let (failing, asked) = (probes.failing, probes.asked);
            lines.push(match (failing, asked) {
                (_, 0) => "Our probes have seen nothing lately.".to_owned(),
                (0, asked) => format!("Our probes pass from all {asked} places that looked."),
                _ => format!("Our probes fail from {failing} of {asked} places."),
            });
        }
        lines
    }
}
