//! Following a notice page: from what stands there to what has changed.
//!
//! Pages list what is open. A notice that is no longer listed is taken as resolved, and the change
//! says that it was not said. A page that cannot be read changes nothing.
//!
//! # What it cannot tell
//!
//! What stood there between two looks.

use std::collections::BTreeMap;

use outcry_decode::feed::Impact;
use outcry_decode::feed::Notice;
use outcry_decode::feed::Snapshot;
use outcry_decode::feed::State;
use outcry_decode::feed::UnixMs;

/// Notices that are remembered of one page; the oldest ids go first.
pub const REMEMBERED_MAX: usize = 2_000;
/// The text of a notice that vanished.
pub const VANISHED: &str = "No longer listed by the provider.";

/// What was last seen on one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follow {
    seen: BTreeMap<String, Seen>,
    looked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    title: String,
    state: State,
    impact: Impact,
    text: String,
    starts: Option<UnixMs>,
    ends: Option<UnixMs>,
}

/// One change of one notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The provider's id of the notice.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The state it is in now.
    pub state: State,
    /// How bad, by the provider's word.
    pub impact: Impact,
    /// The newest words.
    pub text: String,
    /// When it began or is to begin, by the provider's word, milliseconds since 1970.
    pub starts: Option<UnixMs>,
    /// When it ended or is to end, by the provider's word.
    pub ends: Option<UnixMs>,
}

impl Follow {
    /// Takes what stands on the page now, and says what has changed since the last look.
    ///
    /// At the first look only what is open counts as a change: the rest is history.
    pub fn look(&mut self, snapshot: &Snapshot) -> Vec<Change> {
        if !snapshot.readable() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for notice in &snapshot.notices {
            let now = Seen::of(notice);
            let is_news = match self.seen.get(&notice.id) {
                Some(before) => *before != now,
                None => self.looked || !now.state.is_over(),
            };
            if is_news {
                changes.push(now.change(&notice.id));
            }
            self.seen.insert(notice.id.clone(), now);
        }
        self.close_vanished(snapshot, &mut changes);
        self.looked = true;
        while self.seen.len() > REMEMBERED_MAX {
            self.seen.pop_first();
        }
        changes
    }

    fn close_vanished(&mut self, snapshot: &Snapshot, changes: &mut Vec<Change>) {
        for (id, seen) in &mut self.seen {
            let listed = snapshot.notices.iter().any(|notice| notice.id == *id);
            if listed || seen.state.is_over() {
                continue;
            }
            seen.state = State::Resolved;
            seen.text = VANISHED.to_owned();
            changes.push(seen.change(id));
        }
    }
}

impl Seen {
    fn of(notice: &Notice) -> Self {
        Self {
            title: notice.title.clone(),
            state: notice.state,
            impact: notice.impact,
            text: notice.updates.first().map(|update| update.text.clone()).unwrap_or_default(),
            starts: notice.started_at,
            ends: notice.resolved_at,
        }
    }

    fn change(&self, id: &str) -> Change {
        Change {
            id: id.to_owned(),
            title: self.title.clone(),
            state: self.state,
            impact: self.impact,
            text: self.text.clone(),
            starts: self.starts,
            ends: self.ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(notices: &[(&str, State)]) -> Snapshot {
        let notices = notices.iter().map(|(id, state)| Notice {
            id: (*id).to_owned(),
            state: *state,
            ..Notice::default()
        });
        Snapshot { notices: notices.collect(), ..Snapshot::default() }
    }

    #[test]
    fn each_change_is_told_once_and_a_vanished_notice_is_closed() {
        let mut follow = Follow::default();
        let told = |follow: &mut Follow, page: &Snapshot| -> Vec<(String, State)> {
            follow.look(page).into_iter().map(|change| (change.id, change.state)).collect()
        };
        let both = page(&[("old", State::Resolved), ("new", State::Investigating)]);
        assert_eq!(told(&mut follow, &both), [("new".to_owned(), State::Investigating)]);
        assert_eq!(told(&mut follow, &both), []);
        let unreadable =
            Snapshot { unreadable: Some("a web page".to_owned()), ..Snapshot::default() };
        assert_eq!(told(&mut follow, &unreadable), []);
        let known = page(&[("new", State::Identified)]);
        assert_eq!(told(&mut follow, &known), [("new".to_owned(), State::Identified)]);
        assert_eq!(told(&mut follow, &page(&[])), [("new".to_owned(), State::Resolved)]);
        assert_eq!(told(&mut follow, &page(&[])), []);
        let brief = page(&[("brief", State::Resolved)]);
        assert_eq!(told(&mut follow, &brief), [("brief".to_owned(), State::Resolved)]);
    }
}
