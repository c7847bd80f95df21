//! Symptoms: what a probe found, in one word.
//!
//! Probes tell an outcome, perhaps a phase, and a detail in the words of whoever ran them. Here
//! these become one of a short list. The phase is believed first; without one the detail decides.
//!
//! # What it cannot tell
//!
//! Why. A lost handshake looks the same behind a flood and behind a dead router.

use crate::signal::probe::Probe;
use crate::signal::probe::ProbeOutcome;

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symptom {
    /// All as it should be.
    Fine,
    /// The name is said not to exist.
    NameMissing,
    /// The resolver failed: SERVFAIL, REFUSED, a broken signature.
    NameFails,
    /// No answer about the name.
    NameTimeout,
    /// No answer to the first packet: a SYN was lost.
    ConnectTimeout,
    /// The connection was refused or reset at once.
    ConnectRefused,
    /// No route to the host or the network.
    Unreachable,
    /// The connection broke in the TLS handshake.
    TlsFails,
    /// The certificate is expired, of another name, or not trusted.
    Certificate,
    /// An answer with a 5xx status.
    ServerError,
    /// An answer of a delivery network that it could not reach or use the origin (52x).
    EdgeError,
    /// An answer with a 4xx status that is not a refusal of us.
    ClientError,
    /// An answer that says it is fine and is not.
    SoftError,
    /// A page that says that work is being done.
    Maintenance,
    /// The connection stands and no answer comes, or it breaks off.
    Hangs,
    /// We were turned away; others may not be.
    TurnedAway,
    /// A page that says the site was closed by order.
    BlockPage,
    /// Something else.
    Other,
}

/// How far a probe got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It failed before a session: name, route, connection.
    Reach,
    /// It got a connection; TLS or the answer failed, or nothing did.
    Answer,
}

impl Symptom {
    /// All, in the order in which they are saved and named.
    pub const ALL: [Self; 18] = [
        Self::Fine,
        Self::NameMissing,
        Self::NameFails,
        Self::NameTimeout,
        Self::ConnectTimeout,
        Self::ConnectRefused,
        Self::Unreachable,
        Self::TlsFails,
        Self::Certificate,
        Self::ServerError,
        Self::EdgeError,
        Self::ClientError,
        Self::SoftError,
        Self::Maintenance,
        Self::Hangs,
        Self::TurnedAway,
        Self::BlockPage,
        Self::Other,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::NameMissing => "name_missing",
            Self::NameFails => "name_fails",
            Self::NameTimeout => "name_timeout",
            Self::ConnectTimeout => "connect_timeout",
            Self::ConnectRefused => "connect_refused",
            Self::Unreachable => "unreachable",
            Self::TlsFails => "tls_fails",
            Self::Certificate => "certificate",
            Self::ServerError => "server_error",
            Self::EdgeError => "edge_error",
            Self::ClientError => "client_error",
            Self::SoftError => "soft_error",
            Self::Maintenance => "maintenance",
            Self::Hangs => "hangs",
            Self::TurnedAway => "turned_away",
            Self::BlockPage => "block_page",
            Self::Other => "other",
        }
    }

    /// How far the probe got.
    pub fn phase(self) -> Phase {
        match self {
            Self::NameMissing
            | Self::NameFails
            | Self::NameTimeout
            | Self::ConnectTimeout
            | Self::ConnectRefused
            | Self::Unreachable => Phase::Reach,
            _ => Phase::Answer,
        }
    }

    /// What a probe found.
    pub fn of(probe: &Probe) -> Self {
        let detail = probe.detail.as_deref().unwrap_or_default().to_lowercase();
        let phase = probe.phase.as_deref().unwrap_or_default();
        let has = |words: &[&str]| words.iter().any(|word| detail.contains(word));
        match probe.outcome {
            ProbeOutcome::Ok => return Self::Fine,
            ProbeOutcome::Blocked if has(BY_ORDER) => return Self::BlockPage,
            ProbeOutcome::Blocked => return Self::TurnedAway,
            ProbeOutcome::SoftFailure if has(AT_WORK) => return Self::Maintenance,
            ProbeOutcome::SoftFailure if has(BY_ORDER) => return Self::BlockPage,
            ProbeOutcome::SoftFailure => return Self::SoftError,
            ProbeOutcome::Failed => {}
        }
        if has(BY_ORDER) {
            return Self::BlockPage;
        }
        match phase {
            "resolve" | "dns" => return Self::of_name(&detail, true),
            "connect" | "tcp" => return Self::of_connection(&detail),
            "tls" | "handshake" if has(CERTIFICATE) => return Self::Certificate,
            "tls" | "handshake" => return Self::TlsFails,
            _ => {}
        }
        if has(AT_WORK) {
            return Self::Maintenance;
        }
        if let Some(symptom) = status(&detail).and_then(Self::of_status) {
            return symptom;
        }
        if matches!(phase, "processing" | "transfer" | "content") {
            let lost = has(LOST);
            return if phase == "content" && !lost { Self::SoftError } else { Self::Hangs };
        }
        if probe.kind.as_ref() == "dns" || has(NAMES) {
            return Self::of_name(&detail, false);
        }
        if has(CERTIFICATE) {
            return Self::Certificate;
        }
        if has(&["tls", "ssl", "handshake fail"]) {
            return Self::TlsFails;
        }
        if has(&["syn", "connect", "refused", "reset", "unreachable", "no route", "icmp"]) {
            return Self::of_connection(&detail);
        }
        match probe.kind.as_ref() {
            "tcp" | "icmp" | "ping" => Self::of_connection(&detail),
            "tls" => Self::TlsFails,
            _ if has(LOST) => Self::Hangs,
            _ => Self::Other,
        }
    }

    fn of_name(detail: &str, phase_known: bool) -> Self {
        if detail.contains("nxdomain") || detail.contains("no such") || detail.contains("not found")
        {
            Self::NameMissing
        } else if detail.contains("servfail")
            || detail.contains("refused")
            || detail.contains("dnssec")
            || detail.contains("bogus")
        {
            Self::NameFails
        } else if detail.contains("time") || detail.contains("no answer") || phase_known {
            Self::NameTimeout
        } else {
            Self::NameFails
        }
    }

    fn of_connection(detail: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| detail.contains(word));
        if has(&["refused", "reset", "rst", "closed"]) {
            Self::ConnectRefused
        } else if has(&["unreachable", "no route", "ttl", "prohibited"]) {
            Self::Unreachable
        } else {
            Self::ConnectTimeout
        }
    }

    fn of_status(status: u16) -> Option<Self> {
        match status {
            451 => Some(Self::BlockPage),
            403 | 429 => Some(Self::TurnedAway),
            // Cloudflare's documented 52x: the edge is up and the origin is not.
            520..=527 | 530 => Some(Self::EdgeError),
            500..=599 => Some(Self::ServerError),
            400..=499 => Some(Self::ClientError),
            _ => None,
        }
    }
}

