//! Web Push: a letter to a browser, sealed so that only that browser reads it.
//!
//! A browser hands over an address at its push service, a public key and a secret. The letter is
//! encrypted to that key; the push service sees its length and nothing else. Who sends is told by a
//! token that is signed with the key of this site, so that a browser takes no letter from another.
//!
//! # What it cannot tell
//!
//! Whether anybody saw it: a push service takes a letter and keeps it for a day at most.
//!
//! # References
//!
//! - RFC 8030, "Generic Event Delivery Using HTTP Push": TTL, Urgency, Topic.
//! - RFC 8188, "Encrypted Content-Encoding for HTTP": `aes128gcm`.
//! - RFC 8291, "Message Encryption for Web Push".
//! - RFC 8292, "Voluntary Application Server Identification (VAPID)".

use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use base64::prelude::Engine as _;
use bytes::Bytes;
use outcry_collector::address::Url;
use ring::aead;
use ring::agreement;
use ring::agreement::EphemeralPrivateKey;
use ring::hmac;
use ring::rand::SecureRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;
use serde_json::json;

use crate::channel::Outgoing;
use crate::letter::Letter;
use crate::letter::Parcel;

/// Bytes of a public key of P-256, uncompressed.
const PUBLIC_BYTES: usize = 65;
/// Bytes of the secret of a subscription.
const AUTH_BYTES: usize = 16;
/// Bytes of the salt of a letter.
const SALT_BYTES: usize = 16;
/// The size of a record; every push service takes bodies of so many bytes (RFC 8291, section 4).
const RECORD_BYTES: u32 = 4096;
/// Bytes of the head of a body, of its tag, and of the mark of its end.
const OVERHEAD_BYTES: usize = SALT_BYTES + 4 + 1 + PUBLIC_BYTES + 16 + 1;
/// Bytes a letter may have before it is sealed.
const LETTER_BYTES_MAX: usize = RECORD_BYTES as usize - OVERHEAD_BYTES;
/// Characters of an address at a push service.
pub const ENDPOINT_CHARS_MAX: usize = 1_000;
/// Characters of the text of a notification.
const TEXT_CHARS_MAX: usize = 600;
/// The usual port of TLS on the web.
const HTTPS_PORT: u16 = 443;
/// Seconds a push service keeps a letter for a browser that is off: news of yesterday is none.
const KEPT_S: u32 = 24 * 60 * 60;
/// Seconds a token is good for; at most a day is allowed.
const TOKEN_S: i64 = 12 * 60 * 60;
/// Bytes of the name under which a later letter takes the place of an earlier one: 32 letters.
const TOPIC_BYTES: usize = 24;

/// A browser that wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its address at its push service.
    pub endpoint: String,
    public: Vec<u8>,
    auth: Vec<u8>,
}

/// Why something cannot be used for Web Push. The text says what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PushError(&'static str);

impl PushError {
    /// What is wrong, and what to do.
    pub fn says(&self) -> &'static str {
        self.0
    }
}

impl Subscription {
    /// Of what a browser hands over: an address, and key and secret in Base64 for addresses.
    ///
    /// # Errors
    ///
    /// Which of them cannot be one.
    pub fn new(endpoint: &str, public: &str, auth: &str) -> Result<Self, PushError> {
        let plain = endpoint.chars().all(|c| c.is_ascii_graphic());
        let is_web = |url: Url| matches!(&*url.scheme, "https" | "http");
        let is_web = Url::parse(endpoint).is_ok_and(is_web);
        if !plain || endpoint.len() > ENDPOINT_CHARS_MAX || !is_web {
            return Err(PushError("endpoint is no address; send what the browser gave"));
        }
        let read = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        // Uncompressed points begin with 4 (SEC 1, section 2.3.3).
        let is_key = |key: &Vec<u8>| key.len() == PUBLIC_BYTES && key.first() == Some(&4);
        let public = read(public).filter(is_key);
        let public = public.ok_or(PushError("p256dh is no key; send what the browser gave"))?;
        let auth = read(auth).filter(|auth| auth.len() == AUTH_BYTES);
        let auth = auth.ok_or(PushError("auth is no secret; send what the browser gave"))?;
        Ok(Self { endpoint: endpoint.to_owned(), public, auth })
    }

