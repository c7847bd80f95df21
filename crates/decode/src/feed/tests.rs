//! Notices of real providers, where the data is at hand, and of every form in small.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use super::*;

fn shared(name: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/feeds/status");
    let Ok(bytes) = std::fs::read(root.join(name)) else {
        println!("{name} is absent here: not tested");
        return None;
    };
    if !name.ends_with(".gz") {
        return Some(bytes);
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).expect("gzip");
    Some(unpacked)
}

fn one(text: &str) -> Snapshot {
    let mut all = snapshots(text.as_bytes());
    assert_eq!(all.len(), 1, "{text}");
    all.pop().unwrap()
}

#[test]
fn what_cannot_be_read_says_so_and_is_never_operational() {
    let cases = [
        ("", "empty"),
        ("<!DOCTYPE html><html><body>All systems operational</body></html>", "a web page"),
        ("{\"page\": {\"id\": \"x\"}, \"comp", "not JSON"),
        ("{\"message\":\"API rate limit exceeded\"}", "no known form"),
        ("[]", "no known form"),
        ("\"operational\"", "no known form"),
        ("upstream connect error", "not JSON"),
        ("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><rss/>", "entities"),
    ];
    for (text, reason) in cases {
        let snapshot = one(text);
        let said = snapshot.unreadable.expect(text);
        assert!(said.contains(reason), "{text}: {said}");
        assert_eq!((snapshot.overall, snapshot.notices.len()), (None, 0), "{text}");
    }
}

#[test]
fn every_form_is_told_by_its_marks() {
    let statuspage = r#"{"page":{"id":"a"},"status":{"indicator":"maintenance"},
        "components":[{"name":"API","status":"partial_outage"},
            {"name":"Web","status":"operational"}],
        "incidents":[{"id":"i1","name":"Errors","status":"identified","impact":"major",
            "created_at":"2024-01-01T10:00:00Z","event_updates":[
            {"status":"identified","body":"<b>Found</b> it","created_at":"2024-01-01T10:05:00Z"}]}],
        "scheduled_maintenances":[{"id":"m1","name":"Work","status":"in_progress",
            "scheduled_for":"2024-01-02T00:00:00Z"}]}"#;
    let snapshot = one(statuspage);
    assert_eq!(snapshot.format, Some(Format::Statuspage));
    assert_eq!(snapshot.overall, Some(Impact::Maintenance));
    assert_eq!(snapshot.components.len(), 1);
    let notice = &snapshot.notices[0];
    assert_eq!((notice.state, notice.impact), (State::Identified, Impact::Major));
    assert_eq!(notice.updates[0].text, "Found it");
    let planned = &snapshot.notices[1];
    assert_eq!((planned.state, planned.impact), (State::InProgress, Impact::Maintenance));

    let instatus = r#"{"status":"HASISSUES","activeIncidents":[
        {"name":"API","status":"INVESTIGATING",
        "started":"Sat Jun 11 2022 18:55:50 GMT+0000 (Coordinated Universal Time)",
        "impact":"MAJOROUTAGE","url":"u"}]}"#;
    let snapshot = one(instatus);
    assert_eq!(snapshot.format, Some(Format::Instatus));
    assert_eq!(snapshot.notices[0].impact, Impact::Critical);
    assert_eq!(snapshot.notices[0].started_at, Some(1_654_973_750_000));

    let betterstack = r#"{"data":{"id":"1","type":"status_page","attributes":{
        "aggregate_state":"downtime"}},"included":[
        {"id":"7","type":"status_report","attributes":{"title":"Down","aggregate_state":"downtime",
            "report_type":"manual","starts_at":"2025-01-01T00:00:00Z","ends_at":null}},
        {"id":"8","type":"status_update","attributes":{"message":"We are investigating.",
            "published_at":"2025-01-01T00:05:00Z","status_report_id":7}}]}"#;
    let snapshot = one(betterstack);
    assert_eq!(snapshot.format, Some(Format::BetterStack));
    assert_eq!(snapshot.overall, Some(Impact::Critical));
    assert_eq!(snapshot.notices[0].updates[0].state, State::Investigating);

    let atom = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>a</id>
        <title>Status</title><updated>2024-01-01T00:00:00Z</updated><entry><id>e1</id>
        <title>Elevated errors</title><published>2024-01-01T00:00:00Z</published>
        <updated>2024-01-01T01:00:00Z</updated><content type="html">&lt;p&gt;&lt;strong&gt;Resolved
        &lt;/strong&gt; - Over.&lt;/p&gt;&lt;p&gt;&lt;strong&gt;Investigating
        &lt;/strong&gt; - We look.&lt;/p&gt;</content></entry></feed>"#;
    let snapshot = one(atom);
    assert_eq!(snapshot.format, Some(Format::Atom), "{snapshot:?}");
    assert_eq!(snapshot.notices[0].state, State::Resolved);
    assert_eq!(snapshot.notices[0].updates.len(), 2);
}

