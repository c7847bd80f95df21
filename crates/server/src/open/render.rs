//! Rendering: one arm for each kind of answer.

use outcry_core::catalog::Catalog;
use outcry_core::catalog::Service;
use outcry_core::incident::Incident;
use outcry_core::snapshot::ServiceSnapshot;
use serde::Serialize;

use crate::board::Board;
use crate::body::Dress;
use crate::body::Page;
use crate::contract::Which;
use crate::limit::API_ITEMS;
use crate::limit::API_SERVICES;
use crate::limit::WEIGHED_MAX;
use crate::open::Asked;
use crate::open::Kind;
use crate::open::badge::Badge;
use crate::open::badge::Says;
use crate::open::card;
use crate::open::claims::ClaimView;
use crate::open::crowd::Crowd;
use crate::open::cursor::Cursor;
use crate::open::embed::OEmbed;
use crate::open::embed::site_of;
use crate::open::embed::slug_of;
use crate::open::feed;
use crate::open::fresh::dressed;
use crate::open::picture;
use crate::open::reports::Reports;
use crate::open::series::Series;
use crate::open::slug_of_key;
use crate::open::statuspage::Part;
use crate::open::statuspage::StatusPage;
use crate::open::text;
use crate::open::verdict::VerdictView;
use crate::openapi;
use crate::page::verdict::Judged;
use crate::problem::Problem;
use crate::site::Site;
use crate::view::IncidentView;
use crate::view::IncidentsView;
use crate::view::ServiceView;
use crate::view::ServicesView;
use crate::view::health::HealthView;
use crate::view::probes::VantagesView;

const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";
const SVG: &str = "image/svg+xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// A list of verdicts or claims, with where it goes on.
#[derive(Serialize)]
struct Weighed<T: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<Vec<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Vec<ClaimView>>,
    next: Option<String>,
}

#[derive(Serialize)]
struct ClaimsOfOne {
    incident: String,
    claims: Vec<ClaimView>,
}

/// Renders an answer from what is known now.
///
/// # Errors
///
/// When there is no such thing, or the store cannot be read.
pub fn render(board: &Board, asked: &Asked) -> Result<Page, Problem> {
    let site = &*board.site;
    let records = &*site.records;
    let catalog = records.catalog();
    let page = match asked.kind {
        Kind::Document => Page::open(JSON, openapi::text(site)),
        Kind::Services => json(board, &services(board, &catalog, asked)?),
        Kind::Service => {
            let (service, snapshot) = found(board, &catalog, asked)?;
            json(board, &ServiceView::new(service, &snapshot))
        }
        Kind::SeriesJson => json(board, &series(board, &catalog, asked)?),
        Kind::SeriesCsv => Page::open(CSV, series(board, &catalog, asked)?.csv()),
        Kind::Reports => {
            let (service, _) = found(board, &catalog, asked)?;
            json(board, &Reports::read(records, asked, &service.slug, site.now())?)
        }
        Kind::Crowd => {
            let (service, snapshot) = found(board, &catalog, asked)?;
            json(board, &Crowd::new(site, &service.name, &snapshot))
        }
        Kind::Incidents => {
            let (list, next) = page_of(board, &catalog, asked, API_ITEMS)?;
            json(board, &IncidentsView::new(&list, next))
        }
        Kind::Incident => json(board, &IncidentView::from(&incident(board, asked)?.0)),
        Kind::Verdict => {
            let (incident, judged) = incident(board, asked)?;
            let judged = judged.ok_or(Problem::NotFound("verdict yet"))?;
            json(board, &VerdictView::new(site, &incident, &judged))
        }
        Kind::IncidentClaims => {
            let (incident, judged) = incident(board, asked)?;
            let id = incident.id.0.to_string();
            let claims = judged.map(|judged| ClaimView::all(&id, &judged)).unwrap_or_default();
            json(board, &ClaimsOfOne { incident: id, claims })
        }
        Kind::Verdicts | Kind::Claims => json(board, &weighed(board, &catalog, asked)?),
        Kind::Vantages => json(board, &VantagesView::new(&records.vantages())),
        Kind::State => json(board, &HealthView::from(&records.health())),
        Kind::Statuspage(part) => json(board, &status_page(board, &catalog, asked, part)?),
        Kind::Badge(says) => Page::open(SVG, badge(board, &catalog, asked, says)?.svg()),
        Kind::Shield(says) => json(board, &badge(board, &catalog, asked, says)?.shield()),
        Kind::Feed(topic) => feed::render(site, asked, topic)?,
        Kind::Card => {
            let (service, snapshot) = found(board, &catalog, asked)?;
            Page::new(HTML, card::render(site, service, &snapshot)).with(Dress::Card)
        }
        Kind::Picture => {
            let (service, snapshot) = found(board, &catalog, asked)?;
            picture::render(site, service, &snapshot)
        }
        Kind::OEmbed => {
            let url = asked.value("url").ok_or_else(|| {
                let example = format!("{}/s/x", site.shown_url());
                Problem::Unreadable(format!("there is no url; write url={example}"))
            })?;
            let at = site_of(&site.public_url, url);
            let slug = at.and_then(|at| Some((at, slug_of(at, url)?)));
            let (at, slug) = slug.ok_or_else(|| elsewhere(site))?;
            let service = catalog.service(slug).ok_or(Problem::NotFound("service"))?;
            let most = (asked.number("maxwidth"), asked.number("maxheight"));
            json(board, &OEmbed::new(&site.words, at, service, most))
        }
    };
    Ok(page)
}

