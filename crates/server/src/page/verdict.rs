//! The verdict on a dossier: shares with `unknown` hatched, dot and range, and the evidence behind
//! them by family.
//!
//! Shares are told to the nearest 5 %. Colour is spent on what is named and may be shown; all else
//! stands in one quiet hue. Every sentence about evidence leads to the row it rests on.

mod evidence;

use maud::Markup;
use maud::html;
use outcry_core::claim::ClaimRecord;
use outcry_core::claim::publish::Publication;
use outcry_core::claim::publish::publication;
use outcry_core::claim::rule::rule;
use outcry_core::evidence::CaseFile;
use outcry_core::evidence::Family;
use outcry_core::hypothesis::Cause;
use outcry_core::hypothesis::Group;
use outcry_core::hypothesis::Hypothesis;
use outcry_core::verdict::Assessment;
use outcry_core::verdict::assess;
use outcry_core::verdict::naming::SHARE_MIN;
use outcry_core::verdict::posterior::Share;
use outcry_wire::likelihood;

use crate::page::Glyph;
use crate::page::glyph;
use crate::page::hour;
use crate::site::Site;

/// Shares are told in steps of so many per cent.
const STEP_PERCENT: f64 = 5.0;
/// Causes with a share under this stand together as "others".
const SHOWN_MIN: f64 = 0.025;

/// A case with all that follows from it.
pub struct Judged {
    /// What the evidence says.
    pub assessment: Assessment,
    /// The claims with their rulings.
    pub ledger: Vec<ClaimRecord>,
    /// What of it may be shown.
    pub publication: Publication,
}

impl Judged {
    /// Weighs a case.
    pub fn of(case: &CaseFile) -> Self {
        let assessment = assess(case, likelihood::built_in());
        let ledger = rule(case, &assessment);
        let publication = publication(case, assessment.named, &ledger);
        Self { assessment, ledger, publication }
    }

    /// The cause that is named and may be shown.
    pub fn shown(&self) -> Option<Cause> {
        self.assessment.named.filter(|cause| self.publication.shows(cause.name()))
    }
}

/// The name of a cause or a group, as people read it.
pub fn cause_name(site: &Site, cause: Cause) -> String {
    let id = match cause {
        Cause::One(hypothesis) => format!("cause-{}", kebab(hypothesis.name())),
        Cause::Any(group) => format!("group-{}", kebab(group.name())),
    };
    site.words.say(&id)
}

/// The whole section.
pub fn section(site: &Site, case: &CaseFile, judged: &Judged) -> Markup {
    let words = &site.words;
    let assessment = &judged.assessment;
    html! {
        section class="rule" aria-labelledby="h-verdict" {
            h2 id="h-verdict" { (title(site, judged)) }
            p class="sub" {
                (words.say("verdict-what")) " "
                @if assessment.reconstruction { (words.say("verdict-reconstruction")) }
            }
            (state(site, judged))
            (bar(site, judged))
            (ranges(site, judged))
            (why_not(site, judged))
            (parts(site, assessment))
        }
        section aria-labelledby="evidence" {
            h2 id="evidence" { (words.say("evidence-title")) }
            p class="sub" { (words.say("evidence-caption")) }
            (evidence::evidence(site, judged))
            (missing(site, case, assessment))
        }
    }
}

fn title(site: &Site, judged: &Judged) -> String {
    let words = &site.words;
    let made = if judged.assessment.reconstruction { "yes" } else { "no" };
    match judged.shown() {
        Some(cause) => words.with(
            "verdict-named",
            &[("cause", cause_name(site, cause).into()), ("reconstruction", made.into())],
        ),
        None => words.with("verdict-none", &[("reconstruction", made.into())]),
    }
}

/// What waits for persons, if anything does.
fn state(site: &Site, judged: &Judged) -> Markup {
    let words = &site.words;
    let publication = &judged.publication;
    let waits = publication.findings.iter().filter(|finding| !finding.is_approved());
    html! {
        @if let Some(by) = &publication.held_by {
            p class="pull" {
                b { (words.say("publication-held")) } " "
                (words.with("publication-held-by", &[("who", by.to_string().into())]))
            }
        }
        @for finding in waits {
            p class="pull" {
                b { (words.say("publication-review")) } " "
                (words.with("publication-waits", &[("n", finding.approved_by.len().into())]))
            }
        }
    }
}