#[test]
fn a_line_is_a_snapshot_and_a_broken_line_is_unreadable() {
    let first = concat!(
        r#"{"fetched_at":"2024-01-01T00:00:00Z","summary":{"page":{},"#,
        r#""components":[],"status":{"indicator":"none"}}}"#,
    );
    let second = r#"{"fetched_at":"2024-01-01T00:01:00Z","summary":"<html>"}"#;
    let text = format!("{first}\n\n{second}\n<html>busy</html>\n{{\"cut");
    let all = snapshots(text.as_bytes());
    let readable: Vec<bool> = all.iter().map(Snapshot::readable).collect();
    assert_eq!(readable, [true, false, false, false]);
    assert_eq!(all[0].fetched_at, Some(1_704_067_200_000));
    assert_eq!(all[0].overall, Some(Impact::None));
}

#[test]
fn real_snapshots_are_read_whole() {
    let cases = [
        ("statuspage_v2_github/window400.jsonl.gz", Format::Statuspage, 400),
        ("statuspage_v2_github/incidents.jsonl.gz", Format::Statuspage, 450),
        ("slack_v2_current/snapshots.jsonl.gz", Format::Slack, 876),
        ("aws_legacy_data_json/2020-11-25.jsonl.gz", Format::Aws, 56),
        ("aws_legacy_data_json/full_2020-11-25.json.gz", Format::Aws, 1),
        ("gcp_incidents/incidents_2022-07.first100.json.gz", Format::Gcp, 1),
        ("betterstack/index_docs.json", Format::BetterStack, 1),
        ("instatus/summary_docs.json", Format::Instatus, 1),
        ("statuspage_v2_github/maintenance.json", Format::Statuspage, 1),
    ];
    for (name, format, count) in cases {
        let Some(bytes) = shared(name) else { continue };
        let all = snapshots(&bytes);
        assert_eq!(all.len(), count, "{name}");
        let mut states = BTreeMap::new();
        for snapshot in &all {
            assert_eq!(snapshot.unreadable, None, "{name}");
            assert_eq!(snapshot.format, Some(format), "{name}");
            assert_eq!(snapshot.faults, Vec::<String>::new(), "{name}");
            for notice in &snapshot.notices {
                assert!(!notice.id.is_empty() && !notice.title.is_empty(), "{name}: {notice:?}");
                assert!(notice.started_at.is_some(), "{name}: {notice:?}");
                *states.entry(notice.state).or_insert(0) += 1;
            }
        }
        assert_eq!(states.get(&State::Unknown), None, "{name}: {states:?}");
    }
}

#[test]
fn damaged_documents_are_read_without_an_end_of_the_program() {
    let samples = [
        "statuspage_v2_github/maintenance.json",
        "instatus/summary_docs.json",
        "betterstack/index_docs.json",
    ];
    let mut state = 11_u64;
    for bytes in samples.into_iter().filter_map(shared) {
        for _ in 0..200 {
            let mut damaged = bytes.clone();
            for _ in 0..6 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (state >> 33) as usize % damaged.len();
                damaged[at] = (state >> 21) as u8;
            }
            assert!(!snapshots(&damaged).is_empty());
        }
    }
}
