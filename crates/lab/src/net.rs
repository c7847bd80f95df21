//! Namespaces: a small internet on one machine, and its end.
//!
//! A router stands in the middle. Every host is a network namespace with one cable to it and a /16
//! of its own, so that a region has a prefix that can be withdrawn and thousands of addresses for
//! people. Nothing touches the machine's own network: the cables are made inside.
//!
//! Names carry the number of the process that made them. Whatever a killed run left behind is
//! found by the next one, because that process is gone.
//!
//! # What it cannot tell
//!
//! How long real distances are: this kernel has no `netem`, so every cable is short.

use std::fs::File;
use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

/// What every name of ours begins with.
const PREFIX: &str = "outcry-lab-";
/// The host that joins all others.
const ROUTER: &str = "router";
/// How long a part may take until it answers.
const START_MAX: Duration = Duration::from_secs(10);
/// Between two looks whether it does.
const START_LOOK: Duration = Duration::from_millis(30);

/// A host: its name, and the second number of its prefix 10.K.0.0/16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// At most eight letters: the router's cable carries the name.
    pub name: &'static str,
    /// Its prefix is 10.K.0.0/16.
    pub k: u8,
}

impl Host {
    /// Its own address.
    pub const fn address(self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.k, 0, 1)
    }

    /// The address of a person behind it.
    pub const fn person(self, n: u16) -> Ipv4Addr {
        let [high, low] = n.to_be_bytes();
        Ipv4Addr::new(10, self.k, 64 + high % 64, low)
    }

    /// Its prefix, as routes are written.
    pub fn prefix(self) -> String {
        format!("10.{}.0.0/16", self.k)
    }
}

/// The way into the hosts of a run.
#[derive(Clone, Debug)]
pub struct Way {
    run: String,
}

impl Way {
    fn namespace(&self, host: &str) -> String {
        format!("{}{host}", self.run)
    }

    /// A command that will run inside a host and end with this thread.
    pub fn command(&self, host: &str, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.namespace(host)));
        command.args(["setpriv", "--pdeathsig", "KILL", program]).stdin(Stdio::null());
        command
    }

    /// Runs a program inside a host to its end.
    pub fn run_in(&self, host: &str, program: &str, arguments: &[&str]) -> Result<()> {
        let output = self.command(host, program).args(arguments).output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!("{program} {} in {host} failed: {said}", arguments.join(" "));
        }
        Ok(())
    }
}

/// Namespaces of one run, with all that was started in them. Gone when dropped.
#[derive(Debug)]
pub struct Net {
    /// The way into its hosts.
    pub way: Way,
    logs: PathBuf,
    children: Vec<(String, Child)>,
    made: Vec<String>,
}

impl Net {
    /// Makes all hosts and their cables; `run` is unique in this process.
    ///
    /// # Errors
    ///
    /// What is missing on a machine that cannot make namespaces, in words.
    pub fn make(run: &str, hosts: &[Host], logs: &Path) -> Result<Self> {
        let mut net = Self {
            way: Way { run: format!("{PREFIX}{}-{run}-", std::process::id()) },
            logs: logs.to_owned(),
            children: Vec::new(),
            made: Vec::new(),
        };
        let names: Vec<&str> =
            std::iter::once(ROUTER).chain(hosts.iter().map(|host| host.name)).collect();
        let mut batch = String::new();
        for name in names {
            let name = net.way.namespace(name);
            batch += &format!("netns add {name}\n");
            net.made.push(name);
        }
        ip(&[], &batch)?;
        let router = net.way.namespace(ROUTER);
        let mut batch = String::from("link set lo up\n");
        for host in hosts {
            let (name, k, far) = (host.name, host.k, net.way.namespace(host.name));
            batch += &format!(
                "link add to-{name} type veth peer name eth0 netns {far}\n\
                 addr add 10.{k}.255.254/16 dev to-{name}\nlink set to-{name} up\n"
            );
        }
        ip(&["-n", &router], &batch)?;
        for host in hosts {
            let (k, own) = (host.k, net.way.namespace(host.name));
            let batch = format!(
                "link set lo up\naddr add {}/16 dev eth0\nlink set eth0 up\n\
                 route add default via 10.{k}.255.254\nroute add local 10.{k}.64.0/18 dev lo\n",
                host.address()
            );
            ip(&["-n", &own], &batch)?;
        }
        net.way.run_in(ROUTER, "sysctl", &["-qw", "net.ipv4.ip_forward=1"])?;
        Ok(net)
    }

