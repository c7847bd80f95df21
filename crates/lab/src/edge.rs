//! The edge: nginx with TLS in front of two brands, and the authority that signs for it.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use anyhow::Result;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::date_time_ymd;

use crate::place::APP;
use crate::place::APP_PORT;
use crate::place::EDGE;

/// Names the edge speaks for.
const NAMES: [&str; 3] = ["chirp.test", "api.chirp.test", "wares.test"];

/// Which certificate is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A good one.
    Good,
    /// One that ran out.
    Expired,
    /// One of another name.
    OtherName,
}

/// The private authority of a run.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one and writes its root down.
    pub fn make(dir: &Path) -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        std::fs::write(dir.join("roots.pem"), params.self_signed(&key)?.pem())?;
        Ok(Self { issuer: Issuer::new(params, key) })
    }

    /// Signs a certificate and puts it where the edge reads it.
    pub fn show(&self, dir: &Path, shown: Shown) -> Result<()> {
        let names = match shown {
            Shown::OtherName => vec!["old-edge.example".to_owned()],
            _ => NAMES.map(str::to_owned).to_vec(),
        };
        let mut params = CertificateParams::new(names)?;
        if shown == Shown::Expired {
            params.not_before = date_time_ymd(2023, 1, 1);
            params.not_after = date_time_ymd(2024, 1, 1);
        }
        let key = KeyPair::generate()?;
        std::fs::write(dir.join("edge.pem"), params.signed_by(&key, &self.issuer)?.pem())?;
        std::fs::write(dir.join("edge.key"), key.serialize_pem())?;
        Ok(())
    }
}

/// Writes the configuration of nginx; gives its path. `broken` leads every request to itself.
pub fn configure(dir: &Path, broken: bool) -> Result<String> {
    let folder = dir.display();
    let behind = format!("http://{}:{APP_PORT}", APP.address());
    let server = |name: &str, path: &str| {
        let act = match broken {
            true => format!("return 302 https://{name}$request_uri;"),
            false => format!("proxy_pass {behind}{path};"),
        };
        format!(
            "server {{ listen {}:443 ssl backlog=64; server_name {name}; \
             location / {{ {act} }} }}\n",
            EDGE.address()
        )
    };
    let servers: String = [("chirp.test", "/chirp/"), ("wares.test", "/wares/")]
        .iter()
        .map(|(name, path)| server(name, path))
        .chain([server("api.chirp.test", "/api/")])
        .collect::<String>()
        // The queue is one socket's: only one of its servers may say how long it is.
        .replacen(" backlog=64", " backlog=128", 1)
        .replace(" backlog=64", "");
    let config = format!(
        "daemon off; user root; worker_processes 1; pid {folder}/edge.pid;\n\
         error_log {folder}/edge-error.log warn;\n\
         events {{ worker_connections 2048; }}\n\
         http {{ access_log {folder}/access.log combined; client_body_temp_path {folder}/body;\n\
         proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;\n\
         uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
         proxy_connect_timeout 1s; proxy_read_timeout 3s;\n\
         ssl_certificate {folder}/edge.pem; ssl_certificate_key {folder}/edge.key;\n\
         ssl_session_cache off; ssl_session_tickets off; keepalive_timeout 0;\n{servers}}}\n"
    );
    let file = dir.join("edge.conf");
    std::fs::write(&file, config)?;
    Ok(file.display().to_string())
}

/// Makes nginx read its configuration and certificates again.
pub fn reload(dir: &Path) -> Result<()> {
    let pid = std::fs::read_to_string(dir.join("edge.pid")).context("the edge does not run")?;
    let status = Command::new("kill").args(["-HUP", pid.trim()]).status()?;
    anyhow::ensure!(status.success(), "the edge does not take its configuration");
    Ok(())
}
