//! Since when? The incident that is open, or the last one of the day.

use outcry_core::time::UnixMillis;
use outcry_server::words::Words;
use serde::Serialize;

use crate::ask::freshness::moment;
use crate::ask::shape::Incident;
use crate::ask::shape::Service;

/// When an incident opened and closed.
#[derive(Clone, Debug, Serialize)]
pub struct Since {
    /// Its id.
    pub incident: String,
    /// When it opened.
    pub opened_at: String,
    /// When it closed; null while it is open.
    pub closed_at: Option<String>,
    /// How long it has been open, or was.
    pub lasts_s: Option<i64>,
    /// Surges of reports so far.
    pub surges: usize,
    /// When the newest of them opened.
    pub surge_opened_at: Option<String>,
    /// When the newest of them closed; null while it is open.
    pub surge_closed_at: Option<String>,
    /// Reports that count, over all its surges.
    pub reports_counted: u64,
}

impl Since {
    /// Of a service; none when nothing was open within a day.
    pub fn of(service: &Service) -> Option<Self> {
        service.incident.as_ref().map(|incident| Self::new(incident, &service.as_of))
    }

    fn new(incident: &Incident, as_of: &str) -> Self {
        let until = incident.closed_at.as_deref().unwrap_or(as_of);
        let lasts_ms =
            || Some(UnixMillis::parse(until)?.0 - UnixMillis::parse(&incident.opened_at)?.0);
        Self {
            incident: incident.id.clone(),
            opened_at: incident.opened_at.clone(),
            closed_at: incident.closed_at.clone(),
            lasts_s: lasts_ms().map(|ms| ms.max(0) / 1_000),
            surges: incident.surges.len(),
            surge_opened_at: incident.surges.last().map(|surge| surge.opened_at.clone()),
            surge_closed_at: incident.surges.last().and_then(|surge| surge.closed_at.clone()),
            reports_counted: incident.reports_counted,
        }
    }

    /// In a sentence or two.
    pub fn lines(&self, words: &Words) -> Vec<String> {
        let span = self.lasts_s.map(|s| words.span(s * 1_000)).unwrap_or_default();
        let opened = moment(&self.opened_at);
        let mut lines = vec![match &self.closed_at {
            None => format!("Since {opened}, for {span}."),
            Some(closed) => {
                format!(
                    "Not now. The last trouble was from {opened} to {}, {span}.",
                    moment(closed)
                )
            }
        }];
        if let (true, Some(opened)) = (self.surges > 1, &self.surge_opened_at) {
            lines.push(match &self.surge_closed_at {
                None => format!("The newest surge of reports began {}.", moment(opened)),
                Some(closed) => format!("The newest surge of reports ended {}.", moment(closed)),
            });
        }
        if self.surges > 0 {
            let surges = if self.surges == 1 { "surge" } else { "surges" };
            lines.push(format!(
                "{} {surges} with {} reports that count. Reports are not users.",
                self.surges,
                words.count(self.reports_counted)
            ));
        }
        lines
    }
}
