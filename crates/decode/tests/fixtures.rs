//! Datagrams of real exporters, against a table that `cargo xtask score flows` checks with tshark.
//!
//! Template and data of one exporter stand in files of their own: files whose names begin the same,
//! up to the word that says which they are, are of one exporter, templates first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use outcry_decode::address::Address;
use outcry_decode::export;
use outcry_decode::export::Decoder;
use outcry_decode::fault::FaultKind;
use outcry_decode::record::Flow;
use outcry_decode::record::SamplingOrigin;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/flow"))
}

/// Files by exporter, templates first.
fn exporters() -> BTreeMap<String, Vec<(String, Vec<u8>)>> {
    let mut groups: BTreeMap<String, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).expect("readable fixtures") {
        let path = entry.expect("readable fixtures").path();
        if path.extension().is_some_and(|extension| extension == "dat") {
            let name = path
                .file_stem()
                .expect("readable fixtures")
                .to_str()
                .expect("readable fixtures")
                .to_owned();
            let words = ["_opttpl", "_tpl", "_data"];
            let end = words.iter().filter_map(|word| name.find(word)).min().unwrap_or(name.len());
            let bytes = std::fs::read(&path).expect("readable fixtures");
            groups.entry(name[..end].to_owned()).or_default().push((name, bytes));
        }
    }
    for files in groups.values_mut() {
        files.sort_by_key(|(name, _)| (!name.contains("tpl"), name.clone()));
    }
    groups
}

fn line(name: &str, decoder: &Decoder, flows: &[Flow]) -> String {
    let octets: u64 = flows.iter().map(|flow| flow.octets).sum();
    let packets: u64 = flows.iter().map(|flow| flow.packets).sum();
    let rates: Vec<String> = flows
        .iter()
        .map(|flow| match (flow.sampling.weight(), flow.sampling.origin()) {
            (None, _) => "unknown".to_owned(),
            (Some(weight), origin) => format!("{weight} by {origin:?}"),
        })
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let first = flows.first().map_or("-".to_owned(), |flow| {
        format!(
            "{}:{}>{}:{}/{} {}o {}p {}..{}",
            flow.source,
            flow.source_port,
            flow.target,
            flow.target_port,
            flow.protocol,
            flow.octets,
            flow.packets,
            flow.start_ms,
            flow.end_ms
        )
    });
    let faults: Vec<_> =
        decoder.faults.by_kind().map(|(kind, count)| format!("{kind:?} {count}")).collect();
    let other = decoder.counts.other_records;
    format!(
        "{name}\t{}\t{octets}\t{packets}\t{other}\t{}\t{first}\t{}",
        flows.len(),
        rates.join(", "),
        faults.join(", ")
    )
}

#[test]
fn exporters_are_read_as_the_table_says() {
    let mut told =
        String::from("exporter\tflows\toctets\tpackets\tother\tsampling\tfirst\tfaults\n");
    for (name, files) in exporters() {
        let mut decoder = Decoder::new();
        let mut flows = Vec::new();
        for (_, bytes) in &files {
            for datagram in export::datagrams(bytes) {
                decoder.datagram(Address::v4(1), 0, datagram, |batch| flows.extend(batch));
            }
        }
        decoder.end();
        writeln!(told, "{}", line(&name, &decoder, &flows)).unwrap();
        for flow in &flows {
            assert_eq!(
                flow.sampling.is_unknown(),
                flow.sampling.origin() == SamplingOrigin::Unknown
            );
        }
    }
    let path = folder().join("expected.tsv");
    if std::env::var_os("OUTCRY_WRITE_EXPECTED").is_some() {
        std::fs::write(&path, &told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (told, expected) in told.lines().zip(expected.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.lines().count(), expected.lines().count());
}

#[test]
fn data_may_come_before_its_template() {
    for (name, files) in exporters() {
        let read = |files: &mut dyn Iterator<Item = &(String, Vec<u8>)>| {
            let mut decoder = Decoder::new();
            let mut flows = Vec::new();
            for (_, bytes) in files {
                for datagram in export::datagrams(bytes) {
                    decoder.datagram(Address::v4(1), 0, datagram, |batch| flows.extend(batch));
                }
            }
            let mut keys: Vec<_> = flows
                .iter()
                .map(|flow: &Flow| (flow.source, flow.target, flow.octets, flow.start_ms))
                .collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(read(&mut files.iter()), read(&mut files.iter().rev()), "{name}");
    }
}

#[test]
fn several_decoders_share_what_one_learnt() {
    for (name, files) in exporters() {
        let mut alone = Decoder::new();
        let mut pair = [Decoder::new(), Decoder::new()];
        let mut shared = 0;
        let datagrams = files.iter().flat_map(|(_, bytes)| export::datagrams(bytes));
        for (turn, datagram) in datagrams.enumerate() {
            alone.datagram(Address::v4(1), 0, datagram, |_| {});
            pair[turn % 2].datagram(Address::v4(1), 0, datagram, |flows| shared += flows.len());
            for learnt in pair[turn % 2].take_learnt() {
                pair[1 - turn % 2].learn(&learnt, 0, |flows| shared += flows.len());
            }
        }
        assert_eq!(shared as u64, alone.counts.flows, "{name}");
        assert_eq!(pair[0].counts.flows + pair[1].counts.flows, alone.counts.flows);
    }
}

#[test]
fn sets_beyond_the_count_of_the_header_are_refused() {
    let bytes = std::fs::read(folder().join("netflow9_test_invalid01.dat")).unwrap();
    let mut decoder = Decoder::new();
    decoder.datagram(Address::v4(1), 0, &bytes, |_| panic!("no flow is valid"));
    assert_eq!(decoder.faults.count(FaultKind::CountMismatch), 1);
}

#[test]
fn what_is_invalid_is_refused_with_a_reason() {
    for name in ["netflow5_test_invalid01", "netflow5_test_invalid02"] {
        let bytes = std::fs::read(folder().join(format!("{name}.dat"))).unwrap();
        let mut decoder = Decoder::new();
        let head = decoder.datagram(Address::v4(1), 0, &bytes, |_| panic!("no flow is valid"));
        assert_eq!((head, decoder.counts.refused), (None, 1), "{name}");
        assert_eq!(decoder.faults.count(FaultKind::CountMismatch), 1);
    }
}
