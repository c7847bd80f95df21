//! Being told by e-mail: a form on the page of a service, and the pages its addresses lead to.
//!
//! An address in a letter only shows a page with a button: programs that look at every link of a
//! letter neither subscribe anybody nor take anybody off.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Service;

use crate::page::Frame;
use crate::page::framed;
use crate::site::Site;

/// The forms of a service; nothing where the site tells nobody.
pub fn form(site: &Site, service: &Service) -> Markup {
    let words = &site.words;
    html! {
        @if site.tells_by_mail {
            section id="subscribe" {
                h2 { (words.say("subscribe-title")) }
                form method="post" action={ "/s/" (service.slug) "/subscribe" } {
                    label for="address" { (words.say("subscribe-address")) } " "
                    input id="address" name="address" type="email" required
                        autocomplete="email" maxlength="254";
                    " "
                    label { input type="checkbox" name="wants" value="end"; " "
                        (words.say("subscribe-end")) }
                    " "
                    button class="btn" { (words.say("subscribe-send")) }
                    p class="fine" { (words.say("subscribe-privacy")) }
                }
            }
        }
        @if let Some(key) = &site.push_key {
            // No form can do this: the script shows it where the browser is able to.
            section id="push" hidden data-key=(key) data-slug=(service.slug)
                data-stop=(words.say("push-stop")) data-done=(words.say("push-done"))
                data-left=(words.say("push-left")) data-failed=(words.say("push-failed")) {
                h2 { (words.say("push-title")) }
                button class="btn" type="button" { (words.say("push-send")) }
                " " output {}
                p class="fine" { (words.say("push-privacy")) }
            }
        }
    }
}

/// What a page of this kind is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The address was asked.
    Asked,
    /// The address cannot be one.
    BadAddress,
    /// There is no room for more.
    Full,
    /// A button to say yes.
    Confirm,
    /// Somebody said yes.
    Confirmed,
    /// A button to leave.
    Leave,
    /// Somebody left.
    Left,
    /// The address leads nowhere any more.
    Unknown,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::BadAddress => "bad-address",
            Self::Full => "full",
            Self::Confirm => "confirm",
            Self::Confirmed => "confirmed",
            Self::Leave => "leave",
            Self::Left => "left",
            Self::Unknown => "unknown",
        }
    }
}

/// One of these pages; `token` goes with the button.
pub fn render(site: &Site, step: Step, token: &str) -> String {
    let words = &site.words;
    let title = words.say(&format!("subscribe-{}-title", step.name()));
    let detail = words.say(&format!("subscribe-{}-text", step.name()));
    let action = match step {
        Step::Confirm => Some("/subscribe"),
        Step::Leave => Some("/unsubscribe"),
        _ => None,
    };
    let main = html! {
        div class="hdr" {
            h1 { (title) }
            p class="lede" { (detail) }
            @if let Some(action) = action {
                form method="post" action=(action) {
                    input type="hidden" name="t" value=(token);
                    button class="btn" { (words.say(&format!("subscribe-{}-send", step.name()))) }
                }
            }
            p class="links" { a href="/" { (words.say("nav-services")) } }
        }
    };
    let frame = Frame {
        title: words.with("missing-title", &[("title", title.into())]),
        description: detail,
        part: "",
        path: "/".into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}
