//! Sites and how people use them: pages with what belongs to them, or an app's addresses.

use crate::crowds::dice::Dice;
use crate::crowds::people;
use crate::crowds::people::Who;
use crate::crowds::scene::Scene;

/// A site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Pages or addresses of an API, the most popular first.
    pub pages: Vec<u32>,
    /// What pages are made of.
    pub assets: Vec<u32>,
    /// How many of them one page needs; 0 when another server delivers them.
    pub per_page: usize,
    /// How many it would need if this server delivered them.
    per_page_own: usize,
    /// What an app asks for when it starts.
    pub starts: Vec<u32>,
    /// Addresses that scripts on a page ask for.
    pub scripted: Vec<u32>,
    /// Agents of the site's own app; empty where browsers come.
    pub agents: Vec<u32>,
    pub http2_share: f64,
    /// Mean time of an answer.
    pub took_ms: f64,
}

/// How one visit goes.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// First page; by popularity if none is given.
    pub land: Option<u32>,
    /// Share that follow a link which the browser tells of.
    pub referred: f64,
    /// Further pages in the mean.
    pub more: f64,
    /// Median seconds between two pages.
    pub think_s: f64,
    /// Share of pages that end in 5xx, whereupon people try again.
    pub fails: f64,
    /// Share of a page's assets that the browser does not have yet.
    pub cold: f64,
}

impl Default for Visit {
    fn default() -> Self {
        Self { land: None, referred: 0.6, more: 1.5, think_s: 20.0, fails: 0.002, cold: 0.8 }
    }
}

/// Many visits: they rise, hold and fade.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    pub from_ms: i64,
    pub rise_s: f64,
    pub hold_s: f64,
    pub fade_s: f64,
    /// Requests in a second at the height.
    pub rps: f64,
    /// Share of visits by those who come often.
    pub returning: f64,
    /// Who comes, where it is somebody special.
    pub pool: Vec<Who>,
    pub visit: Visit,
}

impl Site {
    /// A site of pages: a paper, a shop, a club.
    pub fn of_pages(dice: &mut Dice, names: &mut Vec<String>) -> Self {
        let mut name = |text: String| {
            names.push(text);
            names.len() as u32 - 1
        };
        let section = dice.pick(&["news", "product", "blog", "artikel", "wiki", "docs"]);
        let ending = dice.pick(&["", "/", ".html", ".php"]);
        let mut pages = vec![name("/".into())];
        for place in 0..dice.size(8, 600) {
            let slug = dice.token(9);
            pages.push(name(format!("/{section}/{slug}-{place}{ending}")));
        }
        let folder = dice.pick(&["static", "assets", "_next/static", "wp-content/themes/t"]);
        let mut assets = vec![name("/favicon.ico".into())];
        for place in 0..dice.size(8, 80) {
            let hash = dice.token(8);
            let kind = dice.pick(&["js", "css", "png", "webp", "jpg", "svg", "woff2"]);
            assets.push(name(format!("/{folder}/{place}.{hash}.{kind}")));
        }
        let per_page_own = dice.size(4, 22).min(assets.len());
        Self {
            pages,
            assets,
            per_page: if dice.chance(0.7) { per_page_own } else { 0 },
            per_page_own,
            http2_share: dice.pick(&[0.0, 0.75, 0.9]),
            took_ms: dice.between(20.0, 150.0),
            ..Self::default()
        }
    }

    /// This server delivers its assets itself.
    pub fn show_assets(&mut self) {
        self.per_page = self.per_page_own;
    }

    /// Another server delivers the assets.
    pub fn hide_assets(&mut self) {
        self.per_page = 0;
    }

    /// Requests of one visit, about.
    fn requests(&self, visit: &Visit) -> f64 {
        let first = 1.0 + self.per_page as f64 * visit.cold + self.scripted.len() as f64;
        let later = 1.0 + self.per_page as f64 * visit.cold * 0.15 + self.scripted.len() as f64;
        let tried = 1.0 + visit.fails;
        (first * (1.0 - visit.fails) + visit.more * later + self.starts.len() as f64) * tried
    }
}

