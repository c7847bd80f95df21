//! The shape of Statuspage v2, over all services and for each one.
//!
//! Over all, the components are the services; of one service, they are what it lists. What is shown
//! is what is seen from outside: the words are ours and not the provider's.
//!
//! # What it cannot tell
//!
//! Maintenance that a provider plans: the lists of it are empty. That a service works while nobody
//! can know yet: it is left out of the components then.
//!
//! Reference: <https://developer.statuspage.io>, and the fixtures of GitHub's page.

use outcry_core::catalog::Service;
use outcry_core::incident::Incident;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::time::DAY_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use serde_json::Value;
use serde_json::json;

use crate::contract::Which;
use crate::limit::STATUSPAGE_INCIDENTS_MAX;
use crate::problem::Problem;
use crate::site::Site;
use crate::summary::Summary;

/// Days in a week.
const WEEK_MS: f64 = 7.0 * DAY_MS as f64;

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    Summary,
    /// The indicator.
    Status,
    /// The components.
    Components,
    /// The latest incidents.
    Incidents,
    /// Those that are open.
    Unresolved,
    /// Planned maintenance: always none.
    Planned,
}

/// How a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Condition {
    Operational,
    Degraded,
    Partial,
    Major,
}

impl Condition {
    fn of(severity: Severity, scope: Option<&Scope>) -> Self {
        match (severity, scope) {
            (Severity::Danger, None | Some(Scope::Everywhere)) => Self::Major,
            (Severity::Danger, Some(_)) => Self::Partial,
            (Severity::Warning, _) => Self::Degraded,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::Degraded => "degraded_performance",
            Self::Partial => "partial_outage",
            Self::Major => "major_outage",
        }
    }

    fn indicator(self) -> &'static str {
        match self {
            Self::Operational => "none",
            Self::Degraded => "minor",
            Self::Partial => "major",
            Self::Major => "critical",
        }
    }
}

/// A page in this shape, before its incidents.
pub struct StatusPage<'a> {
    site: &'a Site,
    id: String,
    name: String,
    path: String,
    service: Option<Text>,
    as_of: UnixMillis,
    condition: Condition,
    /// Whether what is usual is known of anything here.
    is_known: bool,
    components: Vec<Value>,
}

impl<'a> StatusPage<'a> {
    /// Over all services.
    pub fn of_all(site: &'a Site, as_of: UnixMillis, all: &[Summary]) -> Self {
        let page = "outcry";
        let known = all.iter().filter(|it| it.knows_usual || it.open().is_some());
        let mut worst = Condition::Operational;
        let mut components = Vec::new();
        for (index, summary) in known.enumerate() {
            let open = summary.open();
            let condition = open.map_or(Condition::Operational, |open| {
                Condition::of(open.severity, Some(&open.scope))
            });
            worst = worst.max(condition.min(Condition::Partial));
            let named = Named { id: &summary.slug, name: summary.name.to_string() };
            let since = watched_since(as_of, summary.weeks_learnt);
            let changed = summary.trouble.as_ref().map(|it| it.closed_at.unwrap_or(it.opened_at));
            let times = (since, changed.unwrap_or(since));
            components.push(component(page, index, &named, condition, times));
        }
        Self {
            site,
            id: page.into(),
            name: site.words.say("brand"),
            path: String::new(),
            service: None,
            as_of,
            condition: worst,
            is_known: !components.is_empty(),
            components,
        }
    }

    /// One service.
    pub fn of_service(site: &'a Site, service: &Service, snapshot: &ServiceSnapshot) -> Self {
        let as_of = snapshot.as_of;
        let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
        let condition = open.map_or(Condition::Operational, |incident| {
            Condition::of(incident.severity, Some(&incident.scope))
        });
        let since = watched_since(as_of, snapshot.weeks_learnt);
        let changed = snapshot.incident.as_ref().map(|it| it.closed_at.unwrap_or(it.opened_at));
        let changed = changed.unwrap_or(since);
        let known = snapshot.knows_usual() || open.is_some();
        let components = service.components.iter().filter(|_| known).enumerate();
        let components = components.map(|(index, name)| {
            // Only components that people, or probes, say something about are told to be affected.
            let affected = open.is_some_and(|incident| concerns(incident, name));
            let condition = if affected { condition } else { Condition::Operational };
            let named = Named {
                id: &format!("{}.{name}", service.slug),
                name: site.words.term("component", name),
            };
            component(&service.slug, index, &named, condition, (since, changed))
        });
        Self {
            components: components.collect(),
            site,
            id: service.slug.to_string(),
            name: service.name.to_string(),
            path: format!("/s/{}", service.slug),
            service: Some(service.slug.clone()),
            as_of,
            condition,
            is_known: known,
        }
    }

