//! Lines of access logs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcry_decode::access_log;
use outcry_decode::access_log::Log;

fuzz_target!(|bytes: &[u8]| {
    let mut log = Log::new();
    for request in access_log::requests(&mut log, bytes) {
        let _ = request.client(&[]);
    }
});