/// What whoever asks about an address of another site is told.
fn elsewhere(site: &Site) -> Problem {
    if site.public_url.is_empty() {
        let why = "this is no page of a service of this site, which does not know its own address: \
                   its operator sets public_url";
        return Problem::Unreadable(why.to_owned());
    }
    Problem::NotFound("service")
}

/// JSON with its freshness; the tag covers the rest.
fn json(board: &Board, view: &impl Serialize) -> Page {
    let body = serde_json::to_string(view).expect("texts, numbers and lists");
    let text = dressed(&body, board.now(), &board.freshness());
    Page::tagged(JSON, text, body.as_bytes())
}

/// The service an address is about, with what is known of it now.
fn found<'a>(
    board: &Board,
    catalog: &'a Catalog,
    asked: &Asked,
) -> Result<(&'a Service, ServiceSnapshot), Problem> {
    let nowhere = || Problem::NotFound("service");
    let slug = asked.value("slug").or(asked.value("key").map(slug_of_key)).unwrap_or_default();
    let service = catalog.service(slug).ok_or_else(nowhere)?;
    let snapshot = board.site.records.service(slug).ok_or_else(nowhere)?;
    Ok((service, snapshot))
}

fn services(board: &Board, catalog: &Catalog, asked: &Asked) -> Result<ServicesView, Problem> {
    let category = asked.value("category");
    if category.is_some_and(|slug| !catalog.categories.contains_key(slug)) {
        return Err(Problem::NotFound("category"));
    }
    let after = asked.cursor().and_then(Cursor::slug);
    let limit = asked.number("limit").unwrap_or(API_SERVICES) as usize;
    let mut all = board.all();
    all.retain(|it| category.is_none_or(|category| &*it.category == category));
    all.retain(|it| after.as_deref().is_none_or(|after| &*it.slug > after));
    let more = all.len() > limit;
    all.truncate(limit);
    let last = all.last().filter(|_| more);
    let next = last.map(|last| asked.going_on(&Cursor::Slug(last.slug.to_string())));
    Ok(ServicesView::new(board.site.reconstruction.is_some(), catalog, &all, next))
}

fn series(board: &Board, catalog: &Catalog, asked: &Asked) -> Result<Series, Problem> {
    let (service, snapshot) = found(board, catalog, asked)?;
    let named = asked.value("of").and_then(|of| of.split_once(':'));
    if let Some((kind, name)) = named {
        let known = if kind == "affected" { &service.components } else { &service.problems };
        if !known.iter().any(|it| &**it == name) {
            let known: Vec<&str> = known.iter().map(|it| &**it).collect();
            let what = format!("{kind}:{name} is none of them; write {kind}: and one of {known:?}");
            return Err(Problem::Unreadable(what));
        }
    }
    Series::read(&*board.site.records, asked, &snapshot)
}

