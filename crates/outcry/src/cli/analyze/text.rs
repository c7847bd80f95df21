//! The analysis in words for a terminal, with a small chart.

use std::io;
use std::io::Write;

use outcry_core::attack::Attack;
use outcry_core::attack::requests::Kind;
use outcry_core::attack::requests::Stretch;
use outcry_core::attack::spoofing::Sources;

use crate::cli::analyze::Findings;
use crate::cli::analyze::json;
use crate::cli::analyze::json::address;
use crate::cli::analyze::json::moment;
use crate::origins::Told;

/// Columns of a chart.
const COLUMNS: usize = 60;
/// Heights that a column can have.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Attacks that are told in full.
const TOLD_MAX: usize = 20;

/// Prints the report.
pub fn report(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    read(out, findings)?;
    let attacks: Vec<&Attack> = findings.attacks().collect();
    let hostile = |stretch: &&Stretch| matches!(stretch.kind, Kind::Attack(_));
    let stretches: Vec<&Stretch> = findings.stretches.iter().filter(hostile).collect();
    if attacks.is_empty() && stretches.is_empty() {
        writeln!(out, "\nNo attack was found in it. That is no proof that there was none: a file")?;
        writeln!(out, "shows one place for one stretch of time.")?;
    }
    for attack in attacks.iter().take(TOLD_MAX) {
        of_attack(out, attack, findings)?;
    }
    if attacks.len() > TOLD_MAX {
        writeln!(out, "\n{} more; --json lists them", attacks.len() - TOLD_MAX)?;
    }
    for stretch in stretches {
        of_stretch(out, stretch, findings)?;
    }
    benign(out, findings)?;
    for (kind, count) in findings.analysis.faults.by_kind() {
        writeln!(out, "\nnote: {kind} ({count} times)")?;
    }
    Ok(())
}

fn read(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let analysis = &findings.analysis;
    let counts = [
        (analysis.packet_count, "packets"),
        (analysis.flow_count, "flow records"),
        (analysis.requests.seen, "requests"),
    ];
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    write!(out, "Read {}", if told.is_empty() { "nothing".to_owned() } else { told.join(", ") })?;
    match findings.span_ms() {
        Some((from, until)) => writeln!(out, ", from {} to {}", moment(from), moment(until))?,
        None => writeln!(out)?,
    }
    if analysis.flows_without_sampling > 0 {
        writeln!(out, "Nobody said how the packets were chosen: sizes are \"at least\".")?;
    }
    Ok(())
}

fn of_attack(out: &mut impl Write, attack: &Attack, findings: &Findings) -> io::Result<()> {
    let names: Vec<&str> = attack.vectors.iter().map(|vector| vector.vector.name()).collect();
    let target = match attack.prefix_bits {
        Some(bits) => {
            let targets = attack.targets.round();
            format!("{}/{bits} ({targets} targets)", address(attack.target))
        }
        None => address(attack.target).to_string(),
    };
    let kinds: String = [(attack.carpet, ", a carpet"), (attack.pulse, ", in pulses")]
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| *word)
        .collect();
    writeln!(out, "\n{} on {target}{kinds}", names.join(" + "))?;
    let (from, until) = attack.span_ms;
    writeln!(out, "  {} to {}", moment(from), moment(until))?;
    let least = if attack.sampling_unknown { "at least " } else { "" };
    writeln!(
        out,
        "  peak {least}{}, {least}{} ({} severity by size)",
        scaled(attack.peak_bps, "bit/s"),
        scaled(attack.peak_pps, "packets/s"),
        json::severity(attack)
    )?;
    chart(out, attack.seconds.iter().map(|(at, second)| (*at, second.packets)), "packets/s")?;
    for vector in &attack.vectors {
        let ports = match vector.target_ports.as_slice() {
            [] => "many ports".to_owned(),
            ports => {
                let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
                format!("port {}", ports.join(", "))
            }
        };
        writeln!(
            out,
            "  {:<22} {:>4.0} %  {:>12} packets  {:>10} sources  to {ports}",
            vector.vector.name(),
            vector.fraction * 100.0,
            vector.packets.round(),
            format!("~{}", vector.sources.round()),
        )?;
    }
    sources(out, attack.verdict, attack.sources, &attack.sample, findings)
}