    /// One part of it.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn part(&self, part: Part) -> Result<Value, Problem> {
        let page = json!({
            "id": self.id, "name": self.name, "url": format!("{}{}", self.site.url(), self.path),
            "time_zone": "Etc/UTC", "updated_at": millis(self.as_of.minute().start()),
        });
        let mut body = json!({ "page": page });
        if matches!(part, Part::Summary | Part::Status) {
            let id = match self.is_known {
                true => format!("statuspage-{}", self.condition.indicator()),
                // The shape has no indicator for it.
                false => "statuspage-unknown".to_owned(),
            };
            body["status"] = json!({
                "indicator": self.condition.indicator(), "description": self.site.words.say(&id),
            });
        }
        if matches!(part, Part::Summary | Part::Components) {
            body["components"] = self.components.clone().into();
        }
        if matches!(part, Part::Summary | Part::Incidents | Part::Unresolved) {
            body["incidents"] = self.incidents(part != Part::Incidents)?.into();
        }
        if matches!(part, Part::Summary | Part::Planned) {
            body["scheduled_maintenances"] = json!([]);
        }
        Ok(body)
    }

    fn incidents(&self, open: bool) -> Result<Vec<Value>, Problem> {
        let which = Which { service: self.service.clone(), open, before: None };
        let list = self.site.records.incidents(&which, STATUSPAGE_INCIDENTS_MAX);
        let list = list.map_err(|_| Problem::Unavailable)?;
        Ok(list.iter().map(|incident| self.incident(incident)).collect())
    }

    fn incident(&self, incident: &Incident) -> Value {
        let id = &*incident.id.0;
        let catalog = self.site.records.catalog();
        let name = catalog.service(&incident.service).map_or(&incident.service, |it| &it.name);
        let words = &self.site.words;
        let text = |id: &str| words.with(id, &[("name", name.to_string().into())]);
        let affected: Vec<&Value> =
            self.components.iter().filter(|it| self.is_of(it, incident)).collect();
        let condition = Condition::of(incident.severity, Some(&incident.scope));
        let codes = |from: Condition, to: Condition| -> Vec<Value> {
            let code = |it: &&Value| {
                json!({
                    "code": it["id"], "name": it["name"], "old_status": from.name(),
                    "new_status": to.name(),
                })
            };
            affected.iter().map(code).collect()
        };
        let update = |n: u32, status: &str, at: UnixMillis, body: String, codes: Vec<Value>| {
            json!({
                "id": format!("{id}-{n}"), "status": status, "body": body, "incident_id": id,
                "created_at": millis(at), "updated_at": millis(at), "display_at": millis(at),
                "affected_components": codes, "deliver_notifications": false,
                "custom_tweet": null, "tweet_id": null,
            })
        };
        let fine = Condition::Operational;
        let opened = incident.opened_at;
        let body = text(body_of(incident));
        let mut updates = vec![update(1, "investigating", opened, body, codes(fine, condition))];
        if let Some(closed) = incident.closed_at {
            let body = text("statuspage-resolved");
            updates.insert(0, update(2, "resolved", closed, body, codes(condition, fine)));
        }
        json!({
            "id": id, "name": text("statuspage-incident"),
            "status": if incident.is_open() { "investigating" } else { "resolved" },
            "created_at": millis(opened), "started_at": millis(opened),
            "updated_at": millis(incident.last_news()), "monitoring_at": null,
            "resolved_at": incident.closed_at.map(millis), "impact": condition.indicator(),
            "shortlink": format!("{}/i/{id}", self.site.url()), "page_id": self.id,
            "incident_updates": updates, "components": affected,
        })
    }

    /// Whether a component of this page is what an incident is about.
    fn is_of(&self, component: &Value, incident: &Incident) -> bool {
        let id = component["id"].as_str().unwrap_or("");
        match id.split_once('.') {
            Some((_, name)) => concerns(incident, name),
            None => id == &*incident.service,
        }
    }
}

/// Whether reports of an incident mostly name a component, or a probe of it fails.
fn concerns(incident: &Incident, name: &str) -> bool {
    let shares = &incident.components;
    let told = shares.iter().any(|it| &*it.name == name && it.share >= AFFECTED_SHARE_MIN);
    let probed = |component: &Option<Text>| component.as_deref() == Some(name);
    told || incident.outages.iter().any(|outage| probed(&outage.component))
}

/// A component that fewer of the reports name is not told to be affected.
const AFFECTED_SHARE_MIN: f64 = 0.1;

struct Named<'a> {
    id: &'a str,
    name: String,
}

fn component(
    page: &str,
    index: usize,
    named: &Named<'_>,
    condition: Condition,
    (since, changed): (UnixMillis, UnixMillis),
) -> Value {
    json!({
        "id": named.id, "name": named.name, "status": condition.name(),
        "created_at": millis(since), "updated_at": millis(changed), "position": index + 1,
        "description": null, "showcase": false, "start_date": since.date(), "group_id": null,
        "page_id": page, "group": false, "only_show_if_degraded": false,
    })
}

/// The day since which a service has been watched, as far as what was learnt tells.
fn watched_since(as_of: UnixMillis, weeks: f64) -> UnixMillis {
    let watched_ms = (weeks.clamp(0.0, 5_000.0) * WEEK_MS) as i64;
    UnixMillis(as_of.plus_ms(-watched_ms).0.div_euclid(DAY_MS) * DAY_MS)
}

fn body_of(incident: &Incident) -> &'static str {
    match (incident.surges.is_empty(), incident.outages.is_empty()) {
        (true, _) => "statuspage-by-probes",
        (false, true) => "statuspage-by-reports",
        (false, false) => "statuspage-by-both",
    }
}

/// With milliseconds always, as Statuspage writes times.
fn millis(at: UnixMillis) -> String {
    let text = at.to_string();
    match text.split_once('.') {
        Some(_) => text,
        None => format!("{}.000Z", text.trim_end_matches('Z')),
    }
}
