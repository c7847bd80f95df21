//! The real program over real datagrams on loopback: floods become a page, figures and signals, and
//! of the sources nothing comes out but what may be told. The database of places knows one country,
//! which exists nowhere: a canary.

mod atlas;
mod house;

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use atlas::source;
use house::House;
use house::Server;

const TOKEN: &str = "a-token-of-this-test";
/// A country that nobody is in (ISO 3166-1 leaves these letters to users).
const CANARY: &str = "QZ";
const TARGET: [u8; 4] = [198, 51, 100, 5];
/// Flows in one datagram of NetFlow v5, at most.
const FLOWS_MAX: usize = 30;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two datagrams, and between two questions.
const TURN: Duration = Duration::from_millis(5);
const ASK_EVERY: Duration = Duration::from_millis(300);

/// One record of NetFlow v5: 20 packets from a source to the target.
struct Record {
    source: [u8; 4],
    protocol: u8,
    ports: (u16, u16),
    flags: u8,
    octets: u32,
}

fn forged(n: u32) -> Record {
    Record {
        source: source(n),
        protocol: 6,
        ports: (n as u16 | 1024, 443),
        flags: 0x02,
        octets: 1_200,
    }
}

fn reflected(n: u32) -> Record {
    Record { source: source(n % 900), protocol: 17, ports: (123, 80), flags: 0, octets: 9_360 }
}

/// A datagram of NetFlow v5, without sampling, whose first flow has a number.
fn datagram(sequence: u32, records: &[Record]) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let mut bytes = vec![0, 5, 0, records.len() as u8];
    bytes.extend(60_000_u32.to_be_bytes());
    bytes.extend((now.as_secs() as u32).to_be_bytes());
    bytes.extend(now.subsec_nanos().to_be_bytes());
    bytes.extend(sequence.to_be_bytes());
    // No engine; mode 1 and an interval of one: every packet was looked at.
    bytes.extend([0, 0, 0x40, 1]);
    for record in records {
        bytes.extend(record.source);
        bytes.extend(TARGET);
        bytes.extend([0; 8]);
        bytes.extend(20_u32.to_be_bytes());
        bytes.extend(record.octets.to_be_bytes());
        bytes.extend(59_000_u32.to_be_bytes());
        bytes.extend(59_500_u32.to_be_bytes());
        bytes.extend(record.ports.0.to_be_bytes());
        bytes.extend(record.ports.1.to_be_bytes());
        bytes.extend([0, record.flags, record.protocol, 0]);
        bytes.extend([0; 8]);
    }
    bytes
}

struct Site {
    house: House,
    server: Server,
    flows: u16,
    console: u16,
}

impl Site {
    fn start() -> Self {
        let house = House::new();
        fs::write(house.path("canary.mmdb"), atlas::database(CANARY)).expect("written");
        let (flows, console) = (free_udp_port(), free_port());
        let config = format!(
            "[probes]\nenabled = false\nconsole = \"127.0.0.1:{console}\"\ntoken = \"{TOKEN}\"\n\
             [notices]\nnotices_interval_s = 0\n[http]\nlisten = \"127.0.0.1:0\"\nthreads = 2\n\
             [store]\ndir = \"data\"\n[places]\ncountry = \"canary.mmdb\"\n[log]\n\
             level = \"error\"\n[flows]\nlisten = [\"127.0.0.1:{flows}\"]\nfloor_pps = 1000\n\
             [[flows.service]]\nservice = \"x\"\nprefixes = [\"198.51.100.0/24\"]\n\
             [logs]\n[[logs.file]]\npath = \"access.log\"\nservice = \"x\"\n"
        );
        house.file("outcry.toml", &config);
        house.file("access.log", "");
        let server = Server::start(&house);
        Self { house, server, flows, console }
    }

    /// Sends flows until something holds of what is asked, and gives what was asked then.
    fn send_until(
        &self,
        make: fn(u32) -> Record,
        ask: impl Fn(&Self) -> String,
        holds: impl Fn(&str) -> bool,
    ) -> String {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let began = Instant::now();
        let (mut n, mut asked) = (0_u32, Instant::now());
        loop {
            let records: Vec<Record> = (0..FLOWS_MAX as u32).map(|more| make(n + more)).collect();
            let sent = socket.send_to(&datagram(n, &records), ("127.0.0.1", self.flows));
            assert!(sent.is_ok());
            n += FLOWS_MAX as u32;
            std::thread::sleep(TURN);
            if asked.elapsed() < ASK_EVERY {
                continue;
            }
            asked = Instant::now();
            let answer = ask(self);
            if holds(&answer) {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "it never came: {}", tail(&answer));
        }
    }

