//! Configuration: one TOML file, every option with a default, every mistake found at once.
//!
//! `outcry.example.toml` lists all options with their reasons; a test holds it to this file.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use ipnet::IpNet;
use outcry_collector::feed::INTERVAL_S_MIN;
use outcry_core::engine::EngineConfig;
use outcry_server::limit::Limits;
use outcry_server::router::Floor;
use outcry_store::record::Retention;
use outcry_wire::document;
use outcry_wire::document::Mistake;
use outcry_wire::document::Table;

use crate::alerts::config::AlertConfig;
use crate::flows::config::Flows;
use crate::flows::config::Logs;
use crate::hub::Extra;
use crate::hub::HubConfig;
use crate::probing::config::Probes;

/// Everything an operator can set.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The public face.
    pub http: Http,
    /// Where things are kept.
    pub store: Store,
    /// Days that raw reports are kept in the log; `None` is for ever.
    pub raw_days: Option<u32>,
    /// How long counts are kept in full in the database.
    pub keep: Retention,
    /// Folder of the catalogue; `None` is the built-in one.
    pub catalog_dir: Option<PathBuf>,
    /// Databases of places.
    pub places: Places,
    /// Seconds between two questions to one notice page; `None` asks none.
    pub notices_interval_s: Option<u64>,
    /// The detector.
    pub engine: EngineConfig,
    /// What is looked at, and how.
    pub probes: Probes,
    /// Who is told what.
    pub alerts: AlertConfig,
    /// Where vantage points come to.
    pub hub: HubConfig,
    /// Where flow exporters send to.
    pub flows: Flows,
    /// Access logs that are followed.
    pub logs: Logs,
    /// What the program says about itself: `error`, `warn`, `info`, `debug`.
    pub log_level: String,
}

/// The public face.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where the site is reached from outside.
    pub public_url: String,
    /// Threads that serve; `None` is one a core.
    pub threads: Option<usize>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Limits.
    pub limits: Limits,
    /// Whether the floor of the intake bench is served.
    pub floor: Floor,
}

/// Where things are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The data folder.
    pub dir: PathBuf,
    /// Size at which a segment of the log is sealed, in MiB.
    pub segment_mib: u64,
    /// Age at which it is sealed although it is smaller, in hours.
    pub segment_hours: u32,
}

/// Databases of places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// MMDB file with countries.
    pub country: Option<PathBuf>,
    /// MMDB file with networks.
    pub asn: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: Http {
                listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
                public_url: String::new(),
                threads: None,
                trusted_proxies: Vec::new(),
                limits: Limits::default(),
                floor: Floor::Absent,
            },
            store: Store { dir: "outcry-data".into(), segment_mib: 64, segment_hours: 24 },
            raw_days: None,
            keep: Retention::default(),
            catalog_dir: None,
            places: Places::default(),
            notices_interval_s: Some(120),
            engine: EngineConfig { run_length_days: 100.0 },
            probes: Probes::default(),
            alerts: AlertConfig::default(),
            hub: HubConfig::default(),
            flows: Flows::default(),
            logs: Logs::default(),
            log_level: "info".into(),
        }
    }
}

