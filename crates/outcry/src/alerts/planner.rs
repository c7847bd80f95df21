//! The planner: holds what the engine decided against the rules, in the thread that stores it.
//!
//! What was told is kept here and stored in the batch of the incident it is about. After a crash
//! both go back to the same point, and the plan comes out the same, with the same ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use outcry_core::alert::Condition;
use outcry_core::alert::Kind;
use outcry_core::alert::Message;
use outcry_core::alert::Rule;
use outcry_core::alert::SUBSCRIBERS;
use outcry_core::alert::State;
use outcry_core::alert::Story;
use outcry_core::alert::To;
use outcry_core::alert::Weighed;
use outcry_core::alert::choice::Moments;
use outcry_core::alert::plan::plan;
use outcry_core::catalog::Catalog;
use outcry_core::engine::Action;
use outcry_core::signal::said::OperatorAct;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_server::contract::Clock;
use outcry_server::words::Words;
use outcry_store::StoreError;
use outcry_store::alerts::Alerts;
use outcry_store::alerts::Condition as Stored;
use outcry_store::alerts::NewMessage;
use outcry_store::alerts::Receiver;
use outcry_store::sqlite::outbox::Outbox;
use outcry_wire::alert::about::read_about;
use outcry_wire::alert::read_state;
use outcry_wire::alert::write_state;
use outcry_wire::likelihood;

use crate::alerts::InForce;
use crate::alerts::people::number_for;
use crate::alerts::told;

/// The act of saying that somebody looks at an incident.
pub const ACKNOWLEDGED: &str = "alert_acknowledged";
/// The act of saying that nobody looks at an incident any more.
pub const UNACKNOWLEDGED: &str = "alert_unacknowledged";
/// The act of silencing a service; its subject is `SERVICE#UNTIL`, in milliseconds since 1970.
pub const SILENCED: &str = "alert_silenced";

/// Plans what is told.
pub struct Planner {
    in_force: InForce,
    /// To read what subscribers chose; never written through.
    outbox: Outbox,
    states: BTreeMap<Text, State>,
    silences: BTreeMap<Text, UnixMillis>,
    catalog: Arc<Catalog>,
    words: Words,
    clock: Arc<dyn Clock>,
    public_url: String,
}

