//! `[[alert]]`: one rule of the configuration, and what is held against the catalogue.
//!
//! What stands in the file alone is checked as it is read, with its line. Services and components
//! are known when the catalogue is: [`strangers`] names those it does not have.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_core::alert::Escalation;
use outcry_core::alert::Occasion;
use outcry_core::alert::Rule;
use outcry_core::alert::SUBSCRIBERS;
use outcry_core::alert::To;
use outcry_core::alert::choice::About;
use outcry_core::catalog::Catalog;
use outcry_core::hypothesis::Group;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::incident::Severity;
use outcry_core::time::MINUTE_MS;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_herald::channel::Channel;
use outcry_server::choice;
use outcry_server::words::Words;
use outcry_wire::document::Table;
use outcry_wire::document::spelling::nearest;

use crate::alerts::clockwork::Hours;
use crate::alerts::config::AlertConfig;
use crate::alerts::config::read_window;

/// What people who subscribed are told, whatever incidents they chose.
pub fn of_subscribers() -> Rule {
    Rule {
        name: SUBSCRIBERS.into(),
        services: Vec::new(),
        about: About::default(),
        on: Occasion::ALL.to_vec(),
        to: vec![To::Subscribers("".into())],
        escalation: None,
    }
}

/// Reads a rule; `known` are the channels there are.
pub fn read_rule(
    table: &mut Table<'_>,
    known: &BTreeMap<String, Channel>,
) -> (Rule, Option<Hours>) {
    let name: Text = table.required_text("name").as_str().into();
    if is_taken(&name) {
        let what = format!("{name:?} is the name of what subscribers are told");
        table.mistake("name", what, "another name");
    }
    let (services, about) = (texts(table, "services"), read_about(table));
    let mut on = known_of(table, "on", "occasion", &Occasion::ALL.map(|it| (it.name(), it)));
    if on.is_empty() {
        on = Occasion::ALL.to_vec();
    }
    let to = channels(table, "channels", known);
    if to.is_empty() {
        table.mistake("name", "the rule tells nobody", "channels = [\"…\"]");
    }
    let escalate_to = channels(table, "escalate_to", known);
    let after = table.integer("escalate_after_min", 1..=1_440);
    if table.has("escalate_after_min") == escalate_to.is_empty() {
        let what = "escalate_after_min and escalate_to go together";
        table.mistake("name", what, "both: after how many minutes, and to which channels");
    }
    let escalation = after
        .filter(|_| !escalate_to.is_empty())
        .map(|minutes| Escalation { after_ms: minutes * MINUTE_MS, to: escalate_to });
    let quiet = read_window(table, "quiet_hours", "quiet_zone", Vec::new());
    let to = to.into_iter().map(To::Channel).collect();
    (Rule { name, services, about, on, to, escalation }, quiet)
}

/// Whether what was told under this name would be mixed with what subscribers were told.
fn is_taken(name: &str) -> bool {
    name.strip_prefix(SUBSCRIBERS).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn texts(table: &mut Table<'_>, key: &str) -> Vec<Text> {
    table.texts(key).iter().map(|text| text.as_str().into()).collect()
}

fn channels(table: &mut Table<'_>, key: &str, known: &BTreeMap<String, Channel>) -> Vec<Text> {
    let names = texts(table, key);
    for name in names.iter().filter(|name| !known.contains_key(&***name)) {
        let what = format!("there is no channel {name:?}");
        let instead = match nearest(name, known.keys().map(String::as_str)) {
            Some(near) => format!("{near:?}, or the name of another [[channel]]"),
            None => "the name of a [[channel]]".to_owned(),
        };
        table.mistake(key, what, instead);
    }
    names
}

/// Which incidents a rule is about.
fn read_about(table: &mut Table<'_>) -> About {
    let components = texts(table, "components");
    let mut countries = Vec::new();
    for text in table.texts("countries") {
        match Country::parse(&text).filter(Country::is_assigned) {
            Some(country) => countries.push(country),
            None => {
                let instead = match choice::country(&Words::english(), &text) {
                    Ok(country) => format!("{:?}", country.code()),
                    Err(Some(near)) => format!("two letters; is it {near}?"),
                    Err(None) => "two letters, such as \"DE\"".to_owned(),
                };
                table.mistake("countries", format!("{text:?} is no country"), instead);
            }
        }
    }
    let groups = Group::ALL.map(|group| (group.name(), group));
    let causes = known_of(table, "causes", "group of causes", &groups);
    let severities = [("warning", Severity::Warning), ("danger", Severity::Danger)];
    let severity = table.choice("severity", &severities).unwrap_or(Severity::Warning);
    About { countries, components, severity, causes }
}

/// Values of a list that have names.
fn known_of<T: Clone>(table: &mut Table<'_>, key: &str, noun: &str, known: &[(&str, T)]) -> Vec<T> {
    let mut found = Vec::new();
    for text in table.texts(key) {
        match known.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => found.push(value.clone()),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                // A cause is often written where its group is meant.
                let group = Hypothesis::parse(&text).map(|cause| cause.group().name());
                let near = group.filter(|it| names.contains(it));
                let near = near.or_else(|| nearest(&text, names.iter().copied()));
                let all = names.join(", ");
                let instead = match near {
                    Some(near) => format!("{near:?}; there are {all}"),
                    None => all,
                };
                table.mistake(key, format!("{text:?} is no {noun}"), instead);
            }
        }
    }
    found
}

