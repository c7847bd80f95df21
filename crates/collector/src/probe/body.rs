//! The body of an answer: read up to a limit, and decompressed up to a limit and a ratio, so that
//! a small answer cannot become a large one in our memory.

use std::io::Read;

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use bytes::BytesMut;
use flate2::read::MultiGzDecoder;
use flate2::read::ZlibDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::body::Incoming;

/// Bytes that are read of one body, and kept of it when decompressed.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many times a body may grow. Pages reach 20, deflate cannot exceed 1032.
const RATIO_MAX: usize = 100;
/// Below this size no ratio is looked at.
const RATIO_FREE_BYTES: usize = 256 * 1024;
/// What our requests accept.
pub const ACCEPT_ENCODING: &str = "gzip, br";
/// Buffer of the decompressors.
const CHUNK_BYTES: usize = 8 * 1024;

/// A body that was read.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// Its bytes.
    pub bytes: Bytes,
    /// There was more.
    pub is_cut: bool,
}

/// Reads a body until its end or [`BODY_BYTES_MAX`].
///
/// # Errors
///
/// What the connection says when it breaks before the end.
pub async fn collect(mut body: Incoming) -> Result<Whole, hyper::Error> {
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut is_cut = false;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let have = first.as_ref().map_or(0, Bytes::len).max(rest.len());
        let fits = data.len().min(BODY_BYTES_MAX - have);
        is_cut = fits < data.len();
        match &first {
            // Most bodies come in one piece, which is then not copied.
            None => first = Some(data.slice(..fits)),
            Some(before) => {
                if rest.is_empty() {
                    rest.extend_from_slice(before);
                }
                rest.extend_from_slice(&data[..fits]);
            }
        }
        if is_cut || body.is_end_stream() {
            break;
        }
    }
    let bytes = if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() };
    Ok(Whole { bytes, is_cut })
}

/// Undoes what `Content-Encoding` says.
///
/// # Errors
///
/// A fragment that says what is wrong with the body.
pub fn decompress(whole: Whole, headers: &HeaderMap) -> Result<Whole, String> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(whole) };
    let encoding = encoding.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    let bytes = whole.bytes.clone();
    let read = match encoding.as_str() {
        "" | "identity" => return Ok(whole),
        // An empty answer to HEAD, or with 304, says how it would be encoded.
        _ if bytes.is_empty() => return Ok(whole),
        "gzip" | "x-gzip" => inflate(MultiGzDecoder::new(&bytes[..]), &whole),
        "deflate" => inflate(ZlibDecoder::new(&bytes[..]), &whole),
        "br" => inflate(Decompressor::new(&bytes[..], CHUNK_BYTES), &whole),
        other => {
            let other: String = other.chars().filter(|c| !c.is_control()).take(20).collect();
            return Err(format!("the body is encoded as {other:?}, which nobody asked for"));
        }
    };
    read.map_err(|reason| format!("the body is no {encoding}: {reason}"))
}

fn inflate(mut reader: impl Read, whole: &Whole) -> Result<Whole, String> {
    let mut kept = Vec::new();
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(count) => count,
            // What was cut off before is no mistake of the server.
            Err(_) if whole.is_cut => 0,
            Err(error) => return Err(error.to_string()),
        };
        if count == 0 {
            return Ok(Whole { bytes: kept.into(), is_cut: whole.is_cut });
        }
        let fits = count.min(BODY_BYTES_MAX - kept.len());
        kept.extend_from_slice(&chunk[..fits]);
        if kept.len() > RATIO_FREE_BYTES && kept.len() / RATIO_MAX > whole.bytes.len() {
            return Err(format!("it grows more than {RATIO_MAX} times"));
        }
        if fits < count {
            return Ok(Whole { bytes: kept.into(), is_cut: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Whole {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        Whole { bytes: encoder.finish().unwrap().into(), is_cut: false }
    }

    fn encoded(name: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, http::HeaderValue::from_static(name))])
    }

    #[test]
    fn a_compressed_body_comes_back() {
        let read = decompress(gzip(b"hello hello hello"), &encoded("GZIP")).unwrap();
        assert_eq!(&read.bytes[..], b"hello hello hello");
        assert!(!read.is_cut);
    }

    #[test]
    fn a_bomb_is_stopped() {
        let bomb = gzip(&vec![0; 10 * 1024 * 1024]);
        assert!(bomb.bytes.len() < 20_000);
        let said = decompress(bomb, &encoded("gzip")).map(|whole| whole.bytes.len()).unwrap_err();
        assert!(said.contains("grows more than 100 times"), "{said}");
    }

    #[test]
    fn a_long_body_is_cut() {
        let mut noise = vec![0_u8; 3 * 1024 * 1024];
        let mut state = 1_u32;
        for byte in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 28) as u8;
        }
        let read = decompress(gzip(&noise), &encoded("gzip")).unwrap();
        assert_eq!(read.bytes.len(), BODY_BYTES_MAX);
        assert!(read.is_cut);
    }

    #[test]
    fn a_body_that_is_no_gzip_is_a_fault() {
        let plain = Whole { bytes: Bytes::from_static(b"plain text"), is_cut: false };
        assert!(decompress(plain.clone(), &encoded("gzip")).unwrap_err().contains("no gzip"));
        assert!(decompress(plain.clone(), &encoded("zstd")).unwrap_err().contains("zstd"));
        assert!(decompress(plain, &encoded("br")).is_err());
        let torn = gzip(&[b'x'; 5_000]);
        let torn = Whole { bytes: torn.bytes.slice(..torn.bytes.len() - 6), is_cut: false };
        assert!(decompress(torn, &encoded("gzip")).is_err());
    }
}
