//! The seam to soft failures: a page that answered well is shown to a [`Judge`], who says whether
//! its text means that it does not work.

use bytes::Bytes;
use http::HeaderMap;

use crate::address::Url;
use crate::soft::history::Usual;

/// Who looks at pages. Must not block: it runs between two probes.
pub type Judge = fn(&Page<'_>) -> Judgement;

/// An answer over HTTP, as a judge sees it.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Where it came from in the end.
    pub url: &'a Url,
    /// Redirects that led there.
    pub redirects: u8,
    /// Its status.
    pub status: u16,
    /// Its heads.
    pub headers: &'a HeaderMap,
    /// Its body, decompressed.
    pub body: &'a Bytes,
    /// The body is longer than this.
    pub is_cut: bool,
    /// What it usually looks like, once it was seen well.
    pub usual: Option<&'a Usual>,
}

/// What a judge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing is wrong with it.
    Healthy,
    /// It says that it does not work. The reason is a lower-case fragment.
    Soft(String),
    /// It turns machines away.
    Blocked(String),
}

/// Finds nothing. For probes that look at the status and their conditions only.
pub fn trust(_page: &Page<'_>) -> Judgement {
    Judgement::Healthy
}