/// A page of incidents with the address of the next.
fn page_of(
    board: &Board,
    catalog: &Catalog,
    asked: &Asked,
    most: u32,
) -> Result<(Vec<Incident>, Option<String>), Problem> {
    let service = asked.value("service");
    if service.is_some_and(|slug| catalog.service(slug).is_none()) {
        return Err(Problem::NotFound("service"));
    }
    let before = asked.time("before").map(|at| (at, text("")));
    let cursor = asked.cursor().and_then(Cursor::incident);
    let which = Which {
        service: service.map(text),
        open: asked.value("state") == Some("open"),
        before: cursor.into_iter().chain(before).min(),
    };
    let limit = asked.number("limit").unwrap_or(most);
    let list = board.site.records.incidents(&which, limit.saturating_add(1));
    let mut list = list.map_err(|_| Problem::Unavailable)?;
    let more = list.len() > limit as usize;
    list.truncate(limit as usize);
    let last = list.last().filter(|_| more);
    let next =
        last.map(|last| asked.going_on(&Cursor::Incident(last.opened_at, last.id.0.clone())));
    Ok((list, next))
}

fn incident(board: &Board, asked: &Asked) -> Result<(Incident, Option<Judged>), Problem> {
    let id = asked.value("id").unwrap_or_default();
    let found = board.site.records.incident(id).map_err(|_| Problem::Unavailable)?;
    let found = found.ok_or(Problem::NotFound("incident"))?;
    let judged = found.case.as_ref().map(Judged::of);
    Ok((found.incident, judged))
}

/// Verdicts or claims of a page of incidents. Those without a case file are passed over.
fn weighed(
    board: &Board,
    catalog: &Catalog,
    asked: &Asked,
) -> Result<Weighed<VerdictView>, Problem> {
    if asked.number("limit").is_some_and(|limit| limit > WEIGHED_MAX) {
        let what = format!("each incident is weighed for this; write limit={WEIGHED_MAX} or less");
        return Err(Problem::Unreadable(what));
    }
    let (list, next) = page_of(board, catalog, asked, WEIGHED_MAX)?;
    let (mut verdicts, mut claims) = (Vec::new(), Vec::new());
    for incident in list {
        let case = board.site.records.case_file(&incident.id.0, None);
        let Some(case) = case.map_err(|_| Problem::Unavailable)? else { continue };
        if asked.kind == Kind::Claims && case.claims.is_empty() {
            continue;
        }
        let judged = Judged::of(&case);
        match asked.kind {
            Kind::Claims => claims.extend(ClaimView::all(&incident.id.0, &judged)),
            _ => verdicts.push(VerdictView::new(&board.site, &incident, &judged)),
        }
    }
    let of_claims = asked.kind == Kind::Claims;
    Ok(Weighed {
        verdicts: (!of_claims).then_some(verdicts),
        claims: of_claims.then_some(claims),
        next,
    })
}

fn status_page(
    board: &Board,
    catalog: &Catalog,
    asked: &Asked,
    part: Part,
) -> Result<serde_json::Value, Problem> {
    let site = &board.site;
    if asked.value("slug").is_none() {
        return StatusPage::of_all(site, site.now(), &board.all()).part(part);
    }
    let (service, snapshot) = found(board, catalog, asked)?;
    StatusPage::of_service(site, service, &snapshot).part(part)
}

fn badge(board: &Board, catalog: &Catalog, asked: &Asked, says: Says) -> Result<Badge, Problem> {
    let (service, snapshot) = found(board, catalog, asked)?;
    match says {
        Says::Trouble => Ok(Badge::of_state(&board.site, &service.name, &snapshot)),
        Says::Quiet => {
            let window = asked.value("window").unwrap_or("24h");
            Badge::of_window(&board.site, &snapshot, window).map_err(|_| Problem::Unavailable)
        }
    }
}
