//! Tables out of one installation and into another, with the real program: what left comes in
//! again, in every format, and nothing comes in twice.

mod house;

use std::fs;
use std::path::Path;

use outcry_core::incident::Incident;
use outcry_core::incident::IncidentId;
use outcry_core::incident::Opening;
use outcry_core::incident::Scope;
use outcry_core::incident::Severity;
use outcry_core::incident::Surge;
use outcry_core::series::Slice;
use outcry_core::time::HOUR_MS;
use outcry_core::time::UnixMillis;
use outcry_store::Store;
use outcry_store::record::Batch;
use outcry_store::sqlite::SqliteStore;

use house::House;
use house::Server;

const FORMATS: [&str; 3] = ["csv", "jsonl", "parquet"];
/// What a spreadsheet would take for a formula, or for the end of a cell before one.
const FORMULAS: [&str; 6] = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"];

/// Reports as lines of signals: 12 from Britain, 3 from Liechtenstein, with odd texts.
fn signals() -> String {
    signals_of(|i| FORMULAS[i % FORMULAS.len()])
}

fn signals_of(source: impl Fn(usize) -> &'static str) -> String {
    let mut lines = String::new();
    for i in 0..15_usize {
        let country = if i < 12 { "GB" } else { "LI" };
        let text = serde_json::to_string(FORMULAS[i % FORMULAS.len()]).expect("a text");
        let source = serde_json::to_string(source(i)).expect("a text");
        lines.push_str(&format!(
            "{{\"v\":1,\"type\":\"report\",\"at\":\"2025-03-10T09:{:02}:01.5Z\",\"service\":\"x\",\
             \"component\":{text},\"country\":\"{country}\",\"asn\":2856,\"source\":{source},\
             \"licence\":\"CC0-1.0\",\"synthetic\":{},\"comment\":\"private words\",\
             \"reporter\":\"5f0c9a7be2d41386\"}}\n",
            40 + i,
            i % 2 == 0,
        ));
    }
    lines
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

/// Exports a table of `from` in each format, imports it into a fresh folder twice, and compares.
fn goes_round(from: &House, table: &str, options: &[&str]) {
    let export =
        |house: &House| house.done(&[&["export", table, "--format", "csv"], options].concat());
    let before = export(from);
    assert!(before.lines().count() > 1, "{table}: {before}");
    for format in FORMATS {
        let to = House::new();
        let file = to.path(&format!("{table}.{format}"));
        from.done(&[&["export", table, "--out", text(&file)], options].concat());
        let first = to.done(&["import", table, text(&file)]);
        assert!(!first.starts_with("imported 0 "), "{format}: {first}");
        assert_eq!(export(&to), before, "{table} as {format}");
        if table == "series" {
            let error = to.refused(&["import", table, text(&file)]);
            assert!(error.contains("no minute is counted twice"), "{error}");
        } else {
            let again = to.done(&["import", table, text(&file)]);
            assert!(again.starts_with("imported 0 "), "{format}: {again}");
        }
        assert_eq!(export(&to), before, "{table} as {format}, twice");
    }
}

#[test]
fn reports_leave_and_come_in_again() {
    let house = House::new();
    let file = house.file("signals.jsonl", &signals());
    assert_eq!(
        house.done(&["import", "reports", text(&file)]),
        "imported 15 reports; 0 were there already\n"
    );
    let csv = house.done(&["export", "reports", "--format", "csv"]);
    assert!(!csv.contains("private words") && !csv.contains("5f0c9a7be2d41386"), "{csv}");
    assert_eq!(csv.matches(",GB,").count(), 12, "{csv}");
    assert!(!csv.contains(",LI,"), "a place with few reports is not told apart: {csv}");
    assert_eq!(csv.matches(",CC0-1.0,true").count(), 8, "{csv}");
    goes_round(&house, "reports", &[]);
    let some = house.done(&["export", "reports", "--format", "csv", "--source", "=1+1"]);
    assert_eq!(some.matches("2025-03-10T09:").count(), 3, "one source: {some}");
    let none = house.done(&["export", "reports", "--format", "csv", "--licence", ""]);
    assert_eq!(none.lines().count(), 1, "nothing of our own: {none}");
    let series = house.done(&["export", "series", "x", "--step", "day"]);
    assert!(series.contains("x,all,day,2025-03-10T00:00:00Z,15,15,"), "{series}");
    assert!(series.trim_end().ends_with(",CC0-1.0,true"), "what is synthetic says so: {series}");
}

/// The cells of a CSV text, without their quotes.
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for sign in csv.chars() {
        match sign {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    cells
}

#[test]
fn no_cell_of_a_csv_begins_a_formula() {
    let house = House::new();
    let file = house.file("signals.jsonl", &signals());
    house.done(&["import", "reports", text(&file)]);
    for words in [
        &["export", "reports", "--format", "csv"][..],
        &["export", "series", "--dimension", "every"],
    ] {
        let csv = house.done(words);
        let cells = cells(&csv);
        assert!(cells.iter().any(|cell| cell.contains("=1+1")), "the formula is there: {csv}");
        for cell in cells {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} in {csv}");
        }
    }
}

#[test]
fn a_bad_row_is_named_by_file_and_line_and_nothing_is_written() {
    let house = House::new();
    let head = "at,service,country,source\n";
    let rows = "2025-03-10T09:46:01Z,x,GB,form\n2025-03-10T09:46:01Z,nobody-knows-it,GB,form\n\
                2025-03-10T09:46:01Z,x,Britain,form\nlately,x,GB,form\n\
                2925-03-10T09:46:01Z,x,GB,form\n";
    let file = house.file("reports.csv", &format!("{head}{rows}"));
    let error = house.refused(&["import", "reports", text(&file)]);
    for line in 3..=6 {
        assert!(error.contains(&format!("reports.csv, line {line}")), "{line}: {error}");
    }
    assert!(!error.contains("line 2"), "{error}");
    assert_eq!(house.done(&["export", "reports", "--format", "csv"]).lines().count(), 1);
    let output = house.run(&["import", "reports", text(&file), "--skip-bad"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("rows that were left out: 4"));
    assert_eq!(house.done(&["export", "reports", "--format", "csv"]).lines().count(), 2);

    let file = house.file("signals.jsonl", "{\"v\":1,\"type\":\"report\"}\n\nnothing\n");
    let error = house.refused(&["import", "reports", text(&file)]);
    assert!(error.contains("signals.jsonl, line 1") && error.contains("line 3"), "{error}");
    let head = "service,dimension,step,at,received,counted\n";
    let rows = "x,all,hour,2025-03-10T09:00:00Z,5,6\nx,all,hour,2025-03-10T09:30:00Z,5,5\n";
    let file = house.file("series.csv", &format!("{head}{rows}"));
    let error = house.refused(&["import", "series", text(&file)]);
    assert!(error.contains("series.csv, line 2") && error.contains("line 3"), "{error}");
    let file = house.file("incidents.jsonl", "{\"type\":\"incident\"}\n");
    let error = house.refused(&["import", "incidents", text(&file)]);
    assert!(error.contains("incidents.jsonl, line 1"), "{error}");
}

/// Hours of X that end a week before now, as a table of series.
fn past_of_x(days: i64) -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    let first = (now.div_euclid(24 * HOUR_MS) - 7 - days) * 24 * HOUR_MS;
    let mut csv = "service,dimension,step,at,received,counted,source,licence\n".to_owned();
    for hour in 0..days * 24 {
        let at = UnixMillis(first + hour * HOUR_MS);
        let of =
            |dimension: &str, n: i64| format!("x,{dimension},hour,{at},{n},{n},there,CC-BY-4.0\n");
        csv.push_str(&of("all", 60 + hour % 7));
        csv.push_str(&of("country:GB", 20));
        csv.push_str(&of("country:unknown", 40 + hour % 7));
    }
    csv
}

#[test]
fn series_leave_and_come_in_again_in_every_step() {
    let house = House::new();
    let file = house.file("past.csv", &past_of_x(60));
    let said = house.done(&["import", "series", text(&file)]);
    assert!(said.contains("no rows by problem for x:"), "what is not known is said: {said}");
    assert!(!said.contains("no rows by country"), "{said}");
    goes_round(&house, "series", &["x", "--step", "hour", "--dimension", "every"]);
    goes_round(&house, "series", &["x", "--step", "day", "--dimension", "every"]);
    let minutes = House::new();
    let file = minutes.file("signals.jsonl", &signals_of(|_| "there"));
    minutes.done(&["import", "reports", text(&file)]);
    goes_round(&minutes, "series", &["--step", "minute", "--dimension", "every"]);
    let error = minutes.refused(&["import", "series", text(&house.path("past.csv")), text(&file)]);
    assert!(error.contains("signals.jsonl, line 1"), "{error}");
}

/// One incident as if it had happened here.
fn incident() -> Incident {
    let at = |text: &str| UnixMillis::parse(text).expect("a time");
    let opening = Opening {
        count: 42,
        usual: 1.5,
        doubt: 0.5,
        e_value: 2e6,
        threshold: 1e6,
        reporters: 40,
        networks: 9,
        prefixes: 38,
        slice: Slice::All,
    };
    let surge = Surge {
        opened_at: at("2025-03-10T09:45:00Z"),
        peak_at: at("2025-03-10T10:00:00Z"),
        closed_at: Some(at("2025-03-10T11:00:00Z")),
        ending: None,
        peak: 300,
        usual: 1.5,
        counted: 1_200,
        excess: 1_190.5,
        opening,
    };
    Incident {
        id: IncidentId("x-2025-03-10-1".into()),
        service: "x".into(),
        severity: Severity::Danger,
        opened_at: surge.opened_at,
        closed_at: surge.closed_at,
        surges: vec![surge],
        outages: vec![],
        components: Vec::new(),
        problems: Vec::new(),
        places: Vec::new(),
        scope: Scope::Everywhere,
        peers: outcry_core::detect::together::Peers::default(),
        reports_counted: 1_200,
        reports_received: 1_500,
        reconstruction: true,
        revision: 3,
    }
}

#[test]
fn incidents_leave_and_come_in_again_whole_and_flat() {
    let house = House::new();
    let file = house.file("signals.jsonl", &signals());
    house.done(&["import", "reports", text(&file)]);
    let mut store = SqliteStore::open(&house.path("data/outcry.sqlite")).expect("it opens");
    let seq = store.offset().expect("readable");
    let batch =
        Batch { from_seq: seq, to_seq: seq, incidents: vec![incident()], ..Batch::default() };
    store.apply(&batch).expect("stored");
    goes_round(&house, "incidents", &["--flat"]);

    let whole = house.done(&["export", "incidents"]);
    assert!(whole.starts_with("{\"type\":\"incident\",\"id\":\"x-2025-03-10-1\""), "{whole}");
    let end = "\"source\":\"this installation\",\"licence\":null}\n";
    assert!(whole.ends_with(end), "{whole}");
    let other = House::new();
    let file = other.file("incidents.jsonl", &whole);
    other.done(&["import", "incidents", text(&file)]);
    assert_eq!(other.done(&["export", "incidents"]), whole);
    let flat = ["export", "incidents", "--format", "csv"];
    assert_eq!(other.done(&flat), house.done(&flat));
}

/// A server that was started; killed when dropped.
#[test]
fn an_export_works_beside_a_server_and_an_import_is_refused() {
    let house = House::new();
    let server = Server::start(&house);
    let body = r#"{"service":"x","problem":"not_loading"}"#;
    let answer = server.ask(&format!(
        "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let csv = house.done(&["export", "reports", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.contains(",x,,not_loading,false,"), "{csv}");
    let file = house.file("signals.jsonl", &signals());
    let error = house.refused(&["import", "reports", text(&file)]);
    assert!(error.contains("stop it first"), "{error}");
}

#[test]
fn a_new_installation_knows_what_is_usual_once_series_were_imported() {
    let usual = |house: &House| {
        let server = Server::start(house);
        let path = "/api/v1/services/x";
        let answer =
            server.ask(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
        json["usual_15min"].as_f64()
    };
    let house = House::new();
    assert_eq!(usual(&house), None, "nothing is known on the first day");
    let house = House::new();
    let file = house.file("past.csv", &past_of_x(60));
    house.done(&["import", "series", text(&file)]);
    let known = usual(&house).expect("known");
    assert!((10.0..25.0).contains(&known), "63 an hour are usual: {known}");
    // Carried over without the saved engine, it is learnt again from what was imported.
    let other = House::new();
    fs::create_dir(other.path("data")).expect("writable");
    let mut store = SqliteStore::open(&other.path("data/outcry.sqlite")).expect("it opens");
    let now = UnixMillis(jiff::Timestamp::now().as_millisecond()).minute();
    store.carry_from(&house.path("data/outcry.sqlite"), now).expect("carried");
    assert_eq!(store.checkpoint().expect("readable"), None);
    let again = usual(&other).expect("known");
    assert!((known - again).abs() < 0.5, "{known} and {again}");
}
