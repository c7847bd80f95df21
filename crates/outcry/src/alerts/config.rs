//! `[alerts]`, `[[channel]]`, `[[alert]]` and `[[maintenance]]` of the configuration.
//!
//! A text that begins with `$` is the value of that variable of the environment, so that no secret
//! has to stand in the file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use outcry_collector::address::Url;
use outcry_core::alert::Moment;
use outcry_core::alert::Rule;
use outcry_core::alert::SUBSCRIBERS;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_herald::channel::Channel;
use outcry_herald::channel::Kind;
use outcry_herald::channel::webhook;
use outcry_herald::smtp;
use outcry_wire::document::Table;

use crate::alerts::clockwork::DAYS;
use crate::alerts::clockwork::Hours;
use crate::alerts::clockwork::Window;
use crate::alerts::clockwork::read_hours;
use crate::alerts::clockwork::read_zone;
use crate::alerts::rules::of_subscribers;
use crate::alerts::rules::read_rule;
use crate::probing::config::resolve;
use crate::probing::config::variable;

/// Channels a configuration may have.
pub const CHANNELS_MAX: usize = 5_000;
/// Rules a configuration may have.
pub const RULES_MAX: usize = 1_000;
/// Seconds between two signs of life, when nothing else is said.
const HEARTBEAT_S: u64 = 60;
/// What opened longer ago than this and was not told is no news any more, in milliseconds.
const NEWS_MS: i64 = 60 * MINUTE_MS;

/// Push services of the browsers there are: Chrome and its kin, Firefox, Edge, Safari.
const PUSH_SERVICES: [&str; 4] =
    ["fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com"];

/// What an operator can set about alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertConfig {
    /// Whether channels may be at private addresses and any port.
    pub allow_private: bool,
    /// Asked for as long as the observatory is well; empty for nobody.
    pub heartbeat_url: String,
    /// Seconds between two of these.
    pub heartbeat_every_s: u64,
    /// The e-mail channel through which the public may subscribe; empty for none.
    pub subscribers: Text,
    /// Where push services may complain, which lets browsers be told; empty for none.
    pub push_contact: String,
    /// Hosts of push services, with what is below them.
    pub push_services: Vec<String>,
    /// Channels by name.
    pub channels: BTreeMap<String, Channel>,
    /// Rules in the order they are written, that of subscribers last.
    pub rules: Vec<Rule>,
    /// Quiet hours by rule.
    pub quiet: BTreeMap<Text, Hours>,
    /// Maintenance: of which services, and when.
    pub maintenance: Vec<(Vec<Text>, Window)>,
}

impl Default for AlertConfig {
    fn default() -> Self {
        Self {
            allow_private: false,
            heartbeat_url: String::new(),
            heartbeat_every_s: HEARTBEAT_S,
            subscribers: "".into(),
            push_contact: String::new(),
            push_services: PUSH_SERVICES.map(str::to_owned).to_vec(),
            channels: BTreeMap::new(),
            rules: Vec::new(),
            quiet: BTreeMap::new(),
            maintenance: Vec::new(),
        }
    }
}

impl AlertConfig {
    /// What holds at a moment about a service, besides what an operator silenced.
    pub fn moment(&self, service: &str, decided: UnixMillis, now: UnixMillis) -> Moment {
        let is_of = |services: &[Text]| {
            services.is_empty() || services.iter().any(|slug| **slug == *service)
        };
        let mut maintained = self.maintenance.iter().filter(|(services, _)| is_of(services));
        let quiet = self.quiet.iter();
        Moment {
            now: decided,
            fresh_from: now.plus_ms(-NEWS_MS),
            muted_until: maintained.find_map(|(_, window)| window.until(now)),
            quiet_until: quiet
                .filter_map(|(rule, hours)| Some((rule.clone(), hours.end_of(now)?)))
                .collect(),
        }
    }
}

/// Reads all of it.
pub fn read(document: &mut Table<'_>, alerts: &mut AlertConfig) {
    document.table("alerts", |table| read_table(table, alerts));
    let mut names = BTreeSet::new();
    let channels = document.tables("channel", |table| {
        let channel = read_channel(table);
        once(table, "channel", &channel.name, &mut names);
        channel
    });
    for channel in channels.into_iter().take(CHANNELS_MAX) {
        alerts.channels.insert(channel.name.clone(), channel);
    }
    let known = alerts.channels.clone();
    let mut names = BTreeSet::new();
    let rules = document.tables("alert", |table| {
        let rule = read_rule(table, &known);
        once(table, "alert", &rule.0.name, &mut names);
        rule
    });
    for (rule, quiet) in rules.into_iter().take(RULES_MAX) {
        if let Some(hours) = quiet {
            alerts.quiet.insert(rule.name.clone(), hours);
        }
        alerts.rules.push(rule);
    }
    alerts.maintenance =
        document.tables("maintenance", read_maintenance).into_iter().flatten().collect();
    if !alerts.subscribers.is_empty()
        && known.get(&*alerts.subscribers).is_none_or(|channel| channel.kind != Kind::Email)
    {
        let what = format!("{:?} is no channel of e-mail", alerts.subscribers);
        document.mistake("alerts", what, "subscribers = the name of a [[channel]] of e-mail");
    }
    if !alerts.subscribers.is_empty() || !alerts.push_contact.is_empty() {
        alerts.rules.push(of_subscribers());
    }
}

