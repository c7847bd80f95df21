//! Whether one value of the catalogue is well formed: a slug, a name, a country, a host, an
//! address, a network.

use outcry_core::catalog::SLUG_CHARS_MAX;
use outcry_core::catalog::is_slug;
use outcry_core::units::Asn;

/// Characters in a name or an alias.
pub const NAME_CHARS_MAX: usize = 80;
/// Characters in the address of a notice page.
pub const ADDRESS_CHARS_MAX: usize = 300;
/// Characters in a host name, and in one label of it (RFC 1035, 2.3.4).
const HOST_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// Numbers no public network has, and why (IANA special-purpose AS numbers).
const ASNS_NOT_PUBLIC: [(u32, u32, &str); 9] = [
    (0, 0, "reserved (RFC 7607)"),
    (112, 112, "shared by many operators (RFC 7534)"),
    (23_456, 23_456, "a placeholder (RFC 6793)"),
    (64_496, 64_511, "for documentation (RFC 5398)"),
    (64_512, 65_534, "private (RFC 6996)"),
    (65_535, 65_535, "reserved (RFC 7300)"),
    (65_536, 65_551, "for documentation (RFC 5398)"),
    (65_552, 131_071, "reserved by IANA"),
    (4_200_000_000, u32::MAX, "private or reserved (RFC 6996, RFC 7300)"),
];

/// What a value is not, and what to write instead of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) not: String,
    pub(super) instead: String,
}

fn refuse(not: &str, instead: impl Into<String>) -> Result<(), Fault> {
    Err(Fault { not: not.to_owned(), instead: instead.into() })
}

/// Lower-case letters and digits in groups joined by single hyphens.
pub(super) fn check_slug(text: &str) -> Result<(), Fault> {
    if is_slug(text) {
        return Ok(());
    }
    let not = format!(
        "lower-case letters and digits joined by single hyphens, at most {SLUG_CHARS_MAX} \
         characters"
    );
    refuse(&not, suggested(&joined(text, '-'), "\"my-service\""))
}

/// A word of the vocabulary: as a slug, but joined by underscores.
pub(super) fn check_word(text: &str) -> Result<(), Fault> {
    if is_slug(&text.replace('_', "-")) && !text.contains('-') {
        return Ok(());
    }
    let not = format!(
        "lower-case letters and digits joined by single underscores, at most {SLUG_CHARS_MAX} \
         characters"
    );
    refuse(&not, suggested(&joined(text, '_'), "\"mobile_app\""))
}

/// A name people read: not empty, no space around it, nothing invisible in it.
pub(super) fn check_name(text: &str) -> Result<(), Fault> {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let trimmed: String = visible.trim().chars().take(NAME_CHARS_MAX).collect();
    if trimmed == text && !text.is_empty() {
        return Ok(());
    }
    let not = format!("1 to {NAME_CHARS_MAX} visible characters without space around them");
    refuse(&not, suggested(&trimmed, "\"My Service\""))
}

/// A country's code in upper case.
pub(super) fn check_country(text: &str) -> Result<(), Fault> {
    let upper = text.to_ascii_uppercase();
    let meant = match upper.as_str() {
        "UK" => "\"GB\"",
        "EL" => "\"GR\"",
        "EU" => "the countries one by one, or [\"*\"]",
        "*" => "[\"*\"] alone for worldwide",
        code if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            if code == text {
                return Ok(());
            }
            return refuse("an upper-case country code", format!("{code:?}"));
        }
        _ => "a code such as \"US\", or [\"*\"] alone for worldwide",
    };
    refuse("an ISO 3166-1 alpha-2 country code", meant)
}

/// A host name in lower case, without scheme, port or path.
pub(super) fn check_domain(text: &str) -> Result<(), Fault> {
    if is_host(text) {
        return Ok(());
    }
    let lower = text.trim().to_lowercase();
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let bare = bare.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let bare = bare.trim_start_matches("*.").trim_end_matches('.');
    let instead =
        if is_host(bare) { format!("{bare:?}") } else { "a host such as \"example.com\"".into() };
    refuse("a host name in lower case", instead)
}

/// An https address with a host name and no space.
pub(super) fn check_notices(text: &str) -> Result<(), Fault> {
    if is_https(text) {
        return Ok(());
    }
    let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    let meant = format!("https://{rest}");
    let instead = if is_https(&meant) { meant } else { "https://status.example.com".into() };
    refuse("an https address", format!("{instead:?}"))
}

