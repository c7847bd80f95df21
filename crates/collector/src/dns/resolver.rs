//! The resolver of this machine: asks the servers it is configured with, afresh each time.
//!
//! Nothing is kept between two probes. A name that stopped resolving is seen at once, and what was
//! checked is what is dialled.
//!
//! # What it cannot tell
//!
//! It knows `/etc/hosts` and DNS, and no other source of `nsswitch.conf`. Search lists are not
//! used: names of targets are complete.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address::Host;
use crate::dns::carry;
use crate::dns::code::Kind;
use crate::dns::code::Rcode;
use crate::dns::message::Answer;
use crate::dns::message::Question;
use crate::guard::Family;

/// Servers that are asked, one after the other.
const SERVERS_MAX: usize = 3;
/// How long one server gets before the next is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// Rounds over all servers.
const ROUNDS: usize = 2;
/// Names kept from `/etc/hosts`.
const HOSTS_MAX: usize = 10_000;
const PORT: u16 = 53;

/// Turns names into addresses.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
    hosts: BTreeMap<Box<str>, Vec<IpAddr>>,
}

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The servers say there is no such name.
    #[error("there is no name {0:?} (NXDOMAIN)")]
    NoSuchName(Box<str>),
    /// The name exists and has no address of the wanted family.
    #[error("{0:?} has no address")]
    NoAddress(Box<str>),
    /// A server answered with a failure.
    #[error("the name server answered {rcode} for {name:?}")]
    Refused {
        /// What was asked.
        name: Box<str>,
        /// What it said.
        rcode: Rcode,
    },
    /// No server answered. Says something about this machine or about the zone's servers.
    #[error("no name server answered for {name:?}")]
    Silent {
        /// What was asked.
        name: Box<str>,
        /// The last error.
        source: io::Error,
    },
}

impl Resolver {
    /// Asks these servers, in this order.
    pub fn new(servers: Vec<SocketAddr>) -> Self {
        Self { servers, hosts: BTreeMap::new() }
    }

    /// As `/etc/resolv.conf` and `/etc/hosts` say; without the former, a server on this machine.
    pub fn of_system() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let mut servers = read_servers(&read("/etc/resolv.conf"));
        if servers.is_empty() {
            servers.push((Ipv4Addr::LOCALHOST, PORT).into());
        }
        Self { servers, hosts: read_hosts(&read("/etc/hosts")) }
    }

    /// The addresses of a host. Both families are asked for at once, because the filter judges
    /// all addresses, whichever will be dialled.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] when there is no address at all, or none of the family.
    pub async fn resolve(&self, host: &Host, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name,
        };
        if let Some(addresses) = self.hosts.get(name) {
            return Ok(addresses.clone());
        }
        let (v4, v6) = (Question::new(host, Kind::A), Question::new(host, Kind::AAAA));
        let (v4, v6) = tokio::join!(self.ask(&v4), self.ask(&v6));
        let addresses = |answer: &Result<Answer, io::Error>| -> Vec<IpAddr> {
            let records = answer.iter().flat_map(|answer| &answer.records);
            records.filter_map(|record| record.address()).collect()
        };
        let both = [addresses(&v4), addresses(&v6)].concat();
        let found = both.iter().any(|address| match family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        });
        if found {
            return Ok(both);
        }
        let asked = if family == Family::V6 { v6 } else { v4 };
        let name = name.clone();
        Err(match asked {
            Ok(answer) if answer.rcode == Rcode::NO_ERROR => ResolveError::NoAddress(name),
            Ok(answer) if answer.rcode == Rcode::NX_DOMAIN => ResolveError::NoSuchName(name),
            Ok(answer) => ResolveError::Refused { name, rcode: answer.rcode },
            Err(source) => ResolveError::Silent { name, source },
        })
    }

    /// Asks one question: the servers in turn, over UDP, and over TCP when the answer is cut.
    ///
    /// # Errors
    ///
    /// The last error when no server answered.
    pub async fn ask(&self, question: &Question) -> io::Result<Answer> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no name server is configured");
        let mut failed = None;
        for _ in 0..ROUNDS {
            for server in self.servers.iter().take(SERVERS_MAX) {
                match timeout(PATIENCE, ask_one(*server, question)).await {
                    Ok(Ok(answer)) if is_final(answer.rcode) => return Ok(answer),
                    Ok(Ok(answer)) => failed = Some(answer),
                    Ok(Err(error)) => last = error,
                    Err(_) => last = io::ErrorKind::TimedOut.into(),
                }
            }
            if failed.is_some() {
                break;
            }
        }
        failed.ok_or(last)
    }
}

/// Whether another server could not know better.
fn is_final(rcode: Rcode) -> bool {
    rcode == Rcode::NO_ERROR || rcode == Rcode::NX_DOMAIN
}

async fn ask_one(server: SocketAddr, question: &Question) -> io::Result<Answer> {
    let answer = carry::over_udp(server, question).await?;
    if !answer.is_cut {
        return Ok(answer);
    }
    let mut stream = TcpStream::connect(server).await?;
    carry::over_stream(&mut stream, question).await
}

fn read_servers(text: &str) -> Vec<SocketAddr> {
    let mut servers = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some("nameserver")
            && let Some(Ok(address)) = words.next().map(str::parse::<IpAddr>)
        {
            servers.push((address, PORT).into());
        }
    }
    servers
}

fn read_hosts(text: &str) -> BTreeMap<Box<str>, Vec<IpAddr>> {
    let mut hosts: BTreeMap<Box<str>, Vec<IpAddr>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(Ok(address)) = words.next().map(str::parse::<IpAddr>) else { continue };
        for name in words {
            if hosts.len() < HOSTS_MAX {
                hosts.entry(name.to_ascii_lowercase().into()).or_default().push(address);
            }
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_system_are_read_leniently() {
        let servers = read_servers("# c\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\noptions x");
        assert_eq!(servers, [SocketAddr::from(([192, 0, 2, 1], 53))]);
        let hosts = read_hosts("127.0.0.1 localhost Lo # x\n::1 localhost\nnonsense\n");
        assert_eq!(hosts["localhost"].len(), 2);
        assert_eq!(hosts["lo"].len(), 1);
    }
}
