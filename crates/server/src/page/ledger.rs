//! The ledger of claims: exact words, who said them, and how far the evidence carries them.
//!
//! A ruling leads to the evidence behind it. "Contradicted" is shown once two persons have approved
//! it; until then it is under review. What replies to a claim stands beside it.

use maud::Markup;
use maud::html;
use outcry_core::claim::ClaimRecord;
use outcry_core::claim::Ruled;
use outcry_core::claim::Ruling;

use crate::page::Glyph;
use crate::page::glyph;
use crate::page::moment;
use crate::page::verdict::Judged;
use crate::site::Site;

/// The claims about an incident, and apart from them those about earlier ones.
pub fn ledger(site: &Site, judged: &Judged) -> Markup {
    let words = &site.words;
    let claims = &judged.ledger;
    let (earlier, now): (Vec<_>, Vec<_>) = claims.iter().partition(|record| record.claim.earlier);
    html! {
        @if claims.is_empty() {
            p class="sub" { (words.say("claims-none")) }
        }
        @for record in now { (claim(site, judged, record)) }
        @if !earlier.is_empty() {
            h3 class="apart" { (words.say("claims-earlier")) }
            p class="sub" { (words.say("claims-earlier-what")) }
            @for record in earlier { (claim(site, judged, record)) }
        }
    }
}

fn claim(site: &Site, judged: &Judged, record: &ClaimRecord) -> Markup {
    let words = &site.words;
    let said = &record.claim;
    let replies = judged.ledger.iter().filter(|it| it.claim.about.as_ref() == Some(&said.claim));
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
                @if record.corrected > 0 {
                    p class="meta" {
                        (words.with("claim-corrected", &[("n", record.corrected.into())]))
                    }
                }
                @for reply in replies {
                    p class="meta" {
                        a href={ "#claim-" (reply.claim.claim) } {
                            (words.with("claim-reply", &[
                                ("role", reply.claim.speaker_role.to_string().into()),
                            ]))
                        }
                    }
                }
            }
            ul class="rulings" {
                @for ruled in &record.rulings {
                    li { (ruling(site, judged, record, ruled)) }
                }
            }
        }
    }
}

fn ruling(site: &Site, judged: &Judged, record: &ClaimRecord, ruled: &Ruled) -> Markup {
    let words = &site.words;
    let waits = !judged.publication.shows_ruling(&record.claim.claim, ruled.ruling);
    html! {
        h4 class=(if waits { "" } else { tone(ruled.ruling) }) {
            @if waits { (glyph(Glyph::Open)) (words.say("publication-review")) }
            @else { (sign(site, ruled.ruling)) }
        }
        p { (ruled.assertion.what) }
        p class="meta" {
            @if waits { (words.say("ruling-waits")) }
            @else { (words.say(&format!("reason-{}", kebab(ruled.reason.name())))) }
            " "
            @match &ruled.assertion.would_settle {
                Some(settle) if ruled.ruling != Ruling::NotTestable => {
                    @let what = [("what", settle.to_string().into())];
                    (words.with("would-settle", &what))
                }
                _ => {}
            }
        }
        @if !waits && !ruled.evidence.is_empty() {
            p class="meta" {
                (words.say("ruling-evidence")) " "
                @for (index, family) in ruled.evidence.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href={ "#e-" (family.name()) } {
                        (words.say(&format!("family-{}", family.name())))
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
                        @for ruling in rulings_of(record) {
                            span class="tag q" {
                                @if matches!(ruling, Ruling::Contradicted | Ruling::Supported) {
                                    (glyph(Glyph::Open)) (site.words.say("publication-see"))
                                } @else { (sign(site, ruling)) }
                            }
                            " "
                        }
                        (record.claim.speaker_role) ", " (record.claim.medium)
                    }
                }
            }
        }
    }
}

/// Every ruling that some assertion of a claim has, each once: one sentence may assert several
/// things, and no one of them stands for the whole.
fn rulings_of(record: &ClaimRecord) -> Vec<Ruling> {
    let mut rulings: Vec<Ruling> = Vec::new();
    for ruled in &record.rulings {
        if !rulings.contains(&ruled.ruling) {
            rulings.push(ruled.ruling);
        }
    }
    rulings
}

/// The shape and the word of a ruling.
pub fn sign(site: &Site, ruling: Ruling) -> Markup {
    html! {
        (glyph(shape(ruling))) (site.words.say(&format!("ruling-{}", kebab(ruling.name()))))
    }
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
