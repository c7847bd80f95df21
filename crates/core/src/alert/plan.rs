//! The plan: which messages a change of an incident gives.

use crate::alert::Condition;
use crate::alert::FLAP_WITHIN_MS;
use crate::alert::FLIPS_MAX;
use crate::alert::Kind;
use crate::alert::Message;
use crate::alert::Moment;
use crate::alert::REMEMBERED_MAX;
use crate::alert::Rule;
use crate::alert::RuleState;
use crate::alert::State;
use crate::alert::Story;
use crate::alert::To;
use crate::alert::Told;
use crate::alert::Weighed;
use crate::incident::Incident;
use crate::incident::IncidentId;
use crate::incident::Severity;
use crate::time::UnixMillis;

/// Says which messages follow from a story, and notes in `state` what was told.
///
/// `state` is that of the story's service. Where nothing is told, it stays as it is: a story may be
/// planned any number of times.
pub fn plan(story: &Story, rules: &[Rule], state: &mut State, moment: &Moment) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for rule in rules.iter().filter(|rule| is_of_service(rule, &story.incident)) {
        let mut known = state.rules.remove(&rule.name).unwrap_or_default();
        for message in plan_rule(story, rule, &mut known, moment) {
            // Two rules may name the same receiver: it is told once.
            let is_same = |other: &Message| other.id() == message.id() && other.to == message.to;
            if !messages.iter().any(is_same) {
                messages.push(message);
            }
        }
        if known != RuleState::default() {
            state.rules.insert(rule.name.clone(), known);
        }
    }
    messages
}

fn plan_rule(story: &Story, rule: &Rule, known: &mut RuleState, moment: &Moment) -> Vec<Message> {
    let told = known.told.iter().find(|(id, _)| *id == story.incident.id).map(|(_, told)| told);
    let weighed = weighed_of(story, told);
    let kind = match told {
        Some(told) => news(story, told, &weighed),
        None => first(story, rule, &weighed, moment),
    };
    let Some(kind) = kind else { return Vec::new() };
    note(known, story, weighed);
    let mut messages = match kind {
        Kind::Opened | Kind::Reopened | Kind::Resolved => {
            flip(kind, story, rule, known, moment.now)
        }
        kind => to_all(kind, story, rule),
    };
    for message in &mut messages {
        hold_in_quiet_hours(message, story, moment);
    }
    messages
}

/// Whether an incident of which nothing was told is told of now.
fn first(story: &Story, rule: &Rule, weighed: &Weighed, moment: &Moment) -> Option<Kind> {
    let is_muted = moment.muted_until.is_some_and(|until| moment.now < until);
    let is_news = story.incident.is_open() && !is_muted && moment.now >= moment.fresh_from;
    (is_news && rule.about.covers(&story.incident, weighed)).then_some(Kind::Opened)
}

/// What differs most from what was told.
fn news(story: &Story, told: &Told, weighed: &Weighed) -> Option<Kind> {
    let incident = &story.incident;
    if incident.revision <= told.revision {
        return None;
    }
    match (told.open, incident.is_open()) {
        (true, false) => return Some(Kind::Resolved),
        (false, true) => return Some(Kind::Reopened),
        _ => {}
    }
    if incident.severity > told.severity {
        return Some(Kind::Worse);
    }
    if weighed.cause != told.weighed.cause {
        return Some(Kind::Cause);
    }
    let ruled = |(claim, rulings)| told.weighed.ruled.get(claim) != Some(rulings);
    weighed.ruled.iter().any(ruled).then_some(Kind::Claim)
}

/// What is said about why; what was said stands where the evidence was not weighed again.
fn weighed_of(story: &Story, told: Option<&Told>) -> Weighed {
    let before = || told.map(|told| told.weighed.clone()).unwrap_or_default();
    story.weighed.clone().unwrap_or_else(before)
}

fn note(known: &mut RuleState, story: &Story, weighed: Weighed) {
    let incident = &story.incident;
    let told = Told {
        revision: incident.revision,
        open: incident.is_open(),
        severity: incident.severity,
        weighed,
    };
    match known.told.iter_mut().find(|(id, _)| *id == incident.id) {
        Some((_, before)) => *before = told,
        None => known.told.push((incident.id.clone(), told)),
    }
    if known.told.len() > REMEMBERED_MAX {
        known.told.remove(0);
    }
}

/// An opening or a closing: told, or damped when there are many.
fn flip(
    kind: Kind,
    story: &Story,
    rule: &Rule,
    known: &mut RuleState,
    now: UnixMillis,
) -> Vec<Message> {
    known.flips.retain(|at| now.since_ms(*at) < FLAP_WITHIN_MS);
    if known.flips.is_empty() {
        known.flapping = None;
    }
    known.flips.push(now);
    if known.flips.len() > FLIPS_MAX {
        known.flips.remove(0);
    }
    let settled = |(incident, revision): &(IncidentId, u32)| {
        let mut messages = to_all(Kind::Settled, story, rule);
        for message in &mut messages {
            message.incident = incident.clone();
            message.revision = *revision;
            message.not_before = Some(now.plus_ms(FLAP_WITHIN_MS));
        }
        messages
    };
    if let Some(began) = &known.flapping {
        return settled(began);
    }
    if known.flips.len() == FLIPS_MAX {
        let began = (story.incident.id.clone(), story.incident.revision);
        let mut messages = to_all(Kind::Flapping, story, rule);
        messages.extend(settled(&began));
        known.flapping = Some(began);
        return messages;
    }
    let mut messages = to_all(kind, story, rule);
    if let Some(escalation) = &rule.escalation {
        messages.extend(escalation.to.iter().map(|channel| {
            let to = To::Channel(channel.clone());
            match kind {
                Kind::Resolved => {
                    Message { condition: Condition::IfTold, ..message(kind, story, rule, to) }
                }
                _ => Message {
                    not_before: Some(now.plus_ms(escalation.after_ms)),
                    condition: Condition::UnlessAcknowledged,
                    ..message(Kind::Escalated, story, rule, to)
                },
            }
        }));
    }
    messages
}

/// One message to each receiver of the rule, if it wants to be told this.
fn to_all(kind: Kind, story: &Story, rule: &Rule) -> Vec<Message> {
    let to = rule.to.iter().filter(|_| kind.is_for(&rule.on));
    to.map(|to| message(kind, story, rule, to.clone())).collect()
}

fn message(kind: Kind, story: &Story, rule: &Rule, to: To) -> Message {
    Message {
        incident: story.incident.id.clone(),
        revision: story.incident.revision,
        rule: rule.name.clone(),
        to,
        kind,
        not_before: None,
        condition: Condition::Always,
    }
}

/// In quiet hours only what is `danger` and begins is told at once.
fn hold_in_quiet_hours(message: &mut Message, story: &Story, moment: &Moment) {
    let Some(until) = moment.quiet_until.get(&message.rule) else { return };
    let begins =
        matches!(message.kind, Kind::Opened | Kind::Reopened | Kind::Worse | Kind::Escalated);
    if story.incident.severity == Severity::Danger && begins {
        return;
    }
    message.not_before = Some(message.not_before.map_or(*until, |at| at.max(*until)));
}

fn is_of_service(rule: &Rule, incident: &Incident) -> bool {
    rule.services.is_empty() || rule.services.contains(&incident.service)
}
