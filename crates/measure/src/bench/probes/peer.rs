//! nginx with certificates of its own authority, one for each address, and blackbox_exporter beside
//! it.

use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;

use crate::bench::server::get;
use xtask::run;
use xtask::run::Started;

/// Addresses that have a certificate. As many as half of those without TLS, so that it is looks
/// that are measured and not what a server costs that has little to look at.
pub const TLS_ADDRESSES: usize = 400;
/// Clients that ask the exporter at the same time.
const CLIENTS: usize = 4;
/// Clients that may wait until nginx takes them: none is to try again after a second.
const BACKLOG: &str = "backlog=4096";
const CLOCK_TICKS_PER_S: f64 = 100.0;

/// The nginx that all look at.
pub struct Web {
    _started: Started,
    /// The file with its authority.
    pub roots: PathBuf,
    plain: u16,
    tls: u16,
}

impl Web {
    /// Starts it with a page of some kilobytes.
    pub fn start() -> Result<Self> {
        let folder = run::target().join("bench").join("probes-web");
        std::fs::create_dir_all(&folder).context("cannot make the folder of nginx")?;
        let key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key)?;
        let issuer = Issuer::new(authority, key);
        let (plain, tls) = (run::free_port()?, run::free_port()?);
        // One server an address: certificates are read at the start, and not at each handshake.
        let mut servers = String::new();
        for name in (0..TLS_ADDRESSES).map(address) {
            servers += &format!(
                "server {{ listen {name}:{tls} ssl {BACKLOG}; \
                 ssl_certificate {folder}/{name}.pem; ssl_certificate_key {folder}/{name}.key; \
                 root {folder}; }}\n",
                folder = folder.display()
            );
            let own = KeyPair::generate()?;
            let certificate =
                CertificateParams::new(vec![name.clone()])?.signed_by(&own, &issuer)?;
            std::fs::write(folder.join(format!("{name}.pem")), certificate.pem())?;
            std::fs::write(folder.join(format!("{name}.key")), own.serialize_pem())?;
        }
        let roots = folder.join("roots.pem");
        std::fs::write(&roots, root.pem())?;
        let goods = "<li><a href=\"/p\">Storm lamp, brass, with a wick</a> 24 €</li>\n".repeat(60);
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><title>Lamps</title></head><body><main>\
             <h1>Lamps</h1><ul>{goods}</ul></main></body></html>"
        );
        std::fs::write(folder.join("index.html"), page)?;
        let config = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log stderr warn;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; types {{ text/html html; }} ssl_session_cache off;\n\
             server {{ listen {plain} {BACKLOG}; root {folder}; }}\n{servers}}}\n",
            folder = folder.display()
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config)?;
        let child = Command::new("nginx").arg("-c").arg(&file).stderr(Stdio::null()).spawn();
        let started = Started(child.context("cannot start nginx")?);
        run::wait_for(plain)?;
        Ok(Self { _started: started, roots, plain, tls })
    }

    /// A target; each number is an address of its own.
    pub fn target(&self, n: usize, is_tls: bool) -> String {
        let (scheme, port) = if is_tls { ("https", self.tls) } else { ("http", self.plain) };
        format!("{scheme}://{}:{port}/", address(n))
    }
}

fn address(n: usize) -> String {
    format!("127.0.{}.{}", 1 + n / 250, 1 + n % 250)
}

/// The exporter.
pub struct Peer {
    started: Started,
    port: u16,
}

impl Peer {
    /// Starts it with a module that asks for a status, and one that trusts the authority too.
    pub fn start(web: &Web) -> Result<Self> {
        let port = run::free_port()?;
        let file = run::target().join("bench").join("blackbox.yml");
        let config = format!(
            "modules:\n  web:\n    prober: http\n    timeout: 5s\n    http:\n      \
             valid_status_codes: [200]\n      fail_if_body_not_matches_regexp: [\"Lamps\"]\n      \
             preferred_ip_protocol: ip4\n      tls_config:\n        ca_file: {}\n",
            web.roots.display()
        );
        std::fs::write(&file, config)?;
        let child = Command::new("prometheus-blackbox-exporter")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(["--log.level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let started = Started(child.context("cannot start blackbox_exporter")?);
        run::wait_for(port)?;
        Ok(Self { started, port })
    }

    /// Asks it for probes one after the other, some clients at a time.
    pub fn probes_per_cpu_s(&self, target: &str, is_tls: bool, within: Duration) -> Result<f64> {
        let escaped = target.replace(':', "%3A").replace('/', "%2F");
        let path = format!("/probe?module=web&target={escaped}");
        let first = get(self.port, &path, "")?;
        let text = String::from_utf8_lossy(&first.body).into_owned();
        let verified = !is_tls || text.contains("probe_ssl_earliest_cert_expiry");
        if !text.contains("\nprobe_success 1") || !verified {
            bail!("blackbox_exporter does not succeed: {text}");
        }
        let (began, before) = (Instant::now(), self.cpu_s()?);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (port, path) = (self.port, path.clone());
                std::thread::spawn(move || {
                    let mut count = 0.0;
                    while began.elapsed() < within {
                        count += f64::from(u8::from(get(port, &path, "").is_ok()));
                    }
                    count
                })
            })
            .collect();
        let count: f64 = clients.into_iter().filter_map(|client| client.join().ok()).sum();
        Ok(count / (self.cpu_s()? - before))
    }

    fn cpu_s(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.started.0.id()))?;
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).context("odd times of a process")?;
        Ok((user + system) / CLOCK_TICKS_PER_S)
    }
}
