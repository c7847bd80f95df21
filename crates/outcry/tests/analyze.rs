//! `outcry analyze` as a program: forged sources get no place, and no source's address comes out.
//!
//! The database of places is made here and knows one country for the whole world, which exists
//! nowhere else: a canary. Captures are made here too, so that every source is known.

mod atlas;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use atlas::source;

/// A country that nobody is in (ISO 3166-1 leaves these letters to users).
const CANARY: &str = "QZ";
const TARGET: [u8; 4] = [198, 51, 100, 5];

fn outcry(arguments: &[&str]) -> Output {
    let output =
        Command::new(env!("CARGO_BIN_EXE_outcry")).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A classic capture of raw IP packets.
fn capture(packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    file.extend(65_535_u32.to_le_bytes());
    file.extend(101_u32.to_le_bytes());
    for (at_us, packet) in packets {
        file.extend(
            u32::try_from(1_700_000_000 + at_us / 1_000_000).expect("a small number").to_le_bytes(),
        );
        file.extend(u32::try_from(at_us % 1_000_000).expect("a small number").to_le_bytes());
        file.extend(u32::try_from(packet.len()).expect("a small packet").to_le_bytes());
        file.extend(u32::try_from(packet.len()).expect("a small packet").to_le_bytes());
        file.extend(packet);
    }
    file
}

fn ipv4(source: [u8; 4], protocol: u8, ttl: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + rest.len()).expect("a small packet").to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 0, 0, 0, ttl, protocol, 0, 0];
    packet.extend(source);
    packet.extend(TARGET);
    packet.extend(rest);
    packet
}

fn syn(source: [u8; 4]) -> Vec<u8> {
    let mut tcp = vec![0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff];
    tcp.extend([0, 0, 0, 0]);
    ipv4(source, 6, 244, &tcp)
}

fn ntp_answer(source: [u8; 4]) -> Vec<u8> {
    let mut udp = vec![0, 123, 0, 80, 0x01, 0xc0, 0, 0];
    udp.resize(448, 7);
    ipv4(source, 17, 40 + source[3] % 60, &udp)
}

fn folder_with(name: &str, bytes: &[u8]) -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    fs::write(&file, bytes).expect("written");
    let map = folder.path().join("canary.mmdb");
    fs::write(&map, atlas::database(CANARY)).expect("written");
    let text = |path: &Path| path.to_str().expect("a name").to_owned();
    let names = (text(&file), text(&map));
    (folder, names.0, names.1)
}

fn holds_an_address_of(text: &str, sources: impl Iterator<Item = [u8; 4]>) -> Option<[u8; 4]> {
    sources.into_iter().find(|[a, b, c, d]| text.contains(&format!("{a}.{b}.{c}.{d}")))
}

#[test]
fn forged_sources_have_no_country_in_any_output_and_no_address_comes_out() {
    let packets: Vec<_> = (0..20_000_u32).map(|n| (u64::from(n) * 50, syn(source(n)))).collect();
    let (_folder, file, map) = folder_with("syn.pcap", &capture(&packets));
    for more in [&[][..], &["--json"]] {
        let arguments = [&["analyze", &file, "--country", &map], more].concat();
        let text = said(&outcry(&arguments));
        assert!(text.contains("tcp_syn_flood") && text.contains("withheld"), "{text}");
        assert!(!text.contains(CANARY), "{text}");
        assert_eq!(holds_an_address_of(&text, (0..20_000).map(source)), None);
    }
}

/// A page without the fonts and the mark in it: their letters are by chance what is looked for.
fn without_assets(page: &str) -> String {
    let mut parts = page.split(";base64,");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_coded = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        text.push_str(part.trim_start_matches(is_coded));
    }
    text
}

