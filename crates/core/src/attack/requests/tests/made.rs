//! Logs that are made up: sites as they usually are, and clients that come to them.
//!
//! What it cannot tell: what real logs hold. They are more varied than anything here.

use crate::attack::requests::Request;
use crate::attack::requests::Requests;
use crate::traffic::sketch::sample::hash;

/// When logs begin, milliseconds since 1970: 2024.
const BEGAN_MS: i64 = 1_710_000_000_000;

pub(super) const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/122.0.0.0 Safari/537.36";

/// What sites usually are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// Pages with what belongs to them.
    Pages,
    /// Pages whose images stand elsewhere.
    Cdn,
    /// Calls of an app.
    Api,
    /// Nothing is known: the log begins with what is judged.
    Unknown,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) at_ms: i64,
    pub(super) client: u128,
    pub(super) path: String,
    pub(super) method: &'static str,
    pub(super) status: u16,
    pub(super) referred: bool,
    pub(super) agent: String,
}

/// A log that is being made.
pub(super) struct Made {
    pub(super) asks: Vec<Ask>,
    state: u64,
    /// When what is judged begins, milliseconds from the begin of the log.
    pub(super) at_ms: i64,
}

impl Made {
    pub(super) fn new(site: Site, seed: u64) -> Self {
        let mut made = Self { asks: Vec::new(), state: seed, at_ms: 0 };
        if site != Site::Unknown {
            made.usual(site, 1_200);
            made.at_ms = 900_000;
        }
        made
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        hash(self.state, 1) % n.max(1)
    }

    pub(super) fn browser(&mut self) -> String {
        let version = 100 + self.below(24);
        match self.below(3) {
            0 => format!(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) Safari",
                version % 9
            ),
            1 => format!("Mozilla/5.0 (Windows NT 10.0; rv:{version}.0) Firefox/{version}.0"),
            _ => CHROME.replace("122", &version.to_string()),
        }
    }

    /// The app of the site.
    pub(super) fn app(&mut self) -> String {
        let minor = self.below(4);
        match self.below(2) {
            0 => format!("Acme/5.{minor} (iPhone; iOS 17.4) CFNetwork/1494 Darwin/23"),
            _ => format!("Acme/5.{minor} (Android 14) okhttp/4.12.0"),
        }
    }

    pub(super) fn ask(&mut self, at_ms: i64, client: u64, path: &str, agent: &str) -> &mut Ask {
        self.asks.push(Ask {
            at_ms,
            client: u128::from(client) << 4,
            path: path.to_owned(),
            method: "GET",
            status: 200,
            referred: false,
            agent: agent.to_owned(),
        });
        self.asks.last_mut().expect("it was put there")
    }

    /// What goes on all the time: some ten requests in a second.
    fn usual(&mut self, site: Site, seconds: i64) {
        for n in 0..seconds * 2 {
            let at_ms = n * 500 + self.below(500) as i64;
            let client = self.below(800);
            match site {
                Site::Api => self.calls(at_ms, client),
                _ => self.visit(at_ms, client, site == Site::Pages, None),
            }
        }
    }

    /// An app is opened: some calls.
    pub(super) fn calls(&mut self, at_ms: i64, client: u64) {
        let agent = self.agent_of(client, Self::app);
        for n in 0..5 {
            let path = match n {
                0 => "/v1/session".to_owned(),
                1 | 2 => "/v1/timeline".to_owned(),
                _ => format!("/v1/item/{}", self.below(400)),
            };
            self.ask(at_ms + n * 700, client, &path, &agent);
        }
    }

    /// A page is looked at, with what belongs to it or without.
    pub(super) fn visit(&mut self, at_ms: i64, client: u64, assets: bool, page: Option<&str>) {
        let agent = self.agent_of(client, Self::browser);
        let some = format!("/story/{}", self.below(60));
        let path = page.unwrap_or(&some);
        let referred = self.below(3) != 0;
        self.ask(at_ms, client, path, &agent).referred = referred;
        for asset in ["/a.css", "/b.js", "/c.png", "/d.woff2"] {
            if assets {
                self.ask(at_ms + 300, client, asset, &agent).referred = true;
            }
        }
        if !assets {
            self.ask(at_ms + 400, client, "/api/comments", &agent).referred = true;
        }
    }

    /// What a client says is the same each time.
    pub(super) fn agent_of(&mut self, client: u64, make: impl Fn(&mut Self) -> String) -> String {
        let state = std::mem::replace(&mut self.state, client.wrapping_mul(77));
        let agent = make(self);
        self.state = state;
        agent
    }

    /// The whole, as a detector takes it.
    pub(super) fn requests(mut self) -> Requests {
        self.asks.sort_by_key(|ask| ask.at_ms);
        let mut requests = Requests::new(1);
        for ask in &self.asks {
            requests.take(&Request {
                // Most logs have whole seconds.
                at_ms: BEGAN_MS + ask.at_ms.div_euclid(1_000) * 1_000,
                client: Some(ask.client),
                path: &ask.path,
                method: ask.method,
                status: ask.status,
                octets: Some(2_000),
                has_referrer: Some(ask.referred),
                agent: Some(&ask.agent),
                ..Request::default()
            });
        }
        requests
    }
}
