//! Standard Webhooks: JSON, signed, with an id that stays the same on every try.
//!
//! The signature is HMAC-SHA256 over `id.timestamp.body`. With several secrets there are several
//! signatures, so that a secret can be changed without losing a message.
//!
//! # References
//!
//! Standard Webhooks specification, <https://www.standardwebhooks.com>.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use ring::hmac;
use serde_json::json;

use crate::channel::Channel;
use crate::channel::Outgoing;
use crate::letter::Parcel;

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";

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

/// Whether a secret can be used: after [`SECRET_PREFIX`] there is nothing but Base64.
pub fn is_secret(secret: &str) -> bool {
    secret.strip_prefix(SECRET_PREFIX).is_none_or(|text| BASE64_STANDARD.decode(text).is_ok())
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
    fn a_secret_with_the_prefix_is_base64() {
        for (secret, want) in [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true),
            ("any other word", true),
            ("whsec_not base64", false),
            ("whsec_MfKQ9", false),
        ] {
            assert_eq!(is_secret(secret), want, "{secret}");
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