    /// Reads what [`Self::text`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (endpoint, public, auth) = (parts.next()?, parts.next()?, parts.next()?);
        Self::new(endpoint, public, auth).ok()
    }

    /// In one line.
    pub fn text(&self) -> String {
        let coded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        format!("{} {} {}", self.endpoint, coded(&self.public), coded(&self.auth))
    }

    /// The host of the push service.
    pub fn host(&self) -> String {
        Url::parse(&self.endpoint).map(|url| url.host.to_string()).unwrap_or_default()
    }

    /// Whether the push service is where push services are: over TLS, at its usual port.
    pub fn is_usual(&self) -> bool {
        Url::parse(&self.endpoint).is_ok_and(|url| {
            &*url.scheme == "https" && url.port.is_none_or(|port| port == HTTPS_PORT)
        })
    }

    /// Fails where nothing could be sealed for this browser: its key is no point of the curve.
    ///
    /// # Errors
    ///
    /// That, or when the system has no random numbers.
    pub fn prove(&self, chance: &dyn SecureRandom) -> Result<(), PushError> {
        sealed_to(self, b"", chance).map(drop)
    }
}

/// What says that a letter is from this site.
pub struct Sender {
    pair: EcdsaKeyPair,
    contact: String,
}

impl Sender {
    /// Makes a key, in PKCS #8.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers.
    pub fn make(chance: &dyn SecureRandom) -> Result<Vec<u8>, PushError> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, chance);
        Ok(made.map_err(|_| PushError("the system has no random numbers"))?.as_ref().to_vec())
    }

    /// Of a key, and where push services may complain: `mailto:` or `https://`.
    ///
    /// # Errors
    ///
    /// When it is no key.
    pub fn new(key: &[u8], contact: &str, chance: &dyn SecureRandom) -> Result<Self, PushError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, chance);
        let pair = pair.map_err(|_| PushError("it is no key of P-256 in PKCS #8"))?;
        Ok(Self { pair, contact: contact.to_owned() })
    }

    /// The public key as browsers take it.
    pub fn public(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// The head that tells a push service who sends (RFC 8292, sections 2 and 3).
    fn authorization(
        &self,
        url: &Url,
        now_unix_s: i64,
        chance: &dyn SecureRandom,
    ) -> Result<String, PushError> {
        let origin = format!("{}://{}", url.scheme, url.authority());
        let claims = json!({ "aud": origin, "exp": now_unix_s + TOKEN_S, "sub": self.contact });
        let coded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let head = coded(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", coded(claims.to_string().as_bytes()));
        let signature = self.pair.sign(chance, signed.as_bytes());
        let signature = signature.map_err(|_| PushError("it cannot be signed"))?;
        Ok(format!("vapid t={signed}.{}, k={}", coded(signature.as_ref()), self.public()))
    }
}

/// The request that tells a parcel to a browser.
///
/// # Errors
///
/// When the key of the browser is none, or the system has no random numbers.
pub fn compose(
    parcel: &Parcel,
    to: &Subscription,
    from: &Sender,
    chance: &dyn SecureRandom,
) -> Result<Outgoing, PushError> {
    let url = Url::parse(&to.endpoint).map_err(|_| PushError("endpoint is no address"))?;
    let body = sealed_to(to, shown(&parcel.letter).as_bytes(), chance)?;
    let urgency = if parcel.letter.loudness() == 2 { "high" } else { "normal" };
    let digest = ring::digest::digest(&ring::digest::SHA256, parcel.letter.key().as_bytes());
    let topic = BASE64_URL_SAFE_NO_PAD.encode(&digest.as_ref()[..TOPIC_BYTES]);
    let authorization = from.authorization(&url, parcel.sent_at_unix_s, chance)?;
    let headers = vec![
        ("content-type", "application/octet-stream".to_owned()),
        ("content-encoding", "aes128gcm".to_owned()),
        ("ttl", KEPT_S.to_string()),
        ("urgency", urgency.to_owned()),
        ("topic", topic),
        ("authorization", authorization),
    ];
    Ok(Outgoing { method: "POST", url: to.endpoint.clone(), headers, body })
}

/// What the browser is to show, as `web/push.js` reads it; cut so that it fits.
fn shown(letter: &Letter) -> String {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let of = |most: usize| {
        json!({
            "title": cut(&letter.title, most),
            "body": cut(&letter.body(), most),
            "url": cut(&letter.url, ENDPOINT_CHARS_MAX),
            "tag": letter.key(),
        })
        .to_string()
    };
    let whole = of(TEXT_CHARS_MAX);
    // Letters of four bytes, or that are written with six, take more room than they look.
    if whole.len() <= LETTER_BYTES_MAX { whole } else { of(TEXT_CHARS_MAX / 6) }
}

/// A text, sealed with a key that is used for it alone.
fn sealed_to(
    to: &Subscription,
    text: &[u8],
    chance: &dyn SecureRandom,
) -> Result<Bytes, PushError> {
    let no_chance = |_| PushError("the system has no random numbers");
    let private =
        EphemeralPrivateKey::generate(&agreement::ECDH_P256, chance).map_err(no_chance)?;
    let public = private.compute_public_key().map_err(no_chance)?;
    let mut salt = [0; SALT_BYTES];
    chance.fill(&mut salt).map_err(no_chance)?;
    let theirs = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, &to.public);
    agreement::agree_ephemeral(private, &theirs, |shared| {
        sealed(shared, to, public.as_ref(), &salt, text)
    })
    .map_err(|_| PushError("p256dh is no point of the curve"))?
}

