//! The index of public claims: every claim about a recent incident, with its rulings.
//!
//! # What it cannot tell
//!
//! More than the dossiers it leads to; and nothing of incidents further back than it lists.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Catalog;
use outcry_core::incident::Incident;

use crate::page::Frame;
use crate::page::framed;
use crate::page::ledger::ledger;
use crate::page::service::THANKS_PLACE;
use crate::page::verdict::Judged;
use crate::proposal::PATH;
use crate::site::Site;

/// Renders the page from incidents, newest first, with what was judged of each.
pub fn render(site: &Site, catalog: &Catalog, judged: &[(Incident, Judged)]) -> String {
    let words = &site.words;
    let with_claims = judged.iter().filter(|(_, judged)| !judged.ledger.is_empty());
    let any = with_claims.clone().next().is_some();
    let main = html! {
        div class="hdr" {
            h1 { (words.say("claims-index-headline")) }
            p class="lede" { (words.say("claims-index-lede")) }
            (maud::PreEscaped(THANKS_PLACE))
            p class="links" { a href=(PATH) { (words.say("propose-link")) } }
        }
        (key(site))
        @if !any { p class="sub apart" { (words.say("claims-index-none")) } }
        @for (incident, judged) in with_claims {
            @let name = catalog.service(&incident.service).map_or(&incident.service, |s| &s.name);
            section aria-labelledby={ "h-" (incident.id.0) } {
                h2 id={ "h-" (incident.id.0) } {
                    a href={ "/i/" (incident.id.0) "#claims" } {
                        (words.with("claims-index-of", &[
                            ("name", name.to_string().into()),
                            ("date", words.date(incident.opened_at).into()),
                        ]))
                    }
                }
                (ledger(site, judged))
            }
        }
    };
    let frame = Frame {
        title: words.say("claims-index-title"),
        description: words.say("claims-index-lede"),
        part: "claims",
        path: "/claims".into(),
        live: None,
        as_of: site.now(),
        reconstruction: judged.iter().any(|(_, judged)| judged.assessment.reconstruction),
    };
    framed(site, &frame, &main)
}

/// The six rulings with their shapes, explained once.
fn key(site: &Site) -> Markup {
    use outcry_core::claim::Ruling;
    html! {
        dl class="signs" {
            @for ruling in Ruling::ALL {
                div {
                    dt { (crate::page::ledger::sign(site, ruling)) }
                    dd {
                        ({
                                let name = ruling.name().replace('_', "-");
                                site.words.say(&format!("ruling-what-{name}"))
                            })
                    }
                }
            }
        }
    }
}
