//! Who may come to the hub: tokens that wait, agents that enrolled, and those that were revoked.
//!
//! A file each, so that an operator's command and a running hub need no lock between them: a token
//! is used by moving its file, which only one can do; an agent is revoked by a file beside its own.
//! Of a token only the SHA-256 is kept.

use std::fs;
use std::io;
use std::io::Write;
use std::path::PathBuf;

use outcry_collector::relay::TOKEN_LIVES;
use outcry_collector::relay::message::Token;
use outcry_collector::relay::message::hex;
use outcry_core::time::UnixMillis;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 40;
/// Agents one hub may have.
pub const AGENTS_MAX: usize = 1_000;

/// What an operator says of a vantage point when it is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// What people call it.
    pub name: String,
    /// The country it stands in, where the operator states it.
    pub country: Option<String>,
    /// The network it stands in, where the operator states it.
    pub asn: Option<u32>,
    /// Until when the token may be used, in milliseconds since 1970.
    pub until_ms: i64,
}

/// An agent that has enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// What programs call it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its public key, in hexadecimal.
    pub public_key: String,
    /// The country the operator stated.
    pub country: Option<String>,
    /// The network the operator stated.
    pub asn: Option<u32>,
    /// When it enrolled, in milliseconds since 1970.
    pub enrolled_ms: i64,
}

/// Why an invitation or an agent is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such token: never was, or it was used.
    #[error("the token is not known: each is good once; ask the operator for another")]
    TokenUnknown,
    /// The token is too old.
    #[error("the token is older than 15 minutes; ask the operator for another")]
    TokenTooOld,
    /// Somebody has that name.
    #[error("{0:?} is taken; revoke it first, or take another name")]
    NameTaken(String),
    /// No such agent.
    #[error("there is no vantage point {0:?}; `outcry admin vantages list` has them")]
    AgentUnknown(String),
    /// There are as many as there may be.
    #[error("there are {AGENTS_MAX} vantage points, the most one hub takes")]
    Full,
    /// The folder cannot be used.
    #[error("the folder of the hub cannot be used")]
    Folder(#[from] io::Error),
}

/// The registry in the folder of a hub.
#[derive(Clone, Debug)]
pub struct Registry {
    folder: PathBuf,
}

impl Registry {
    /// Over a hub's folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes a token for a vantage point of this name.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NameTaken`], [`RegistryError::Full`], or when it cannot be written.
    pub fn invite(
        &self,
        mut invitation: Invitation,
        token: &Token,
        now: UnixMillis,
    ) -> Result<(), RegistryError> {
        let agents = self.agents()?;
        if agents.len() >= AGENTS_MAX {
            return Err(RegistryError::Full);
        }
        let taken = |(agent, revoked): &(Agent, bool)| !revoked && agent.name == invitation.name;
        if agents.iter().any(taken) {
            return Err(RegistryError::NameTaken(invitation.name));
        }
        let lives_ms = i64::try_from(TOKEN_LIVES.as_millis()).unwrap_or(i64::MAX);
        invitation.until_ms = now.plus_ms(lives_ms).0;
        let path = self.part("tokens")?.join(digest(&token.secret));
        Ok(write(&path, &serde_json::to_vec(&invitation).map_err(io::Error::from)?)?)
    }

