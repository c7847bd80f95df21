//! Pages for what is not there, and for what went wrong.

use maud::html;

use crate::page::Frame;
use crate::page::framed;
use crate::page::home::search_form;
use crate::site::Site;

/// Renders what went wrong, with a way on.
pub fn render(site: &Site, title: &str, detail: &str) -> String {
    let words = &site.words;
    let main = html! {
        div class="hdr" {
            h1 { (title) }
            p class="lede" { (detail) }
            (search_form(site, ""))
            p class="links" {
                a href="/" { (words.say("nav-services")) }
                a href="/incidents" { (words.say("nav-incidents")) }
            }
        }
    };
    let frame = Frame {
        title: words.with("missing-title", &[("title", title.to_owned().into())]),
        description: detail.to_owned(),
        part: "",
        path: "/".into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}
