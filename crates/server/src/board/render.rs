//! Rendering: which facts each page is made from. One arm a page.

use outcry_core::snapshot::ServiceSnapshot;

use crate::board::Board;
use crate::board::Key;
use crate::body::Page;
use crate::contract::Unavailable;
use crate::contract::Which;
use crate::intake::Answers;
use crate::limit::COMMENTS_SHOWN_MAX;
use crate::limit::INCIDENTS_PER_PAGE;
use crate::open;
use crate::page::claim_form;
use crate::page::claim_form::Told;
use crate::page::claims;
use crate::page::data;
use crate::page::dossier;
use crate::page::home;
use crate::page::incidents;
use crate::page::methods;
use crate::page::service;
use crate::page::services;
use crate::page::verdict::Judged;
use crate::problem::Problem;
use crate::proposal::typed::Typed;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
/// Incidents whose claims the index lists.
const CLAIM_INCIDENTS_MAX: u32 = 50;
const TOML: &str = "application/toml; charset=utf-8";

/// Renders a page from what is known now.
pub fn render(board: &Board, key: &Key) -> Result<Page, Problem> {
    let site = &*board.site;
    let records = &site.records;
    let catalog = records.catalog();
    let unavailable = |_| Problem::Unavailable;
    let page = match key {
        Key::Home => html(home::render(site, &board.all())),
        Key::Services => html(services::render(site, &catalog, &board.all())),
        Key::Claims => {
            let mut judged = Vec::new();
            for incident in
                records.incidents(&Which::default(), CLAIM_INCIDENTS_MAX).map_err(unavailable)?
            {
                let case = records.case_file(&incident.id.0, None).map_err(unavailable)?;
                if let Some(case) = case.filter(|case| !case.claims.is_empty()) {
                    judged.push((incident, Judged::of(&case)));
                }
            }
            html(claims::render(site, &catalog, &judged))
        }
        Key::ClaimForm(chosen) => {
            let chosen = chosen.as_deref().unwrap_or("");
            if !chosen.is_empty() && catalog.service(chosen).is_none() {
                return Err(Problem::NotFound("service"));
            }
            html(claim_form::render(site, &Typed::about(chosen), &Told::Nothing))
        }
        Key::Table => Page::open(TOML, outcry_wire::likelihood::BUILT_IN.to_owned()),
        Key::Methods => html(methods::render(site, board.engine)),
        Key::Data => html(data::render(site)),
        Key::Service(slug) => {
            let service = catalog.service(slug).ok_or(Problem::NotFound("service"))?;
            let mut snapshot = records.service(slug).ok_or(Problem::NotFound("service"))?;
            ruled(board, &mut snapshot).map_err(unavailable)?;
            let comments = records.comments(slug, COMMENTS_SHOWN_MAX).map_err(unavailable)?;
            let typed = Answers::default();
            html(service::render(site, service, &snapshot, &comments, &typed, &[]))
        }
        Key::Incident(id) => {
            let found = records.incident(id).map_err(unavailable)?;
            let found = found.ok_or(Problem::NotFound("incident"))?;
            html(dossier::render(site, catalog.service(&found.incident.service), &found))
        }
        Key::Incidents(before) => {
            let which = Which::before(*before);
            let list = records.incidents(&which, INCIDENTS_PER_PAGE).map_err(unavailable)?;
            html(incidents::render(site, &catalog, &list, &key.address()))
        }
        Key::Case(id, revision) => {
            let case = records.case_file(id, *revision).map_err(unavailable)?;
            let case = case.ok_or(Problem::NotFound("case file"))?;
            Page::open(JSON, outcry_wire::case_file::write(&case))
        }
        Key::Open(asked) => open::render::render(board, asked)?,
    };
    Ok(page)
}

/// Rules on the claims of a snapshot, by the newest case file of its incident.
fn ruled(board: &Board, snapshot: &mut ServiceSnapshot) -> Result<(), Unavailable> {
    let incident = snapshot.incident.as_ref().filter(|_| !snapshot.claims.is_empty());
    let Some(incident) = incident else { return Ok(()) };
    if let Some(case) = board.site.records.case_file(&incident.id.0, None)? {
        snapshot.claims = Judged::of(&case).ledger;
    }
    Ok(())
}

fn html(text: String) -> Page {
    Page::new(HTML, text)
}
