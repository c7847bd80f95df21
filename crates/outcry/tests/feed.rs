//! `outcry feed` and `outcry route` as programs: what goes in, what comes out, what is refused.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::process::Output;

fn outcry(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_outcry")).args(arguments).output().expect("it runs")
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn snapshots_a_line_come_out_a_line_each_packed_or_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        "{\"page\":{},\"components\":[],\"status\":{\"indicator\":\"none\"}}\n<html>no</html>\n";
    let plain = folder.path().join("a.jsonl");
    fs::write(&plain, text).expect("written");
    let packed = folder.path().join("b.bin");
    let file = fs::File::create(&packed).expect("made");
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("packed");
    packer.finish().expect("packed");
    for file in [&plain, &packed] {
        let output = outcry(&["feed", "--json", file.to_str().expect("a name")]);
        assert!(output.status.success(), "{output:?}");
        let lines = lines(&output);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["overall"], "none");
        assert_eq!(lines[1]["readable"], false);
        assert_eq!(lines[1]["overall"], serde_json::Value::Null);
    }
}

#[test]
fn what_is_no_file_and_no_route_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    fs::write(&file, "<html>not routes</html>").expect("written");
    let name = file.to_str().expect("a name");
    for arguments in [&["route", name][..], &["route", "/nowhere"], &["feed", "/nowhere"]] {
        let output = outcry(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    // Loopback is nobody's notice page: the filter stands before it.
    let output = outcry(&["feed", "http://127.0.0.1:9/"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}