/// Groups side by side: the shape at a glance. `unknown` is hatched, never a flat colour.
fn bar(site: &Site, judged: &Judged) -> Markup {
    let assessment = &judged.assessment;
    let named = judged.shown().map(Cause::group);
    let mut groups: Vec<(Group, f64)> = Group::ALL
        .into_iter()
        .filter(|group| *group != Group::Unknown)
        .map(|group| (group, assessment.group(group)))
        .collect();
    groups.sort_by(|a, b| b.1.total_cmp(&a.1));
    groups.push((Group::Unknown, assessment.group(Group::Unknown)));
    let spoken: Vec<String> = groups
        .iter()
        .filter(|(_, share)| *share >= SHOWN_MIN)
        .map(|(group, share)| {
            format!("{} {}", cause_name(site, Cause::Any(*group)), about(site, *share))
        })
        .collect();
    let mut left = 0.0;
    let mut places = Vec::new();
    for (index, (group, share)) in groups.iter().enumerate() {
        let class = match (*group, named) {
            (Group::Unknown, _) => "u",
            (group, Some(named)) if group == named => "n",
            _ if index % 2 == 0 => "a",
            _ => "b",
        };
        places.push((class, left * 100.0, share * 100.0));
        left += share;
    }
    html! {
        div class="fig" {
            svg class="vbar" role="img" aria-label=(spoken.join(", ")) {
                defs { pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)" { rect class="hp" width="2.4" height="6" {} } }
                @for (class, x, width) in &places {
                    rect class=(class) x=(percent(*x)) width=(percent(*width)) height="100%" {}
                }
                @for (class, x, width) in &places {
                    @if *class == "u" {
                        rect fill="url(#hatch)" x=(percent(*x)) width=(percent(*width))
                            height="100%" {}
                    }
                    @if *x > 0.0 {
                        line class="cut" x1=(percent(*x)) x2=(percent(*x)) y1="0" y2="100%" {}
                    }
                }
            }
        }
    }
}

/// Each cause with its dot and range on one axis, the threshold of naming drawn in.
fn ranges(site: &Site, judged: &Judged) -> Markup {
    let words = &site.words;
    let assessment = &judged.assessment;
    let mut rows: Vec<(Hypothesis, Share)> = Hypothesis::ALL
        .into_iter()
        .map(|hypothesis| (hypothesis, assessment.share(hypothesis)))
        .filter(|(hypothesis, share)| share.p >= SHOWN_MIN && *hypothesis != Hypothesis::Unknown)
        .collect();
    rows.sort_by(|a, b| b.1.p.total_cmp(&a.1.p).then(a.0.cmp(&b.0)));
    rows.push((Hypothesis::Unknown, assessment.share(Hypothesis::Unknown)));
    let rest: f64 = 1.0 - rows.iter().map(|(_, share)| share.p).sum::<f64>();
    let named = judged.shown();
    html! {
        table class="hyp fig" {
            caption class="vh" { (words.say("shares-title")) }
            thead { tr {
                th scope="col" { (words.say("shares-cause")) }
                th scope="col" { (words.say("shares-range")) }
                th scope="col" class="num" { (words.say("shares-share")) }
            } }
            tbody {
                @for (hypothesis, share) in &rows {
                    @let is_named = named.is_some_and(|cause| cause.covers(*hypothesis));
                    tr class=[is_named.then_some("n")] {
                        th scope="row" {
                            b { (cause_name(site, Cause::One(*hypothesis))) }
                            span { (words.say(&format!("about-{}", kebab(hypothesis.name())))) }
                        }
                        td class="plotcell" aria-hidden="true" { (dot(*share)) }
                        td class="num" {
                            b { (about(site, share.p)) }
                            span class="meta" {
                                (words.with("share-range", &[
                                    ("low", rounded(share.low).into()),
                                    ("high", rounded(share.high).into()),
                                ]))
                            }
                        }
                    }
                }
                @if rest >= 0.005 {
                    tr {
                        th scope="row" { (words.say("shares-others")) }
                        td {}
                        td class="num" { b { (about(site, rest)) } }
                    }
                }
            }
        }
        p class="meta" { (words.with("shares-axis", &[("n", (SHARE_MIN * 100.0).into())])) }
    }
}

