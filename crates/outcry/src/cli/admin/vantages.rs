//! `outcry admin vantages`: who may look for this site from other places.

use outcry_collector::relay::message::Token;
use outcry_core::signal::Signal;
use outcry_core::units::Country;
use outcry_server::contract::Clock;

use crate::cli::BadInput;
use crate::config::Config;
use crate::hub::FOLDER;
use crate::hub::authority::Authority;
use crate::hub::registry::Invitation;
use crate::hub::registry::NAME_CHARS_MAX;
use crate::hub::registry::Registry;
use crate::hub::registry::RegistryError;
use crate::station::MachineClock;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Vantages {
    /// Make a token with which one vantage point can enrol within 15 minutes.
    Enrol {
        /// What it is called, on pages too: lower-case letters, digits and hyphens.
        #[arg(long)]
        name: String,
        /// The country it stands in, as two letters. Without it: looked up from its address.
        #[arg(long)]
        country: Option<String>,
        /// The network it stands in, as an AS number. Without it: looked up from its address.
        #[arg(long)]
        asn: Option<u32>,
    },
    /// List those that enrolled.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Refuse one from now on.
    Revoke {
        /// Its name or its id.
        which: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Carries it out; what is returned is an act to be written down, with its subject and reason.
///
/// # Errors
///
/// [`BadInput`] for what the operator can change.
pub fn run(
    config: &Config,
    what: &Vantages,
    act: impl Fn(&str, &str, Option<&str>) -> Signal,
) -> anyhow::Result<Option<Signal>> {
    let folder = config.store.dir.join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let registry = Registry::new(folder.clone());
    match what {
        Vantages::Enrol { name, country, asn } => {
            let invitation = invitation(name, country.as_deref(), *asn)?;
            let mut secret = [0_u8; 32];
            getrandom::fill(&mut secret)
                .map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
            let authority = Authority::open(&folder, &config.hub.names)?.fingerprint();
            let token = Token { secret, authority };
            registry.invite(invitation, &token, MachineClock.now()).map_err(told)?;
            say!("{}", token.text())?;
            if config.hub.listen.is_none() {
                eprintln!(
                    "outcry: [hub] listen is not set, so nobody can enrol yet; set it and restart"
                );
            }
            Ok(Some(act("vantage_invited", name, None)))
        }
        Vantages::List { json } => {
            for (agent, revoked) in registry.agents().map_err(told)? {
                let enrolled = outcry_core::time::UnixMillis(agent.enrolled_ms);
                if *json {
                    let line = serde_json::json!({
                        "id": agent.id, "name": agent.name, "country": agent.country,
                        "asn": agent.asn, "enrolled_at": enrolled.to_string(), "revoked": revoked,
                    });
                    say!("{line}")?;
                } else {
                    let state = if revoked { "revoked" } else { "enrolled" };
                    let at = agent.country.unwrap_or_else(|| "-".into());
                    say!("{:<20} {at:<3} {state:<9} {enrolled}  {}", agent.name, agent.id)?;
                }
            }
            Ok(None)
        }
        Vantages::Revoke { which, reason } => {
            let agent = registry.revoke(which).map_err(told)?;
            say!("{} is refused from now on", agent.name)?;
            Ok(Some(act("vantage_revoked", &agent.name, reason.as_deref())))
        }
    }
}

fn invitation(name: &str, country: Option<&str>, asn: Option<u32>) -> anyhow::Result<Invitation> {
    if !outcry_core::catalog::is_slug(name) || name.len() > NAME_CHARS_MAX {
        anyhow::bail!(BadInput(format!(
            "--name {name:?} is no name; write lower-case letters, digits and single hyphens, \
             such as fra-1"
        )));
    }
    let country = match country {
        Some(code) => Some(Country::parse(code).ok_or_else(|| {
            BadInput(format!("--country {code:?} is no country; write two letters such as DE"))
        })?),
        None => None,
    };
    let country = country.map(|country| country.to_string());
    Ok(Invitation { name: name.into(), country, asn, until_ms: 0 })
}

fn told(error: RegistryError) -> anyhow::Error {
    match error {
        RegistryError::Folder(error) => anyhow::Error::new(error).context("the folder of the hub"),
        other => BadInput(other.to_string()).into(),
    }
}
