//! Access logs as they are written: lines become windows of requests, windows become signals.
//!
//! A file is read from its end on. When another file stands under its name, or it became shorter,
//! the rest of the old one is read and then the new one from its beginning: that is how logs are
//! rotated. Only whole lines count. No client, path or agent leaves this thread: a signal holds
//! counts, shares and the name of what the window looks like.
//!
//! # What it cannot tell
//!
//! What was written while the program did not run. A flood that goes on for more than half of the
//! hour that is kept is its own usual rate then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use outcry_core::attack::requests::Kind;
use outcry_core::attack::requests::Requests;
use outcry_core::attack::requests::WINDOW_MS;
use outcry_core::signal::Body;
use outcry_core::signal::Log as Requested;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;
use outcry_decode::access_log;
use outcry_decode::access_log::TrustedProxy;
use outcry_decode::address::Address;
use outcry_server::contract::Clock;
use outcry_store::log::Log;

use crate::analysis::of_line;
use crate::config::Config;
use crate::flows::config::Service;
use crate::flows::told;
use crate::shared::Shared;
use crate::station::MachineClock;
use crate::station::Station;
use crate::station::step_back;

/// How often files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Bytes of one file that are read in one look.
const READ_BYTES_MAX: u64 = 8 << 20;
/// How long windows are kept, to know what is usual.
const KEPT_MS: i64 = HOUR_MS;
/// How long after its end a window still waits for lines.
const LATE_MS: i64 = 2_000;
/// Ordinary windows that are one signal.
const ORDINARY_WINDOWS: i64 = 6;

/// Begins to follow the files that the configuration names.
///
/// # Errors
///
/// When the system has no thread or no chance to give.
pub fn start(station: &mut Station, config: &Config) -> anyhow::Result<()> {
    if config.logs.files.is_empty() {
        return Ok(());
    }
    let mut key = [0; 8];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let follower = Follower {
        files: config
            .logs
            .files
            .iter()
            .map(|file| Followed::new(file.path.clone(), file.service.as_deref().map(Text::from)))
            .collect(),
        services: config.flows.services.clone(),
        trusted: config
            .logs
            .trusted_proxies
            .iter()
            .map(|net| TrustedProxy {
                network: Address::from(net.network()),
                bits: u32::from(net.prefix_len()),
            })
            .collect(),
        key: u64::from_le_bytes(key),
        counted: BTreeMap::new(),
    };
    let (log, shared) = (station.log.clone(), station.shared());
    station.spawn("logs", move || {
        step_back();
        follower.run(&log, &shared);
    })
}

/// The thread.
struct Follower {
    files: Vec<Followed>,
    services: Vec<Service>,
    trusted: Vec<TrustedProxy>,
    key: u64,
    counted: BTreeMap<Text, Counted>,
}

/// Requests of one service, and up to when they were told.
struct Counted {
    requests: Requests,
    told_until_ms: i64,
    /// Up to when windows were judged: judging again before the next one is over says the same.
    looked_until_ms: i64,
}

/// One file.
struct Followed {
    path: PathBuf,
    service: Option<Text>,
    open: Option<(File, u64)>,
    /// The beginning of a line whose end is not written yet.
    rest: Vec<u8>,
    reader: access_log::Log,
    /// Whether it was looked at before: what is there at first is old.
    seen: bool,
}

