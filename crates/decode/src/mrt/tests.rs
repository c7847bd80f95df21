//! Routes against what `bgpdump` printed for the same files.

use std::io::Read as _;
use std::path::PathBuf;

use super::*;

fn shared(name: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/feeds");
    let Ok(packed) = std::fs::read(root.join(name)) else {
        println!("{name} is absent here: not tested");
        return None;
    };
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("gzip");
    Some(bytes)
}

/// A change as `bgpdump -m` prints it, up to the path.
fn printed(change: &Change) -> String {
    let at = change.at_unix_s as u64;
    let path: Vec<String> = change.path.iter().map(hop).collect();
    let (peer, network, prefix) = (change.peer, change.peer_asn, &change.prefix);
    match change.kind {
        Kind::Withdraw => format!("{at}|W|{peer}|{network}|{prefix}"),
        Kind::Announce => format!("{at}|A|{peer}|{network}|{prefix}|{}", path.join(" ")),
    }
}

fn hop(hop: &Hop) -> String {
    match hop {
        Hop::One(network) => network.to_string(),
        Hop::Set(networks) => {
            let members: Vec<String> = networks.iter().map(u32::to_string).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// `bgpdump` shortens a single zero group of IPv6; RFC 5952, section 4.2.2, says not to.
fn canonical(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

#[test]
fn files_of_mrt_are_read_as_bgpdump_reads_them() {
    for name in ["bgpdump_updates.20071015.1505", "bgpdump_updates.20100722.2015"] {
        let Some(file) = shared(&format!("mrt/{name}.gz")) else { continue };
        let Some(expected) = shared(&format!("mrt/{name}.expect.gz")) else { continue };
        let expected = String::from_utf8(expected).expect("text");
        let mut want: Vec<String> = expected
            .lines()
            .filter_map(|line| {
                let fields: Vec<&str> = line.split('|').collect();
                let width = match *fields.get(2)? {
                    "A" => 7,
                    "W" => 6,
                    _ => return None,
                };
                let peer = canonical(fields[3]);
                let (address, length) = fields[5].split_once('/')?;
                let prefix = format!("{}/{length}", canonical(address));
                let path = fields[6..width].iter().map(|path| format!("|{path}"));
                let path: String = path.collect();
                Some(format!("{}|{}|{peer}|{}|{prefix}{path}", fields[1], fields[2], fields[4]))
            })
            .collect();
        let mut got = Vec::new();
        let read = mrt(file.as_slice(), |change| got.push(printed(&change)));
        assert_eq!(read.errors, 0, "{name}: {:?}", read.faults);
        assert_eq!(got.len(), want.len(), "{name}");
        want.sort();
        got.sort();
        let other = got.iter().zip(&want).find(|(got, want)| got != want);
        assert_eq!(other, None, "{name}");
    }
}

#[test]
fn damage_is_told_and_never_the_end_of_the_program() {
    let Some(file) = shared("mrt/ripe_rrc15_2010.02_updates.20100227.1610.gz") else { return };
    let mut whole = 0;
    mrt(file.as_slice(), |_| whole += 1);
    assert!(whole > 100, "{whole}");
    let cut = mrt(&file[..file.len() / 2 + 7], |_| {});
    assert!(cut.changes > 0 && cut.changes < whole);
    let mut state = 7_u64;
    for _ in 0..50 {
        let mut damaged = file[..file.len().min(40_000)].to_vec();
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % damaged.len();
            damaged[at] ^= (state >> 17) as u8;
        }
        mrt(damaged.as_slice(), |_| {});
    }
    let nothing = mrt(&b"<html>not routes</html>"[..], |_| {});
    assert_eq!(nothing.changes, 0);
}

#[test]
fn messages_of_ris_live_are_read_bare_or_wrapped() {
    let message = concat!(
        r#"{"timestamp":1568279796.63,"peer":"192.0.2.0","peer_asn":"64496","id":"21","host":"rrc21","#,
        r#""type":"UPDATE","path":[1,2,3,4],"#,
        r#""announcements":[{"next_hop":"192.0.2.0","prefixes":["192.0.3.0/24"]}],"withdrawals":["192.0.4.0/24"]}"#,
    );
    let text = format!(
        "{message}\n{{\"type\":\"ris_message\",\"data\":{message}}}\nnot json\n\
         {{\"type\":\"ris_message\",\"data\":{{\"type\":\"KEEPALIVE\"}}}}\n"
    );
    let mut changes = Vec::new();
    let read = ris_live(&text, |change| changes.push(change));
    assert_eq!((read.changes, read.errors, read.without_routes), (4, 1, 1), "{:?}", read.faults);
    assert_eq!(changes[0].kind, Kind::Withdraw);
    assert_eq!((changes[1].prefix.as_str(), changes[1].origin), ("192.0.3.0/24", Some(4)));
}
