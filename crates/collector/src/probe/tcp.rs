//! Ports: connects, sends and expects, and starts TLS where a protocol begins in the clear.

use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;

use crate::dial;
use crate::dial::Aim;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;

/// Bytes that are read while waiting for what is expected.
pub const RECEIVED_BYTES_MAX: usize = 64 * 1024;
/// Characters of an unexpected answer that a reason repeats.
const SHOWN_CHARS_MAX: usize = 60;
/// Steps of a conversation.
pub const STEPS_MAX: usize = 32;

/// A port.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where.
    pub aim: Aim,
    /// Whether and how TLS begins.
    pub security: Security,
    /// What is said once the connection stands, at most [`STEPS_MAX`] steps.
    pub steps: Vec<Step>,
}

/// Whether and how TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Never.
    Plain,
    /// With the first byte.
    Tls,
    /// After a greeting in the clear.
    StartTls(Greeting),
}

/// Protocols that begin in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// RFC 3207.
    Smtp,
    /// RFC 2595, section 3.
    Imap,
    /// RFC 2595, section 4.
    Pop3,
    /// RFC 4217.
    Ftp,
    /// PostgreSQL, "Message Flow", section "SSL Session Encryption".
    Postgres,
}

/// A step of a conversation: what is sent, then what has to come. Either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Sent as it is.
    pub send: Bytes,
    /// Has to be found in what comes.
    pub expect: Bytes,
}

impl Greeting {
    /// Reads the name of a protocol.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "smtp" => Self::Smtp,
            "imap" => Self::Imap,
            "pop3" => Self::Pop3,
            "ftp" => Self::Ftp,
            "postgres" | "postgresql" => Self::Postgres,
            _ => return None,
        })
    }

    fn steps(self) -> Vec<Step> {
        let step = |send: &'static [u8], expect: &'static [u8]| Step {
            send: Bytes::from_static(send),
            expect: Bytes::from_static(expect),
        };
        match self {
            Self::Smtp => vec![
                step(b"", b"220 "),
                step(b"EHLO outcry.invalid\r\n", b"250 "),
                step(b"STARTTLS\r\n", b"220 "),
            ],
            Self::Imap => vec![step(b"", b"* OK"), step(b"a STARTTLS\r\n", b"a OK")],
            Self::Pop3 => vec![step(b"", b"+OK"), step(b"STLS\r\n", b"+OK")],
            Self::Ftp => vec![step(b"", b"220 "), step(b"AUTH TLS\r\n", b"234 ")],
            Self::Postgres => vec![step(&[0, 0, 0, 8, 4, 210, 22, 47], b"S")],
        }
    }
}

/// Looks once. What came last is found as the body.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.aim.timeout, async |sight: &mut Sight| {
        look(target, context, sight).await
    })
    .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let mut stream = dial::connect(&target.aim, context, sight).await?;
    if let Security::StartTls(greeting) = target.security {
        sight.watch.enter(Phase::Tls);
        converse(&mut stream, &greeting.steps(), sight).await?;
    }
    if target.security == Security::Plain {
        sight.watch.enter(Phase::Processing);
        return converse(&mut stream, &target.steps, sight).await;
    }
    let tls = &context.tls;
    let mut stream = dial::secure(stream, &target.aim.host, (tls, &tls.plain), sight).await?;
    sight.watch.enter(Phase::Processing);
    converse(&mut stream, &target.steps, sight).await
}

/// Sends and expects, step by step.
///
/// # Errors
///
/// A fault in the running phase.
pub async fn converse<S>(stream: &mut S, steps: &[Step], sight: &mut Sight) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for step in steps.iter().take(STEPS_MAX) {
        if !step.send.is_empty() {
            let sent = async {
                stream.write_all(&step.send).await?;
                stream.flush().await
            };
            sent.await.map_err(|error| sight.watch.fault_of(&error))?;
        }
        if !step.expect.is_empty() {
            let received = read_until(stream, &step.expect, sight).await?;
            sight.facts.body = received;
        }
    }
    Ok(())
}

async fn read_until<S>(stream: &mut S, expect: &[u8], sight: &Sight) -> Result<Bytes, Fault>
where
    S: AsyncRead + Unpin,
{
    let mut received = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let read = stream.read(&mut chunk).await;
        let count = read.map_err(|error| sight.watch.fault_of(&error))?;
        // Only what is new, and what may have begun just before it.
        let from = received.len().saturating_sub(expect.len());
        received.extend_from_slice(&chunk[..count]);
        if received[from..].windows(expect.len()).any(|window| window == expect) {
            return Ok(received.into());
        }
        if count == 0 || received.len() > RECEIVED_BYTES_MAX {
            let found = if received.is_empty() { "nothing".into() } else { shown(&received) };
            return Err(sight.watch.fault(format!("expected {}, found {found}", shown(expect))));
        }
    }
}

/// Bytes of a stranger, fit for a terminal.
pub fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let short: String = text.trim().chars().take(SHOWN_CHARS_MAX).collect();
    format!("{short:?}")
}
