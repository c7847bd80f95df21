//! TLS as a witness: the handshake is done whatever the certificate says, and judged afterwards.
//!
//! A client that refuses an expired certificate never sees it. Here the chain is captured first
//! and verified second, so that the reason can name the certificate, the day and the names. No
//! request is sent before the verification, so nothing secret goes to a stranger.
//!
//! A chain that was verified is not verified again while it is the same and valid ([`proven`]).
//!
//! One configuration is shared by all connections of a kind; sessions are never resumed, since a
//! resumed handshake would not show the certificate.
//!
//! # What it cannot tell
//!
//! Whether a certificate was revoked: neither OCSP nor revocation lists are asked.

mod proven;

use std::path::Path;
use std::sync::Arc;

use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error;
use rustls::RootCertStore;
use rustls::SignatureScheme;
use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;

use crate::address::Host;
use crate::certificate::Certificate;
use crate::tls::proven::Proven;

/// Certificates kept of one chain.
pub const CHAIN_MAX: usize = 10;
/// Where systems keep the roots they trust, in the order of looking.
const ROOTS: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// The variable by which other programs name another file of roots.
const ROOTS_VARIABLE: &str = "SSL_CERT_FILE";
/// Names of a certificate that a reason repeats.
const NAMES_TOLD_MAX: usize = 3;

/// How handshakes are done and whom they trust. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tls {
    /// For whatever speaks no HTTP.
    pub plain: Arc<ClientConfig>,
    /// Offers HTTP/1.1.
    pub http1: Arc<ClientConfig>,
    /// Offers HTTP/2.
    pub http2: Arc<ClientConfig>,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    proven: Arc<Proven>,
}

/// Who a client says it is (mTLS).
#[derive(Debug)]
pub struct ClientIdentity {
    /// The certificate and those that signed it, in DER, the own one first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl Tls {
    /// Trusts these roots. With none every certificate is refused, with a reason that says so.
    pub fn new(roots: RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let config = |alpn: &[&[u8]]| configure(&provider, None, alpn);
        let expect = "a configuration without a key has nothing to be refused";
        Self {
            plain: Arc::new(config(&[]).expect(expect)),
            http1: Arc::new(config(&[b"http/1.1"]).expect(expect)),
            http2: Arc::new(config(&[b"h2"]).expect(expect)),
            verifier: built.build().ok(),
            proven: Arc::default(),
        }
    }

    /// Trusts what the system trusts: the file that `SSL_CERT_FILE` names, or else the first that
    /// exists.
    pub fn of_system() -> Self {
        let named = std::env::var_os(ROOTS_VARIABLE);
        let files = named.iter().map(Path::new).chain(ROOTS.iter().map(Path::new));
        let mut roots = RootCertStore::empty();
        for file in files {
            let Ok(certificates) = CertificateDer::pem_file_iter(file) else { continue };
            roots.add_parsable_certificates(certificates.filter_map(Result::ok));
            if !roots.is_empty() {
                break;
            }
        }
        Self::new(roots)
    }

    /// Trusts the certificates of one file, in PEM.
    ///
    /// # Errors
    ///
    /// Why none of it can be used, as a fragment.
    pub fn of_file(file: &Path) -> Result<Self, String> {
        let read = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(read.filter_map(Result::ok));
        if roots.is_empty() {
            return Err("it holds no certificate in PEM".into());
        }
        Ok(Self::new(roots))
    }

    /// The same trust, with a certificate of our own.
    ///
    /// # Errors
    ///
    /// When key and certificate do not belong together.
    pub fn with_identity(&self, identity: &ClientIdentity) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = |alpn: &[&[u8]]| configure(&provider, Some(identity), alpn).map(Arc::new);
        Ok(Self {
            plain: config(&[])?,
            http1: config(&[b"http/1.1"])?,
            http2: config(&[b"h2"])?,
            verifier: self.verifier.clone(),
            proven: self.proven.clone(),
        })
    }

    /// Whether a chain proves that the server is this host, now.
    ///
    /// # Errors
    ///
    /// Why not, as a fragment that names the certificate.
    pub fn verify(&self, chain: &[CertificateDer<'_>], host: &Host) -> Result<(), String> {
        self.verify_at(chain, host, UnixTime::now())
    }

    fn verify_at(
        &self,
        chain: &[CertificateDer<'_>],
        host: &Host,
        now: UnixTime,
    ) -> Result<(), String> {
        let digest = proven::digest(chain, host);
        let now_unix_s = unix_s(now);
        if self.proven.holds(&digest, now_unix_s) {
            return Ok(());
        }
        let (leaf, between) = chain.split_first().ok_or("the server showed no certificate")?;
        let verifier = self.verifier.as_ref().ok_or_else(|| {
            format!("no trusted roots on this machine; name a file of them in {ROOTS_VARIABLE}")
        })?;
        let name = server_name(host)?;
        match verifier.verify_server_cert(leaf, between, &name, &[], now) {
            Ok(_) => {
                self.proven.note(digest, chain, now_unix_s);
                Ok(())
            }
            Err(error) => Err(words_of(&error, chain, host, now)),
        }
    }
}

/// The name a handshake asks for.
///
/// # Errors
///
/// When no certificate could carry it.
pub fn server_name(host: &Host) -> Result<ServerName<'static>, String> {
    match host {
        Host::Address(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.to_string())
            .map_err(|_| format!("no certificate can be for {name}")),
    }
}

