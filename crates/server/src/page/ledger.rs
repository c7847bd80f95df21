//! The ledger of claims: exact words, who said them, and how far the evidence carries them.

use maud::Markup;
use maud::html;
use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Ruling;

use crate::page::Glyph;
use crate::page::glyph;
use crate::page::moment;
use crate::site::Site;

/// The claims about an incident, and apart from them those about earlier ones.
pub fn ledger(site: &Site, claims: &[ClaimRecord]) -> Markup {
    let words = &site.words;
    let (earlier, now): (Vec<_>, Vec<_>) = claims.iter().partition(|record| record.claim.earlier);
    html! {
        @if claims.is_empty() {
            p class="sub" { (words.say("claims-none")) }
        }
        @for record in now { (claim(site, record)) }
        @if !earlier.is_empty() {
            h3 class="apart" { (words.say("claims-earlier")) }
            p class="sub" { (words.say("claims-earlier-what")) }
            @for record in earlier { (claim(site, record)) }
        }
    }
}

fn claim(site: &Site, record: &ClaimRecord) -> Markup {
    let words = &site.words;
    let said = &record.claim;
    html! {
        article class="claim" id={ "claim-" (said.claim) } {
            div {
                blockquote { "“" (said.quote) "”" }
                p class="meta" {
                    @if let Some(speaker) = &said.speaker { (speaker) ", " }
                    (said.speaker_role) ", " (said.medium) ", "
                    @match &said.said_at_words {
                        Some(when) => { (when) }
                        None => { (moment(site, record.said_at)) }
                    }
                    "."
                }
                p class="meta" {
                    @match &said.evidence_offered {
                        Some(offered) => { (words.say("claim-offered")) " " (offered) }
                        None => { (words.say("claim-offered-none")) }
                    }
                    @if let Some(about) = &said.about {
                        " " a href={ "#claim-" (about) } { (words.say("claim-about")) }
                    }
                }
            }
            ul class="rulings" {
                @for (assertion, (ruling, reason)) in said.assertions.iter().zip(&record.rulings) {
                    li {
                        h4 class=(tone(*ruling)) {
                            (glyph(shape(*ruling))) (in_a_word(site, *ruling))
                        }
                        p { (assertion.what) }
                        p class="meta" {
                            (words.say(&format!("reason-{}", kebab(reason.name()))))
                            @if let Some(settle) = &assertion.would_settle {
                                @let what = [("what", settle.to_string().into())];
                                " " (words.with("would-settle", &what))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The first claims about an incident, each in one line.
pub fn claims_in_short(site: &Site, claims: &[ClaimRecord]) -> Markup {
    html! {
        ul class="ledger-mini" {
            @for record in claims.iter().filter(|record| !record.claim.earlier) {
                li {
                    q { (record.claim.quote) }
                    p class="meta" {
                        @if let Some((ruling, _)) = record.rulings.first() {
                            span class="tag q" {
                                (glyph(shape(*ruling))) (in_a_word(site, *ruling))
                            }
                        }
                        (record.claim.speaker_role) ", " (record.claim.medium)
                    }
                }
            }
        }
    }
}

fn in_a_word(site: &Site, ruling: Ruling) -> String {
    site.words.say(&format!("ruling-{}", kebab(ruling.name())))
}

fn shape(ruling: Ruling) -> Glyph {
    match ruling {
        Ruling::Supported => Glyph::Supported,
        Ruling::Contradicted => Glyph::Contradicted,
        Ruling::Disputed => Glyph::Disputed,
        Ruling::NotShown => Glyph::Open,
        Ruling::DoesNotCarry => Glyph::DoesNotCarry,
        Ruling::NotTestable => Glyph::Calm,
    }
}

/// Colour is spent on two rulings only.
fn tone(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Contradicted => "no",
        Ruling::NotShown | Ruling::Disputed => "un",
        Ruling::Supported | Ruling::DoesNotCarry | Ruling::NotTestable => "",
    }
}

fn kebab(name: &str) -> String {
    name.replace('_', "-")
}
