//! `outcry collect`: a vantage point. It looks as its hub says, and brings what it sees.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use http::HeaderValue;
use outcry_collector::dns::resolver::Resolver;
use outcry_collector::guard::Guard;
use outcry_collector::guard::Ports;
use outcry_collector::guard::Reach;
use outcry_collector::probe::Context;
use outcry_collector::relay::BUFFER_BYTES_MAX;
use outcry_collector::relay::agent;
use outcry_collector::relay::agent::AgentError;
use outcry_collector::relay::agent::Options;
use outcry_collector::relay::agent::check;
use outcry_collector::relay::identity::Identity;
use outcry_collector::relay::link::LinkError;
use outcry_collector::relay::message::Token;
use outcry_collector::schedule::Settings;
use outcry_collector::soft;
use outcry_collector::tls::Tls;

use crate::cli::BadInput;

/// Pages that stand as long as our own network does, of three who have nothing to do with each
/// other.
const REFERENCES: [&str; 3] =
    ["https://www.wikipedia.org/", "https://one.one.one.one/", "https://www.iana.org/"];

/// Arguments of `outcry collect`.
#[derive(Debug, clap::Args)]
pub struct Collect {
    /// The address of the hub, such as https://hub.example:8443.
    #[arg(long)]
    hub: Option<String>,
    /// The token of `outcry admin vantages enrol`. Needed once; afterwards the key in the folder
    /// is what counts.
    #[arg(long, env = "OUTCRY_ENROL")]
    enrol: Option<String>,
    /// Where the key, and results that wait, are kept.
    #[arg(long, default_value = "outcry-vantage")]
    dir: PathBuf,
    /// Mebibytes of results that may wait while the hub cannot be reached.
    #[arg(
        long,
        default_value_t = BUFFER_BYTES_MAX >> 20,
        value_parser = clap::value_parser!(u64).range(4..)
    )]
    buffer_mib: u64,
    /// A page that tells whether this vantage point's own network stands; three are best.
    #[arg(long = "reference", value_name = "URL", default_values = REFERENCES)]
    references: Vec<String>,
    /// Look at addresses of private networks too. Only for a hub of your own.
    #[arg(long)]
    allow_private: bool,
}

/// Looks until told to stop.
pub fn run(arguments: &Collect) -> anyhow::Result<()> {
    crate::cli::serve::begin_log("info");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut references = Vec::new();
    for url in &arguments.references {
        references
            .push(check(url).ok_or_else(|| BadInput(format!("--reference {url:?} is no page")))?);
    }
    runtime.block_on(async {
        let identity = identity(arguments).await?;
        let guard = if arguments.allow_private {
            Guard::new(Reach::Private, Ports::Any)
        } else {
            Guard::public()
        };
        let about = format!("Outcry/{} (+{})", env!("CARGO_PKG_VERSION"), identity.known.hub);
        let context = Context {
            guard,
            resolver: Resolver::of_system(),
            tls: Tls::of_system(),
            agent: HeaderValue::try_from(about).context("the hub's address in a head")?,
            judge: soft::judge,
            heartbeats: Default::default(),
        };
        println!("{} looks for {}", identity.known.name, identity.known.hub);
        let options = Options {
            folder: arguments.dir.clone(),
            buffer_bytes_max: arguments.buffer_mib << 20,
            settings: Settings { references, share: share(&identity), ..Settings::default() },
        };
        let ended = agent::run(identity, context, options, crate::station::told_to_stop()).await;
        ended.map_err(|error| told(error).context("this vantage point stops"))
    })
}

/// The identity in the folder, or one that the token gets.
async fn identity(arguments: &Collect) -> anyhow::Result<Identity> {
    let folder = &arguments.dir;
    let found = Identity::load(folder)
        .with_context(|| format!("the key in {} cannot be used", folder.display()))?;
    if let Some(identity) = found {
        if arguments.hub.as_ref().is_some_and(|hub| *hub != identity.known.hub) {
            anyhow::bail!(BadInput(format!(
                "{} is the folder of a vantage point of {}; name another with --dir",
                folder.display(),
                identity.known.hub
            )));
        }
        return Ok(identity);
    }
    let (Some(hub), Some(token)) = (&arguments.hub, &arguments.enrol) else {
        anyhow::bail!(BadInput(format!(
            "{} holds no key yet: give --hub URL and --enrol TOKEN, which `outcry admin vantages \
             enrol` prints at the hub",
            folder.display()
        )));
    };
    let token = Token::parse(token)
        .ok_or_else(|| BadInput("--enrol is no token; give it exactly as it was printed".into()))?;
    agent::enrol(hub, &token, folder).await.map_err(told)
}

/// What is the operator's to change ends with exit code 2.
fn told(error: AgentError) -> anyhow::Error {
    match error {
        AgentError::Wrong(words) => BadInput(words).into(),
        AgentError::Link(LinkError::Refused(words)) => {
            BadInput(format!("the hub refuses: {words}")).into()
        }
        AgentError::Folder(error) if error.kind() == ErrorKind::PermissionDenied => {
            BadInput(format!("the folder cannot be used: {error}")).into()
        }
        other => other.into(),
    }
}

/// Where in an interval this vantage point begins, so that not all look at one second.
fn share(identity: &Identity) -> f64 {
    let key = identity.key().public();
    key.first().map_or(0.0, |byte| f64::from(*byte) / 256.0)
}
