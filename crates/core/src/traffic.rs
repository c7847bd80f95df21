//! Traffic as counts: who receives how much of what, second by second, in bounded memory.
//!
//! A [`slot::Slot`] counts the flows of a short time by target. Its sketches ([`sketch`]) count
//! distinct sources and frequent ports without keeping them. Slots of several receivers add up.
//!
//! What it cannot tell: whether what it counts is an attack; that is for detection. Which sources
//! there were: they are counted, and of the few targets that are counted closely some hundred are
//! kept for as long as their attack, to say in which countries they are if that may be said at all.

pub mod class;

pub mod sketch;

pub mod slot;
