//! A real server of our own on loopback, with a configuration and a data folder of its own.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;
use serde_json::Value;

use xtask::run;
use xtask::run::Started;

/// Lines of output that are read in search of the address.
const LINES_MAX: usize = 1_000;
/// A request must be answered within this.
const ANSWER: Duration = Duration::from_secs(10);
/// The unit of times in /proc, the same on every Linux of today.
const CLOCK_TICKS_PER_S: f64 = 100.0;
/// The story of the demo must stand within this.
const STORY: Duration = Duration::from_secs(120);

/// A running server; it ends with this value.
pub struct Server {
    started: Mutex<Started>,
    pid: u32,
    /// The port on 127.0.0.1.
    pub port: u16,
}

/// One answer.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Status line and headers, as they came.
    pub head: String,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Server {
    /// Starts `outcry serve` with `http` added to the section of that name in its configuration.
    pub fn start(name: &str, http: &str) -> Result<Self> {
        Self::start_with(name, http, "", None)
    }

    /// The same with further sections, and on one processor core where `core` is given.
    pub fn start_with(name: &str, http: &str, more: &str, core: Option<usize>) -> Result<Self> {
        // Nothing outside of this machine is looked at by a bench.
        Self::start_as(name, "[probes]\nenabled = false\n", http, more, core)
    }

    /// The same, with the section of probes.
    pub fn start_as(
        name: &str,
        probes: &str,
        http: &str,
        more: &str,
        core: Option<usize>,
    ) -> Result<Self> {
        let binary = run::release_binary()?;
        let folder = run::target().join("bench").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("cannot clear the data of the last run")?;
        }
        std::fs::create_dir_all(&folder).context("cannot make the data folder")?;
        let config = folder.join("outcry.toml");
        let data = folder.join("data");
        let text = format!(
            "[notices]\nnotices_interval_s = 0\n{probes}[http]\nlisten = \"127.0.0.1:0\"\n{http}\n\
             [store]\ndir = {data:?}\n{more}\n"
        );
        std::fs::write(&config, text).context("cannot write the configuration")?;
        let mut command = pinned(&binary, core);
        command.arg("serve").arg("--config").arg(&config);
        Self::launch(command, folder.join("stderr.txt"))
    }

    /// Memory in use, mebibytes.
    pub fn rss_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kib.context("the system does not say how much memory is in use")? / 1_024.0)
    }

    /// Starts the demo, told at its own pace from a time such as `2025-03-10T14:05:00Z`.
    pub fn demo(name: &str, start: &str) -> Result<Self> {
        Self::demo_with(name, start, &[])
    }

    /// The same with further words on its command line.
    pub fn demo_with(name: &str, start: &str, more: &[&str]) -> Result<Self> {
        let binary = run::release_binary()?;
        let folder = run::target().join("bench").join(name);
        std::fs::create_dir_all(&folder).context("cannot make the folder of the log")?;
        let address = format!("127.0.0.1:{}", run::free_port()?);
        let mut command = Command::new(binary);
        command.args(["demo", "--listen", &address, "--start", start, "--speed", "1"]).args(more);
        let server = Self::launch(command, folder.join("stderr.txt"))?;
        let began = Instant::now();
        while began.elapsed() < STORY {
            let page = server.get("/s/x", "")?;
            if String::from_utf8_lossy(&page.body).contains("econd surge") {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        bail!("the story did not come to its second surge within {} s", STORY.as_secs())
    }

    fn launch(mut command: Command, errors: PathBuf) -> Result<Self> {
        let stderr = std::fs::File::create(&errors).context("cannot write the log")?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn();
        let mut started = Started(child.context("cannot start the server")?);
        let stdout = started.0.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref().take(LINES_MAX).map_while(Result::ok) {
            let port = line.split("http://127.0.0.1:").nth(1).map(|rest| {
                rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u16>()
            });
            if let Some(Ok(port)) = port {
                std::thread::spawn(move || lines.for_each(drop));
                run::wait_for(port)?;
                let pid = started.0.id();
                return Ok(Self { started: Mutex::new(started), pid, port });
            }
        }
        bail!("the server said no address; see {}", errors.display());
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Fails when the server has ended, and says how.
    pub fn must_run(&self) -> Result<()> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        match started.0.try_wait().context("cannot look after the server")? {
            Some(status) => bail!("the server ended by itself: {status}"),
            None => Ok(()),
        }
    }

    /// Processor time spent so far by all threads, seconds.
    pub fn cpu_s(&self) -> Result<f64> {
        let path = format!("/proc/{}/stat", self.pid());
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        // After the name, which may hold anything but a last parenthesis.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).with_context(|| format!("odd {path}"))?;
        Ok((user + system) / CLOCK_TICKS_PER_S)
    }

    /// Asks for a path with further header lines, each ended with `\r\n`; what is kept in memory
    /// comes with its length.
    pub fn get(&self, path: &str, headers: &str) -> Result<Answer> {
        let answer = get(self.port, path, headers)?;
        if answer.header("transfer-encoding").is_some() {
            bail!("{path} came in chunks: what is kept in memory has a length");
        }
        Ok(answer)
    }

    /// Asks for a path and reads the answer as JSON.
    pub fn json(&self, path: &str) -> Result<Value> {
        let answer = self.get(path, "")?;
        if answer.status != 200 {
            bail!("{path} answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{path} is not JSON"))
    }

    /// Sends JSON with further header lines, each ended with `\r\n`.
    pub fn post_json(&self, path: &str, headers: &str, body: &str) -> Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        exchange(self.port, path, &head)
    }
}

/// Asks whatever listens on a port of loopback; what comes in chunks is given as it came.
pub fn get(port: u16, path: &str, headers: &str) -> Result<Answer> {
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    exchange(port, path, &head)
}

fn exchange(port: u16, path: &str, request: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("nothing listens")?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).with_context(|| format!("no answer to {path}"))?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("no HTTP answer")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok());
    let body = bytes[end + 4..].to_vec();
    Ok(Answer { status: status.context("no status code")?, head, body })
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Names and values of all headers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.lines().skip(1);
        lines.filter_map(|line| line.split_once(':')).map(|(key, value)| (key, value.trim()))
    }
}

/// A program, kept on one processor core where there is one to keep it on.
pub fn pinned(program: &std::path::Path, core: Option<usize>) -> Command {
    match core {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(program);
            command
        }
        None => Command::new(program),
    }
}
