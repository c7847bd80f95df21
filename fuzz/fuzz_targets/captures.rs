//! Captures of either form, and what is inside the packets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcry_decode::pcap;

fuzz_target!(|bytes: &[u8]| {
    for packet in pcap::packets(bytes) {
        let name = packet.dns().map(|dns| dns.name.to_string());
        let _ = (name, packet.http(), packet.ntp());
    }
});