    /// The page without the fonts and the mark in it: their letters are by chance what is looked
    /// for.
    fn page(&self) -> String {
        let page = ask(self.console, TOKEN, "/traffic");
        let mut parts = page.split(";base64,");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_coded = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
            text.push_str(part.trim_start_matches(is_coded));
        }
        text
    }

    /// All that is written down: the log, as it is on disk.
    fn written(&self) -> String {
        let mut text = String::new();
        collect(&self.house.path("data").join("log"), &mut text);
        text
    }
}

fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(3_000).map_or(0, |(at, _)| at);
    &text[from..]
}

fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), text);
        } else {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}

fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    socket.local_addr().expect("bound").port()
}

fn ask(port: u16, token: &str, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return String::new();
    };
    let _ = write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: console\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn holds_a_source(text: &str) -> Option<[u8; 4]> {
    (0..20_000).map(source).find(|[a, b, c, d]| text.contains(&format!("{a}.{b}.{c}.{d}")))
}

#[test]
fn a_forged_flood_is_told_without_a_country_and_becomes_a_signal() {
    let site = Site::start();
    let page = site.send_until(forged, Site::page, |page| page.contains("SYN flood on"));
    assert!(page.contains("198.51.100.5") && page.contains("Going on"), "{}", tail(&page));
    // At first the sources are too few for a verdict; then it is that they are forged.
    let page = site.send_until(forged, Site::page, |page| page.contains("the sources are forged"));
    assert!(!page.contains(CANARY), "{}", tail(&page));
    assert_eq!(holds_a_source(&page), None);
    let written = site.send_until(forged, Site::written, |text| text.contains("tcp_syn_flood"));
    assert!(!written.contains(CANARY));
    assert_eq!(holds_a_source(&written), None);
    let public = ask_public(&site, "/s/x");
    assert!(public.contains("200 OK") && !public.contains(CANARY));
    assert_eq!(holds_a_source(&public), None);
}

#[test]
fn reflectors_have_a_country_that_only_the_console_shows() {
    let site = Site::start();
    assert!(ask(site.console, "another-token-of-this", "/traffic").contains("401"));
    let page = site.send_until(reflected, Site::page, |page| page.contains(CANARY));
    assert!(page.contains("Reflectors are in these countries, not attackers"), "{}", tail(&page));
    assert!(page.contains("NTP amplification"));
    assert_eq!(holds_a_source(&page), None);
    let metrics = ask(site.console, TOKEN, "/metrics");
    assert!(metrics.contains("outcry_attacks_open 1"), "{metrics}");
    let lost = metrics.lines().find(|line| line.starts_with("outcry_flow_lost_total{"));
    assert!(lost.is_some_and(|line| line.ends_with(" 0")), "{metrics}");
    let written = site.send_until(reflected, Site::written, |text| text.contains("amp_ntp"));
    assert!(!written.contains(CANARY));
    assert_eq!(holds_a_source(&written), None);
}

#[test]
fn a_flood_of_requests_becomes_a_signal() {
    let site = Site::start();
    let began = Instant::now();
    loop {
        let now = jiff::Timestamp::now().strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
        let mut lines = String::new();
        for n in 0..60_u8 {
            lines.push_str(&format!(
                "203.0.113.{n} - - [{now}] \"GET /login HTTP/1.1\" 503 12 \"-\" \"curl/8\"\n"
            ));
        }
        let path = site.house.path("access.log");
        let mut file = fs::OpenOptions::new().append(true).open(path).expect("there");
        file.write_all(lines.as_bytes()).expect("written");
        let written = site.written();
        if written.contains("http_flood") {
            assert!(!written.contains("203.0.113."), "no client is written down");
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{}", tail(&written));
        std::thread::sleep(ASK_EVERY);
    }
}

fn ask_public(site: &Site, path: &str) -> String {
    let port = site.server.address.rsplit(':').next().and_then(|port| port.parse().ok());
    ask(port.expect("a port"), "", path)
}