/// What rules and maintenance name that the catalogue does not have, each with the nearest it has.
pub fn strangers(alerts: &AlertConfig, catalog: &Catalog) -> Vec<String> {
    let mut strange = Vec::new();
    let slugs = || catalog.services.keys().map(|slug| &**slug);
    for rule in &alerts.rules {
        let place = format!("the [[alert]] {:?}", &*rule.name);
        strange.extend(unknown(&place, "service", &rule.services, slugs));
        let of = catalog.services.values();
        let of = of.filter(|it| rule.services.is_empty() || rule.services.contains(&it.slug));
        let components: BTreeSet<&str> = of.flat_map(|it| &it.components).map(|it| &**it).collect();
        // Where no service is known, that is the mistake.
        if !components.is_empty() {
            let known = || components.iter().copied();
            strange.extend(unknown(&place, "component", &rule.about.components, known));
        }
    }
    for (services, _) in &alerts.maintenance {
        strange.extend(unknown("a [[maintenance]]", "service", services, slugs));
    }
    strange
}

fn unknown<'a, I: Iterator<Item = &'a str>>(
    place: &str,
    noun: &str,
    names: &[Text],
    known: impl Fn() -> I,
) -> Vec<String> {
    let strange = names.iter().filter(|name| !known().any(|known| *known == ***name));
    strange
        .map(|name| {
            let near = nearest(name, known());
            let near = near.map_or(String::new(), |near| format!("; write {near:?}"));
            format!("{place} names the {noun} {name:?}, which the catalogue does not have{near}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use outcry_wire::document;

    use super::*;
    use crate::alerts::config;

    const CHANNEL: &str = "[[channel]]\nname = \"ops\"\nkind = \"ntfy\"\nurl = \"https://n.example\"\n\
         to = [\"t\"]\n";

    fn read(text: &str) -> Result<AlertConfig, Vec<String>> {
        let text = format!("{CHANNEL}{text}");
        let read = document::read("o.toml", &text, |table| {
            let mut alerts = AlertConfig::default();
            config::read(table, &mut alerts);
            alerts
        });
        read.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    fn rule(rest: &str) -> String {
        format!("[[alert]]\nname = \"all\"\nchannels = [\"ops\"]\n{rest}\n")
    }

    #[test]
    fn each_mistake_names_the_nearest_that_is_known() {
        for (rest, want) in [
            ("countries = [\"Germany\"]", "\"DE\""),
            ("countries = [\"Germny\"]", "Germany (DE)"),
            ("countries = [\"UK\"]", "\"GB\""),
            ("countries = [\"Turkey\"]", "\"TR\""),
            ("countries = [\"Atlantis\"]", "two letters"),
            ("causes = [\"outsde\"]", "\"outside\""),
            ("causes = [\"bad_change\"]", "\"internal\""),
            ("on = [\"resolve\"]", "\"resolved\""),
            ("escalate_after_min = 5\nescalate_to = [\"op\"]", "\"ops\""),
        ] {
            let mistakes = read(&rule(rest)).expect_err(rest);
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert!(mistakes[0].contains(want), "{rest}: {mistakes:?}");
        }
    }

    #[test]
    fn two_of_one_name_are_a_mistake() {
        let mistakes = read(&(rule("") + &rule(""))).expect_err("two rules");
        assert!(mistakes[0].contains("two [[alert]] named \"all\""), "{mistakes:?}");
        let mistakes = read(&(CHANNEL.to_owned() + &rule(""))).expect_err("two channels");
        assert!(mistakes[0].contains("two [[channel]] named \"ops\""), "{mistakes:?}");
        let mistakes = read(&rule("").replace("\"all\"", "\"subscribers\"")).expect_err("taken");
        assert!(mistakes[0].contains("subscribers"), "{mistakes:?}");
    }

    #[test]
    fn who_is_told_when_nobody_acknowledges_comes_with_when() {
        for rest in ["escalate_after_min = 5", "escalate_to = [\"ops\"]"] {
            let mistakes = read(&rule(rest)).expect_err(rest);
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert!(mistakes[0].contains("go together"), "{mistakes:?}");
        }
        let both = "escalate_after_min = 5\nescalate_to = [\"ops\"]";
        let escalation = read(&rule(both)).expect("both").rules[0].escalation.clone();
        assert_eq!(escalation, Some(Escalation { after_ms: 300_000, to: vec!["ops".into()] }));
    }

    #[test]
    fn what_the_catalogue_does_not_have_is_a_mistake() {
        let catalog = crate::data::catalog(None).expect("the built-in one");
        let strangers = |text: &str| strangers(&read(text).expect("well written"), &catalog);
        let good = "services = [\"x\"]\ncomponents = [\"mobile_app\"]";
        assert_eq!(strangers(&rule(good)), [""; 0]);
        for (text, want) in [
            (rule("services = [\"youtub\"]"), vec!["\"youtub\"", "write \"youtube\""]),
            (rule("components = [\"mobile_ap\"]"), vec!["component", "write \"mobile_app\""]),
            (rule("services = [\"x\"]\ncomponents = [\"atm\"]"), vec!["component \"atm\""]),
            (
                "[[maintenance]]\nservices = [\"youtub\"]\nhours = \"02:00-04:00\"\n".into(),
                vec!["[[maintenance]]", "write \"youtube\""],
            ),
        ] {
            let strange = strangers(&text);
            assert_eq!(strange.len(), 1, "{text}: {strange:?}");
            for part in want {
                assert!(strange[0].contains(part), "{part}: {strange:?}");
            }
        }
    }
}
