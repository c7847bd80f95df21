//! The written form of which incidents somebody chose: `countries=DE,FR severity=danger`, and
//! nothing for all of them.
//!
//! What was chosen has one form only, whatever the order it was asked for in: people who chose the
//! same are found by it.

use outcry_core::alert::choice::About;
use outcry_core::hypothesis::Group;
use outcry_core::incident::Severity;
use outcry_core::units::Country;
use outcry_core::units::Text;

/// Writes what was chosen.
pub fn write_about(about: &About) -> String {
    let About { countries, components, severity, causes } = about;
    let countries = list(countries.iter().map(ToString::to_string));
    let components = list(components.iter().map(ToString::to_string));
    let severity = match severity {
        Severity::Warning => String::new(),
        Severity::Danger => "danger".to_owned(),
    };
    let causes = list(causes.iter().map(|group| group.name().to_owned()));
    let parts = [
        ("countries", countries),
        ("components", components),
        ("severity", severity),
        ("causes", causes),
    ];
    let chosen = parts.into_iter().filter(|(_, values)| !values.is_empty());
    let parts: Vec<String> = chosen.map(|(key, values)| format!("{key}={values}")).collect();
    parts.join(" ")
}

/// Reads what was chosen; `None` when it is not of this form.
pub fn read_about(text: &str) -> Option<About> {
    let mut about = About::default();
    for part in text.split(' ').filter(|part| !part.is_empty()) {
        let (key, values) = part.split_once('=')?;
        let mut values = values.split(',');
        match key {
            "countries" => about.countries = values.map(Country::parse).collect::<Option<_>>()?,
            "components" => about.components = values.map(Text::from).collect(),
            "severity" if values.next() == Some("danger") => about.severity = Severity::Danger,
            "causes" => {
                let group = |name| Group::ALL.into_iter().find(|group| group.name() == name);
                about.causes = values.map(group).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(about)
}

/// Each once, in order.
fn list(values: impl Iterator<Item = String>) -> String {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.dedup();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_has_one_form_and_reads_back() {
        let country = |code| Country::parse(code).expect("two letters");
        let about = About {
            countries: vec![country("FR"), country("DE"), country("FR")],
            components: vec!["web".into(), "mobile_app".into()],
            severity: Severity::Danger,
            causes: vec![Group::Outside, Group::NotHere],
        };
        let text = "countries=DE,FR components=mobile_app,web severity=danger \
                    causes=not_here,outside";
        assert_eq!(write_about(&about), text);
        let read = read_about(text).expect("of the form");
        assert_eq!(write_about(&read), text);
        assert_eq!(read.countries, [country("DE"), country("FR")]);
        assert_eq!(
            (write_about(&About::default()), read_about("")),
            ("".into(), Some(About::default()))
        );
        for text in ["countries=DEU", "severity=warning", "causes=unheard_of", "DE", "a=b"] {
            assert_eq!(read_about(text), None, "{text}");
        }
    }
}
