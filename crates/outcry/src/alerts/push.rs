//! Browsers that are told: the key of this site, and the push services that are written to.
//!
//! An address at a push service comes from whoever sends it. Only hosts that the operator lists are
//! dialled, so that nobody makes us knock at a machine of their choice.

use std::path::Path;

use anyhow::Context as _;
use outcry_herald::push::Sender;
use outcry_herald::push::Subscription;
use ring::rand::SystemRandom;

use crate::alerts::config::AlertConfig;
use crate::alerts::people::write_secret;
use crate::config::Config;

/// Name of the file of the key in the data folder. Browsers know its other half: with another key
/// they would have to subscribe again.
const KEY_FILE: &str = "push.key";

/// What signs for this site; `None` where browsers are not told.
///
/// # Errors
///
/// When the key can be neither read nor made.
pub fn sender(config: &Config) -> anyhow::Result<Option<Sender>> {
    if config.alerts.push_contact.is_empty() {
        return Ok(None);
    }
    let (file, chance) = (config.store.dir.join(KEY_FILE), SystemRandom::new());
    let key = key_in(&file, &chance)?;
    let sender = Sender::new(&key, &config.alerts.push_contact, &chance);
    let sender = sender.with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(Some(sender))
}

fn key_in(file: &Path, chance: &SystemRandom) -> anyhow::Result<Vec<u8>> {
    match std::fs::read(file) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = Sender::make(chance)?;
            write_secret(file, &key)?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

/// Whether a browser is at a push service that may be written to, in a way that nobody overhears.
pub fn is_known(config: &AlertConfig, browser: &Subscription) -> bool {
    let host = browser.host();
    let is_below = |service: &String| {
        host.strip_suffix(service.as_str()).is_some_and(|it| it.is_empty() || it.ends_with('.'))
    };
    (browser.is_usual() || config.allow_private) && config.push_services.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZ\
                          GH6SRpkNtoIAiw4";

    #[test]
    fn only_push_services_are_written_to() {
        let config = AlertConfig::default();
        for (endpoint, want) in [
            ("https://fcm.googleapis.com/fcm/send/abc", true),
            ("https://updates.push.services.mozilla.com/wpush/v2/abc", true),
            ("https://evilfcm.googleapis.com/abc", false),
            ("https://fcm.googleapis.com.evil.example/abc", false),
            ("https://169.254.169.254/latest", false),
            ("http://fcm.googleapis.com/fcm/send/abc", false),
            ("https://fcm.googleapis.com:22/fcm/send/abc", false),
        ] {
            let browser = Subscription::new(endpoint, PUBLIC, "BTBZMqHH6r4Tts7J_aSIgg");
            assert_eq!(is_known(&config, &browser.expect("one")), want, "{endpoint}");
        }
    }
}
