//! NetFlow v5, v9 and IPFIX.
//!
//! v9 and IPFIX describe their records by templates. A template is compiled once into the offsets
//! and lengths of the fields that are wanted ([`template`]); the records of a set are then read
//! field by field ([`columns`]), or record by record where lengths vary ([`rows`]).
//!
//! References: Cisco, "NetFlow Export Datagram Format" (v5); RFC 3954 (v9); RFC 7011, 7012, 5103
//! (IPFIX, its information model and its two-way flows).

pub mod columns;
pub mod data;
pub mod element;
pub mod options;
pub mod rows;
pub mod template;
pub mod v5;
