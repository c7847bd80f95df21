//! Which server a command asks: the one that is named, or the one of the configuration here.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use crate::ask::reader::AskError;
use crate::ask::reader::Reader;
use crate::cli::BadInput;
use crate::cli::serve::read_config;
use crate::config::Config;

/// The configuration that is looked for when none is named.
const USUAL_CONFIG: &str = "outcry.toml";

/// Which server is asked.
#[derive(Debug, clap::Args)]
pub struct ServerChoice {
    /// The server to ask, such as https://outages.example; by default the one that the
    /// configuration serves here.
    #[arg(long, value_name = "URL", env = "OUTCRY_SERVER")]
    server: Option<String>,
    /// The configuration of the server here; by default outcry.toml, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ServerChoice {
    /// What asks that server.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when there is no such address or configuration.
    pub fn reader(&self) -> anyhow::Result<Reader> {
        let server = match (&self.server, &self.config) {
            (Some(server), _) => server.clone(),
            (None, Some(config)) => address_of(&read_config(config)?),
            (None, None) if Path::new(USUAL_CONFIG).is_file() => {
                address_of(&read_config(Path::new(USUAL_CONFIG))?)
            }
            (None, None) => address_of(&Config::default()),
        };
        Reader::there(&server).map_err(told)
    }
}

/// An error of asking as a command tells it: a wrong address is bad input.
pub fn told(error: AskError) -> anyhow::Error {
    match error {
        AskError::Address(what) => BadInput(what).into(),
        AskError::Unreachable { .. } => anyhow::anyhow!(
            "{error}; is `outcry serve` running there? another server is named by --server URL"
        ),
        other => other.into(),
    }
}

/// Where a server with this configuration is reached from this machine.
fn address_of(config: &Config) -> String {
    let listen = config.http.listen;
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        for (listen, want) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:80", "http://[::1]:80"),
            ("192.0.2.7:81", "http://192.0.2.7:81"),
        ] {
            let mut config = Config::default();
            config.http.listen = listen.parse().expect("an address");
            assert_eq!(address_of(&config), want);
        }
    }
}
