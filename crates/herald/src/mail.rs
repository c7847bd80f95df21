//! E-mail: a letter as a message that every client shows, plain and as HTML.
//!
//! Messages of one incident are one thread. Whoever subscribed can leave with one click (RFC 8058),
//! without being asked who they are.
//!
//! # References
//!
//! RFC 5322 (messages), RFC 2045 and 2047 (MIME), RFC 2369 and 8058 (leaving a list), RFC 3834
//! (automatic messages).

use crate::channel::alertmanager::civil;
use crate::letter::Parcel;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;

/// Letters of a line of Base64.
const LINE_LETTERS: usize = 76;
/// Bytes of one encoded word, so that the word stays under 75 letters.
const WORD_BYTES: usize = 42;
/// Between the parts; no line of Base64 can be it.
const BOUNDARY: &str = "=_outcry_=";
/// Days of the week, from 1 January 1970 on, and months.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The message, lines ended by CRLF, without the dot that ends it on the wire.
pub fn message(parcel: &Parcel, from: &str, to: &str) -> String {
    let letter = &parcel.letter;
    let domain = address_of(from).rsplit('@').next().unwrap_or("localhost").to_owned();
    let name_of = |id: &str| format!("<{}@{domain}>", id.replace([':', '<', '>', '@', ' '], "."));
    let mut text = letter.text();
    let mut heads = vec![
        format!("From: {}", one_line(from)),
        format!("To: <{}>", one_line(to)),
        format!("Subject: {}", subject(&letter.title)),
        format!("Date: {}", date(parcel.sent_at_unix_s)),
        format!("Message-ID: {}", name_of(&parcel.id)),
    ];
    if !letter.incident.is_empty() {
        // All messages of an incident refer to one that nobody sent: a thread by itself.
        let thread = name_of(&letter.incident);
        heads.push(format!("References: {thread}"));
        heads.push(format!("In-Reply-To: {thread}"));
    }
    if !parcel.leave_url.is_empty() {
        heads.push(format!("List-Unsubscribe: <{}>", one_line(&parcel.leave_url)));
        heads.push("List-Unsubscribe-Post: List-Unsubscribe=One-Click".into());
        heads.push(format!("List-ID: <{}.{domain}>", one_line(&letter.service)));
        text.push_str(&format!("\n\n{}", parcel.leave_url));
    }
    heads.extend([
        "Auto-Submitted: auto-generated".into(),
        "MIME-Version: 1.0".into(),
        format!("Content-Type: multipart/alternative; boundary=\"{BOUNDARY}\""),
    ]);
    let part = |kind: &str, text: &str| {
        format!(
            "--{BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            wrapped(text)
        )
    };
    let (plain, html) = (part("plain", &text), part("html", &html(parcel)));
    format!("{}\r\n\r\n{plain}{html}--{BOUNDARY}--\r\n", heads.join("\r\n"))
}

/// The address within `Name <address>`, or all of it.
pub fn address_of(mailbox: &str) -> &str {
    match (mailbox.rfind('<'), mailbox.rfind('>')) {
        (Some(open), Some(close)) if open < close => &mailbox[open + 1..close],
        _ => mailbox.trim(),
    }
}

fn html(parcel: &Parcel) -> String {
    let letter = &parcel.letter;
    let link = |url: &str| format!("<p><a href=\"{0}\">{0}</a></p>", escaped(url));
    let mut html = format!("<h2>{}</h2>", escaped(&letter.title));
    for line in &letter.lines {
        html.push_str(&format!("<p>{}</p>", escaped(line)));
    }
    for url in [&letter.url, &parcel.leave_url].into_iter().filter(|url| !url.is_empty()) {
        html.push_str(&link(url));
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Nobody writes a head of their own through what we were given.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A subject, in encoded words where it has letters beyond ASCII.
fn subject(title: &str) -> String {
    let title = one_line(title);
    if title.is_ascii() {
        return title;
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in title.chars() {
        if word.len() + letter.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
    }
    words.push(word);
    let encoded =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word.as_bytes())));
    encoded.collect::<Vec<_>>().join("\r\n ")
}

fn wrapped(text: &str) -> String {
    let letters = BASE64_STANDARD.encode(text.replace('\n', "\r\n").as_bytes());
    let lines: Vec<&str> = letters
        .as_bytes()
        .chunks(LINE_LETTERS)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    lines.join("\r\n")
}

/// `Mon, 10 Mar 2025 09:45:00 +0000`.
fn date(unix_s: i64) -> String {
    let (days, second) = (unix_s.div_euclid(86_400), unix_s.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let place = |n: i64| usize::try_from(n).unwrap_or(0);
    let weekday = DAYS[place(days.rem_euclid(7))];
    let month = MONTHS[place(month - 1)];
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000")
}
