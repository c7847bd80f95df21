//! Being told by e-mail or in a browser: who asks, says yes, and leaves.
//!
//! The answer to a wish is the same whether the address is known or not: nobody learns from it who
//! subscribed. Nothing is sent to an address but one question until somebody there said yes.

use std::sync::Arc;

use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderMap;
use http::StatusCode;
use http::Uri;
use outcry_core::catalog::Service;

use crate::api::is_cross_site;
use crate::choice;
use crate::contract::Browser;
use crate::contract::Chosen;
use crate::contract::Purpose;
use crate::contract::Subscriptions;
use crate::contract::Unavailable;
use crate::contract::Wish;
use crate::limit::ADDRESS_CHARS_MAX;
use crate::limit::REPORT_BODY_BYTES_MAX;
use crate::page::subscription::Of;
use crate::page::subscription::Step;
use crate::page::subscription::render;
use crate::problem::Problem;
use crate::router::App;
use crate::router::Peer;
use crate::router::decoded;
use crate::router::html;
use crate::router::named::Named;
use crate::router::refuse;

/// How somebody wants to be told.
#[derive(Clone, Copy)]
enum Way {
    Mail,
    Browser,
}

/// What every wish passes: it comes from our page, not too often, about a service there is, and
/// this site tells in that way.
fn admit(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
    slug: &str,
    way: Way,
) -> Result<(Service, Arc<dyn Subscriptions>), Problem> {
    if is_cross_site(app, headers) {
        return Err(Problem::CrossSite);
    }
    let site = &app.board.site;
    if app.wishes.take(app.client(peer, headers), site.now()).is_none() {
        return Err(Problem::TooMany);
    }
    let tells = match way {
        Way::Mail => site.tells_by_mail,
        Way::Browser => site.push_key.is_some(),
    };
    let service = site.records.catalog().service(slug).cloned();
    let people = app.subscriptions.clone().filter(|_| tells);
    service.zip(people).ok_or(Problem::NotFound("service"))
}

/// Takes a wish from the form of a service.
pub async fn wish(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Named(slug): Named,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let path = format!("/s/{slug}");
    let (service, people) = match admit(&app, peer, &headers, &slug, Way::Mail) {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(&app, &path, problem),
    };
    let fields = form_of(body).await;
    let field = |name: &str| {
        fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    };
    let address = field("address").to_owned();
    if !is_address(&address) {
        return page(&app, StatusCode::UNPROCESSABLE_ENTITY, Step::BadAddress, Of::default());
    }
    let choice = match choice::read(&fields, &service, &app.board.site.words) {
        Ok(choice) => choice,
        Err(faults) => {
            let of = Of { lines: faults, ..Of::default() };
            return page(&app, StatusCode::UNPROCESSABLE_ENTITY, Step::BadChoice, of);
        }
    };
    match off(move || people.wish(&service, &address, &choice)).await {
        Ok(Wish::Noted) => page(&app, StatusCode::OK, Step::Asked, Of::default()),
        Ok(Wish::Full) => page(&app, StatusCode::SERVICE_UNAVAILABLE, Step::Full, Of::default()),
        Ok(Wish::Refused(why)) => refuse(&app, &path, Problem::Unreadable(why.to_owned())),
        Err(Unavailable) => refuse(&app, &path, Problem::Unavailable),
    }
}

/// Takes what a browser hands over: from the script of the page, since no form can.
pub async fn push(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Named(slug): Named,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let path = format!("/s/{slug}/push.json");
    let (service, people) = match admit(&app, peer, &headers, &slug, Way::Browser) {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(&app, &path, problem),
    };
    let fields = form_of(body).await;
    let choice = match choice::read(&fields, &service, &app.board.site.words) {
        Ok(choice) => choice,
        Err(faults) => return refuse(&app, &path, Problem::Unreadable(faults.join(" "))),
    };
    let noted = off(move || {
        let field = |name: &str| {
            fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
        };
        let (endpoint, p256dh, auth) = (field("endpoint"), field("p256dh"), field("auth"));
        let choice = Some(&choice).filter(|_| field("leave").is_empty());
        people.browser(&service, &Browser { endpoint, p256dh, auth }, choice)
    });
    match noted.await {
        Ok(Wish::Noted) => StatusCode::NO_CONTENT.into_response(),
        Ok(Wish::Full) | Err(Unavailable) => refuse(&app, &path, Problem::Unavailable),
        Ok(Wish::Refused(why)) => refuse(&app, &path, Problem::Unreadable(why.to_owned())),
    }
}

/// Asks whoever came from the letter whether they want it.
pub async fn ask_confirm(State(app): State<Arc<App>>, uri: Uri) -> Response {
    ask(&app, Step::Confirm, Purpose::Confirm, &uri).await
}

