//! The table: one line an address.
//!
//! Addresses never break; each line here is a promise.

use crate::open::Kind::Badge;
use crate::open::Kind::Card;
use crate::open::Kind::Claims;
use crate::open::Kind::Crowd;
use crate::open::Kind::Document;
use crate::open::Kind::Feed;
use crate::open::Kind::Incident;
use crate::open::Kind::IncidentClaims;
use crate::open::Kind::Incidents;
use crate::open::Kind::OEmbed;
use crate::open::Kind::Picture;
use crate::open::Kind::Reports;
use crate::open::Kind::SeriesCsv;
use crate::open::Kind::SeriesJson;
use crate::open::Kind::Service as ServiceJson;
use crate::open::Kind::Services;
use crate::open::Kind::Shield;
use crate::open::Kind::State;
use crate::open::Kind::Statuspage;
use crate::open::Kind::Vantages;
use crate::open::Kind::Verdict;
use crate::open::Kind::Verdicts;
use crate::open::badge::Says::Quiet;
use crate::open::badge::Says::Trouble;
use crate::open::feed::Topic;
use crate::open::statuspage::Part;
use crate::route::Answer;
use crate::route::Answer::Open;
use crate::route::Gives;
use crate::route::Gives::AnyJson;
use crate::route::Gives::Csv;
use crate::route::Gives::Html;
use crate::route::Gives::Json;
use crate::route::Gives::Png;
use crate::route::Gives::Svg;
use crate::route::Route;

const SERIES: &str = "from until step of";
const PAGED: &str = "cursor limit";

