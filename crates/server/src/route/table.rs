//! The table: one line an address.
//!
//! Addresses never break; each line here is a promise.

use crate::open::Kind;
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
use crate::open::badge::Says;
use crate::open::badge::Says::Quiet;
use crate::open::badge::Says::Trouble;
use crate::open::feed::Topic;
use crate::open::statuspage::Part;
use crate::open::statuspage::Part::Components;
use crate::open::statuspage::Part::Planned;
use crate::open::statuspage::Part::Status;
use crate::open::statuspage::Part::Summary;
use crate::open::statuspage::Part::Unresolved;
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
const LISTED: &str = "service state before cursor limit";

/// Every address.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    page("home", "/", "", Answer::Page),
    page("service-page", "/s/{slug}", "reported", Answer::Service),
    page("form", "/s/{slug}/report", "", Answer::Form),
    page("form-again", "/s/{slug}/report", "", Answer::Back),
    page("subscribe", "/s/{slug}/subscribe", "", Answer::Wish),
    page("push", "/s/{slug}/push", "", Answer::Push),
    page("confirm-question", "/subscribe", "t", Answer::AskConfirm),
    page("confirm", "/subscribe", "", Answer::Confirm),
    page("leave-question", "/unsubscribe", "t", Answer::AskLeave),
    page("leave", "/unsubscribe", "t", Answer::Leave),
    page("incident-page", "/i/{id}", "", Answer::Page),
    page("incidents-page", "/incidents", "before", Answer::Page),
    page("services-page", "/services", "", Answer::Page),
    page("search", "/search", "q", Answer::Find),
    page("claims-page", "/claims", "proposed", Answer::Claims),
    page("claim-form", "/claims/new", "service", Answer::Page),
    page("propose", "/claims/new", "", Answer::Propose),
    page("methods", "/methods", "", Answer::Page),
    page("data", "/data", "", Answer::Page),
    row("asset", "/assets/{name}", "", Answer::Asset, Gives::File),
    row("openapi", "/api/v1/openapi.json", "", Open(Document), AnyJson),
    json("services", "/api/v1/services", "category cursor limit", Services, "Services"),
    json("service", "/api/v1/services/{slug}", "", ServiceJson, "Service"),
    json("series", "/api/v1/services/{slug}/series.json", SERIES, SeriesJson, "Series"),
    row("series-csv", "/api/v1/services/{slug}/series.csv", SERIES, Open(SeriesCsv), Csv),
    json("reports", "/api/v1/services/{slug}/reports", "first_day last_day", Reports, "Reports"),
    json("crowd", "/api/v1/services/{slug}/crowd", "", Crowd, "Crowd"),
    json("incidents", "/api/v1/incidents", LISTED, Incidents, "Incidents"),
    json("incident", "/api/v1/incidents/{id}", "", Incident, "Incident"),
    json("verdict", "/api/v1/incidents/{id}/verdict", "", Verdict, "Verdict"),
    json("incident-claims", "/api/v1/incidents/{id}/claims", "", IncidentClaims, "IncidentClaims"),
    json("verdicts", "/api/v1/verdicts", PAGED, Verdicts, "Verdicts"),
    json("claims", "/api/v1/claims", PAGED, Claims, "Claims"),
    json("vantages", "/api/v1/vantages", "", Vantages, "Vantages"),
    json("health", "/api/v1/health", "", State, "Health"),
    row("report", "/api/v1/reports", "", Answer::Report, Json("Kept")),
    row("case", "/i/{id}/case.json", "revision", Answer::Page, AnyJson),
    row("likelihoods", "/methods/table.toml", "", Answer::Page, Gives::Toml),
    row("live", "/s/{slug}/live", "", Answer::Live, Gives::Events),
    row("healthz", "/healthz", "", Answer::Health, Json("Alive")),
    status("status-summary", "/api/v2/summary.json", Summary),
    status("status-status", "/api/v2/status.json", Status),
    status("status-components", "/api/v2/components.json", Components),
    status("status-incidents", "/api/v2/incidents.json", Part::Incidents),
    status("status-unresolved", "/api/v2/incidents/unresolved.json", Unresolved),
    status("status-maintenances", "/api/v2/scheduled-maintenances.json", Planned),
    status("status-upcoming", "/api/v2/scheduled-maintenances/upcoming.json", Planned),
    status("status-active", "/api/v2/scheduled-maintenances/active.json", Planned),
    status("service-summary", "/s/{slug}/api/v2/summary.json", Summary),
    status("service-status", "/s/{slug}/api/v2/status.json", Status),
    status("service-components", "/s/{slug}/api/v2/components.json", Components),
    status("service-incidents", "/s/{slug}/api/v2/incidents.json", Part::Incidents),
    status("service-unresolved", "/s/{slug}/api/v2/incidents/unresolved.json", Unresolved),
    status("service-maintenances", "/s/{slug}/api/v2/scheduled-maintenances.json", Planned),
    status("service-upcoming", "/s/{slug}/api/v2/scheduled-maintenances/upcoming.json", Planned),
    status("service-active", "/s/{slug}/api/v2/scheduled-maintenances/active.json", Planned),
    badge("health-badge", "/api/v1/endpoints/{key}/health/badge.svg", Trouble),
    shield("health-shield", "/api/v1/endpoints/{key}/health/badge.shields", Trouble),
    badge("uptime-badge", "/api/v1/endpoints/{key}/uptimes/{window}/badge.svg", Quiet),
    shield("uptime-shield", "/api/v1/endpoints/{key}/uptimes/{window}/badge.shields", Quiet),
    badge("badge", "/s/{slug}/badge.svg", Trouble),
    shield("shield", "/s/{slug}/badge.json", Trouble),
    row("card", "/s/{slug}/card", "", Open(Card), Html),
    row("picture", "/s/{slug}/picture.png", "", Open(Picture), Png),
    json("oembed", "/oembed", "url format maxwidth maxheight", OEmbed, "OEmbed"),
    feed("feed-all", "/feeds/all/{form}", Topic::All),
    feed("feed-service", "/feeds/services/{slug}/{form}", Topic::Service),
    feed("feed-country", "/feeds/countries/{country}/{form}", Topic::Country),
    feed("feed-category", "/feeds/categories/{category}/{form}", Topic::Category),
    feed("feed-claims", "/feeds/claims/{form}", Topic::Claims),
    feed("feed-claim", "/feeds/claims/{claim}/{form}", Topic::Claim),
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

const fn json(
    name: &'static str,
    path: &'static str,
    query: &'static str,
    kind: Kind,
    shape: &'static str,
) -> Route {
    row(name, path, query, Open(kind), Json(shape))
}

/// In the shape of Statuspage.
const fn status(name: &'static str, path: &'static str, part: Part) -> Route {
    let shape = match part {
        Summary => "PageSummary",
        Status => "PageStatus",
        Components => "PageComponents",
        Part::Incidents | Unresolved => "PageIncidents",
        Planned => "PageMaintenances",
    };
    json(name, path, "", Statuspage(part), shape)
}

const fn feed(name: &'static str, path: &'static str, topic: Topic) -> Route {
    row(name, path, "", Open(Feed(topic)), Gives::Feed)
}

const fn badge(name: &'static str, path: &'static str, says: Says) -> Route {
    row(name, path, "", Open(Badge(says)), Svg)
}

/// The same as a badge, for shields.io.
const fn shield(name: &'static str, path: &'static str, says: Says) -> Route {
    json(name, path, "", Shield(says), "Shield")
}
