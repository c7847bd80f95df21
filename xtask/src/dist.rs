//! `cargo xtask dist`: one static binary, and the time until its first page stands.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use xtask::run::Started;
use xtask::run::free_port;
use xtask::run::output;
use xtask::run::root;
use xtask::run::target;

/// The first page must stand this soon after the start.
const FIRST_PAGE_S_MAX: f64 = 5.0;

/// Builds the binary, checks that it is static, and times its first page.
pub fn run() -> Result<()> {
    let triple = output("rustc", &["--print", "host-tuple"])?.trim().to_owned();
    let status = Command::new("cargo")
        .args(["build", "--profile", "dist", "--package", "outcry", "--target", &triple])
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(root())
        .status()?;
    if !status.success() {
        bail!("the build failed");
    }
    let built = target().join(&triple).join("dist/outcry");
    let place = target().join("dist-outcry");
    std::fs::copy(&built, &place).with_context(|| format!("cannot copy {}", built.display()))?;
    let linked = Command::new("ldd").arg(&place).output()?;
    let said = String::from_utf8_lossy(&linked.stdout).into_owned()
        + &String::from_utf8_lossy(&linked.stderr);
    if !(said.contains("statically linked") || said.contains("not a dynamic executable")) {
        bail!("the binary is not static: {said}");
    }
    let size = std::fs::metadata(&place)?.len();
    let seconds = first_page_s(&place)?;
    println!("{}: {:.1} MB, static", place.display(), size as f64 / 1e6);
    println!("first page after {seconds:.2} s (bar: at most {FIRST_PAGE_S_MAX} s)");
    if seconds > FIRST_PAGE_S_MAX {
        bail!("too late");
    }
    Ok(())
}

/// Starts a demo and measures the time until the page of X has come.
fn first_page_s(binary: &std::path::Path) -> Result<f64> {
    let port = free_port()?;
    let start = Instant::now();
    let _server = Started(
        Command::new(binary)
            .args(["demo", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the demo")?,
    );
    while start.elapsed() < Duration::from_secs(30) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let mut page = String::new();
            stream.write_all(b"GET /s/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
            if stream.read_to_string(&mut page).is_ok() && page.contains("</html>") {
                return Ok(start.elapsed().as_secs_f64());
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("no page within 30 s")
}