/// The number of a network that is announced in public.
pub(super) fn check_asn(number: f64) -> Result<Asn, Fault> {
    let asn = number as u32;
    if f64::from(asn) != number {
        refuse("a whole number", "the number of a network")?;
    }
    let special = ASNS_NOT_PUBLIC.iter().find(|(from, to, _)| (*from..=*to).contains(&asn));
    if let Some((_, _, why)) = special {
        let not = format!("a network of its own: it is {why}");
        refuse(&not, "the number the operator announces, or nothing")?;
    }
    Ok(Asn(asn))
}

fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    text.len() <= HOST_CHARS_MAX
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=LABEL_CHARS_MAX).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
        && labels.last().is_some_and(|top| top.len() >= 2 && !top.starts_with(char::is_numeric))
}

fn is_https(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`');
    text.len() <= ADDRESS_CHARS_MAX && is_host(host) && rest.chars().all(plain)
}

/// Control characters, and those that hide or turn the text around them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{ad}' | '\u{feff}')
}

/// The nearest thing to `text` made of lower-case letters and digits joined by `joint`.
fn joined(text: &str, joint: char) -> String {
    let lower = text.to_lowercase();
    let groups =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|group| !group.is_empty());
    let whole = groups.collect::<Vec<_>>().join(&joint.to_string());
    let cut: String = whole.chars().take(SLUG_CHARS_MAX).collect();
    cut.trim_end_matches(joint).to_owned()
}

fn suggested(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead<T>(checked: Result<T, Fault>) -> String {
        checked.err().map_or_else(|| "fine".to_owned(), |fault| fault.instead)
    }

    #[test]
    fn texts_are_fine_or_get_a_better_one() {
        type Check = fn(&str) -> Result<(), Fault>;
        for (check, text, expected) in [
            (check_slug as Check, "x", "fine"),
            (check_slug, "My Service!", "\"my-service\""),
            (check_slug, "mobile_app", "\"mobile-app\""),
            (check_slug, "日本", "\"my-service\""),
            (check_word, "cannot_log_in", "fine"),
            (check_word, "mobile-app", "\"mobile_app\""),
            (check_word, "a__b", "\"a_b\""),
            (check_word, "", "\"mobile_app\""),
            (check_name, "Télé 2 (日本)", "fine"),
            (check_name, " X ", "\"X\""),
            (check_name, "a\u{202e}b", "\"ab\""),
            (check_name, "", "\"My Service\""),
            (check_country, "XK", "fine"),
            (check_country, "us", "\"US\""),
            (check_country, "UK", "\"GB\""),
            (check_country, "USA", "a code such as \"US\", or [\"*\"] alone for worldwide"),
            (check_domain, "bbc.co.uk", "fine"),
            (check_domain, "xn--p1ai.xn--p1ai", "fine"),
            (check_domain, "HTTPS://X.com:443/a", "\"x.com\""),
            (check_domain, "*.example.com", "\"example.com\""),
            (check_domain, "localhost", "a host such as \"example.com\""),
            (check_domain, "1.2.3.4", "a host such as \"example.com\""),
            (check_domain, "-a.com", "a host such as \"example.com\""),
            (check_domain, "a..com", "a host such as \"example.com\""),
            (check_notices, "https://status.x.com/a?b=c", "fine"),
            (check_notices, "http://status.x.com", "\"https://status.x.com\""),
            (check_notices, "status.x.com/a", "\"https://status.x.com/a\""),
            (check_notices, "https://a b.com", "\"https://status.example.com\""),
            (check_notices, "https://user@a.com", "\"https://status.example.com\""),
            (check_notices, "javascript:alert(1)", "\"https://status.example.com\""),
        ] {
            assert_eq!(instead(check(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn only_public_networks_pass() {
        for good in [1, 13_414, 64_495, 131_072, 4_199_999_999_u32] {
            assert_eq!(check_asn(f64::from(good)), Ok(Asn(good)));
        }
        for bad in [0, 23_456, 64_496, 64_512, 65_535, 65_536, 131_071, 4_200_000_000, u32::MAX] {
            assert!(check_asn(f64::from(bad)).is_err(), "{bad}");
        }
        assert_eq!(check_asn(1.5).map_err(|fault| fault.not), Err("a whole number".to_owned()));
    }
}
