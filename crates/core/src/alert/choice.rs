//! What somebody chose to hear of: which incidents, and which moments of them.
//!
//! One type for the rules of an operator and for people who subscribe, and one function that says
//! whether it fits.
//!
//! # What it cannot tell
//!
//! Where somebody is, or what they use: a choice is held against what is known of the incident.
//! Where nothing is known of places, a choice of a country fits only what fails everywhere.

use crate::alert::COMPONENT_SHARE_MIN;
use crate::alert::Occasion;
use crate::alert::Weighed;
use crate::hypothesis::Group;
use crate::incident::Incident;
use crate::incident::Scope;
use crate::incident::Severity;
use crate::units::Country;
use crate::units::Text;

/// Values of one kind that somebody who subscribes may choose.
pub const CHOSEN_MAX: usize = 10;

/// Which incidents of a service are told. An empty list means all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// Where it fails. A failure everywhere is one in each of them.
    pub countries: Vec<Country>,
    /// What is affected.
    pub components: Vec<Text>,
    /// The least severity.
    pub severity: Severity,
    /// Groups of causes: then nothing is told until a cause of one of them is named.
    pub causes: Vec<Group>,
}

impl Default for About {
    /// All of them.
    fn default() -> Self {
        let (countries, components, causes) = (Vec::new(), Vec::new(), Vec::new());
        Self { countries, components, severity: Severity::Warning, causes }
    }
}

impl About {
    /// Whether every incident is meant.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an incident is meant, with what its page says about why.
    pub fn covers(&self, incident: &Incident, weighed: &Weighed) -> bool {
        let severe = incident.severity >= self.severity;
        let caused = self.causes.is_empty()
            || weighed.cause.is_some_and(|cause| self.causes.contains(&cause.group()));
        severe && caused && self.is_there(incident) && self.is_affected(incident)
    }

    /// Whether it fails in one of the countries, as far as that is known.
    fn is_there(&self, incident: &Incident) -> bool {
        if self.countries.is_empty() {
            return true;
        }
        let wanted = |country| self.countries.contains(country);
        let probed = incident.outages.iter().flat_map(|outage| &outage.countries).any(wanted);
        match &incident.scope {
            // It is the scope of what is not known, too: that is no failure in each country.
            Scope::Everywhere => probed || incident.knows_places(),
            Scope::Countries(countries) => probed || countries.iter().any(wanted),
            Scope::Network(_) | Scope::Partial | Scope::OnePlace => {
                let places = incident.places.iter();
                let mut reported = places.filter_map(|place| place.country.as_ref());
                probed || reported.any(wanted)
            }
        }
    }

    /// Whether it is about one of the components, as far as that is known.
    fn is_affected(&self, incident: &Incident) -> bool {
        let probed = incident.outages.iter().filter_map(|outage| outage.component.as_ref());
        let large = incident.components.iter().filter(|share| share.share >= COMPONENT_SHARE_MIN);
        let mut affected = probed.chain(large.map(|share| &share.name));
        self.components.is_empty() || affected.any(|name| self.components.contains(name))
    }
}

/// Which moments of an incident somebody who subscribed is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moments {
    /// That it fails, why if a cause is named, and that it is over.
    #[default]
    News,
    /// That it is over.
    End,
    /// These, that it got worse, and that a claim about it was ruled on.
    Everything,
}

impl Moments {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::News, Self::End, Self::Everything];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::End => "end",
            Self::Everything => "everything",
        }
    }

    /// What is told.
    pub fn on(self) -> &'static [Occasion] {
        match self {
            Self::News => &[Occasion::Opened, Occasion::Cause, Occasion::Resolved],
            Self::End => &[Occasion::Resolved],
            Self::Everything => &Occasion::ALL,
        }
    }
}

/// What somebody who subscribes chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// Which incidents.
    pub about: About,
    /// Which moments of them.
    pub moments: Moments,
}