impl Scene {
    /// The site is the API of an app: no pages, no assets, no referrers.
    pub fn api(&mut self, agents: &[&str]) {
        let version = self.dice.whole(1, 4);
        let starts = ["config", "session", "me"];
        self.site.starts = starts
            .iter()
            .map(|end| format!("/api/v{version}/{end}"))
            .map(|p| self.name(p))
            .collect();
        let mut pages = vec![self.name(format!("/api/v{version}/feed"))];
        for number in 0..self.dice.size(20, 400) {
            let what = self.dice.pick(&["items", "users", "threads", "orders"]);
            pages.push(self.name(format!("/api/v{version}/{what}/{}", 40_000 + number * 7)));
        }
        self.site.pages = pages;
        self.site.assets.clear();
        self.site.per_page = 0;
        self.site.agents = self.named(agents);
        self.site.http2_share = self.dice.pick(&[0.0, 1.0]);
    }

    /// One visit; returns when it ends.
    pub fn visit(&mut self, from_ms: i64, who: &Who, visit: &Visit) -> i64 {
        let mut at_ms = from_ms;
        let is_app = !self.site.starts.is_empty();
        if is_app {
            for place in 0..self.site.starts.len() {
                let path = self.site.starts[place];
                let status = if self.dice.chance(visit.fails) { 503 } else { 200 };
                self.ask(at_ms, who, path, status);
                at_ms += self.dice.whole(30, 500) as i64;
            }
        }
        let mut referred = !is_app && self.dice.chance(visit.referred);
        let mut page = visit.land.unwrap_or_else(|| self.popular_page());
        let mut cold = visit.cold;
        let mut tries = 0;
        loop {
            if self.dice.chance(visit.fails) {
                let status = self.dice.pick(&[500, 502, 503, 503, 504]);
                self.ask(at_ms, who, page, status).referred = referred;
                tries += 1;
                if tries > 3 || self.dice.chance(0.45) {
                    return at_ms;
                }
                at_ms += (self.dice.skewed(5.0, 0.6) * 1_000.0) as i64;
                continue;
            }
            let status =
                self.dice.weighted(&[(200, 0.94), (304, 0.03), (301, 0.015), (404, 0.015)]);
            self.ask(at_ms, who, page, status).referred = referred;
            self.belongings(at_ms, who, cold);
            cold = visit.cold * 0.15;
            if !self.dice.chance(visit.more / (1.0 + visit.more)) {
                return at_ms;
            }
            at_ms += (self.dice.skewed(visit.think_s, 0.8) * 1_000.0) as i64 + 700;
            page = self.popular_page();
            referred = !is_app && self.dice.chance(0.95);
        }
    }

    /// What a page needs: its assets and what its scripts ask for.
    pub fn belongings(&mut self, at_ms: i64, who: &Who, cold: f64) {
        let first = self.dice.size(0, self.site.assets.len().max(1) - 1);
        let mut after_ms = at_ms + self.dice.whole(60, 400) as i64;
        for place in 0..self.site.per_page {
            if !self.dice.chance(cold) {
                continue;
            }
            let asset = self.site.assets[(first / 4 + place) % self.site.assets.len()];
            let status = self.dice.weighted(&[(200, 0.9), (304, 0.1)]);
            self.ask(after_ms, who, asset, status).referred = true;
            after_ms += self.dice.whole(0, 150) as i64;
        }
        for place in 0..self.site.scripted.len() {
            let path = self.site.scripted[place];
            self.ask(after_ms, who, path, 200).referred = true;
            after_ms += self.dice.whole(20, 400) as i64;
        }
    }

    /// A page by popularity.
    pub fn popular_page(&mut self) -> u32 {
        let place = self.dice.popular(self.site.pages.len());
        self.site.pages[place]
    }