/// Words of a page that says that work is being done.
const AT_WORK: &[&str] = &["maintenance", "planned work", "be right back", "scheduled work"];
/// Words of a page that says that somebody closed the way there.
const BY_ORDER: &[&str] =
    &["block page", "blockpage", "blocked by", "court order", "by order", "legal reasons", "451"];
/// Words about a certificate.
const CERTIFICATE: &[&str] =
    &["certificate", "cert ", "expired", "self-signed", "self signed", "untrusted", "hostname"];
/// Words about a name that does not resolve.
const NAMES: &[&str] = &["nxdomain", "servfail", "dns", "resolve", "resolver"];
/// Words about an answer that does not come or breaks off.
const LOST: &[&str] =
    &["time", "reset", "closed", "truncated", "incomplete", "no answer", "eof", "stall", "slow"];

/// The first number of three digits that stands alone and could be a status.
fn status(detail: &str) -> Option<u16> {
    detail
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() == 3)
        .filter_map(|word| word.parse().ok())
        .find(|status| (400..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::probe::ProbeOutcome::Blocked;
    use crate::signal::probe::ProbeOutcome::Failed;
    use crate::signal::probe::ProbeOutcome::Ok;
    use crate::signal::probe::ProbeOutcome::SoftFailure;

    #[test]
    fn many_ways_of_telling_are_one_symptom() {
        let cases = [
            (Ok, "", "", "http", Symptom::Fine),
            (Failed, "connect", "SYN timeout", "http", Symptom::ConnectTimeout),
            (Failed, "connect", "", "http", Symptom::ConnectTimeout),
            (Failed, "", "connection timed out", "http", Symptom::ConnectTimeout),
            (Failed, "connect", "connection refused", "http", Symptom::ConnectRefused),
            (Failed, "", "ECONNREFUSED", "tcp", Symptom::ConnectRefused),
            (Failed, "connect", "network is unreachable", "http", Symptom::Unreachable),
            (Failed, "", "no route to host", "tcp", Symptom::Unreachable),
            (Failed, "resolve", "SERVFAIL", "http", Symptom::NameFails),
            (Failed, "resolve", "NXDOMAIN", "dns", Symptom::NameMissing),
            (Failed, "", "nxdomain", "http", Symptom::NameMissing),
            (Failed, "resolve", "timeout", "http", Symptom::NameTimeout),
            (Failed, "tls", "expired certificate", "http", Symptom::Certificate),
            (Failed, "", "certificate has expired", "http", Symptom::Certificate),
            (Failed, "tls", "connection reset", "http", Symptom::TlsFails),
            (Failed, "processing", "503", "http", Symptom::ServerError),
            (Failed, "", "HTTP 503 Service Unavailable", "http", Symptom::ServerError),
            (Failed, "processing", "522", "http", Symptom::EdgeError),
            (Failed, "processing", "timeout", "http", Symptom::Hangs),
            (Failed, "transfer", "", "http", Symptom::Hangs),
            (Failed, "content", "wrong text", "http", Symptom::SoftError),
            (Failed, "processing", "451", "http", Symptom::BlockPage),
            (Failed, "processing", "404", "http", Symptom::ClientError),
            (Failed, "", "something odd", "http", Symptom::Other),
            (SoftFailure, "content", "maintenance page", "http", Symptom::Maintenance),
            (SoftFailure, "content", "Something went wrong", "http", Symptom::SoftError),
            (Blocked, "", "403", "http", Symptom::TurnedAway),
        ];
        for (outcome, phase, detail, kind, want) in cases {
            let given = |text: &str| (!text.is_empty()).then(|| text.into());
            let probe = Probe {
                phase: given(phase),
                detail: given(detail),
                ..Probe::new("fra".into(), kind.into(), outcome)
            };
            assert_eq!(Symptom::of(&probe), want, "{phase:?} {detail:?}");
        }
    }
}
