//! The hub's own certificate authority: made once, kept in the hub's folder, trusted by nobody
//! else.
//!
//! The hub's own certificate is made anew at each start, under the same authority. Keys never
//! leave the folder; agents send the public half of theirs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use outcry_collector::relay::CERTIFICATE_DAYS;
use outcry_collector::relay::link::fingerprint;
use outcry_core::time::DAY_MS;
use outcry_server::contract::Clock;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::PublicKeyData;
use rcgen::SerialNumber;
use rcgen::SignatureAlgorithm;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;

use crate::station::MachineClock;

const KEY: &str = "authority.key.pem";
const CERTIFICATE: &str = "authority.der";
/// Days an authority lasts, thirty years; a hub that is older makes a new folder and enrols anew.
const AUTHORITY_DAYS: i32 = 30 * 365;

/// The authority of one hub.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    names: Vec<String>,
}

/// The public key of an agent.
struct AgentKey(Vec<u8>);

impl PublicKeyData for AgentKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl Authority {
    /// The authority of a folder, made if it has none. `names` are those under which agents reach
    /// the hub.
    ///
    /// # Errors
    ///
    /// When it cannot be read or written.
    pub fn open(folder: &Path, names: &[String]) -> anyhow::Result<Self> {
        let (key_path, certificate_path) = (folder.join(KEY), folder.join(CERTIFICATE));
        if !certificate_path.exists() {
            let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
            let certificate = params_of_authority()?.self_signed(&key)?;
            let mut options = fs::OpenOptions::new();
            let options = options.create(true).truncate(true).write(true).mode(0o600);
            let mut file = options.open(&key_path).context("the key of the hub's authority")?;
            file.write_all(key.serialize_pem().as_bytes())?;
            file.sync_all()?;
            let part = certificate_path.with_extension("part");
            fs::write(&part, certificate.der())?;
            fs::File::open(&part)?.sync_all()?;
            fs::rename(&part, &certificate_path)?;
        }
        let key = fs::read_to_string(&key_path).context("the key of the hub's authority")?;
        Ok(Self {
            issuer: Issuer::new(params_of_authority()?, KeyPair::from_pem(&key)?),
            certificate: fs::read(&certificate_path)?.into(),
            names: names.to_vec(),
        })
    }

    /// The fingerprint that tokens name.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.certificate)
    }

    /// A certificate for an agent, in DER.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn certificate_for(&self, agent: &str, public_key: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut params = params(agent)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = AgentKey(public_key.to_vec());
        Ok(params.signed_by(&key, &self.issuer)?.der().to_vec())
    }

    /// How the hub speaks TLS: under a fresh certificate of its own, asking for one of its agents
    /// and refusing any other.
    ///
    /// # Errors
    ///
    /// When a name cannot stand in a certificate.
    pub fn server(&self) -> anyhow::Result<ServerConfig> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
        let mut own = params("outcry hub")?;
        own.subject_alt_names = CertificateParams::new(self.names.clone())
            .context("a name of the hub cannot stand in a certificate")?
            .subject_alt_names;
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = own.signed_by(&key, &self.issuer)?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let agents = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        Ok(ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(agents)
            .with_single_cert(chain, key)?)
    }
}

fn params_of_authority() -> anyhow::Result<CertificateParams> {
    let mut params = params("outcry hub authority")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let (year, month, day) = date(AUTHORITY_DAYS)?;
    params.not_after = rcgen::date_time_ymd(year, month, day);
    Ok(params)
}

/// Valid from yesterday, since clocks differ, for the days a certificate lasts.
fn params(name: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let (year, month, day) = date(-1)?;
    params.not_before = rcgen::date_time_ymd(year, month, day);
    let (year, month, day) = date(CERTIFICATE_DAYS)?;
    params.not_after = rcgen::date_time_ymd(year, month, day);
    let mut serial = [0_u8; 16];
    getrandom::fill(&mut serial)
        .map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
    // A serial number is positive.
    serial[0] &= 0x7f;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// Year, month and day so many days from today (UTC).
fn date(days: i32) -> anyhow::Result<(i32, u8, u8)> {
    let at = MachineClock.now().plus_ms(i64::from(days) * DAY_MS);
    let date = at.date();
    let mut parts = date.splitn(3, '-').map(str::parse::<u16>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) =
        (parts.next(), parts.next(), parts.next())
    else {
        anyhow::bail!("the clock stands at {date}, which no certificate can hold");
    };
    Ok((i32::from(year), u8::try_from(month)?, u8::try_from(day)?))
}