/// A body out of the secret that both share (RFC 8291, section 3.4; RFC 8188, section 2).
fn sealed(
    shared: &[u8],
    to: &Subscription,
    public: &[u8],
    salt: &[u8],
    text: &[u8],
) -> Result<Bytes, PushError> {
    if text.len() > LETTER_BYTES_MAX {
        return Err(PushError("the letter is too long"));
    }
    // HKDF of one block each: extract, then expand with a counter of 1.
    let keyed = |key: &[u8], parts: &[&[u8]]| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &parts.concat())
    };
    let both = keyed(&to.auth, &[shared]);
    let secret = keyed(both.as_ref(), &[b"WebPush: info\0", &to.public, public, &[1]]);
    let extracted = keyed(salt, &[secret.as_ref()]);
    let key = keyed(extracted.as_ref(), &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = keyed(extracted.as_ref(), &[b"Content-Encoding: nonce\0", &[1]]);
    let broken = |_| PushError("it cannot be sealed");
    let key = aead::UnboundKey::new(&aead::AES_128_GCM, &key.as_ref()[..16]).map_err(broken)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(&nonce.as_ref()[..12]).map_err(broken)?;
    // The last record ends with 2.
    let mut record = [text, &[2]].concat();
    let key = aead::LessSafeKey::new(key);
    key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut record).map_err(broken)?;
    let length = u8::try_from(public.len()).map_err(|_| PushError("the key is too long"))?;
    let mut body = salt.to_vec();
    body.extend(RECORD_BYTES.to_be_bytes());
    body.push(length);
    body.extend(public);
    body.extend(record);
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::ECDSA_P256_SHA256_FIXED;
    use ring::signature::UnparsedPublicKey;

    use super::*;

    const ENDPOINT: &str = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";
    const PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZ\
                          GH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes(text: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text).expect("Base64")
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn a_letter_is_sealed_as_the_standard_shows() {
        let to = Subscription::new(ENDPOINT, PUBLIC, AUTH).expect("a subscription");
        let ours = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK\
                    6PBru3jl7A8";
        let sealed = sealed(
            &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            &to,
            &bytes(ours),
            &bytes("DGv6ra1nlYgDCS1FRnbzlw"),
            b"When I grow up, I want to be a watermelon",
        );
        let want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6\
                    e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZ\
                    wbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(sealed.expect("sealed")), want);
    }

    #[test]
    fn a_token_says_who_sends_to_whom_and_until_when() {
        let chance = SystemRandom::new();
        let key = Sender::make(&chance).expect("a key");
        let from = Sender::new(&key, "mailto:ops@outages.example", &chance).expect("a sender");
        let url = Url::parse(ENDPOINT).expect("an address");
        let head = from.authorization(&url, 1_000, &chance).expect("a head");
        let (token, public) =
            head.strip_prefix("vapid t=").and_then(|it| it.split_once(", k=")).expect("both");
        assert_eq!(public, from.public());
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(public));
        key.verify(signed.as_bytes(), &bytes(signature)).expect("signed by that key");
        let claims = bytes(signed.split_once('.').expect("two parts").1);
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        let want = json!({
            "aud": "https://push.example.net", "exp": 44_200, "sub": "mailto:ops@outages.example",
        });
        assert_eq!(claims, want);
    }

    #[test]
    fn what_is_no_subscription_is_told() {
        let to = Subscription::new(ENDPOINT, PUBLIC, AUTH).expect("a subscription");
        assert_eq!(Subscription::read(&to.text()), Some(to.clone()));
        assert_eq!(to.host(), "push.example.net");
        for (endpoint, public, auth, says) in [
            ("push", PUBLIC, AUTH, "endpoint"),
            ("gopher://push.example.net/abc", PUBLIC, AUTH, "endpoint"),
            ("https://push.example.net/a b", PUBLIC, AUTH, "endpoint"),
            (ENDPOINT, "BCVx", AUTH, "p256dh"),
            (ENDPOINT, &PUBLIC.replacen("BC", "AC", 1), AUTH, "p256dh"),
            (ENDPOINT, PUBLIC, "BTBZ", "auth"),
        ] {
            let error = Subscription::new(endpoint, public, auth).expect_err(says);
            assert!(error.to_string().starts_with(says), "{error}");
        }
        let chance = SystemRandom::new();
        assert_eq!(to.prove(&chance), Ok(()));
        let last = PUBLIC.chars().last().expect("a sign");
        let elsewhere = PUBLIC.trim_end_matches(last).to_owned() + "0";
        let off = Subscription::new(ENDPOINT, &elsewhere, AUTH).expect("65 bytes");
        let error = off.prove(&chance).expect_err("no point of the curve");
        assert!(error.to_string().contains("no point"), "{error}");
    }

    #[test]
    fn push_services_are_where_they_usually_are() {
        for (endpoint, want) in [
            ("https://push.example.net/abc", true),
            ("https://push.example.net:443/abc", true),
            ("https://push.example.net:22/abc", false),
            ("http://push.example.net/abc", false),
        ] {
            let to = Subscription::new(endpoint, PUBLIC, AUTH).expect("a subscription");
            assert_eq!(to.is_usual(), want, "{endpoint}");
        }
    }

    #[test]
    fn the_longest_letter_fits() {
        let letter = Letter {
            title: "\u{1}".repeat(5_000),
            lines: vec!["😀".repeat(5_000)],
            url: format!("https://outages.example/{}", "x".repeat(3_000)),
            ..crate::channel::tests::letter(true)
        };
        let to = Subscription::new(ENDPOINT, PUBLIC, AUTH).expect("a subscription");
        let sealed = sealed_to(&to, shown(&letter).as_bytes(), &SystemRandom::new());
        assert!(sealed.expect("it fits").len() <= RECORD_BYTES as usize);
    }
}
