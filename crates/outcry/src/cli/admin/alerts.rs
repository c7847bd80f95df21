//! `outcry admin alerts`: what was sent and what waits, a test of a channel, and the acts that end
//! or hold back alerts.

use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::signal::Signal;
use outcry_core::time::MINUTE_MS;
use outcry_core::time::UnixMillis;
use outcry_herald::letter::Parcel;
use outcry_herald::post::Answer;
use outcry_server::contract::Clock as _;
use outcry_server::words::Words;
use outcry_store::Store as _;
use outcry_store::sqlite::SqliteStore;
use outcry_store::sqlite::outbox::Outbox;
use outcry_wire::document::spelling::nearest;

use crate::alerts::planner::ACKNOWLEDGED;
use crate::alerts::planner::SILENCED;
use crate::alerts::planner::UNACKNOWLEDGED;
use crate::alerts::told::test_letter;
use crate::alerts::ways::Ways;
use crate::cli::BadInput;
use crate::cli::paint::escaped;
use crate::config::Config;
use crate::station::DATABASE;
use crate::station::MachineClock;

/// Messages that are listed, when nothing else is said.
const LISTED: u32 = 20;
/// The longest silence, in minutes: a week.
const SILENCE_MIN_MAX: i64 = 7 * 24 * 60;
/// The word for every service.
const ALL: &str = "all";

