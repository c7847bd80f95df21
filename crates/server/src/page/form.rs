//! The report form: two questions apart, nothing preselected, two taps enough.
//!
//! A plain POST that works without a script. What is wrong is said beside the field, and nothing
//! typed is lost.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Service;
use outcry_core::signal::COMMENT_CHARS_MAX;

use crate::intake::Answers;
use crate::intake::Fault;
use crate::intake::Field;
use crate::site::Site;

/// The form of one service, with what was typed before and what was wrong with it.
pub fn form(site: &Site, service: &Service, typed: &Answers, faults: &[Fault]) -> Markup {
    let words = &site.words;
    html! {
        form class="card" id="report" method="post"
            action={ "/s/" (service.slug) "/report#report" }
        {
            h2 { (words.with("form-title", &[("name", service.name.to_string().into())])) }
            (summary_of(site, faults))
            (question(site, Field::Affected, "component", &service.components, typed, faults))
            (question(site, Field::Problem, "problem", &service.problems, typed, faults))
            details class="more" open[!typed.comment.is_empty() || has(faults, Field::Comment)] {
                summary { (words.say("form-comment-more")) }
                label for="comment" { (words.say("form-comment")) }
                (fault_of(site, Field::Comment, faults))
                textarea id="comment" name="comment" rows="3"
                    aria-describedby={
                        "comment-rule" @if has(faults, Field::Comment) { " fault-comment" }
                    }
                    aria-invalid=[has(faults, Field::Comment).then_some("true")]
                    { (typed.comment) }
                p class="fine" id="comment-rule" {
                    (words.with("form-comment-rule", &[("max", COMMENT_CHARS_MAX.into())]))
                }
            }
            div class="send" {
                button class="btn" { (words.say("form-send")) }
                button class="btn plain" name="works" value="yes" { (words.say("form-works")) }
            }
            p class="fine" {
                (words.say("form-privacy")) " "
                @if site.places.sources().is_empty() { (words.say("form-no-places")) " " }
                (words.say("form-counting")) " "
                a href="/methods#privacy" { (words.say("form-more")) }
            }
        }
    }
}

/// One question with its answers as chips.
fn question(
    site: &Site,
    field: Field,
    kind: &str,
    choices: &[outcry_core::units::Text],
    typed: &Answers,
    faults: &[Fault],
) -> Markup {
    let words = &site.words;
    let chosen = match field {
        Field::Affected => &typed.affected,
        _ => &typed.problem,
    };
    let name = field.name();
    html! {
        fieldset aria-describedby=[has(faults, field).then(|| format!("fault-{name}"))] {
            legend { (words.say(&format!("form-{name}"))) }
            (fault_of(site, field, faults))
            div class="chips" {
                @for choice in choices {
                    label {
                        input type="radio" name=(name) value=(choice)
                            checked[chosen.as_str() == &**choice];
                        span { (words.term(kind, choice)) }
                    }
                }
            }
        }
    }
}

/// The faults together, where a screen reader lands first.
fn summary_of(site: &Site, faults: &[Fault]) -> Markup {
    let words = &site.words;
    html! {
        @if !faults.is_empty() {
            p class="fault" role="alert" {
                (words.with("form-faults", &[("n", faults.len().into())]))
            }
        }
    }
}

fn fault_of(site: &Site, field: Field, faults: &[Fault]) -> Markup {
    html! {
        @for fault in faults.iter().filter(|fault| fault.field == field) {
            p class="fault" id={ "fault-" (field.name()) } { (fault.in_words(&site.words)) }
        }
    }
}

fn has(faults: &[Fault], field: Field) -> bool {
    faults.iter().any(|fault| fault.field == field)
}
