//! `outcry admin alerts`: what was sent and what waits, a test of a channel, and the acts that end
//! or hold back alerts.

use outcry_core::incident::IncidentId;
use outcry_core::signal::Signal;
use outcry_core::time::MINUTE_MS;
use outcry_herald::letter::Parcel;
use outcry_herald::post::Answer;
use outcry_server::contract::Clock as _;
use outcry_server::words::Words;
use outcry_store::Store as _;
use outcry_store::sqlite::SqliteStore;
use outcry_store::sqlite::outbox::Outbox;

use crate::alerts::planner::ACKNOWLEDGED;
use crate::alerts::planner::SILENCED;
use crate::alerts::told::test_letter;
use crate::alerts::ways::Ways;
use crate::cli::BadInput;
use crate::config::Config;
use crate::station::DATABASE;
use crate::station::MachineClock;

/// Messages that are listed, when nothing else is said.
const LISTED: u32 = 20;
/// The longest silence, in minutes: a week.
const SILENCE_MIN_MAX: i64 = 7 * 24 * 60;

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
    /// Begin nothing about a service for a while; what is over is told.
    Silence {
        /// Its slug, or `all`.
        service: String,
        /// For how many minutes; 0 ends a silence.
        #[arg(long, default_value_t = 60)]
        minutes: i64,
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
            say!("{revived} to be tried again")?;
        }
        Alerts::Ack { incident } => {
            let found = store.incident(incident)?;
            let Some(found) = found else {
                anyhow::bail!(BadInput(format!("there is no incident {incident:?}")));
            };
            let IncidentId(id) = found.id;
            say!("{ACKNOWLEDGED}: {id}")?;
            return Ok(Some(act(&found.service, ACKNOWLEDGED, &id)));
        }
        Alerts::Silence { service, minutes } => {
            let catalog = crate::data::catalog(config.catalog_dir.as_deref())?;
            let slug = if service == "all" { "" } else { service };
            if !slug.is_empty() && catalog.service(slug).is_none() {
                anyhow::bail!(BadInput(format!("there is no service {service:?}")));
            }
            let minutes = (*minutes).clamp(0, SILENCE_MIN_MAX);
            let until = MachineClock.now().plus_ms(minutes * MINUTE_MS);
            say!("{SILENCED}: {service} until {until}")?;
            return Ok(Some(act(slug, SILENCED, &format!("{slug}#{}", until.0))));
        }
    }
    Ok(None)
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
        anyhow::bail!(BadInput(format!("there is no channel {name:?}; there are {known:?}")));
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