    /// Uses a token up and enters the agent that came with it.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TokenUnknown`], [`RegistryError::TokenTooOld`], or when it cannot be
    /// written.
    pub fn enrol(
        &self,
        secret: &[u8],
        public_key: &[u8],
        now: UnixMillis,
    ) -> Result<Agent, RegistryError> {
        let name = digest(secret);
        let (waits, used) = (self.part("tokens")?.join(&name), self.part("used")?.join(&name));
        // Whoever moves it has it; a second one finds nothing to move.
        fs::rename(&waits, &used).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RegistryError::TokenUnknown,
            _ => RegistryError::Folder(error),
        })?;
        let invitation: Invitation =
            serde_json::from_slice(&fs::read(&used)?).map_err(io::Error::from)?;
        if now.0 > invitation.until_ms {
            return Err(RegistryError::TokenTooOld);
        }
        let agent = Agent {
            id: uuid::Uuid::now_v7().to_string(),
            name: invitation.name,
            public_key: hex(public_key),
            country: invitation.country,
            asn: invitation.asn,
            enrolled_ms: now.0,
        };
        let path = self.part("agents")?.join(&agent.id);
        write(&path, &serde_json::to_vec(&agent).map_err(io::Error::from)?)?;
        Ok(agent)
    }

    /// An agent that may come; `None` when it is not known or was revoked.
    pub fn agent(&self, id: &str) -> Option<Agent> {
        let id = uuid::Uuid::parse_str(id).ok()?.to_string();
        let revoked = self.folder.join("revoked").join(&id).exists();
        let bytes = fs::read(self.folder.join("agents").join(&id)).ok().filter(|_| !revoked)?;
        serde_json::from_slice(&bytes).ok()
    }

    /// All agents, and whether each was revoked, in order of enrolment.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn agents(&self) -> Result<Vec<(Agent, bool)>, RegistryError> {
        let mut agents = Vec::new();
        for entry in fs::read_dir(self.part("agents")?)? {
            let path = entry?.path();
            let Ok(agent) = serde_json::from_slice::<Agent>(&fs::read(&path)?) else { continue };
            let revoked = self.folder.join("revoked").join(&agent.id).exists();
            agents.push((agent, revoked));
        }
        agents.sort_by_key(|(agent, _)| (agent.enrolled_ms, agent.id.clone()));
        Ok(agents)
    }

    /// Revokes an agent, by its name or its id.
    ///
    /// # Errors
    ///
    /// [`RegistryError::AgentUnknown`], or when it cannot be written.
    pub fn revoke(&self, which: &str) -> Result<Agent, RegistryError> {
        let is_it = |(agent, revoked): &(Agent, bool)| {
            !revoked && (agent.name == which || agent.id == which)
        };
        let found = self.agents()?.into_iter().find(is_it);
        let (agent, _) = found.ok_or_else(|| RegistryError::AgentUnknown(which.to_owned()))?;
        write(&self.part("revoked")?.join(&agent.id), b"")?;
        Ok(agent)
    }

    fn part(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }
}

fn digest(secret: &[u8]) -> String {
    hex(&Sha256::digest(secret))
}

/// Writes a file whole or not at all.
fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(name: &str) -> Invitation {
        Invitation { name: name.into(), country: None, asn: None, until_ms: 0 }
    }

    fn token(n: u8) -> Token {
        Token { secret: [n; 32], authority: [0; 32] }
    }

    #[test]
    fn a_token_is_good_once_and_for_a_quarter_of_an_hour() {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Registry::new(folder.path().to_owned());
        let now = UnixMillis(1_000_000);
        registry.invite(invitation("fra-1"), &token(1), now).expect("invited");
        let unknown = registry.enrol(&[9; 32], &[0; 32], now);
        assert!(matches!(unknown, Err(RegistryError::TokenUnknown)));
        let agent = registry.enrol(&[1; 32], &[5; 32], now.plus_ms(900_000)).expect("in time");
        assert_eq!((agent.name.as_str(), agent.public_key.len()), ("fra-1", 64));
        let again = registry.enrol(&[1; 32], &[5; 32], now);
        assert!(matches!(again, Err(RegistryError::TokenUnknown)), "a second time");
        registry.invite(invitation("iad-1"), &token(2), now).expect("invited");
        let late = registry.enrol(&[2; 32], &[5; 32], now.plus_ms(900_001));
        assert!(matches!(late, Err(RegistryError::TokenTooOld)));
    }

    #[test]
    fn a_revoked_agent_may_not_come_and_its_name_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Registry::new(folder.path().to_owned());
        let now = UnixMillis(0);
        registry.invite(invitation("fra-1"), &token(1), now).expect("invited");
        let agent = registry.enrol(&[1; 32], &[5; 32], now).expect("enrolled");
        assert_eq!(registry.agent(&agent.id), Some(agent.clone()));
        let taken = registry.invite(invitation("fra-1"), &token(2), now);
        assert!(matches!(taken, Err(RegistryError::NameTaken(_))));
        assert_eq!(registry.revoke("fra-1").expect("there"), agent);
        assert_eq!(registry.agent(&agent.id), None);
        assert!(matches!(registry.revoke("fra-1"), Err(RegistryError::AgentUnknown(_))));
        registry.invite(invitation("fra-1"), &token(2), now).expect("free again");
        for stranger in ["", "../agents", "01957f3a-0c22-7d10-9a4e-5b6c7d8e9fa0"] {
            assert_eq!(registry.agent(stranger), None, "{stranger}");
        }
    }
}
