//! What probes see, on a service page: one sentence, a strip for each vantage point on the axis of
//! the reports, and a table that says the same in words.

use maud::Markup;
use maud::html;
use outcry_core::detect::failure::Agreement;
use outcry_core::detect::failure::Stance;
use outcry_core::incident::Outage;
use outcry_core::snapshot::ProbesNow;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::snapshot::VantageNow;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::time::UnixMinute;
use outcry_core::units::Text;

use crate::chart::strip::Axis;
use crate::chart::strip::Cell;
use crate::chart::strip::Strip;
use crate::chart::strip::key;
use crate::chart::strip::strips;
use crate::page::hour;
use crate::site::Site;

/// Vantage points that have a strip of their own; all are in the table.
const STRIPS_MAX: usize = 8;

/// The strips with all that belongs to them; nothing where nothing was probed.
pub fn section(
    site: &Site,
    name: &str,
    snapshot: &ServiceSnapshot,
    edges: (UnixMinute, UnixMinute),
) -> Markup {
    let words = &site.words;
    let Some(probes) = &snapshot.probes else { return html! {} };
    let start = snapshot.minutes.first().map_or(edges.0, |row| row.minute);
    let axis = Axis { left: edges.0, right: edges.1, start, now: snapshot.as_of.minute() };
    let mut order: Vec<&VantageNow> = probes.vantages.iter().collect();
    order.sort_by_key(|vantage| (vantage.stance != Some(Stance::Fails), vantage.name.clone()));
    let labels: Vec<(String, String)> = order
        .iter()
        .map(|vantage| (label(site, vantage), says(site, vantage, probes.soft)))
        .collect();
    let all = (words.say("probes-all"), sum_words(site, probes));
    let mut list: Vec<Strip<'_>> = Vec::new();
    if order.len() > 1 {
        list.push(Strip { label: &all.0, says: &all.1, cells: sum(probes) });
    }
    for (vantage, (label, says)) in order.iter().zip(&labels).take(STRIPS_MAX) {
        list.push(Strip { label, says, cells: cells(probes, vantage) });
    }
    let levels = ["0", "1", "2", "3", "4"].map(|level| words.say(&format!("probes-level-{level}")));
    html! {
        h3 class="apart" { (words.say("probes-title")) }
        p class="sub" { (sentence(site, name, probes)) " " (freshness(site, probes)) }
        (strips(&axis, "probe", &list))
        (key(&words.say("probes-key"), &levels, &words.say("probes-missing")))
        details {
            summary { (words.say("probes-table")) }
            (table(site, &order, probes.soft))
        }
    }
}

/// What vantage points say together, and what fails.
pub fn sentence(site: &Site, name: &str, probes: &ProbesNow) -> String {
    say(
        site,
        "probes-say",
        name,
        (probes.agreement, probes.failing, probes.asked),
        words_of(probes.phase.as_ref(), probes.soft),
    )
}

/// What an outage is or was, in a sentence with the message `id`.
pub fn of_outage(site: &Site, id: &str, name: &str, outage: &Outage) -> String {
    let counts = (outage.agreement, outage.failing, outage.asked);
    say(site, id, name, counts, words_of(outage.phase.as_ref(), outage.soft))
}

fn say(
    site: &Site,
    id: &str,
    name: &str,
    (agreement, failing, asked): (Agreement, u32, u32),
    phase: &str,
) -> String {
    let words = &site.words;
    words.with(
        id,
        &[
            ("name", name.to_owned().into()),
            ("agreement", agreement.name().into()),
            ("failing", failing.into()),
            ("asked", asked.into()),
            ("phase", site.words.term("probe-phase", phase).into()),
        ],
    )
}

/// The phase in which probes fail. An answer that is not as a condition of ours asks does not say
/// of itself that it does not work: only a soft failure does.
fn words_of(phase: Option<&Text>, soft: bool) -> &str {
    match phase {
        Some(phase) if **phase == *"content" && !soft => "condition",
        Some(phase) => phase,
        None => "unknown",
    }
}