/// Asks whoever wants to leave whether they do: programs that look at links leave nothing.
pub async fn ask_leave(State(app): State<Arc<App>>, uri: Uri) -> Response {
    ask(&app, Step::Leave, Purpose::Leave, &uri).await
}

/// A page with a button and what was chosen, where the token is one of ours.
async fn ask(app: &Arc<App>, step: Step, purpose: Purpose, uri: &Uri) -> Response {
    let token = token_in(uri.query().unwrap_or(""));
    match chosen(app, purpose, &token).await {
        Ok(Some(lines)) => page(app, StatusCode::OK, step, Of { token, lines }),
        Ok(None) => page(app, StatusCode::NOT_FOUND, Step::Unknown, Of::default()),
        Err(Unavailable) => refuse(app, "/", Problem::Unavailable),
    }
}

/// What was chosen, in words; `None` where the token is none of ours or leads nowhere any more.
async fn chosen(
    app: &Arc<App>,
    purpose: Purpose,
    token: &str,
) -> Result<Option<Vec<String>>, Unavailable> {
    let Some(people) = app.subscriptions.clone() else { return Ok(None) };
    let token = token.to_owned();
    let Some(Chosen { service, choice }) = off(move || people.chosen(purpose, &token)).await?
    else {
        return Ok(None);
    };
    let site = &app.board.site;
    let catalog = site.records.catalog();
    let name = catalog.service(&service).map_or(service.clone(), |known| known.name.clone());
    let about = site.words.with("chosen-service", &[("name", name.to_string().into())]);
    Ok(Some(std::iter::once(about).chain(choice::said(&site.words, &choice)).collect()))
}

/// Somebody at the address said yes.
pub async fn confirm(State(app): State<Arc<App>>, body: Body) -> Response {
    let fields = form_of(body).await;
    let token = fields.into_iter().find(|(name, _)| name == "t").unwrap_or_default().1;
    let lines = chosen(&app, Purpose::Confirm, &token).await.ok().flatten().unwrap_or_default();
    end(&app, (Step::Confirmed, lines), move |people| people.confirm(&token)).await
}

/// From the page's own form, or in one click from a program of mail: then the token stands in the
/// address (RFC 8058).
pub async fn leave(State(app): State<Arc<App>>, uri: Uri, body: Body) -> Response {
    let fields = form_of(body).await;
    let in_body = fields.into_iter().find(|(name, _)| name == "t").map(|(_, token)| token);
    let token = in_body.unwrap_or_else(|| token_in(uri.query().unwrap_or("")));
    end(&app, (Step::Left, Vec::new()), move |people| people.leave(&token)).await
}

async fn end(
    app: &Arc<App>,
    (done, lines): (Step, Vec<String>),
    act: impl FnOnce(&dyn Subscriptions) -> Result<bool, Unavailable> + Send + 'static,
) -> Response {
    let Some(people) = app.subscriptions.clone() else {
        return page(app, StatusCode::NOT_FOUND, Step::Unknown, Of::default());
    };
    match off(move || act(&*people)).await {
        Ok(true) => page(app, StatusCode::OK, done, Of { lines, ..Of::default() }),
        Ok(false) => page(app, StatusCode::NOT_FOUND, Step::Unknown, Of::default()),
        Err(Unavailable) => refuse(app, "/", Problem::Unavailable),
    }
}

/// Off the threads that serve.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unavailable> + Send + 'static,
) -> Result<T, Unavailable> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Unavailable))
}

fn page(app: &App, status: StatusCode, step: Step, of: Of) -> Response {
    html(status, render(&app.board.site, step, &of))
}

async fn form_of(body: Body) -> Vec<(String, String)> {
    // What is longer than a form of ours is none.
    let bytes = to_bytes(body, REPORT_BODY_BYTES_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn token_in(query: &str) -> String {
    let token = query.split('&').find_map(|pair| pair.strip_prefix("t=")).unwrap_or("");
    decoded(token).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// Whether it may be an address of e-mail. Whether it is one is known when somebody says yes.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_graphic() && !"<>,;:\\\"()[]@".contains(c))
    };
    text.len() <= ADDRESS_CHARS_MAX
        && text.split_once('@').is_some_and(|(name, domain)| {
            plain(name) && plain(domain) && domain.contains('.') && !domain.contains("..")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_an_address_is_taken() {
        for good in ["ada@people.example", "a.b+c@x.co", "o'neil@x.example"] {
            assert!(is_address(good), "{good}");
        }
        for bad in
            ["", "ada", "ada@", "@x.co", "a@b", "a b@x.co", "a@x.co\r\nBcc: b@x.co", "<a@x.co>"]
        {
            assert!(!is_address(bad), "{bad:?}");
        }
    }
}