impl Planner {
    /// Goes on where the database stands.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn new(
        in_force: InForce,
        outbox: Outbox,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        public_url: &str,
    ) -> Result<Self, StoreError> {
        let mut states = BTreeMap::new();
        for (service, body) in outbox.states()? {
            match read_state(&body) {
                Ok(state) => drop(states.insert(service.as_str().into(), state)),
                // Told once more rather than never.
                Err(error) => tracing::warn!(%error, service, "what was told is not known"),
            }
        }
        let silences = outbox.silences(clock.now())?;
        let silences = silences.into_iter().map(|it| (it.service.into(), it.until));
        Ok(Self {
            in_force,
            outbox,
            states,
            silences: silences.collect(),
            catalog,
            words: Words::english(),
            clock,
            public_url: public_url.to_owned(),
        })
    }

    /// Adds what is to be told of these actions. An incident and the case file after it are one
    /// story; one without was not weighed anew.
    pub fn plan(&mut self, actions: &[Action], alerts: &mut Alerts) {
        let config = self.in_force.load_full();
        if config.rules.is_empty() {
            return;
        }
        for (at, action) in actions.iter().enumerate() {
            let Action::Incident(_, incident) = action else { continue };
            let story = match actions.get(at + 1) {
                Some(Action::Case(case)) if case.incident.id == incident.id => {
                    Story::of_case(case, likelihood::built_in())
                }
                _ => Story { incident: incident.clone(), as_of: self.clock.now(), weighed: None },
            };
            self.plan_story(&story, alerts);
        }
    }

    fn plan_story(&mut self, story: &Story, alerts: &mut Alerts) {
        let config = self.in_force.load_full();
        let (service, now) = (&story.incident.service, self.clock.now());
        let mut moment = config.moment(service, story.as_of, now);
        let silent = [&**service, ""].into_iter().filter_map(|it| self.silences.get(it)).max();
        moment.muted_until = moment.muted_until.max(silent.copied());
        let mut state = self.states.remove(service).unwrap_or_default();
        let before = state.clone();
        let mut messages = plan(story, &config.rules, &mut state, &moment);
        match narrowed(&config.rules, &self.outbox, service) {
            Ok(rules) => {
                messages.extend(plan(story, &rules, &mut state, &moment));
                forget_others(&rules, &mut state);
            }
            // Nothing is noted as told, so the next story tells it.
            Err(error) => tracing::error!(%error, "what subscribers chose is not known"),
        }
        if state != before {
            alerts.states.retain(|(other, _)| other != service);
            alerts.states.push((service.clone(), write_state(&state)));
        }
        for message in messages {
            let weighed = weighed_of(&state, &message, story);
            let channel = config.subscribers.clone();
            self.put(message, story, &weighed, channel, alerts);
        }
        self.states.insert(service.clone(), state);
    }

    /// Puts a message into the batch, with what it says.
    fn put(
        &self,
        message: Message,
        story: &Story,
        weighed: &Weighed,
        subscribers: Text,
        alerts: &mut Alerts,
    ) {
        let incident = &story.incident;
        let about = match &message.to {
            To::Subscribers(about) => &**about,
            To::Channel(_) => "",
        };
        let kind = message.kind;
        let name = format!("{}/{}/{}", incident.id.0, incident.revision, kind.name());
        let name = if about.is_empty() { name } else { format!("{name}/{about}") };
        if !alerts.stories.iter().any(|(known, _)| *known == name) {
            let service = self.catalog.service(&incident.service);
            let called = service.map_or(&*incident.service, |service| &*service.name);
            let site = (called, self.public_url.as_str());
            let mut letter = told::letter(&self.words, story, weighed, kind, site);
            let chosen = read_about(about).and_then(|about| told::chosen(&self.words, &about));
            letter.lines.extend(chosen);
            let body = serde_json::to_string(&letter).expect("plain fields have a form");
            alerts.stories.push((name.clone(), body));
        }
        let made_at = self.clock.now();
        alerts.messages.push(NewMessage {
            id: message.id(),
            incident: message.incident.0.clone(),
            service: incident.service.clone(),
            story: name,
            to: match message.to {
                To::Channel(channel) => Receiver::Channel(channel),
                To::Subscribers(about) => {
                    let moments = heard_by(kind);
                    Receiver::Subscribers { channel: subscribers, about, moments }
                }
            },
            kind: message.kind.name(),
            made_at,
            not_before: message.not_before.unwrap_or(made_at),
            condition: match message.condition {
                Condition::Always => Stored::Always,
                Condition::UnlessAcknowledged => Stored::UnlessAcknowledged,
                Condition::IfTold => Stored::IfTold,
            },
        });
    }

    /// Notes an operator's act, if it is about alerts.
    pub fn note(&mut self, act: &OperatorAct, at: UnixMillis, alerts: &mut Alerts) {
        match &*act.act {
            ACKNOWLEDGED => {
                alerts.acknowledged.push((act.subject.clone(), at, act.actor.clone()));
            }
            UNACKNOWLEDGED => alerts.unacknowledged.push((act.subject.clone(), at)),
            SILENCED => {
                let Some((service, until)) = act.subject.rsplit_once('#') else { return };
                let Ok(until) = until.parse().map(UnixMillis) else { return };
                let service: Text = service.into();
                self.silences.insert(service.clone(), until);
                alerts.silenced.push((service, until, act.actor.clone()));
            }
            _ => {}
        }
    }
}

/// A rule for each choice of incidents that subscribers of the service made: each remembers what it
/// told, as every rule does.
fn narrowed(rules: &[Rule], outbox: &Outbox, service: &str) -> Result<Vec<Rule>, StoreError> {
    let Some(base) = rules.iter().find(|rule| &*rule.name == SUBSCRIBERS) else {
        return Ok(Vec::new());
    };
    let rule = |text: String| {
        let Some(about) = read_about(&text) else {
            tracing::error!(text, service, "a subscriber's choice cannot be read");
            return None;
        };
        let name = format!("{SUBSCRIBERS} {text}");
        let to = vec![To::Subscribers(text.into())];
        Some(Rule { name: name.into(), about, to, ..base.clone() })
    };
    Ok(outbox.abouts(service)?.into_iter().filter_map(rule).collect())
}

/// What was told for a choice that nobody has any more is not kept.
fn forget_others(rules: &[Rule], state: &mut State) {
    state.rules.retain(|name, _| {
        let is_choice = name.strip_prefix(SUBSCRIBERS).is_some_and(|it| it.starts_with(' '));
        !is_choice || rules.iter().any(|rule| rule.name == *name)
    });
}

/// The moments of which this is one, as bits.
fn heard_by(kind: Kind) -> u8 {
    let heard = Moments::ALL.into_iter().filter(|moments| kind.is_for(moments.on()));
    heard.map(|moments| 1 << number_for(moments)).sum()
}

/// What the page says about why, as the rule of the message knows it.
fn weighed_of(state: &State, message: &Message, story: &Story) -> Weighed {
    let rule = state.rules.get(&message.rule);
    let told = rule.and_then(|rule| {
        rule.told.iter().find(|(id, _)| *id == story.incident.id).map(|(_, told)| told)
    });
    told.map(|told| told.weighed.clone()).unwrap_or_default()
}
