//! SMTP: a connection to the operator's mail server that takes one message after the other.
//!
//! `smtps://` speaks TLS from the start, `submission://` asks for it and goes no further without,
//! `smtp://` takes it where it is offered and asks for no password without.
//!
//! # References
//!
//! RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH PLAIN), RFC 8314 (ports).

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::time::Duration;

use outcry_collector::address::Host;
use outcry_collector::dial;
use outcry_collector::dial::Aim;
use outcry_collector::dial::Stream;
use outcry_collector::probe::Context;
use outcry_collector::probe::outcome::Outcome;
use outcry_collector::probe::outcome::Sight;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::channel::Channel;
use crate::letter::Parcel;
use crate::mail;
use crate::post::Answer;

/// How long the server may take for an answer.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of one answer of the server.
const ANSWER_BYTES_MAX: usize = 8_192;
/// Messages after which a connection is closed and a new one opened.
pub const MESSAGES_MAX: u32 = 100;

/// How a connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    Tls,
    StartTls,
    IfOffered,
}

/// An open connection.
#[derive(Debug)]
pub struct Session {
    stream: Stream,
    sent: u32,
}

/// What went wrong: the code of the server, 0 where it did not answer, and words.
type Refused = (u16, String);

impl Session {
    /// Connects, secures, and logs in.
    ///
    /// # Errors
    ///
    /// What came of it.
    pub async fn open(channel: &Channel, context: &Context) -> Result<Self, Answer> {
        let opened = timeout(TIMEOUT, open(channel, context)).await;
        let stream = opened.unwrap_or_else(|_| Err((0, "the mail server takes too long".into())));
        // A password that is refused stays so, but the operator may change it: it is tried again.
        let later = |(_, said)| Answer::Later(said, None);
        stream.map(|stream| Self { stream, sent: 0 }).map_err(later)
    }

    /// Whether another message may go over it.
    pub fn is_fresh(&self) -> bool {
        self.sent < MESSAGES_MAX
    }

