//! Figures in the text format of Prometheus, under the names of blackbox_exporter, so that boards
//! and alerts that were made for it go on.
//!
//! Labels are the monitor, its service and its kind: as many as there are monitors, no more.

use std::fmt::Write;

use outcry_collector::phase::Phase;
use outcry_collector::probe::outcome::Verdict;
use outcry_collector::schedule::health::BUCKETS_MS;
use outcry_collector::schedule::run::State;

use crate::probing::latest::Figures;
use crate::probing::latest::Latest;

/// The figures of one look, for `/probe`.
pub fn of_one(figures: &Figures) -> String {
    let mut text = String::new();
    for metric in METRICS {
        head(&mut text, metric);
        (metric.lines)(figures, "", &mut text, metric.name);
    }
    text
}

/// All there is, for `/metrics`.
pub fn of_all(latest: &Latest, state: &State) -> String {
    let mut text = String::new();
    let all = latest.all();
    for metric in METRICS {
        head(&mut text, metric);
        for (id, seen) in all.iter() {
            let labels = format!(
                "monitor=\"{}\",service=\"{}\",kind=\"{}\"",
                escape(id),
                escape(&seen.service),
                seen.kind
            );
            (metric.lines)(&seen.figures, &labels, &mut text, metric.name);
        }
    }
    let name = "outcry_probe_timestamp_seconds";
    let _ = writeln!(text, "# HELP {name} When it was looked at last\n# TYPE {name} gauge");
    for (id, seen) in all.iter() {
        line(&mut text, name, &format!("monitor=\"{}\"", escape(id)), seen.at_unix_ms as f64 / 1e3);
    }
    drop(all);
    of_loop(&mut text, latest, state);
    text
}

/// One family: its name, what it is, and its lines for one look.
struct Metric {
    name: &'static str,
    help: &'static str,
    lines: fn(&Figures, &str, &mut String, &str),
}

const METRICS: &[Metric] = &[
    Metric {
        name: "probe_success",
        help: "Displays whether or not the probe was a success",
        lines: |it, labels, text, name| {
            line(text, name, labels, f64::from(u8::from(it.verdict == Verdict::Ok)));
        },
    },
    Metric {
        name: "probe_duration_seconds",
        help: "Returns how long the probe took to complete in seconds",
        lines: |it, labels, text, name| line(text, name, labels, it.phases_s.iter().sum()),
    },
    Metric {
        name: "probe_dns_lookup_time_seconds",
        help: "Returns the time taken for probe dns lookup in seconds",
        lines: |it, labels, text, name| line(text, name, labels, it.phases_s[0]),
    },
    Metric {
        name: "probe_ip_protocol",
        help: "Specifies whether probe ip protocol is IP4 or IP6",
        lines: |it, labels, text, name| line(text, name, labels, f64::from(it.ip_protocol)),
    },
    Metric {
        name: "probe_http_duration_seconds",
        help: "Duration of http request by phase, summed over all redirects",
        lines: |it, labels, text, name| {
            if it.status.is_none() {
                return;
            }
            for (phase, seconds) in Phase::TIMED.iter().zip(it.phases_s) {
                let comma = if labels.is_empty() { "" } else { "," };
                line(text, name, &format!("{labels}{comma}phase=\"{}\"", phase.name()), seconds);
            }
        },
    },
    Metric {
        name: "probe_http_status_code",
        help: "Response HTTP status code",
        lines: |it, labels, text, name| optional(text, name, labels, it.status.map(f64::from)),
    },
    Metric {
        name: "probe_http_uncompressed_body_length",
        help: "Length of uncompressed response body",
        lines: |it, labels, text, name| {
            optional(text, name, labels, it.status.map(|_| it.bytes as f64));
        },
    },
    Metric {
        name: "probe_http_redirects",
        help: "The number of redirects",
        lines: |it, labels, text, name| {
            optional(text, name, labels, it.status.map(|_| f64::from(it.redirects)));
        },
    },
    Metric {
        name: "probe_ssl_earliest_cert_expiry",
        help: "Returns last SSL chain expiry in unixtime",
        lines: |it, labels, text, name| {
            optional(text, name, labels, it.expiry_unix_s.map(|at| at as f64));
        },
    },
    Metric {
        name: "outcry_probe_soft_failure",
        help: "The page answered well and says that it does not work",
        lines: |it, labels, text, name| {
            line(text, name, labels, f64::from(u8::from(it.verdict == Verdict::SoftFailure)));
        },
    },
    Metric {
        name: "outcry_probe_blocked",
        help: "The target turned us away, which is not a failure",
        lines: |it, labels, text, name| {
            line(text, name, labels, f64::from(u8::from(it.verdict == Verdict::Blocked)));
        },
    },
];

fn of_loop(text: &mut String, latest: &Latest, state: &State) {
    let (told, untold, lost) = latest.counts();
    let counts = &state.counts;
    let gauges = [
        ("outcry_probe_monitors", "Monitors", state.monitors as f64),
        ("outcry_probe_running", "Looks that run now", state.running as f64),
        ("outcry_probe_offline", "Our own network is down", f64::from(u8::from(state.is_offline))),
        ("outcry_probe_late", "Our own loop is late", f64::from(u8::from(state.is_late))),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    let name = "outcry_probe_looks_total";
    let help = "Looks by why they began, or why they did not";
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
    for (why, count) in [
        ("planned", counts.planned),
        ("recheck", counts.rechecks),
        ("surge", counts.surges),
        ("shed", counts.shed),
        ("overlapped", counts.overlapped),
        ("put_off", counts.put_off),
        ("refused", counts.refused),
        ("vetoed_late", state.vetoed_late),
        ("vetoed_offline", state.vetoed_offline),
        ("told", told),
        ("untold", untold),
        ("lost", lost),
    ] {
        let _ = writeln!(text, "{name}{{why=\"{why}\"}} {count}");
    }
    let name = "outcry_probe_lag_seconds";
    let help = "How much later than planned looks began";
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
    let mut sum = 0;
    for (bound_ms, count) in BUCKETS_MS.iter().zip(state.pulse.buckets) {
        sum += count;
        let bound = *bound_ms as f64 / 1e3;
        let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {sum}");
    }
    let all: u64 = state.pulse.buckets.iter().sum();
    let total = state.pulse.total.as_secs_f64();
    let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {total}");
    let _ = writeln!(text, "{name}_count {all}");
}

fn head(text: &mut String, metric: &Metric) {
    let Metric { name, help, .. } = metric;
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

fn line(text: &mut String, name: &str, labels: &str, value: f64) {
    let _ = match labels {
        "" => writeln!(text, "{name} {value}"),
        labels => writeln!(text, "{name}{{{labels}}} {value}"),
    };
}

fn optional(text: &mut String, name: &str, labels: &str, value: Option<f64>) {
    if let Some(value) = value {
        line(text, name, labels, value);
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}
