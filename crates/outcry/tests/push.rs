//! A browser subscribes on the page of the real program, and a push service of our own takes what
//! it is told: sealed for that browser alone, signed by the key that the page shows.

mod house;
mod load;
mod receivers;
mod telling;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;

use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use base64::prelude::Engine as _;
use house::Server;
use ring::aead;
use ring::agreement;
use ring::agreement::EphemeralPrivateKey;
use ring::hkdf;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use ring::signature::UnparsedPublicKey;
use serde_json::Value;
use telling::house_of;
use telling::listed;
use telling::tell;
use telling::wait_for;

/// The secret of every browser here.
const AUTH: [u8; 16] = [7; 16];

/// One message that a push service took.
#[derive(Clone, Debug)]
struct Taken {
    path: String,
    heads: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// A push service: `/gone…` knows nobody any more, all others take everything.
struct PushService {
    address: String,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl PushService {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let all = taken.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(message) = read(&mut BufReader::new(&mut stream)) else { continue };
                let status = if message.path.starts_with("/gone") { "410 Gone" } else { "201 OK" };
                all.lock().expect("no panic").push(message);
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                // Whoever does not wait for it has gone.
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, taken }
    }

    fn of(&self, path: &str) -> Vec<Taken> {
        let taken = self.taken.lock().expect("no panic");
        taken.iter().filter(|it| it.path == path).cloned().collect()
    }
}

fn read(stream: &mut impl BufRead) -> Option<Taken> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut heads = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        heads.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; heads.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some(Taken { path, heads, body })
}

fn coded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("Base64")
}

/// A browser with its key.
struct Browser {
    private: EphemeralPrivateKey,
    public: Vec<u8>,
    endpoint: String,
}

impl Browser {
    fn at(service: &PushService, path: &str) -> Self {
        let private = EphemeralPrivateKey::generate(&agreement::ECDH_P256, &SystemRandom::new())
            .expect("one");
        let public = private.compute_public_key().expect("its half").as_ref().to_vec();
        Self { private, public, endpoint: format!("http://{}{path}", service.address) }
    }

    /// The fields that its script sends.
    fn fields(&self) -> String {
        let endpoint = outcry_server::open::encoded(&self.endpoint);
        format!("endpoint={endpoint}&p256dh={}&auth={}", coded(&self.public), coded(&AUTH))
    }

    /// Opens a message as RFC 8291 and RFC 8188 say, by another way than it was sealed.
    fn opened(self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65], "one record, and a key");
        let (theirs, sealed) = rest[5..].split_at(65);
        let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, theirs);
        let shared = agreement::agree_ephemeral(self.private, &peer, <[u8]>::to_vec);
        let info = [b"WebPush: info\0", self.public.as_slice(), theirs].concat();
        let secret: [u8; 32] = expanded(&AUTH, &shared.expect("agreed"), &info);
        let key: [u8; 16] = expanded(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = expanded(salt, &secret, b"Content-Encoding: nonce\0");
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, &key).expect("a key");
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let mut record = sealed.to_vec();
        let opened = aead::LessSafeKey::new(key);
        let opened = opened.open_in_place(nonce, aead::Aad::empty(), &mut record);
        let opened = opened.expect("it was sealed for us");
        let (end, text) = opened.split_last().expect("a mark of the end");
        assert_eq!(*end, 2, "the last record");
        serde_json::from_slice(text).expect("JSON")
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expanded<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [info];
    let expanded = extracted.expand(&info, Length(N)).expect("short enough");
    expanded.fill(&mut out).expect("as long as asked");
    out
}

/// The status of the answer to what a script sends. Each comes from a network of its own.
fn send(server: &Server, service: &str, fields: &str, head: &str, n: u8) -> u16 {
    let answer = server.ask(&format!(
        "POST /s/{service}/push HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\
         X-Forwarded-For: 198.51.{n}.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {head}Content-Length: {}\r\n\r\n{fields}",
        fields.len()
    ));
    answer.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status")
}

/// The key that the page shows to browsers.
fn key_of(server: &Server) -> String {
    let page =
        server.ask("GET /s/s0 HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\r\n");
    let key = page.split("data-key=\"").nth(1).and_then(|it| it.split('"').next());
    assert!(page.contains("id=\"push\" hidden"), "nothing is shown where no script runs");
    key.expect("a key").to_owned()
}

