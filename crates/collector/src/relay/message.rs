//! What agent and hub say to each other: JSON bodies, and the token a vantage point begins with.

use serde::Deserialize;
use serde::Serialize;

/// What a token begins with, so that it is recognised where it should not be.
const TOKEN_BEGINS: &str = "outcry1";
/// What is signed before the secret, when a key is shown to be held.
const PROOF: &[u8] = b"outcry vantage enrolment\0";
/// What is signed before a result.
const RESULT: &[u8] = b"outcry vantage result\0";

/// A token: a secret that is good once, and the fingerprint of the authority that made it, so that
/// an agent knows its hub from the first handshake on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// 256 bits of chance.
    pub secret: [u8; 32],
    /// SHA-256 of the certificate of the hub's authority.
    pub authority: [u8; 32],
}

impl Token {
    /// Reads a token as it was written.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let begins = parts.next()? == TOKEN_BEGINS;
        let (secret, authority) = (key(parts.next()?)?, key(parts.next()?)?);
        (begins && parts.next().is_none()).then_some(Self { secret, authority })
    }

    /// The token as text.
    pub fn text(&self) -> String {
        format!("{TOKEN_BEGINS}.{}.{}", hex(&self.secret), hex(&self.authority))
    }
}

/// A wish to enrol.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// The secret of the token, in hexadecimal.
    pub secret: String,
    /// The agent's public key (Ed25519), in hexadecimal.
    pub public_key: String,
    /// The signature over [`proof_of`] the secret: the key is held by who shows it.
    pub proof: String,
}

/// The answer to [`Enrol`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// What the agent is called from now on, among programs.
    pub agent: String,
    /// What people call it.
    pub name: String,
    /// Its certificate, DER in hexadecimal.
    pub certificate: String,
}

/// The answer to a wish to renew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewed {
    /// The new certificate, DER in hexadecimal.
    pub certificate: String,
}

/// What an agent is to look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitors {
    /// Changes with any monitor.
    pub revision: String,
    /// All monitors.
    pub monitors: Vec<MonitorRow>,
}

/// One monitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonitorRow {
    /// Its name, the same over restarts.
    pub id: String,
    /// Slug of the service.
    pub service: String,
    /// The component of the service, where it is known.
    pub component: Option<String>,
    /// The address that is looked at; its scheme says how.
    pub url: String,
    /// Seconds between two rounds.
    pub interval_s: f64,
}

/// One look of an agent, as it is signed and sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The agent's number of it: grows, and is never given twice.
    pub sequence: u64,
    /// Starts of the agent until then; monotonic times of one start can be compared.
    pub boot: u64,
    /// Milliseconds since that start when the look ended.
    pub mono_ms: u64,
    /// The agent's clock when the look ended, in milliseconds since 1970.
    pub wall_ms: i64,
    /// The configuration it had.
    pub revision: String,
    /// The monitor.
    pub monitor: String,
    /// Slug of the service.
    pub service: String,
    /// The component, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// What was tried.
    pub kind: String,
    /// `ok`, `soft_failure`, `blocked` or `failed`.
    pub outcome: String,
    /// The phase that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Milliseconds by phase, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases_ms: Vec<(String, f64)>,
    /// Seconds between two rounds.
    pub interval_s: f64,
    /// How much later than planned it began, in milliseconds.
    pub lag_ms: f64,
    /// Whether its own reference targets answered; nothing where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references_ok: Option<bool>,
}

/// A look and who says so.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// A [`Seen`] as JSON, exactly as it was signed.
    pub seen: String,
    /// The signature over [`result_of`] the agent and that text, in hexadecimal.
    pub signature: String,
}

/// Some looks, in order of their numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The start the agent is in.
    pub boot: u64,
    /// Milliseconds since that start, when this was sent.
    pub mono_ms: u64,
    /// The agent's clock when this was sent.
    pub wall_ms: i64,
    /// Results that no disk had room for, since the agent enrolled.
    pub lost: u64,
    /// The looks.
    pub results: Vec<Signed>,
}

/// What a hub has on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// All results of this agent up to this number are kept.
    pub through: u64,
    /// Milliseconds by which the agent's clock is ahead of the hub's.
    pub skew_ms: i64,
}

/// What an agent is asked to do out of turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// The configuration in force.
    pub revision: String,
    /// Services to look at now, and twice again soon.
    pub look_at: Vec<String>,
}

/// What went wrong, in words for whoever runs the agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The words.
    pub error: String,
}

/// What is signed to show that a key is held.
pub fn proof_of(secret: &[u8]) -> Vec<u8> {
    [PROOF, secret].concat()
}

/// What is signed of a result.
pub fn result_of(agent: &str, seen: &str) -> Vec<u8> {
    [RESULT, agent.as_bytes(), b"\0", seen.as_bytes()].concat()
}

/// Bytes in hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |bits: u8| char::from(b"0123456789abcdef"[usize::from(bits & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Reads hexadecimal.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn key(text: &str) -> Option<[u8; 32]> {
    unhex(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is() {
        let token = Token { secret: [7; 32], authority: [0xab; 32] };
        assert_eq!(Token::parse(&format!(" {}\n", token.text())), Some(token.clone()));
        let whole = token.text();
        let bad = ["", "outcry1", "outcry2.07.ab", &whole[1..], &whole[..whole.len() - 1]];
        for text in bad {
            assert_eq!(Token::parse(text), None, "{text:?}");
        }
        assert_eq!(Token::parse(&format!("{whole}.00")), None);
    }

    #[test]
    fn hexadecimal_comes_back() {
        assert_eq!(unhex(&hex(&[0, 1, 254, 255])), Some(vec![0, 1, 254, 255]));
        for bad in ["0", "0g", "é0"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
