//! What operators do while the real program tells: they acknowledge, silence, and change the
//! configuration of a running server; and names that turn to other addresses reach nobody inside.

mod house;
mod load;
mod receivers;
mod telling;

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::Mutex;

use house::House;
use house::Server;
use receivers::Web;
use telling::house_of;
use telling::listed;
use telling::rule;
use telling::tell;
use telling::wait_for;
use telling::webhook;

/// Ports of the web that anybody may open, one of which is free.
const WEB_PORTS: [u16; 5] = [8443, 8000, 5222, 5269, 8080];
/// Within this a running server has taken a new configuration: the guide promises a second.
const TAKEN_MS: u64 = 2_500;
/// Type of a record with an IPv4 address.
const TYPE_A: [u8; 2] = [0, 1];

/// Whether a receiver was told of a service: ids begin with the incident, and that with its slug.
fn was_told(web: &Web, path: &str, service: &str) -> bool {
    web.of(path).iter().any(|it| it.id.starts_with(&format!("{service}-")))
}

fn incident_of(web: &Web, path: &str, service: &str) -> String {
    let heard = web.of(path);
    let message = heard.iter().find(|it| it.id.starts_with(&format!("{service}-")));
    let id = &message.expect("it was told").id;
    id.split(':').next().expect("an incident").to_owned()
}

#[test]
fn who_acknowledges_keeps_others_from_being_told() {
    let web = Web::start();
    let text = format!(
        "[alerts]\nallow_private = true\n{}{}[[alert]]\nname = \"all\"\nchannels = [\"ok\"]\n\
         escalate_after_min = 1\nescalate_to = [\"ok-boss\"]\n",
        webhook("ok", &web),
        webhook("ok-boss", &web)
    );
    let house = house_of(2, &text);
    let server = Server::start(&house);
    for service in ["s0", "s1"] {
        tell(&house, service, &["failed", "failed"], 1);
        wait_for("the first is told", || was_told(&web, "/ok", service));
    }
    let said = house.refused(&["admin", "alerts", "ack", "s0-2025-01-01-9"]);
    assert!(said.contains("there is no incident"), "{said}");
    let incident = incident_of(&web, "/ok", "s0");
    assert!(house.done(&["admin", "alerts", "ack", &incident]).contains(&incident));
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    let acknowledged = || -> bool {
        let sql = "SELECT count(*) FROM acknowledgement WHERE incident = ?1";
        let found: i64 = database.query_row(sql, [&incident], |row| row.get(0)).expect("one");
        found == 1
    };
    wait_for("the act is in force", acknowledged);
    // Nobody waits a minute for a test: it is over at once.
    let moved = database
        .execute("UPDATE outbox SET next_at = 0 WHERE channel = 'ok-boss'", ())
        .expect("written");
    assert_eq!(moved, 2, "both would be told to others");
    wait_for("others are told of what nobody looks at", || was_told(&web, "/ok-boss", "s1"));
    let state = || -> Vec<String> {
        let all = listed(&house);
        let of = all.iter().filter(|(id, _)| id.starts_with(&format!("{incident}:ok-boss:")));
        of.map(|(_, it)| it["state"].as_str().expect("a state").to_owned()).collect()
    };
    wait_for("the other one is not needed", || state() == ["cancelled"]);
    assert!(!was_told(&web, "/ok-boss", "s0"));
    drop(server);
}

#[test]
fn who_silences_a_service_hears_of_the_others_only() {
    let web = Web::start();
    let text = "[alerts]\nallow_private = true\n".to_owned() + &webhook("ok", &web);
    let house = house_of(3, &(text + &rule(&["ok".into()])));
    let server = Server::start(&house);
    let said = house.refused(&["admin", "alerts", "silence", "nowhere"]);
    assert!(said.contains("there is no service"), "{said}");
    house.done(&["admin", "alerts", "silence", "s0", "--minutes", "5"]);
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    let silenced = |service: &str| -> bool {
        let sql = "SELECT count(*) FROM silence WHERE service = ?1";
        let found: i64 = database.query_row(sql, [service], |row| row.get(0)).expect("one");
        found == 1
    };
    wait_for("the silence is in force", || silenced("s0"));
    tell(&house, "s0", &["failed", "failed"], 1);
    let opened = || -> bool {
        let sql = "SELECT count(*) FROM incident WHERE id LIKE 's0-%'";
        let found: i64 = database.query_row(sql, (), |row| row.get(0)).expect("one");
        found == 1
    };
    wait_for("it fails, and the page says so", opened);
    tell(&house, "s1", &["failed", "failed"], 1);
    wait_for("the others are told", || was_told(&web, "/ok", "s1"));
    assert!(!was_told(&web, "/ok", "s0"), "what is silenced is not");
    // All at once.
    house.done(&["admin", "alerts", "silence", "all", "--minutes", "5"]);
    wait_for("that silence is in force", || silenced(""));
    tell(&house, "s2", &["failed", "failed"], 1);
    let told_nothing = || -> bool {
        let sql = "SELECT count(*) FROM incident WHERE id LIKE 's2-%'";
        let found: i64 = database.query_row(sql, (), |row| row.get(0)).expect("one");
        found == 1
    };
    wait_for("it fails too", told_nothing);
    assert!(!listed(&house).keys().any(|id| id.starts_with("s2-")), "nothing waits to be told");
    drop(server);
}

