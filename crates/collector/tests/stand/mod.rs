//! A server between us and nothing, which fails in a chosen way.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::time::Duration;

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None.
    Nothing,
    /// The answer comes late.
    Delay,
    /// The connection stands and nothing is said.
    Drop,
    /// Reset in the middle of the answer.
    Reset,
    /// Our side is closed without a word.
    HalfClose,
    /// A byte now and then, for ever.
    SlowLoris,
    /// The end is missing.
    Truncate,
    /// Bytes that are no HTTP.
    Garbage,
    /// A redirect into the network of a cloud.
    Redirect,
}

const PAGE: &str = "<!doctype html><html><head><title>Lamps</title></head><body>\
    <main><h1>Lamps</h1>\
    <p>Storm lamps and desk lamps, made by hand.</p></main></body></html>";

/// Serves in this way until the test ends.
pub fn serve(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(stream, fault));
        }
    });
    address
}

fn answer(mut stream: TcpStream, fault: Fault) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut head = [0; 4_096];
    let _ = stream.read(&mut head);
    let whole = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\
         \r\n\r\n{PAGE}",
        PAGE.len()
    );
    let bytes = whole.as_bytes();
    let _ = match fault {
        Fault::Nothing => stream.write_all(bytes),
        Fault::Delay => {
            std::thread::sleep(Duration::from_millis(250));
            stream.write_all(bytes)
        }
        Fault::Drop => {
            // Says nothing until the other side has hung up.
            let _ = stream.read(&mut head);
            Ok(())
        }
        Fault::Reset => {
            let _ = stream.write_all(&bytes[..bytes.len() / 2]);
            std::thread::sleep(Duration::from_millis(50));
            let socket = socket2::SockRef::from(&stream);
            socket.set_linger(Some(Duration::ZERO))
        }
        Fault::HalfClose => stream.shutdown(Shutdown::Write),
        Fault::SlowLoris => {
            for byte in bytes.iter().take(20) {
                let _ = stream.write_all(&[*byte]);
                std::thread::sleep(Duration::from_millis(150));
            }
            Ok(())
        }
        Fault::Truncate => stream.write_all(&bytes[..bytes.len() - 40]),
        Fault::Garbage => stream.write_all(&[0xff, 0, b'{', 7, b'\n', 0x80, b'\r', b'\n']),
        Fault::Redirect => stream.write_all(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\n\
              Content-Length: 0\r\n\r\n",
        ),
    };
}
