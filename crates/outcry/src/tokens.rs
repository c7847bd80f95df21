//! Tokens of the operator's listener: each may do what its scopes say, and can be taken back.
//!
//! A token is 256 random bits with an id before them. What is kept is its SHA-256, which is enough
//! for a secret that nobody chose. A file in the data folder holds all of them; making one and
//! taking one back are acts in the log.
//!
//! # What it cannot tell
//!
//! Who uses a token: whoever has it. Give each program its own.

use std::fs;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use outcry_core::time::UnixMillis;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

/// Tokens that are kept, those taken back among them.
pub const TOKENS_MAX: usize = 1_000;
/// Letters of a name.
pub const NAME_CHARS_MAX: usize = 60;
/// What every token begins with, so that scanners for secrets know it.
const PREFIX: &str = "outcry_";
/// Bytes of the secret.
const SECRET_BYTES: usize = 32;
const FILE: &str = "tokens.json";

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read `/metrics`.
    Metrics,
    /// Look once by `/probe`.
    Probe,
    /// See the operator's page of traffic.
    Traffic,
    /// Say that something has run.
    Heartbeat,
    /// Pass on alerts of Alertmanager.
    Alerts,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Metrics, Self::Probe, Self::Traffic, Self::Heartbeat, Self::Alerts];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Probe => "probe",
            Self::Traffic => "traffic",
            Self::Heartbeat => "heartbeat",
            Self::Alerts => "alerts",
        }
    }

    /// The scope of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its id, which stands in the token too.
    pub id: String,
    /// What it is for, in the operator's words.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the whole token, hexadecimal.
    hash: String,
    /// When it was made.
    pub created_ms: i64,
    /// When it was taken back.
    pub revoked_ms: Option<i64>,
}

/// Why a token could not be made or taken back.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no room.
    #[error("there are {TOKENS_MAX} tokens, the most that are kept")]
    Full,
    /// There is no such token.
    #[error("there is no token {0:?} in force; `outcry admin tokens list` has them")]
    Unknown(String),
    /// The file cannot be used.
    #[error("the file of tokens cannot be used")]
    File(#[from] io::Error),
}

/// The tokens of a data folder.
#[derive(Clone, Debug)]
pub struct Tokens {
    path: PathBuf,
}

impl Tokens {
    /// Those of a data folder.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// All that are kept, in the order they were made.
    ///
    /// # Errors
    ///
    /// [`TokenError::File`] when they cannot be read.
    pub fn all(&self) -> Result<Vec<Kept>, TokenError> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_err(io::Error::from)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes one; the text is told here and never again.
    ///
    /// # Errors
    ///
    /// [`TokenError::Full`], or when it cannot be written.
    pub fn create(
        &self,
        name: &str,
        scopes: &[Scope],
        now: UnixMillis,
    ) -> Result<(Kept, String), TokenError> {
        let mut all = self.all()?;
        if all.len() >= TOKENS_MAX {
            return Err(TokenError::Full);
        }
        let mut bytes = [0_u8; SECRET_BYTES + 4];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let (id, secret) = bytes.split_at(4);
        let id = hex(id);
        let text = format!("{PREFIX}{id}_{}", hex(secret));
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let kept = Kept {
            id,
            name: name.to_owned(),
            scopes,
            hash: digest(&text),
            created_ms: now.0,
            revoked_ms: None,
        };
        all.push(kept.clone());
        self.write(&all)?;
        Ok((kept, text))
    }

    /// Takes one back, by its id or its name.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unknown`], or when it cannot be written.
    pub fn revoke(&self, which: &str, now: UnixMillis) -> Result<Kept, TokenError> {
        let mut all = self.all()?;
        let in_force = |kept: &&mut Kept| kept.revoked_ms.is_none();
        let mut found = all.iter_mut().filter(in_force);
        let found = found.find(|kept| kept.id == which || kept.name == which);
        let found = found.ok_or_else(|| TokenError::Unknown(which.to_owned()))?;
        found.revoked_ms = Some(now.0);
        let revoked = found.clone();
        self.write(&all)?;
        Ok(revoked)
    }

    /// Whether a token may do that now. Nothing may when the file cannot be read.
    pub fn admits(&self, text: &str, scope: Scope) -> bool {
        let Some(id) = text.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next()) else {
            return false;
        };
        let all = self.all().unwrap_or_else(|error| {
            tracing::error!(%error, "nobody is let in by a token");
            Vec::new()
        });
        let hash = digest(text);
        all.iter().any(|kept| {
            kept.id == id
                && kept.revoked_ms.is_none()
                && kept.scopes.contains(&scope)
                && same(kept.hash.as_bytes(), hash.as_bytes())
        })
    }

    fn write(&self, all: &[Kept]) -> Result<(), TokenError> {
        let part = self.path.with_extension("part");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(&serde_json::to_vec_pretty(all).map_err(io::Error::from)?)?;
        file.sync_all()?;
        Ok(fs::rename(&part, &self.path)?)
    }
}

/// Compared without saying how much of it was right.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_what_its_scopes_say_until_it_is_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::new(folder.path());
        let now = UnixMillis(1);
        let made = tokens.create("job", &[Scope::Heartbeat], now).expect("room");
        let (kept, text) = made;
        assert!(tokens.admits(&text, Scope::Heartbeat));
        assert!(!tokens.admits(&text, Scope::Metrics), "another scope");
        for wrong in ["", "outcry_", &text[..text.len() - 1], &format!("{text}0")] {
            assert!(!tokens.admits(wrong, Scope::Heartbeat), "{wrong}");
        }
        let file = fs::read_to_string(folder.path().join(FILE)).expect("kept");
        assert!(!file.contains(&text), "only its hash is kept");
        assert_eq!(tokens.revoke("job", now).expect("in force").id, kept.id);
        assert!(!tokens.admits(&text, Scope::Heartbeat), "taken back");
        assert!(matches!(tokens.revoke("job", now), Err(TokenError::Unknown(_))));
        fs::write(folder.path().join(FILE), "{").expect("writable");
        assert!(!tokens.admits(&text, Scope::Heartbeat), "a damaged file lets nobody in");
    }
}
