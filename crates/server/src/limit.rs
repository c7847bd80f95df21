//! Every limit of the public face, with its name, in one place.
//!
//! A limit is part of the interface: what is beyond it gets an answer that names it. Those an
//! operator may want to change are in [`Limits`]; the rest hold for everyone.

/// Bytes of a report's body, form or JSON. A comment of the longest kind needs some 2,000.
pub const REPORT_BODY_BYTES_MAX: usize = 8_192;
/// Characters of an installation token.
pub const TOKEN_CHARS_MAX: usize = 64;
/// Characters of an address of e-mail (RFC 5321).
pub const ADDRESS_CHARS_MAX: usize = 254;
/// Wishes to be told by e-mail that one network prefix may send in a minute.
pub const WISHES_PER_PREFIX_PER_MINUTE: u32 = 5;
/// Bytes of the body of a proposed claim. One of the longest kind needs some 29,000.
pub const PROPOSAL_BODY_BYTES_MAX: usize = 32_768;
/// Claims that one network prefix may propose in a minute.
pub const PROPOSALS_PER_PREFIX_PER_MINUTE: u32 = 5;
/// Characters of the exact words of a proposed claim.
pub const QUOTE_CHARS_MAX: usize = 1_000;
/// Characters of a speaker's name.
pub const SPEAKER_CHARS_MAX: usize = 100;
/// Characters of where something was published, in words.
pub const MEDIUM_CHARS_MAX: usize = 100;
/// Characters of the address at which something was published.
pub const SOURCE_CHARS_MAX: usize = 500;
/// Characters of what evidence was offered.
pub const EVIDENCE_CHARS_MAX: usize = 500;
/// The first day on which a proposed claim may have been made.
pub const SAID_FROM: &str = "2000-01-01";
/// Characters of a search.
pub const SEARCH_CHARS_MAX: usize = 80;
/// Services a search shows.
pub const SEARCH_RESULTS_MAX: usize = 50;
/// Incidents a page of the list shows.
pub const INCIDENTS_PER_PAGE: u32 = 50;
/// Revisions of a case file that a dossier lists.
pub const REVISIONS_MAX: u32 = 500;
/// Approved comments a service page shows.
pub const COMMENTS_SHOWN_MAX: u32 = 8;
/// Services in trouble that the home page lists; the rest are one link away.
pub const HOME_TROUBLE_MAX: usize = 20;
/// Quiet services that the home page lists.
pub const HOME_QUIET_MAX: usize = 24;
/// Items one page of a list of the API holds at most.
pub const API_ITEMS_MAX: u32 = 1_000;
/// Items such a page holds when no number is asked for.
pub const API_ITEMS: u32 = 50;
/// Services such a page holds when no number is asked for: most catalogues have fewer.
pub const API_SERVICES: u32 = 1_000;
/// Points of a series one answer of the API holds.
pub const API_POINTS_MAX: i64 = 10_000;
/// Days a step of a series has at most.
pub const STEP_DAYS_MAX: i64 = 31;
/// Days one answer sums reports up over.
pub const REPORT_DAYS_MAX: i64 = 31;
/// Characters of a name in an address: a claim, a component, an asset.
pub const NAME_CHARS_MAX: usize = 80;
/// Items a feed holds.
pub const FEED_ITEMS_MAX: usize = 50;
/// Incidents that are looked through for a feed, newest first.
pub const FEED_LOOKED_MAX: u32 = 500;
/// Incidents whose claims are looked through, newest first.
pub const CLAIMS_LOOKED_MAX: u32 = 50;
/// Incidents that one page of claims or verdicts weighs: each has a case file to be read.
pub const WEIGHED_MAX: u32 = 50;
/// Incidents that stand in an answer in the shape of Statuspage.
pub const STATUSPAGE_INCIDENTS_MAX: u32 = 50;
/// Incidents that a share of quiet time is worked out from.
pub const QUIET_INCIDENTS_MAX: u32 = 500;
/// Bytes of the card that other sites put into a frame.
pub const CARD_BYTES_MAX: usize = 8_192;
/// Rendered pages that are kept in memory.
pub const PAGES_KEPT_MAX: usize = 2_048;
/// A page that nobody asked for during this time is dropped and rendered again on request.
pub const PAGE_IDLE_MS_MAX: i64 = 10 * 60 * 1_000;
/// Pages waiting for the slower, better compression; beyond it they are served as they are.
pub const BROTLI_QUEUE_MAX: usize = 64;
/// Clients that follow live numbers; one more gets 204 and asks again by itself.
pub const LIVE_CLIENTS_MAX: usize = 4_096;
/// Seconds a client that was turned away should wait.
pub const RETRY_AFTER_S: u32 = 5;
/// Network prefixes whose rate is remembered; beyond it the oldest minute is forgotten early.
pub const RATE_PREFIXES_MAX: usize = 100_000;
/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 16_384;
/// Seconds a client may take to send a request's head.
pub const HEAD_S_MAX: u64 = 15;
/// Seconds a client may take to send a report's body.
pub const BODY_S_MAX: u64 = 15;

/// Limits an operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Reports one network prefix (/24 or /56) may send in a minute.
    pub reports_per_prefix_per_minute: u32,
    /// Answers of the API that had to be made for one network prefix in a minute. What stands in
    /// memory is not counted.
    pub reads_per_prefix_per_minute: u32,
    /// Connections held open at the same time.
    pub connections_max: usize,
}

impl Default for Limits {
    /// A carrier's shared address is many people, so the first number is generous: what counts is
    /// decided later, by the reporter rule.
    fn default() -> Self {
        Self {
            reports_per_prefix_per_minute: 300,
            reads_per_prefix_per_minute: 600,
            connections_max: 20_000,
        }
    }
}