#[test]
fn a_running_server_takes_new_rules_and_keeps_the_last_good_ones() {
    let web = Web::start();
    let with = |channel: &str| {
        let text = "[alerts]\nallow_private = true\n".to_owned() + &webhook(channel, &web);
        let store = "[store]\ndir = \"data\"\n[catalog]\ndir = \"catalog\"\n";
        format!("{store}{text}{}", rule(&[channel.into()]))
    };
    let house = House::new();
    house.catalog(4);
    house.configure(&with("ok-old"));
    let server = Server::start(&house);
    tell(&house, "s0", &["failed", "failed"], 1);
    wait_for("the old receiver is told", || was_told(&web, "/ok-old", "s0"));
    house.configure(&with("ok-new"));
    load::pause_ms(TAKEN_MS);
    tell(&house, "s1", &["failed", "failed"], 1);
    wait_for("the new receiver is told", || was_told(&web, "/ok-new", "s1"));
    house.configure("[alerts]\nallow_private = perhaps\n");
    load::pause_ms(TAKEN_MS);
    tell(&house, "s2", &["failed", "failed"], 1);
    wait_for("the new receiver is told after a mistake too", || was_told(&web, "/ok-new", "s2"));
    house.configure(&(with("ok-other") + "services = [\"s9\"]\n"));
    load::pause_ms(TAKEN_MS);
    tell(&house, "s3", &["failed", "failed"], 1);
    wait_for("a service that nobody knows is a mistake", || was_told(&web, "/ok-new", "s3"));
    assert_eq!(web.of("/ok-old").len(), 1, "the old one is told no more");
    drop(server);
}

/// A name server whose answer can be changed. It counts the questions for an IPv4 address.
struct NameServer {
    address: SocketAddr,
    answers: Arc<Mutex<(Vec<Ipv4Addr>, usize)>>,
}

impl NameServer {
    fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = socket.local_addr().expect("bound");
        let answers: Arc<Mutex<(Vec<Ipv4Addr>, usize)>> = Arc::default();
        let known = answers.clone();
        std::thread::spawn(move || {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query) {
                let mut known = known.lock().expect("no panic");
                if let Some(answer) = answer(&query[..length], &mut known) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, answers }
    }

    fn says(&self, addresses: &[Ipv4Addr]) {
        *self.answers.lock().expect("no panic") = (addresses.to_vec(), 0);
    }

    fn asked(&self) -> usize {
        self.answers.lock().expect("no panic").1
    }
}

/// The answer to a question with one name (RFC 1035, section 4), with no time to live.
fn answer(query: &[u8], known: &mut (Vec<Ipv4Addr>, usize)) -> Option<Vec<u8>> {
    let name = query.get(12..)?.iter().position(|byte| *byte == 0)?;
    let question = query.get(12..12 + name + 5)?;
    let is_a = question.get(name + 1..name + 3)? == TYPE_A;
    known.1 += usize::from(is_a);
    let addresses = if is_a { known.0.as_slice() } else { &[] };
    let mut answer = query[..2].to_vec();
    let count = u8::try_from(addresses.len()).ok()?;
    answer.extend([0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(question);
    for address in addresses {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

/// A house with one channel at `rebind.example.org`, whose address this name server tells.
fn house_at(names: &NameServer, port: u16, alerts: &str) -> House {
    let house = house_of(
        1,
        &format!(
            "[alerts]\n{alerts}[[channel]]\nname = \"hook\"\nkind = \"webhook\"\n\
             secret = \"{}\"\nurl = \"http://rebind.example.org:{port}/ok\"\n",
            telling::SECRET
        ),
    );
    let config = std::fs::read_to_string(house.path("outcry.toml")).expect("readable");
    let resolvers = format!("[probes]\nresolvers = [\"{}\"]\n", names.address);
    house.file("outcry.toml", &config.replacen("[probes]\n", &resolvers, 1));
    drop(Server::start(&house));
    house
}

#[test]
fn a_name_that_turns_inside_reaches_nobody() {
    let (web, names) = (Web::start(), NameServer::start());
    let house = house_at(&names, web.address.port(), "allow_private = true\n");
    names.says(&[Ipv4Addr::LOCALHOST]);
    house.done(&["admin", "alerts", "test", "hook"]);
    assert_eq!(web.of("/ok").len(), 1);
    assert_eq!(names.asked(), 1, "what was checked is dialled, and nobody is asked again");
    // The address where clouds keep the keys of a machine stays closed even to operators.
    for turned in [
        vec![Ipv4Addr::new(169, 254, 169, 254)],
        vec![Ipv4Addr::LOCALHOST, Ipv4Addr::new(169, 254, 169, 254)],
    ] {
        names.says(&turned);
        let output = house.run(&["admin", "alerts", "test", "hook"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("169.254.169.254"), "{said}");
        assert_eq!(web.of("/ok").len(), 1, "nobody was dialled");
    }
}

#[test]
fn a_name_that_is_also_inside_is_refused_as_a_whole() {
    let names = NameServer::start();
    // A port that may be dialled, so that it is the address that is refused.
    let mut free = WEB_PORTS.iter().filter_map(|port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).ok().map(|listener| (*port, listener))
    });
    let (port, listener) = free.next().expect("one of these ports is free");
    listener.set_nonblocking(true).expect("it does not wait");
    let house = house_at(&names, port, "");
    for inside in [Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1)] {
        names.says(&[Ipv4Addr::new(8, 8, 8, 8), inside]);
        let output = house.run(&["admin", "alerts", "test", "hook"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&inside.to_string()), "{said}");
        let dialled = listener.accept();
        assert!(dialled.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock));
    }
}