/// Every address.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    page("home", "/", "", Answer::Page),
    page("service-page", "/s/{slug}", "reported", Answer::Service),
    page("form", "/s/{slug}/report", "", Answer::Form),
    page("form-again", "/s/{slug}/report", "", Answer::Back),
    page("incident-page", "/i/{id}", "", Answer::Page),
    page("incidents-page", "/incidents", "before", Answer::Page),
    page("services-page", "/services", "", Answer::Page),
    page("search", "/search", "q", Answer::Find),
    page("claims-page", "/claims", "", Answer::Page),
    page("methods", "/methods", "", Answer::Page),
    page("data", "/data", "", Answer::Page),
    row("asset", "/assets/{name}", "", Answer::Asset, Gives::File),
    row("openapi", "/api/v1/openapi.json", "", Open(Document), AnyJson),
    row("services", "/api/v1/services", "category cursor limit", Open(Services), Json("Services")),
    row("service", "/api/v1/services/{slug}", "", Open(ServiceJson), Json("Service")),
    row("series", "/api/v1/services/{slug}/series.json", SERIES, Open(SeriesJson), Json("Series")),
    row("series-csv", "/api/v1/services/{slug}/series.csv", SERIES, Open(SeriesCsv), Csv),
    row("reports", "/api/v1/services/{slug}/reports", "first_day last_day", Open(Reports), Json("Reports")),
    row("crowd", "/api/v1/services/{slug}/crowd", "", Open(Crowd), Json("Crowd")),
    row("incidents", "/api/v1/incidents", "service state before cursor limit", Open(Incidents), Json("Incidents")),
    row("incident", "/api/v1/incidents/{id}", "", Open(Incident), Json("Incident")),
    row("verdict", "/api/v1/incidents/{id}/verdict", "", Open(Verdict), Json("Verdict")),
    row("incident-claims", "/api/v1/incidents/{id}/claims", "", Open(IncidentClaims), Json("ClaimsOfIncident")),
    row("verdicts", "/api/v1/verdicts", PAGED, Open(Verdicts), Json("Verdicts")),
    row("claims", "/api/v1/claims", PAGED, Open(Claims), Json("Claims")),
    row("vantages", "/api/v1/vantages", "", Open(Vantages), Json("Vantages")),
    row("health", "/api/v1/health", "", Open(State), Json("Health")),
    row("report", "/api/v1/reports", "", Answer::Report, Json("Kept")),
    row("case", "/i/{id}/case.json", "revision", Answer::Page, AnyJson),
    row("likelihoods", "/methods/table.toml", "", Answer::Page, Gives::Toml),
    row("live", "/s/{slug}/live", "", Answer::Live, Gives::Events),
    row("healthz", "/healthz", "", Answer::Health, Json("Alive")),
    row("status-summary", "/api/v2/summary.json", "", Open(Statuspage(Part::Summary)), Json("PageSummary")),
    row("status-status", "/api/v2/status.json", "", Open(Statuspage(Part::Status)), Json("PageStatus")),
    row("status-components", "/api/v2/components.json", "", Open(Statuspage(Part::Components)), Json("PageComponents")),
    row("status-incidents", "/api/v2/incidents.json", "", Open(Statuspage(Part::Incidents)), Json("PageIncidents")),
    row("status-unresolved", "/api/v2/incidents/unresolved.json", "", Open(Statuspage(Part::Unresolved)), Json("PageIncidents")),
    row("status-maintenances", "/api/v2/scheduled-maintenances.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("status-upcoming", "/api/v2/scheduled-maintenances/upcoming.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("status-active", "/api/v2/scheduled-maintenances/active.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("service-summary", "/s/{slug}/api/v2/summary.json", "", Open(Statuspage(Part::Summary)), Json("PageSummary")),
    row("service-status", "/s/{slug}/api/v2/status.json", "", Open(Statuspage(Part::Status)), Json("PageStatus")),
    row("service-components", "/s/{slug}/api/v2/components.json", "", Open(Statuspage(Part::Components)), Json("PageComponents")),
    row("service-incidents", "/s/{slug}/api/v2/incidents.json", "", Open(Statuspage(Part::Incidents)), Json("PageIncidents")),
    row("service-unresolved", "/s/{slug}/api/v2/incidents/unresolved.json", "", Open(Statuspage(Part::Unresolved)), Json("PageIncidents")),
    row("service-maintenances", "/s/{slug}/api/v2/scheduled-maintenances.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("service-upcoming", "/s/{slug}/api/v2/scheduled-maintenances/upcoming.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("service-active", "/s/{slug}/api/v2/scheduled-maintenances/active.json", "", Open(Statuspage(Part::Maintenances)), Json("PageMaintenances")),
    row("health-badge", "/api/v1/endpoints/{key}/health/badge.svg", "", Open(Badge(Trouble)), Svg),
    row("health-shield", "/api/v1/endpoints/{key}/health/badge.shields", "", Open(Shield(Trouble)), Json("Shield")),
    row("uptime-badge", "/api/v1/endpoints/{key}/uptimes/{window}/badge.svg", "", Open(Badge(Quiet)), Svg),
    row("uptime-shield", "/api/v1/endpoints/{key}/uptimes/{window}/badge.shields", "", Open(Shield(Quiet)), Json("Shield")),
    row("badge", "/s/{slug}/badge.svg", "", Open(Badge(Trouble)), Svg),
    row("shield", "/s/{slug}/badge.json", "", Open(Shield(Trouble)), Json("Shield")),
    row("card", "/s/{slug}/card", "", Open(Card), Html),
    row("picture", "/s/{slug}/picture.png", "", Open(Picture), Png),
    row("oembed", "/oembed", "url format maxwidth maxheight", Open(OEmbed), Json("OEmbed")),
    row("feed-all", "/feeds/all/{form}", "", Open(Feed(Topic::All)), Gives::Feed),
    row("feed-service", "/feeds/services/{slug}/{form}", "", Open(Feed(Topic::Service)), Gives::Feed),
    row("feed-country", "/feeds/countries/{country}/{form}", "", Open(Feed(Topic::Country)), Gives::Feed),
    row("feed-category", "/feeds/categories/{category}/{form}", "", Open(Feed(Topic::Category)), Gives::Feed),
    row("feed-claims", "/feeds/claims/{form}", "", Open(Feed(Topic::Claims)), Gives::Feed),
    row("feed-claim", "/feeds/claims/{claim}/{form}", "", Open(Feed(Topic::Claim)), Gives::Feed),
];

const fn row(
    name: &'static str,
    path: &'static str,
    query: &'static str,
    answer: Answer,
    gives: Gives,
) -> Route {
    Route { name, path, query, answer, gives }
}

const fn page(
    name: &'static str,
    path: &'static str,
    query: &'static str,
    answer: Answer,
) -> Route {
    row(name, path, query, answer, Html)
}