    /// Sends a parcel to one address.
    pub async fn send(&mut self, parcel: &Parcel, from: &str, to: &str) -> Answer {
        self.sent += 1;
        let message = mail::message(parcel, from, to);
        let sent = timeout(TIMEOUT, transfer(&mut self.stream, from, to, &message)).await;
        match sent.unwrap_or_else(|_| Err((0, "the mail server takes too long".into()))) {
            Ok(said) => Answer::Taken(said),
            Err((500..=599, said)) => Answer::Never(said),
            Err((_, said)) => {
                // What state the conversation is in is not known: it is not used again.
                self.sent = MESSAGES_MAX;
                Answer::Later(said, None)
            }
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // Whoever does not answer is left all the same.
        let _ = timeout(Duration::from_secs(1), say(&mut self.stream, "QUIT\r\n")).await;
    }
}

async fn open(channel: &Channel, context: &Context) -> Result<Stream, Refused> {
    let (security, host, port) = read_url(&channel.url)?;
    let mut opened = None;
    let outcome = Outcome::observe(TIMEOUT, async |sight: &mut Sight| {
        let aim = Aim::new(host.clone(), port);
        let stream = dial::connect(&aim, context, sight).await?;
        opened = Some(match security {
            Security::Tls => {
                let tls = (&context.tls, &context.tls.plain);
                Stream::Tls(Box::new(dial::secure(stream, &host, tls, sight).await?))
            }
            _ => Stream::Plain(stream),
        });
        Ok(())
    })
    .await;
    let why = || outcome.fault.as_ref().map_or("nothing came back".into(), |it| it.reason.clone());
    let mut stream = opened.ok_or_else(|| (0, why().into_owned()))?;
    hear(&mut stream).await?;
    let mut offers = ask(&mut stream, "EHLO outcry.invalid\r\n").await?;
    if security != Security::Tls {
        let offered = offers.to_ascii_uppercase().contains("STARTTLS");
        if offered {
            ask(&mut stream, "STARTTLS\r\n").await?;
            stream = secured(stream, &host, context).await?;
            offers = ask(&mut stream, "EHLO outcry.invalid\r\n").await?;
        } else if security == Security::StartTls {
            return Err((0, "the mail server offers no STARTTLS".into()));
        }
    }
    if !channel.user.is_empty() {
        if matches!(stream, Stream::Plain(_)) {
            return Err((0, "no password is sent without TLS".into()));
        }
        if !offers.to_ascii_uppercase().contains("PLAIN") {
            return Err((0, "the mail server takes no AUTH PLAIN".into()));
        }
        let secret = format!("\0{}\0{}", channel.user, channel.token());
        ask(&mut stream, &format!("AUTH PLAIN {}\r\n", BASE64_STANDARD.encode(secret.as_bytes())))
            .await?;
    }
    Ok(stream)
}

async fn secured(stream: Stream, host: &Host, context: &Context) -> Result<Stream, Refused> {
    let Stream::Plain(plain) = stream else { return Ok(stream) };
    let (mut plain, mut secured) = (Some(plain), None);
    let outcome = Outcome::observe(TIMEOUT, async |sight: &mut Sight| {
        if let Some(plain) = plain.take() {
            let tls = (&context.tls, &context.tls.plain);
            secured = Some(dial::secure(plain, host, tls, sight).await?);
        }
        Ok(())
    })
    .await;
    let why = || outcome.fault.map_or("no TLS".into(), |it| it.reason.into_owned());
    secured.map(|stream| Stream::Tls(Box::new(stream))).ok_or_else(|| (0, why()))
}

async fn transfer(
    stream: &mut Stream,
    from: &str,
    to: &str,
    message: &str,
) -> Result<String, Refused> {
    let clean = |address: &str| -> String {
        let address = mail::address_of(address);
        address.chars().filter(|c| !c.is_control() && !"<> ".contains(*c)).collect()
    };
    let begin = async {
        ask(stream, &format!("MAIL FROM:<{}>\r\n", clean(from))).await?;
        ask(stream, &format!("RCPT TO:<{}>\r\n", clean(to))).await?;
        ask(stream, "DATA\r\n").await
    };
    if let Err(refused) = begin.await {
        // The conversation goes on with the next message, if it can.
        ask(stream, "RSET\r\n").await?;
        return Err(refused);
    }
    // A line that begins with a dot gets another one (RFC 5321, 4.5.2).
    let stuffed = message.replace("\r\n.", "\r\n..");
    ask(stream, &format!("{stuffed}.\r\n")).await
}

async fn say(stream: &mut Stream, words: &str) -> Result<(), Refused> {
    let lost = |error: std::io::Error| (0, error.to_string());
    stream.write_all(words.as_bytes()).await.map_err(lost)?;
    stream.flush().await.map_err(lost)
}

/// Says something and hears an answer that is not a refusal.
async fn ask(stream: &mut Stream, words: &str) -> Result<String, Refused> {
    say(stream, words).await?;
    hear(stream).await
}

async fn hear(stream: &mut Stream) -> Result<String, Refused> {
    let mut heard = Vec::new();
    loop {
        let mut chunk = [0; 1_024];
        let n = stream.read(&mut chunk).await.map_err(|error| (0, error.to_string()))?;
        heard.extend_from_slice(&chunk[..n]);
        if n == 0 || heard.len() > ANSWER_BYTES_MAX {
            return Err((0, "the mail server closed the connection".into()));
        }
        if let Some(code) = whole(&heard) {
            let said = String::from_utf8_lossy(&heard).replace("\r\n", " ").trim().to_owned();
            return if (200..400).contains(&code) { Ok(said) } else { Err((code, said)) };
        }
    }
}

/// The code of an answer, once its last line is there: `250 ok`, not `250-more`.
fn whole(heard: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(heard).ok()?;
    let last = text.strip_suffix("\r\n")?.rsplit("\r\n").next()?;
    let code = last.get(..3)?.parse().ok()?;
    (last.as_bytes().get(3) != Some(&b'-')).then_some(code)
}

/// The server of an address such as `smtp://mail.example:25`.
fn read_url(url: &str) -> Result<(Security, Host, u16), Refused> {
    let wrong = || (0, "no mail server: write smtps://mail.example".to_owned());
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let (security, usual) = match scheme {
        "smtps" => (Security::Tls, 465),
        "submission" => (Security::StartTls, 587),
        "smtp" => (Security::IfOffered, 25),
        _ => return Err(wrong()),
    };
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, port.parse().map_err(|_| wrong())?),
        _ => (rest, usual),
    };
    let host = Host::parse(host).map_err(|error| (0, error.to_string()))?;
    Ok((security, host, port))
}

/// Whether an address names a mail server.
pub fn is_server(url: &str) -> bool {
    read_url(url).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_last_line() {
        let cases: [(&str, Option<u16>); 5] = [
            ("250 ok\r\n", Some(250)),
            ("250-a\r\n250 b\r\n", Some(250)),
            ("250-a\r\n", None),
            ("250 o", None),
            ("garbage\r\n", None),
        ];
        for (heard, code) in cases {
            assert_eq!(whole(heard.as_bytes()), code, "{heard:?}");
        }
    }

    #[test]
    fn a_mail_server_is_named_with_its_security() {
        let port = |url: &str| read_url(url).map(|(_, _, port)| port).ok();
        assert_eq!(port("smtps://mail.example"), Some(465));
        assert_eq!(port("submission://mail.example/"), Some(587));
        assert_eq!(port("smtp://127.0.0.1:2525"), Some(2_525));
        assert_eq!(port("https://mail.example"), None);
    }
}