fn configure(
    provider: &Arc<CryptoProvider>,
    identity: Option<&ClientIdentity>,
    alpn: &[&[u8]],
) -> Result<ClientConfig, Error> {
    let witness = Arc::new(Witness(provider.clone()));
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(witness);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())?
        }
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Lets every certificate pass, because [`Tls::verify`] judges it afterwards; checks that the
/// server holds its key.
#[derive(Debug)]
struct Witness(Arc<CryptoProvider>);

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        None
    }
}

fn words_of(error: &Error, chain: &[CertificateDer<'_>], host: &Host, now: UnixTime) -> String {
    use CertificateError as Wrong;
    let Error::InvalidCertificate(wrong) = error else { return error.to_string() };
    let leaf = chain.first().and_then(|der| Certificate::read(der));
    let now_unix_s = unix_s(now);
    match wrong {
        Wrong::Expired | Wrong::ExpiredContext { .. } => {
            let read = chain.iter().filter_map(|der| Certificate::read(der));
            match read.min_by_key(|certificate| certificate.not_after_unix_s) {
                Some(old) => {
                    let ago = span_words(now_unix_s - old.not_after_unix_s);
                    format!("the certificate of {:?} expired {ago} ago", old.subject)
                }
                None => "the certificate has expired".into(),
            }
        }
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            let from = leaf.map_or(0, |leaf| leaf.not_before_unix_s - now_unix_s);
            format!("the certificate is not valid for another {}", span_words(from))
        }
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
            let mut names = leaf.map(|leaf| leaf.names).unwrap_or_default();
            let more = if names.len() > NAMES_TOLD_MAX { " and others" } else { "" };
            names.truncate(NAMES_TOLD_MAX);
            let names = if names.is_empty() { "nobody".into() } else { names.join(", ") };
            format!("the certificate is for {names}{more}, not for {host}")
        }
        Wrong::UnknownIssuer => match leaf {
            Some(leaf) if leaf.issuer == leaf.subject && chain.len() == 1 => {
                "the certificate is signed by itself".into()
            }
            Some(leaf) => format!("the issuer {:?} is not trusted", leaf.issuer),
            None => "the issuer is not trusted".into(),
        },
        other => format!("the certificate is not valid: {other}"),
    }
}

fn unix_s(at: UnixTime) -> i64 {
    i64::try_from(at.as_secs()).unwrap_or(i64::MAX)
}

/// A span as people say it.
pub fn span_words(seconds: i64) -> String {
    let (count, unit) = match seconds.max(0) {
        s @ 0..120 => (s, "second"),
        s @ 120..7_200 => (s / 60, "minute"),
        s @ 7_200..172_800 => (s / 3_600, "hour"),
        s => (s / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::BasicConstraints;
    use rcgen::CertificateParams;
    use rcgen::IsCa;
    use rcgen::Issuer;
    use rcgen::KeyPair;

    use super::*;

    /// Trust in an authority, and a certificate of `name` by it.
    fn made(name: &str) -> (Tls, CertificateDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let mut roots = RootCertStore::empty();
        roots.add(authority.self_signed(&key).unwrap().der().clone()).unwrap();
        let own = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 2, 1);
        let signed = params.signed_by(&own, &Issuer::new(authority, key)).unwrap();
        (Tls::new(roots), signed.der().clone())
    }

    fn at(unix_s: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(unix_s))
    }

    #[test]
    fn a_proof_holds_for_its_host_its_bytes_and_its_time() {
        /// 2026-01-31T23:30:00Z, half an hour before the end.
        const NEAR_END: u64 = 1_769_902_200;
        let (tls, leaf) = made("a.example");
        let host = |name: &str| Host::Name(name.into());
        let chain = [leaf.clone()];
        let judge = |host: &Host, chain: &[CertificateDer<'_>], unix_s: u64| {
            tls.verify_at(chain, host, at(unix_s))
        };
        judge(&host("a.example"), &chain, NEAR_END).unwrap();
        let digest = proven::digest(&chain, &host("a.example"));
        assert!(tls.proven.holds(&digest, NEAR_END as i64 + 60), "it is not verified again");
        judge(&host("a.example"), &chain, NEAR_END + 60).unwrap();
        let expired = judge(&host("a.example"), &chain, NEAR_END + 1_801).unwrap_err();
        assert!(expired.contains("expired"), "the proof ends with the certificate: {expired}");
        let early = judge(&host("a.example"), &chain, 1_767_000_000).unwrap_err();
        assert!(early.contains("not valid for another"), "a clock set back: {early}");
        let other = judge(&host("b.example"), &chain, NEAR_END).unwrap_err();
        assert!(other.contains("not for b.example"), "{other}");
        let mut forged = leaf.to_vec();
        *forged.last_mut().unwrap() ^= 1;
        let forged = [CertificateDer::from(forged)];
        assert!(judge(&host("a.example"), &forged, NEAR_END).is_err(), "one bit of a signature");
        assert!(judge(&host("a.example"), &forged, NEAR_END).is_err(), "refusals are not kept");
        let digest = proven::digest(&chain, &host("a.example"));
        assert!(!tls.proven.holds(&digest, NEAR_END as i64 + 3_600), "an hour at most");
    }
}
