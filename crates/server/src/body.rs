//! Bodies: the bytes of a page, compressed once and served many times.
//!
//! Zstandard at level 3 is made with a page that is kept, and otherwise for a client that accepts
//! it; brotli at level 5 is made by a worker and takes its place when it is ready. The entity tag
//! names the content, whatever its encoding: it tells versions of one page apart, and is no proof.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;

/// Level of the quick compression.
const ZSTD_LEVEL: i32 = 3;
/// Level of the slower one.
const BROTLI_LEVEL: u32 = 5;
/// Window of the slower one, as a power of two: larger than any page.
const BROTLI_WINDOW_BITS: u32 = 20;

/// The bytes of a page in every encoding it is served in.
#[derive(Debug)]
pub struct Page {
    /// What kind of content it is.
    pub content_type: HeaderValue,
    /// Who may do what with it.
    pub dress: Dress,
    /// Names the content.
    pub etag: HeaderValue,
    /// As it is.
    pub plain: Bytes,
    zstd: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

/// Who may do what with a page: the headers it is served with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// A page of the site: in no frame of others.
    Site,
    /// For programs and other sites: any of them may read it.
    Open,
    /// A card: any site may put it into a frame.
    Card,
}

/// An encoding a client may accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Zstandard (RFC 8878).
    Zstd,
    /// Brotli (RFC 7932).
    Brotli,
}

impl Page {
    /// A page of the site.
    pub fn new(content_type: &'static str, text: String) -> Self {
        let plain = Bytes::from(text);
        Self::made(content_type, plain.clone(), &plain, Dress::Site)
    }

    /// Something for programs and other sites.
    pub fn open(content_type: &'static str, content: impl Into<Bytes>) -> Self {
        let plain: Bytes = content.into();
        Self::made(content_type, plain.clone(), &plain, Dress::Open)
    }

    /// The same, of which `named` alone is what makes one version differ from another.
    pub fn tagged(content_type: &'static str, text: String, named: &[u8]) -> Self {
        Self::made(content_type, Bytes::from(text), named, Dress::Open)
    }

    /// In another dress.
    pub fn with(self, dress: Dress) -> Self {
        Self { dress, ..self }
    }

    fn made(content_type: &'static str, plain: Bytes, named: &[u8], dress: Dress) -> Self {
        let mut hasher = DefaultHasher::new();
        (content_type, named).hash(&mut hasher);
        // Weak, since encodings of one content share it.
        let etag = format!("W/\"{:016x}\"", hasher.finish());
        let etag = HeaderValue::try_from(etag).expect("hexadecimal digits");
        let content_type = HeaderValue::from_static(content_type);
        let (zstd, brotli) = Default::default();
        Self { content_type, dress, etag, plain, zstd, brotli }
    }

    /// Compresses the quick way, once.
    pub fn compress(&self) {
        self.zstd.get_or_init(|| {
            zstd::bulk::compress(&self.plain, ZSTD_LEVEL).map(Bytes::from).unwrap_or_default()
        });
    }

    /// Compresses the quick way where the client accepts that.
    pub fn compress_for(&self, accept_encoding: Option<&HeaderValue>) {
        if Accepts::read(accept_encoding).zstd {
            self.compress();
        }
    }

    /// Compresses the slower way, once.
    pub fn compress_well(&self) {
        self.brotli.get_or_init(|| {
            let mut writer = brotli::CompressorWriter::new(
                Vec::with_capacity(self.plain.len() / 4),
                4_096,
                BROTLI_LEVEL,
                BROTLI_WINDOW_BITS,
            );
            match writer.write_all(&self.plain).and_then(|()| writer.flush()) {
                Ok(()) => Bytes::from(writer.into_inner()),
                Err(_) => Bytes::new(),
            }
        });
    }

    /// The bytes in the best encoding that the client accepts and that is ready.
    pub fn best(&self, accept_encoding: Option<&HeaderValue>) -> (Encoding, Bytes) {
        let accepts = Accepts::read(accept_encoding);
        let brotli = self.brotli.get().filter(|bytes| accepts.brotli && !bytes.is_empty());
        if let Some(bytes) = brotli {
            return (Encoding::Brotli, bytes.clone());
        }
        match self.zstd.get().filter(|bytes| accepts.zstd && !bytes.is_empty()) {
            Some(bytes) => (Encoding::Zstd, bytes.clone()),
            None => (Encoding::Identity, self.plain.clone()),
        }
    }
}

/// What an `Accept-Encoding` header allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Accepts {
    zstd: bool,
    brotli: bool,
}

impl Accepts {
    /// A coding with the weight 0 is refused (RFC 9110, section 12.5.3).
    fn read(header: Option<&HeaderValue>) -> Self {
        let mut accepts = Self::default();
        let text = header.and_then(|value| value.to_str().ok()).unwrap_or("");
        for part in text.split(',') {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            let coding = coding.trim();
            if coding.eq_ignore_ascii_case("br") {
                accepts.brotli = is_wanted(weight);
            } else if coding.eq_ignore_ascii_case("zstd") {
                accepts.zstd = is_wanted(weight);
            }
        }
        accepts
    }
}

/// Whether a weight such as `q=0.5` is more than nothing; one that is not given is.
fn is_wanted(weight: &str) -> bool {
    let mut signs = weight.chars().filter(|sign| !sign.is_whitespace());
    if !signs.by_ref().take(3).eq("q=0".chars()) {
        return true;
    }
    let rest: String = signs.collect();
    !matches!(rest.as_str(), "" | ".0" | ".00" | ".000")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(page: &Page, accept: &'static str) -> Encoding {
        page.best(Some(&HeaderValue::from_static(accept))).0
    }

    #[test]
    fn the_best_accepted_encoding_that_is_ready_is_served() {
        let page = Page::new("text/html", "hello ".repeat(1_000));
        page.compress_for(Some(&HeaderValue::from_static("gzip, br, zstd;q=0")));
        assert_eq!(best(&page, "zstd"), Encoding::Identity, "nobody took it");
        page.compress_for(Some(&HeaderValue::from_static("zstd")));
        assert_eq!(best(&page, "gzip, br, zstd"), Encoding::Zstd, "brotli is not ready");
        page.compress_well();
        assert_eq!(best(&page, "gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(best(&page, "br;q=0, zstd;q=0.5"), Encoding::Zstd);
        assert_eq!(best(&page, "br; q=0.00, zstd ; q = 0"), Encoding::Identity);
        assert_eq!(best(&page, "BR"), Encoding::Brotli, "names of codings have no case");
        assert_eq!(best(&page, "gzip"), Encoding::Identity);
        assert_eq!(page.best(None).0, Encoding::Identity);
        let (_, bytes) = page.best(Some(&HeaderValue::from_static("br")));
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &bytes[..], &mut plain).expect("valid brotli");
        assert_eq!(plain, page.plain);
    }

    #[test]
    fn the_same_content_has_the_same_tag() {
        let page = |text: &str| Page::new("text/html", text.to_owned()).etag;
        assert_eq!(page("a"), page("a"));
        assert_ne!(page("a"), page("b"));
    }
}
