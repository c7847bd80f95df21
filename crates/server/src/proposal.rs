//! Proposing a claim: anybody may send in what was said in public about a cause.
//!
//! What is sent in stands in the journal before it is answered, and is shown nowhere until an
//! operator has made a claim of it. Who sent it is not asked and not kept: the address serves the
//! rate, and goes no further than that.
//!
//! # What it cannot tell
//!
//! Whether it was said. The form asks for the place where that can be looked up.

pub mod typed;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header;

use crate::api::is_cross_site;
use crate::api::pairs;
use crate::api::read;
use crate::api::write_down;
use crate::limit::PROPOSAL_BODY_BYTES_MAX;
use crate::page::claim_form;
use crate::page::claim_form::Told;
use crate::problem::Problem;
use crate::proposal::typed::Typed;
use crate::router::App;
use crate::router::Peer;
use crate::router::guard;
use crate::router::html;
use crate::router::refuse;
use crate::site::Site;

/// Where the form is.
pub const PATH: &str = "/claims/new";
/// Where a sender comes to.
const THANKS: &str = "/claims?proposed=1#thanks";

/// `POST /claims/new`: 303 to the list of claims, or the form with what was wrong.
pub async fn propose(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if is_cross_site(&app, &headers) {
        return refuse(&app, PATH, Problem::CrossSite);
    }
    let bytes = match read(body, PROPOSAL_BODY_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(problem) => return refuse(&app, PATH, problem),
    };
    let typed = Typed::from_form(pairs(&bytes));
    let (site, now) = (&app.board.site, app.board.site.now());
    let checked = match typed.check(&site.records.catalog(), now) {
        Ok(checked) => checked,
        Err(faults) => {
            let page = claim_form::render(site, &typed, &Told::Faults(faults));
            return html(StatusCode::UNPROCESSABLE_ENTITY, page);
        }
    };
    if app.proposals.take(app.client(peer, &headers), now).is_none() {
        return again(site, &typed, Problem::TooMany);
    }
    let signal = checked.signal(&site.words, app.intake.id(now), now);
    match write_down(&app, &signal).await {
        Ok(()) => {
            let place = HeaderValue::from_static(THANKS);
            (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
        }
        Err(problem) => again(site, &typed, problem),
    }
}

/// The form with all that was typed, for another try.
fn again(site: &Site, typed: &Typed, problem: Problem) -> Response {
    let told = match problem {
        Problem::TooMany => Told::TooMany,
        _ => Told::NotKept,
    };
    let mut response = problem.into_page(claim_form::render(site, typed, &told));
    guard(response.headers_mut());
    response
}

/// The words of thanks after a proposal.
pub fn thanks(site: &Site) -> String {
    let page = maud::html! {
        p class="thanks" id="thanks" role="status" { (site.words.say("propose-thanks")) }
    };
    page.into_string()
}