/// Two of one name cannot be told apart: the second would take the place of the first.
fn once(table: &mut Table<'_>, kind: &str, name: &str, names: &mut BTreeSet<String>) {
    if !name.is_empty() && !names.insert(name.to_owned()) {
        let what = format!("there are two [[{kind}]] named {name:?}");
        table.mistake("name", what, "a name of its own for each");
    }
}

fn read_table(table: &mut Table<'_>, alerts: &mut AlertConfig) {
    if let Some(allow) = table.flag("allow_private") {
        alerts.allow_private = allow;
    }
    if let Some(url) = variable(table, "heartbeat_url") {
        if !url.is_empty() && !is_web(&url) {
            // It is often a secret itself, and mistakes stand in logs.
            table.mistake("heartbeat_url", "this is no address", "\"https://…\"");
        }
        alerts.heartbeat_url = url;
    }
    if let Some(every_s) = table.integer("heartbeat_every_s", 10..=86_400) {
        alerts.heartbeat_every_s = every_s.unsigned_abs();
    }
    if let Some(name) = table.text("subscribers") {
        alerts.subscribers = name.as_str().into();
    }
    if let Some(contact) = table.text("push_contact") {
        let fits = ["mailto:", "https://"].iter().any(|it| contact.starts_with(it));
        if !contact.is_empty() && !fits {
            let what = format!("{contact:?} is nowhere to write to");
            table.mistake("push_contact", what, "\"mailto:ops@example.org\", or https://…");
        }
        alerts.push_contact = contact;
    }
    if table.has("push_services") {
        let services = table.texts("push_services");
        for service in services.iter().filter(|it| !is_domain(it)) {
            let what = format!("{service:?} is no domain");
            table.mistake("push_services", what, "domains, such as \"push.services.mozilla.com\"");
        }
        alerts.push_services = services;
    }
}

fn read_channel(table: &mut Table<'_>) -> Channel {
    let name = table.required_text("name");
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(plain) || name == SUBSCRIBERS {
        let what = format!("{name:?} names no channel");
        table.mistake("name", what, "lower-case letters, digits and hyphens, such as \"ops\"");
    }
    let Some(kind) = table.choice("kind", &Kind::ALL) else {
        if !table.has("kind") {
            table.mistake("name", "the channel has no kind", "kind = \"webhook\", or another");
        }
        return Channel { name, ..Channel::default() };
    };
    let mut secrets: Vec<String> = variable(table, "secret").into_iter().collect();
    for secret in table.texts("secrets") {
        secrets.push(resolve(table, "secrets", secret));
    }
    let channel = Channel {
        name,
        kind,
        url: variable(table, "url").unwrap_or_default(),
        secrets,
        to: table.texts("to"),
        from: table.text("from").unwrap_or_default(),
        user: variable(table, "user").unwrap_or_default(),
    };
    check(table, &channel);
    channel
}

/// What a kind of channel cannot be without.
fn check(table: &mut Table<'_>, channel: &Channel) {
    let needs_secret = matches!(
        channel.kind,
        Kind::Webhook | Kind::Telegram | Kind::Matrix | Kind::Gotify | Kind::Pagerduty
    );
    if needs_secret && channel.token().is_empty() {
        let what = format!("{} needs a secret", channel.kind.name());
        table.mistake("name", what, "secret = \"$VARIABLE\", and the secret in the environment");
    }
    let fault = channel.secrets.iter().find_map(|it| webhook::secret_fault(it));
    if let Some(what) = fault.filter(|_| channel.kind == Kind::Webhook) {
        let instead = "whsec_ and the Base64 that `openssl rand -base64 32` prints";
        table.mistake("name", what, instead);
    }
    let needs_to = matches!(channel.kind, Kind::Telegram | Kind::Matrix | Kind::Ntfy);
    if needs_to && channel.to.is_empty() {
        let what = format!("{} needs a receiver", channel.kind.name());
        table.mistake("name", what, "to = [\"…\"]: a chat, a room or a topic");
    }
    match channel.kind {
        Kind::Email => {
            if channel.to.len() > 1 {
                let what = "one address takes each letter";
                table.mistake("to", what, "one address; a [[channel]] for each further one");
            }
            if !smtp::is_server(&channel.url) {
                // It may hold a password, and mistakes stand in logs.
                let what = "this is no mail server";
                table.mistake("url", what, "\"smtps://mail.example\", or submission:// or smtp://");
            }
            if !channel.from.contains('@') || channel.from.chars().any(char::is_control) {
                table.mistake("name", "e-mail comes from nobody", "from = \"alerts@example.org\"");
            }
        }
        Kind::Pagerduty if channel.url.is_empty() => {}
        _ if !is_web(&channel.url) => {
            // It is often a secret itself, and mistakes stand in logs.
            table.mistake("url", "this is no address", "\"https://…\", without user and password");
        }
        _ => {}
    }
}

