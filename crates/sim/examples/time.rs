//! timing
fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![];
    for e in std::fs::read_dir(root.join("catalog")).unwrap() { let p = e.unwrap().path(); files.push((p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap())); }
    files.sort();
    let t = std::time::Instant::now();
    let c = std::sync::Arc::new(outcry_wire::catalog::read(&files).unwrap());
    eprintln!("catalog {:?}", t.elapsed());
    let s = outcry_sim::scenario::Scenario::parse("x", &std::fs::read_to_string(root.join("scenarios/x-2025-03-10.toml")).unwrap()).unwrap();
    eprintln!("parse {:?}", t.elapsed());
    let h = s.history(s.seed, &c); eprintln!("history {} {:?}", h.len(), t.elapsed());
    let sig = s.signals(s.seed, &c); eprintln!("signals {} {:?}", sig.len(), t.elapsed());
    let mut e = outcry_core::engine::Engine::new(outcry_core::engine::EngineConfig{run_length_days:100.0}, c.clone());
    for x in h.clone() { e.handle(outcry_core::engine::Event::Past(x)); }
    eprintln!("learnt {:?}", t.elapsed());
    let o = outcry_sim::replay::run(c, h, sig, Some(s.until), None, 100.0);
    eprintln!("run {:?} {}", t.elapsed(), o.reports);
}