impl Config {
    /// Reads a file's text. Relative paths are taken from the folder of the file.
    ///
    /// # Errors
    ///
    /// Every mistake, with its line and what to write instead.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let folder = Path::new(file).parent().unwrap_or_else(|| Path::new("")).to_owned();
        document::read(file, text, |table| {
            let mut config = Self::default();
            table.table("http", |http| read_http(http, &mut config.http));
            table.table("store", |store| {
                match store.text("dir") {
                    Some(dir) if dir.trim().is_empty() => {
                        let what = "the data folder has no name".to_owned();
                        store.mistake("dir", what, "`dir = \"outcry-data\"`");
                    }
                    Some(dir) => config.store.dir = folder.join(dir),
                    None => {}
                }
                if let Some(mib) = store.integer("segment_mib", 1..=4_096) {
                    config.store.segment_mib = mib.unsigned_abs();
                }
                if let Some(hours) = store.integer("segment_hours", 1..=8_784) {
                    config.store.segment_hours = u32::try_from(hours).unwrap_or(24);
                }
            });
            table.table("retention", |retention| {
                if let Some(days) = retention.integer("raw_days", 0..=36_525) {
                    config.raw_days = u32::try_from(days).ok().filter(|days| *days > 0);
                }
                let mut days = |option: &str, least: i64, into: &mut u32| {
                    if let Some(days) = retention.integer(option, least..=36_525) {
                        *into = u32::try_from(days).unwrap_or(*into);
                    }
                };
                days("fold_after_days", 1, &mut config.keep.fold_after_days);
                days("minutes_days", 2, &mut config.keep.minutes_days);
                days("hours_days", 2, &mut config.keep.hours_days);
            });
            let path = |text: Option<String>| {
                text.filter(|text| !text.is_empty()).map(|text| folder.join(text))
            };
            table.table("catalog", |catalog| config.catalog_dir = path(catalog.text("dir")));
            table.table("places", |places| {
                config.places.country = path(places.text("country"));
                config.places.asn = path(places.text("asn"));
            });
            table.table("notices", |notices| {
                if let Some(interval_s) = notices.integer("notices_interval_s", 0..=86_400) {
                    let least = i64::try_from(INTERVAL_S_MIN).unwrap_or(60);
                    if interval_s > 0 && interval_s < least {
                        let what = format!("{interval_s} s is impolite to those who are asked");
                        notices.mistake("notices_interval_s", what, "60 or more; 0 asks nobody");
                    }
                    let asked = interval_s.unsigned_abs().max(INTERVAL_S_MIN);
                    config.notices_interval_s = (interval_s > 0).then_some(asked);
                }
            });
            crate::probing::config::read(table, &folder, &mut config.probes);
            crate::alerts::config::read(table, &mut config.alerts);
            table.table("detection", |detection| {
                if let Some(days) = detection.number("run_length_days", 1.0..=10_000.0) {
                    config.engine.run_length_days = days;
                }
            });
            let (flows, logs) = (&mut config.flows, &mut config.logs);
            crate::flows::config::read(table, &folder, flows, logs);
            table.table("hub", |hub| read_hub(hub, &mut config.hub));
            table.table("limits", |limits| read_limits(limits, &mut config.http.limits));
            table.table("log", |log| {
                let levels = ["error", "warn", "info", "debug"].map(|level| (level, level));
                if let Some(level) = log.choice("level", &levels) {
                    config.log_level = level.to_owned();
                }
            });
            config
        })
    }
}

impl Config {
    /// What is left out because it is not known where people reach the site; nothing where it is.
    pub fn lacks_address(&self) -> Vec<&'static str> {
        let mut lacks = Vec::new();
        if !self.http.public_url.is_empty() {
            return lacks;
        }
        lacks.push(
            "public_url is not set: feeds have no whole addresses, and the site cannot be embedded",
        );
        if !self.alerts.rules.is_empty() {
            lacks.push("public_url is not set: what is told has no address of the incident");
        }
        if !self.alerts.subscribers.is_empty() {
            lacks.push("public_url is not set: nobody can subscribe by e-mail");
        }
        lacks
    }
}

fn read_http(table: &mut Table<'_>, http: &mut Http) {
    if let Some(text) = table.text("listen") {
        match text.parse() {
            Ok(listen) => http.listen = listen,
            Err(_) => table.mistake(
                "listen",
                format!("{text:?} is no address with a port"),
                "\"127.0.0.1:8080\", or \"0.0.0.0:80\" for every interface",
            ),
        }
    }
    if let Some(url) = table.text("public_url") {
        let fits = url.is_empty() || url.starts_with("https://") || url.starts_with("http://");
        if !fits || url.ends_with('/') {
            table.mistake(
                "public_url",
                format!("{url:?} is no address of a site"),
                "\"https://outages.example\", without a slash at the end",
            );
        }
        http.public_url = url;
    }
    if let Some(threads) = table.integer("threads", 0..=256) {
        http.threads = usize::try_from(threads).ok().filter(|threads| *threads > 0);
    }
    for text in table.texts("trusted_proxies") {
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        match net {
            Ok(net) if net.prefix_len() == 0 => table.mistake(
                "trusted_proxies",
                format!("{text:?} is everybody, who could then report under any address"),
                "the addresses of your own proxies, such as \"10.0.0.0/8\"",
            ),
            Ok(net) => http.trusted_proxies.push(net),
            Err(_) => table.mistake(
                "trusted_proxies",
                format!("{text:?} is no network"),
                "\"10.0.0.0/8\" or a single address",
            ),
        }
    }
    if table.flag("bench_noop") == Some(true) {
        http.floor = Floor::Served;
    }
}

