//! The evidence behind a verdict, family by family: ratios in words and as bars that diverge.
//!
//! A bar to the right speaks for what leads, one to the left against it; each step of the scale
//! doubles the odds.

use maud::Markup;
use maud::html;
use outcry_core::evidence::State;
use outcry_core::hypothesis::Cause;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::Evidence;

use crate::page::hour;
use crate::page::moment;
use crate::page::verdict::Judged;
use crate::page::verdict::cause_name;
use crate::page::verdict::kebab;
use crate::page::verdict::percent;
use crate::site::Site;

/// A ratio nearer to 1 than this says next to nothing.
const RATIO_SMALL: f64 = 1.25;
/// A ratio of so many doublings fills half of a bar.
const RATIO_BITS_MAX: f64 = 5.0;

pub(super) fn evidence(site: &Site, judged: &Judged) -> Markup {
    let words = &site.words;
    let assessment = &judged.assessment;
    let lead = contrast(assessment);
    let against = [("cause", cause_name(site, lead).into())];
    html! {
        table class="evid weigh fig" {
            caption class="vh" { (words.say("evidence-title")) }
            thead { tr {
                th scope="col" { (words.say("families-title")) }
                th scope="col" { (words.say("evidence-seen")) }
                th scope="col" { (words.with("evidence-against", &against)) }
            } }
            tbody {
                @for evidence in &assessment.evidence {
                    @let family = evidence.item.family;
                    @let ratio = ratio(assessment, evidence, lead);
                    tr id={ "e-" (family.name()) } {
                        th scope="row" {
                            (words.say(&format!("family-{}", family.name())))
                            @if evidence.item.synthetic {
                                span class="meta" { (words.say("evidence-synthetic")) }
                            }
                        }
                        td {
                            p { (sentence(site, evidence)) }
                            p class="meta" { (figures(site, evidence)) }
                            p class="meta" {
                                (words.say(&format!("caveat-{}", kebab(evidence.item.caveat))))
                            }
                        }
                        td { (scale(ratio)) p class="meta" { (in_words(site, ratio, lead)) } }
                    }
                }
            }
        }
    }
}

/// What the bars of evidence are drawn for: what is named, or else what leads beside `unknown`.
fn contrast(assessment: &Assessment) -> Cause {
    assessment.named.unwrap_or_else(|| {
        let mut best = Hypothesis::ALL[0];
        for hypothesis in Hypothesis::ALL {
            let more = assessment.share(hypothesis).p > assessment.share(best).p;
            if hypothesis != Hypothesis::Unknown && more {
                best = hypothesis;
            }
        }
        Cause::One(best)
    })
}

/// How much more probable what was seen is under a cause than under all others, by their shares.
fn ratio(assessment: &Assessment, evidence: &Evidence, cause: Cause) -> f64 {
    let mean = |covered: bool| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for hypothesis in Hypothesis::ALL {
            if cause.covers(hypothesis) == covered {
                // Before this family spoke: its own weight must not count twice.
                let ratio = evidence.ratios[hypothesis.index()];
                let share = assessment.share(hypothesis).p / ratio;
                sum += share * ratio;
                weight += share;
            }
        }
        if weight > 0.0 { sum / weight } else { 1.0 }
    };
    mean(true) / mean(false)
}

/// A bar to the right of the middle for, to the left against; each doubling is one step.
fn scale(ratio: f64) -> Markup {
    let half = (ratio.log2() / RATIO_BITS_MAX).clamp(-1.0, 1.0) * 50.0;
    let (x, width) = if half >= 0.0 { (50.0, half) } else { (50.0 + half, -half) };
    html! {
        svg class="lrbar" aria-hidden="true" {
            @for tick in [10.0, 20.0, 30.0, 40.0, 60.0, 70.0, 80.0, 90.0] {
                line class="g" x1=(percent(tick)) x2=(percent(tick)) y1="30%" y2="70%" {}
            }
            rect class=(if half >= 0.0 { "for" } else { "not" }) x=(percent(x)) y="25%"
                width=(percent(width)) height="50%" {}
            line class="m" x1="50%" x2="50%" y1="0" y2="100%" {}
        }
    }
}

fn in_words(site: &Site, ratio: f64, cause: Cause) -> String {
    let cause = ("cause", cause_name(site, cause).into());
    if (1.0 / RATIO_SMALL..RATIO_SMALL).contains(&ratio) {
        return site.words.say("ratio-none");
    }
    let (id, times) = if ratio > 1.0 { ("ratio-for", ratio) } else { ("ratio-not", 1.0 / ratio) };
    site.words.with(id, &[("times", site.words.level(times).into()), cause])
}

fn sentence(site: &Site, evidence: &Evidence) -> String {
    let family = evidence.item.family.name();
    match evidence.item.state {
        State::Listed(state) => site.words.say(&format!("state-{family}-{}", kebab(state))),
        State::Says(voice, cause) => site
            .words
            .with(&format!("voice-{}", voice.name()), &[("cause", cause_name(site, cause).into())]),
    }
}

fn figures(site: &Site, evidence: &Evidence) -> Markup {
    let words = &site.words;
    let told: Vec<String> = evidence
        .item
        .figures
        .iter()
        .filter(|(_, value)| *value > 0.0)
        .map(|(name, value)| {
            let id = format!("figure-{}", kebab(name));
            let count = (*value as usize).into();
            words.with(&id, &[("n", words.level(*value).into()), ("count", count)])
        })
        .collect();
    html! {
        (told.join("; "))
        @if !evidence.item.names.is_empty() {
            @if !told.is_empty() { ": " }
            @let names = evidence.item.names.iter().take(8).map(ToString::to_string);
            (names.collect::<Vec<_>>().join(", "))
        }
        @if !told.is_empty() || !evidence.item.names.is_empty() { ". " }
        (words.say(&format!("source-{}", kebab(evidence.item.source)))) ", "
        (moment(site, evidence.item.window.0)) " – " (hour(site, evidence.item.window.1)) "."
    }
}
