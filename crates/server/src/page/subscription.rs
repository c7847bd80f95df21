//! Being told: the forms on the page of a service, and the pages that letters lead to. Who has a
//! broken app writes an address and presses a button; all else is folded away.
//!
//! An address in a letter only shows a page with a button: programs that look at every link of a
//! letter neither subscribe anybody nor take anybody off.

use std::ops::Deref;

use maud::Markup;
use maud::html;
use outcry_core::catalog::Service;
use outcry_core::hypothesis::Group;

use crate::page::Frame;
use crate::page::framed;
use crate::site::Site;
use crate::words::Words;

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
                    (narrow(site, service))
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
                (narrow(site, service))
                button class="btn" type="button" { (words.say("push-send")) }
                " " output {}
                p class="fine" { (words.say("push-privacy")) }
            }
        }
    }
}

/// What may be chosen besides the service; closed, so that nobody has to read it. No browser fills
/// it in by itself: nobody would see what they chose.
fn narrow(site: &Site, service: &Service) -> Markup {
    let words = &site.words;
    html! {
        details {
            summary { (words.say("narrow-title")) }
            p { label { (words.say("narrow-country")) " "
                input name="country" maxlength="40" autocomplete="off"
                    placeholder=(words.say("narrow-country-such")); } }
            (one_of(words, "component", &service.components, "component"))
            p { label { input type="checkbox" name="severity" value="danger"; " "
                (words.say("narrow-danger")) } }
            (one_of(words, "cause", &Group::ALL.map(Group::name), "group"))
            p { label { input type="checkbox" name="wants" value="everything"; " "
                (words.say("narrow-everything")) } }
        }
    }
}

/// One of several, or any.
fn one_of<S: Deref<Target = str>>(words: &Words, name: &str, known: &[S], kind: &str) -> Markup {
    html! {
        p { label { (words.say(&format!("narrow-{name}"))) " "
            select name=(name) {
                option value="" { (words.say("narrow-any")) }
                @for one in known {
                    option value=(&**one) { (words.term(kind, one)) }
                }
            } } }
    }
}

/// What goes onto a page of this kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Of {
    /// It goes with the button.
    pub token: String,
    /// What was chosen, or what is wrong with it.
    pub lines: Vec<String>,
}

/// What a page of this kind is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The address was asked.
    Asked,
    /// The address cannot be one.
    BadAddress,
    /// What was chosen cannot be.
    BadChoice,
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
            Self::BadChoice => "bad-choice",
            Self::Full => "full",
            Self::Confirm => "confirm",
            Self::Confirmed => "confirmed",
            Self::Leave => "leave",
            Self::Left => "left",
            Self::Unknown => "unknown",
        }
    }
}

/// One of these pages.
pub fn render(site: &Site, step: Step, Of { token, lines }: &Of) -> String {
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
            @if !lines.is_empty() {
                ul { @for line in lines { li { (line) } } }
            }
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
