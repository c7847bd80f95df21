//! Standard Webhooks: JSON, signed, with an id that stays the same on every try.
//!
//! The signature is HMAC-SHA256 over `id.timestamp.body`. With several secrets there are several
//! signatures, so that a secret can be changed without losing a message.
//!
//! # References
//!
//! Standard Webhooks specification, <https://www.standardwebhooks.com>.

use std::ops::RangeInclusive;

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use ring::hmac;
use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret (Standard Webhooks, "Signature scheme").
const SECRET_BYTES: RangeInclusive<usize> = 24..=64;
/// Bytes of a secret without prefix, at least.
const PLAIN_BYTES_MIN: usize = 16;

/// The request.
pub fn compose(channel: &Channel, parcel: &Parcel) -> Outgoing {
    let letter = &parcel.letter;
    let body = json!({
        "type": format!("incident.{}", letter.kind),
        "timestamp": letter.as_of,
        "data": letter,
    });
    let outgoing = Outgoing::json(&channel.url, &body);
    let text = body.to_string();
    let timestamp = parcel.sent_at_unix_s.to_string();
    let signatures: Vec<String> = channel
        .secrets
        .iter()
        .map(|secret| signature(secret, &parcel.id, &timestamp, &text))
        .collect();
    let outgoing = outgoing.with("webhook-id", &parcel.id).with("webhook-timestamp", &timestamp);
    match signatures.is_empty() {
        true => outgoing,
        false => outgoing.with("webhook-signature", signatures.join(" ")),
    }
}

/// Why a secret cannot be used, if it cannot: after [`SECRET_PREFIX`] comes
/// Base64 of [`SECRET_BYTES`]. One without prefix is taken as it is, and must not be soon guessed.
///
/// The text never repeats the secret.
pub fn secret_fault(secret: &str) -> Option<String> {
    let Some(text) = secret.strip_prefix(SECRET_PREFIX) else {
        // None at all is told elsewhere.
        let short = (1..PLAIN_BYTES_MIN).contains(&secret.len());
        return short.then(|| format!("a secret of fewer than {PLAIN_BYTES_MIN} bytes is guessed"));
    };
    match BASE64_STANDARD.decode(text) {
        Ok(bytes) if SECRET_BYTES.contains(&bytes.len()) => None,
        Ok(bytes) => {
            let (least, most) = (SECRET_BYTES.start(), SECRET_BYTES.end());
            let have = bytes.len();
            Some(format!("what follows whsec_ in a secret is {have} bytes, not {least} to {most}"))
        }
        Err(_) => Some("what follows whsec_ in a secret is no Base64".to_owned()),
    }
}

/// `v1,` and the signature in Base64. A secret without prefix is taken as its own bytes.
pub fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let decoded =
        secret.strip_prefix(SECRET_PREFIX).and_then(|text| BASE64_STANDARD.decode(text).ok());
    let bytes = decoded.unwrap_or_else(|| secret.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
    let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_the_prefix_is_base64_and_long_enough() {
        let bytes = |count: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; count]));
        for (secret, want) in [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(), None),
            ("a sentence of our own".to_owned(), None),
            ("hunter2".to_owned(), Some("fewer than 16 bytes")),
            ("whsec_not base64".to_owned(), Some("no Base64")),
            ("whsec_MfKQ9".to_owned(), Some("no Base64")),
            ("whsec_".to_owned(), Some("0 bytes")),
            (bytes(23), Some("23 bytes, not 24 to 64")),
            (bytes(24), None),
            (bytes(64), None),
            (bytes(65), Some("65 bytes")),
        ] {
            let fault = secret_fault(&secret);
            assert_eq!(fault.is_some(), want.is_some(), "{secret}");
            let said = fault.unwrap_or_default();
            assert!(said.contains(want.unwrap_or_default()), "{secret}: {said}");
            assert!(secret == "whsec_" || !said.contains(&secret), "the secret is not repeated");
        }
    }

    #[test]
    fn the_example_of_the_standard_is_signed_as_it_says() {
        // The test vector of the reference libraries of Standard Webhooks.
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
