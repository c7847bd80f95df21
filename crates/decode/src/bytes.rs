//! Reads that cannot run past the end: `None` instead of a panic.
//!
//! All numbers of network formats are big-endian; captures say their own order ([`Order`]).

/// The byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
}

impl Order {
    /// A 16-bit number at an offset.
    #[inline]
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let taken = array::<2>(bytes, at)?;
        Some(match self {
            Self::Big => u16::from_be_bytes(taken),
            Self::Little => u16::from_le_bytes(taken),
        })
    }

    /// A 32-bit number at an offset.
    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let taken = array::<4>(bytes, at)?;
        Some(match self {
            Self::Big => u32::from_be_bytes(taken),
            Self::Little => u32::from_le_bytes(taken),
        })
    }

    /// A 64-bit number at an offset.
    #[inline]
    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let taken = array::<8>(bytes, at)?;
        Some(match self {
            Self::Big => u64::from_be_bytes(taken),
            Self::Little => u64::from_le_bytes(taken),
        })
    }
}

/// `N` bytes at an offset.
#[inline]
pub fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// One byte at an offset.
#[inline]
pub fn u8(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// A big-endian 16-bit number at an offset.
#[inline]
pub fn u16(bytes: &[u8], at: usize) -> Option<u16> {
    Order::Big.u16(bytes, at)
}

/// A big-endian 32-bit number at an offset.
#[inline]
pub fn u32(bytes: &[u8], at: usize) -> Option<u32> {
    Order::Big.u32(bytes, at)
}

/// A big-endian 64-bit number at an offset.
#[inline]
pub fn u64(bytes: &[u8], at: usize) -> Option<u64> {
    Order::Big.u64(bytes, at)
}

/// All bytes from an offset on; nothing when it lies behind the end.
#[inline]
pub fn from(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// At most the first `length` bytes.
#[inline]
pub fn upto(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(..length).unwrap_or(bytes)
}
