//! The form for claims: exact words, who, when and where, for an operator to look up.
//!
//! A plain POST that works without a script. What is wrong is said beside the field, and nothing
//! typed is lost. It asks nothing about the sender.

use maud::Markup;
use maud::html;

use crate::limit::SAID_FROM;
use crate::page::Frame;
use crate::page::framed;
use crate::proposal::PATH;
use crate::proposal::typed::Fault;
use crate::proposal::typed::Field;
use crate::proposal::typed::ROLES;
use crate::proposal::typed::Typed;
use crate::site::Site;

/// What the page says above the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing: nobody sent anything yet.
    Nothing,
    /// Some answers are wrong.
    Faults(Vec<Fault>),
    /// Too much came from this network.
    TooMany,
    /// It could not be kept.
    NotKept,
}

/// A form on its way to a reader.
struct Form<'a> {
    site: &'a Site,
    typed: &'a Typed,
    told: &'a Told,
}

/// Renders the page with what was typed and what was wrong with it.
pub fn render(site: &Site, typed: &Typed, told: &Told) -> String {
    let words = &site.words;
    let form = Form { site, typed, told };
    let main = html! {
        div class="hdr" {
            h1 { (words.say("propose-headline")) }
            p class="lede" { (words.say("propose-lede")) }
        }
        form class="card ask" method="post" action=(PATH) novalidate {
            (form.alert())
            @for field in Field::ALL { (form.part(field)) }
            div class="send" { button class="btn" { (words.say("propose-send")) } }
            p class="fine" {
                (words.say("propose-held")) " " (words.say("propose-privacy")) " "
                a href="/methods#privacy" { (words.say("form-more")) }
            }
        }
    };
    let fine = *told == Told::Nothing;
    let frame = Frame {
        title: words.say(if fine { "propose-title" } else { "propose-title-fault" }),
        description: words.say("propose-lede"),
        part: "claims",
        path: PATH.into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}

impl Form<'_> {
    /// What went wrong, where a screen reader lands first.
    fn alert(&self) -> Markup {
        let words = &self.site.words;
        let text = match self.told {
            Told::Nothing => return html! {},
            Told::Faults(faults) => words.with("form-faults", &[("n", faults.len().into())]),
            Told::TooMany => words.say("propose-too-many"),
            Told::NotKept => words.say("propose-not-kept"),
        };
        html! { p class="fault" role="alert" { (text) } }
    }

    /// One question with its answer.
    fn part(&self, field: Field) -> Markup {
        let (words, name) = (&self.site.words, field.name());
        if field == Field::Role {
            return self.roles();
        }
        html! {
            div {
                label for=(name) { (self.question(field)) }
                (self.hint(field))
                (self.fault(field))
                @match field {
                    Field::Service => (self.services()),
                    Field::Quote | Field::Evidence => {
                        @let rows = if field == Field::Quote { 5 } else { 2 };
                        textarea id=(name) name=(name) rows=(rows)
                            required[field.is_required()] aria-describedby=[self.described(field)]
                            aria-invalid=[self.invalid(field)]
                            { (self.typed.text(field)) }
                    }
                    _ => {
                        input id=(name) name=(name) type=(kind(field))
                            value=(self.typed.text(field))
                            min=[(field == Field::When).then(|| format!("{SAID_FROM}T00:00"))]
                            autocomplete="off" required[field.is_required()]
                            aria-describedby=[self.described(field)]
                            aria-invalid=[self.invalid(field)];
                    }
                }
                @if field == Field::Service {
                    p class="fine" { a href="/services" { (words.say("propose-services")) } }
                }
            }
        }
    }

    /// The services, by name.
    fn services(&self) -> Markup {
        let catalog = self.site.records.catalog();
        let mut services: Vec<_> = catalog.services.values().collect();
        services.sort_by_key(|service| service.name.to_lowercase());
        let (field, chosen) = (Field::Service, self.typed.text(Field::Service).trim());
        html! {
            select id="service" name="service" required
                aria-describedby=[self.described(field)] aria-invalid=[self.invalid(field)]
            {
                option value="" { (self.site.words.say("propose-choose")) }
                @for service in services {
                    option value=(service.slug) selected[*service.slug == *chosen] {
                        (service.name)
                    }
                }
            }
        }
    }

    /// Who said it, as chips.
    fn roles(&self) -> Markup {
        let (field, chosen) = (Field::Role, self.typed.text(Field::Role).trim());
        html! {
            fieldset aria-describedby=[self.described(field)] {
                legend { (self.question(field)) }
                (self.hint(field))
                (self.fault(field))
                div class="chips" {
                    @for role in ROLES {
                        label {
                            input type="radio" name="role" value=(role) required
                                checked[role == chosen];
                            span { (self.site.words.say(&format!("propose-role-{role}"))) }
                        }
                    }
                }
            }
        }
    }

    fn question(&self, field: Field) -> Markup {
        let words = &self.site.words;
        html! {
            (words.say(&format!("propose-{}", field.name())))
            @if !field.is_required() { " " span class="opt" { (words.say("propose-optional")) } }
        }
    }

    fn hint(&self, field: Field) -> Markup {
        let id = format!("propose-{}-hint", field.name());
        let max = field.chars_max().unwrap_or_default();
        html! {
            @if self.site.words.has(&id) {
                p class="fine" id={ "hint-" (field.name()) } {
                    (self.site.words.with(&id, &[("max", max.into())]))
                }
            }
        }
    }

    fn fault(&self, field: Field) -> Markup {
        let faults = self.faults().iter().filter(|fault| fault.field == field);
        html! {
            @for fault in faults {
                p class="fault" id={ "fault-" (field.name()) } {
                    (fault.in_words(&self.site.words))
                }
            }
        }
    }

    fn faults(&self) -> &[Fault] {
        match self.told {
            Told::Faults(faults) => faults,
            _ => &[],
        }
    }

    fn has_fault(&self, field: Field) -> bool {
        self.faults().iter().any(|fault| fault.field == field)
    }

    fn invalid(&self, field: Field) -> Option<&'static str> {
        self.has_fault(field).then_some("true")
    }

    /// What is read out with a field: its hint and its fault.
    fn described(&self, field: Field) -> Option<String> {
        let name = field.name();
        let hint = self.site.words.has(&format!("propose-{name}-hint"));
        let parts = [(hint, "hint"), (self.has_fault(field), "fault")];
        let there = parts.iter().filter(|(there, _)| *there);
        let ids: Vec<String> = there.map(|(_, what)| format!("{what}-{name}")).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

fn kind(field: Field) -> &'static str {
    match field {
        Field::When => "datetime-local",
        Field::Source => "url",
        _ => "text",
    }
}
