//! Proofs that still hold: a chain that was verified for a host need not be verified again, to the
//! byte the same, while all its certificates are valid.
//!
//! Nearly all looks find the chain of the look before, and two signatures are most of what it
//! costs to judge it. That the server holds the key of its certificate is proven in every
//! handshake and never remembered. What was refused is not remembered either.
//!
//! # What it cannot tell
//!
//! Whether a certificate was revoked meanwhile; that nobody asks here.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use ring::digest::Context;
use ring::digest::SHA256;
use rustls::pki_types::CertificateDer;

use crate::address::Host;
use crate::certificate::expiry_unix_s;

/// Proofs that are kept; when there are more, all are forgotten and come again.
const PROOFS_MAX: usize = 32_768;
/// Seconds after which a chain is verified again in any case.
const HOLDS_S_MAX: i64 = 3_600;

type Digest = [u8; 32];

/// When a proof was made, and until when it holds, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Span {
    from_unix_s: i64,
    until_unix_s: i64,
}

/// Chains that were verified, with hosts.
#[derive(Debug, Default)]
pub(super) struct Proven(Mutex<BTreeMap<Digest, Span>>);

impl Proven {
    /// Whether this chain proved this host before and does so still.
    pub(super) fn holds(&self, digest: &Digest, now_unix_s: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(digest).is_some_and(|span| {
            // A clock that was set back makes a certificate not valid yet.
            (span.from_unix_s..span.until_unix_s).contains(&now_unix_s)
        })
    }

    /// Remembers a chain that was verified at this moment.
    pub(super) fn note(&self, digest: Digest, chain: &[CertificateDer<'_>], now_unix_s: i64) {
        let first_end = chain.iter().map(|der| expiry_unix_s(der)).min().flatten();
        // A chain whose end cannot be read is verified every time.
        let Some(first_end) = first_end else { return };
        let until_unix_s = first_end.min(now_unix_s.saturating_add(HOLDS_S_MAX));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PROOFS_MAX {
            known.clear();
        }
        known.insert(digest, Span { from_unix_s: now_unix_s, until_unix_s });
    }
}

/// What stands for a host and all bytes of a chain.
pub(super) fn digest(chain: &[CertificateDer<'_>], host: &Host) -> Digest {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        context.update(&bytes.len().to_le_bytes());
        context.update(bytes);
    };
    match host {
        Host::Address(address) => part(address.to_string().as_bytes()),
        Host::Name(name) => part(name.as_bytes()),
    }
    chain.iter().for_each(|der| part(der));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
