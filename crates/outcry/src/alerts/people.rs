//! People who are told by e-mail: they ask, they say yes from that address, they leave with one
//! click. And browsers that are told: they said yes by handing over where they are.
//!
//! What stands in their addresses is a number and a tag under a key of this site. No list of tokens
//! is kept, and nobody can be subscribed or taken off by guessing.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context as _;
use outcry_core::alert::choice::Choice;
use outcry_core::alert::choice::Moments;
use outcry_core::catalog::Service;
use outcry_herald::push::Subscription;
use outcry_server::contract::Browser;
use outcry_server::contract::Chosen;
use outcry_server::contract::Clock;
use outcry_server::contract::Purpose;
use outcry_server::contract::Subscriptions;
use outcry_server::contract::Unavailable;
use outcry_server::contract::Wish;
use outcry_server::words::Words;
use outcry_store::StoreError;
use outcry_store::alerts::Subscribed;
use outcry_store::alerts::Subscriber;
use outcry_store::sqlite::outbox;
use outcry_store::sqlite::outbox::Outbox;
use outcry_wire::alert::about::read_about;
use outcry_wire::alert::about::write_about;
use ring::hmac;
use ring::rand::SystemRandom;

use crate::alerts::config::AlertConfig;
use crate::alerts::push;
use crate::alerts::told::question;
use crate::config::Config;
use crate::station::DATABASE;

/// Name of the file of the key in the data folder.
const KEY_FILE: &str = "alerts.key";
/// Bytes of the key.
const KEY_BYTES: usize = 32;
/// Bytes of a tag: too many to guess.
const TAG_BYTES: usize = 16;

/// People who subscribe, behind the public face.
pub struct People {
    outbox: Mutex<Outbox>,
    key: Key,
    words: Words,
    clock: Arc<dyn Clock>,
    channel: String,
    public_url: String,
    push_key: Option<String>,
    alerts: AlertConfig,
}

impl People {
    /// Opens the outbox for them, where the configuration has a channel for them and an address
    /// that letters can lead to.
    ///
    /// # Errors
    ///
    /// When the outbox or the key cannot be used.
    pub fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Option<Self>> {
        let (mut channel, public_url) = (&*config.alerts.subscribers, &config.http.public_url);
        // `Config::lacks_address` says so at the start.
        if public_url.is_empty() {
            channel = "";
        }
        let push_key = push::sender(config)?.map(|sender| sender.public());
        if channel.is_empty() && push_key.is_none() {
            return Ok(None);
        }
        let dir = &config.store.dir;
        Ok(Some(Self {
            outbox: Mutex::new(Outbox::open(&dir.join(DATABASE))?),
            key: Key::of(dir)?,
            words: Words::english(),
            clock,
            channel: channel.to_string(),
            public_url: public_url.clone(),
            push_key,
            alerts: config.alerts.clone(),
        }))
    }

    /// Whether letters are written.
    pub fn writes(&self) -> bool {
        !self.channel.is_empty()
    }

    /// The key to which browsers subscribe, if they are told.
    pub fn push_key(&self) -> Option<String> {
        self.push_key.clone()
    }

    fn act<T>(
        &self,
        act: impl FnOnce(&mut Outbox) -> Result<T, StoreError>,
    ) -> Result<T, Unavailable> {
        let mut outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut outbox).map_err(|error| {
            tracing::error!(%error, "a subscriber was not noted");
            Unavailable
        })
    }
}

impl Subscriptions for People {
    fn wish(&self, service: &Service, address: &str, choice: &Choice) -> Result<Wish, Unavailable> {
        let now = self.clock.now();
        let body = |number| {
            let token = self.key.token(Purpose::Confirm, number);
            let url = format!("{}/subscribe?t={token}", self.public_url);
            let letter = question(&self.words, &service.name, choice, &url, &now.to_string());
            serde_json::to_string(&letter).expect("plain fields have a form")
        };
        let wish = outbox::Wish {
            service: &service.slug,
            address,
            moments: number_for(choice.moments),
            about: &write_about(&choice.about),
            channel: &self.channel,
            question: &body,
        };
        let noted = self.act(|outbox| outbox.subscribe(&wish, now))?;
        Ok(if noted == Subscribed::Full { Wish::Full } else { Wish::Noted })
    }

    fn browser(
        &self,
        service: &Service,
        browser: &Browser<'_>,
        choice: Option<&Choice>,
    ) -> Result<Wish, Unavailable> {
        let Browser { endpoint, p256dh, auth } = *browser;
        let browser = Subscription::new(endpoint, p256dh, auth)
            .and_then(|browser| browser.prove(&SystemRandom::new()).map(|()| browser));
        let browser = match browser {
            Ok(browser) if push::is_known(&self.alerts, &browser) => browser,
            Ok(_) => return Ok(Wish::Refused("we do not write to that push service")),
            Err(error) => return Ok(Wish::Refused(error.says())),
        };
        let text = browser.text();
        let Some(choice) = choice else {
            self.act(|outbox| outbox.leave_browser(&service.slug, &text))?;
            return Ok(Wish::Noted);
        };
        let (now, wanted) = (self.clock.now(), subscriber(service, choice));
        let noted = self.act(|outbox| outbox.subscribe_browser(&wanted, &text, now))?;
        Ok(if noted == Subscribed::Full { Wish::Full } else { Wish::Noted })
    }