#[test]
fn the_page_holds_no_country_of_forged_sources_and_no_address_of_any() {
    let forged: Vec<_> = (0..20_000_u32).map(|n| (u64::from(n) * 50, syn(source(n)))).collect();
    let reflected: Vec<_> =
        (0..8_000_u32).map(|n| (u64::from(n) * 50, ntp_answer(source(n % 900)))).collect();
    for (packets, told, country) in [
        (forged, "the sources are forged", false),
        (reflected, "Reflectors are in these countries, not attackers", true),
    ] {
        let (folder, file, map) = folder_with("attack.pcap", &capture(&packets));
        let page = folder.path().join("page.html");
        let name = page.to_str().expect("a name");
        outcry(&["analyze", &file, "--country", &map, "--html", name]);
        let text = without_assets(&fs::read_to_string(&page).expect("written"));
        assert!(text.contains(told), "{told}");
        assert_eq!(text.contains(CANARY), country, "{told}");
        assert_eq!(holds_an_address_of(&text, (0..20_000).map(source)), None);
        assert!(text.contains("attack.pcap") && text.contains("198.51.100.5"));
        // It needs nothing else.
        assert!(!text.contains("src=") && !text.contains("http://") && !text.contains("url(/"));
    }
}

#[test]
fn reflectors_have_a_country_that_is_not_called_the_attackers() {
    let packets: Vec<_> =
        (0..8_000_u32).map(|n| (u64::from(n) * 50, ntp_answer(source(n % 900)))).collect();
    let (_folder, file, map) = folder_with("ntp.pcap", &capture(&packets));
    let text = said(&outcry(&["analyze", &file, "--country", &map]));
    assert!(text.contains("amp_ntp") && text.contains("reflectors are in: QZ"), "{text}");
    assert_eq!(holds_an_address_of(&text, (0..900).map(source)), None);
    let json: serde_json::Value =
        serde_json::from_str(&said(&outcry(&["analyze", "--json", &file]))).expect("JSON");
    assert_eq!(json["attacks"][0]["sources"]["verdict"], "reflected");
    assert_eq!(json["attacks"][0]["sources"]["places"], "withheld");
    assert_eq!(json["attacks"][0]["targets"][0], "198.51.100.5");
}

#[test]
fn only_the_operators_own_file_holds_addresses() {
    let packets: Vec<_> =
        (0..8_000_u32).map(|n| (u64::from(n) * 50, ntp_answer(source(n % 900)))).collect();
    let (folder, file, _) = folder_with("ntp.pcap", &capture(&packets));
    let own = folder.path().join("own.json");
    let name = own.to_str().expect("a name");
    let text = said(&outcry(&["analyze", "--json", &file, "--fingerprint", name]));
    assert_eq!(holds_an_address_of(&text, (0..900).map(source)), None);
    let own = fs::read_to_string(&own).expect("written");
    assert!(holds_an_address_of(&own, (0..900).map(source)).is_some());
}

#[test]
fn access_logs_are_read_and_a_flood_in_them_is_told() {
    let mut log = String::new();
    for n in 0..30_000_u32 {
        let [a, b, c, d] = source(n % 200);
        let second = n / 500;
        log += &format!(
            "{a}.{b}.{c}.{d} - - [10/Mar/2025:09:45:{second:02} +0000] \"GET /search?q={n} \
             HTTP/1.1\" 503 0 \"-\" \"python-requests/2.31\"\n"
        );
    }
    let (_folder, file, _) = folder_with("access.log", log.as_bytes());
    let text = said(&outcry(&["analyze", &file]));
    assert!(text.contains("http_flood") && text.contains("2025-03-10T09:45"), "{text}");
    assert_eq!(holds_an_address_of(&text, (0..200).map(source)), None);
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_give() {
    let (_folder, file, _) = folder_with("x.bin", b"nothing of the kind");
    let bad = Command::new(env!("CARGO_BIN_EXE_outcry")).args(["analyze", &file]).output();
    let bad = bad.expect("it runs");
    assert_eq!(bad.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("pcap"));
}
