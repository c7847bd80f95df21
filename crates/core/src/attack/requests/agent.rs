//! What a client says it is: a browser, an app, a machine with a name, a script, a load tool.
//!
//! People come with browsers and apps, and machines that belong to somebody give a name. Only load
//! tools and answers to pingbacks are suspicious by their name alone, and only browsers are
//! expected to load what belongs to a page.
//!
//! # What it cannot tell
//!
//! Whether it is true: the field can be written by anyone.
//!
//! # References
//!
//! - Release dates of browsers: chromiumdash.appspot.com and whattrainisitnow.com. A version number
//!   grew by one each six weeks, later each four.
//! - Pingbacks: WordPress names itself in them, with the site that was told to ask.

/// What a client says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// A browser that somebody may use at that time.
    Browser,
    /// A browser that nearly nobody uses any more at that time.
    OldBrowser,
    /// A product of its own name, or a library that apps are made with.
    App,
    /// A machine that says what it is for: crawlers, readers, previews, monitors, webhooks.
    Bot,
    /// A program, or a library, of those who write scripts.
    Script,
    /// A library that services call each other with, and scripts too.
    Library,
    /// A program that is made to send as much as it can.
    Load,
    /// A site that was told by a pingback to look here.
    Pingback,
    /// Nothing.
    Nothing,
}

impl Says {
    /// How many there are.
    pub(super) const COUNT: usize = 9;

    /// Of a field in lower case, in a request of a time (milliseconds since 1970).
    pub(super) fn of(agent: &str, at_ms: i64) -> Self {
        let has = |names: &[&str]| names.iter().any(|name| agent.contains(name));
        if matches!(agent, "" | "-") {
            Self::Nothing
        } else if agent.starts_with("wordpress/") {
            Self::Pingback
        } else if has(LOAD) || agent.starts_with("ab/") || agent.starts_with("hey/") {
            Self::Load
        } else if has(BOTS) {
            Self::Bot
        } else if agent.starts_with("mozilla/") || agent.starts_with("opera/") {
            if is_old(agent, at_ms) { Self::OldBrowser } else { Self::Browser }
        } else if has(SCRIPTS) {
            Self::Script
        } else if has(LIBRARIES) || agent.starts_with("java/") || agent.starts_with("php/") {
            Self::Library
        } else {
            Self::App
        }
    }
}

/// Programs that are made to send as much as they can.
const LOAD: &[&str] = &[
    "apachebench",
    "siege",
    "wrk",
    "vegeta",
    "k6/",
    "jmeter",
    "locust",
    "gatling",
    "loic",
    "hoic",
    "hulk",
    "goldeneye",
    "slowhttptest",
    "httperf",
    "bombardier",
    "h2load",
];
/// What machines with a name have in it.
const BOTS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "+http",
    "http://",
    "https://",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "telegram",
    "mastodon",
    "pleroma",
    "rss",
    "feed",
    "podcast",
    "monitor",
    "uptime",
    "pingdom",
    "healthcheck",
    "health check",
    "health-check",
    "googlehc",
    "kube-probe",
    "prometheus",
    "blackbox",
    "zabbix",
    "nagios",
    "check_http",
    "consul",
    "hookshot",
    "webhook",
    "stripe/",
    "paypal",
    "twilio",
    "amazon cloudfront",
    "amazon simple notification",
    "mediapartners",
    "archive.org",
    "bingpreview",
    "google-",
    "imageproxy",
    "mailproxy",
    "statuscake",
    "site24x7",
    "apis-google",
];
/// Programs and libraries of those who write scripts. What apps are made with is not here.
const SCRIPTS: &[&str] = &[
    "python",
    "curl/",
    "wget",
    "libwww",
    "httpx",
    "aiohttp",
    "scrapy",
    "masscan",
    "zgrab",
    "httpie",
    "perl",
    "winhttp",
    "powershell",
];

/// Libraries that services call each other with.
const LIBRARIES: &[&str] =
    &["go-http-client", "node-fetch", "axios", "undici", "guzzle", "ruby", "apache-httpclient"];

/// Years after which a version of a browser is not used by people any more.
const OLD_YEARS: f64 = 5.0;

/// Whether a browser was out of use for years when it was sent.
fn is_old(agent: &str, at_ms: i64) -> bool {
    let year = 1970.0 + at_ms as f64 / 1_000.0 / 31_556_952.0;
    if year < 2015.0 {
        return false;
    }
    let number = |name: &str| -> Option<f64> {
        let (_, rest) = agent.split_once(name)?;
        let digits = rest.split(|sign: char| !sign.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    // Internet Explorer before 9, Windows before 7 and Presto's Opera.
    let relics = ["msie 4", "msie 5", "msie 6", "msie 7", "msie 8", "windows nt 5", "windows 98"];
    if relics.iter().any(|relic| agent.contains(relic)) || agent.starts_with("opera/") {
        return year >= 2017.0;
    }
    if agent.contains("msie 9") || agent.contains("msie 10") {
        return year >= 2019.0;
    }
    // Nine versions a year since number 4 of 2010, twelve since 94 of 2021.
    let released = |version: f64| {
        if version < 94.0 {
            2010.0 + (version - 4.0) / 7.8
        } else {
            2021.7 + (version - 94.0) / 12.5
        }
    };
    let version = number("chrome/").or_else(|| number("firefox/"));
    version.is_some_and(|version| version >= 2.0 && released(version) + OLD_YEARS < year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_what_they_say() {
        const YEAR_2024_MS: i64 = 1_710_000_000_000;
        let chrome = "mozilla/5.0 (x11; linux x86_64) applewebkit/537.36 chrome/122.0.0.0 safari/5";
        for (agent, says) in [
            ("-", Says::Nothing),
            (chrome, Says::Browser),
            ("mozilla/5.0 (windows nt 6.1) chrome/41.0.2228.0 safari/537.36", Says::OldBrowser),
            ("mozilla/4.0 (compatible; msie 7.0; windows nt 5.1)", Says::OldBrowser),
            ("mozilla/5.0 (windows nt 10.0; rv:124.0) gecko/20100101 firefox/124.0", Says::Browser),
            ("mozilla/5.0 (compatible; gptbot/1.2; +https://openai.com/gptbot)", Says::Bot),
            ("acme/5.2 (iphone; ios 17.4) cfnetwork/1494 darwin/23", Says::App),
            ("okhttp/4.12.0", Says::App),
            ("python-requests/2.31", Says::Script),
            ("go-http-client/2.0", Says::Library),
            ("apachebench/2.3", Says::Load),
            ("wordpress/6.4; https://a.example; verifying pingback from 192.0.2.1", Says::Pingback),
        ] {
            assert_eq!(Says::of(agent, YEAR_2024_MS), says, "{agent}");
        }
        let old = "mozilla/4.0 (compatible; msie 7.0; windows nt 5.1)";
        assert_eq!(Says::of(old, 1_200_000_000_000), Says::Browser, "in its own time");
    }
}
