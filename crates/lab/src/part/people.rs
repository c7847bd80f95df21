//! People who use the platform: each tries, thinks, tries again; and crowds, which are people too.
//!
//! Every try is a real one, and is written down with what the person saw. What becomes of it, a
//! report and when, is decided later by `reports`. A crowd is the same with more people; a hostile
//! client is one that asks for one thing only, as fast as it may, and never thinks.
//!
//! Bounds: [`PEOPLE_MAX`] people, [`RATE_MAX`] tries a second in one process.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use outcry_sim::dice::Dice;
use serde_json::json;
use tokio_rustls::TlsConnector;

use crate::client;
use crate::client::Request;
use crate::client::Tried;
use crate::place;

/// People in one process.
const PEOPLE_MAX: u16 = 4_000;
/// Tries a second of one process.
const RATE_MAX: f64 = 400.0;
/// Seconds one process may live.
const LIFE_S_MAX: u64 = 120;
/// Part of visits that go to the other brand, and that sign in besides.
const OTHER_BRAND: f64 = 0.25;
const SIGN_IN: f64 = 0.15;
/// What clients call themselves.
const BROWSERS: [&str; 3] = ["Browser/128 (desktop)", "Browser/17 (telephone)", "Chirp/9.3 (app)"];
/// What hostile ones do.
const SCRIPT: &str = "python-requests/2.31";

/// Who they are.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The folder of the run.
    #[arg(long)]
    dir: PathBuf,
    /// The host they stand behind.
    #[arg(long)]
    host: String,
    /// How many.
    #[arg(long)]
    people: u16,
    /// Tries a second of all together.
    #[arg(long)]
    rate: f64,
    /// Seconds until they go; 0 stays until ended.
    #[arg(long, default_value_t = 0)]
    life_s: u64,
    /// Seed of their chance.
    #[arg(long)]
    seed: u64,
    /// Ask for one page only and never for what belongs to it.
    #[arg(long)]
    hostile: bool,
}

struct People {
    tls: TlsConnector,
    host: &'static place::Region,
    written: Mutex<std::fs::File>,
}

/// Lets them come until they are ended, or their time is over.
pub fn run(arguments: &Arguments) -> Result<()> {
    let is_bounded = arguments.people <= PEOPLE_MAX && arguments.rate <= RATE_MAX;
    if !is_bounded || arguments.life_s > LIFE_S_MAX || arguments.rate <= 0.0 {
        bail!("more than a laboratory may do");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(visit(arguments))
}

async fn visit(arguments: &Arguments) -> Result<()> {
    let name = arguments.host.as_str();
    let host = place::sender(name).context("no such host")?;
    let file = arguments.dir.join(format!("tries-{name}-{}.jsonl", std::process::id()));
    let people = Arc::new(People {
        tls: client::connector(&arguments.dir)?,
        host,
        written: Mutex::new(std::fs::File::create(file)?),
    });
    let mut dice = Dice::new(arguments.seed, &["people", name]);
    let began = tokio::time::Instant::now();
    let mut due = began;
    loop {
        // The next of many comes after an exponential time.
        let wait_s = -(1.0 - dice.unit()).ln() / arguments.rate;
        due += Duration::from_secs_f64(wait_s);
        tokio::time::sleep_until(due).await;
        if arguments.life_s > 0 && began.elapsed().as_secs() >= arguments.life_s {
            return Ok(());
        }
        let who = dice.below(u64::from(arguments.people)) as u16;
        let (people, dice) = (people.clone(), Dice::new(dice.next(), &["visit"]));
        let hostile = arguments.hostile;
        tokio::spawn(async move {
            match hostile {
                true => people.attack(who, dice).await,
                false => people.visit(who, dice).await,
            }
        });
    }
}

impl People {
    /// A visit: the page, then what it loads, then perhaps a sign-in. It ends at what fails.
    async fn visit(&self, who: u16, mut dice: Dice) {
        let agent = BROWSERS[usize::from(who) % BROWSERS.len()];
        let from = self.host.host.person(who);
        if dice.unit() < OTHER_BRAND {
            let page = Request { host: "wares.test", path: "/", method: "GET", agent };
            self.ask(who, from, "wares", "web", &page).await;
            return;
        }
        let page = Request { host: "chirp.test", path: "/", method: "GET", agent };
        if agent.starts_with("Browser") && !self.ask(who, from, "chirp", "web", &page).await {
            return;
        }
        let api = |path, method| Request { host: "api.chirp.test", path, method, agent };
        if self.ask(who, from, "chirp", "api", &api("/v1/timeline", "GET")).await
            && dice.unit() < SIGN_IN
        {
            self.ask(who, from, "chirp", "login", &api("/v1/login", "POST")).await;
        }
    }

    /// One thing, again and again, and nobody who would complain.
    async fn attack(&self, who: u16, mut dice: Dice) {
        let path = format!("/?q={:x}", dice.next());
        let request = Request { host: "chirp.test", path: &path, method: "GET", agent: SCRIPT };
        client::try_once(&self.tls, self.host.host.person(who), &request).await;
    }

    async fn ask(
        &self,
        who: u16,
        from: Ipv4Addr,
        service: &str,
        component: &str,
        request: &Request<'_>,
    ) -> bool {
        let Tried { failed, ms } = client::try_once(&self.tls, from, request).await;
        let is_well = failed.is_none();
        let line = json!({
            "at_unix_ms": now_unix_ms(), "host": self.host.host.name, "who": who,
            "service": service, "component": component, "ms": ms,
            "phase": failed.as_ref().map(|it| it.0), "detail": failed.map(|it| it.1),
        });
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk ends the run elsewhere, with a better message.
        let _ = writeln!(written, "{line}");
        is_well
    }
}

/// The machine's clock.
pub fn now_unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
