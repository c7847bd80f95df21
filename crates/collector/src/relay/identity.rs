//! Who an agent is: its key, its certificate, and how often it was started.

use std::fs;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use ring::signature::KeyPair;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde::Deserialize;
use serde::Serialize;

use crate::certificate::Certificate;
use crate::relay::CERTIFICATE_DAYS;
use crate::relay::RENEW_AFTER_DAYS;
use crate::relay::message::hex;

const KEY: &str = "key.pk8";
const CERTIFICATE: &str = "certificate.der";
const AUTHORITY: &str = "authority.der";
const AGENT: &str = "agent.json";
const DAY_S: i64 = 86_400;

/// An agent that has enrolled.
#[derive(Debug)]
pub struct Identity {
    folder: PathBuf,
    key: Key,
    /// Its certificate.
    pub certificate: CertificateDer<'static>,
    /// The certificate of the hub's authority.
    pub authority: CertificateDer<'static>,
    /// What it was told at enrolment, and its starts.
    pub known: Known,
}

/// What an agent knows of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The address of the hub.
    pub hub: String,
    /// What it is called among programs.
    pub agent: String,
    /// What people call it.
    pub name: String,
    /// How often it was started.
    pub boots: u64,
}

/// A key pair (Ed25519).
pub struct Key {
    pkcs8: Vec<u8>,
    pair: Ed25519KeyPair,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", hex(&self.public()))
    }
}

impl Key {
    /// A new key.
    ///
    /// # Errors
    ///
    /// When the system has no chance to give.
    pub fn generate() -> io::Result<Self> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| io::Error::other("the system has no random numbers"))?;
        Self::read(pkcs8.as_ref().to_vec())
    }

    fn read(pkcs8: Vec<u8>) -> io::Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|error| io::Error::other(format!("the key cannot be used: {error}")))?;
        Ok(Self { pkcs8, pair })
    }

    /// The public half.
    pub fn public(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// The key as a handshake wants it.
    pub fn der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.pkcs8.clone()))
    }
}

impl Identity {
    /// The identity in a folder; `None` when none was made there.
    ///
    /// # Errors
    ///
    /// When it is there and cannot be used.
    pub fn load(folder: &Path) -> io::Result<Option<Self>> {
        let known = match fs::read(folder.join(AGENT)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Self {
            folder: folder.to_owned(),
            key: Key::read(fs::read(folder.join(KEY))?)?,
            certificate: fs::read(folder.join(CERTIFICATE))?.into(),
            authority: fs::read(folder.join(AUTHORITY))?.into(),
            known,
        }))
    }

    /// Keeps a new identity in a folder. The key can be read by its owner only.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn create(
        folder: &Path,
        key: Key,
        certificate: CertificateDer<'static>,
        authority: CertificateDer<'static>,
        known: Known,
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        write(&folder.join(KEY), &key.pkcs8)?;
        write(&folder.join(CERTIFICATE), &certificate)?;
        write(&folder.join(AUTHORITY), &authority)?;
        let this = Self { folder: folder.to_owned(), key, certificate, authority, known };
        this.save()?;
        Ok(this)
    }

    /// Begins a start: its number is on the disk before anything is numbered by it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn boot(&mut self) -> io::Result<u64> {
        self.known.boots += 1;
        self.save()?;
        Ok(self.known.boots)
    }

    /// Takes a new certificate.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn renew(&mut self, certificate: CertificateDer<'static>) -> io::Result<()> {
        write(&self.folder.join(CERTIFICATE), &certificate)?;
        self.certificate = certificate;
        Ok(())
    }

    /// Whether it is time for a new certificate.
    pub fn is_to_be_renewed(&self, now_unix_s: i64) -> bool {
        let left_days = i64::from(CERTIFICATE_DAYS) - RENEW_AFTER_DAYS;
        let ends = crate::certificate::expiry_unix_s(&self.certificate);
        ends.is_none_or(|ends| ends - now_unix_s < left_days * DAY_S)
    }

    /// When the certificate ends, in seconds since 1970.
    pub fn ends_unix_s(&self) -> Option<i64> {
        Certificate::read(&self.certificate).map(|certificate| certificate.not_after_unix_s)
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    fn save(&self) -> io::Result<()> {
        write(&self.folder.join(AGENT), &serde_json::to_vec(&self.known)?)
    }
}

/// Writes a file whole or not at all, for its owner only.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::File::open(folder)?.sync_all()
}