    /// Visits of an ordinary day, with its slow ups and downs, and the trickle of machines that
    /// every server sees.
    pub fn ordinary(&mut self, from_ms: i64, to_ms: i64, rps: f64, returning: f64) {
        let visit = Visit::default();
        let secs = (to_ms - from_ms) as f64 / 1_000.0;
        let gap_ms = self.site.requests(&visit) / rps * 1_000.0;
        let swing = self.dice.between(0.0, 0.3);
        let phase = self.dice.between(0.0, 6.3);
        // Those who came before the log begins are still here.
        let mut at_ms = from_ms as f64 - 120_000.0;
        while at_ms < to_ms as f64 {
            let day = (at_ms - from_ms as f64) / 86_400_000.0 * 6.3 + phase;
            at_ms += self.dice.wait(gap_ms / (1.0 + swing * day.sin()));
            let who = self.visitor(returning);
            self.visit(at_ms as i64, &who, &visit);
        }
        let bot =
            self.name("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)");
        let monitor =
            self.name("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://uptimerobot.com/)");
        let bot = self.machine(3, bot);
        let monitor = self.machine(4, monitor);
        let home = self.site.pages[0];
        for place in 0..(secs / 60.0) as i64 {
            self.ask(from_ms + place * 60_000 + 3_000, &monitor, home, 200);
            if self.dice.chance(rps.min(1.0) * 0.5) {
                let page = self.dice.pick(&self.site.pages.clone());
                self.ask(from_ms + place * 60_000 + 17_000, &bot, page, 200);
            }
        }
    }

    /// Many visits at once.
    pub fn crowd(&mut self, crowd: &Crowd) {
        let areas = [crowd.rise_s / 2.0, crowd.hold_s, crowd.fade_s];
        let area: f64 = areas.iter().sum();
        let visits = crowd.rps * area / self.site.requests(&crowd.visit);
        for _ in 0..visits as usize {
            let after_s = match self.dice.weighted(&[(0, areas[0]), (1, areas[1]), (2, areas[2])]) {
                0 => crowd.rise_s * self.dice.unit().sqrt(),
                1 => crowd.rise_s + crowd.hold_s * self.dice.unit(),
                _ => crowd.rise_s + crowd.hold_s + self.dice.wait(crowd.fade_s),
            };
            let who = if crowd.pool.is_empty() {
                self.visitor(crowd.returning)
            } else {
                self.dice.pick(&crowd.pool)
            };
            self.visit(crowd.from_ms + (after_s * 1_000.0) as i64, &who, &crowd.visit);
        }
    }

    /// People behind a few shared addresses: one address, many browsers.
    pub fn behind(&mut self, addresses: &[u128], people: usize) -> Vec<Who> {
        (0..people).map(|_| Who { client: self.dice.pick(addresses), ..self.newcomer() }).collect()
    }

    /// People who all hold a phone.
    pub fn phones(&mut self, count: usize) -> Vec<Who> {
        let agents: Vec<u32> = (0..120)
            .map(|_| {
                let agent = people::mobile(&mut self.dice);
                self.name(agent)
            })
            .collect();
        (0..count).map(|_| Who { agent: self.dice.pick(&agents), ..self.newcomer() }).collect()
    }

    /// One client asks for the same again and again.
    pub fn poll(
        &mut self,
        who: &Who,
        path: u32,
        span_ms: (i64, i64),
        every_s: f64,
        referred: bool,
    ) {
        let mut at_ms = span_ms.0 + (self.dice.unit() * every_s * 1_000.0) as i64;
        while at_ms < span_ms.1 {
            let status = self.dice.weighted(&[(200, 0.9), (304, 0.1)]);
            self.ask(at_ms, who, path, status).referred = referred;
            at_ms += (every_s * self.dice.between(0.9, 1.1) * 1_000.0) as i64 + 1;
        }
    }
}
