//! A bounded flood of packets from invented addresses, inside the run's own namespaces only.
//!
//! The process refuses to run where there is any way out: its only neighbour has to be the router
//! of the laboratory. Bounds: [`RATE_MAX`] packets a second, [`PACKETS_MAX`] in all, [`LIFE_MAX`].
//! Sources are invented from 198.18.0.0/15, which RFC 2544 keeps for such measurements; the router
//! has no way there.

use std::os::fd::AsRawFd;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use nix::sys::socket::AddressFamily;
use nix::sys::socket::MsgFlags;
use nix::sys::socket::SockFlag;
use nix::sys::socket::SockProtocol;
use nix::sys::socket::SockType;
use nix::sys::socket::SockaddrIn;
use nix::sys::socket::sendto;
use nix::sys::socket::socket;
use outcry_sim::dice::Dice;

use crate::place::EDGE;
use crate::place::FLOOD;
use crate::place::HTTPS;

/// Packets a second.
const RATE_MAX: u64 = 3_000;
/// Packets in all.
const PACKETS_MAX: u64 = 90_000;
/// How long.
const LIFE_MAX: Duration = Duration::from_secs(60);
/// Packets between two looks at the clock.
const BURST: u64 = 64;
/// Bytes of what a UDP packet carries.
const UDP_BYTES: usize = 1_200;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// First packets of connections.
    Syn,
    /// Datagrams to no service in particular.
    Udp,
}

/// How much of what.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// What is sent.
    #[arg(long)]
    kind: Kind,
    /// Packets a second.
    #[arg(long)]
    rate: u64,
    /// Seconds.
    #[arg(long)]
    life_s: u64,
    /// Milliseconds of pause after as many of sending; 0 never pauses.
    #[arg(long, default_value_t = 0)]
    pulse_ms: u64,
    /// Seed of the sources.
    #[arg(long)]
    seed: u64,
}

/// Sends until the time or the count is over.
pub fn run(arguments: &Arguments) -> Result<()> {
    let life = Duration::from_secs(arguments.life_s);
    if arguments.rate > RATE_MAX || life > LIFE_MAX {
        bail!("more than a laboratory may do");
    }
    only_inside()?;
    let flags = SockFlag::empty();
    let raw = socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Raw)?;
    let [a, b, c, d] = EDGE.address().octets();
    let to = SockaddrIn::new(a, b, c, d, 0);
    let mut dice = Dice::new(arguments.seed, &["flood"]);
    let began = Instant::now();
    let mut sent = 0;
    while began.elapsed() < life && sent < PACKETS_MAX {
        let at_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let is_pause = at_ms.checked_div(arguments.pulse_ms).is_some_and(|n| n % 2 == 1);
        let due = (began.elapsed().as_secs_f64() * arguments.rate as f64) as u64;
        if is_pause {
            sent = due;
        }
        for _ in 0..due.saturating_sub(sent).min(BURST) {
            let packet = packet(arguments.kind, &mut dice);
            // A full cable loses packets: that is what a flood is for.
            let _ = sendto(raw.as_raw_fd(), &packet, &to, MsgFlags::MSG_DONTWAIT);
            sent += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Fails unless the only interface that is up is the cable to the laboratory's router.
fn only_inside() -> Result<()> {
    let routes = std::fs::read_to_string("/proc/net/route").context("no routes to look at")?;
    let own = u32::from_ne_bytes([10, FLOOD.k, 255, 254]);
    let gateways = routes.lines().skip(1).filter_map(|line| line.split('\t').nth(2));
    let mut gateways = gateways.filter_map(|hex| u32::from_str_radix(hex, 16).ok());
    if !gateways.all(|gateway| gateway == 0 || gateway == own) {
        bail!("not inside a laboratory: there is another way out");
    }
    let ways = std::fs::read_to_string("/proc/net/dev")?;
    let is_ours = |line: &str| ["lo:", "eth0:"].iter().any(|it| line.trim().starts_with(it));
    if !ways.lines().skip(2).all(is_ours) || !routes.contains(&format!("{own:08X}")) {
        bail!("not inside a laboratory");
    }
    Ok(())
}

fn packet(kind: Kind, dice: &mut Dice) -> Vec<u8> {
    let chance = dice.next().to_be_bytes();
    let source = [198, 18 + (chance[0] & 1), chance[1], chance[2]];
    let port = u16::from_be_bytes([chance[3] | 0x80, chance[4]]);
    let to = EDGE.address().octets();
    let body = match kind {
        Kind::Syn => {
            let mut tcp = port.to_be_bytes().to_vec();
            tcp.extend(HTTPS.to_be_bytes());
            tcp.extend([&chance[4..8], &[0; 4], &[0x50, 0x02, 0xff, 0xff], &[0; 4]].concat());
            let sum = checksum(&[&source[..], &to, &[0, TCP, 0, tcp.len() as u8], &tcp].concat());
            tcp[16..18].copy_from_slice(&sum.to_be_bytes());
            tcp
        }
        Kind::Udp => {
            let mut udp = port.to_be_bytes().to_vec();
            udp.extend([chance[5], chance[6]]);
            udp.extend(((UDP_BYTES + 8) as u16).to_be_bytes());
            // No checksum: RFC 768 allows it.
            udp.extend([0, 0]);
            udp.resize(UDP_BYTES + 8, chance[7]);
            udp
        }
    };
    let protocol = if kind == Kind::Syn { TCP } else { UDP };
    let length = ((body.len() + 20) as u16).to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], chance[6], chance[7], 0, 0, 64, protocol];
    packet.extend([0, 0]);
    packet.extend(source);
    packet.extend(to);
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(body);
    packet
}

/// The checksum of RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| {
        u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or_default()]))
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_outside_a_laboratory_is_refused() {
        let arguments = Arguments { kind: Kind::Syn, rate: 1, life_s: 1, pulse_ms: 0, seed: 1 };
        assert!(run(&arguments).is_err());
    }

    #[test]
    fn sums_of_a_packet_come_to_nothing() {
        let packet = packet(Kind::Syn, &mut Dice::new(3, &["t"]));
        assert_eq!(checksum(&packet[..20]), 0);
        assert_eq!(packet.len(), 40);
    }
}
