//! The rows of what was told: notices of the operator and testimony of others.

use outcry_core::observe::NoticeTold;
use outcry_core::observe::TestimonyTold;
use outcry_core::signal::Notice;
use outcry_core::signal::said::Testimony;
use outcry_core::units::Text;
use serde::Deserialize;
use serde::Serialize;

use crate::incident::scalar::Iso;
use crate::incident::scalar::Word;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeRow {
    at: Iso,
    notice: Word,
    title: Word,
    state: Word,
    impact: Word,
    text: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts: Option<Iso>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends: Option<Iso>,
    synthetic: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestimonyRow {
    at: Iso,
    class: Word,
    speaker_role: Word,
    text: Word,
    supports: Option<Word>,
    denies: Option<Word>,
    origin: Option<Word>,
    source: Word,
    synthetic: bool,
}

fn word(text: &Option<Text>) -> Option<Word> {
    text.clone().map(Word)
}

fn text(word: Option<Word>) -> Option<Text> {
    word.map(|word| word.0)
}

impl From<&NoticeTold> for NoticeRow {
    fn from(told: &NoticeTold) -> Self {
        let notice = &told.notice;
        Self {
            at: Iso(told.at),
            notice: Word(notice.notice.clone()),
            title: Word(notice.title.clone()),
            state: Word(notice.state.clone()),
            impact: Word(notice.impact.clone()),
            text: Word(notice.text.clone()),
            starts: notice.starts.map(Iso),
            ends: notice.ends.map(Iso),
            synthetic: told.synthetic,
        }
    }
}

impl From<NoticeRow> for NoticeTold {
    fn from(row: NoticeRow) -> Self {
        Self {
            at: row.at.0,
            notice: Notice {
                notice: row.notice.0,
                title: row.title.0,
                state: row.state.0,
                impact: row.impact.0,
                text: row.text.0,
                starts: row.starts.map(|at| at.0),
                ends: row.ends.map(|at| at.0),
            },
            synthetic: row.synthetic,
        }
    }
}

impl From<&TestimonyTold> for TestimonyRow {
    fn from(told: &TestimonyTold) -> Self {
        let testimony = &told.testimony;
        Self {
            at: Iso(told.at),
            class: Word(testimony.class.clone()),
            speaker_role: Word(testimony.speaker_role.clone()),
            text: Word(testimony.text.clone()),
            supports: word(&testimony.supports),
            denies: word(&testimony.denies),
            origin: word(&testimony.origin),
            source: Word(told.source.clone()),
            synthetic: told.synthetic,
        }
    }
}

impl From<TestimonyRow> for TestimonyTold {
    fn from(row: TestimonyRow) -> Self {
        Self {
            at: row.at.0,
            testimony: Testimony {
                class: row.class.0,
                speaker_role: row.speaker_role.0,
                text: row.text.0,
                supports: text(row.supports),
                denies: text(row.denies),
                origin: text(row.origin),
            },
            source: row.source.0,
            synthetic: row.synthetic,
        }
    }
}
