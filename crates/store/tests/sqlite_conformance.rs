//! SQLite passes the suite that every store passes.

use outcry_store::Store;
use outcry_store::conformance;
use outcry_store::sqlite::SqliteStore;

#[test]
fn sqlite_answers_as_the_model_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcry.db");
    conformance::run(&mut || -> Box<dyn Store> { Box::new(SqliteStore::open(&path).unwrap()) });
    assert_eq!(SqliteStore::open_reader(&path).unwrap().integrity().unwrap(), [""; 0]);
}