fn read_hub(table: &mut Table<'_>, hub: &mut HubConfig) {
    match table.text("listen").filter(|text| !text.is_empty()).map(|text| text.parse()) {
        Some(Ok(listen)) => hub.listen = Some(listen),
        Some(Err(_)) => table.mistake(
            "listen",
            "this is no address with a port",
            "\"0.0.0.0:8443\", or \"\" for no hub",
        ),
        None => {}
    }
    hub.names = table.texts("names");
    let open = hub.listen.is_some_and(|listen| listen.ip().is_unspecified());
    if open && hub.names.is_empty() {
        let instead = "the names agents use, such as names = [\"hub.example\"]";
        table.mistake(
            "listen",
            "this is every address, and agents need one name at least",
            instead,
        );
    }
    hub.monitors = table.tables("monitor", |monitor| {
        let interval_s = monitor.integer("every_s", 5..=86_400).unwrap_or(60);
        let extra = Extra {
            service: monitor.required_text("service"),
            url: monitor.required_text("url"),
            interval_s: u32::try_from(interval_s).unwrap_or(60),
        };
        if outcry_collector::relay::agent::check(&extra.url).is_none() {
            let what = format!("{:?} cannot be looked at", extra.url);
            monitor.mistake("url", what, "an address such as \"https://status.example/health\"");
        }
        extra
    });
}

fn read_limits(table: &mut Table<'_>, limits: &mut Limits) {
    let most = i64::from(u32::MAX);
    if let Some(n) = table.integer("reports_per_prefix_per_minute", 1..=most) {
        limits.reports_per_prefix_per_minute = u32::try_from(n).unwrap_or(u32::MAX);
    }
    if let Some(n) = table.integer("reads_per_prefix_per_minute", 1..=most) {
        limits.reads_per_prefix_per_minute = u32::try_from(n).unwrap_or(u32::MAX);
    }
    if let Some(n) = table.integer("connections_max", 1..=1_000_000) {
        limits.connections_max = usize::try_from(n).unwrap_or(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../outcry.example.toml");

    #[test]
    fn what_an_unknown_address_leaves_out_is_said() {
        let mut config = Config::default();
        assert_eq!(config.lacks_address().len(), 1, "feeds and embedding");
        config.alerts.subscribers = "mail".into();
        config.alerts.rules.push(crate::alerts::rules::of_subscribers());
        let lacks = config.lacks_address();
        assert_eq!(lacks.len(), 3, "{lacks:?}");
        assert!(lacks.iter().all(|it| it.starts_with("public_url is not set")), "{lacks:?}");
        config.http.public_url = "https://outages.example".into();
        assert!(config.lacks_address().is_empty());
    }

    #[test]
    fn the_example_lists_every_option_with_its_default() {
        let config = Config::read("outcry.example.toml", EXAMPLE);
        let config = config.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!(config, Config::default());
        for option in [
            "listen",
            "public_url",
            "threads",
            "trusted_proxies",
            "bench_noop",
            "dir",
            "segment_mib",
            "segment_hours",
            "raw_days",
            "fold_after_days",
            "minutes_days",
            "hours_days",
            "country",
            "asn",
            "notices_interval_s",
            "enabled",
            "vantage",
            "vantage_country",
            "vantage_asn",
            "contact",
            "probe_catalog",
            "interval_s",
            "allow_private",
            "resolvers",
            "trusted_roots",
            "references",
            "opt_out",
            "running_max",
            "console",
            "token",
            "run_length_days",
            "heartbeat_url",
            "heartbeat_every_s",
            "subscribers",
            "push_contact",
            "push_services",
            "names",
            "exporters",
            "workers",
            "receive_buffer_mib",
            "floor_pps",
            "floor_mbps",
            "reports_per_prefix_per_minute",
            "reads_per_prefix_per_minute",
            "connections_max",
            "level",
        ] {
            let written = EXAMPLE.lines().any(|line| line.starts_with(&format!("{option} = ")));
            assert!(written, "{option} is missing in the example");
        }
    }

    #[test]
    fn every_mistake_is_found_at_once() {
        let text = "[http]\nlisten = \"here\"\ntrusted_proxies = [\"x\"]\n[store]\ndri = \"d\"\n\
                    [detection]\nrun_length_days = 0.1\n[log]\nlevel = \"loud\"\n";
        let mistakes = Config::read("o.toml", text).expect_err("five mistakes");
        let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [2, 3, 5, 7, 9], "{mistakes:?}");
    }

    #[test]
    fn paths_are_taken_from_the_folder_of_the_file() {
        let config = Config::read("/etc/outcry/o.toml", "[store]\ndir = \"data\"\n");
        assert_eq!(config.expect("no mistake").store.dir, Path::new("/etc/outcry/data"));
    }
}
