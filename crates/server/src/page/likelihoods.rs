//! The likelihood table on the methods page: priors, every state of every family, and every factor
//! with its reason, its uncertainty and the cases it was set with in mind.

use maud::Markup;
use maud::html;
use outcry_core::hypothesis::Cause;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::verdict::table::Entry;
use outcry_core::verdict::table::FamilyRows;
use outcry_core::verdict::table::StateRow;
use outcry_wire::likelihood;

use crate::page::verdict::cause_name;
use crate::site::Site;

/// The table.
pub fn table(site: &Site) -> Markup {
    let words = &site.words;
    let table = likelihood::built_in();
    html! {
        section aria-labelledby="table" {
            h2 id="table" { (words.say("table-title")) }
            p class="sub" {
                (words.with("table-caption", &[("version", table.version.to_string().into())])) " "
                a href="/methods/table.toml" { (words.say("table-file")) }
            }
            h3 class="apart" { (words.say("table-priors")) }
            table class="plain fig" {
                thead { tr {
                    th scope="col" { (words.say("shares-cause")) }
                    @for prior in &table.priors {
                        th scope="col" class="num" { (words.say(&kind(prior.kind.name()))) }
                    }
                } }
                tbody { @for hypothesis in Hypothesis::ALL {
                    tr {
                        th scope="row" { (cause_name(site, Cause::One(hypothesis))) }
                        @for prior in &table.priors {
                            td class="num" { (share(prior.shares[hypothesis.index()])) }
                        }
                    }
                } }
            }
            @for prior in &table.priors {
                p class="meta" { (words.say(&kind(prior.kind.name()))) ": " (prior.source) "." }
            }
            @for family in &table.families { (rows(site, family)) }
            h3 class="apart" { (words.say("family-testimony")) }
            p class="sub" { (words.say("table-voices")) }
            table class="plain fig" {
                tbody { @for voice in &table.voices {
                    tr {
                        th scope="row" { (words.say(&format!("voice-name-{}", voice.voice.name()))) }
                        td { "×" (voice.factor) }
                        td { (voice.why) }
                    }
                } }
            }
        }
    }
}

fn rows(site: &Site, family: &FamilyRows) -> Markup {
    let words = &site.words;
    html! {
        details {
            summary {
                b { (words.say(&format!("family-{}", family.family.name()))) } " · "
                (words.with("table-states", &[("n", family.states.len().into())]))
            }
            p class="meta" { (words.say("table-coverage")) " " (family.coverage) "." }
            table class="plain fig" {
                thead { tr {
                    th scope="col" { (words.say("table-state")) }
                    th scope="col" class="num" { (words.say("table-base")) }
                    th scope="col" { (words.say("table-factors")) }
                } }
                tbody { @for state in &family.states { (row(site, state)) } }
            }
        }
    }
}

fn row(site: &Site, state: &StateRow) -> Markup {
    html! {
        tr {
            th scope="row" { (state.what) }
            td class="num" { (share(state.base)) }
            td { ul { @for entry in &state.entries { li { (factor(site, entry)) } } } }
        }
    }
}

fn factor(site: &Site, entry: &Entry) -> Markup {
    let causes: Vec<String> =
        entry.causes.iter().map(|cause| cause_name(site, Cause::One(*cause))).collect();
    let cases: Vec<&str> = entry.from_cases.iter().map(|case| &**case).collect();
    html! {
        b { "×" (entry.factor) } " (±×" (entry.spread) ") " (causes.join(", "))
        span class="meta" {
            " " (entry.why) "."
            @if !cases.is_empty() {
                " " (site.words.say("table-cases")) " " (cases.join(", ")) "."
            }
        }
    }
}

fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn kind(name: &str) -> String {
    format!("kind-{}", name.replace('_', "-"))
}