fn dot(share: Share) -> Markup {
    let at = |p: f64| percent(p * 100.0);
    html! {
        svg {
            @for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
                line class="g" x1=(at(tick)) x2=(at(tick)) y1="0" y2="100%" {}
            }
            line class="t" x1=(at(SHARE_MIN)) x2=(at(SHARE_MIN)) y1="0" y2="100%" {}
            line class="r" x1=(at(share.low)) x2=(at(share.high)) y1="50%" y2="50%" {}
            circle cx=(at(share.p)) cy="50%" r="5" {}
        }
    }
}

/// Why nothing is named.
fn why_not(site: &Site, judged: &Judged) -> Markup {
    let words = &site.words;
    html! {
        @if !judged.assessment.refusals.is_empty() {
            p class="pull" {
                (words.say("refusals")) " "
                @for refusal in &judged.assessment.refusals {
                    (words.say(&format!("refusal-{}", kebab(refusal.name())))) " "
                }
                a href="/methods#naming" { (words.say("refusals-rule")) }
            }
        }
    }
}

/// Causes in order of time, where there is more than one.
fn parts(site: &Site, assessment: &Assessment) -> Markup {
    let words = &site.words;
    html! {
        @if assessment.parts.len() > 1 {
            h3 class="apart" { (words.say("parts-title")) }
            ol class="tl" {
                @for part in &assessment.parts {
                    li {
                        span class="at" { (hour(site, part.from)) }
                        p {
                            (cause_name(site, part.cause))
                            @if let Some(until) = part.until {
                                " " (words.say("until")) " " (hour(site, until))
                            }
                            ", " a href={ "#e-" (part.by.name()) } { (words.say("parts-by")) } "."
                        }
                    }
                }
            }
        }
    }
}

/// What was not looked at, the most helpful first.
fn missing(site: &Site, case: &CaseFile, assessment: &Assessment) -> Markup {
    let words = &site.words;
    let _ = case;
    html! {
        @if !assessment.missing.is_empty() {
            h3 class="apart" { (words.say("evidence-missing-title")) }
            p class="sub" { (words.say("missing-caption")) }
            table class="evid fig" {
                thead { tr {
                    th scope="col" { (words.say("families-title")) }
                    th scope="col" { (words.say("families-state")) }
                    th scope="col" { (words.say("families-tell")) }
                } }
                tbody { @for missing in &assessment.missing {
                    tr class="miss" {
                        th scope="row" { (words.say(&family_id("family", missing.family))) }
                        td class="st" { (glyph(Glyph::Open)) (words.say("family-missing")) }
                        td { (words.say(&family_id("family-would", missing.family))) }
                    }
                } }
            }
        }
    }
}

fn family_id(prefix: &str, family: Family) -> String {
    format!("{prefix}-{}", family.name())
}

/// A share in words, to the nearest 5 %.
pub fn about(site: &Site, share: f64) -> String {
    let n = rounded(share);
    match n {
        0 => site.words.say("share-small"),
        _ => site.words.with("share-about", &[("n", n.into())]),
    }
}

fn rounded(share: f64) -> i64 {
    ((share * 100.0 / STEP_PERCENT).round() * STEP_PERCENT) as i64
}

/// A place on an axis in per cent, two decimals.
fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

fn kebab(name: &str) -> String {
    name.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use outcry_core::claim::Reason;
    use outcry_core::evidence::testimony::Voice;

    use super::*;
    use crate::words::Words;

    #[test]
    fn every_state_cause_and_reason_has_its_words() {
        let words = Words::english();
        let mut wanted: Vec<String> = Vec::new();
        for family in Family::ALL {
            let states = family.states().iter();
            wanted.extend(states.map(|s| format!("state-{}-{}", family.name(), kebab(s))));
            wanted.push(format!("family-{}", family.name()));
            wanted.push(format!("family-would-{}", family.name()));
        }
        for hypothesis in Hypothesis::ALL {
            wanted.push(format!("cause-{}", kebab(hypothesis.name())));
            wanted.push(format!("about-{}", kebab(hypothesis.name())));
        }
        wanted.extend(Group::ALL.iter().map(|group| format!("group-{}", kebab(group.name()))));
        wanted.extend(Reason::ALL.iter().map(|reason| format!("reason-{}", kebab(reason.name()))));
        wanted.extend(Voice::ALL.iter().map(|voice| format!("voice-{}", voice.name())));
        let missing: Vec<&String> = wanted.iter().filter(|id| !words.has(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
