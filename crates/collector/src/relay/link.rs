//! The connection of an agent to its hub: HTTP/1.1 over TLS 1.3, opened by the agent.
//!
//! Before it is enrolled an agent knows its hub by the fingerprint in its token; afterwards by the
//! authority whose certificate it keeps. In neither case is any public authority trusted.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error as TlsError;
use rustls::RootCertStore;
use rustls::SignatureScheme;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::relay::ANSWER_WAIT;
use crate::relay::BODY_BYTES_MAX;
use crate::relay::VERSION;
use crate::relay::identity::Identity;
use crate::relay::message::Refusal;

/// How long opening a connection may take.
const OPEN_WAIT: Duration = Duration::from_secs(10);
/// The port of a hub whose address names none.
const PORT: u16 = 8443;

/// Why a hub could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It may be there later.
    #[error("the hub cannot be reached: {0}")]
    Unreachable(String),
    /// It does not want us, and will not later.
    #[error("the hub refuses: {0}")]
    Refused(String),
    /// It has trouble of its own, or so much to do that it asks for patience.
    #[error("the hub answers {0}")]
    Troubled(StatusCode),
}

/// Where a hub is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    host: String,
    port: u16,
}

impl Hub {
    /// Reads `https://hub.example:8443`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text:?} is no hub; write https://hub.example:{PORT}");
        let rest = text.strip_prefix("https://").ok_or_else(wanted)?.trim_end_matches('/');
        let authority: http::uri::Authority = rest.parse().map_err(|_| wanted())?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        ServerName::try_from(host.clone()).map_err(|_| wanted())?;
        Ok(Self { host, port: authority.port_u16().unwrap_or(PORT) })
    }
}

/// A connection that is opened when it is needed, and again when it broke.
pub struct Link {
    hub: Hub,
    connector: TlsConnector,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Link {
    /// To a hub that is known by the fingerprint of its authority.
    pub fn to_enrol(hub: Hub, fingerprint: [u8; 32]) -> (Self, Arc<Pinned>) {
        let pinned = Arc::new(Pinned { fingerprint, found: std::sync::Mutex::default() });
        let config = builder()
            .dangerous()
            .with_custom_certificate_verifier(pinned.clone())
            .with_no_client_auth();
        (Self { hub, connector: TlsConnector::from(Arc::new(config)), sender: None }, pinned)
    }

    /// To the hub of an agent, with its certificate.
    ///
    /// # Errors
    ///
    /// When key and certificates do not belong together.
    pub fn of(hub: Hub, identity: &Identity) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add(identity.authority.clone())?;
        let config = builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![identity.certificate.clone()], identity.key().der())?;
        Ok(Self { hub, connector: TlsConnector::from(Arc::new(config)), sender: None })
    }

    /// Asks, and gives the body of a good answer.
    ///
    /// # Errors
    ///
    /// See [`LinkError`].
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Bytes, LinkError> {
        let asked = tokio::time::timeout(ANSWER_WAIT, self.exchange(method, path, body)).await;
        let answer = asked.unwrap_or_else(|_| {
            let waited = ANSWER_WAIT.as_secs();
            Err(LinkError::Unreachable(format!("no answer in {waited} s")))
        });
        if !matches!(answer, Ok(_) | Err(LinkError::Refused(_))) {
            self.sender = None;
        }
        answer
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Bytes, LinkError> {
        let broken = |error: hyper::Error| LinkError::Unreachable(error.to_string());
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.open().await?,
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{VERSION}{path}"))
            .header("host", &self.hub.host)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| LinkError::Unreachable(error.to_string()))?;
        sender.ready().await.map_err(broken)?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|error| LinkError::Unreachable(error.to_string()))?.to_bytes();
        self.sender = Some(sender);
        match status {
            _ if status.is_success() => Ok(body),
            _ if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                let words = serde_json::from_slice::<Refusal>(&body).map(|refusal| refusal.error);
                Err(LinkError::Refused(words.unwrap_or_else(|_| status.to_string())))
            }
            _ => Err(LinkError::Troubled(status)),
        }
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, LinkError> {
        let unreachable = |error: &dyn std::fmt::Display| LinkError::Unreachable(error.to_string());
        let name = ServerName::try_from(self.hub.host.clone()).map_err(|e| unreachable(&e))?;
        let opening = async {
            let stream = TcpStream::connect((self.hub.host.as_str(), self.hub.port)).await?;
            stream.set_nodelay(true)?;
            self.connector.connect(name, stream).await
        };
        let stream = tokio::time::timeout(OPEN_WAIT, opening).await;
        let stream = stream
            .map_err(|_| unreachable(&"it does not answer"))?
            .map_err(|error| unreachable(&error))?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&error))?;
        // It ends with the sender, or tells through it that it broke.
        tokio::spawn(connection);
        Ok(sender)
    }
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider has suites for TLS 1.3")
}

/// Trusts the one authority whose fingerprint a token names, and keeps its certificate.
#[derive(Debug)]
pub struct Pinned {
    fingerprint: [u8; 32],
    found: std::sync::Mutex<Option<CertificateDer<'static>>>,
}

impl Pinned {
    /// The authority, once it was seen in a handshake.
    pub fn authority(&self) -> Option<CertificateDer<'static>> {
        self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// The fingerprint of a certificate: SHA-256 of its DER.
pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let is_it = |der: &&CertificateDer<'_>| fingerprint(der) == self.fingerprint;
        let authority = between.iter().find(is_it).ok_or_else(|| {
            TlsError::General("this is not the hub that made the token".to_owned())
        })?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| TlsError::General(error.to_string()))?;
        let verified = verifier.verify_server_cert(end, between, name, ocsp, now)?;
        *self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(authority.clone().into_owned());
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_is_an_address_with_https() {
        let hub = |host: &str, port| Ok(Hub { host: host.into(), port });
        assert_eq!(Hub::parse("https://hub.example"), hub("hub.example", PORT));
        assert_eq!(Hub::parse("https://hub.example:9/"), hub("hub.example", 9));
        assert_eq!(Hub::parse("https://127.0.0.1:8443"), hub("127.0.0.1", 8_443));
        assert_eq!(Hub::parse("https://[::1]:8443"), hub("::1", 8_443));
        for bad in ["", "hub.example", "http://hub.example", "https://", "https://a b"] {
            assert!(Hub::parse(bad).is_err(), "{bad}");
        }
    }
}