    /// Changes the router's routes, such as `["add", "blackhole", "10.21.0.0/16"]`.
    pub fn route(&self, arguments: &[&str]) -> Result<()> {
        let mut all = vec!["route"];
        all.extend(arguments);
        self.way.run_in(ROUTER, "ip", &all)
    }

    /// Cuts a host's cable, or joins it again.
    pub fn cable(&self, host: &str, state: &str) -> Result<()> {
        self.way.run_in(ROUTER, "ip", &["link", "set", &format!("to-{host}"), state])
    }

    /// Starts a program inside a host; what it says goes into a file of the run's folder.
    pub fn start(&mut self, name: &str, host: &str, program: &str, args: &[&str]) -> Result<()> {
        let log = File::create(self.logs.join(format!("{name}.log")))?;
        let child = self
            .way
            .command(host, program)
            .args(args)
            .stdout(log.try_clone()?)
            .stderr(log)
            // A group of its own, so that what it starts ends with it.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        self.children.push((name.to_owned(), child));
        Ok(())
    }

    /// Ends what was started under a name, at once and with all that it started.
    pub fn stop(&mut self, name: &str) {
        self.children.iter_mut().filter(|(of, _)| of == name).for_each(|(_, child)| end(child));
        self.children.retain(|(of, _)| of != name);
    }

    /// Waits until a port of a host answers.
    pub fn wait_for(&self, from: &str, address: Ipv4Addr, port: u16) -> Result<()> {
        let until = Instant::now() + START_MAX;
        let dial = format!("exec 3<>/dev/tcp/{address}/{port}");
        while Instant::now() < until {
            if self.way.run_in(from, "bash", &["-c", &dial]).is_ok() {
                return Ok(());
            }
            std::thread::sleep(START_LOOK);
        }
        bail!("nothing answers at {address}:{port}; see {}", self.logs.display())
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.children.iter_mut().for_each(|(_, child)| end(child));
        for name in &self.made {
            remove(name);
        }
    }
}

/// Ends a process and all of its group.
fn end(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// Runs a batch of `ip` commands.
fn ip(before: &[&str], batch: &str) -> Result<()> {
    let mut child = Command::new("ip")
        .args(before)
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("there is no `ip`: install iproute2")?;
    child.stdin.take().context("no pipe to ip")?.write_all(batch.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        bail!(
            "this machine cannot make network namespaces: {said}. The laboratory needs root (or \
             CAP_NET_ADMIN and CAP_SYS_ADMIN) and a kernel with veth"
        );
    }
    Ok(())
}

/// Ends what still runs in a namespace of ours, and removes it.
fn remove(name: &str) {
    let pids = Command::new("ip").args(["netns", "pids", name]).output();
    let pids = pids.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    for pid in pids.unwrap_or_default().split_whitespace() {
        let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
    }
    let _ = Command::new("ip").args(["netns", "del", name]).stderr(Stdio::null()).status();
}

/// Removes what runs left behind whose process is gone; tells how many namespaces.
pub fn clean() -> usize {
    let Ok(entries) = std::fs::read_dir("/run/netns") else { return 0 };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let left: Vec<String> = names
        .filter(|name| {
            let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
            rest.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
        })
        .collect();
    left.iter().for_each(|name| remove(name));
    left.len()
}