impl Follower {
    fn run(mut self, log: &Log, shared: &Arc<Shared>) {
        while !shared.stop.load(Ordering::Relaxed) {
            let now_ms = MachineClock.now().0;
            self.read(now_ms);
            for (service, requested) in self.windows(now_ms) {
                told::append(log, &service, UnixMillis(now_ms), Body::Log(requested));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Reads what is new in all files.
    fn read(&mut self, now_ms: i64) {
        let Self { files, services, trusted, key, counted } = self;
        for file in files {
            let bytes = file.new_lines();
            let service = file.service.clone();
            for request in access_log::requests(&mut file.reader, &bytes) {
                let host = request.host.as_deref();
                let slug = service.clone().or_else(|| of_host(services, host));
                let Some(slug) = slug else { continue };
                let at_ms = i64::try_from(request.at_ms).unwrap_or(i64::MAX);
                // Lines of another day, or of a clock that is wrong, belong to no window of now.
                if !(now_ms - KEPT_MS..=now_ms + WINDOW_MS).contains(&at_ms) {
                    continue;
                }
                let counted = counted.entry(slug).or_insert_with(|| Counted {
                    requests: Requests::new(*key),
                    told_until_ms: now_ms.div_euclid(WINDOW_MS) * WINDOW_MS,
                    looked_until_ms: 0,
                });
                counted.requests.take(&of_line(&request, trusted));
            }
        }
    }

    /// Windows that are over and not told yet.
    fn windows(&mut self, now_ms: i64) -> Vec<(Text, Requested)> {
        let mut all = Vec::new();
        for (service, counted) in &mut self.counted {
            let end_ms = (now_ms - LATE_MS).div_euclid(WINDOW_MS) * WINDOW_MS;
            if end_ms <= counted.told_until_ms.max(counted.looked_until_ms) {
                continue;
            }
            counted.looked_until_ms = end_ms;
            let from_ms = counted.told_until_ms;
            let vectors = vectors(&counted.requests, (from_ms, end_ms));
            let windows = (end_ms - from_ms) / WINDOW_MS;
            if vectors.is_empty() && windows < ORDINARY_WINDOWS {
                continue;
            }
            counted.told_until_ms = end_ms;
            counted.requests.forget_before(now_ms - KEPT_MS);
            let sum = counted.requests.summary((from_ms, end_ms));
            let window_s = (end_ms - from_ms) as f64 / 1_000.0;
            all.push((
                service.clone(),
                Requested {
                    window_s,
                    rps: sum.requests / window_s,
                    errors_share: sum.errors_share,
                    clients_distinct: Some(sum.clients as u64),
                    top_path_share: Some(sum.top_path_share),
                    returning_share: sum.returning_share,
                    vectors,
                },
            ));
        }
        all
    }
}

/// What a time looks like, by the names of signals.
fn vectors(requests: &Requests, (from_ms, until_ms): (i64, i64)) -> Vec<Text> {
    let now = requests.report().into_iter().filter(|stretch| {
        let (from, until) = stretch.span_ms;
        from < until_ms && from_ms < until
    });
    let names = now.filter_map(|stretch| match stretch.kind {
        Kind::Crawler => None,
        kind => Some(kind.name()),
    });
    let mut names: Vec<Text> = names.map(Text::from).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The service a request was sent to, by its host: a name of it, or below one.
fn of_host(services: &[Service], host: Option<&str>) -> Option<Text> {
    let host = host?.split(':').next().unwrap_or_default().to_lowercase();
    let is_of = |name: &String| {
        host == *name || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))
    };
    let service = services.iter().find(|service| service.hostnames.iter().any(is_of))?;
    Some(service.service.as_str().into())
}

impl Followed {
    fn new(path: PathBuf, service: Option<Text>) -> Self {
        Self {
            path,
            service,
            open: None,
            rest: Vec::new(),
            reader: access_log::Log::new(),
            seen: false,
        }
    }

    /// Whole lines that were written since the last look.
    fn new_lines(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.rest);
        self.read_on(&mut bytes);
        if self.is_replaced() {
            self.open = None;
            // The last line of a file that is gone has no end any more.
            if bytes.last().is_some_and(|byte| *byte != b'\n') {
                bytes.push(b'\n');
            }
            self.read_on(&mut bytes);
        }
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.rest = bytes.split_off(end);
        if self.rest.len() > access_log::LINE_MAX {
            self.rest.clear();
            self.reader.too_long();
        }
        bytes
    }

    fn read_on(&mut self, bytes: &mut Vec<u8>) {
        let first = !std::mem::replace(&mut self.seen, true);
        if self.open.is_none() {
            let Ok(mut file) = File::open(&self.path) else { return };
            let from = if first { SeekFrom::End(0) } else { SeekFrom::Start(0) };
            let Ok(at) = file.seek(from) else { return };
            self.open = Some((file, at));
        }
        let Some((file, at)) = &mut self.open else { return };
        match file.by_ref().take(READ_BYTES_MAX).read_to_end(bytes) {
            Ok(read) => *at += read as u64,
            Err(error) => {
                tracing::warn!(file = %self.path.display(), %error, "a log cannot be read");
                self.open = None;
            }
        }
    }

    /// Whether another file stands under the name, or this one became shorter.
    fn is_replaced(&self) -> bool {
        let Some((file, at)) = &self.open else { return false };
        let (Ok(own), Ok(named)) = (file.metadata(), std::fs::metadata(&self.path)) else {
            return false;
        };
        let is_read = own.len() <= *at;
        is_read && ((own.ino(), own.dev()) != (named.ino(), named.dev()) || named.len() < *at)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn line(at_ms: i64, client: u32, path: &str, agent: &str) -> String {
        let at = jiff::Timestamp::from_millisecond(at_ms).expect("a time");
        let at = at.strftime("%d/%b/%Y:%H:%M:%S +0000");
        let [_, b, c, d] = client.to_be_bytes();
        format!("100.{b}.{c}.{d} - - [{at}] \"GET {path} HTTP/1.1\" 503 120 \"-\" \"{agent}\"\n")
    }

    fn follower(path: PathBuf) -> Follower {
        Follower {
            files: vec![Followed::new(path, Some("x".into()))],
            services: Vec::new(),
            trusted: Vec::new(),
            key: 5,
            counted: BTreeMap::new(),
        }
    }

    #[test]
    fn a_rotated_log_is_read_to_its_end_and_from_its_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("access.log");
        let now_ms = 1_700_000_000_000;
        fs::write(&path, line(now_ms, 1, "/old", "a")).expect("written");
        let mut follower = follower(path.clone());
        let seen = |follower: &Follower| {
            follower.counted.get("x").map_or(0, |counted| counted.requests.seen)
        };
        follower.read(now_ms);
        assert_eq!(seen(&follower), 0, "what was there before is old");
        let mut file = fs::OpenOptions::new().append(true).open(&path).expect("there");
        let text = line(now_ms, 2, "/", "a");
        file.write_all(&text.as_bytes()[..30]).expect("written");
        follower.read(now_ms);
        assert_eq!(seen(&follower), 0, "half a line is none");
        file.write_all(&text.as_bytes()[30..]).expect("written");
        follower.read(now_ms);
        assert_eq!(seen(&follower), 1);
        file.write_all(line(now_ms, 3, "/", "a").as_bytes()).expect("written");
        fs::rename(&path, folder.path().join("access.log.1")).expect("renamed");
        fs::write(&path, line(now_ms, 4, "/", "a")).expect("written");
        follower.read(now_ms);
        assert_eq!(seen(&follower), 3, "the end of the old one and the new one");
        fs::write(&path, "").expect("cut off");
        follower.read(now_ms);
        fs::write(&path, line(now_ms, 5, "/", "a")).expect("written");
        follower.read(now_ms);
        assert_eq!(seen(&follower), 4, "cut off and written again");
    }

    #[test]
    fn a_flood_becomes_a_signal_without_a_client_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("access.log");
        fs::write(&path, "").expect("written");
        let mut follower = follower(path.clone());
        let from_ms = 1_700_000_000_000;
        follower.read(from_ms);
        let mut lines = String::new();
        for n in 0..6_000_u32 {
            let at_ms = from_ms + i64::from(n) * 10_000 / 6_000;
            lines.push_str(&line(at_ms, n % 40, "/login?x", "python-requests/2.31"));
        }
        fs::write(&path, lines).expect("written");
        follower.read(from_ms + 9_000);
        let told = follower.windows(from_ms + 2 * WINDOW_MS);
        assert_eq!(told.len(), 1);
        let (service, log) = &told[0];
        assert_eq!(&**service, "x");
        assert_eq!(log.vectors, [Text::from("http_flood")]);
        assert!(log.errors_share > 0.99 && log.rps > 300.0, "{log:?}");
        assert_eq!(log.clients_distinct, Some(40));
    }

    #[test]
    fn hosts_lead_to_services() {
        let services = [Service {
            service: "x".into(),
            prefixes: Vec::new(),
            hostnames: vec!["x.com".into()],
        }];
        assert_eq!(of_host(&services, Some("API.x.com:443")).as_deref(), Some("x"));
        assert_eq!(of_host(&services, Some("x.com")).as_deref(), Some("x"));
        assert_eq!(of_host(&services, Some("notx.com")), None);
        assert_eq!(of_host(&services, None), None);
    }
}
