//! A login where there was a page.
//!
//! Many sites begin with a login, so that a password field alone says nothing. It is a wall when a
//! redirect led to it, when the page says that one must log in, or when the page usually is
//! another.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::Concepts;

/// Parts of addresses that are about logging in.
const PLACES: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "log-in",
    "logon",
    "auth",
    "oauth",
    "sso",
    "saml",
    "idp",
    "session",
    "account",
    "accounts",
    "anmelden",
    "connexion",
];

/// Letters of a wall that may say it anywhere.
const WALL_CHARS: usize = 250;
/// Blocks in which a wall says that it is one.
const LEAD_BLOCKS: usize = 3;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if reading.kind != Kind::Html {
        return None;
    }
    let is_usual = page.usual.is_some_and(|it| it.is_like(page.body.len(), reading.tags));
    if is_usual || reading.middle_chars() > 600 {
        return None;
    }
    let title = words::concepts_of(&reading.title.to_lowercase());
    let middle = reading
        .middle()
        .map(|block| words::concepts_of(&block.lower))
        .fold(Concepts::default(), Concepts::with);
    let all = title.with(middle);
    let asks = reading.passwords > 0 || (all.has(Concepts::LOGIN) && reading.fields > 0);
    let must = all.has(Concepts::MUST_LOGIN);
    // Who sells, explains or lists asks people to sign up, too.
    let is_written = reading.passwords == 0 && context::is_written(reading);
    if (!asks && !must) || is_written {
        return None;
    }
    let said_so = page
        .usual
        .is_some_and(|usual| words::concepts_of(&usual.title.to_lowercase()).has(Concepts::LOGIN));
    let here = is_login_address(page);
    let lead = reading.middle().take(LEAD_BLOCKS).map(|block| words::concepts_of(&block.lower));
    let lead = lead.fold(title, Concepts::with);
    // A list of changes names it somewhere; a wall begins with it.
    let leads = lead.has(Concepts::MUST_LOGIN) || reading.middle_chars() <= WALL_CHARS;
    let denies = lead.has(Concepts::DENIED) && all.has(Concepts::LOGIN);
    let sure = if said_so {
        0.2
    } else if page.redirects > 0 && here && asks {
        0.8
    } else if reading.passwords > 0 && denies && !here {
        0.6
    } else if (must && leads && !here) || (page.usual.is_some() && all.has(Concepts::LOGIN)) {
        0.75
    } else if page.usual.is_some_and(|it| it.title != reading.title) && reading.passwords > 0 {
        0.6
    } else {
        return None;
    };
    Finding::fails(sure, "a login stands where the page was")
}

fn is_login_address(page: &Page<'_>) -> bool {
    let address = format!("{}{}", page.url.host, page.url.path).to_ascii_lowercase();
    address.split(['.', '/', '?', '&', '=', '_']).any(|part| PLACES.contains(&part))
}
