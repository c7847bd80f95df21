//! Datagrams of flow exports, one behind the other, to one decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcry_decode::address::Address;
use outcry_decode::export;
use outcry_decode::export::Decoder;

fuzz_target!(|bytes: &[u8]| {
    let mut decoder = Decoder::new();
    for datagram in export::datagrams(bytes) {
        decoder.datagram(Address::v4(1), 0, datagram, |_| {});
    }
    decoder.end();
});
