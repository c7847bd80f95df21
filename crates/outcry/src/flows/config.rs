//! `[flows]` and `[logs]` of the configuration.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use ipnet::IpNet;
use outcry_collector::flow::SOCKETS_MAX;
use outcry_collector::flow::WORKERS_MAX;
use outcry_wire::document::Table;

use crate::config::Config;

/// Services that are told apart, prefixes of all of them together, and files that are followed.
pub const SERVICES_MAX: usize = 256;
const PREFIXES_MAX: usize = 1_024;
const FILES_MAX: usize = 64;

/// What an operator can set about traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// Where exporters send to; empty is no listener.
    pub listen: Vec<SocketAddr>,
    /// Networks of exporters.
    pub exporters: Vec<IpNet>,
    /// Threads that receive.
    pub workers: usize,
    /// MiB that the kernel holds for each socket.
    pub receive_buffer_mib: usize,
    /// Packets a second below which nothing is a flood.
    pub floor_pps: f64,
    /// Megabits a second below which nothing is, unless its packets are many.
    pub floor_mbps: f64,
    /// One packet in how many an exporter looks at, where it does not say so itself.
    pub sampling: Vec<(IpAddr, u32)>,
    /// Which addresses belong to which service.
    pub services: Vec<Service>,
}

/// A service, by its addresses and names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its slug in the catalogue.
    pub service: String,
    /// Its prefixes.
    pub prefixes: Vec<IpNet>,
    /// Its names, as requests say them.
    pub hostnames: Vec<String>,
}

/// Access logs that are followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// Proxies whose `X-Forwarded-For` is believed in them.
    pub trusted_proxies: Vec<IpNet>,
    /// The files.
    pub files: Vec<LogFile>,
}

/// One access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is; `None`: as each request's host says.
    pub service: Option<String>,
}

impl Default for Flows {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            exporters: Vec::new(),
            workers: 1,
            receive_buffer_mib: 16,
            floor_pps: 10_000.0,
            floor_mbps: 100.0,
            sampling: Vec::new(),
            services: Vec::new(),
        }
    }
}

/// Reads both.
pub fn read(document: &mut Table<'_>, folder: &Path, flows: &mut Flows, logs: &mut Logs) {
    document.table("flows", |table| read_flows(table, flows));
    document.table("logs", |table| {
        logs.trusted_proxies = nets(table, "trusted_proxies");
        logs.files = table.tables("file", |file| LogFile {
            path: folder.join(file.required_text("path")),
            service: file.text("service").filter(|slug| !slug.is_empty()),
        });
        if logs.files.len() > FILES_MAX {
            let what = format!("these are more than {FILES_MAX} files");
            table.mistake("file", what, "fewer, or one log of several services");
        }
    });
}