#[test]
fn a_browser_is_told_what_nobody_else_reads() {
    let service = PushService::start();
    let house = house_of(
        4,
        "[alerts]\nallow_private = true\npush_contact = \"mailto:ops@outages.example\"\n\
         push_services = [\"127.0.0.1\"]\n",
    );
    let server = Server::start(&house);
    let key = key_of(&server);
    let browser = Browser::at(&service, "/ok/1");
    let (gone, left) = (Browser::at(&service, "/gone/1"), Browser::at(&service, "/ok/2"));
    let narrow = Browser::at(&service, "/ok/3");
    let chosen = |choice: &str| format!("{}&{choice}", narrow.fields());
    assert_eq!(send(&server, "s3", &chosen("country=Germny"), "", 10), 400, "no country");
    let fields = chosen("component=api&severity=danger&country=&wants=everything");
    assert_eq!(send(&server, "s3", &fields, "", 11), 204);
    // What is no browser of a push service we know is told so, and nothing is kept.
    let elsewhere = browser.fields().replace("127.0.0.1", "127.0.0.2");
    assert_eq!(send(&server, "s0", &elsewhere, "", 1), 400, "another host");
    assert_eq!(send(&server, "s0", "endpoint=&p256dh=&auth=", "", 2), 400, "nothing");
    assert_eq!(send(&server, "nowhere", &browser.fields(), "", 3), 404, "no such service");
    let cross = "Sec-Fetch-Site: cross-site\r\n";
    assert_eq!(send(&server, "s0", &browser.fields(), cross, 4), 403, "another site");
    assert_eq!(send(&server, "s0", &browser.fields(), "", 5), 204);
    assert_eq!(send(&server, "s0", &browser.fields(), "", 6), 204, "twice is once");
    assert_eq!(send(&server, "s1", &gone.fields(), "", 7), 204);
    assert_eq!(send(&server, "s2", &left.fields(), "", 8), 204);
    assert_eq!(send(&server, "s2", &format!("{}&leave=1", left.fields()), "", 9), 204);

    for slug in ["s3", "s2", "s1", "s0"] {
        tell(&house, slug, &["failed", "failed"], 1);
    }
    wait_for("the browser is told", || !service.of("/ok/1").is_empty());
    let taken = service.of("/ok/1");
    assert_eq!(taken.len(), 1);
    let heads = &taken[0].heads;
    assert_eq!(heads["content-encoding"], "aes128gcm");
    assert_eq!(heads["ttl"], "86400");
    assert_eq!(heads["topic"].len(), 32, "RFC 8030, section 5.4");
    let (token, public) = heads["authorization"]
        .strip_prefix("vapid t=")
        .and_then(|it| it.split_once(", k="))
        .expect("who sends");
    assert_eq!(public, key, "the key that the page shows");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(public))
        .verify(signed.as_bytes(), &decoded(signature))
        .expect("signed by that key");
    let claims: Value =
        serde_json::from_slice(&decoded(signed.split('.').nth(1).expect("claims"))).expect("JSON");
    assert_eq!(claims["aud"], format!("http://{}", service.address));
    let letter = browser.opened(&taken[0].body);
    assert!(letter["title"].as_str().is_some_and(|it| it.contains("Service 0")), "{letter}");
    assert!(letter["body"].as_str().is_some_and(|it| it.contains("No cause is named.")));

    // Who is gone is forgotten, and who left was not told.
    wait_for("the other one is tried", || !service.of("/gone/1").is_empty());
    let database = rusqlite::Connection::open(house.path("data/outcry.sqlite")).expect("opens");
    let known = |slug: &str| -> i64 {
        let sql = "SELECT count(*) FROM subscriber WHERE service = ?1";
        database.query_row(sql, [slug], |row| row.get(0)).expect("a number")
    };
    wait_for("who is gone is forgotten", || known("s1") == 0);
    assert_eq!((known("s0"), known("s2")), (1, 0));
    assert!(service.of("/ok/2").is_empty());
    assert!(service.of("/ok/3").is_empty(), "it is another part that fails");
    let sql = "SELECT about FROM subscriber WHERE service = 's3' AND moments = 2";
    let about: String = database.query_row(sql, (), |row| row.get(0)).expect("one");
    assert_eq!(about, "components=api severity=danger");
    let listed = listed(&house);
    assert!(listed.keys().any(|id| id.contains(":subscriber-")), "{listed:?}");
    let text = format!("{listed:?}");
    assert!(!text.contains(&service.address), "no address of a browser is shown: {text}");
    drop(server);
    // The key stays, or every browser would have to subscribe again.
    assert_eq!(key_of(&Server::start(&house)), key);
}

#[test]
fn where_browsers_are_not_told_nothing_is_offered() {
    let house = house_of(1, "");
    let server = Server::start(&house);
    let service = PushService::start();
    let page =
        server.ask("GET /s/s0 HTTP/1.1\r\nHost: outages.example\r\nConnection: close\r\n\r\n");
    assert!(!page.contains("id=\"push\""));
    let browser = Browser::at(&service, "/ok/1");
    assert_eq!(send(&server, "s0", &browser.fields(), "", 1), 404);
    assert!(!house.path("data/push.key").exists(), "and no key is made");
}
