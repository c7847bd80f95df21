//! The judge over whole answers.

use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;

use crate::address::Url;
use crate::soft::history::Usual;

use super::*;

const SENTENCES: &str = include_str!("../../testdata/soft/sentences.txt");

fn judged(body: &[u8]) -> Judgement {
    let url = Url::parse("https://www.firm.example.com/").unwrap();
    let headers = HeaderMap::new();
    judge(&Page {
        url: &url,
        redirects: 0,
        status: 200,
        headers: &headers,
        body: &Bytes::copy_from_slice(body),
        is_cut: false,
        usual: None,
    })
}

/// A page that says one thing, between a menu and a footer.
fn page(language: &str, title: &str, sentence: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"{language}\"><head><title>{title}</title></head><body>\
         <header><nav><a href=\"/\">A</a> <a href=\"/b\">B</a></nav></header><main>\
         <h1>{title}</h1><p>{sentence}</p></main><footer>© {title}</footer></body></html>"
    )
}

#[test]
fn sentences_in_many_languages_are_told_apart() {
    let mut wrong = Vec::new();
    let lines = SENTENCES.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let fields: Vec<&str> = line.splitn(4, '|').collect();
        let [kind, language, title, sentence] = fields[..] else { panic!("{line}") };
        let judgement = judged(page(language, title, sentence).as_bytes());
        if (judgement == Judgement::Healthy) != (kind == "ok") {
            wrong.push(format!("{line}: {judgement:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Judged as a page of this title, size and make has been seen before, or not.
fn judged_with(body: &[u8], content_type: &str, usual: Option<&Usual>) -> Judgement {
    let url = Url::parse("https://www.firm.example.com/").unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, content_type.parse().unwrap());
    judge(&Page {
        url: &url,
        redirects: 0,
        status: 200,
        headers: &headers,
        body: &Bytes::copy_from_slice(body),
        is_cut: false,
        usual,
    })
}

#[test]
fn what_is_no_page_is_judged_by_what_it_is() {
    let frame = b"\x80\x00\x00\x00\x11grpc-status:14\r\n";
    let deep = "[".repeat(200_000);
    let noise: Vec<u8> = (0..600u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 9) as u8).collect();
    for (body, content_type, is_ok) in [
        (&frame[..], "application/grpc-web+proto", false),
        (b"\x80\x00\x00\x00\x10grpc-status:0\r\n", "application/grpc-web+proto", true),
        (b"cb({\"error\":\"could not load the list\"});", "text/javascript", false),
        (b"cb({\"items\":[1,2]});", "text/javascript", true),
        (b"function cb(a) { return a; }", "text/javascript", true),
        (b"ORA-01034: ORACLE not available\n", "text/csv", false),
        (b"code,meaning\n500,server error\n", "text/csv", true),
        (b"[{\"error\":{\"message\":\"timed out\"}}]", "application/json", false),
        (
            b"[{\"id\":1,\"error\":{\"message\":\"timed out\"}},{\"id\":2}]",
            "application/json",
            true,
        ),
        (b"{\"code\":404,\"name\":\"Fern\",\"price\":12}", "application/json", true),
        (b"{\"status\":500,\"name\":\"Gear\"}", "application/json", true),
        (b"{\"code\":500,\"message\":\"internal error\"}", "application/json", false),
        (
            b"{\"word\":\"error\",\"error\":null,\"means\":\"something went wrong\"}",
            "application/json",
            true,
        ),
        (b"upstream is away, see http://status.a.example/", "application/json", false),
        (b"{\"a\": 1, // how many\n}", "application/json", true),
        (b"{\"healthy\":false,\"checks\":{\"db\":\"refused\"}}", "application/json", false),
        (b"{\"maintenance\":{\"active\":true},\"app\":\"x\"}", "application/json", false),
        (b"{\"maintenance\":{\"active\":false},\"app\":\"x\"}", "application/json", true),
        (
            b"{\"number\":\"SI9\",\"valid\":false,\"errors\":[\"checksum\"]}",
            "application/json",
            true,
        ),
        (
            "{\"КодОшибки\":17,\"ОписаниеОшибки\":\"конфликт\"}".as_bytes(),
            "application/json",
            false,
        ),
        (b"retry: 15\n\nevent: error\ndata: {}\n\n", "text/event-stream", false),
        (b"event: goal\ndata: 1\n\nevent: error\ndata: {}\n", "text/event-stream", true),
        (b"#EXTM3U\n# no signal from the encoder\n", "application/vnd.apple.mpegurl", false),
        (b"#EXTM3U\n#EXTINF:4,\n1.ts\n", "application/vnd.apple.mpegurl", true),
        (b"\x89PNG\r\n\x1a\n", "image/png", true),
        (b"no such picture", "image/png", false),
        (b"{\"status\":\"success\",\"message\":\"No error\"}", "application/json", true),
        (b"{\"message\":\"0 errors\"}", "application/json", true),
        (b"{\"error\":\"no\"}", "application/json", true),
        (b"\"Service Unavailable\"", "application/json", false),
        (b"#EXTM3U\n#EXTINF:3,Something went wrong (Live)\na.mp3\n", "text/plain", true),
        (b"[+] ping ok\n[-] queue: no broker\n", "text/plain", false),
        (b"ok rev=9f errors_5m=0 failed_checks=0", "text/plain", true),
        (b"{\"a\":1}\n{\"a\":2}\n", "application/json", true),
        (deep.as_bytes(), "application/json", false),
        (&noise, "text/html", false),
    ] {
        let judgement = judged_with(body, content_type, None);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        assert_eq!(judgement == Judgement::Healthy, is_ok, "{shown}: {judgement:?}");
    }
}

#[test]
fn who_tells_sings_counts_or_shows_does_not_fail() {
    let verse = "<p>i looked for you in every room<p>the page is gone, the light is low<p>and \
                 nothing here will load again<p>an error has occurred in me<p>the server does \
                 not want to know";
    let quiz = "<p>1. What does error 404 mean?<p>2. The server does not answer in time:<p>3. \
                Too many requests, try again later:<p>4. The page was not found:<p>5. An \
                error has occurred, which one:";
    let answer = "<p>The server is not available at the moment.<h2>Example</h2><pre>HTTP/1.1 \
                  503 Service Unavailable\nRetry-After: 120</pre>";
    let apology = "<p>Sorry, the server is not available at the moment. Try again later.";
    for (inner, is_ok) in [(verse, true), (quiz, true), (answer, true), (apology, false)] {
        let body = format!("<html><title>Firm</title><h1>Error 503</h1>{inner}</html>");
        let judgement = judged(body.as_bytes());
        assert_eq!(judgement == Judgement::Healthy, is_ok, "{inner}: {judgement:?}");
    }
}

#[test]
fn half_a_page_that_apologises_has_failed_and_half_a_page_has_not() {
    let usual =
        Usual { bytes: 900.0, tags: 60.0, spread: 1.0, title: "Duties – Chemists".into() };
    let said = |text: &str| page("en", "Duties – Chemists", text);
    let kept = said("Open tonight: Mallow Street 4, Foundry Lane 11, and the one at the station.");
    let lost = said("The list of duties could not be fetched from the district office.");
    for (body, is_ok) in [(kept, true), (lost, false)] {
        let judgement = judged_with(body.as_bytes(), "text/html", Some(&usual));
        assert_eq!(judgement == Judgement::Healthy, is_ok, "{body}: {judgement:?}");
    }
}

#[test]
fn what_names_no_charset_is_read_as_a_browser_guesses() {
    let text = "Произошла ошибка при загрузке страницы. Попробуйте обновить её позже, мы уже \
                работаем над этим.";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let body = [b"<html><title>x</title><p>", &*bytes, b"</html>"].concat();
    assert_ne!(judged(&body), Judgement::Healthy);
}

#[test]
fn what_it_has_always_been_is_what_it_is() {
    let body = page("en", "Gate", "Access to this site is restricted. Are you old enough?");
    let body = body.as_bytes();
    let tags = 14.0;
    let usual = Usual { bytes: body.len() as f64, tags, spread: 1.0, title: "Gate".into() };
    assert_eq!(judged_with(body, "text/html", Some(&usual)), Judgement::Healthy);
    let other = Usual { title: "Whisky".into(), bytes: 90_000.0, tags: 900.0, ..usual };
    assert_ne!(judged_with(body, "text/html", Some(&other)), Judgement::Healthy);
}

#[test]
fn letters_of_another_alphabet_are_garbled() {
    let text = "Московский городской архив открыт для посетителей каждый день";
    let cyrillic = encoding_rs::WINDOWS_1251.decode(text.as_bytes()).0.into_owned();
    let lost = "\u{fffd}".repeat(60);
    for (text, is_ok) in [(text, true), (&*cyrillic, false), (&*lost, false)] {
        let judgement = judged(page("ru", "Архив", text).as_bytes());
        assert_eq!(judgement == Judgement::Healthy, is_ok, "{text}: {judgement:?}");
    }
}

#[test]
fn a_framework_reports_its_own_failure_and_a_lesson_explains_it() {
    let frame = "at com.firm.web.Shop.list(Shop.java:214)";
    let report = format!(
        "<html><title>Грешка 500</title><h1>Грешка в сървъра</h1>\
         <p>com.firm.web.ListException: x<p>{frame}<p>{frame}</html>"
    );
    assert_ne!(judged(report.as_bytes()), Judgement::Healthy);
    let lesson = b"<html><title>ListException: an error of week four</title>\
         <h1>ListException, an error</h1><p><a href=/a>Week three</a> <a href=/b>Week five</a>\
         <p>You will meet this one in the lab on Thursday, so let us have a look at it here \
         before anybody is frightened by how long it is and by all of the names that it has.\
         <p>com.firm.web.ListException: x<p>Take the top line, and read downwards until the \
         first line with the name of your own package stands in it: that is yours to mend, \
         and everything below it belongs to somebody else who has tested it for years.</html>";
    assert_eq!(judged(lesson), Judgement::Healthy);
}

#[test]
fn a_band_with_the_name_of_an_error_is_none() {
    let body = page("en", "Error 404 band", "Error 404 play the Kiln on Friday. Doors at eight.");
    assert_eq!(judged(body.as_bytes()), Judgement::Healthy);
}

#[test]
fn pages_that_are_damaged_anywhere_are_judged_and_nothing_panics() {
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(chance >> 33).unwrap() % below.max(1)
    };
    let lines: Vec<&str> = SENTENCES.lines().collect();
    for _ in 0..400 {
        let line = lines[next(lines.len())];
        let mut body = page("x", line, lines[next(lines.len())]).into_bytes();
        for _ in 0..next(12) {
            let at = next(body.len());
            match next(3) {
                0 => body[at] = b"<>\"'&;{}\xff\xe2\x80"[next(11)],
                1 => body.truncate(at.max(1)),
                _ => body.splice(at..at, b"<main><p hidden>\"".iter().copied()).for_each(drop),
            }
        }
        let _ = judged(&body);
    }
}

/// Half a minute is far more than a slow machine needs, and far less than squares would take.
#[test]
fn hostile_pages_take_time_in_proportion_to_their_size() {
    for unit in [
        "“",
        "\"a",
        "out of service ",
        "something went wrong. ",
        "if ",
        "。",
        "<p>",
        "$1 ",
        "<main><p>error</p>",
        "no healthy upstream? ",
        "<div class=nav>x",
        "© ",
        "{\"a\":[",
    ] {
        let body = format!("<html><body>{}", unit.repeat(200_000 / unit.len()));
        let begun = Instant::now();
        let _ = judged(body.as_bytes());
        let _ = judged(unit.repeat(50_000 / unit.len()).as_bytes());
        assert!(begun.elapsed() < Duration::from_secs(30), "{unit}: {:?}", begun.elapsed());
    }
}