fn sources(
    out: &mut impl Write,
    verdict: Sources,
    distinct: f64,
    sample: &[u128],
    findings: &Findings,
) -> io::Result<()> {
    let said = match verdict {
        Sources::Spoofed => "forged: their addresses say nothing about where they stand",
        Sources::Reflected => "reflectors, which answered forged questions in good faith",
        Sources::Handshake => "hosts that completed a handshake; a host is not who directs it",
        Sources::Unknown => "unknown: whether they are forged cannot be told",
    };
    writeln!(out, "  sources: ~{}, {said}", distinct.round())?;
    match findings.maps.countries(verdict, sample) {
        Told::Withheld(reason) => {
            writeln!(out, "  where they stand is withheld: {}", reason.text())
        }
        Told::Countries(countries) => {
            let whose = if verdict == Sources::Reflected {
                "reflectors are in"
            } else {
                "connecting hosts are in"
            };
            let cells: Vec<String> = countries
                .iter()
                .map(|cell| {
                    let (low, high) = (cell.low * 100.0, cell.high * 100.0);
                    format!("{} {low:.0}–{high:.0} %", cell.country)
                })
                .collect();
            writeln!(out, "  {whose}: {}", cells.join(", "))
        }
    }
}

fn of_stretch(out: &mut impl Write, stretch: &Stretch, findings: &Findings) -> io::Result<()> {
    let Kind::Attack(vector) = stretch.kind else { return Ok(()) };
    let (from, until) = stretch.span_ms;
    writeln!(out, "\n{} from {} to {}", vector.name(), moment(from), moment(until))?;
    let usual = stretch.usual_rps.map_or_else(
        || "the log holds nothing else to compare with".to_owned(),
        |usual| format!("usual in this log: {usual:.1}"),
    );
    writeln!(
        out,
        "  {:.0} requests, peak {:.0} requests/s ({usual}), ~{} clients, {:.0} % answered with 5xx",
        stretch.requests,
        stretch.peak_rps,
        stretch.clients.round(),
        stretch.errors_share * 100.0
    )?;
    let inside = |(at, _): &&(i64, f64)| (from / 1_000..until / 1_000).contains(at);
    chart(out, findings.rates.iter().filter(inside).copied(), "requests/s")?;
    writeln!(out, "  signs: {}", stretch.signs.join(", ").replace('_', " "))?;
    sources(out, Sources::Handshake, stretch.clients, &stretch.sample, findings)
}

fn benign(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let classes = findings.benign();
    if classes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNo attack, though it may look like one: {}", classes.join(", "))
}

/// A row of bars, from the first to the last second.
fn chart(
    out: &mut impl Write,
    points: impl Iterator<Item = (i64, f64)> + Clone,
    unit: &str,
) -> io::Result<()> {
    let Some((first, last)) =
        points.clone().map(|(at, _)| (at, at)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    else {
        return Ok(());
    };
    if last - first < 2 {
        return Ok(());
    }
    let width = (last - first + 1) as f64 / COLUMNS as f64;
    let columns = COLUMNS.min(usize::try_from(last - first + 1).unwrap_or(COLUMNS));
    let width = width.max(1.0);
    let mut heights = vec![0.0_f64; columns];
    for (at, value) in points {
        let column = (((at - first) as f64 / width) as usize).min(columns - 1);
        heights[column] = heights[column].max(value);
    }
    let most = heights.iter().copied().fold(0.0, f64::max);
    let row: String = heights
        .iter()
        .map(|height| match *height {
            height if height <= 0.0 => BARS[0],
            height => BARS[1 + ((height / most) * 7.0).round() as usize],
        })
        .collect();
    writeln!(out, "  {row}  most {}", scaled(most, unit))
}

/// A number with a prefix of the SI.
fn scaled(number: f64, unit: &str) -> String {
    for (size, prefix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= size {
            return format!("{:.2} {prefix}{unit}", number / size);
        }
    }
    format!("{number:.0} {unit}")
}