    fn chosen(&self, purpose: Purpose, token: &str) -> Result<Option<Chosen>, Unavailable> {
        let Some(number) = self.key.read(purpose, token) else { return Ok(None) };
        let found = self.act(|outbox| outbox.subscriber(number))?;
        Ok(found.and_then(|found| {
            let moments = *Moments::ALL.get(usize::from(found.moments))?;
            let about = read_about(&found.about)?;
            Some(Chosen { service: found.service.into(), choice: Choice { about, moments } })
        }))
    }

    fn confirm(&self, token: &str) -> Result<bool, Unavailable> {
        let Some(number) = self.key.read(Purpose::Confirm, token) else { return Ok(false) };
        let now = self.clock.now();
        Ok(self.act(|outbox| outbox.confirm(number, now))?.is_some())
    }

    fn leave(&self, token: &str) -> Result<bool, Unavailable> {
        let Some(number) = self.key.read(Purpose::Leave, token) else { return Ok(false) };
        self.act(|outbox| outbox.leave(number))?;
        Ok(true)
    }
}

fn subscriber(service: &Service, choice: &Choice) -> Subscriber {
    Subscriber {
        service: service.slug.to_string(),
        moments: number_for(choice.moments),
        about: write_about(&choice.about),
    }
}

/// As the store counts them: the place in [`Moments::ALL`].
pub fn number_for(moments: Moments) -> u8 {
    match moments {
        Moments::News => 0,
        Moments::End => 1,
        Moments::Everything => 2,
    }
}

/// The key of this site's addresses.
pub struct Key(hmac::Key);

impl Key {
    /// Reads the key of a data folder, or makes one (mode 0600).
    ///
    /// # Errors
    ///
    /// When it can be neither read nor made.
    pub fn of(dir: &Path) -> anyhow::Result<Self> {
        let file = dir.join(KEY_FILE);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) if bytes.len() == KEY_BYTES => bytes,
            Ok(_) => anyhow::bail!("{} is no key: move it away", file.display()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&file)?,
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The token of a subscriber: `NUMBER-TAG`.
    pub fn token(&self, purpose: Purpose, number: i64) -> String {
        let tag = hmac::sign(&self.0, message(purpose, number).as_bytes());
        let hex: String = tag.as_ref()[..TAG_BYTES].iter().map(|b| format!("{b:02x}")).collect();
        format!("{number}-{hex}")
    }

    /// The subscriber of a token, if it is one of ours for that purpose.
    pub fn read(&self, purpose: Purpose, token: &str) -> Option<i64> {
        let number: i64 = token.split_once('-')?.0.parse().ok()?;
        let ours = self.token(purpose, number);
        // Compared under a key of its own, so that time tells nothing about the tag.
        let (a, b) = (hmac::sign(&self.0, ours.as_bytes()), hmac::sign(&self.0, token.as_bytes()));
        (a.as_ref() == b.as_ref()).then_some(number)
    }
}

fn message(purpose: Purpose, number: i64) -> String {
    match purpose {
        Purpose::Confirm => format!("confirm {number}"),
        Purpose::Leave => format!("leave {number}"),
    }
}

fn make(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    write_secret(file, &bytes)?;
    Ok(bytes)
}

/// Writes a file that is nobody else's to read, whole or not at all, whatever cuts it short.
///
/// # Errors
///
/// When it is there already, or cannot be written.
pub fn write_secret(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if file.exists() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    let part = file.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    let mut made = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    made.write_all(bytes)?;
    made.sync_all()?;
    std::fs::rename(&part, file)?;
    match file.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The number of the subscriber a message is for, out of its id.
pub fn number_of(id: &str) -> Option<i64> {
    id.split(':').find_map(|part| part.strip_prefix("subscriber-"))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_purpose_and_one_subscriber() {
        let dir = tempfile::tempdir().expect("a folder");
        let key = Key::of(dir.path()).expect("a key");
        let token = key.token(Purpose::Leave, 7);
        assert_eq!(key.read(Purpose::Leave, &token), Some(7));
        assert_eq!(key.read(Purpose::Confirm, &token), None);
        assert_eq!(key.read(Purpose::Leave, &token.replacen('7', "8", 1)), None);
        let again = Key::of(dir.path()).expect("the same key");
        assert_eq!(again.token(Purpose::Leave, 7), token);
        assert_eq!(number_of("x-2025-03-10-1:subscriber-7:3"), Some(7));
        assert_eq!(number_of("x-2025-03-10-1:ops:3"), None);
        for moments in Moments::ALL {
            assert_eq!(Moments::ALL[usize::from(number_for(moments))], moments);
        }
    }
}
