//! A keyed hash of addresses: fast, and not to be steered by those who do not know the key.
//!
//! Two rounds of multiplication with folding (the high half of the product over the low one), each
//! with its own secret. It is no cryptographic hash: whoever sees hashes may find the key. Hashes
//! never leave the process.

use outcry_decode::address::Address;

/// The secret of a process. Made from chance outside, since nothing here throws dice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey([u64; 4]);

impl HashKey {
    /// From 32 bytes of chance.
    pub fn new(bytes: [u8; 32]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let word = |place: usize| u64::from_le_bytes(words[place]);
        // An odd, non-zero multiplier whatever the chance.
        Self([word(0), word(1), word(2) | 1, word(3)])
    }

    /// The hash of an address.
    #[inline]
    pub fn address(&self, address: Address) -> u64 {
        let bits = address.bits();
        self.words(bits as u64, (bits >> 64) as u64)
    }

    /// The hash of two words.
    #[inline]
    pub fn words(&self, low: u64, high: u64) -> u64 {
        let [a, b, c, d] = self.0;
        let first = fold(low ^ a, high ^ b);
        fold(first ^ c, low.rotate_left(32) ^ high ^ d)
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
pub(crate) fn test_key() -> HashKey {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = (place as u8).wrapping_mul(151) ^ 0x5a;
    }
    HashKey::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_fall_far_apart_and_the_key_matters() {
        let key = test_key();
        let other = HashKey::new([7; 32]);
        let mut buckets = [0u32; 256];
        for number in 0..65_536u32 {
            let address = Address::v4(0x0a00_0000 + number);
            buckets[(key.address(address) >> 56) as usize] += 1;
            assert_ne!(key.address(address), other.address(address));
        }
        // 256 expected in each; five standard deviations of a fair spread.
        assert!(buckets.iter().all(|count| (176..336).contains(count)), "{buckets:?}");
    }
}
