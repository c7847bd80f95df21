//! Livestreams: a playlist whose media sequence advances within three target durations, and whose
//! newest segment loads.
//!
//! # What it cannot tell
//!
//! Whether there is a picture: segments are loaded, not decoded.
//!
//! # References
//!
//! - RFC 8216, sections 4.3.2, 4.3.3, 6.3.4.

use std::time::Duration;
use std::time::Instant;

use crate::address::Url;
use crate::guard::Family;
use crate::phase::Fault;
use crate::phase::Phase;
use crate::probe::Context;
use crate::probe::exchange;
use crate::probe::exchange::Message;
use crate::probe::exchange::Way;
use crate::probe::outcome::Outcome;
use crate::probe::outcome::Sight;

/// How long a probe may take when nothing else is said: three times a long target duration.
pub const TIMEOUT: Duration = Duration::from_secs(45);
/// Target durations within which the sequence has to advance.
const DURATIONS_MAX: u32 = 3;
/// Never ask for a playlist more often than this.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// Lines of a playlist that are read.
const LINES_MAX: usize = 50_000;
/// Target durations beyond this are not believed.
const TARGET_DURATION_S_MAX: u64 = 60;

/// A livestream.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its playlist, that of the variants or that of one.
    pub url: Url,
    /// Over which family.
    pub family: Family,
    /// For the probe as a whole.
    pub timeout: Duration,
}

/// Looks once, for up to three target durations. The last media sequence is found as the body.
pub async fn probe(target: &Target, context: &Context) -> Outcome {
    Outcome::observe(target.timeout, async |sight: &mut Sight| look(target, context, sight).await)
        .await
}

async fn look(target: &Target, context: &Context, sight: &mut Sight) -> Result<(), Fault> {
    let mut url = target.url.clone();
    let mut first = load(&url, target, context, sight).await?;
    if let Some(variant) = first.variant.take() {
        url = join(&url, &variant, sight)?;
        first = load(&url, target, context, sight).await?;
    }
    if first.has_ended {
        return Err(sight.watch.fault("the playlist says that the stream has ended"));
    }
    let Some(duration) = first.target_duration else {
        return Err(sight.watch.fault("the playlist says no target duration"));
    };
    let Some(segment) = &first.segment else {
        return Err(sight.watch.fault("the playlist has no segment"));
    };
    fetch(&join(&url, segment, sight)?, target, context, sight).await?;
    sight.facts.body = first.newest().to_string().into();
    sight.watch.enter(Phase::Processing);
    let began = Instant::now();
    while began.elapsed() < duration * DURATIONS_MAX {
        tokio::time::sleep((duration / 2).max(PAUSE_MIN)).await;
        let next = load(&url, target, context, sight).await?;
        sight.watch.enter(Phase::Processing);
        if next.newest() != first.newest() {
            sight.facts.body = next.newest().to_string().into();
            return Ok(());
        }
    }
    let waited = (duration * DURATIONS_MAX).as_secs();
    Err(sight.watch.fault(format!("the stream stands still: no new segment in {waited} s")))
}

fn join(url: &Url, reference: &str, sight: &Sight) -> Result<Url, Fault> {
    let joined = url.join(reference);
    joined.map_err(|error| sight.watch.fault(format!("the playlist names no address: {error}")))
}

async fn fetch(
    url: &Url,
    target: &Target,
    context: &Context,
    sight: &mut Sight,
) -> Result<(), Fault> {
    // Every address a playlist names passes the filter, as a redirect does.
    let way = Way { url, family: target.family, tls: &context.tls };
    exchange::fetch(way, &Message::default(), context, sight).await?;
    match sight.facts.status {
        Some(200 | 206) => Ok(()),
        status => {
            let path = url.path.split('?').next().unwrap_or_default();
            Err(sight.watch.fault(format!("status {} for {path}", status.unwrap_or_default())))
        }
    }
}

async fn load(
    url: &Url,
    target: &Target,
    context: &Context,
    sight: &mut Sight,
) -> Result<Playlist, Fault> {
    fetch(url, target, context, sight).await?;
    let text = String::from_utf8_lossy(&sight.facts.body);
    Playlist::read(&text).ok_or_else(|| sight.watch.fault("this is no playlist (no #EXTM3U)"))
}

/// What is asked of a playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Playlist {
    /// The first variant, if this is a playlist of variants.
    variant: Option<String>,
    /// The number of the first segment.
    sequence: u64,
    /// How many segments there are.
    segments: u64,
    /// The newest segment.
    segment: Option<String>,
    target_duration: Option<Duration>,
    has_ended: bool,
}

impl Playlist {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        if lines.next()? != "#EXTM3U" {
            return None;
        }
        let mut playlist = Self::default();
        let mut is_variant = false;
        for line in lines.take(LINES_MAX) {
            if let Some(number) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
                playlist.sequence = number.trim().parse().unwrap_or(0);
            } else if let Some(number) = line.strip_prefix("#EXT-X-TARGETDURATION:") {
                let seconds: Option<u64> = number.trim().parse().ok();
                let seconds = seconds.map(|s| s.clamp(1, TARGET_DURATION_S_MAX));
                playlist.target_duration = seconds.map(Duration::from_secs);
            } else if line.starts_with("#EXT-X-STREAM-INF:") {
                is_variant = true;
            } else if line == "#EXT-X-ENDLIST" {
                playlist.has_ended = true;
            } else if !line.is_empty() && !line.starts_with('#') {
                if is_variant {
                    playlist.variant = Some(line.to_owned());
                    break;
                }
                playlist.segments += 1;
                playlist.segment = Some(line.to_owned());
            }
        }
        Some(playlist)
    }

    /// The number after that of the newest segment. Playlists that only grow (type EVENT) keep
    /// their first number, so the number of the last is what advances.
    fn newest(&self) -> u64 {
        self.sequence.saturating_add(self.segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playlist_says_where_the_stream_is() {
        let live = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n\
                    #EXT-X-MEDIA-SEQUENCE:41\n#EXTINF:6,\na.ts\n#EXTINF:6,\nb.ts\n";
        let read = Playlist::read(live).unwrap();
        assert_eq!(read.newest(), 43);
        assert_eq!(read.segment.as_deref(), Some("b.ts"));
        assert_eq!(read.target_duration, Some(Duration::from_secs(6)));
        assert!(!read.has_ended && read.variant.is_none());
        let variants = "\u{feff}#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nlow/x.m3u8\r\n\
                        #EXT-X-STREAM-INF:BANDWIDTH=2\r\nhigh/x.m3u8\r\n";
        let read = Playlist::read(variants).unwrap();
        assert_eq!(read.variant.as_deref(), Some("low/x.m3u8"));
        assert_eq!(Playlist::read("<html>"), None);
        assert_eq!(Playlist::read(""), None);
        assert!(Playlist::read("#EXTM3U\n#EXT-X-ENDLIST").unwrap().has_ended);
    }
}