fn read_flows(table: &mut Table<'_>, flows: &mut Flows) {
    for text in table.texts("listen") {
        match text.parse() {
            Ok(listen) => flows.listen.push(listen),
            Err(_) => {
                let what = format!("{text:?} is no address with a port");
                table.mistake("listen", what, "[\"127.0.0.1:2055\"], or [] for no listener");
            }
        }
    }
    if flows.listen.len() > SOCKETS_MAX {
        let what = format!("these are more than {SOCKETS_MAX} addresses");
        table.mistake("listen", what, "one for each network of exporters is enough");
    }
    flows.exporters = nets(table, "exporters");
    let open = flows.listen.iter().any(|listen| !listen.ip().is_loopback());
    if open && flows.exporters.is_empty() && !table.has("exporters") {
        let what = "anyone could send flows here, and they would be believed";
        table.mistake("listen", what, "exporters = [\"192.0.2.0/24\"], your own exporters");
    }
    let integer = |table: &mut Table<'_>, key: &str, most: usize| {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        table.integer(key, 1..=most).and_then(|it| usize::try_from(it).ok())
    };
    flows.workers = integer(table, "workers", WORKERS_MAX).unwrap_or(flows.workers);
    let mib = integer(table, "receive_buffer_mib", 1_024);
    flows.receive_buffer_mib = mib.unwrap_or(flows.receive_buffer_mib);
    flows.floor_pps = table.number("floor_pps", 1.0..=1e12).unwrap_or(flows.floor_pps);
    flows.floor_mbps = table.number("floor_mbps", 0.001..=1e9).unwrap_or(flows.floor_mbps);
    let sampling = table.tables("sampling", |table| {
        let exporter = table.required_text("exporter");
        let one_in = table.required_integer("one_in", 1..=10_000_000);
        let Ok(exporter) = exporter.parse() else {
            let what = format!("{exporter:?} is no address");
            table.mistake("exporter", what, "the address of one exporter, such as \"192.0.2.1\"");
            return None;
        };
        Some((exporter, u32::try_from(one_in).unwrap_or(1)))
    });
    flows.sampling = sampling.into_iter().flatten().collect();
    flows.services = table.tables("service", |table| Service {
        service: table.required_text("service"),
        prefixes: nets(table, "prefixes"),
        hostnames: table.texts("hostnames").iter().map(|name| name.to_lowercase()).collect(),
    });
    let prefixes: usize = flows.services.iter().map(|service| service.prefixes.len()).sum();
    if flows.services.len() > SERVICES_MAX || prefixes > PREFIXES_MAX {
        let what = format!("more than {SERVICES_MAX} services, or {PREFIXES_MAX} prefixes");
        table.mistake("service", what, "wider prefixes, or the services that matter");
    }
}

/// Every service that traffic and logs are told to belong to.
pub fn named(config: &Config) -> impl Iterator<Item = &str> {
    let of_flows = config.flows.services.iter().map(|service| service.service.as_str());
    of_flows.chain(config.logs.files.iter().filter_map(|file| file.service.as_deref()))
}

/// Networks, or single addresses.
fn nets(table: &mut Table<'_>, key: &str) -> Vec<IpNet> {
    let mut nets = Vec::new();
    for text in table.texts(key) {
        match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
            Ok(net) => nets.push(net.trunc()),
            Err(_) => {
                let what = format!("{text:?} is no network");
                table.mistake(key, what, "\"192.0.2.0/24\", or a single address");
            }
        }
    }
    nets
}

#[cfg(test)]
mod tests {
    use outcry_wire::document;

    use super::*;

    fn read_text(text: &str) -> Result<(Flows, Logs), Vec<usize>> {
        let read_both = document::read("o.toml", text, |table| {
            let (mut flows, mut logs) = (Flows::default(), Logs::default());
            read(table, Path::new("/etc/outcry"), &mut flows, &mut logs);
            (flows, logs)
        });
        read_both.map_err(|mistakes| mistakes.iter().map(|mistake| mistake.line).collect())
    }

    #[test]
    fn services_are_prefixes_and_names() {
        let text = "[flows]\nlisten = [\"127.0.0.1:2055\"]\nexporters = [\"192.0.2.1\"]\n\
                    [[flows.sampling]]\nexporter = \"192.0.2.1\"\none_in = 1000\n\
                    [[flows.service]]\nservice = \"x\"\nprefixes = [\"198.51.100.7/24\"]\n\
                    hostnames = [\"X.com\"]\n[logs]\n[[logs.file]]\npath = \"a.log\"\n";
        let (flows, logs) = read_text(text).expect("well written");
        assert_eq!(flows.sampling.len(), 1);
        assert_eq!(flows.services[0].prefixes[0].to_string(), "198.51.100.0/24");
        assert_eq!(flows.services[0].hostnames, ["x.com"]);
        assert_eq!(logs.files[0].path, Path::new("/etc/outcry/a.log"));
        assert_eq!(logs.files[0].service, None);
    }

    #[test]
    fn a_listener_that_believes_anyone_is_a_mistake() {
        let mistakes = read_text("[flows]\nlisten = [\"0.0.0.0:2055\"]\n").expect_err("open");
        assert_eq!(mistakes, [2]);
        let text = "[flows]\nlisten = [\"here\"]\nworkers = 0\nexporters = [\"x\"]\n";
        assert_eq!(read_text(text).expect_err("three"), [2, 3, 4]);
    }
}
