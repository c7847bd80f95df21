//! The platform: every part in its place, and the handles by which faults change it.

use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::edge;
use crate::edge::Authority;
use crate::edge::Shown;
use crate::net::Net;
use crate::part;
use crate::place;
use crate::place::APP;
use crate::place::APP_PORT;
use crate::place::DB;
use crate::place::DB_PORT;
use crate::place::DNS;
use crate::place::EDGE;
use crate::place::HTTPS;
use crate::place::IDENT;
use crate::place::REGIONS;

/// People of a region, and their tries a second.
const PEOPLE: u16 = 24;
const RATE: f64 = 0.5;
/// The edge's cable carries so much.
const CABLE: &str = "4mbit";
/// Half-open connections the edge keeps, as small as the platform is.
const HALF_OPEN_MAX: u32 = 128;

/// A running platform; gone when dropped.
pub struct Platform {
    /// Its hosts.
    pub net: Net,
    /// The folder of the run.
    pub dir: PathBuf,
    /// The seed of the run.
    pub seed: u64,
    authority: Authority,
    own: String,
}

impl Platform {
    /// Starts all parts and waits until they answer.
    pub fn start(dir: &Path, seed: u64) -> Result<Self> {
        let net = Net::make(&seed.to_string(), &place::hosts(), dir)?;
        let authority = Authority::make(dir)?;
        let own = std::env::current_exe()?.display().to_string();
        let mut platform = Self { net, dir: dir.to_owned(), seed, authority, own };
        // What nobody owns leads nowhere, in silence.
        platform.net.route(&["add", "blackhole", "default"])?;
        let shape = ["qdisc", "add", "dev", "to-edge", "root", "tbf", "rate", CABLE];
        let shape = [&shape[..], &["burst", "64kb", "limit", "128kb"]].concat();
        platform.net.way.run_in("router", "tc", &shape)?;
        let half_open = format!("net.ipv4.tcp_max_syn_backlog={HALF_OPEN_MAX}");
        let cookies = "net.ipv4.tcp_syncookies=0";
        // The kernel keeps places for those it knows; this edge knows nobody.
        let forget = "net.ipv4.tcp_no_metrics_save=1";
        platform.net.way.run_in(EDGE.name, "sysctl", &["-qw", cookies, forget, &half_open])?;
        let capture = dir.join("edge.pcap").display().to_string();
        let packets = ["-i", "eth0", "-n", "-U", "-s", "96", "-Z", "root", "-w", &capture];
        platform.net.start("capture", EDGE.name, "tcpdump", &packets)?;
        for host in [DNS, DB, IDENT, APP] {
            platform.start_part(host.name)?;
        }
        platform.authority.show(dir, Shown::Good)?;
        platform.start_edge()?;
        platform.net.wait_for(EDGE.name, DB.address(), DB_PORT)?;
        platform.net.wait_for(EDGE.name, IDENT.address(), APP_PORT)?;
        platform.net.wait_for(EDGE.name, APP.address(), APP_PORT)?;
        platform.net.wait_for(EDGE.name, EDGE.address(), HTTPS)?;
        for region in REGIONS {
            platform.people(region.host.name, region.host.name, PEOPLE, RATE, &[])?;
        }
        Ok(platform)
    }

    /// Starts a part that was stopped, in its own host.
    pub fn start_part(&mut self, name: &str) -> Result<()> {
        let dir = self.dir.display().to_string();
        self.net.start(name, name, &self.own, &["part", name, "--dir", &dir])
    }

    /// Starts the edge with a good configuration.
    pub fn start_edge(&mut self) -> Result<()> {
        let file = edge::configure(&self.dir, false)?;
        self.net.start(EDGE.name, EDGE.name, "nginx", &["-c", &file])
    }

    /// Lets people come: under a name, from a host, so many, so many tries a second.
    pub fn people(
        &mut self,
        name: &str,
        host: &str,
        people: u16,
        rate: f64,
        more: &[&str],
    ) -> Result<()> {
        let (dir, seed) = (self.dir.display().to_string(), self.seed.to_string());
        let (people, rate) = (people.to_string(), rate.to_string());
        let args = ["part", "people", "--dir", &dir, "--host", host, "--seed", &seed];
        let args = [&args[..], &["--people", &people, "--rate", &rate], more].concat();
        self.net.start(name, host, &self.own, &args)
    }

    /// Lets a bounded flood come from the flood's own host.
    pub fn flood(&mut self, args: &[&str]) -> Result<()> {
        let seed = self.seed.to_string();
        let args = [&["part", "flood", "--seed", &seed], args].concat();
        self.net.start("flood", place::FLOOD.name, &self.own, &args)
    }

    /// Sets what a part does; empty is well.
    pub fn mode(&self, part: &str, mode: &str) -> Result<()> {
        part::set_mode(&self.dir, part, mode)
    }

    /// Shows another certificate.
    pub fn certificate(&self, shown: Shown) -> Result<()> {
        self.authority.show(&self.dir, shown)?;
        edge::reload(&self.dir)
    }

    /// Gives the edge a configuration, broken or not.
    pub fn configure_edge(&self, broken: bool) -> Result<()> {
        edge::configure(&self.dir, broken)?;
        edge::reload(&self.dir)
    }
}
