//! SSH servers: reads the line with which they introduce themselves, and no more.
//!
//! # References
//!
//! - RFC 4253, section 4.2: lines may come before the banner; it ends with CR LF, or LF in fact.

use tokio::io::AsyncReadExt;

use crate::dial;
use crate::dial::Aim;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;
use crate::probe::tcp::shown;

/// Bytes that may come until the banner has ended.
const BANNER_BYTES_MAX: usize = 8 * 1024;
const BANNER: &[u8] = b"SSH-";

/// An SSH server.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where.
    pub aim: Aim,
}

/// Looks once. The banner is found as the body.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.aim.timeout, async |sight: &mut Sight| {
        look(target, context, sight).await
    })
    .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let mut stream = dial::connect(&target.aim, context, sight).await?;
    sight.watch.enter(Phase::Processing);
    let mut received = Vec::new();
    let mut chunk = [0; 512];
    while received.len() < BANNER_BYTES_MAX {
        let read = stream.read(&mut chunk).await;
        let count = read.map_err(|error| sight.watch.fault_of(&error))?;
        received.extend_from_slice(&chunk[..count]);
        let whole = received.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut lines = received[..whole].split(|byte| *byte == b'\n');
        if let Some(banner) = lines.find(|line| line.starts_with(BANNER)) {
            if !banner.starts_with(b"SSH-2.0-") && !banner.starts_with(b"SSH-1.99-") {
                let reason = format!("the server speaks no SSH 2: {}", shown(banner));
                return Err(sight.watch.fault(reason));
            }
            sight.facts.body = banner.strip_suffix(b"\r").unwrap_or(banner).to_vec().into();
            return Ok(());
        }
        if count == 0 {
            break;
        }
    }
    let found = if received.is_empty() { "nothing".into() } else { shown(&received) };
    Err(sight.watch.fault(format!("expected a banner of SSH, found {found}")))
}
