//! The journal: the segment log as the server sees it.

use outcry_server::contract::Done;
use outcry_server::contract::Journal;
use outcry_server::contract::NotKept;
use outcry_store::log::Log;
use outcry_store::log::Refusal;
use outcry_store::log::Refused;

/// The segment log behind the front door.
pub struct LogJournal(pub Log);

impl Journal for LogJournal {
    fn append(&self, record: Vec<u8>, done: Done) -> Result<(), NotKept> {
        let tell = Box::new(move |fate: Result<u64, Refusal>| {
            done(fate.map(drop).map_err(|refusal| match refusal {
                Refusal::Full => NotKept::Full,
                Refusal::Broken(_) => NotKept::Closed,
            }));
        });
        self.0.append(record, tell).map_err(|refused| match refused {
            Refused::Full => NotKept::Busy,
            Refused::Broken(_) | Refused::Closed => NotKept::Closed,
        })
    }
}