/// Acts about alerts.
#[derive(Debug, clap::Subcommand)]
pub enum Alerts {
    /// Show channels, how many messages wait or were given up, and the newest.
    List {
        /// Messages to show.
        #[arg(long, default_value_t = LISTED)]
        limit: u32,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Send a test to a channel now, and say what it answered.
    Test {
        /// Its name.
        channel: String,
    },
    /// Say that an incident is being looked at: nobody further is told.
    Ack {
        /// Its id.
        incident: String,
    },
    /// Show incidents that somebody looks at, the newest acknowledgement first.
    Acks {
        /// Acknowledgements to show.
        #[arg(long, default_value_t = LISTED)]
        limit: u32,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Take back an acknowledgement: who was to be told of an open incident is told after all.
    Unack {
        /// The incident's id.
        incident: String,
    },
    /// Begin nothing about a service for a while; what is over is told.
    Silence {
        /// Its slug, or `all`.
        service: String,
        /// For how many minutes, a week at most; 0 ends a silence.
        #[arg(long, default_value_t = 60, allow_negative_numbers = true)]
        minutes: i64,
    },
    /// Show which services are silent, and until when.
    Silences {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// End a silence now.
    Unsilence {
        /// The service's slug, or `all` for a silence of every service.
        service: String,
    },
    /// Try again what was given up.
    Revive {
        /// The name of the channel.
        channel: String,
    },
}

/// Carries out an act; gives the signal that writes it down, if one does.
///
/// # Errors
///
/// [`BadInput`] when what was named does not exist.
pub fn run(
    config: &Config,
    what: &Alerts,
    store: &SqliteStore,
    act: impl Fn(&str, &str, &str) -> Signal,
) -> anyhow::Result<Option<Signal>> {
    let database = config.store.dir.join(DATABASE);
    match what {
        Alerts::List { limit, json } => {
            list(config, &Outbox::open_reader(&database)?, *limit, *json)?;
        }
        Alerts::Test { channel } => test(config, channel)?,
        Alerts::Revive { channel } => {
            let revived = Outbox::open(&database)?.revive(channel, MachineClock.now())?;
            if revived == 0 {
                anyhow::bail!(BadInput(format!(
                    "no message to {channel:?} was given up; `outcry admin alerts list` lists"
                )));
            }
            say!("{revived} to be tried again")?;
        }
        Alerts::Ack { incident } => {
            let found = incident_of(store, incident)?;
            let IncidentId(id) = found.id;
            say!("{ACKNOWLEDGED}: {id}")?;
            return Ok(Some(act(&found.service, ACKNOWLEDGED, &id)));
        }
        Alerts::Acks { limit, json } => acks(&Outbox::open_reader(&database)?, *limit, *json)?,
        Alerts::Unack { incident } => {
            let found = incident_of(store, incident)?;
            let IncidentId(id) = found.id;
            if Outbox::open_reader(&database)?.acknowledged(Some(&id), 1)?.is_empty() {
                let what = format!("nobody acknowledged {id}; `outcry admin alerts acks` lists");
                anyhow::bail!(BadInput(what));
            }
            say!("{UNACKNOWLEDGED}: {id}")?;
            return Ok(Some(act(&found.service, UNACKNOWLEDGED, &id)));
        }
        Alerts::Silence { service, minutes } => {
            let slug = slug_of(config, service)?;
            let until = until(MachineClock.now(), *minutes)?;
            say!("{SILENCED}: {service} until {until}")?;
            return Ok(Some(act(slug, SILENCED, &format!("{slug}#{}", until.0))));
        }
        Alerts::Silences { json } => silences(&Outbox::open_reader(&database)?, *json)?,
        Alerts::Unsilence { service } => {
            // A service that has left the catalogue may still be silent.
            let slug = if service == ALL { "" } else { service };
            let now = MachineClock.now();
            let silent = Outbox::open_reader(&database)?.silences(now)?;
            if !silent.iter().any(|it| it.service == *slug) {
                let what = format!("{service} is not silent; `outcry admin alerts silences` lists");
                anyhow::bail!(BadInput(what));
            }
            say!("{SILENCED}: {service} until {now}")?;
            return Ok(Some(act(slug, SILENCED, &format!("{slug}#{}", now.0))));
        }
    }
    Ok(None)
}

fn incident_of(store: &SqliteStore, id: &str) -> anyhow::Result<Incident> {
    let found = store.incident(id)?;
    found.ok_or_else(|| BadInput(format!("there is no incident {id:?}")).into())
}

/// A service of the catalogue by its slug; `""` for all.
fn slug_of<'a>(config: &Config, service: &'a str) -> anyhow::Result<&'a str> {
    if service == ALL {
        return Ok("");
    }
    let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
    if catalog.service(service).is_some() {
        return Ok(service);
    }
    let near = nearest(service, catalog.services.keys().map(|slug| &**slug));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
    anyhow::bail!(BadInput(format!("there is no service {service:?}{near}")))
}

/// When a silence ends.
fn until(now: UnixMillis, minutes: i64) -> Result<UnixMillis, BadInput> {
    match minutes {
        0..=SILENCE_MIN_MAX => Ok(now.plus_ms(minutes * MINUTE_MS)),
        _ => Err(BadInput(format!(
            "--minutes is 0 to {SILENCE_MIN_MAX}, which is a week: {minutes} is not"
        ))),
    }
}

fn acks(outbox: &Outbox, limit: u32, json: bool) -> anyhow::Result<()> {
    let found = outbox.acknowledged(None, limit)?;
    for it in &found {
        if json {
            let (at, actor) = (it.at.to_string(), &it.actor);
            let line = serde_json::json!({ "incident": it.incident, "at": at, "actor": actor });
            say!("{}", escaped(&line.to_string()))?;
        } else {
            say!("{}  {}  {}", it.at, it.incident, escaped(&it.actor))?;
        }
    }
    if found.is_empty() && !json {
        say!("nobody said that they look at an incident")?;
    }
    Ok(())
}

fn silences(outbox: &Outbox, json: bool) -> anyhow::Result<()> {
    let found = outbox.silences(MachineClock.now())?;
    for it in &found {
        let service = if it.service.is_empty() { ALL } else { &it.service };
        if json {
            let (until, actor) = (it.until.to_string(), &it.actor);
            let line = serde_json::json!({ "service": service, "until": until, "actor": actor });
            say!("{}", escaped(&line.to_string()))?;
        } else {
            say!("{service} until {}, said {}", it.until, escaped(&it.actor))?;
        }
    }
    if found.is_empty() && !json {
        say!("nothing is silent")?;
    }
    Ok(())
}

fn list(config: &Config, outbox: &Outbox, limit: u32, json: bool) -> anyhow::Result<()> {
    let messages = outbox.list(limit)?;
    if json {
        for it in messages {
            let line = serde_json::json!({
                "id": it.id, "state": it.state, "kind": it.kind, "attempts": it.attempts,
                "made_at": it.made_at.to_string(), "next_at": it.next_at.to_string(),
                "said": it.said,
            });
            say!("{line}")?;
        }
        return Ok(());
    }
    let off = outbox.channels_off()?;
    for channel in config.alerts.channels.values() {
        let gone = off.iter().find(|it| it.channel == channel.name && it.mark == channel.mark());
        match gone {
            Some(off) => say!("{} ({}): off since {}", channel.name, channel.kind.name(), off.at)?,
            None => say!("{} ({})", channel.name, channel.kind.name())?,
        }
    }
    let tally = outbox.tally()?;
    say!(
        "{} wait, {} delivered, {} given up, {} not needed, {} subscribers",
        tally.waiting,
        tally.delivered,
        tally.dead,
        tally.cancelled,
        tally.subscribers
    )?;
    for it in messages {
        let said = it.said.unwrap_or_default();
        say!("{}  {:9}  tries {}  {}  {said}", it.made_at, it.state, it.attempts, it.id)?;
    }
    Ok(())
}

fn test(config: &Config, name: &str) -> anyhow::Result<()> {
    let Some(channel) = config.alerts.channels.get(name) else {
        let known: Vec<&str> = config.alerts.channels.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        anyhow::bail!(BadInput(format!("there is no channel {name:?}; known are: {known}")));
    };
    let now = MachineClock.now();
    let parcel = Parcel {
        id: format!("test:{name}:{}", now.0),
        letter: test_letter(&Words::english(), name, &now.to_string()),
        recipient: String::new(),
        leave_url: String::new(),
        sent_at_unix_s: now.0.div_euclid(1_000),
    };
    let ways = Ways::new(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(ways.post(channel, &parcel, config.alerts.allow_private)) {
        Answer::Taken(said) => say!("{name} took it: {said}").map_err(Into::into),
        other => anyhow::bail!("{name} did not take it: {}", other.said()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_a_week_at_most_and_says_so() {
        let now = UnixMillis(1_741_600_000_000);
        assert_eq!(until(now, 0).expect("ends it"), now);
        let week = until(now, 10_080).expect("a week");
        assert_eq!(week.since_ms(now), 7 * 24 * 60 * MINUTE_MS);
        for minutes in [-1, 10_081, i64::MAX, i64::MIN] {
            let error = until(now, minutes).expect_err("too long or none").to_string();
            assert!(error.contains("0 to 10080"), "{error}");
        }
    }
}
