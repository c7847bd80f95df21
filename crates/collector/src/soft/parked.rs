//! Nobody's page: a parked or expired domain, the first page of a fresh server, a listing of files.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::apology;
use crate::soft::context;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;

/// Titles that installations ship with, in small letters.
const SHIPPED: &[&str] = &[
    "welcome to nginx",
    "default page",
    "default web site page",
    "iis windows",
    "apache tomcat",
    "test page for",
    "welcome to caddy",
    "welcome to openresty",
    "it works!",
    "lighttpd",
    "welcome to centos",
    "rocky linux",
    "plesk",
    "cpanel",
    "index of /",
    "directory listing",
    "domain default page",
    "welcome to jetty",
    "wildfly",
    "ispconfig",
    "phpinfo()",
    "http server test page",
    "php version ",
    "site not found",
    "no such app",
    "deployment_not_found",
    "firebase hosting setup",
    "your app service is",
    "your web app is running",
    "welcome to your new website",
    "website is ready",
    "welcome to xampp",
    "welcome to laravel",
    "congratulations, your website",
    "hestia control panel",
    "directadmin",
    "web station has been enabled",
    "account suspended",
    "没有找到站点",
    "网站建设中",
    "página predefinida",
    "página por defecto",
    "page par défaut",
    "standardseite",
    "predefined page",
    "pagina predefinita",
    "página predeterminada",
    "página padrão",
    "strona domyślna",
    "domyślna strona",
    "standaardpagina",
    "standardsida",
    "standardside",
    "oletussivu",
    "pagină implicită",
    "alapértelmezett oldal",
    "varsayılan sayfa",
    "výchozí stránka",
    "стандартная страница",
    "страница по умолчанию",
    "сторінка за замовчуванням",
    "προεπιλεγμένη σελίδα",
    "デフォルトページ",
    "기본 페이지",
    "默认页面",
    "預設頁面",
    "to parent directory",
];
/// Addresses and marks of those who park domains.
const PARKERS: &[&str] = &[
    "sedoparking",
    "parkingcrew",
    "bodis.com",
    "above.com",
    "afternic",
    "dan.com",
    "parklogic",
    "hugedomains",
    "uniregistry",
    "domain-parking",
    "park.js",
    "adsense/domains",
    "caf.js",
];

/// Below this score of an apology a page has more to say than that nobody is there.
const STRANGE: f64 = -3.0;
/// Links of a site that is there.
const PART_LINKS: usize = 6;
/// Letters of the shortest word of welcome.
const WELCOME_CHARS: usize = 40;
/// Letters from which on a part of an address is a name.
const OWN_CHARS_MIN: usize = 4;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if reading.kind != Kind::Html || reading.middle_chars() > 900 {
        return None;
    }
    let is_usual = page.usual.is_some_and(|it| it.is_like(page.body.len(), reading.tags));
    // What has always been so is so on purpose, as long as nothing says otherwise.
    let damp = if is_usual { 0.75 } else { 1.0 };
    let title = reading.title.to_lowercase();
    let headings: Vec<&str> =
        reading.middle().filter(|b| b.is_heading).take(2).map(|b| b.lower.as_str()).collect();
    let titled = |wanted: &str| title.contains(wanted);
    let names = |wanted: &str| titled(wanted) || headings.iter().any(|h| h.starts_with(wanted));
    // Who quotes the first page of a server has a title of its own, and a menu.
    let quotes = context::is_about(reading) && !SHIPPED.iter().any(|wanted| titled(wanted));
    if !quotes && SHIPPED.iter().any(|wanted| names(wanted)) {
        let said = headings.first().map_or(reading.title.clone(), |text| (*text).to_owned());
        // A listing with a word of welcome above it, or that always was one, is meant.
        let is_listing = said.contains("index of") || title.contains("index of");
        let is_same = page.usual.is_some_and(|it| it.title == reading.title);
        let leads = reading.middle().next().is_some_and(|block| {
            !block.is_heading && !block.is_code && weight(&block.text) >= WELCOME_CHARS
        });
        if is_listing && (leads || is_usual && is_same) {
            return None;
        }
        let what = if is_listing { "a listing of files" } else { "a server’s own page" };
        return Finding::fails(
            0.75 * damp,
            format!("{what} instead of the site: “{}”", quote(&said)),
        );
    }
    // IIS and Apache list folders so, in any language, under the name of the folder.
    let marks_folder = |lower: &str| {
        lower.contains("<dir>") || lower.contains(" server at ") && lower.contains(" port ")
    };
    let is_folder = title.trim_end().ends_with('/')
        && reading.blocks.iter().any(|block| marks_folder(&block.lower));
    if is_folder && !is_usual {
        return Finding::fails(0.75 * damp, format!("a listing of files: “{}”", quote(&title)));
    }
    let source = reading.source.to_ascii_lowercase();
    let parker = PARKERS.iter().any(|mark| source.contains(mark));
    let text: Vec<&str> = reading.middle().take(2).map(|block| block.lower.as_str()).collect();
    let text = format!("{title} {}", text.join(" "));
    // Whose offers they are is said below them.
    let below = reading.middle().skip(2).take(2).map(|block| words::concepts_of(&block.lower));
    let says = words::concepts_of(&words::unquoted(&text)).has(Concepts::PARKED)
        || below.into_iter().any(|it| it.has(Concepts::PARKED));
    let own = page.url.host.to_string();
    let own = own.strip_prefix("www.").unwrap_or(&own);
    // A site rarely speaks of its own address, and a parked one of little else.
    let names_itself = own.contains('.') && text.contains(own);
    // "The domain lanternhill may be for sale": its name without its ending.
    let names_part = own
        .split('.')
        .any(|part| part.len() >= OWN_CHARS_MIN && title.split([' ', '.']).any(|it| it == part));
    // Offers of others stand below it, and whose they are not.
    let beside = words::beside(reading, Concepts::PARKED.with(Concepts::SUSPENDED));
    let is_little = reading.is_thin() && beside <= BESIDE_CHARS_MAX;
    let is_of_itself = says && names_itself;
    if !is_little && !is_of_itself {
        return None;
    }
    let titled = words::concepts_of(&title).has(Concepts::PARKED);
    // A part of a site that is still to come: the site around it is there.
    let is_part = reading.links > PART_LINKS
        && !headings.iter().any(|it| words::concepts_of(it).has(Concepts::PARKED));
    let is_strange = apology::score(reading) < STRANGE;
    let sure = match (parker, says, names_itself) {
        (true, _, _) => 0.85,
        (false, true, true) => 0.85,
        _ if context::is_about(reading) || context::is_beside(reading) => return None,
        (false, true, false) if names_part && titled => 0.7,
        (false, true, false) if is_strange || is_part => return None,
        (false, true, false) if reading.fields == 0 || reading.pictures == 0 => 0.6,
        (false, false, true) if title.trim() == own => 0.5,
        _ => return None,
    };
    let first = reading.middle().next().map_or(reading.title.as_str(), |block| &block.text);
    Finding::fails(sure * damp, format!("nobody’s page: “{}”", quote(first)))
}
