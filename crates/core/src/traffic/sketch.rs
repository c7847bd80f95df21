//! Counts in fixed memory, each tested against the exact count: how many different ([`distinct`]),
//! how often at most ([`count_min`]), which most often ([`top`]), and which they are, by a few of
//! them that are drawn fairly ([`sample`], and [`smallest`] where they come by the million).
//!
//! All of them can be merged, so several receivers count apart. All hash with a secret key
//! ([`hash`]), so that nobody can choose addresses that fall together.

pub mod count_min;

pub mod distinct;

pub mod hash;

pub mod sample;

pub mod smallest;

pub mod top;