/// Whether something can be asked at an address.
fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(&*url.scheme, "https" | "http"))
}

/// Whether a name is one of DNS in lower case, as addresses of push services are compared with it.
fn is_domain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.split('.').all(|label| !label.is_empty() && label.chars().all(plain))
}

fn read_maintenance(table: &mut Table<'_>) -> Option<(Vec<Text>, Window)> {
    let services = table.texts("services").iter().map(|slug| slug.as_str().into()).collect();
    let mut days = Vec::new();
    for text in table.texts("days") {
        match (0..).zip(DAYS).find(|(_, name)| *name == text) {
            Some((day, _)) => days.push(day),
            None => table.mistake("days", format!("{text:?} is no day"), DAYS.join(", ")),
        }
    }
    if let Some(hours) = read_window(table, "hours", "zone", days) {
        return Some((services, Window::Hours(hours)));
    }
    if table.has("hours") {
        return None;
    }
    let (starts, ends) = (table.required_time("starts"), table.required_time("ends"));
    if starts >= ends {
        table.mistake("ends", "it ends before it begins", "a later time");
    }
    Some((services, Window::Once(starts, ends)))
}

pub(super) fn read_window(
    table: &mut Table<'_>,
    key: &str,
    zone: &str,
    days: Vec<i64>,
) -> Option<Hours> {
    let ahead = table.text(zone);
    let ahead = match ahead.as_deref().map_or(Some(0), read_zone) {
        Some(ahead) => ahead,
        None => {
            table.mistake(zone, "this is no distance from UTC", "\"UTC\" or \"+01:00\"");
            0
        }
    };
    let text = table.text(key)?;
    let read = read_hours(&text);
    if read.is_none() {
        table.mistake(key, format!("{text:?} is no span of hours"), "\"22:00-07:00\"");
    }
    read.map(|(from, until)| Hours { from, until, days, ahead })
}

#[cfg(test)]
mod tests {
    use outcry_wire::document;

    use super::*;

    fn read_text(text: &str) -> Result<AlertConfig, Vec<usize>> {
        let read = document::read("o.toml", text, |table| {
            let mut alerts = AlertConfig::default();
            read(table, &mut alerts);
            alerts
        });
        read.map_err(|mistakes| mistakes.iter().map(|mistake| mistake.line).collect())
    }

    #[test]
    fn rules_and_channels_are_read() {
        let text = "[alerts]\nsubscribers = \"mail\"\n\
                    [[channel]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"https://h.example/\"\n\
                    secret = \"$PATH\"\n\
                    [[channel]]\nname = \"mail\"\nkind = \"email\"\nurl = \"smtps://m.example\"\n\
                    from = \"a@b.example\"\n\
                    [[alert]]\nname = \"all\"\nchannels = [\"ops\"]\nseverity = \"danger\"\n\
                    quiet_hours = \"22:00-07:00\"\nescalate_after_min = 5\n\
                    escalate_to = [\"mail\"]\n\
                    [[maintenance]]\nservices = [\"x\"]\nhours = \"02:00-04:00\"\n\
                    days = [\"sun\"]\n";
        let alerts = read_text(text).expect("well written");
        assert_eq!(alerts.rules.len(), 2, "that of subscribers is one");
        assert_ne!(alerts.channels["ops"].secrets[0], "$PATH");
        assert!(alerts.rules[0].escalation.is_some());
        let sunday = UnixMillis::parse("2025-03-09T03:00:00Z").expect("a time");
        assert!(alerts.moment("x", sunday, sunday).muted_until.is_some());
        assert!(alerts.moment("y", sunday, sunday).muted_until.is_none());
        assert!(alerts.moment("y", sunday, sunday).quiet_until.contains_key("all"));
    }

    #[test]
    fn every_mistake_is_told_at_its_line() {
        let text = "[[channel]]\nname = \"Ops\"\nkind = \"pager\"\n\
                    [[channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"nowhere\"\n\
                    secrets = [\"whsec_not base64\"]\n\
                    [[alert]]\nname = \"all\"\nchannels = [\"nobody\"]\non = [\"always\"]\n\
                    quiet_hours = \"late\"\nquiet_zone = \"here\"\n";
        assert_eq!(read_text(text), Err(vec![2, 3, 5, 7, 11, 12, 13, 14]));
        for (line, is_fine) in [
            ("heartbeat_url = \"https://dead.example/a\"", true),
            ("heartbeat_url = \"https://dead.example:99999/a\"", false),
            ("heartbeat_url = \"gopher://dead.example/a\"", false),
            ("push_services = [\"localhost\", \"fcm.googleapis.com\"]", true),
            ("push_services = [\"*\"]", false),
            ("push_services = [\"https://fcm.googleapis.com\"]", false),
        ] {
            let read = read_text(&format!("[alerts]\n{line}\n"));
            assert_eq!(read.map(drop), if is_fine { Ok(()) } else { Err(vec![2]) }, "{line}");
        }
    }
}
