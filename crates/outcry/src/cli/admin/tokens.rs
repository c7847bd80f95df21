//! `outcry admin tokens`: which programs may use the operator's listener, and for what.

use outcry_core::signal::Signal;
use outcry_core::time::UnixMillis;
use outcry_server::contract::Clock;

use crate::cli::BadInput;
use crate::config::Config;
use crate::station::MachineClock;
use crate::tokens::NAME_CHARS_MAX;
use crate::tokens::Scope;
use crate::tokens::TokenError;
use crate::tokens::Tokens as Registry;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Tokens {
    /// Make a token; it is printed once and kept as a hash.
    Create {
        /// What it is for: one name for each program.
        #[arg(long)]
        name: String,
        /// What it may do: metrics, probe, traffic, heartbeat, alerts. May be given several times.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
    },
    /// List them, without their secrets.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Take one back; it lets nobody in from now on.
    Revoke {
        /// Its id or its name.
        which: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Carries it out; what is returned is an act to be written down.
///
/// # Errors
///
/// [`BadInput`] for what the operator can change.
pub fn run(
    config: &Config,
    what: &Tokens,
    act: impl Fn(&str, &str, Option<&str>) -> Signal,
) -> anyhow::Result<Option<Signal>> {
    std::fs::create_dir_all(&config.store.dir)?;
    let registry = Registry::new(&config.store.dir);
    match what {
        Tokens::Create { name, scopes } => {
            let name = name.trim();
            if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
                let what = format!("--name has 1 to {NAME_CHARS_MAX} letters");
                anyhow::bail!(BadInput(what));
            }
            let scopes = scopes
                .iter()
                .map(|scope| {
                    Scope::named(scope).ok_or_else(|| {
                        let known = Scope::ALL.map(Scope::name).join(", ");
                        BadInput(format!("--scope {scope:?} is none of {known}"))
                    })
                })
                .collect::<Result<Vec<_>, _>>()?;
            let (kept, text) = registry.create(name, &scopes, MachineClock.now()).map_err(told)?;
            say!("{text}")?;
            if config.probes.listen.is_none() {
                eprintln!(
                    "outcry: [probes] console is not set, so that nothing takes it yet; set it \
                     and restart"
                );
            }
            Ok(Some(act("token_created", &kept.id, Some(name))))
        }
        Tokens::List { json } => {
            for kept in registry.all().map_err(told)? {
                let scopes: Vec<&str> = kept.scopes.iter().map(|scope| scope.name()).collect();
                let at = UnixMillis(kept.created_ms).to_string();
                let revoked = kept.revoked_ms.map(|at| UnixMillis(at).to_string());
                if *json {
                    let line = serde_json::json!({
                        "id": kept.id, "name": kept.name, "scopes": scopes, "created_at": at,
                        "revoked_at": revoked,
                    });
                    say!("{line}")?;
                } else {
                    let state = revoked.map_or("in force".to_owned(), |at| format!("revoked {at}"));
                    say!("{}  {}  {}  {at}  {state}", kept.id, kept.name, scopes.join(","))?;
                }
            }
            Ok(None)
        }
        Tokens::Revoke { which, reason } => {
            let kept = registry.revoke(which, MachineClock.now()).map_err(told)?;
            say!("revoked {} ({})", kept.id, kept.name)?;
            Ok(Some(act("token_revoked", &kept.id, reason.as_deref())))
        }
    }
}

fn told(error: TokenError) -> anyhow::Error {
    match error {
        TokenError::File(error) => anyhow::Error::new(error).context("the file of tokens"),
        other => BadInput(other.to_string()).into(),
    }
}
