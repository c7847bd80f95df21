//! The four numbers of a service page; a script may refresh them.

use maud::Markup;
use maud::html;
use outcry_core::snapshot::ServiceSnapshot;

use crate::page::service::SHARES_REPORTS_MIN;
use crate::site::Site;

/// The numbers, each beside what is usual.
pub fn stats(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let told: u64 = snapshot.components.iter().map(|share| share.count).sum();
    let most = snapshot.components.first().filter(|_| told >= SHARES_REPORTS_MIN);
    let surging = snapshot.incident.as_ref().is_some_and(|incident| incident.surge().is_some());
    html! {
        dl class="stats" {
            div {
                dt { (words.say("stat-received")) }
                dd {
                    b data-count="received" data-live="received" class={
                        @if !surging { "plain" }
                    } { (words.count(snapshot.received_5min)) }
                    small {
                        span data-live="counted" { (words.count(snapshot.counted_5min)) }
                        @if snapshot.knows_usual() {
                            (words.with("stat-received-of", &[
                                ("usual", words.level(snapshot.usual_5min).into()),
                            ]))
                        } @else { (words.say("stat-received-young")) }
                    }
                }
            }
            div {
                dt { (words.say("stat-times")) }
                dd {
                    @if snapshot.knows_usual() {
                        span data-live="times" { (words.multiple(snapshot.times_usual())) } "×"
                        @let few = snapshot.usual_15min < 1.0;
                        @let of = if few { "stat-times-few" } else { "stat-times-of" };
                        small { (words.with(of, &[
                            ("n", words.count(snapshot.counted_15min).into()),
                            ("usual", words.level(snapshot.usual_15min).into()),
                        ])) }
                    } @else {
                        "–"
                        small { (words.with("stat-times-young", &[
                            ("n", words.count(snapshot.counted_15min).into()),
                        ])) }
                    }
                }
            }
            div {
                dt {
                    @match most {
                        Some(most) => { (words.with("stat-most", &[
                            ("what", words.term("component", &most.name).into()),
                        ])) }
                        None => { (words.say("stat-most-none")) }
                    }
                }
                dd {
                    (most.map_or_else(|| "–".to_owned(), |most| words.percent(most.share)))
                    @if let Some(usual) = most.and_then(|most| most.usual) {
                        @let share = [("share", words.percent(usual).into())];
                        small { (words.with("stat-usually", &share)) }
                    }
                }
            }
            div {
                dt { (words.say("stat-works")) }
                dd {
                    span data-live="works" { (words.count(snapshot.works_15min)) }
                    small { (words.say("stat-works-of")) }
                }
            }
        }
    }
}