/// When anybody looked last, and from how many places. A script counts the seconds.
fn freshness(site: &Site, probes: &ProbesNow) -> Markup {
    let words = &site.words;
    let looking = probes.vantages.iter().filter(|vantage| vantage.stance.is_some()).count();
    html! {
        @if let Some(newest) = probes.newest {
            span class="meta" {
                (words.say("probes-updated")) " "
                time datetime=(newest) data-ago=(words.with("probes-ago", &[("n", "#".into())])) {
                    (words.clock(newest)) " " (words.say("utc"))
                }
                (words.with("probes-from", &[("n", looking.into())]))
            }
        }
    }
}

fn label(site: &Site, vantage: &VantageNow) -> String {
    match vantage.place.country {
        Some(country) => format!("{}, {}", vantage.name, site.words.country(country)),
        None => vantage.name.to_string(),
    }
}

fn says(site: &Site, vantage: &VantageNow, soft: bool) -> String {
    let words = &site.words;
    match vantage.stance {
        Some(Stance::Passes) => words.say("vantage-passes"),
        Some(Stance::Fails) => {
            let phase = words.term("probe-phase", words_of(vantage.phase.as_ref(), soft));
            words.with("vantage-fails", &[("phase", phase.into())])
        }
        Some(Stance::Blocked) => words.say("vantage-blocked"),
        Some(Stance::CutOff) => words.say("vantage-cut-off"),
        None => words.with("vantage-silent", &[("time", words.clock(vantage.at).into())]),
    }
}

fn sum_words(site: &Site, probes: &ProbesNow) -> String {
    site.words
        .with("probes-sum", &[("failing", probes.failing.into()), ("asked", probes.asked.into())])
}

/// The rounds of all vantage points together.
fn sum(probes: &ProbesNow) -> Vec<Cell> {
    let mut sum: std::collections::BTreeMap<UnixMillis, (u32, u32)> =
        std::collections::BTreeMap::new();
    for cell in probes.vantages.iter().flat_map(|vantage| &vantage.cells) {
        let (asked, failed) = sum.entry(cell.start).or_default();
        (*asked, *failed) = (*asked + cell.asked, *failed + cell.failed);
    }
    sum.into_iter()
        .map(|(start, (asked, failed))| of_time(start, probes.cell_ms, asked, failed))
        .collect()
}

fn cells(probes: &ProbesNow, vantage: &VantageNow) -> Vec<Cell> {
    let cell = |cell: &outcry_core::snapshot::ProbeCell| {
        of_time(cell.start, probes.cell_ms, cell.asked, cell.failed)
    };
    vantage.cells.iter().map(cell).collect()
}

fn of_time(start: UnixMillis, cell_ms: i64, asked: u32, failed: u32) -> Cell {
    let from = start.minute().0;
    Cell { from, until: from + cell_ms / MINUTE_MS, asked, failed }
}

fn table(site: &Site, vantages: &[&VantageNow], soft: bool) -> Markup {
    let words = &site.words;
    let total = |vantage: &VantageNow, of: fn(&outcry_core::snapshot::ProbeCell) -> u32| -> u64 {
        vantage.cells.iter().map(|cell| u64::from(of(cell))).sum()
    };
    html! {
        table class="plain" {
            caption class="vh" { (words.say("probes-title")) }
            thead { tr {
                @for id in ["vantage", "vantage-says", "vantage-last", "vantage-rounds",
                    "vantage-failed"]
                { th scope="col" { (words.say(id)) } }
            } }
            tbody {
                @for vantage in vantages {
                    tr {
                        th scope="row" { (label(site, vantage)) }
                        td {
                            (says(site, vantage, soft))
                            @if let Some(detail) = &vantage.detail { " (" (detail) ")" }
                        }
                        td { (hour(site, vantage.at)) }
                        td { (words.count(total(vantage, |cell| cell.asked))) }
                        td { (words.count(total(vantage, |cell| cell.failed))) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn a_condition_of_ours_is_no_word_of_the_page() {
        let cases = [
            (Some("content"), true, "content"),
            (Some("content"), false, "condition"),
            (Some("connect"), false, "connect"),
            (Some("connect"), true, "connect"),
            (None, false, "unknown"),
        ];
        let words = Words::english();
        let mut said = Vec::new();
        for (phase, soft, wanted) in cases {
            let phase = phase.map(Text::from);
            assert_eq!(words_of(phase.as_ref(), soft), wanted, "{phase:?}");
            said.push(words.term("probe-phase", wanted));
        }
        assert_ne!(said[0], said[1], "people read a difference");
    }
}
