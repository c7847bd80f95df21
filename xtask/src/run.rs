//! Running other programs, and installing them where they are missing.

use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitCode;
use std::process::ExitStatus;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

/// The root of the repository.
pub fn root() -> PathBuf {
    // As it is now, not as it was built: clones may share a target folder.
    let now = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let within = now.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    let root = within.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("it lies in the repository").to_owned()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program in the root to its end; its failure is ours.
pub fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .status()
        .with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{program} {} failed: {status}", arguments.join(" "));
    }
    Ok(())
}

/// Runs a program and gives what it printed.
pub fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("{program} {} failed: {}", arguments.join(" "), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is on the path, or stands where its absolute path says.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|path| path.join(program).is_file())
}

/// Installs Debian packages unless `program` is there already.
pub fn need(program: &str, packages: &[&str]) -> Result<()> {
    if has(program) {
        return Ok(());
    }
    println!("installing {} for {program}", packages.join(" "));
    let apt = |arguments: &[&str]| {
        let status = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status();
        matches!(status, Ok(status) if status.success())
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    if !(apt(&install) || (apt(&["update"]) && apt(&install))) {
        bail!("cannot install {}: install it by hand and run again", packages.join(" "));
    }
    Ok(())
}

/// How a program ended, as ours ends.
pub fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Builds the release binary and gives its path; `OUTCRY_BINARY` names one that is built already.
pub fn release_binary() -> Result<PathBuf> {
    if let Some(built) = std::env::var_os("OUTCRY_BINARY") {
        return Ok(PathBuf::from(built));
    }
    run("cargo", &["build", "--release", "--package", "outcry"])?;
    Ok(target().join("release/outcry"))
}

/// The binary that the tests of the workspace just built; `OUTCRY_BINARY` names another.
///
/// Not the release build: what a browser looks for does not depend on it, and it takes
/// minutes more.
pub fn tested_binary() -> Result<PathBuf> {
    if let Some(built) = std::env::var_os("OUTCRY_BINARY") {
        return Ok(PathBuf::from(built));
    }
    // As in the tests, so that nothing is built again.
    run("cargo", &["build", "--workspace", "--bins"])?;
    Ok(target().join("debug/outcry"))
}

/// The same after the tests have run: those that drive the program have just built it, with the
/// libraries as they need them. To build it without them would take minutes.
pub fn binary_of_tests() -> Result<PathBuf> {
    let built = target().join("debug/outcry");
    let is_there = std::env::var_os("OUTCRY_BINARY").is_none() && built.is_file();
    if is_there { Ok(built) } else { tested_binary() }
}

/// A started program that ends with its owner.
pub struct Started(pub Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// A UDP port on loopback that was free a moment ago.
pub fn free_udp_port() -> Result<u16> {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").context("no free port")?;
    Ok(socket.local_addr()?.port())
}

/// Waits until something answers on a loopback port.
pub fn wait_for(port: u16) -> Result<()> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::time::Instant::now() < until {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    bail!("nothing answers on port {port} after 30 s")
}
