//! A full disk under the whole program: a small one of its own is mounted where that is allowed.
//! Reports are refused with 503 and when to try again, pages go on, and when there is room again,
//! so do reports. Nothing that was acknowledged is lost.

mod house;
mod load;
mod past;

use std::fs;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use house::House;
use house::Server;
use load::answer;
use load::get;
use load::pause_ms;
use load::report_from;
use past::check;

/// Size of the disk, and of what is put on it to be removed later.
const DISK: &str = "size=12m";
const BALLAST_BYTES: usize = 4 << 20;
/// Reports after which a disk of that size must have been full.
const REPORTS_MAX: usize = 60_000;
/// Reports in a row that are refused before the disk is called full, not just short of room.
const REFUSED_IN_A_ROW: usize = 50;

/// A mounted file system, unmounted at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Result<Self, String> {
        let arguments = ["-t", "tmpfs", "-o", DISK, "tmpfs"];
        match Command::new("mount").args(arguments).arg(folder).output() {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let status = Command::new("umount").arg(self.0).status();
        assert!(status.is_ok_and(|status| status.success()), "cannot unmount {}", self.0.display());
    }
}

/// One report of words that do not compress: the whole answer.
fn report(address: &str, number: usize) -> String {
    let mut dice = load::Dice(number as u64);
    let noise: String = (0..25).map(|_| format!("{:016x}", dice.next())).collect();
    let body = format!(r#"{{"service":"x","problem":"not_loading","comment":"{noise}"}}"#);
    let from = format!("9.{}.{}.1", number / 250 % 250, number % 250);
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = report_from(&from, &body).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut whole = String::new();
    std::io::Read::read_to_string(&mut stream, &mut whole).expect("it answers");
    whole
}

fn id_of(whole: &str) -> String {
    let body = whole.split("\r\n\r\n").nth(1).expect("a body");
    body.split('"').nth(3).expect("an id").to_owned()
}

#[test]
fn a_full_disk_stops_reports_with_503_and_nothing_else() {
    let house = House::with("[store]\ndir = \"small/data\"\nsegment_mib = 1\n");
    let small = house.path("small");
    fs::create_dir(&small).expect("made");
    let mounted = match SmallDisk::mount(&small) {
        Ok(mounted) => mounted,
        Err(why) => {
            println!("no small disk could be mounted here ({why}): only the store was tested");
            return;
        }
    };
    let ballast = house.path("small/ballast");
    fs::write(&ballast, vec![1; BALLAST_BYTES]).expect("there is room");
    let server = Server::start(&house);
    let (mut acknowledged, mut in_a_row, mut refused) = (Vec::new(), 0, 0);
    for number in 0..REPORTS_MAX {
        let whole = report(&server.address, number);
        if whole.starts_with("HTTP/1.1 202") {
            acknowledged.push(id_of(&whole));
            in_a_row = 0;
            continue;
        }
        assert!(whole.starts_with("HTTP/1.1 503"), "{whole}");
        assert!(whole.to_ascii_lowercase().contains("\r\nretry-after: "), "{whole}");
        refused += 1;
        in_a_row += 1;
        if in_a_row == REFUSED_IN_A_ROW {
            break;
        }
    }
    assert_eq!(in_a_row, REFUSED_IN_A_ROW, "the disk was full in the end");
    // A claim is refused in the same way, and what was typed comes back.
    let mut dice = load::Dice(REPORTS_MAX as u64 * 3);
    let words: String = (0..60).map(|_| format!("{:016x}", dice.next())).collect();
    let form = format!(
        "service=x&quote={words}&role=owner&when=2025-03-10T17:25&medium=a+post\
         &source=https://news.example/2"
    );
    let proposed = server.ask(&format!(
        "POST /claims/new HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    ));
    assert!(proposed.starts_with("HTTP/1.1 503"), "{proposed}");
    assert!(proposed.to_ascii_lowercase().contains("\r\nretry-after: "), "{proposed}");
    assert!(proposed.contains(&words), "{proposed}");
    for page in ["/", "/s/x", "/methods", "/incidents", "/api/v1/services/x"] {
        let mut stream = TcpStream::connect(&server.address).expect("it listens");
        write!(stream, "GET {page} HTTP/1.1\r\nHost: x\r\n\r\n").expect("it reads");
        let (status, _) = answer(&mut BufReader::new(stream)).expect("it answers");
        assert_eq!(status, 200, "{page} goes on");
    }
    fs::remove_file(&ballast).expect("removed");
    // The program notices by itself, within a moment.
    for number in 0..100 {
        let whole = report(&server.address, REPORTS_MAX + number);
        if whole.starts_with("HTTP/1.1 202") {
            acknowledged.push(id_of(&whole));
        }
        pause_ms(5);
    }
    let after = report(&server.address, REPORTS_MAX * 2);
    assert!(after.starts_with("HTTP/1.1 202"), "with room again it goes on: {after}");
    acknowledged.push(id_of(&after));
    load::wait_until_caught_up(&server.address);
    let health = get(&server.address, "/healthz").expect("an answer");
    assert!(health.contains(r#""ok":true"#), "{health}");
    drop(server);
    drop(Server::start(&house));
    println!("full disk: {} acknowledged, {refused} refused, 0 lost", acknowledged.len());
    // What is counted is held against the log elsewhere: where there is room to do it.
    let whole = House::new();
    past::copy_folder(&house.path("small/data"), &whole.path("data"));
    check(&whole, &acknowledged, "after a full disk");
    drop(mounted);
}
