//! The provider's status page, read as a stranger reads it: over the network, now and then.
//!
//! The page says what its provider wrote, which may come late, or never.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::net::Way;
use crate::part::people::now_unix_ms;
use crate::place::IDENT;
use crate::place::STATUS_PORT;
use crate::watch::ROUND;

/// Where the reader stands: far from anything that is broken.
const FROM: &str = "jp1";

/// Reads the page until `over`; what it newly said, and when that was seen.
pub fn watch(way: &Way, over: &AtomicBool) -> Vec<(i64, String)> {
    let mut seen: Vec<(i64, String)> = Vec::new();
    let url = format!("http://{}:{STATUS_PORT}/", IDENT.address());
    while !over.load(Ordering::Relaxed) {
        let output = way.command(FROM, "curl").args(["-sf", "-m", "1", &url]).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let text = text.unwrap_or_default();
        if !text.is_empty() && seen.last().is_none_or(|(_, last)| *last != text) {
            seen.push((now_unix_ms(), text));
        }
        std::thread::sleep(ROUND / 2);
    }
    seen
}
