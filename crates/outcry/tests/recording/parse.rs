//! Reading what `strace -f -y -xx` wrote: one call a line, or its beginning and its end on two.
//!
//! # References
//!
//! strace(1), <https://man7.org/linux/man-pages/man1/strace.1.html>.

use std::collections::BTreeMap;
use std::path::Path;

use super::Step;

/// Calls that change what is on disk, make it last, or tell somebody.
pub const CALLS: &str = "write,pwrite64,writev,pwritev,sendto,sendmsg,openat,open,creat,fsync,\
                         fdatasync,ftruncate,truncate,rename,renameat,renameat2,unlink,unlinkat,\
                         link,linkat,copy_file_range,sendfile,fallocate,sync_file_range";
/// Bytes of one write that are recorded; longer ones are a mistake of the recording.
pub const BYTES_MAX: usize = 8 << 20;

/// The steps of a recording that are about what is below `root`.
///
/// # Panics
///
/// On a call that is not understood: a recording that leaves something out proves nothing.
pub fn steps(trace: &str, root: &Path) -> Vec<Step> {
    let mut reader = Reader { root: root.to_str().expect("plain"), steps: Vec::new() };
    let mut begun: BTreeMap<u32, &str> = BTreeMap::new();
    for line in trace.lines() {
        let (thread, rest) = line.split_once(' ').expect("a thread and a call");
        let (thread, rest) = (thread.parse().expect("a number"), rest.trim_start());
        if rest.starts_with("---") || rest.starts_with("+++") {
            continue;
        }
        if let Some(call) = rest.strip_suffix(" <unfinished ...>") {
            reader.begin(thread, call);
            begun.insert(thread, call);
        } else if let Some((_, end)) = rest.split_once(" resumed>") {
            let call = begun.remove(&thread).expect("what ends has begun");
            reader.end(thread, &format!("{call}{end}"));
        } else {
            reader.begin(thread, rest.rsplit_once(" = ").map_or(rest, |(call, _)| call));
            reader.end(thread, rest);
        }
    }
    reader.steps
}

struct Reader<'a> {
    root: &'a str,
    steps: Vec<Step>,
}

impl Reader<'_> {
    /// What may happen from the beginning of a call on.
    fn begin(&mut self, thread: u32, call: &str) {
        let (name, arguments) = call.split_once('(').expect("arguments");
        match name {
            "write" | "pwrite64" | "writev" | "sendto" | "sendmsg" => self.write(name, arguments),
            "fsync" | "fdatasync" => {
                if let Some(path) = self.below(&path_of(arguments)) {
                    self.steps.push(Step::SyncBegins(thread, path));
                }
            }
            _ => {}
        }
    }

    /// What has happened when a call ends.
    fn end(&mut self, thread: u32, call: &str) {
        let (name, rest) = call.split_once('(').expect("arguments");
        let Some((arguments, result)) = rest.rsplit_once(" = ") else {
            // The thread ended with the program in the middle of it.
            return;
        };
        if result.starts_with('-') || result.starts_with('?') {
            return;
        }
        let strings = strings(arguments);
        let base = path_of(arguments);
        let at = |index: usize| self.below(&join(&base, &text(&strings[index])));
        match name {
            "fsync" | "fdatasync" => self.steps.push(Step::SyncEnds(thread)),
            "openat" => {
                let Some(path) = at(0) else { return };
                if arguments.contains("O_CREAT") {
                    self.steps.push(Step::Create(path.clone()));
                }
                if arguments.contains("O_TRUNC") {
                    self.steps.push(Step::Truncate(path, 0));
                }
            }
            "rename" | "renameat" | "renameat2" => {
                if let (Some(from), Some(to)) = (at(0), at(1)) {
                    self.steps.push(Step::Rename(from, to));
                }
            }
            "unlink" | "unlinkat" if !arguments.contains("AT_REMOVEDIR") => {
                if let Some(path) = at(0) {
                    self.steps.push(Step::Remove(path));
                }
            }
            "ftruncate" => {
                if let Some(path) = self.below(&base) {
                    self.steps.push(Step::Truncate(path, last_number(arguments)));
                }
            }
            "write" | "pwrite64" | "writev" | "sendto" | "sendmsg" => {
                if self.below(&base).is_some() {
                    let wanted: usize = strings.iter().map(Vec::len).sum();
                    let done = result.split(' ').next().and_then(|done| done.parse().ok());
                    assert_eq!(done, Some(wanted), "a write is whole: {name}");
                }
            }
            _ => {
                let touched = strings.iter().any(|path| self.below(&text(path)).is_some());
                let memory = base.ends_with("-shm");
                assert!(
                    memory || (self.below(&base).is_none() && !touched),
                    "a call that is not modelled: {name}({arguments})"
                );
            }
        }
    }

    fn write(&mut self, name: &str, arguments: &str) {
        let target = path_of(arguments);
        let bytes = || strings(arguments).concat();
        if let Some(path) = self.below(&target) {
            assert!(!arguments.contains("\"..."), "a write is recorded whole");
            let at = (name == "pwrite64").then(|| last_number(arguments));
            assert!(matches!(name, "write" | "pwrite64"), "{name} into {path}");
            self.steps.push(Step::Write(path, at, bytes()));
        } else if target.starts_with("socket:") {
            let bytes = bytes();
            let words = String::from_utf8_lossy(&bytes);
            if words.starts_with("HTTP/1.1 202") {
                let id = words.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
                let id = id.expect("an answer names the report").to_owned();
                self.steps.push(Step::Acknowledged(id));
            }
        } else if arguments.starts_with("1<") {
            let line = String::from_utf8_lossy(&bytes()).trim().to_owned();
            self.steps.push(Step::Said(line));
        }
    }

    /// A path relative to the root, if it is below it.
    fn below(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(self.root)?;
        Some(rest.strip_prefix('/')?.to_owned())
    }
}

/// The path of the file descriptor that a call is about: `5<\x2f…>`.
fn path_of(arguments: &str) -> String {
    let first = arguments.split(", ").next().unwrap_or_default();
    let Some((_, rest)) = first.split_once('<') else { return String::new() };
    text(&bytes_of(rest.split('>').next().unwrap_or_default()))
}

fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") }
}

/// Everything between quotes.
fn strings(arguments: &str) -> Vec<Vec<u8>> {
    arguments.split('"').skip(1).step_by(2).map(bytes_of).collect()
}

/// `\x41\x42` is "AB".
fn bytes_of(escaped: &str) -> Vec<u8> {
    let digits = escaped.split("\\x").skip(1);
    digits.map(|two| u8::from_str_radix(&two[..2], 16).expect("two digits")).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The last argument, which is a number.
fn last_number(arguments: &str) -> u64 {
    let last = arguments.rsplit(", ").next().unwrap_or_default();
    last.trim_end_matches([')', ' ']).parse().expect("a number")
}
